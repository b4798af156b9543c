"""Batch normalisation (Ioffe and Szegedy 2015)."""

from types import SimpleNamespace

import numpy as np

from ..arrays import Array, Shape
from ..files import InputError
from .layer import Layer

EPSILON = 1e-5  # added to a variance before its root (Ioffe and Szegedy leave it open)
RUNNING_MOMENTUM = 0.9  # of the running mean and variance: what stays at each batch


class BatchNorm(Layer):
    """y = gain * (x - mean) / sqrt(variance + epsilon) + shift, map by map (Ioffe, Szegedy 2015).

    Mean and variance are those of the batch, over its patterns and positions, while `learning`
    (one pattern has them over its positions), and the running averages otherwise.

    Attributes:
        gain, shift: (maps,), trainable.
        running: (2, maps), averages of mean and variance (of N values, times N / (N - 1)), which
            every forward moves while learning: to be saved, no parameters.  `bind` starts them anew
            at 0 and 1.

    Raises:
        InputError: from `forward`, a single value a map while learning.
    """

    has_biases = True
    whole_batch = True
    running: Array

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps, self.count = name, maps, 2 * maps
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.gain, self.shift = parameters.reshape(2, self.maps)
        self.running = np.repeat(np.array([[0], [1]], self.dtype), self.maps, axis=1)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Gains 1, shifts 0 under every rule; nothing is drawn."""
        self.gain[:], self.shift[:] = 1.0, 0.0

    def connections(self, shape: Shape) -> int:
        """Two a unit: its input and its shift."""
        return 2 * shape[0] * shape[1] * shape[2]

    def allocate(self, shape: Shape) -> SimpleNamespace:
        n, height, width, maps = shape
        b = SimpleNamespace(values=n * height * width, learning=False)
        b.normal, b.y, b.dE_dx = np.zeros((3, *shape), self.dtype)
        b.statistics, b.moved = np.zeros((2, 2, maps), self.dtype)
        b.deviation, b.factor = np.zeros((2, maps), self.dtype)
        b.means = np.zeros(2 * maps, self.dtype)
        # A number for each map, repeated along a row: a longer inner loop than over the maps.
        b.row = np.zeros((width, maps), self.dtype)
        b.line_sum = np.zeros(width * maps, self.dtype)
        b.line_ones = np.ones(n * height, self.dtype)
        b.row_ones = np.ones(width, self.dtype)
        b.epsilon, b.one = np.array(EPSILON, self.dtype), np.array(1, self.dtype)
        b.per_value = np.array(1 / b.values, self.dtype)
        b.keep, new = np.array(RUNNING_MOMENTUM, self.dtype), 1 - RUNNING_MOMENTUM
        unbiased = b.values / max(b.values - 1, 1)
        b.new = np.array([[new], [new * unbiased]], self.dtype)
        return b

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> the same shape."""
        b = self.buffers(x)
        b.learning = self.learning  # the backward passes go by the forward they follow
        mean, variance = b.statistics if b.learning else self.running
        if b.learning:
            if b.values < 2:
                raise InputError(f"{self.name}: one value has no variance: learn in larger batches")
            self._sum(x, mean)
            np.multiply(mean, b.per_value, mean)
        np.subtract(x, self._row(mean), b.normal)
        if b.learning:
            np.multiply(b.normal, b.normal, b.y)
            self._sum(b.y, variance)
            np.multiply(variance, b.per_value, variance)
            np.multiply(b.statistics, b.new, b.moved)
            np.multiply(self.running, b.keep, self.running)
            np.add(self.running, b.moved, self.running)
        np.add(variance, b.epsilon, b.deviation)
        np.sqrt(b.deviation, b.deviation)
        np.divide(b.one, b.deviation, b.factor)
        np.multiply(b.normal, self._row(b.factor), b.normal)
        np.multiply(b.normal, self._row(self.gain), b.y)
        np.add(b.y, self._row(self.shift), b.y)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """dE/dgain = sum of dE/dy * z, z the normalised x; dE/dshift = sum of dE/dy;
        dE/dx = gain / deviation * (dE/dy - z * dE/dgain / N - dE/dshift / N), N values a map;
        the last two terms only while learning."""
        b, maps = self.held, self.maps
        np.multiply(dE_dy, b.normal, b.dE_dx)
        self._sum(b.dE_dx, self.gradient[:maps])
        self._sum(dE_dy, self.gradient[maps:])
        if b.learning:  # the statistics move with x
            np.multiply(self.gradient, b.per_value, b.means)
            np.multiply(b.normal, self._row(b.means[:maps]), b.dE_dx)
            np.add(b.dE_dx, self._row(b.means[maps:]), b.dE_dx)
            dE_dy = np.subtract(dE_dy, b.dE_dx, b.dE_dx)
        np.divide(self.gain, b.deviation, b.factor)
        return np.multiply(dE_dy, self._row(b.factor), b.dE_dx)

    def second_backward(self, d2E_dy2: Array) -> Array:
        """The same with z and gain / deviation squared (eq. 25, 27).

        The statistics are treated as constants, also while learning: through them every input has
        a part, about 1 / N, in every output of its map, which a diagonal has no cheap way to sum.
        """
        b, maps = self.held, self.maps
        np.multiply(b.normal, b.normal, b.dE_dx)
        np.multiply(d2E_dy2, b.dE_dx, b.dE_dx)
        self._sum(b.dE_dx, self.curvature[:maps])
        self._sum(d2E_dy2, self.curvature[maps:])
        np.divide(self.gain, b.deviation, b.factor)
        np.multiply(b.factor, b.factor, b.factor)
        return np.multiply(d2E_dy2, self._row(b.factor), b.dE_dx)

    def _row(self, by_map: Array) -> Array:
        """(maps,) repeated along a row, (width, maps); the buffer holds until the next call."""
        self.held.row[...] = by_map
        return self.held.row

    def _sum(self, x: Array, into: Array) -> None:
        """Sum x over patterns and positions into (maps,): products sum faster than sum()."""
        b = self.held
        b.line_ones.dot(x.reshape(len(b.line_ones), -1), b.line_sum)
        b.row_ones.dot(b.line_sum.reshape(b.row.shape), into)
