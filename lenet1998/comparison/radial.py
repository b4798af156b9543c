"""III-C.4: a network of radial basis functions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from .least_squares import least_squares, with_bias
from .method import Method, blocks, pixels, targets

SWEEPS = 3  # of the adaptive K-means over the patterns of a class
WIDTH = 1.0
RIDGE = 1e-6


class Radial(Method):
    """Gaussian units around 100 centres of each class, and ten weighted sums of them.

    The paper fixes the 1,000 units in ten groups of 100, each placed by adaptive K-means on the
    patterns of one class, and the second layer by a regularized pseudo-inverse.

    It leaves open the number of sweeps, the width and the regularization.  Readings: K-means adapts
    the nearest centre to one pattern after the other, centre += (x - centre) / count; three sweeps.
    All units have one width, `width` times the mean squared distance from a pattern to the nearest
    centre of its class.

    Args:
        seed: of the first centres and of the order of the patterns.
        units: number of units for each class.
        width: of a unit, exp(-||x - c||^2 / (2 width d)), d the mean squared distance.
        ridge: of the second layer; see `least_squares`.
    """

    def __init__(
        self,
        seed: int = 0,
        units: int = paper.RADIAL_UNITS // paper.CLASSES,
        width: float = WIDTH,
        ridge: float = RIDGE,
    ) -> None:
        self.seed, self.units, self.width, self.ridge = seed, units, width, ridge

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        rng = np.random.default_rng(self.seed)
        groups, total = [], 0.0
        for digit in range(paper.CLASSES):
            x = pixels(images[labels == digit])
            if len(x):
                groups.append(adaptive_k_means(x, min(self.units, len(x)), rng))
                for block in blocks(len(x)):
                    total += squared_distances(x[block], groups[-1]).min(axis=1).sum()
        self.centres = np.concatenate(groups)
        spread = total / len(images) or 1.0
        self.scale = -1 / (2 * self.width * spread)
        self.matrix = least_squares(
            (
                (self.activities(images[block]), targets(labels[block]))
                for block in blocks(len(images))
            ),
            self.ridge,
        )

    def activities(self, images: NDArray[Any]) -> Array:
        """The units' values and the 1 of the bias, (n, 1,001)."""
        return with_bias(np.exp(self.scale * squared_distances(pixels(images), self.centres)))

    def score(self, images: NDArray[Any]) -> Array:
        sums: Array = self.activities(images) @ self.matrix
        return sums

    @property
    def variables(self) -> int:
        """The centres and the sums."""
        return self.centres.size + self.matrix.size

    @property
    def multiply_accumulates(self) -> int:
        return self.variables


def adaptive_k_means(
    x: NDArray[np.float32], k: int, rng: np.random.Generator, sweeps: int = SWEEPS
) -> NDArray[np.float32]:
    """k centres (k, d) of the patterns x (n, d), adapted to one pattern after the other.

    The first centres are patterns drawn at random.  A centre is the mean of the patterns that it
    has been nearest to.
    """
    centres = x[rng.choice(len(x), k, replace=False)].copy()
    half = np.einsum("kd,kd->k", centres, centres) / 2  # ||c||^2 / 2
    count = np.ones(k)
    for _ in range(sweeps):
        for i in rng.permutation(len(x)):
            nearest = int((half - centres @ x[i]).argmin())
            count[nearest] += 1
            centre = centres[nearest]
            centre += (x[i] - centre) / np.float32(count[nearest])
            half[nearest] = centre @ centre / 2
    return centres


def squared_distances(a: Array, b: Array) -> Array:
    """||a - b||^2 of each of a (n, d) and each of b (m, d), (n, m)."""
    squares = np.einsum("nd,nd->n", a, a)[:, None] + np.einsum("md,md->m", b, b)
    distances: Array = np.maximum(squares - 2 * (a @ b.T), 0)
    return distances
