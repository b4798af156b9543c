"""Pooling without parameters, in place of the sub-sampling of II-B."""

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array, Buffers, Shape
from .im2col import row_pairs
from .layer import BufferedLayer


class PoolBuffers(Buffers):
    """One row of each pair of rows, the output y, and the gradient of the input."""

    def __init__(self, shape: Shape, dtype: DTypeLike) -> None:
        n, height, width, maps = shape
        rows, columns = height // 2, width // 2
        # The rows are reduced first: that loop is a long one.  Left and right inputs alternate.
        self.pairs = np.zeros((n, rows, 2 * columns, maps), dtype)
        self.d_pairs = np.zeros_like(self.pairs)
        self.left, self.right = self.pairs[:, :, 0::2], self.pairs[:, :, 1::2]
        self.d_left, self.d_right = self.d_pairs[:, :, 0::2], self.d_pairs[:, :, 1::2]
        self.pair_rows, self.d_pair_rows = (
            pairs.reshape(-1, 2 * maps) for pairs in (self.pairs, self.d_pairs)
        )
        self.y = np.zeros((n, rows, columns, maps), dtype)
        self.y_rows = self.y.reshape(-1, maps)
        self.dE_dx = np.zeros(shape, dtype)  # an odd last row or column stays 0
        self.d_upper, self.d_lower = row_pairs(self.dE_dx)
        # For max pooling: 1 or 0.
        self.upper_wins, self.left_wins = np.zeros_like(self.pairs), np.zeros_like(self.y)

    def bind_views(self, x: Array) -> None:
        self.upper, self.lower = row_pairs(x)


class Pool(BufferedLayer[PoolBuffers]):
    """One unit for each 2x2 inputs of a map, without parameters; an odd last row feeds nothing."""

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps = name, maps
        super().__init__()

    def output_shape(self, shape: Shape) -> Shape:
        height, width, maps = shape
        return height // 2, width // 2, maps

    def connections(self, shape: Shape) -> int:
        """Four for each unit, one from each of its inputs; there is no bias."""
        height, width, maps = self.output_shape(shape)
        return height * width * maps * 4

    def allocate(self, x: Array) -> PoolBuffers:
        return PoolBuffers(x.shape, self.dtype)


class MaxPool(Pool):
    """y = the largest of the 2x2 inputs; among equals the first one, the left column before.

    The same as reference.MaxPool, in loops.  The backward passes read the input again, which is
    the buffer of the layer below.
    """

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.maximum(b.upper, b.lower, out=b.pairs)
        np.maximum(b.left, b.right, out=b.y)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """The largest input gets dE/dy, the others 0."""
        b = self.held
        np.greater_equal(b.left, b.right, b.left_wins)
        np.multiply(dE_dy, b.left_wins, b.d_left)
        np.subtract(dE_dy, b.d_left, b.d_right)
        np.greater_equal(b.upper, b.lower, b.upper_wins)
        np.multiply(b.d_pairs, b.upper_wins, b.d_upper)
        np.subtract(b.d_pairs, b.d_upper, b.d_lower)
        return b.dE_dx

    def second_backward(self, d2E_dy2: Array) -> Array:
        """The same: the derivatives are 1 and 0, and so are their squares."""
        return self.backward(d2E_dy2)


class AveragePool(Pool):
    """y = the mean of the 2x2 inputs; the same as reference.AveragePool, in loops."""

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        # A product with this matrix adds the left and the right input of a map, times 1/4.
        self.matrix = np.tile(np.eye(self.maps, dtype=self.dtype) / 4, (2, 1))

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.add(b.upper, b.lower, b.pairs)
        b.pair_rows.dot(self.matrix, b.y_rows)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """Each of the four inputs gets dE/dy / 4."""
        return self._to_inputs(dE_dy, self.matrix)

    def second_backward(self, d2E_dy2: Array) -> Array:
        """Each of the four inputs gets d2E/dy2 / 16 (eq. 27)."""
        return self._to_inputs(d2E_dy2, np.square(self.matrix))

    def _to_inputs(self, d: Array, matrix: Array) -> Array:
        b = self.held
        d.reshape(b.y_rows.shape).dot(matrix.T, b.d_pair_rows)
        b.d_upper[...] = b.d_pairs
        b.d_lower[...] = b.d_pairs
        return b.dE_dx
