"""The output layer: Euclidean radial basis function units with fixed codes (II-B)."""

from types import SimpleNamespace

import numpy as np

from ..arrays import Array, Shape
from .layer import Layer


class RBF(Layer):
    """y[i] = sum over j of (x[j] - codes[i, j])^2 (eq. 7): a penalty; the smallest is the answer.

    Args:
        codes: (classes, units) of +1 and -1, drawn as 7x12 bitmaps (figure 3); fixed.
    """

    def __init__(self, name: str, codes: Array) -> None:
        self.name, self.given = name, np.asarray(codes)
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.codes = self.given.astype(self.dtype)

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:2], len(self.codes))

    def connections(self, shape: Shape) -> int:
        return shape[0] * shape[1] * self.codes.size

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = SimpleNamespace()
        b.difference = np.zeros((*shape[:3], *self.codes.shape), self.dtype)
        b.square = np.zeros(b.difference.shape, self.dtype)
        b.square_rows = b.square.reshape(-1, shape[3])
        b.ones = np.ones(shape[3], self.dtype)
        b.y = np.zeros((*shape[:3], len(self.codes)), self.dtype)
        b.y_flat = b.y.reshape(-1)
        b.twice = np.zeros(b.y.shape, self.dtype)
        b.twice_row = b.twice[..., None, :]
        b.two = np.array(2, self.dtype)
        b.dE_dx = np.zeros(shape, self.dtype)
        b.dE_dx_row = b.dE_dx[..., None, :]
        return b

    def attach(self, b: SimpleNamespace, x: Array) -> None:
        b.x_once = x[..., None, :]  # to broadcast over the codes

    def forward(self, x: Array) -> Array:
        """(n, h, w, units) -> penalties (n, h, w, classes)."""
        b = self.buffers(x)
        np.subtract(b.x_once, self.codes, b.difference)
        np.multiply(b.difference, b.difference, b.square)
        b.square_rows.dot(b.ones, b.y_flat)  # a product sums faster than sum()
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """dE/dx[j] = sum over i of dE/dy[i] * 2 (x[j] - codes[i, j])."""
        b = self.held
        np.multiply(dE_dy, b.two, b.twice)
        np.matmul(b.twice_row, b.difference, b.dE_dx_row)
        return b.dE_dx

    def second_backward(self, slope: Array) -> Array:
        """d2E/dx[j]2 = sum over i of slope[i] * 2, since y is a sum of squares: d2y[i]/dx[j]2 = 2.

        The residuals x - codes are what Gauss-Newton linearises here, so the criterion hands in
        the dE/dy[i] that it counts as curvature (see `criterion`), not a d2E/dy2.
        """
        b = self.held
        np.add.reduce(slope, axis=-1, out=b.dE_dx[..., 0])
        np.multiply(b.dE_dx[..., :1], b.two, b.dE_dx)
        return b.dE_dx
