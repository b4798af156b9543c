"""Ways to read a string that the replicated network is compared with.

Each function makes a reader: the string's text from its sample.  Readers look at the field `x`
alone, except the last two, which are bounds.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.fitting import fitted
from ..data.patterns import Patterns
from ..data.windows import BLANK
from ..network.lenet5 import LeNet5
from .columns import column_penalties
from .reading import decode, read_string
from .samples import Sample

Reader = Callable[[Sample], str]
_FAINT = 0.01  # of black: what rounding leaves of paper


def replicated(network: LeNet5) -> Reader:
    """Section VII: the network over the whole field, the graph, Viterbi."""
    return lambda one: read_string(network, one.x).text


def without_grammar(network: LeNet5) -> Reader:
    """The best class of every column; neighbouring columns of one class are one character."""

    def read(one: Sample) -> str:
        best = column_penalties(network, one.x).argmin(axis=1)
        return "".join(str(digit) for digit, _ in groupby(best) if digit != BLANK)

    return read


def over_the_field(network: LeNet5, blank: float) -> Reader:
    """A network of single digits over the whole field, with the transducer and Viterbi.

    Args:
        network: with the ten codes of the digits.
        blank: penalty of a column without a character, since the network has no such class.
    """

    def read(one: Sample) -> str:
        digits = column_penalties(network, one.x)
        return decode(np.pad(digits, ((0, 0), (0, 1)), constant_values=blank)).text

    return read


def cut_apart(network: LeNet5) -> Reader:
    """Cut at empty columns; each piece is prepared as III-A does and read as one digit.

    Args:
        network: with the ten codes of the digits.
    """

    def read(one: Sample) -> str:
        pieces = pieces_of(one.x[0, :, :, 0] - paper.BACKGROUND)
        if not pieces:
            return ""
        return _text(network.predict(np.stack([fitted(piece) for piece in pieces])))

    return read


def pieces_of(ink: Array) -> list[Array]:
    """The pieces of a field between its empty columns, from left to right.

    Args:
        ink: (32, width), 0 where there is paper.
    """
    inked = np.pad((ink > _FAINT).any(axis=0), 1).astype(np.int8)
    first, end = (np.flatnonzero(np.diff(inked) == step) for step in (1, -1))
    return [np.maximum(ink[:, a:b], 0.0).astype(float) for a, b in zip(first, end, strict=True)]


def at_the_middles(network: LeNet5) -> Reader:
    """The windows around the true middles of the characters, each read as one digit."""
    half = paper.INPUT_SIZE // 2

    def read(one: Sample) -> str:
        windows = [one.x[0, :, middle - half : middle + half] for middle in one.middles]
        return _text(network.predict(np.stack(windows)))

    return read


def one_by_one(network: LeNet5, patterns: Patterns) -> Reader:
    """Each character alone, as it was before the string was made: the bound of what can be had.

    Args:
        network: with the ten codes of the digits.
        patterns: that the strings were made of.
    """
    answers = network.predict(patterns.images)
    return lambda one: _text(answers[one.shown])


def _text(answers: Sequence[int] | Array) -> str:
    return "".join(map(str, answers))
