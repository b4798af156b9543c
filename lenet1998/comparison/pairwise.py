"""III-C.1: the pairwise linear classifier."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..layers.activations import Squash
from ..layers.full import Full
from ..layers.layer import Layer
from ..layers.rbf import RBF
from .gradient import Pixels, descend
from .least_squares import solve_ridge, with_bias
from .method import Method, blocks, pixels

PAIRS = tuple(combinations(range(paper.CLASSES), 2))

# The units of each class: +1 for i in i/j, -1 for j, 0 for the other classes, (10, 45).
TARGETS = np.array([[(c == i) - (c == j) for i, j in PAIRS] for c in range(paper.CLASSES)], float)


class OwnUnits(RBF):
    """y[c] = sum over the units j of class c of (x[j] - targets[c, j])^2: the others do not count.

    A unit without a target for the right class then has no gradient and learns nothing from it.
    """

    def forward(self, x: Array) -> Array:
        super().forward(x)
        b = self.held
        b.difference *= self.codes != 0
        np.square(b.difference, b.square)
        np.matmul(b.square, self.ones, b.y)
        return b.y

    def second_backward(self, slope: Array) -> Array:
        """d2E/dx[j]2 = sum over the classes c with unit j of slope[c] * 2."""
        b = self.held
        np.matmul(2 * slope, np.abs(self.codes), b.dE_dx)
        return b.dE_dx


class Pairwise(Method):
    """45 weighted sums i/j, each of which tells class i from class j.

    The paper fixes the targets, +1 for i and -1 for j, that the other classes take no part in the
    training of a unit, and the answer: the score of class i is the sum of its units i/x minus the
    sum of the units y/i.

    It leaves the training open.  Reading: least squares, the sums limited to -1 .. 1 before they
    are added.  Second reading, `directly=False`: that of `Linear`, squashed units by gradient
    descent; it has more errors (on MNIST, learned from the first 50,000 training patterns, 11.2 %
    of the last 10,000, against 9.3 %).

    Args:
        seed, passes, quiet: as `Linear` has them.
        directly: solve the 45 linear systems; seed, passes and quiet then have no effect.
    """

    def __init__(
        self,
        seed: int = 0,
        passes: int = paper.PASSES,
        directly: bool = True,
        quiet: bool = False,
    ) -> None:
        self.seed, self.passes, self.directly, self.quiet = seed, passes, directly, quiet

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        if self.directly:
            self.matrix = solve_pairs(images, labels)
            return
        sums = Full("SUM", self.shape[0] * self.shape[1], len(PAIRS))
        patterns = Pixels(images, labels.astype(np.uint8), "pairwise")
        layers: list[Layer] = [sums, Squash(), OwnUnits("OUTPUT", TARGETS)]
        descend(layers, patterns, self.seed, self.passes, self.quiet)
        self.matrix = sums.matrix

    def score(self, images: NDArray[Any]) -> Array:
        sums = with_bias(pixels(images)) @ self.matrix
        if self.directly:
            units = np.clip(sums, -1, 1)
        else:
            units = paper.SQUASH_A * np.tanh(paper.SQUASH_S * sums)
        scores: Array = units @ TARGETS.T
        return scores

    @property
    def variables(self) -> int:
        return self.matrix.size

    @property
    def multiply_accumulates(self) -> int:
        """The units, and the nine of them that are added for each class."""
        return self.matrix.size + int(np.count_nonzero(TARGETS))


def solve_pairs(images: NDArray[Any], labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """The weights of the 45 units by least squares, (pixels + 1, 45)."""
    size = images[0].size + 1
    grams, sums = np.zeros((paper.CLASSES, size, size)), np.zeros((paper.CLASSES, size))
    for digit in range(paper.CLASSES):
        of_class = np.flatnonzero(labels == digit)
        for block in blocks(len(of_class)):
            x = with_bias(pixels(images[of_class[block]]))
            grams[digit] += x.T @ x
            sums[digit] += x.sum(axis=0)
    units = [solve_ridge(grams[i] + grams[j], sums[i] - sums[j]) for i, j in PAIRS]
    return np.stack(units, axis=1)
