"""What every peer must do, and ours: the same network, criterion and update, timed alike.

A peer gets its weights from the flat vector of one LeNet5 and learns by w -= eps * g with a step
for each parameter.  The peers live in files of their own, so that one that is not installed is
missed only where it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet1998 import LeNet5, paper
from lenet1998.data.patterns import Patterns, normalise
from lenet1998.learning import training
from lenet1998.learning.criterion import MAP
from lenet1998.learning.lagged import LaggedSGD
from lenet1998.learning.optimizers import SGD
from lenet1998.learning.sdlm import estimate_curvature
from lenet1998.learning.state import TrainingState
from lenet1998.learning.training import Trainer
from lenet1998.network.design import Design
from lenet1998.network.network import Network

Array = NDArray[Any]
Pair = tuple[Array, Array]  # weights and biases of a layer

OURS = "lenet1998"
# Name, module, class and how convolutions are written: the library's own, or a product of patches.
PEERS: dict[str, tuple[str, str, str]] = {
    OURS: ("peers", "Ours", ""),
    "PyTorch": ("torch_peer", "Eager", "library"),
    "torch.compile": ("torch_peer", "Compiled", "library"),
    "JAX": ("jax_peer", "Jax", "library"),
    "PyTorch, patches": ("torch_peer", "Eager", "patches"),
    "torch.compile, patches": ("torch_peer", "Compiled", "patches"),
    "JAX, patches": ("jax_peer", "Jax", "patches"),
}
BLOCK = 50  # patterns normalised at a time in a whole pass, as `training` does
PASS_BLOCK = 500  # the same for the peers: few calls suit them better


def build(name: str, threads: int | None = None, dtype: str = "float32") -> Peer:
    """The peer of that name, on so many threads (None: its default); ImportError without it."""
    module, kind, convolution = PEERS[name]
    made = getattr(importlib.import_module(f".{module}", __package__), kind)
    peer: Peer = made(convolution, threads, np.dtype(dtype))
    return peer


class Peer:
    """One implementation of the network and its learning; `prepared` data are its own arrays."""

    def __init__(self, convolution: str, threads: int | None, dtype: np.dtype[Any]) -> None:
        self.convolution, self.dtype = convolution, dtype

    def versions(self) -> dict[str, str]:
        """Versions of what it runs on, for the record."""
        raise NotImplementedError

    def load(self, parameters: Array, steps: Array) -> None:
        """Take the weights and one step size a parameter, both flat (60000,)."""
        raise NotImplementedError

    def weights(self) -> Array:
        """The weights as they are now, flat (60000,)."""
        raise NotImplementedError

    def prepare(self, x: Array, labels: Array) -> Any:
        """Inputs (n, 32, width, 1) and right classes (n,) as the peer's own arrays."""
        raise NotImplementedError

    def forward(self, prepared: Any, times: int = 1) -> Any:
        """The penalties of a batch, computed so many times over."""
        raise NotImplementedError

    def online(self, prepared: Any) -> None:
        """Forward, criterion, backward and update for one pattern after the other."""
        raise NotImplementedError

    def train(self, prepared: Any, times: int = 1) -> None:
        """So many updates by the summed gradient of a batch."""
        raise NotImplementedError

    def whole_pass(self, images: Array, labels: Array) -> None:
        """Every pattern once, from grey levels (n, 28, 28).

        Peers are spared the error rate and the loss that ours counts on the fly.
        """
        for start in range(0, len(labels), PASS_BLOCK):
            part = slice(start, start + PASS_BLOCK)
            self.online(self.prepare(normalise(images[part], self.dtype), labels[part]))

    def various_steps(self, size: int) -> Array:
        """Another step for each parameter."""
        return np.random.default_rng(0).uniform(0.5, 1.0, size).astype(self.dtype)

    def gradient(self, parameters: Array, x: Array, labels: Array, online: bool) -> Array:
        """Gradient summed over the patterns, flat, recovered from what one timed update moves.

        The steps differ, so that a step given to the wrong parameter shows as well.
        """
        steps = self.various_steps(parameters.size)
        self.load(parameters, steps)
        prepared = self.prepare(x, labels)
        self.online(prepared) if online else self.train(prepared)
        return (parameters - self.weights()) / steps


