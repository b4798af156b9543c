"""III-C.1: the linear classifier."""

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
from .least_squares import least_squares, with_bias
from .method import Method, blocks, pixels, targets


class Linear(Method):
    """Every pixel contributes to a weighted sum for each class; the highest sum is the answer.

    784 pixels make 7,850 parameters, 400 make 4,010, with the ten biases.

    The paper fixes the sums and says that sigmoid units, gradient descent and directly solved
    linear systems gave similar results.  Reading: it is trained as LeNet-5 is in III-B, as a
    network without hidden layers: the sums are squashed, and the squared error to +1 for the right
    class and -1 for the others (eq. 8) is minimized pattern by pattern, with a step for each
    parameter, in the 20 passes of the schedule.  Second reading, `directly`: plain sums by least
    squares.

    Args:
        seed: of the initial weights, of the order and of the patterns for the curvature.
        passes: with the paper's schedule.
        directly: solve the linear system instead.
        quiet: no progress bars.
    """

    def __init__(
        self,
        seed: int = 0,
        passes: int = paper.PASSES,
        directly: bool = False,
        quiet: bool = False,
    ) -> None:
        self.seed, self.passes, self.directly, self.quiet = seed, passes, directly, quiet

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        if self.directly:
            self.matrix = least_squares(
                (with_bias(pixels(images[block])), targets(labels[block]))
                for block in blocks(len(images))
            )
            return
        height, width = self.shape
        sums = Full("SUM", height * width, paper.CLASSES)
        codes = 2 * np.eye(paper.CLASSES) - 1  # the code nearest to the sums is that of the highest
        patterns = Pixels(images, labels.astype(np.uint8), f"linear, {height}x{width}")
        layers: list[Layer] = [sums, Squash(), RBF("OUTPUT", codes)]
        descend(layers, patterns, self.seed, self.passes, self.quiet)
        self.matrix = sums.matrix

    def score(self, images: NDArray[Any]) -> Array:
        """The weighted sum of each class with its bias, (n, 10)."""
        sums: Array = with_bias(pixels(images)) @ self.matrix
        return sums

    @property
    def variables(self) -> int:
        return self.matrix.size

    @property
    def multiply_accumulates(self) -> int:
        return self.variables
