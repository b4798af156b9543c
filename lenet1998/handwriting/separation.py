"""Tell the digits of a picture apart, and remove the lines of a ruled page.

Ink is an array (h, w), 0 where there is paper.
"""

import numpy as np
from numpy.typing import NDArray

from ..files import InputError

Ink = NDArray[np.float64]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]  # top, left, bottom, right; the last two are beyond the end

SIDE = 500  # pixels of the mask in which marks are told apart
LEAST_SIDE = 100  # pixels; in smaller pictures a stroke is as thin as the line of a page
SLOPES = np.linspace(-0.06, 0.06, 25)  # of the lines of a page, pixels per pixel
RULE_LENGTH = 0.7  # part of the picture's side that a line covers at least
RULE_WIDTH = 0.02  # part of the picture's side that a line is wide at most
MOST_MARKS = 2000  # connected pieces of ink; a photograph of something else has more
MOST_DIGITS = 100
TALL = 0.5  # of the tallest mark: what is as tall is a digit of its own
NEAR = 0.35  # of the tallest mark's height: a smaller mark so near belongs to a digit
DUST = 0.25  # of the tallest mark: smaller marks that are not near a digit are left out
FAINT = 0.5  # of the strongest ink: smaller marks of less ink are left out
WIDEST = 1.4  # width over height of a digit; of MNIST's, 1 % are wider


def separate(ink: Ink) -> list[Ink]:
    """The ink of each digit, cut out, from left to right, line by line.

    Marks that touch are one digit.  A mark at least half as tall as the tallest one is a digit of
    its own, unless it lies right above or below another one.  Smaller marks belong to the nearest
    digit, or are left out when none is near.

    Raises:
        InputError: too many marks, or a mark that is too wide for one digit.
    """
    small = _shrunk(ink)
    labels, boxes = _marks(small > 0)
    tallest = max(bottom - top for top, _, bottom, _ in boxes)
    strength = np.zeros(len(boxes) + 1)
    np.maximum.at(strength, labels, small)
    owner = _owners(boxes, strength[1:] >= FAINT * strength.max(), tallest)
    digits = sorted({one for one in owner if one >= 0})
    if len(digits) > MOST_DIGITS:
        raise InputError(f"{len(digits)} marks, expected at most {MOST_DIGITS} digits: cut it up")
    groups = {one: [i for i, at in enumerate(owner) if at == one] for one in digits}
    frames = {one: _around([boxes[i] for i in marks]) for one, marks in groups.items()}
    for top, left, bottom, right in frames.values():
        if right - left > WIDEST * (bottom - top) and right - left > tallest / 2:
            raise InputError(
                "a mark that is much wider than high, several digits that touch perhaps: leave "
                "paper between the digits, or cut them out"
            )
    if len(digits) == 1 and all(at >= 0 for at in owner):
        return [ink]
    place = np.zeros(len(boxes) + 1, np.intp)
    place[1:] = owner
    place[0] = -1
    rows, columns = _steps(ink)
    whose = place[labels][rows][:, columns]
    return [ink * (whose == one) for one in _in_reading_order(frames)]


def remove_rules(ink: Ink, vertical: bool = True) -> Ink:
    """The ink without the lines of a ruled or squared page.

    A line is thin, nearly horizontal or vertical, and covers most of the picture.  Where a stroke
    crosses it, the ink stays.  On a page with lines, a mark that touches the picture's border is
    taken for the rest of a line.

    Args:
        ink: (h, w).
        vertical: remove vertical lines too; in a picture of one line of digits these may be 1s.
    """
    if min(ink.shape) < LEAST_SIDE:
        return ink
    mask = _shrunk(ink) > 0
    rules = _rules(mask)
    if vertical:
        rules |= _rules(mask.T).T
    if not rules.any():
        return ink
    labels, boxes = _marks(mask & ~rules)
    height, width = mask.shape
    inner = [
        top > 0 < left and bottom < height and right < width for top, left, bottom, right in boxes
    ]
    kept = np.array([False, *inner])[labels]
    rows, columns = _steps(ink)
    without: Ink = ink * kept[rows][:, columns]
    return without


