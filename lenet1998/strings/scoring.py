"""How well strings are read: whole strings, edits, and how sure these numbers are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Array
from .samples import Sample


def edits(read: str, right: str) -> int:
    """The fewest insertions, deletions and replacements that turn one text into the other."""
    distance = list(range(len(right) + 1))
    for i, a in enumerate(read, start=1):
        diagonal, distance[0] = distance[0], i
        for j, b in enumerate(right, start=1):
            replaced = diagonal + (a != b)
            diagonal = distance[j]
            distance[j] = min(replaced, distance[j] + 1, distance[j - 1] + 1)
    return distance[-1]


@dataclass(frozen=True)
class Score:
    """How well strings were read.

    Attributes:
        right: whole strings that were read right, percent.
        right_range: 95 % bounds of `right`, from the bootstrap over strings.
        edits: edits for 100 characters.
        edits_range: 95 % bounds of `edits`.
        strings: number of strings.
    """

    right: float
    right_range: tuple[float, float]
    edits: float
    edits_range: tuple[float, float]
    strings: int


def score(samples: Sequence[Sample], read: Callable[[Sample], str], resamples: int = 2000) -> Score:
    """Read every string and count.

    Args:
        read: the reader under test, a string's text from its sample; it may look at nothing but
            the input `x`, except where the bound of known places is measured.
        resamples: of the bootstrap.
    """
    counts = np.array(
        [(edits(text := read(one), one.text), text == one.text, len(one.text)) for one in samples]
    )
    chosen = np.random.default_rng(0).integers(0, len(counts), (resamples, len(counts)))
    again = counts[chosen].sum(axis=1)
    return Score(
        *_percent(counts[:, 1].sum(), len(counts), again[:, 1], np.full(resamples, len(counts))),
        *_percent(counts[:, 0].sum(), counts[:, 2].sum(), again[:, 0], again[:, 2]),
        len(counts),
    )


def _percent(
    part: int, whole: int, parts: Array, wholes: Array
) -> tuple[float, tuple[float, float]]:
    """A share in percent, and its bounds from the resampled shares."""
    low, high = np.percentile(100 * parts / wholes, [2.5, 97.5])
    return 100 * part / whole, (float(low), float(high))
