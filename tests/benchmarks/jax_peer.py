"""The network in JAX: NHWC, jit for batches, one jit of lax.scan over the patterns for online.

Absent C3 connections start at 0 and have step 0.  Of the formulations tried the fastest is kept:
sub-sampling by four strided slices (`reduce_window` and a sum over a reshaped map were slower or
level), C5 as a full connection.  "patches" writes C1 and C3 as one product of 25 stacked slices:
inside the scan XLA is four times faster with it than with its own convolution.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lenet1998 import paper
from lenet1998.data import bitmaps

from .peers import Array, Peer, pack, unpack

A, S = paper.SQUASH_A, paper.SQUASH_S
K = paper.KERNEL_SIZE


def squash(a: jax.Array) -> jax.Array:
    return A * jnp.tanh(S * a)


def subsample(x: jax.Array, coefficient: jax.Array, bias: jax.Array) -> jax.Array:
    total = x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]
    return total * coefficient + bias


def library(x: jax.Array, kernel: jax.Array) -> jax.Array:
    numbers = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=numbers)


def patches(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """A convolution as one product of the stacked patches with the kernel."""
    n, height, width, _ = x.shape
    h, w = height - K + 1, width - K + 1
    shifts = [x[:, ky : ky + h, kx : kx + w] for ky in range(K) for kx in range(K)]
    rows = jnp.stack(shifts, axis=3).reshape(n * h * w, -1)
    return (rows @ kernel.reshape(rows.shape[1], -1)).reshape(n, h, w, -1)


class Jax(Peer):
    """jit-compiled; the weights stay on the device from one call to the next."""

    def __init__(self, convolution: str, threads: int | None, dtype: np.dtype[Any]) -> None:
        super().__init__(convolution, threads, dtype)
        self.convolve = library if convolution == "library" else patches
        self.codes = jnp.asarray(bitmaps.digit_codes(), dtype)
        self.jit_penalties = jax.jit(self.penalties)
        self.jit_step = jax.jit(self.step)
        self.jit_scan = jax.jit(self.scan)

    def versions(self) -> dict[str, str]:
        return {"JAX": jax.__version__}

    def penalties(self, p: Any, x: jax.Array) -> jax.Array:
        """Eq. 7 of inputs (n, 32, 32, 1): (n, 10)."""
        (k1, b1), (c2, b2), (k3, b3), (c4, b4), (k5, b5), (w6, b6) = p
        x = squash(self.convolve(x, k1) + b1)
        x = squash(subsample(x, c2, b2))
        x = squash(self.convolve(x, k3) + b3)
        x = squash(subsample(x, c4, b4))
        x = squash(x.reshape(len(x), -1) @ k5.reshape(-1, paper.C5_MAPS) + b5)
        x = squash(x @ w6 + b6)
        return jnp.square(x[:, None] - self.codes).sum(axis=-1)

    def E(self, p: Any, x: jax.Array, labels: jax.Array) -> jax.Array:
        """Eq. 9 summed over the patterns."""
        y = paper.PENALTY_SCALE * self.penalties(p, x)
        rubbish = jnp.full((len(y), 1), paper.RUBBISH_PENALTY, y.dtype)
        log_sum = jax.nn.logsumexp(-jnp.concatenate([y, rubbish], axis=1), axis=1)
        right = jnp.take_along_axis(y, labels[:, None], axis=1)[:, 0]
        return (right + log_sum).sum()

    def step(self, p: Any, steps: Any, x: jax.Array, labels: jax.Array) -> Any:
        gradient = jax.grad(self.E)(p, x, labels)
        return jax.tree.map(lambda w, eps, g: w - eps * g, p, steps, gradient)

    def scan(self, p: Any, steps: Any, x: jax.Array, labels: jax.Array) -> Any:
        def one(p: Any, pattern: Any) -> Any:
            return self.step(p, steps, pattern[0][None], pattern[1][None]), None

        return lax.scan(one, p, (x, labels))[0]

    def load(self, parameters: Array, steps: Array) -> None:
        self.p, self.steps = (
            jax.block_until_ready(jax.tree.map(jnp.array, unpack(flat)))
            for flat in (parameters, steps)
        )

    def weights(self) -> Array:
        return pack([(np.asarray(w), np.asarray(b)) for w, b in self.p])

    def prepare(self, x: Array, labels: Array) -> Any:
        return jax.block_until_ready((jnp.asarray(x), jnp.asarray(labels.astype(np.int32))))

    def forward(self, prepared: Any, times: int = 1) -> Any:
        for _ in range(times):
            y = self.jit_penalties(self.p, prepared[0])
        return np.asarray(y)

    def online(self, prepared: Any) -> None:
        self.p = jax.block_until_ready(self.jit_scan(self.p, self.steps, *prepared))

    def train(self, prepared: Any, times: int = 1) -> None:
        for _ in range(times):
            self.p = self.jit_step(self.p, self.steps, *prepared)
        jax.block_until_ready(self.p)
