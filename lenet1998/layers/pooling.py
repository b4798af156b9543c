"""Pooling without parameters, in place of the sub-sampling of II-B."""

from types import SimpleNamespace

import numpy as np

from ..arrays import Array, Shape
from .layer import Layer


class Pool(Layer):
    """One unit for each 2x2 inputs of a map, without parameters; an odd last row feeds nothing."""

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps = name, maps
        super().__init__()

    def output_shape(self, shape: Shape) -> Shape:
        height, width, maps = shape
        return height // 2, width // 2, maps

    def connections(self, shape: Shape) -> int:
        """Four a unit, from its inputs: there is no bias."""
        height, width, maps = self.output_shape(shape)
        return height * width * maps * 4

    def allocate(self, shape: Shape) -> SimpleNamespace:
        n, height, width, maps = shape
        rows, columns = height // 2, width // 2
        b = SimpleNamespace()
        # Of each pair of rows one: its left and its right inputs still alternate.
        b.pairs = np.zeros((n, rows, 2 * columns, maps), self.dtype)
        b.left, b.right = b.pairs[:, :, 0::2], b.pairs[:, :, 1::2]
        b.d_pairs = np.zeros_like(b.pairs)
        b.d_left, b.d_right = b.d_pairs[:, :, 0::2], b.d_pairs[:, :, 1::2]
        b.y = np.zeros((n, rows, columns, maps), self.dtype)
        b.dE_dx = np.zeros(shape, self.dtype)  # an odd last row or column stays 0
        b.d_upper, b.d_lower = _two_rows(b.dE_dx)
        return b

    def attach(self, b: SimpleNamespace, x: Array) -> None:
        b.upper, b.lower = _two_rows(x)


class MaxPool(Pool):
    """y = the largest of the 2x2 inputs; among equals the first one, the left column before.

    The backward passes read the input again, which is the buffer of the layer below.
    """

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = super().allocate(shape)
        b.upper_wins, b.left_wins = np.zeros_like(b.pairs), np.zeros_like(b.y)  # 1 or 0
        return b

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.maximum(b.upper, b.lower, out=b.pairs)  # rows first: that loop is a long one
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
    """y = the mean of the 2x2 inputs."""

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        # A product with this matrix adds the left and the right input of a map, times 1/4.
        self.matrix = np.tile(np.eye(self.maps, dtype=self.dtype) / 4, (2, 1))

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = super().allocate(shape)
        b.pair_rows, b.d_pair_rows = (a.reshape(-1, 2 * self.maps) for a in (b.pairs, b.d_pairs))
        b.y_rows = b.y.reshape(-1, self.maps)
        return b

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


def _two_rows(x: Array) -> tuple[Array, Array]:
    """Views of the upper and the lower rows of the pairs, leaving out odd ends."""
    height, width = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    return x[:, 0:height:2, :width], x[:, 1:height:2, :width]
