"""Section III-A: a character of any size as MNIST has it, in a box of 20x20 and centred by mass."""

import numpy as np
from numpy.typing import NDArray

from .. import paper

STRAY_INK = 0.002  # part of the ink that the box leaves out on each side: dust
# The pixel that the centre of mass is in.  III-A says the centre, which lies between two pixels;
# in MNIST both coordinates, counted from 0, spread evenly from 13.5 to 14.5.
CENTRE = paper.IMAGE_SIZE // 2


def fitted(ink: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The ink scaled into the 20x20 box and centred by mass in the 28x28 field (III-A).

    Args:
        ink: (h, w), 0 where there is paper, above 0 somewhere.

    Returns:
        (28, 28), background 0 and the strongest ink 255.
    """
    ink = ink[extent(ink.sum(axis=1)), extent(ink.sum(axis=0))]
    scale = paper.BOX_SIZE / max(ink.shape)
    down, across = (resampling_matrix(size, scale) for size in ink.shape)
    glyph = down @ ink @ across.T
    levels = np.rint(255 * (glyph / glyph.max())).astype(np.uint8)
    rows, columns = (levels.sum(axis=axis, dtype=np.int64) for axis in (1, 0))
    top, left = (
        CENTRE - round(float(sums @ np.arange(len(sums)) / sums.sum())) for sums in (rows, columns)
    )
    size = paper.IMAGE_SIZE  # of the frame too: what lies outside the field falls into it
    framed = np.zeros((3 * size, 3 * size), np.uint8)
    framed[size + top :, size + left :][: len(rows), : len(columns)] = levels
    return framed[size : 2 * size, size : 2 * size].copy()


def extent(sums: NDArray[np.float64]) -> slice:
    """The rows or columns that hold the ink but for the stray parts at both ends."""
    cumulated = np.cumsum(sums)
    limits = np.array([STRAY_INK, 1 - STRAY_INK]) * cumulated[-1]
    first, last = np.searchsorted(cumulated, limits)
    return slice(int(first), int(last) + 1)


def resampling_matrix(size: int, scale: float) -> NDArray[np.float64]:
    """The matrix (ceil(size * scale), size) that scales a line of pixels.

    Shrinking averages over the area that an output pixel covers; enlarging interpolates linearly
    between pixel centres.  The last output pixel may reach beyond the end, where there is
    background.
    """
    count = int(np.ceil(size * scale - 1e-9))  # 20 and a rounding error are 20
    out, into = np.arange(count)[:, None], np.arange(size)
    matrix: NDArray[np.float64]
    if scale <= 1:
        ends = np.minimum((out + 1) / scale, into + 1)
        matrix = scale * np.maximum(ends - np.maximum(out / scale, into), 0)
        return matrix
    place = np.clip((out + 0.5) / scale - 0.5, 0, size - 1)
    matrix = np.minimum(size * scale - out, 1) * np.maximum(1 - np.abs(place - into), 0)
    return matrix
