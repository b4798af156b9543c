"""Section VII-A: the string that a network reads from columns of penalties."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..data.windows import BLANK
from ..files import InputError
from ..network.network import Network
from .columns import column_penalties
from .graph import any_string, string_posterior, viterbi

CONFIDENCE = 0.9  # probability of a string below which it is rejected
WORST = 55.0  # largest penalty of a digit's best column, eq. 7: above it there is no digit


@dataclass(frozen=True)
class Character:
    """A character of a string that was read.

    Attributes:
        digit: 0 to 9.
        first, last: its columns of outputs; column k is centred on pixel 16 + 4 k.
        penalty: sum of its columns' penalties, eq. 7.
    """

    digit: int
    first: int
    last: int
    penalty: float


@dataclass(frozen=True)
class Reading:
    """What a network makes of a string.

    Attributes:
        characters: from left to right.
        penalty: of the best path: the sum over all columns, eq. 7.
        path: class of every column, `BLANK` where there is no character, (columns,).
        penalties: eq. 7 of every column and class, (columns, 11).
    """

    characters: tuple[Character, ...]
    penalty: float
    path: NDArray[np.intp]
    penalties: Array

    @property
    def text(self) -> str:
        """The digits as text; empty where there is none."""
        return "".join(str(character.digit) for character in self.characters)

    @cached_property
    def confidence(self) -> float:
        """Posterior probability of the string, exp(-E) of eq. 17, from 0 to 1.

        It is small where another string has a penalty almost as small.
        """
        # The criterion halves the penalties, and so does the posterior that belongs to it.
        scaled = paper.PENALTY_SCALE * self.penalties
        return string_posterior(scaled, [character.digit for character in self.characters])

    @property
    def worst(self) -> float:
        """The largest penalty of a character at its best column; 0 for an empty string.

        It is large where something is not a digit at all.
        """
        best = (self.penalties[c.first : c.last + 1, c.digit].min() for c in self.characters)
        return float(max(best, default=0.0))


def is_rejected(reading: Reading, below: float) -> bool:
    """Whether a string is doubtful: improbable, far from every digit, or empty."""
    return not reading.text or reading.confidence < below or reading.worst > WORST


def decode(penalties: Array) -> Reading:
    """Read a string from its columns of penalties.

    Args:
        penalties: eq. 7 of every column, (columns, 11), the blank's last.

    Raises:
        InputError: another shape, or penalties that are not finite.
    """
    if penalties.ndim != 2 or penalties.shape[1] != BLANK + 1 or not len(penalties):
        raise InputError(
            f"penalties are {penalties.shape}, expected (columns, {BLANK + 1}): use a network that "
            "learned strings, such as the weights 'strings'"
        )
    if not np.isfinite(penalties).all():
        raise InputError("the penalties are not finite: weights of a network that diverged?")
    path, total = viterbi(penalties, any_string())
    return Reading(_characters(path, penalties), total, path, penalties)


def read_string(network: Network, x: Array) -> Reading:
    """Read a field with a string of digits.

    Args:
        network: one that learned strings.
        x: the field as `column_penalties` takes it, (32, width), -0.1 to 1.175.

    Raises:
        InputError: as `column_penalties` and `decode`.
    """
    return decode(column_penalties(network, x))


def _characters(path: NDArray[np.intp], penalties: Array) -> tuple[Character, ...]:
    """The characters of a path: its runs of one digit."""
    found = []
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    for first, end in zip(starts, [*starts[1:], len(path)], strict=True):
        digit = int(path[first])
        if digit != BLANK:
            total = float(penalties[first:end, digit].sum())
            found.append(Character(digit, int(first), int(end) - 1, total))
    return tuple(found)
