"""Section VII-D: a network swept over a page in both directions, at several scales, finds digits.

A network that reads strings says for every window of 32x32 pixels which digit is in its middle, or
that there is none.  Over a larger field it does so for a window every 4 pixels down and across; the
windows share nearly all states.  The page is scaled so that digits of one height become 20 pixels
high, as the network has learned them, once for each height.  Of the windows that answer with a
digit the best one is kept, then the best one of those that do not overlap it, and so on.

The paper sketches this for faces, with scales that are powers of two, and gives no numbers for
digits.  All constants below are readings, chosen on pages of training digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.fitting import resampling_matrix
from ..data.windows import BLANK
from ..files import InputError
from ..network.network import Network

TILE = 16  # windows down and across that are computed at a time: the states stay small
SMALLEST = 12.0  # pixels: the smallest height of a digit that is looked for
MOST_ACROSS = 80  # on larger pages, a digit is at least the longest side divided by this
STEP = 2 ** (1 / 3)  # from one height to the next
WORST = 20.0  # largest penalty, with the charge for ink above and below, of a digit that is kept
EDGE = 3  # rows at the upper and at the lower end of a window, where a digit alone has no ink
CHARGE = 3.0  # added to a penalty for each pixel of ink in these rows: windows teach nothing there
OVERLAP = 0.4  # part of the smaller box; of two digits that share more, one is kept
_HALF = paper.INPUT_SIZE // 2
_MIDDLE = 0.5  # pixels: MNIST's digits have their centre of mass in the middle of a pixel (III-A)


@dataclass(frozen=True)
class Digit:
    """A digit that was found on a page.

    Attributes:
        digit: 0 to 9.
        penalty: eq. 7 of its window.
        scale: of the page when it was found; the digit's box has 20 pixels there.
        row, column: its middle on the page, in pixels from the upper left corner.
    """

    digit: int
    penalty: float
    scale: float
    row: float
    column: float

    @property
    def height(self) -> float:
        """Side of its box on the page, in pixels: that of III-A's box of 20x20."""
        return paper.BOX_SIZE / self.scale

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Top, left, bottom, right on the page, in pixels; it may reach over the page's edge."""
        half = self.height / 2
        return self.row - half, self.column - half, self.row + half, self.column + half


