"""Batch normalisation (Ioffe and Szegedy 2015)."""

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array, Buffers, Shape
from ..files import InputError
from .layer import BufferedLayer

EPSILON = 1e-5  # added to a variance before its root (Ioffe and Szegedy leave it open)
RUNNING_MOMENTUM = 0.9  # of the running mean and variance: what stays at each batch


class BatchNormBuffers(Buffers):
    """The normalised input, the output y, the gradient of the input, and numbers for each map."""

    def __init__(self, shape: Shape, dtype: DTypeLike) -> None:
        n, height, width, maps = shape
        self.values, self.training = n * height * width, False  # values of a map
        self.normal, self.y, self.dE_dx = (np.zeros(shape, dtype) for _ in range(3))
        self.statistics, self.deviation = np.zeros((2, maps), dtype), np.zeros(maps, dtype)
        # A number for each map, repeated along a row: a longer inner loop than over the maps.
        self.row = np.zeros((width, maps), dtype)
        self.line_ones, self.row_ones = np.ones(n * height, dtype), np.ones(width, dtype)
        self.line_sum = np.zeros(width * maps, dtype)
        new, unbiased = 1 - RUNNING_MOMENTUM, self.values / max(self.values - 1, 1)
        self.new = np.array([[new], [new * unbiased]], dtype)

    def as_row(self, by_map: Array) -> Array:
        """(maps,) repeated along a row, (width, maps); valid until the next call."""
        self.row[...] = by_map
        return self.row

    def sum(self, x: Array, out: Array) -> None:
        """Sum x over patterns and positions into (maps,): products sum faster than sum()."""
        self.line_ones.dot(x.reshape(len(self.line_ones), -1), self.line_sum)
        self.row_ones.dot(self.line_sum.reshape(self.row.shape), out)


class BatchNorm(BufferedLayer[BatchNormBuffers]):
    """y = gain * z + shift, z = (x - mean) / sqrt(variance + epsilon), map by map.

    The same as reference.BatchNorm, in loops.  In training mode mean and variance are those of the
    batch, over its patterns and positions, and a single value a map is an InputError; otherwise
    they are the running averages.

    Attributes:
        gain, shift: (maps,), trainable.
        running: (2, maps), averages of mean and variance (of N values, times N / (N - 1)), updated
            by every forward in training mode; `bind` resets them to 0 and 1.
    """

    has_biases = True

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps, self.parameter_count, self.bias_count = name, maps, 2 * maps, maps
        self.set_training(False)
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.gain, self.shift = parameters.reshape(2, self.maps)
        self.running = np.repeat(np.array([[0], [1]], self.dtype), self.maps, axis=1)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        self.gain[:], self.shift[:] = 1.0, 0.0  # under every rule

    def state(self) -> dict[str, Array]:
        return {"running": self.running}

    def set_training(self, training: bool) -> None:
        self.training = self.mixes_patterns = training

    def connections(self, shape: Shape) -> int:
        return 2 * shape[0] * shape[1] * shape[2]  # a unit's input and its shift

    def allocate(self, x: Array) -> BatchNormBuffers:
        return BatchNormBuffers(x.shape, self.dtype)

    def forward(self, x: Array) -> Array:
        b = self.buffers(x)
        b.training = self.training  # the backward passes use the mode of the forward before them
        mean, variance = b.statistics if b.training else self.running
        if b.training:
            if b.values < 2:
                raise InputError(f"{self.name}: one value has no variance: learn in larger batches")
            b.sum(x, mean)
            mean *= 1 / b.values
        np.subtract(x, b.as_row(mean), b.normal)
        if b.training:
            np.multiply(b.normal, b.normal, b.y)
            b.sum(b.y, variance)
            variance *= 1 / b.values
            self.running *= RUNNING_MOMENTUM
            self.running += b.statistics * b.new
        np.sqrt(variance + EPSILON, b.deviation)
        b.normal *= b.as_row(1.0 / b.deviation)
        np.multiply(b.normal, b.as_row(self.gain), b.y)
        b.y += b.as_row(self.shift)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """dE/dgain = sum of dE/dy * z; dE/dshift = sum of dE/dy;
        dE/dx = gain / deviation * (dE/dy - z * dE/dgain / N - dE/dshift / N), N values a map;
        the last two terms in training mode only, where mean and variance depend on x."""
        b, maps = self.held, self.maps
        np.multiply(dE_dy, b.normal, b.dE_dx)
        b.sum(b.dE_dx, self.gradient[:maps])
        b.sum(dE_dy, self.gradient[maps:])
        if b.training:
            means = self.gradient * (1 / b.values)
            np.multiply(b.normal, b.as_row(means[:maps]), b.dE_dx)
            b.dE_dx += b.as_row(means[maps:])
            dE_dy = np.subtract(dE_dy, b.dE_dx, b.dE_dx)
        np.multiply(dE_dy, b.as_row(self.gain / b.deviation), b.dE_dx)
        return b.dE_dx

    def second_backward(self, d2E_dy2: Array) -> Array:
        """The same with z and gain / deviation squared (eq. 25, 27); mean and variance are treated
        as constants, also in training mode: a diagonal has no cheap way to sum their parts."""
        b, maps = self.held, self.maps
        np.multiply(b.normal, b.normal, b.dE_dx)
        b.dE_dx *= d2E_dy2
        b.sum(b.dE_dx, self.curvature[:maps])
        b.sum(d2E_dy2, self.curvature[maps:])
        np.multiply(d2E_dy2, b.as_row(np.square(self.gain / b.deviation)), b.dE_dx)
        return b.dE_dx
