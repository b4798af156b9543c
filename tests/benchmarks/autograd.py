"""The network a second time, in PyTorch, step by step from the equations, for autograd to judge.

Nothing of the package's layers is used, only the paper's numbers and the digits' codes.  Every step
is a function of its own parameters, flat, and of its input (n, maps, height, width): the whole is
differentiable in the package's flat vector, which is cut here by counts of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch.func import jacrev, vjp, vmap

from lenet1998 import paper
from lenet1998.layers.batch_norm import EPSILON, RUNNING_MOMENTUM
from lenet1998.network.design import Design

from .peers import WEIGHTS, present
from .torch_peer import squash, subsample

ACTIVATIONS = {
    "squash": squash, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu
}  # fmt: skip
POOLS = {"average": F.avg_pool2d, "max": F.max_pool2d}
CHUNK = 128  # rows of a Jacobian at a time: those of C1 whole would fill the memory


class Step(NamedTuple):
    """A line of the paper: f(its parameters, its input), and the side of the field a unit reads."""

    name: str
    parameters: int
    f: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    size: int = 0
    stride: int = 1


def convolution(name: str, reads: NDArray[np.bool_]) -> Step:
    """C1, C3, C5: reads (5, 5, maps in, maps out) says which weights there are; then the biases."""
    last, maps = int(reads.sum()), reads.shape[-1]
    place = torch.from_numpy(np.where(reads, np.cumsum(reads).reshape(reads.shape) - 1, last))

    def f(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        kernel = torch.cat([w[:last], w.new_zeros(1)])[place]  # absent connections find the 0
        return F.conv2d(x, kernel.permute(3, 2, 0, 1), w[last:])

    return Step(name, last + maps, f, reads.shape[0])


def subsampling(name: str, maps: int) -> Step:
    return Step(name, 2 * maps, lambda w, x: subsample(x, *w.view(2, maps, 1, 1)), 2, 2)


def full(name: str, inputs: int, units: int) -> Step:
    def f(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1) @ w[:-units].view(inputs, units) + w[-units:]

    return Step(name, (inputs + 1) * units, f)


def batch_norm(name: str, maps: int, running: dict[str, torch.Tensor] | None) -> Step:
    """By the running averages (2, maps); None: learning, by the batch's own statistics."""

    def f(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        mean, variance = (None, None) if running is None else running[name]
        gain, shift = w.view(2, maps)
        return F.batch_norm(x, mean, variance, gain, shift, running is None, eps=EPSILON)

    return Step(name, 2 * maps, f)


def moved(running: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The running averages after PyTorch has normalised x (n, maps, height, width)."""
    running = running.clone()
    F.batch_norm(x, *running, training=True, momentum=1 - RUNNING_MOMENTUM)
    return running


def plain(f: Callable[[torch.Tensor], torch.Tensor]) -> Step:
    """A step without parameters."""
    return Step("", 0, lambda _, x: f(x))


def steps(design: Design, running: dict[str, torch.Tensor] | None = None) -> list[Step]:
    """II-B, input first, up to the ten penalties; with softmax up to the ten sums turned round."""
    activation = plain(ACTIVATIONS[design.activation])
    reads = [present(shape) for shape in WEIGHTS[:5:2]]
    if design.connections == "full":
        reads[1][:] = True
    made: list[Step] = []
    for convolved, pooled, read in zip(("C1", "C3"), ("S2", "S4"), reads[:2], strict=True):
        maps = read.shape[-1]
        made.append(convolution(convolved, read))
        if design.batch_norm:
            made.append(batch_norm(f"{convolved}-norm", maps, running))
        made.append(activation)
        if design.subsampling == "trainable":
            made += [subsampling(pooled, maps), activation]
        else:
            made.append(plain(lambda x: POOLS[design.subsampling](x, 2)))
    made += [convolution("C5", reads[2]), activation, full("F6", *WEIGHTS[5]), activation]
    if design.output == "softmax":
        sums = full("OUTPUT", paper.F6_UNITS, paper.CLASSES)
        return [*made, sums._replace(f=lambda w, x: -sums.f(w, x))]
    codes = torch.from_numpy(design.output_codes()).double()
    return [*made, plain(lambda x: (x[:, None] - codes).square().sum(-1))]


def cut(made: Sequence[Step], p: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The parameters of each step, from the flat vector of all."""
    return p.split([step.parameters for step in made])


def outputs(made: Sequence[Step], p: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    for step, w in zip(made, cut(made, p), strict=True):
        x = step.f(w, x)
    return x


# --- Criteria, a number for each pattern -------------------------------------------------------


def right(y: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return y.gather(1, labels[:, None])[:, 0]


def eq_8(y: torch.Tensor, labels: torch.Tensor, scale: float) -> torch.Tensor:
    return scale * right(y, labels)


def eq_9(y: torch.Tensor, labels: torch.Tensor, scale: float, j: float) -> torch.Tensor:
    return scale * right(y, labels) + torch.log(math.exp(-j) + torch.exp(-scale * y).sum(1))


def cross_entropy(y: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(-y, labels, reduction="none")


# --- Curvature ---------------------------------------------------------------------------------


class Visit(NamedTuple):
    """What the recursion met at one step: h of its output, its input, h of its parameters."""

    step: Step
    w: torch.Tensor
    x: torch.Tensor
    h: torch.Tensor
    h_w: torch.Tensor


def squared_back(
    step: Step, w: torch.Tensor, x: torch.Tensor, h: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(J*J)^T h for the parameters and for the input, J the step's Jacobians by autograd."""
    y, back = vjp(step.f, w, x)
    h_w, h_x = torch.zeros_like(w), torch.zeros_like(x)
    for rows in torch.eye(y.numel(), dtype=y.dtype).split(CHUNK):
        J_w, J_x = vmap(back)(rows.view(-1, *y.shape))
        weights = rows @ h.flatten()  # h of the units that these rows belong to
        h_w += weights @ J_w.square()
        h_x += (weights @ J_x.square().flatten(1)).view(x.shape)
    return h_w, h_x


def recursion(
    made: Sequence[Step], p: torch.Tensor, x: torch.Tensor, h: torch.Tensor
) -> list[Visit]:
    """Eq. 25 to 27 for one pattern (1, 1, 32, 32), from h of the last step's output, last first."""
    ws, inputs = cut(made, p), [x]
    for step, w in zip(made[:-1], ws, strict=False):
        inputs.append(step.f(w, inputs[-1]))
    visits = []
    for step, w, held in reversed(list(zip(made, ws, inputs, strict=True))):
        h_w, h_x = squared_back(step, w, held, h)
        visits.append(Visit(step, w, held, h, h_w))
        h = h_x
    return visits


def over_connections(visit: Visit) -> torch.Tensor:
    """Eq. 23 by its words: every unit gets weights of its own, h of each connection by eq. 25,
    and those that share a weight are summed."""
    step, w, x, h, _ = visit
    fields = x.unfold(2, step.size, step.stride).unfold(3, step.size, step.stride)[0]
    fields = fields.flatten(1, 2).transpose(0, 1)  # (positions, maps, size, size)
    copies = w.expand(len(fields), -1).clone().requires_grad_()
    a = vmap(lambda own, field: step.f(own, field[None])[0])(copies, fields)
    # A connection leads to one unit, so that one pass back with sqrt(h) has them all apart.
    seeds = h[0].flatten(1).T.sqrt().view(a.shape)
    (slopes,) = torch.autograd.grad(a, copies, seeds)
    return slopes.square().sum(0)


def gauss_newton(
    made: Sequence[Step], p: torch.Tensor, x: torch.Tensor, H: torch.Tensor
) -> torch.Tensor:
    """The true diagonal of J^T H J for one pattern, J of the last step's output in all of p."""
    J = jacrev(lambda q: outputs(made, q, x)[0])(p)
    return (J * (H @ J)).sum(0)
