"""The network in PyTorch, eager and compiled: NCHW, C3 as a dense kernel.

Absent C3 connections start at 0 and have step 0, so they stay 0 at no cost.  Of the formulations
tried the fastest is kept: C5 as a full connection of the flattened map (a convolution was slower),
`avg_pool2d` that does not divide, the penalties of eq. 7 summed directly, eq. 9 as a cross-entropy
with the rubbish class as an eleventh logit, and an update of all tensors by one fused call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lenet1998 import paper
from lenet1998.data import bitmaps

from .peers import Array, Peer, pack, unpack

A, S = paper.SQUASH_A, paper.SQUASH_S
J, K = paper.RUBBISH_PENALTY, paper.KERNEL_SIZE
SIZE = (paper.INPUT_SIZE, paper.INPUT_SIZE)
Tensors = list[torch.Tensor]


def squash(a: torch.Tensor) -> torch.Tensor:
    return A * torch.tanh(S * a)


def subsample(x: torch.Tensor, coefficient: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return F.avg_pool2d(x, 2, divisor_override=1) * coefficient + bias


def patches(x: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """A convolution as one product of the kernel with the unfolded patches."""
    n, _, height, width = x.shape
    columns = F.unfold(x, K)
    rows = kernel.flatten(1).expand(n, -1, -1)
    a = torch.baddbmm(bias[:, None].expand(n, -1, columns.shape[2]), rows, columns)
    return a.view(n, -1, height - K + 1, width - K + 1)


def penalties(
    p: Tensors, codes: torch.Tensor, x: torch.Tensor, convolve: Callable[..., torch.Tensor]
) -> torch.Tensor:
    """Eq. 7 of inputs (n, 1, 32, width): (n, 10), or (n, positions, 10) where wider."""
    wide = tuple(x.shape[-2:]) != SIZE
    x = squash(convolve(x, p[0], p[1]))
    x = squash(subsample(x, p[2], p[3]))
    x = squash(convolve(x, p[4], p[5]))
    x = squash(subsample(x, p[6], p[7]))
    if wide:
        x = squash(F.conv2d(x, p[8], p[9])).flatten(2).transpose(1, 2)
    else:
        x = squash(F.linear(x.flatten(1), p[8].flatten(1), p[9]))
    x = squash(F.linear(x, p[10], p[11]))
    return (x[..., None, :] - codes).square().sum(-1)


class Eager(Peer):
    """PyTorch as one writes it: autograd, then the update in place by a foreach call."""

    def __init__(self, convolution: str, threads: int | None, dtype: np.dtype[Any]) -> None:
        super().__init__(convolution, threads, dtype)
        if threads is not None:
            torch.set_num_threads(threads)
            torch.set_num_interop_threads(threads)
        self.codes = torch.from_numpy(bitmaps.digit_codes().astype(dtype))
        self.convolve = F.conv2d if convolution == "library" else patches

    def versions(self) -> dict[str, str]:
        return {"PyTorch": torch.__version__}

    def penalties(self, p: Tensors, x: torch.Tensor) -> torch.Tensor:
        return penalties(p, self.codes, x, self.convolve)

    def E(self, p: Tensors, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Eq. 9 summed over the patterns: a cross-entropy with the logits -y and -j."""
        logits = F.pad(-paper.PENALTY_SCALE * self.penalties(p, x), (0, 1), value=-J)
        return F.cross_entropy(logits, labels, reduction="sum")

    def load(self, parameters: Array, steps: Array) -> None:
        self.p, self.steps = self._tensors(parameters), self._tensors(steps)
        for tensor in self.p:
            tensor.requires_grad_()

    @staticmethod
    def _tensors(flat: Array) -> Tensors:
        tensors = []
        for weights, biases in unpack(flat):
            if weights.ndim == 1:
                weights, biases = weights[:, None, None], biases[:, None, None]
            elif weights.ndim == 4:
                weights = weights.transpose(3, 2, 0, 1)
            else:
                weights = weights.T
            tensors += [torch.tensor(np.ascontiguousarray(a)) for a in (weights, biases)]
        return tensors

    def weights(self) -> Array:
        arrays = [tensor.detach().numpy() for tensor in self.p]
        pairs = []
        for weights, biases in zip(arrays[::2], arrays[1::2], strict=True):
            order = (2, 3, 1, 0) if weights.ndim == 4 else (1, 0) if weights.ndim == 2 else None
            pairs.append((weights.transpose(order) if order else weights.ravel(), biases))
        return pack(pairs)

    def prepare(self, x: Array, labels: Array) -> Any:
        n, height, width, _ = x.shape
        x = np.ascontiguousarray(x).reshape(n, 1, height, width)
        return torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))

    def forward(self, prepared: Any, times: int = 1) -> Any:
        x, _ = prepared
        with torch.inference_mode():
            for _ in range(times):
                y = self.penalties(self.p, x)
        return y.numpy()

    def step(self, x: torch.Tensor, labels: torch.Tensor) -> None:
        gradient = torch.autograd.grad(self.E(self.p, x, labels), self.p)
        with torch.no_grad():
            torch._foreach_addcmul_(self.p, gradient, self.steps, value=-1)

    def online(self, prepared: Any) -> None:
        x, labels = prepared
        for i in range(len(labels)):
            self.step(x[i : i + 1], labels[i : i + 1])

    def train(self, prepared: Any, times: int = 1) -> None:
        for _ in range(times):
            self.step(*prepared)


class Compiled(Eager):
    """torch.compile of the whole step: gradient by `torch.func.grad` and update in place.

    Compiling the loss only, with an eager update, was slower (650 against 400 microseconds a
    pattern); `cpp_wrapper` spares another tenth, `max_autotune` nothing.
    """

    def __init__(self, convolution: str, threads: int | None, dtype: np.dtype[Any]) -> None:
        super().__init__(convolution, threads, dtype)
        import torch._dynamo

        torch._dynamo.config.recompile_limit = 64  # one graph for each batch size
        options = {"cpp_wrapper": True}
        self.compiled = torch.compile(self._step, dynamic=False, options=options)
        self.compiled_penalties = torch.compile(self.penalties, dynamic=False, options=options)

    def load(self, parameters: Array, steps: Array) -> None:
        self.p, self.steps = self._tensors(parameters), self._tensors(steps)

    def _step(self, p: Tensors, steps: Tensors, x: torch.Tensor, labels: torch.Tensor) -> None:
        gradient = torch.func.grad(self.E)(p, x, labels)
        for w, eps, g in zip(p, steps, gradient, strict=True):
            w.sub_(eps * g)

    def step(self, x: torch.Tensor, labels: torch.Tensor) -> None:
        self.compiled(self.p, self.steps, x, labels)

    def forward(self, prepared: Any, times: int = 1) -> Any:
        x, _ = prepared
        with torch.no_grad():
            for _ in range(times):
                y = self.compiled_penalties(self.p, x)
        return y.numpy()

    def online(self, prepared: Any) -> None:
        with torch.no_grad():
            super().online(prepared)

    def train(self, prepared: Any, times: int = 1) -> None:
        with torch.no_grad():
            super().train(prepared, times)
