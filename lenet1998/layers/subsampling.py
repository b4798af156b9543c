"""Trainable sub-sampling layers S2 and S4 (II-B)."""

from types import SimpleNamespace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .. import paper
from ..arrays import Array, Shape
from .layer import Layer


class Subsampling(Layer):
    """a[y, x, m] = coefficient[m] * (sum of the 2x2 inputs of map m) + bias[m] (II-B).

    The squash that follows makes it a blur, a noisy OR or a noisy AND of its inputs.

    Attributes:
        coefficient, bias: (maps,).
    """

    has_biases = True

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps, self.count = name, maps, 2 * maps
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.coefficient, self.bias = parameters.reshape(2, self.maps)
        # A product with this matrix adds the left and the right input of a map and multiplies by
        # its coefficient, which stands on two diagonals; all else is 0.
        self.matrix = np.zeros((2 * self.maps, self.maps), self.dtype)
        self.diagonals = _diagonals(self.matrix)
        self.products = np.zeros_like(self.matrix)
        self.left_products, self.right_products = _diagonals(self.products)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Coefficients 1/sqrt(4) under every rule (reading), biases 0; nothing is drawn."""
        self.coefficient[:] = paper.INIT_LECUN / paper.SUBSAMPLING_SIZE
        self.bias[:] = 0.0

    def output_shape(self, shape: Shape) -> Shape:
        height, width, maps = shape
        return height // 2, width // 2, maps

    def connections(self, shape: Shape) -> int:
        height, width, maps = self.output_shape(shape)
        return height * width * maps * (paper.SUBSAMPLING_SIZE**2 + 1)  # II-B: and the bias

    def allocate(self, shape: Shape) -> SimpleNamespace:
        n, height, width, maps = shape
        rows, columns = height // 2, width // 2
        b = SimpleNamespace()
        # Rows added; the left and the right input of each unit still side by side.
        b.pairs = np.zeros((n, rows, columns, 2, maps), self.dtype)
        b.pair_rows = b.pairs.reshape(-1, 2 * maps)
        b.a = np.zeros((n, rows, columns, maps), self.dtype)
        b.a_rows = b.a.reshape(-1, maps)
        # The biases repeated along a row of the maps: a longer inner loop than over the maps.
        b.biases = np.zeros((columns, maps), self.dtype)
        b.bias_row, b.a_lines = b.biases.reshape(-1), b.a.reshape(n * rows, columns * maps)
        b.ones = np.ones(len(b.a_rows), self.dtype)
        b.wide = np.zeros_like(b.pairs)
        b.wide_rows, b.wide_once = b.wide.reshape(-1, 2 * maps), b.wide[:, :, None]
        b.dE_dx = np.zeros(shape, self.dtype)  # an odd last row or column feeds nothing
        b.upsampled = _by_unit(b.dE_dx)
        return b

    def attach(self, b: SimpleNamespace, x: Array) -> None:
        by_unit = _by_unit(x)
        b.upper, b.lower = by_unit[:, :, 0], by_unit[:, :, 1]

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.add(b.upper, b.lower, b.pairs)
        self.diagonals[...] = self.coefficient
        b.pair_rows.dot(self.matrix, b.a_rows)
        b.biases[...] = self.bias
        np.add(b.a_lines, b.bias_row, b.a_lines)
        return b.a

    def backward(self, dE_da: Array) -> Array:
        """dE/dcoefficient = sum of dE/da * (summed input), dE/dbias = sum of dE/da;
        each of the four inputs gets coefficient * dE/da."""
        b, d = self.held, dE_da.reshape(-1, self.maps)
        b.pair_rows.T.dot(d, self.products)  # dE/da times the left and right inputs, summed
        np.add(self.left_products, self.right_products, self.gradient[: self.maps])
        b.ones.dot(d, self.gradient[self.maps :])  # a product sums faster than sum()
        return self._to_inputs(d, self.matrix)

    def second_backward(self, d2E_da2: Array) -> Array:
        """The same with the summed input and the coefficient squared (reading: the coefficient
        is one connection from the sum, not four)."""
        b, d = self.held, d2E_da2.reshape(-1, self.maps)
        total = b.pair_rows[:, : self.maps] + b.pair_rows[:, self.maps :]
        b.ones.dot(d * np.square(total), self.curvature[: self.maps])
        b.ones.dot(d, self.curvature[self.maps :])
        return self._to_inputs(d, np.square(self.matrix))

    def _to_inputs(self, d: Array, matrix: Array) -> Array:
        """Each unit's d, times its coefficient, at its four inputs."""
        b = self.held
        d.dot(matrix.T, b.wide_rows)
        b.upsampled[...] = b.wide_once
        return b.dE_dx


def _by_unit(x: Array) -> Array:
    """View (n, h, w, maps) as (n, rows, 2, columns, 2, maps), leaving out odd ends."""
    n, height, width, maps = x.shape
    step = x.strides
    return as_strided(
        x,
        (n, height // 2, 2, width // 2, 2, maps),
        (step[0], 2 * step[1], step[1], 2 * step[2], step[2], step[3]),
    )


def _diagonals(matrix: Array) -> Array:
    """The diagonals of the upper and the lower half of a (2 maps, maps) matrix, (2, maps)."""
    maps, step = matrix.shape[1], matrix.strides
    return as_strided(matrix, (2, maps), (maps * step[0], step[0] + step[1]))
