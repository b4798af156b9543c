"""A picture of a digit prepared as III-A prepares the paper's."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..files import InputError

# What tells ink from paper.  The threshold is four times what 80 % of the border keep within, five
# standard deviations of even noise, but neither below nor above these parts of the ink's strength:
# below lie the ripples of pictures that once were JPEG, above a stroke would lose its own edge.
BORDER_SHARE = 0.8
NOISE_FACTOR = 4.0
THRESHOLDS = (0.05, 0.5)
LEAST_CONTRAST = 0.1  # of black against white; below it there is nothing to read
STRAY_INK = 0.002  # part of the ink that the box leaves out on each side: dust
# The pixel that the centre of mass is in.  III-A says the centre, which lies between two pixels;
# in MNIST both coordinates, counted from 0, spread evenly from 13.5 to 14.5.
CENTRE = paper.IMAGE_SIZE // 2


def prepare(image: NDArray[Any]) -> NDArray[np.uint8]:
    """An image as MNIST's are (III-A): uint8 (28, 28), 0 is background and 255 ink.

    The digit is scaled to fit a 20x20 box, its aspect ratio kept, with grey levels from the
    anti-aliasing, and moved by whole pixels until its centre of mass lies in pixel (14, 14).

    `image` is grey (h, w), floats from 0 to 1 or uint8, ink darker or lighter than the paper.
    Raises `InputError` for another shape, for numbers that are not finite, and without any ink.
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.size == 0 or (image.dtype != np.uint8 and image.dtype.kind != "f"):
        raise InputError(
            f"image is {image.dtype} {image.shape}, expected grey levels (h, w), floats or uint8"
        )
    glyph = _fitted(_boxed(image / 255.0 if image.dtype == np.uint8 else image.astype(np.float64)))
    levels = np.rint(255 * glyph).astype(np.uint8)
    rows, columns = (levels.sum(axis=axis, dtype=np.int64) for axis in (1, 0))
    top, left = (
        CENTRE - round(float(sums @ np.arange(len(sums)) / sums.sum())) for sums in (rows, columns)
    )
    size = paper.IMAGE_SIZE  # of the frame too: what lies outside the field falls into it
    framed = np.zeros((3 * size, 3 * size), np.uint8)
    framed[size + top :, size + left :][: len(rows), : len(columns)] = levels
    return framed[size : 2 * size, size : 2 * size].copy()


def _boxed(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ink alone, cut out of the image: (h, w), 0 where there is paper."""
    if not np.isfinite(image).all():
        raise InputError("image holds numbers that are not finite")
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    background = np.median(border)  # the commoner shade
    ink = image - background
    if -ink.min() > ink.max():
        ink = -ink
    contrast = ink.max()
    if contrast < LEAST_CONTRAST:
        raise InputError(
            f"no ink: nothing differs from the background by {LEAST_CONTRAST:.0%} of black to white"
        )
    noise = np.quantile(np.abs(border - background), BORDER_SHARE)
    lowest, highest = (part * contrast for part in THRESHOLDS)
    ink[ink <= np.clip(NOISE_FACTOR * noise, lowest, highest)] = 0
    cropped: NDArray[np.float64] = ink[_extent(ink.sum(axis=1)), _extent(ink.sum(axis=0))]
    return cropped


def _extent(sums: NDArray[np.float64]) -> slice:
    """The rows or columns that hold the ink but for the stray parts at both ends."""
    cumulated = np.cumsum(sums)
    limits = np.array([STRAY_INK, 1 - STRAY_INK]) * cumulated[-1]
    first, last = np.searchsorted(cumulated, limits)
    return slice(int(first), int(last) + 1)


def _fitted(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ink in a box of 20x20, its aspect ratio kept, its strongest pixel 1."""
    scale = paper.BOX_SIZE / max(ink.shape)
    rows, columns = (resampling_matrix(size, scale) for size in ink.shape)
    glyph: NDArray[np.float64] = rows @ ink @ columns.T
    glyph /= glyph.max()
    return glyph


def resampling_matrix(size: int, scale: float) -> NDArray[np.float64]:
    """The matrix (ceil(size * scale), size) that scales a line of pixels.

    Shrunk, a pixel is the average over the area that it covers; enlarged, it is interpolated
    linearly between the centres of two.  The last one may reach beyond the end: what it shows
    there is background.
    """
    count = int(np.ceil(size * scale - 1e-9))  # 20 and a rounding error are 20
    out, into = np.arange(count)[:, None], np.arange(size)
    if scale <= 1:
        ends = np.minimum((out + 1) / scale, into + 1)
        share: NDArray[np.float64] = scale * np.maximum(ends - np.maximum(out / scale, into), 0)
    else:
        place = np.clip((out + 0.5) / scale - 0.5, 0, size - 1)
        share = np.minimum(size * scale - out, 1) * np.maximum(1 - np.abs(place - into), 0)
    return share
