"""III-C.2: the K nearest neighbours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..files import InputError
from .method import Method

_TEST_BLOCK = 1000  # test images compared at a time
_TRAINING_BLOCK = 5000  # training images that a block of K-NN compares: 20 MB of distances


class Neighbours(Method):
    """The class that most of the nearest training images have.

    The paper fixes the Euclidean distance between the images and, with its deslanted result, that
    k is 3.

    It leaves open how a tie is decided and, for figure 10, how doubtful an answer is.  Readings:
    the nearest neighbour decides a tie.  The score of a class is its number of votes minus the
    distance to its nearest image, as a share of the largest of these ten distances.

    Args:
        k: number of neighbours.
        quiet: no progress bar.
    """

    def __init__(self, k: int = paper.NEIGHBOURS, quiet: bool = False) -> None:
        self.k, self.quiet = k, quiet

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        if not 1 <= self.k <= len(images):
            raise InputError(f"k is {self.k}: expected 1 to the {len(images)} training images")
        self.classes = [images[labels == digit] for digit in range(paper.CLASSES)]

    def score(self, images: NDArray[Any]) -> Array:
        # Squared distances to the k nearest of each class, (n, 10, k).
        near = np.full((len(images), paper.CLASSES, self.k), np.inf)
        for digit, known in enumerate(self.classes):
            k = min(self.k, len(known))
            if k:
                near[:, digit, :k] = nearest_distances(known, images, k)[1]
        furthest = np.partition(near.reshape(len(near), -1), self.k - 1)[:, self.k - 1]
        votes = np.zeros(near.shape[:2])
        left = np.full(len(near), self.k)
        for strict in (True, False):  # at the distance of the k-th, earlier classes count first
            for digit in range(paper.CLASSES):
                edge = furthest[:, None]
                there = near[:, digit] < edge if strict else near[:, digit] == edge
                given = np.minimum(there.sum(axis=1), left)
                votes[:, digit] += given
                left -= given
        first = np.sqrt(near[:, :, 0])
        largest = np.where(np.isfinite(first), first, 0).max(axis=1, keepdims=True)
        share = np.minimum(first / np.where(largest > 0, largest, 1), 1)
        scores: Array = votes - share
        return scores

    @property
    def variables(self) -> int:
        """The pixels of all training images."""
        return sum(images.size for images in self.classes)

    @property
    def multiply_accumulates(self) -> int:
        """One for each pixel of each training image."""
        return self.variables


def nearest(train: NDArray[Any], test: NDArray[Any], k: int = paper.NEIGHBOURS) -> NDArray[np.intp]:
    """The k training images nearest to each test image, (m, k); see `nearest_distances`."""
    return nearest_distances(train, test, k)[0]


def nearest_distances(
    train: NDArray[Any], test: NDArray[Any], k: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The k training images nearest to each test image by Euclidean distance, the nearest first.

    Distances come in blocks of matrix products, ||a - b||^2 / 2 = ||a||^2 / 2 - a.b + ||b||^2 / 2,
    in single precision: images as far away as each other but for a rounding may change places.
    It takes about 60 MB for 28x28 pixels, however many images there are.

    Args:
        train: (n, height, width), numbers of any type.
        test: (m, height, width).
        k: from 1 to n.

    Returns:
        Indices into `train` (m, k), and the squared distances (m, k).

    Raises:
        InputError: sizes that differ, or k out of range.
    """
    if train.ndim != 3 or train.shape[1:] != test.shape[1:]:
        raise InputError(
            f"images are {train.shape} and {test.shape}, expected (n, height, width) of one size"
        )
    if not 1 <= k <= len(train):
        raise InputError(f"k is {k}: expected 1 to the {len(train)} training images")
    asked = test.reshape(len(test), -1)
    found = np.zeros((len(test), k), np.intp)
    distances = np.full((len(test), k), np.inf, np.float32)
    for first in range(0, len(train), _TRAINING_BLOCK):
        known = train[first : first + _TRAINING_BLOCK]
        a = known.reshape(len(known), -1).astype(np.float32)
        half = np.einsum("np,np->n", a, a) / 2
        for start in range(0, len(test), _TEST_BLOCK):
            block = slice(start, start + _TEST_BLOCK)
            b = asked[block].astype(np.float32)
            distance = b @ a.T
            np.subtract(half, distance, out=distance)  # ||b||^2 / 2 is the same for all
            _merge(found[block], distances[block], distance, first)
    for start in range(0, len(test), _TEST_BLOCK):
        block = slice(start, start + _TEST_BLOCK)
        distances[block] += (asked[block].astype(np.float32) ** 2).sum(axis=1)[:, None] / 2
    return found, np.maximum(2 * distances, 0)


def closest(known: Array, asked: Array, count: int) -> NDArray[np.intp]:
    """The `count` vectors of `known` nearest to each of `asked`, in no order, (m, count).

    Args:
        known: (n, d), n at least `count`.
        asked: (m, d); all distances, m x n, are in memory.
    """
    distance = np.einsum("nd,nd->n", known, known) / 2 - asked @ known.T
    near: NDArray[np.intp] = np.argpartition(distance, count - 1, axis=1)[:, :count]
    return near


def _merge(
    found: NDArray[np.intp],
    distances: NDArray[np.float32],
    distance: NDArray[np.float32],
    first: int,
) -> None:
    """Bring the k nearest up to date, in place, with a block whose first image has index `first`.

    Of equal distances the earlier image counts as nearer.  `distance` is used up.
    """
    k, rows = found.shape[1], np.arange(len(found))
    indices, values = [found.copy()], [distances.copy()]
    for _ in range(min(k, distance.shape[1])):  # k is small: quicker than sorting
        here = distance.argmin(axis=1)
        indices.append(here[:, None] + first)
        values.append(distance[rows, here][:, None])
        distance[rows, here] = np.inf
    index, value = np.hstack(indices), np.hstack(values)
    best = value.argsort(axis=1, kind="stable")[:, :k]
    found[:] = np.take_along_axis(index, best, axis=1)
    distances[:] = np.take_along_axis(value, best, axis=1)


def vote(labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """The class that most of the neighbours have, (m,); reading: the nearest one decides a tie.

    Args:
        labels: of the neighbours, nearest first, (m, k).
    """
    labels = labels.astype(np.intp)
    votes = (labels[:, :, None] == labels[:, None, :]).sum(axis=2)  # for each neighbour's class
    winners: NDArray[np.intp] = labels[np.arange(len(labels)), votes.argmax(axis=1)]
    return winners