def _steps(ink: Ink) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The row and the column of the small mask for each row and column of the ink."""
    factor = -(-max(ink.shape) // SIDE)
    height, width = ink.shape
    return np.arange(height) // factor, np.arange(width) // factor


def _shrunk(ink: Ink) -> Ink:
    """The strongest ink of blocks of pixels, in at most SIDE x SIDE."""
    rows, columns = _steps(ink)
    firsts = [np.searchsorted(steps, np.arange(steps[-1] + 1)) for steps in (rows, columns)]
    strongest: Ink = np.maximum.reduceat(np.maximum.reduceat(ink, firsts[0]), firsts[1], axis=1)
    return strongest


def _rules(mask: Mask) -> Mask:
    """The pixels of nearly horizontal lines, without those where a stroke crosses."""
    height, width = mask.shape
    widest = max(3, round(RULE_WIDTH * max(mask.shape)))
    rows, columns = np.nonzero(mask)

    def sheared(slope: float) -> NDArray[np.intp]:
        return np.asarray(np.rint(slope * (columns - width / 2)), np.intp)

    def coverage(slope: float) -> NDArray[np.float64]:
        level = np.zeros((height, width), bool)
        at = rows - sheared(slope)
        inside = (at >= 0) & (at < height)
        level[at[inside], columns[inside]] = True
        level[1:] |= level[:-1].copy()  # lines are not quite straight
        share: NDArray[np.float64] = level.mean(axis=1)
        return share

    curves = [coverage(slope) for slope in SLOPES]
    best = int(np.argmax([np.square(curve).sum() for curve in curves]))
    full = curves[best] >= RULE_LENGTH
    edges = np.flatnonzero(np.diff(np.concatenate(([0], full.astype(int), [0]))))
    found = np.zeros(mask.shape, bool)
    shift = np.rint(SLOPES[best] * (np.arange(width) - width / 2)).astype(int)
    every = np.arange(width)
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        if bottom - top > widest + 1:
            continue
        first, last = top - 2 + shift, bottom + 1 + shift  # a pixel of blur on both sides
        above = _at(mask, first - 1, every) | _at(mask, first - 2, every)
        below = _at(mask, last + 1, every) | _at(mask, last + 2, every)
        crossed = above & below
        for row in range(int(bottom - top) + 4):
            at = first + row
            inside = (at >= 0) & (at < height) & ~crossed
            found[at[inside], every[inside]] = True
    return found & mask


def _at(mask: Mask, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Mask:
    """The mask at some places; nothing outside it."""
    inside = (rows >= 0) & (rows < len(mask))
    values: Mask = mask[np.clip(rows, 0, len(mask) - 1), columns] & inside
    return values


def _marks(mask: Mask) -> tuple[NDArray[np.intp], list[Box]]:
    """Label the connected pieces of a mask, 8 neighbours a pixel, from 1; and their boxes."""
    change = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(change == 1)  # a run of ink in a row, row by row
    ends = np.nonzero(change == -1)[1]
    parent = list(range(len(rows)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    first = np.searchsorted(rows, np.arange(len(mask) + 1)).tolist()
    for row in range(1, len(mask)):
        above, run = first[row - 1], first[row]
        while above < first[row] and run < first[row + 1]:
            if starts[above] <= ends[run] and starts[run] <= ends[above]:
                parent[root(run)] = root(above)
            if ends[above] < ends[run]:
                above += 1
            else:
                run += 1
    roots = [root(run) for run in range(len(rows))]
    numbers = {one: number for number, one in enumerate(dict.fromkeys(roots), start=1)}
    if len(numbers) > MOST_MARKS:
        raise InputError(f"{len(numbers):,} separate marks: is this a picture of digits?")
    labels = np.zeros(mask.shape, np.intp)
    boxes = [(len(mask), mask.shape[1], 0, 0)] * len(numbers)
    for one, row, start, end in zip(
        roots, rows.tolist(), starts.tolist(), ends.tolist(), strict=True
    ):
        number = numbers[one]
        labels[row, start:end] = number
        boxes[number - 1] = _around([boxes[number - 1], (row, start, row + 1, end)])
    return labels, boxes


def _around(boxes: list[Box]) -> Box:
    """The smallest box around some."""
    tops, lefts, bottoms, rights = zip(*boxes, strict=True)
    return min(tops), min(lefts), max(bottoms), max(rights)


def _owners(boxes: list[Box], strong: Mask, tallest: int) -> list[int]:
    """The digit that each mark belongs to, as the number of its first mark; -1 for dust.

    Args:
        boxes: of the marks.
        strong: whether each mark has more than faint ink.
        tallest: height of the tallest mark.
    """
    tall = [i for i, (top, _, bottom, _) in enumerate(boxes) if bottom - top >= TALL * tallest]
    owner = [-1] * len(boxes)
    for i in tall:  # parts of a broken digit, one above the other
        same = [j for j in tall if owner[j] >= 0 and _stacked(boxes[i], boxes[j], tallest)]
        owner[i] = owner[same[0]] if same else i
    for i, box in enumerate(boxes):
        if owner[i] < 0:
            gaps = [(_gap(box, boxes[j]), owner[j]) for j in tall]
            gap, nearest = min(gaps)
            height, width = box[2] - box[0], box[3] - box[1]
            if not strong[i]:
                continue
            if gap <= NEAR * tallest:
                owner[i] = nearest
            elif max(height, width) >= DUST * tallest and height >= width / WIDEST:
                owner[i] = i
    return owner


def _gap(a: Box, b: Box) -> int:
    """Pixels between two boxes, along the axis on which they are farther apart."""
    down = max(a[0], b[0]) - min(a[2], b[2])
    across = max(a[1], b[1]) - min(a[3], b[3])
    return max(down, across, 0)


def _stacked(a: Box, b: Box, tallest: int) -> bool:
    """Whether two marks are right above each other, or one inside the other."""
    overlap = min(a[3], b[3]) - max(a[1], b[1])
    narrower = min(a[3] - a[1], b[3] - b[1])
    down = max(a[0], b[0]) - min(a[2], b[2])
    return overlap >= 0.5 * narrower and down <= 0.15 * tallest


def _in_reading_order(frames: dict[int, Box]) -> list[int]:
    """The digits line by line, from left to right: a line is what overlaps in height."""
    order: list[int] = []
    left = sorted(frames, key=lambda one: frames[one][0])
    while left:
        middle = (frames[left[0]][0] + frames[left[0]][2]) / 2
        line = [one for one in left if frames[one][0] <= middle]
        order += sorted(line, key=lambda one: frames[one][1])
        left = [one for one in left if one not in line]
    return order
