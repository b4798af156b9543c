"""III-C.3: principal components and a quadratic classifier."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from .least_squares import least_squares, with_bias
from .method import Method, blocks, pixels, targets

RIDGE = 1e-9  # of the sums: keeps products that never change from dividing by 0


class Quadratic(Method):
    """Ten weighted sums of the products of 40 principal components.

    The paper fixes the mean that is subtracted, the 40 components and the 821 inputs of the sums:
    the 820 products of two components, and the 1 of the bias.  So the components themselves are no
    inputs.

    It leaves the training of the sums open.  Reading: least squares to +1 and -1.

    Args:
        components: number of principal components.
    """

    def __init__(self, components: int = paper.COMPONENTS) -> None:
        self.components = components
        self.pairs = np.triu_indices(components)

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        size = self.shape[0] * self.shape[1]
        total, square = np.zeros(size), np.zeros((size, size))
        for block in blocks(len(images)):
            x = pixels(images[block]).astype(np.float64)
            total += x.sum(axis=0)
            square += x.T @ x
        self.mean = total / len(images)
        covariance = square / len(images) - np.outer(self.mean, self.mean)
        _, vectors = np.linalg.eigh(covariance)  # in the order of growing variance
        self.basis = vectors[:, ::-1][:, : self.components]
        self.matrix = least_squares(
            (
                (self.products(images[block]), targets(labels[block]))
                for block in blocks(len(images))
            ),
            ridge=RIDGE,
        )

    def products(self, images: NDArray[Any]) -> Array:
        """The products of all pairs of components and a 1, (n, 821)."""
        z = (pixels(images) - self.mean) @ self.basis
        i, j = self.pairs
        return with_bias(z[:, i] * z[:, j])

    def score(self, images: NDArray[Any]) -> Array:
        sums: Array = self.products(images) @ self.matrix
        return sums

    @property
    def variables(self) -> int:
        """The components and the sums; the paper's count leaves out the mean."""
        return self.basis.size + self.matrix.size

    @property
    def multiply_accumulates(self) -> int:
        """The components, their products and the sums."""
        return self.basis.size + len(self.pairs[0]) + self.matrix.size
