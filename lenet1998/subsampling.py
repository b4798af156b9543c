"""Trainable sub-sampling layers S2 and S4 (II-B)."""

from types import SimpleNamespace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from . import paper
from .layer import Array, Layer, Shape, uniform_bound


class Subsampling(Layer):
    """a[y, x, m] = coefficient[m] * (sum of the 2x2 inputs of map m) + bias[m] (II-B).

    The squash that follows makes it a blur, a noisy OR or a noisy AND of its inputs.

    Attributes:
        coefficient, bias: (maps,).
    """

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps, self.count = name, maps, 2 * maps
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.coefficient, self.bias = parameters.reshape(2, self.maps)
        self.by_kind = parameters.reshape(2, 1, self.maps)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Coefficients 1/sqrt(4) under either rule (reading), biases 0; nothing is drawn."""
        self.coefficient[:] = uniform_bound(paper.SUBSAMPLING_SIZE**2, "lecun")
        self.bias[:] = 0.0

    def output_shape(self, shape: Shape) -> Shape:
        height, width, maps = shape
        return height // 2, width // 2, maps

    def connections(self, shape: Shape) -> int:
        height, width, maps = self.output_shape(shape)
        return height * width * maps * (2 * 2 + 1)  # II-B: four inputs and the bias a unit

    def allocate(self, shape: Shape) -> SimpleNamespace:
        n, height, width, maps = shape
        rows, columns = height // 2, width // 2
        b = SimpleNamespace()
        b.pairs = np.zeros((n, rows, columns, 2, maps), self.dtype)  # rows added, columns not yet
        b.left, b.right = b.pairs[:, :, :, 0], b.pairs[:, :, :, 1]
        b.total = np.zeros((n, rows, columns, maps), self.dtype)  # the four inputs added
        b.a = np.zeros(b.total.shape, self.dtype)
        b.scaled = np.zeros(b.total.shape, self.dtype)
        b.wide = np.zeros(b.pairs.shape, self.dtype)
        b.dE_dx = np.zeros(shape, self.dtype)  # an odd last row or column feeds nothing
        b.upsampled = self._row_pairs(b.dE_dx)
        b.scaled_once, b.wide_once = b.scaled[:, :, :, None], b.wide[:, :, None]  # to broadcast
        # Coefficients and biases repeated along a row: longer inner loops than over the maps alone.
        b.tiled = np.zeros((2, columns, maps), self.dtype)
        # The same buffers as matrices with a row for each row of the maps.
        as_rows = (n * rows, columns * maps)
        b.total_rows, b.a_rows = b.total.reshape(as_rows), b.a.reshape(as_rows)
        b.scaled_rows = b.scaled.reshape(as_rows)
        b.coefficients, b.biases = b.tiled.reshape(2, -1)
        b.ones = np.ones(n * rows * columns, self.dtype)
        b.scaled_positions = b.scaled.reshape(-1, maps)
        return b

    @staticmethod
    def _row_pairs(x: Array) -> Array:
        """View (n, h, w, maps) as (n, rows, 2, columns, 2, maps), leaving out odd ends."""
        n, height, width, maps = x.shape
        step = x.strides
        return as_strided(
            x,
            (n, height // 2, 2, width // 2, 2, maps),
            (step[0], 2 * step[1], step[1], 2 * step[2], step[2], step[3]),
        )

    def attach(self, b: SimpleNamespace, x: Array) -> None:
        pairs = self._row_pairs(x)
        b.upper, b.lower = pairs[:, :, 0], pairs[:, :, 1]

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.add(b.upper, b.lower, b.pairs)
        np.add(b.left, b.right, b.total)
        b.tiled[...] = self.by_kind
        np.multiply(b.total_rows, b.coefficients, b.a_rows)
        np.add(b.a_rows, b.biases, b.a_rows)
        return b.a

    def backward(self, dE_da: Array) -> Array:
        """dE/dcoefficient = sum of dE/da * (summed input), dE/dbias = sum of dE/da;
        each of the four inputs gets coefficient * dE/da."""
        b = self.held
        return self._back(dE_da, b.total_rows, b.coefficients, self.gradient)

    def second_backward(self, d2E_da2: Array) -> Array:
        """The same with the summed input and the coefficient squared (reading: the coefficient
        is one connection from the sum, not four)."""
        b = self.held
        return self._back(
            d2E_da2, np.square(b.total_rows), np.square(b.coefficients), self.curvature
        )

    def _back(self, d: Array, total: Array, coefficients: Array, into: Array) -> Array:
        b = self.held
        d_rows = d.reshape(b.scaled_rows.shape)
        np.multiply(d_rows, total, b.scaled_rows)
        b.ones.dot(b.scaled_positions, into[: self.maps])  # a product sums faster than sum()
        b.ones.dot(d.reshape(-1, self.maps), into[self.maps :])
        np.multiply(d_rows, coefficients, b.scaled_rows)
        b.wide[...] = b.scaled_once
        b.upsampled[...] = b.wide_once
        return b.dE_dx