def field_penalties(network: Network, x: Array) -> Array:
    """The penalties of eq. 7 of every window of a field, one every 4 pixels down and across.

    Tiles of the field are computed one after the other, and empty ones once.

    Args:
        network: any network for 32x32 pixels.
        x: (height, width), both 32 or more, -0.1 to 1.175.

    Returns:
        (rows, columns, classes) with rows = (height - 32) / 4 + 1, rounded down.

    Raises:
        InputError: a smaller field.
    """
    size, stride = paper.INPUT_SIZE, paper.COLUMN_STRIDE
    if x.ndim != 2 or min(x.shape) < size:
        raise InputError(f"the field is {x.shape}, expected at least {size} rows and columns")
    rows, columns = ((side - size) // stride + 1 for side in x.shape)
    side = size + (TILE - 1) * stride
    tile = np.full((1, side, side, 1), paper.BACKGROUND, network.dtype)
    empty = network.forward(tile)[0].copy()
    found = np.empty((rows, columns, empty.shape[-1]), network.dtype)
    for top in range(0, rows, TILE):
        for left in range(0, columns, TILE):
            place = found[top : top + TILE, left : left + TILE]
            piece = x[stride * top :, stride * left :][:side, :side]
            outputs = empty
            if (piece != network.dtype.type(paper.BACKGROUND)).any():
                tile[...] = paper.BACKGROUND
                tile[0, : piece.shape[0], : piece.shape[1], 0] = piece
                outputs = network.forward(tile)[0]
            place[...] = outputs[: place.shape[0], : place.shape[1]]
    return found


def heights(shape: tuple[int, ...], smallest: float = 0.0) -> list[float]:
    """The heights of digits that are looked for on a page, in its pixels, the smallest first.

    Args:
        shape: rows and columns of the page.
        smallest: height; 0: `SMALLEST`, or more on a page of more than 960 pixels.
    """
    first = smallest or max(SMALLEST, max(shape) / MOST_ACROSS)
    count = int(np.log(max(min(shape) / first, 1)) / np.log(STEP) + 1e-9) + 1
    return [first * STEP**i for i in range(count)]


def find_digits(network: Network, ink: Array, smallest: float = 0.0) -> list[Digit]:
    """The digits of a page, line by line from left to right.

    Args:
        network: one that learned strings.
        ink: the page (h, w), 0 where there is paper, 1 for the strongest ink.
        smallest: as in `heights`.

    Raises:
        InputError: a page of another shape or with numbers that are not finite; a network of other
            classes, or that diverged.
    """
    if ink.ndim != 2 or not ink.size or not np.isfinite(ink).all():
        raise InputError(f"the page is {ink.shape}, expected finite ink (h, w)")
    if network.classes != BLANK + 1:
        raise InputError(
            f"a network of {network.classes} classes finds no digits: use one that learned "
            "strings, such as the weights 'strings'"
        )
    parts = [_candidates(network, ink, height) for height in heights(ink.shape, smallest)]
    found = np.concatenate(parts)
    kept = found[suppressed(found)]
    digits = [Digit(int(d), float(p), float(s), float(y), float(x)) for _, d, p, s, y, x in kept]
    return in_reading_order(digits)


def _candidates(network: Network, ink: Array, height: float) -> Array:
    """The windows that answer with a digit of this height: (n, 6) for `suppressed`.

    The columns are the charged penalty, the digit, its penalty, the scale, and row and column of
    the middle on the page.
    """
    scale = paper.BOX_SIZE / height
    down, across = (resampling_matrix(n, scale) for n in ink.shape)
    scaled = np.pad(down @ ink @ across.T, _HALF)
    levels = paper.BACKGROUND + (paper.FOREGROUND - paper.BACKGROUND) * scaled
    penalties = field_penalties(network, levels.astype(network.dtype))[..., : paper.CLASSES]
    if not np.isfinite(penalties).all():
        raise InputError("the penalties are not finite: weights of a network that diverged?")
    least = penalties.min(axis=-1).astype(float)
    charged = least + CHARGE * _ink_at_the_ends(scaled, least.shape)
    rows, columns = np.nonzero(charged <= WORST)
    places = [(paper.COLUMN_STRIDE * at + _MIDDLE) / scale for at in (rows, columns)]
    answers = penalties[rows, columns].argmin(axis=-1)
    ours = charged[rows, columns], answers, least[rows, columns], np.full(len(rows), scale)
    return np.stack([*ours, *places], axis=1)


def _ink_at_the_ends(scaled: Array, shape: tuple[int, ...]) -> Array:
    """Ink in the first and last rows of every window, in pixels: (rows, columns)."""
    size, stride = paper.INPUT_SIZE, paper.COLUMN_STRIDE
    sums = np.pad(scaled.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    across = sums[:, size::stride] - sums[:, :-size:stride]
    across = across[:, : shape[1]]
    ends = np.zeros(shape)
    for first in (0, size - EDGE):
        upper, lower = (across[first + more :: stride][: shape[0]] for more in (0, EDGE))
        ends += lower - upper
    return ends


def suppressed(candidates: Array) -> list[int]:
    """Non-maximum suppression: the candidates that no better one overlaps, the best first.

    Two candidates overlap where their boxes share more than `OVERLAP` of the smaller one.

    Args:
        candidates: (n, 6), penalty first, and in the last three columns scale, row and column.
    """
    scale, row, column = candidates[:, 3:].T
    half = paper.BOX_SIZE / 2 / scale
    order = np.argsort(candidates[:, 0], kind="stable")
    kept = []
    while len(order):
        best, order = int(order[0]), order[1:]
        kept.append(best)
        shared = overlap(row[order] - row[best], half[order], half[best])
        shared = shared * overlap(column[order] - column[best], half[order], half[best])
        smaller = (2 * np.minimum(half[order], half[best])) ** 2
        order = order[shared <= OVERLAP * smaller]
    return kept


def overlap(distance: Array, half: Array, other: Array) -> Array:
    """Length that two intervals share, given the distance of their middles and half lengths."""
    shared: Array = np.minimum(half + other - np.abs(distance), 2 * np.minimum(half, other))
    return np.maximum(shared, 0.0)


def in_reading_order(digits: Sequence[Digit]) -> list[Digit]:
    """Line by line from left to right.

    A line begins with the highest middle that is left, and holds those that are lower by at most
    half the height of its first digit.
    """
    left, ordered = sorted(digits, key=lambda one: one.row), list[Digit]()
    while left:
        limit = left[0].row + left[0].height / 2
        line = [one for one in left if one.row <= limit]
        ordered += sorted(line, key=lambda one: one.column)
        left = left[len(line) :]
    return ordered
