"""What a network gets right and wrong on patterns that it does not learn from."""

import math

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..data.patterns import Patterns
from ..network.lenet5 import LeNet5


def penalties(network: LeNet5, patterns: Patterns) -> Array:
    """The penalties of eq. 7 for every pattern, (n, 10)."""
    found = np.empty((len(patterns), paper.CLASSES), network.dtype)
    for start in range(0, len(patterns), network.BLOCK):
        block = slice(start, start + network.BLOCK)
        found[block] = network.penalties(patterns.x(block, network.dtype))
    return found


def answers(network: LeNet5, patterns: Patterns) -> NDArray[np.intp]:
    """The class with the smallest penalty for every pattern, (n,)."""
    classes: NDArray[np.intp] = penalties(network, patterns).argmin(axis=1)
    return classes


def error_percent(network: LeNet5, patterns: Patterns) -> float:
    """Share of wrong answers in percent."""
    return 100.0 * float(np.mean(answers(network, patterns) != patterns.labels))


def confusion(answers: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """How often each class got each answer: (10, 10), row = right class, column = answer."""
    matrix = np.zeros((paper.CLASSES, paper.CLASSES), np.intp)
    np.add.at(matrix, (labels, answers), 1)
    return matrix


def margins(penalties: Array) -> Array:
    """The score of figure 10: second smallest minus smallest penalty, (n, 10) -> (n,)."""
    two = np.partition(penalties, 1, axis=1)
    margin: Array = two[:, 1] - two[:, 0]
    return margin


def rejection(margins: Array, wrong: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Error against rejection (figure 10): patterns are rejected from the smallest margin on.

    Args:
        margins: (n,).
        wrong: (n,) whether the answer is wrong.

    Returns:
        Percent rejected (n,), percent of errors among those kept (n,), and the margin (n,) that
        just is kept; the first entry rejects none.
    """
    n = len(margins)
    order = np.argsort(margins, kind="stable")
    kept_wrong = wrong.sum() - np.concatenate(([0], np.cumsum(wrong[order])[:-1]))
    rejected = np.arange(n)
    return 100.0 * rejected / n, 100.0 * kept_wrong / (n - rejected), margins[order]


def smallest_rejection(
    rejected_percent: Array, error_percent: Array, at_most: float = paper.REJECTION_ERROR
) -> int | None:
    """Place in the curve of the smallest rejection with at most so much error; None: none has."""
    enough = np.flatnonzero(error_percent <= at_most)
    return int(enough[0]) if len(enough) else None


def mcnemar(wrong_a: NDArray[np.bool_], wrong_b: NDArray[np.bool_]) -> float:
    """Two-sided p of McNemar's exact test: do two networks err alike on the same patterns?

    Args:
        wrong_a, wrong_b: (n,) whether each network's answer is wrong.
    """
    b, c = int((wrong_a & ~wrong_b).sum()), int((wrong_b & ~wrong_a).sum())
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1))
    return min(1.0, float(2 * tail / 2 ** (b + c)))
