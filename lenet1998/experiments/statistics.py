"""What a comparison of networks shows: paired tests, their correction, and effects of factors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array

LEVEL = 0.05  # of significance


def mcnemar(wrong_a: NDArray[np.bool_], wrong_b: NDArray[np.bool_]) -> float:
    """Two-sided p-value of McNemar's exact test that two networks have the same error rate.

    With several seeds the mistakes on a pattern are summed over the seeds, and the sign of each
    pattern's difference is as likely + as -.  The seeds are not counted as further patterns.

    Args:
        wrong_a, wrong_b: (n,) or (seeds, n), whether each network's answer is wrong.
    """
    difference = _differences(wrong_a, wrong_b)
    below = _cumulative(difference)
    # The sum of the positive differences; half of the total is expected.
    positive = int(difference[difference > 0].sum())
    return min(1.0, 2 * float(below[min(positive, len(below) - 1 - positive)]))


def smallest_difference(
    wrong_a: NDArray[np.bool_], wrong_b: NDArray[np.bool_], level: float = LEVEL
) -> float:
    """The smallest difference of the errors, in percentage points, that would be significant.

    It depends on how many patterns the networks answer differently.

    Args:
        wrong_a, wrong_b: as in `mcnemar`.
        level: the p-value that counts as significant.

    Returns:
        NaN where no difference on so few patterns would be significant.
    """
    below = _cumulative(_differences(wrong_a, wrong_b))
    possible = np.diff(below, prepend=0.0) > 0
    enough = np.flatnonzero(possible & (2 * below <= level))
    if not len(enough):
        return math.nan
    return 100.0 * (len(below) - 1 - 2 * int(enough[-1])) / wrong_a.size


def _differences(wrong_a: NDArray[np.bool_], wrong_b: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Mistakes of a minus those of b, summed over the seeds, (n,)."""
    difference = np.atleast_2d(wrong_a).astype(np.intp) - np.atleast_2d(wrong_b)
    summed: NDArray[np.intp] = difference.sum(axis=0)
    return summed


def _cumulative(difference: NDArray[np.intp]) -> Array:
    """The chance that the positive differences sum to at most 0, 1, ... when signs are random."""
    sizes, counts = np.unique(np.abs(difference[difference != 0]), return_counts=True)
    chance: Array = np.ones(1)
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        spaced = np.zeros(size * count + 1)
        spaced[::size] = _binomial(count)
        chance = np.convolve(chance, spaced)
    return np.cumsum(chance)


def _binomial(n: int) -> Array:
    """The chance of 0 .. n heads in n throws of a coin, (n + 1,)."""
    log = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    found: Array = np.exp(np.array(log) - n * math.log(2))
    return found


def holm(p: Sequence[float]) -> list[float]:
    """P-values corrected for their number by Holm's method, in the order given."""
    order = np.argsort(p, kind="stable")
    corrected, largest = [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[i]))
        corrected[i] = largest
    return corrected


@dataclass(frozen=True)
class Effect:
    """The effect of a factor, or of two factors on each other.

    Attributes:
        factors: their indices.
        size: of one factor the mean with it minus the mean without it; of two, half of the
            difference between the effects of the one with and without the other.
        error: standard error of the size; NaN with one seed.
    """

    factors: tuple[int, ...]
    size: float
    error: float


def effects(responses: Array) -> list[Effect]:
    """Main effects and interactions of two factors in a full factorial.

    Args:
        responses: (2, ..., 2, seeds), an axis for each factor, and one for the seeds.  Where one
            is NaN, the mean of the other seeds takes its place, and a degree of freedom is lost.
    """
    factors, seeds = responses.ndim - 1, responses.shape[-1]
    cells, missing = 2**factors, np.isnan(responses)
    if missing.any():
        responses = np.where(missing, np.nanmean(responses, axis=-1, keepdims=True), responses)
    # Residuals once every cell and every seed has its own mean: a seed's luck is not noise.
    residual = responses - responses.mean(axis=-1, keepdims=True)
    residual = residual - residual.mean(axis=tuple(range(factors)))
    freedom = (cells - 1) * (seeds - 1) - int(missing.sum())
    variance = float((residual**2).sum()) / freedom if freedom else math.nan
    error = 2 * math.sqrt(variance / responses.size)
    found = []
    for size in (1, 2):
        for chosen in combinations(range(factors), size):
            sign = np.ones(responses.shape)
            for factor in chosen:
                sign *= np.array([-1.0, 1.0]).reshape(-1, *[1] * (factors - factor))
            found.append(Effect(chosen, 2 * float((sign * responses).mean()), error))
    return found
