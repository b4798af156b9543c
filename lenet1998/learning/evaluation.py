"""Errors, confusions and rejections of a network on patterns that it is not trained on."""

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..data.patterns import PatternSource
from ..files import InputError
from ..network.network import Network

BLOCK = 200  # patterns normalised at a time


def penalties(network: Network, patterns: PatternSource) -> Array:
    """The penalties of eq. 7 for every pattern, (n, classes).

    Raises:
        InputError: a penalty is not finite.
    """
    y = np.empty((len(patterns), network.classes), network.dtype)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):  # checked below
        for start in range(0, len(patterns), BLOCK):
            index = np.arange(start, min(start + BLOCK, len(patterns)))
            y[index] = network.outputs(patterns.x(index, network.dtype)).reshape(len(index), -1)
    if not np.isfinite(y).all():
        raise InputError("the penalties are not finite: weights of a network that diverged?")
    return y


def answers(network: Network, patterns: PatternSource) -> NDArray[np.intp]:
    """The class with the smallest penalty for every pattern, (n,)."""
    classes: NDArray[np.intp] = penalties(network, patterns).argmin(axis=1)
    return classes


def error_percent(network: Network, patterns: PatternSource) -> float:
    """Wrong answers, in percent of all patterns."""
    return 100.0 * float(np.mean(answers(network, patterns) != patterns.labels))


def confusion(answers: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """Number of patterns by right class (row) and answer (column), (10, 10)."""
    matrix = np.zeros((paper.CLASSES, paper.CLASSES), np.intp)
    np.add.at(matrix, (labels, answers), 1)
    return matrix


def margins(penalties: Array) -> Array:
    """The score of figure 10: second smallest minus smallest penalty, (n, 10) -> (n,)."""
    two = np.partition(penalties, 1, axis=1)
    margin: Array = two[:, 1] - two[:, 0]
    return margin


def rejection(margins: Array, wrong: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Error against rejection (figure 10): patterns with the smallest margins are rejected first.

    Args:
        margins: (n,).
        wrong: (n,) whether the answer is wrong.

    Returns:
        Percent rejected (n,), percent of errors among the others (n,), and the smallest margin
        (n,) among the others; the first entry rejects none.
    """
    n = len(margins)
    order = np.argsort(margins, kind="stable")
    kept_wrong = wrong.sum() - np.concatenate(([0], np.cumsum(wrong[order])[:-1]))
    rejected = np.arange(n)
    return 100.0 * rejected / n, 100.0 * kept_wrong / (n - rejected), margins[order]


def smallest_rejection(
    rejected_percent: Array, error_percent: Array, at_most: float = paper.REJECTION_ERROR
) -> int | None:
    """Index of the smallest rejection with an error of at most `at_most`; None when none has."""
    enough = np.flatnonzero(error_percent <= at_most)
    return int(enough[0]) if len(enough) else None
