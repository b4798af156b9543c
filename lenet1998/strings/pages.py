"""Pages of digits whose places are known, made to measure how well digits are found (VII-D)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.composing import compose
from ..data.fitting import resampling_matrix
from ..data.patterns import Patterns
from .page_sweep import Digit, overlap

NEAR = 0.5  # shared area over the area of both boxes together, from which a digit counts as found
_APART = 1.1  # least distance of two middles, in half sides of both boxes
_TRIES = 100  # places that are tried for a digit before it is left out, and lines of a page
_POINTS = 120  # of a stroke


@dataclass(frozen=True)
class PageRules:
    """How pages are made.

    Attributes:
        side: of the page, in pixels.
        digits: number of digits, if there is room.
        heights: smallest and largest side of a digit's box, in pixels; each height of a factor is
            as likely.
        gaps: smallest and largest gap of neighbours, in pixels of MNIST: the page then has lines
            of 3 to 5 digits instead of single ones.
        strokes: number of curved strokes that are no digits.
        noise: share of the pixels that are inverted.
    """

    side: int = 400
    digits: int = 12
    heights: tuple[float, float] = (14.0, 56.0)
    gaps: tuple[int, int] | None = None
    strokes: int = 0
    noise: float = 0.0


PLAIN = PageRules()
LINES = PageRules(heights=(16.0, 40.0), gaps=(0, 5))
MAIN: Mapping[str, PageRules] = {
    "digits anywhere": PLAIN,
    "lines of digits, 0 to 5 apart": LINES,
    "digits and 12 strokes": replace(PLAIN, strokes=12),
    "12 strokes alone": PageRules(digits=0, strokes=12),
    "digits, 2 % noise": replace(PLAIN, noise=0.02),
}
WITH_STROKES = list(MAIN)[2]
CURVES: Mapping[str, Mapping[float, PageRules]] = {
    "height": {
        n: replace(PLAIN, heights=(n, n), digits=8)
        for n in (8.0, 10.0, 12.0, 16.0, 24.0, 40.0, 64.0, 100.0)
    },
    "strokes": {float(n): replace(PLAIN, strokes=n) for n in (0, 3, 6, 12, 24)},
}


@dataclass(frozen=True, eq=False)
class Page:
    """A page whose digits are known.

    Attributes:
        ink: (side, side), 0 to 1.
        digits: those of the page; their penalties are 0.
    """

    ink: Array
    digits: tuple[Digit, ...]


@dataclass(frozen=True)
class Tally:
    """How well the digits of some pages were found.

    Attributes:
        pages: number of pages.
        right: digits that were found with the right label.
        mislabelled: digits that were found with another label.
        missed: digits that were not found.
        false: boxes where there is no digit, or a second one on a digit.
    """

    pages: int = 0
    right: int = 0
    mislabelled: int = 0
    missed: int = 0
    false: int = 0

    @property
    def digits(self) -> int:
        """Digits of the pages."""
        return self.right + self.mislabelled + self.missed

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.pages + other.pages, self.right + other.right,
            self.mislabelled + other.mislabelled, self.missed + other.missed,
            self.false + other.false,
        )  # fmt: skip


def make_pages(patterns: Patterns, count: int, seed: int, rules: PageRules = PLAIN) -> list[Page]:
    """Random pages of the patterns' digits; the same seed gives the same pages."""
    rng = np.random.default_rng([seed, 6])
    return [make_page(patterns, rng, rules) for _ in range(count)]


def make_page(patterns: Patterns, rng: np.random.Generator, rules: PageRules) -> Page:
    """One random page of the patterns' digits."""
    ink = np.zeros((rules.side, rules.side))
    fill = _scatter if rules.gaps is None else _lines
    digits = fill(ink, patterns, rng, rules)
    for _ in range(rules.strokes):
        _stroke(ink, digits, rng)
    if rules.noise:
        ink = np.where(rng.random(ink.shape) < rules.noise, 1 - ink, ink)
    return Page(np.minimum(ink, 1.0), tuple(digits))


def assigned(found: Sequence[Digit], digits: Sequence[Digit]) -> list[int | None]:
    """The index of the found digit that belongs to each true one; None for a missed one.

    Boxes belong together if they share at least `NEAR` of the area of both together; the nearest
    pair is taken first, and each box belongs to one other at most.
    """
    pairs = sorted(
        ((_shared(one, other), i, k) for i, one in enumerate(digits)
         for k, other in enumerate(found)), reverse=True,
    )  # fmt: skip
    owner: list[int | None] = [None] * len(digits)
    for shared, i, k in pairs:
        if shared >= NEAR and owner[i] is None and k not in owner:
            owner[i] = k
    return owner


def tally(found: Sequence[Digit], page: Page) -> Tally:
    """Count the digits of one page that were found, and the boxes that are false."""
    owner = assigned(found, page.digits)
    labels = [None if k is None else found[k].digit for k in owner]
    right = sum(label == one.digit for label, one in zip(labels, page.digits, strict=True))
    missed = labels.count(None)
    there = len(labels) - missed
    return Tally(1, right, there - right, missed, len(found) - there)


