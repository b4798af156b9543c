"""III-C.11: support vector machines with a polynomial kernel."""

from itertools import combinations
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
    """A support vector machine for each pair of classes, with the kernel (x.y + offset)^degree.

    The paper fixes the polynomial kernel and its degree: 4; and 9 with virtual support vectors: a
    machine that learns again from its support vectors and their copies, distorted in the ways that
    do not change the class.

    It leaves the rest open.  Readings: each pattern is divided by its length; the offset is 0 for
    degree 4 and 1 for degree 9; the cost of a pattern on the wrong side is 10; virtual support
    vectors are shifted by one pixel in four directions; one machine for each pair of classes.  The
    score of a class is its smallest margin over another class.

    Args:
        degree: of the kernel.
        virtual: learn again from the shifted support vectors.
        offset: of the kernel.
        cost: scikit-learn's C.

    Raises:
        InputError: scikit-learn is not installed; or, by `fit`, fewer than two classes.
    """

    def __init__(
        self, degree: int = 4, virtual: bool = False, offset: float = 0.0, cost: float = COST
    ) -> None:
        self.degree, self.virtual, self.offset, self.cost = degree, virtual, offset, cost
        self._machine()

    def _machine(self) -> Any:
        """An untrained machine of scikit-learn."""
        try:
            from sklearn.svm import SVC
        except ImportError:
            raise InputError(
                "support vectors need scikit-learn: pip install 'lenet1998[comparison]'"
            ) from None
        return SVC(
            C=self.cost, kernel="poly", degree=self.degree, gamma=1.0, coef0=self.offset,
            cache_size=CACHE, decision_function_shape="ovo",
        )  # fmt: skip

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        present = np.unique(labels)
        if len(present) < 2:
            raise InputError("support vectors need at least two classes in the training images")
        self.machine = self._machine().fit(of_length_1(images), labels)
        if self.virtual:
            kept = self.machine.support_
            copies = np.concatenate([shift(images[kept], *by) for by in SHIFTS])
            self.machine.fit(of_length_1(copies), np.tile(labels[kept], len(SHIFTS)))
        self.present = present

    def score(self, images: NDArray[Any]) -> Array:
        """The smallest margin of each class over another, (n, 10)."""
        found = self.machine.decision_function(of_length_1(images))
        smallest = np.full((len(images), len(self.present)), np.inf)
        if found.ndim == 1:  # two classes; positive is the second
            found = -found[:, None]
        pairs = combinations(range(len(self.present)), 2)
        for margin, (first, second) in zip(found.T, pairs, strict=True):
            np.minimum(smallest[:, first], margin, out=smallest[:, first])
            np.minimum(smallest[:, second], -margin, out=smallest[:, second])
        scores = np.full((len(images), paper.CLASSES), smallest.min() - 1)
        scores[:, self.present] = smallest
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


def of_length_1(images: NDArray[Any]) -> NDArray[np.float32]:
    """Images as vectors (n, pixels), each divided by its length."""
    x = pixels(images)
    found: NDArray[np.float32] = x / np.linalg.norm(x, axis=1, keepdims=True)
    return found


def shift(images: NDArray[Any], down: int, right: int) -> NDArray[Any]:
    """Images (n, height, width) moved by whole pixels; background comes in."""
    out = np.zeros_like(images)
    height, width = images.shape[1:]
    out[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = images[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return out
