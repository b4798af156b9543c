"""III-C.3: the K nearest neighbours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .. import paper
from ..files import InputError

_TEST_BLOCK = 1000  # test images compared at a time
_TRAINING_BLOCK = 5000  # training images that a block of K-NN compares: 20 MB of distances


def nearest(
    train: NDArray[Any], test: NDArray[Any], k: int = paper.NEIGHBOURS, quiet: bool = False
) -> NDArray[np.intp]:
    """The k training images nearest to each test image by Euclidean distance, the nearest first.

    Distances come in blocks of matrix products, ||a - b||^2 / 2 = ||a||^2 / 2 - a.b + ||b||^2 / 2,
    in single precision: images as far away as each other but for a rounding may change places.
    It takes about 60 MB for 28x28 pixels, however many images there are.

    Args:
        train: (n, height, width), numbers of any type.
        test: (m, height, width).
        k: from 1 to n.
        quiet: no progress bar; there is none either where the output is not a terminal.

    Returns:
        Indices into `train`, (m, k).

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
    with tqdm(
        total=len(train) * len(test),
        desc=f"K-NN, {train.shape[1]}x{train.shape[2]}",
        bar_format="{desc}, {remaining} left |{bar}| {percentage:.0f} %",
        disable=quiet or None,
        dynamic_ncols=True,
    ) as bar:
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
                bar.update(distance.size)
    return found


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
