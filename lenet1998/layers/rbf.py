"""The output layer: Euclidean radial basis function units with fixed codes (II-B)."""

import numpy as np

from ..arrays import Array, Buffers, Shape
from .layer import BufferedLayer


class RBFBuffers(Buffers):
    """The differences x - codes, their squares, the penalties y, and the gradient of the input."""

    def __init__(self, shape: Shape, codes: Array) -> None:
        self.difference = np.zeros((*shape[:3], *codes.shape), codes.dtype)
        self.square = np.zeros_like(self.difference)
        self.y = np.zeros((*shape[:3], len(codes)), codes.dtype)
        self.dE_dx = np.zeros(shape, codes.dtype)


class RBF(BufferedLayer[RBFBuffers]):
    """y[i] = sum over j of (x[j] - codes[i, j])^2 (eq. 7): a penalty; the smallest is the answer.

    The same as reference.RBF, in loops.

    Args:
        codes: (classes, units) of +1 and -1, drawn as 7x12 bitmaps (figure 3); fixed.
    """

    def __init__(self, name: str, codes: Array) -> None:
        self.name, self.given_codes = name, np.asarray(codes)
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.codes = self.given_codes.astype(self.dtype)
        self.ones = np.ones(self.codes.shape[1], self.dtype)

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:2], len(self.codes))

    def connections(self, shape: Shape) -> int:
        return shape[0] * shape[1] * self.codes.size

    def allocate(self, x: Array) -> RBFBuffers:
        return RBFBuffers(x.shape, self.codes)

    def forward(self, x: Array) -> Array:
        """(n, h, w, units) -> penalties (n, h, w, classes)."""
        b = self.buffers(x)
        np.subtract(x[..., None, :], self.codes, b.difference)
        np.square(b.difference, b.square)
        np.matmul(b.square, self.ones, b.y)  # a product sums faster than sum()
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """dE/dx[j] = sum over i of dE/dy[i] * 2 (x[j] - codes[i, j])."""
        b = self.held
        np.matmul(2 * dE_dy[..., None, :], b.difference, b.dE_dx[..., None, :])
        return b.dE_dx

    def second_backward(self, slope: Array) -> Array:
        """d2E/dx[j]2 = sum over i of slope[i] * 2, since y is a sum of squares: d2y[i]/dx[j]2 = 2.

        The residuals x - codes are what Gauss-Newton linearises here, so the criterion passes the
        dE/dy[i] that it counts as curvature (see `criterion`), not a d2E/dy2.
        """
        b = self.held
        b.dE_dx[...] = 2 * slope.sum(axis=-1, keepdims=True)
        return b.dE_dx


class LearnedRBF(RBF):
    """An RBF layer whose codes are parameters (II-C): the given codes are where they start.

    The same as reference.LearnedRBF, in loops.

    Args:
        codes: (classes, units).
    """

    def __init__(self, name: str, codes: Array) -> None:
        self.parameter_count = np.asarray(codes).size
        super().__init__(name, codes)

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        shape = self.codes.shape
        self.codes, self.gradients = parameters.reshape(shape), gradient.reshape(shape)
        self.curvatures = curvature.reshape(shape)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """The given codes under every rule; nothing is drawn."""
        self.codes[...] = self.given_codes

    def backward(self, dE_dy: Array) -> Array:
        """That of RBF, and dE/dcodes[i, j] = - sum of dE/dy[i] * 2 (x[j] - codes[i, j])."""
        difference = self.held.difference.reshape(-1, *self.codes.shape)
        dE_dy_rows = dE_dy.reshape(-1, len(self.codes))
        np.einsum("ni,nij->ij", -2 * dE_dy_rows, difference, out=self.gradients)
        return super().backward(dE_dy)

    def second_backward(self, slope: Array) -> Array:
        """That of RBF, and d2E/dcodes[i, j]2 = sum of slope[i] * 2."""
        total = slope.reshape(-1, len(self.codes)).sum(axis=0)
        self.curvatures[...] = 2 * total[:, None]
        return super().second_backward(slope)
