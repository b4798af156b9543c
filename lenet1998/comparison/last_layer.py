"""III-C.8: the last layer of a network, replaced by nearest neighbours or local learning."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..network.lenet5 import LeNet5
from .method import Method, blocks, targets
from .neighbours import Neighbours, closest
from .trained import last_states, states

LOCAL = 200  # neighbours that a local classifier learns from
RIDGE = 0.1
_TEST_BLOCK = 100


class LastLayer(Method):
    """What a network's last layer reads, stored for all training patterns.

    The paper replaces "the last layer of LeNet-4".  Readings: the vectors are the states that this
    layer reads, the 120 units of C5; of LeNet-5, whose last layer are the codes, the 84 of F6.
    Figure 12 counts 24 million variables, 400 for each training pattern, as S4 would have them:
    `layer="S4"`.

    Args:
        network: trained; it reads images of 28x28 pixels.
        layer: whose states are compared; default: those that the last layer reads.
        quiet: no progress bar.
    """

    def __init__(self, network: LeNet5, layer: str = "", quiet: bool = False) -> None:
        self.network, self.layer, self.quiet = network, layer or last_states(network), quiet

    def read(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """The vectors (n, units) of images."""
        return states(self.network, images, self.layer)

    def below(self) -> tuple[int, int]:
        """Connections and parameters up to the layer whose states are compared."""
        names = list(self.network.count())
        kept = names[: names.index(self.layer) + 1]
        counts = [self.network.count()[name] for name in kept]
        return sum(c.connections for c in counts), sum(c.parameters for c in counts)


class LastLayerNeighbours(LastLayer):
    """The K nearest neighbours among the states: `Neighbours` on them, with its readings."""

    def __init__(
        self, network: LeNet5, layer: str = "", k: int = paper.NEIGHBOURS, quiet: bool = False
    ) -> None:
        super().__init__(network, layer, quiet)
        self.neighbours = Neighbours(k)

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        self.neighbours.learn(self.read(images)[:, None], labels)

    def score(self, images: NDArray[Any]) -> Array:
        return self.neighbours.score(self.read(images)[:, None])

    @property
    def variables(self) -> int:
        """The states of all training patterns, and the parameters below them."""
        return self.neighbours.variables + self.below()[1]

    @property
    def multiply_accumulates(self) -> int:
        return self.neighbours.multiply_accumulates + self.below()[0]


class Local(LastLayer):
    """Local learning: for each test pattern a linear classifier learns from its neighbours.

    The paper fixes the method, Bottou and Vapnik's, and leaves the rest open.  Readings: the
    classifier learns from the 200 nearest states, ten sums with the targets +1 and -1 by least
    squares.  With x the state of the test pattern and u_i = x_i - x,

        minimize  sum_i ||W u_i + b - t_i||^2 + r ||W||^2,   r = ridge * mean ||u_i||^2,

    so that the sums of the test pattern are b alone.

    Args:
        network, layer, quiet: as `LastLayer` has them.
        count: number of neighbours, or all patterns if there are fewer.
        ridge: see above.
    """

    def __init__(
        self,
        network: LeNet5,
        layer: str = "",
        count: int = LOCAL,
        ridge: float = RIDGE,
        quiet: bool = False,
    ) -> None:
        super().__init__(network, layer, quiet)
        self.count, self.ridge = count, ridge

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        self.known, self.targets = self.read(images), targets(labels)
        self.used = min(self.count, len(images))

    def score(self, images: NDArray[Any]) -> Array:
        scores = np.empty((len(images), paper.CLASSES))
        for block in blocks(len(images), _TEST_BLOCK):
            x = self.read(images[block])
            near = closest(self.known, x, self.used)
            u = self.known[near].astype(np.float64) - x[:, None]
            scores[block] = local_sums(u, self.targets[near], self.ridge)
        return scores

    @property
    def variables(self) -> int:
        """The states and the classes of all training patterns, and the parameters below them."""
        return int(self.known.size) + len(self.known) + self.below()[1]

    @property
    def multiply_accumulates(self) -> int:
        """The distances, and the products of the neighbours and the solution of their equations."""
        k = self.used
        local = k * k * self.known.shape[1] + k**3 // 3 + k * k * (paper.CLASSES + 1)
        return int(self.known.size) + int(local) + self.below()[0]


def local_sums(u: Array, targets: Array, ridge: float) -> Array:
    """The sums b (n, classes) of n local classifiers, by the equations of their neighbours.

    With A = u u^T + r I, b is the mean of the targets weighted by A^-1 1.

    Args:
        u: neighbours minus the test pattern, (n, k, units).
        targets: (n, k, classes).
        ridge: r as a share of the mean squared length of u.
    """
    products = u @ u.transpose(0, 2, 1)
    mean = np.trace(products, axis1=1, axis2=2) / u.shape[1]
    damping = ridge * np.where(mean > 0, mean, 1)
    products += damping[:, None, None] * np.eye(u.shape[1])
    weights = np.linalg.solve(products, np.ones((*u.shape[:2], 1)))
    sums: Array = (weights.transpose(0, 2, 1) @ targets)[:, 0] / weights.sum(axis=1)
    return sums