class Ours(Peer):
    """The layers of this package, called as `Trainer` calls them."""

    def __init__(self, convolution: str, threads: int | None, dtype: np.dtype[Any]) -> None:
        super().__init__(convolution, threads, dtype)
        self.network: Any = LeNet5(dtype=dtype)  # or the same layers on a wider input
        self.criterion = MAP()

    def versions(self) -> dict[str, str]:
        return {"NumPy": np.__version__}

    def various_steps(self, size: int) -> Array:
        """Another step for each layer: the fast way of the default has one for all of a layer."""
        steps = super().various_steps(size)
        for part in self.network.slices.values():
            steps[part] = steps[part.start]
        return steps

    def load(self, parameters: Array, steps: Array) -> None:
        self.network.parameters[:] = parameters
        self.steps = steps
        self.sgd = SGD(parameters.size, self.dtype)
        self.lagged = LaggedSGD(self.network, self.criterion)

    def weights(self) -> Array:
        return self.network.parameters.copy()

    def prepare(self, x: Array, labels: Array) -> Any:
        if x.shape[1:] != self.network.input_shape:  # the same layers on a wider input
            parameters = self.network.parameters
            self.network = Network(Design().layers(), x.shape[1:], self.dtype)
            self.network.parameters[:] = parameters
        return x, labels.astype(np.intp)

    def forward(self, prepared: Any, times: int = 1) -> Any:
        x, _ = prepared
        for _ in range(times):
            y = self.network.outputs(x)
        return y

    def online(self, prepared: Any) -> None:
        x, labels = prepared
        for start in range(0, len(labels), BLOCK):
            block = slice(start, start + BLOCK)
            self.lagged.learn(x[block], labels[block], self.steps)

    def train(self, prepared: Any, times: int = 1) -> None:
        x, labels = prepared
        network, criterion = self.network, self.criterion
        for _ in range(times):
            training.batch_gradient(network, criterion, x, labels)
            self.sgd.update(network.parameters, network.gradient, self.steps)

    def whole_pass(self, images: Array, labels: Array) -> None:
        patterns = Patterns(images, labels, "custom")
        state = TrainingState.initial(len(patterns), seed=0)
        state.steps = self.steps
        trainer = Trainer(self.network, self.criterion, self.sgd, [1.0], progress=False)
        trainer.train_pass(patterns, state)

    def curvature(self, x: Array, labels: Array) -> Array:
        """The diagonal Gauss-Newton estimate of appendix C, as before each pass."""
        index = range(0, len(labels), BLOCK)
        blocks = [(x[i : i + BLOCK], labels[i : i + BLOCK].astype(np.intp)) for i in index]
        return estimate_curvature(self.network, self.criterion, blocks)


# --- The flat vector and the layers' arrays ---


K = paper.KERNEL_SIZE
WEIGHTS = [  # shapes of C1, S2, C3, S4, C5 and F6; the biases follow the last axis
    (K, K, 1, paper.C1_MAPS),
    (paper.C1_MAPS,),
    (K, K, paper.C1_MAPS, paper.C3_MAPS),
    (paper.C3_MAPS,),
    (K, K, paper.C3_MAPS, paper.C5_MAPS),
    (paper.C5_MAPS, paper.F6_UNITS),
]


def present(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which weights of a layer are parameters: those of Table I in C3, elsewhere all."""
    mask = np.ones(shape, bool)
    if shape == WEIGHTS[2]:
        mask[:] = [[c in m for m in paper.TABLE_1] for c in range(paper.C1_MAPS)]
    return mask


def unpack(flat: Array) -> list[Pair]:
    """Weights and biases of each layer, shaped as in `WEIGHTS`; absent connections are 0."""
    pairs, start = [], 0
    for shape in WEIGHTS:
        mask = present(shape)
        middle = start + int(mask.sum())
        weights = np.zeros(shape, flat.dtype)
        weights[mask] = flat[start:middle]
        start = middle + shape[-1]
        pairs.append((weights, flat[middle:start]))
    return pairs


def pack(pairs: Sequence[Pair]) -> Array:
    """The flat vector of weights and biases shaped as `unpack` gives them."""
    parts = []
    for shape, (weights, biases) in zip(WEIGHTS, pairs, strict=True):
        parts += [weights[present(shape)], biases.ravel()]
    return np.concatenate([part.ravel() for part in parts])