def _shared(one: Digit, other: Digit) -> float:
    """Shared area of two boxes, over the area of both together."""
    halves = np.array(one.height / 2), np.array(other.height / 2)
    down = overlap(np.array(one.row - other.row), *halves)
    both = float(down * overlap(np.array(one.column - other.column), *halves))
    return both / (one.height**2 + other.height**2 - both)


def _scatter(
    ink: Array, patterns: Patterns, rng: np.random.Generator, rules: PageRules
) -> list[Digit]:
    """Draw single digits at random places."""
    digits: list[Digit] = []
    for _ in range(rules.digits):
        height = float(np.exp(rng.uniform(*np.log(rules.heights))))
        i = int(rng.integers(len(patterns)))
        scaled = _scaled(patterns.images[i] / 255.0, height)
        room = rules.side - len(scaled)
        for _ in range(_TRIES if room >= 0 else 0):
            top, left = (int(n) for n in rng.integers(0, room + 1, 2))
            one = _digit(patterns, i, height, top, left, paper.IMAGE_SIZE / 2)
            if all(_distance(one, other) > _APART for other in digits):
                _draw(ink, scaled, top, left)
                digits.append(one)
                break
    return digits


def _lines(
    ink: Array, patterns: Patterns, rng: np.random.Generator, rules: PageRules
) -> list[Digit]:
    """Draw lines of digits, one below the other."""
    digits: list[Digit] = []
    top = 0
    for _ in range(_TRIES):
        height = float(np.exp(rng.uniform(*np.log(rules.heights))))
        shown = rng.integers(0, len(patterns), int(rng.integers(3, 6)))
        gaps = rng.integers(*(rules.gaps or (0, 0)), len(shown) - 1, endpoint=True)
        rows = (paper.INPUT_SIZE - paper.IMAGE_SIZE) // 2 + rng.integers(-1, 2, len(shown))
        field, middles = compose(patterns.images[shown], gaps, rows)
        scaled = _scaled(field / 255.0, height)
        if top + len(scaled) > rules.side:
            break
        if scaled.shape[1] > rules.side:  # too long: another line
            continue
        left = int(rng.integers(0, rules.side - scaled.shape[1] + 1))
        _draw(ink, scaled, top, left)
        digits += [
            _digit(patterns, i, height, top, left, paper.INPUT_SIZE / 2, float(middle))
            for i, middle in zip(shown.tolist(), middles, strict=True)
        ]
        top += len(scaled) + int(height / 5)
    return digits


def _digit(
    patterns: Patterns, i: int, height: float, top: int, left: int,
    row: float, column: float = paper.IMAGE_SIZE / 2,
) -> Digit:  # fmt: skip
    """The digit of a pattern whose middle is this pixel of a drawing, before it is scaled."""
    scale = paper.BOX_SIZE / height
    middle = (top + (row + 0.5) / scale, left + (column + 0.5) / scale)
    return Digit(int(patterns.labels[i]), 0.0, scale, *middle)


def _distance(one: Digit, other: Digit) -> float:
    """Distance of two middles, down or across, in half sides of both boxes together."""
    away = max(abs(one.row - other.row), abs(one.column - other.column))
    return 2 * away / (one.height + other.height)


def _scaled(image: Array, height: float) -> Array:
    """An image whose digits have boxes of 20 pixels, scaled to boxes of this height."""
    down, across = (resampling_matrix(n, height / paper.BOX_SIZE) for n in image.shape)
    scaled: Array = down @ image @ across.T
    return scaled


def _draw(ink: Array, image: Array, top: int, left: int) -> None:
    """Put an image on the page; the darker pixel is kept."""
    part = ink[top : top + image.shape[0], left : left + image.shape[1]]
    np.maximum(part, image, out=part)


def _stroke(ink: Array, digits: Sequence[Digit], rng: np.random.Generator) -> None:
    """Draw a curved stroke that touches no digit's box; nothing where no place is found."""
    side = len(ink)
    for _ in range(_TRIES):
        start = rng.uniform(0, side, 2)
        end = start + rng.normal(0, side / 10, 2)
        bend = (start + end) / 2 + rng.normal(0, side / 20, 2)
        width = rng.uniform(1.5, 5.0)
        t = np.linspace(0, 1, _POINTS)[:, None]
        points = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
        away = [np.abs(points - (one.row, one.column)).max(axis=1).min() for one in digits]
        if all(a > one.height / 2 + width for a, one in zip(away, digits, strict=True)):
            break
    else:
        return
    low = np.clip(np.floor(points.min(axis=0) - width), 0, side).astype(int)
    high = np.clip(np.ceil(points.max(axis=0) + width), 0, side).astype(int)
    rows, columns = np.ogrid[low[0] : high[0], low[1] : high[1]]
    distance = np.full((high - low).tolist(), np.inf)
    for y, x in points:
        np.minimum(distance, np.hypot(rows + 0.5 - y, columns + 0.5 - x), out=distance)
    _draw(ink, np.clip(width / 2 + 0.5 - distance, 0, 1), int(low[0]), int(low[1]))
