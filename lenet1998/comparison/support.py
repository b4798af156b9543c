"""III-C.11: support vector machines with a polynomial kernel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..files import InputError
from .method import Method, pixels

SHIFTS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))  # of virtual support vectors, in pixels
COST = 10.0
CACHE = 2000  # megabytes of the kernel's rows


class SupportVectors(Method):
    """A support vector machine for each pair of classes, with the kernel (x.y / s + 1)^degree.

    The paper fixes the polynomial kernel and its degree: 4; and 9 with virtual support vectors: a
    machine that learns again from its support vectors and their copies, distorted in the ways that
    do not change the class.

    It leaves the rest open.  Readings: s is the mean of ||x||^2; the cost of a pattern on the wrong
    side is 10; virtual support vectors are shifted by one pixel in four directions; one machine for
    each pair of classes, as scikit-learn has it.

    Args:
        degree: of the kernel.
        virtual: learn again from the shifted support vectors.
        cost: scikit-learn's C.

    Raises:
        InputError: scikit-learn is not installed.
    """

    def __init__(self, degree: int = 4, virtual: bool = False, cost: float = COST) -> None:
        self.degree, self.virtual, self.cost = degree, virtual, cost
        self._machine()

    def _machine(self, scale: float = 1.0) -> Any:
        """An untrained machine of scikit-learn."""
        try:
            from sklearn.svm import SVC
        except ImportError:
            raise InputError(
                "support vectors need scikit-learn: pip install 'lenet1998[comparison]'"
            ) from None
        return SVC(
            C=self.cost, kernel="poly", degree=self.degree, gamma=scale, coef0=1.0, cache_size=CACHE
        )  # fmt: skip

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        present = np.unique(labels)
        if len(present) < 2:
            raise InputError("support vectors need at least two classes in the training images")
        x = pixels(images)
        self.machine = self._machine(1 / float(np.einsum("np,np->n", x, x).mean())).fit(x, labels)
        if self.virtual:
            kept = self.machine.support_
            copies = np.concatenate([shift(images[kept], *by) for by in SHIFTS])
            self.machine.fit(pixels(copies), np.tile(labels[kept], len(SHIFTS)))
        self.present = present

    def score(self, images: NDArray[Any]) -> Array:
        """Votes of the pairs, and within one vote the sum of their margins."""
        found = self.machine.decision_function(pixels(images))
        if found.ndim == 1:  # two classes
            found = np.stack([-found, found], axis=1)
        scores = np.full((len(images), paper.CLASSES), found.min() - 1)
        scores[:, self.present] = found
        return scores

    @property
    def variables(self) -> int:
        """The support vectors, the weights of each in the machines of its class, the biases."""
        machine = self.machine
        return int(
            machine.support_vectors_.size + machine.dual_coef_.size + machine.intercept_.size
        )

    @property
    def multiply_accumulates(self) -> int:
        """The products with the support vectors, and the weighted sums of the kernel."""
        return self.variables


def shift(images: NDArray[Any], down: int, right: int) -> NDArray[Any]:
    """Images (n, height, width) moved by whole pixels; background comes in."""
    out = np.zeros_like(images)
    height, width = images.shape[1:]
    out[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = images[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return out
