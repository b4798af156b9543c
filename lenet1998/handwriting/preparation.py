"""Prepare a picture of a digit as III-A prepares the paper's."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..data.fitting import extent, fitted, resampling_matrix
from ..data.patterns import border
from ..files import InputError
from .separation import Ink, remove_rules, separate

# What tells ink from paper.  The threshold is four times what 80 % of the border keep within, five
# standard deviations of even noise, but neither below nor above these parts of the ink's strength:
# below lie the ripples of JPEG pictures, above a stroke would lose its own edge.
BORDER_SHARE = 0.8
NOISE_FACTOR = 4.0
THRESHOLDS = (0.05, 0.5)
LEAST_CONTRAST = 0.1  # of black against white; below it there is nothing to read
UNEVEN = 0.02  # noise of the border from which the light is taken for uneven
LEAST_ROWS = 8  # of the ink of a line: below it no digit can be told
MOST_COLUMNS = 4000  # of a prepared line, 200 digits or so
LINE_MARGIN = 15  # columns beside the ink: the middle of a thin digit is that of the first column


def prepare(image: NDArray[Any]) -> NDArray[np.uint8]:
    """An image of one digit as MNIST's are (III-A): uint8 (28, 28), background 0 and ink 255.

    The digit is scaled to fit a 20x20 box, its aspect ratio kept, with grey levels from the
    anti-aliasing, and moved by whole pixels until its centre of mass lies in pixel (14, 14).

    Args:
        image: grey (h, w), floats from 0 to 1 or uint8, ink darker or lighter than the paper.

    Raises:
        InputError: another shape or type, numbers that are not finite, and no ink.
    """
    return fitted(_ink(_checked(image)))


def prepare_page(image: NDArray[Any]) -> list[NDArray[np.uint8]]:
    """Every digit of a picture as `prepare` makes it, from left to right, line by line.

    Uneven light and the lines of a ruled page are removed.  Digits are told apart by the paper
    between them.

    Args:
        image: as in `prepare`.

    Raises:
        InputError: as `prepare`, and when the ink does not look like separate digits.
    """
    return [fitted(one) for one in separate(_page_ink(_checked(image)))]


def prepare_ink(image: NDArray[Any]) -> Ink:
    """How much ink is in each pixel of a picture, (h, w), 0 to 1: for digits of any size.

    Uneven light and the lines of a ruled page are removed.

    Args:
        image: as in `prepare`.

    Raises:
        InputError: as `prepare`, and when there is no ink except the lines of the page.
    """
    ink = _page_ink(_checked(image))
    ink /= ink.max()
    return ink


def prepare_line(image: NDArray[Any]) -> NDArray[np.uint8]:
    """A picture of one line of digits as a field for a network that reads strings, (32, width).

    The ink is scaled to the 20 rows of a digit of III-A, the aspect ratio kept, and its centre of
    mass lies in the middle row.  An image of exactly 32 rows is taken as it is, ink and paper made
    255 and 0: its digits are expected to be about 20 rows high.

    Args:
        image: as in `prepare`.

    Raises:
        InputError: as `prepare`; and a picture that is too flat or too tall for a line of digits.
    """
    grey, size = _checked(image), paper.INPUT_SIZE
    if grey.shape[0] == size:
        if grey.shape[1] < size:
            raise InputError(
                f"{grey.shape[1]} pixels wide, expected {size} or more: add paper at both sides"
            )
        ink = grey - np.median(grey)
        ink = np.maximum(-ink if -ink.min() > ink.max() else ink, 0.0)
        if ink.max() < LEAST_CONTRAST:
            raise InputError("no ink: the image is blank")
        levels: NDArray[np.uint8] = np.rint(255 * ink / ink.max()).astype(np.uint8)
        return levels
    ink = _page_ink(grey, vertical_rules=False)
    ink = ink[extent(ink.sum(axis=1)), extent(ink.sum(axis=0))]
    height, width = ink.shape
    if height < LEAST_ROWS or width * paper.BOX_SIZE > MOST_COLUMNS * height:
        raise InputError(
            f"the ink is {width} x {height} pixels: too flat for a line of digits, perhaps because "
            "a very wide picture was scaled down: cut it into shorter pieces"
        )
    down, across = (resampling_matrix(n, paper.BOX_SIZE / height) for n in (height, width))
    line = down @ ink @ across.T
    levels = np.rint(255 * (line / line.max())).astype(np.uint8)
    rows = levels.sum(axis=1, dtype=np.int64)
    mass = float(rows @ np.arange(len(rows)) / rows.sum())
    top = int(np.clip(size // 2 - round(mass), 0, size - len(levels)))
    columns = levels.shape[1] + 2 * LINE_MARGIN
    field = np.zeros((size, max(size, columns + -columns % paper.COLUMN_STRIDE)), np.uint8)
    field[top : top + len(levels), LINE_MARGIN : LINE_MARGIN + levels.shape[1]] = levels
    return field


def _checked(image: NDArray[Any]) -> Ink:
    """Grey levels (h, w), 0 to 1."""
    image = np.asarray(image)
    if image.ndim != 2 or image.size == 0 or (image.dtype != np.uint8 and image.dtype.kind != "f"):
        raise InputError(
            f"image is {image.dtype} {image.shape}, expected grey levels (h, w), floats or uint8"
        )
    grey = image / 255.0 if image.dtype == np.uint8 else image.astype(np.float64)
    if not np.isfinite(grey).all():
        raise InputError("image holds numbers that are not finite")
    return grey


def _page_ink(grey: Ink, vertical_rules: bool = True) -> Ink:
    """The ink of a page with uneven light and ruled lines, not empty."""
    ink = remove_rules(_ink(_evenly_lit(grey)), vertical_rules)
    if not ink.any():
        raise InputError("no ink except the lines of the page")
    return ink


def _ink(grey: Ink) -> Ink:
    """How much ink is in each pixel of an image (h, w): its contrast to the paper, or 0."""
    edge = border(grey[None])
    background = np.median(edge)  # the grey level of most of the border
    ink = grey - background
    if -ink.min() > ink.max():
        ink = -ink
    contrast = ink.max()
    if contrast < LEAST_CONTRAST:
        raise InputError(
            f"no ink: nothing differs from the background by {LEAST_CONTRAST:.0%} of black to white"
        )
    noise = np.quantile(np.abs(edge - background), BORDER_SHARE)
    lowest, highest = (part * contrast for part in THRESHOLDS)
    threshold = np.clip(NOISE_FACTOR * noise, lowest, highest)
    inked: Ink = np.where(ink > threshold, ink, 0.0)
    return inked


def _evenly_lit(grey: Ink) -> Ink:
    """The image without shadows: less a smooth surface through the paper.

    The paper's level is a quadratic function of the place, fitted to a grid of medians; places far
    from the fit are taken for ink and left out of the next one.  The surface keeps within the
    medians: where a camera's white is reached it ends flat, and the paper there is no ink.
    """
    edge = border(grey[None])
    if np.quantile(np.abs(edge - np.median(edge)), BORDER_SHARE) < UNEVEN:
        return grey
    rows, columns = (np.linspace(0, size, min(size, 32) + 1).astype(int) for size in grey.shape)
    medians = np.array(
        [[np.median(grey[a:b, c:d]) for c, d in pairwise(columns)] for a, b in pairwise(rows)]
    )
    terms = _quadratic(medians.shape)
    kept = np.ones(medians.size, bool)
    for _ in range(10):
        fit = np.linalg.lstsq(terms[kept], medians.ravel()[kept], rcond=None)[0]
        off = np.abs(medians.ravel() - terms @ fit)
        kept = off <= max(2.5 * float(np.median(off)), 1e-6)
    surface = np.zeros_like(grey)
    y, x = (np.linspace(-1, 1, size) for size in grey.shape)
    for factor, (i, j) in zip(fit, _POWERS, strict=True):
        surface += factor * np.outer(y**i, x**j)
    surface = surface.clip(medians.min(), medians.max())
    even: Ink = grey - surface + float(np.median(surface))
    return even


_POWERS = ((0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0))


def _quadratic(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The powers of row and column, from -1 to 1, at the places of a grid: (places, 6)."""
    y, x = (np.linspace(-1, 1, size) for size in shape)
    return np.stack([np.outer(y**i, x**j).ravel() for i, j in _POWERS], axis=1)
