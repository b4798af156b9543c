"""Trainable sub-sampling layers S2 and S4 (II-B)."""

import numpy as np
from numpy.typing import DTypeLike

from .. import paper
from ..arrays import Array, Buffers, Shape
from .im2col import diagonals, fields_2x2
from .layer import BufferedLayer


class SubsamplingBuffers(Buffers):
    """The sums of the 2x2 inputs on their way to a, and the gradient on its way back."""

    def __init__(self, shape: Shape, dtype: DTypeLike) -> None:
        n, height, width, maps = shape
        rows, columns = height // 2, width // 2
        # The rows added; the left and the right input of each unit still side by side.
        self.pairs = np.zeros((n, rows, columns, 2, maps), dtype)
        self.pair_rows = self.pairs.reshape(-1, 2 * maps)
        self.a = np.zeros((n, rows, columns, maps), dtype)
        self.a_rows = self.a.reshape(-1, maps)
        # The biases repeated along a row of the maps: a longer inner loop than over the maps.
        self.a_lines = self.a.reshape(n * rows, columns * maps)
        self.bias_line = np.zeros(columns * maps, dtype)
        self.biases = self.bias_line.reshape(columns, maps)
        self.ones = np.ones(len(self.a_rows), dtype)
        d_pairs = np.zeros_like(self.pairs)
        self.d_pair_rows = d_pairs.reshape(-1, 2 * maps)
        self.d_pairs = d_pairs[:, :, None]  # the same for both rows
        self.dE_dx = np.zeros(shape, dtype)  # an odd last row or column feeds nothing: stays 0
        self.dE_dx_fields = fields_2x2(self.dE_dx)

    def bind_views(self, x: Array) -> None:
        fields = fields_2x2(x)
        self.upper, self.lower = fields[:, :, 0], fields[:, :, 1]


class Subsampling(BufferedLayer[SubsamplingBuffers]):
    """a[y, x, m] = coefficient[m] * (sum of the 2x2 inputs of map m) + bias[m] (II-B).

    The same as reference.Subsampling, in loops.  The squash that follows makes it a blur, a noisy
    OR or a noisy AND of its inputs.

    Attributes:
        coefficient, bias: (maps,).
    """

    has_biases = True

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps, self.parameter_count, self.bias_count = name, maps, 2 * maps, maps
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.coefficient, self.bias = parameters.reshape(2, self.maps)
        # A product with this matrix adds the left and the right input of a map and multiplies by
        # its coefficient, which stands on two diagonals; all else is 0.
        self.matrix = np.zeros((2 * self.maps, self.maps), self.dtype)
        self.products = np.zeros_like(self.matrix)
        self.matrix_diagonals = diagonals(self.matrix)
        self.left_products, self.right_products = diagonals(self.products)

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

    def allocate(self, x: Array) -> SubsamplingBuffers:
        return SubsamplingBuffers(x.shape, self.dtype)

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.add(b.upper, b.lower, b.pairs)
        self.matrix_diagonals[...] = self.coefficient
        b.pair_rows.dot(self.matrix, b.a_rows)
        b.biases[...] = self.bias
        b.a_lines += b.bias_line
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
        d.dot(matrix.T, b.d_pair_rows)
        b.dE_dx_fields[...] = b.d_pairs
        return b.dE_dx
