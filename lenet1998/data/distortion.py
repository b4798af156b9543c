"""The planar affine distortions of III-B: shift, scale, squeeze and shear, resampled bilinearly."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..files import InputError

FloatT = TypeVar("FloatT", bound=np.floating[Any])
_BLOCK = 32  # patterns warped together: their temporaries stay in the cache


def random_affine(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Random affine maps with the ranges of figure 7: (n, 2, 3), in pixels of the 32x32 field.

    Each maps an output pixel (row r, column c) to the place of the input that it shows:

        | 1/a   0    F - (F + s) / a                      |   | r |
        | -h/a  1/b  M - (M + t) / b + h (F + s) / a      | . | c |
                                                              | 1 |

    with translation (s, t), scales a = scale sqrt(squeeze) of the rows and
    b = scale / sqrt(squeeze) of the columns, shear h (columns moved for each row), and
    (F, M) = (26, 15.5), the fixed point of scaling and shear.
    """
    # One generator call per quantity, in this order: the same seed gives the same distortions.
    s = rng.uniform(-paper.DISTORTION_TRANSLATION, paper.DISTORTION_TRANSLATION, n)
    t = rng.uniform(-paper.DISTORTION_TRANSLATION, paper.DISTORTION_TRANSLATION, n)
    scale = rng.uniform(*paper.DISTORTION_SCALE, n)
    squeeze = np.sqrt(rng.uniform(*paper.DISTORTION_SQUEEZE, n))
    h = rng.uniform(-paper.DISTORTION_SHEAR, paper.DISTORTION_SHEAR, n)
    a, b = scale * squeeze, scale / squeeze
    row, column = paper.DISTORTION_FIXED_ROW, (paper.INPUT_SIZE - 1) / 2
    affine = np.zeros((n, 2, 3))
    affine[:, 0, 0] = 1 / a
    affine[:, 0, 2] = row - (row + s) / a
    affine[:, 1, 0] = -h / a
    affine[:, 1, 1] = 1 / b
    affine[:, 1, 2] = column - (column + t) / b + h * (row + s) / a
    return affine


def warp(
    images: NDArray[FloatT], affine: NDArray[np.float64], background: float
) -> NDArray[FloatT]:
    """Resample each image bilinearly through its own affine map.

    Args:
        images: floats (n, H, W).
        affine: (n, 2, 3), from (row, column, 1) of the output to (row, column) of the input.
        background: the value outside the field.

    Returns:
        A new array of the shape and type of `images`.

    Raises:
        InputError: other shapes and types.
    """
    if images.ndim != 3 or not np.issubdtype(images.dtype, np.floating):
        raise InputError(f"images are {images.dtype} {images.shape}, expected floats (n, H, W)")
    if affine.shape != (len(images), 2, 3):
        raise InputError(f"maps are {affine.shape}, expected ({len(images)}, 2, 3)")
    out = np.empty_like(images)
    for start in range(0, len(images), _BLOCK):
        block = slice(start, start + _BLOCK)
        out[block] = _warp_block(images[block], affine[block], background)
    return out


def invert(x: NDArray[FloatT], where: NDArray[np.bool_]) -> NDArray[FloatT]:
    """A copy of the inputs in which x becomes background + foreground - x at `where`."""
    return np.where(where, x.dtype.type(paper.BACKGROUND + paper.FOREGROUND) - x, x)


def _warp_block(
    images: NDArray[FloatT], affine: NDArray[np.float64], background: float
) -> NDArray[FloatT]:
    """`warp` of a few images at once."""
    n, height, width = images.shape
    framed = np.full((n, height + 3, width + 3), background, images.dtype)
    framed[:, 1:-2, 1:-2] = images
    # The frame moves input places by one pixel.  Places outside the field show the frame, which has
    # one more pixel at the end, because a place also reads the next pixel.
    row, row_part = _split(affine[:, 0], height, width, height, images.dtype)
    column, column_part = _split(affine[:, 1], height, width, width, images.dtype)
    row *= width + 3
    row += column
    row += (np.arange(n) * ((height + 3) * (width + 3)))[:, None, None]
    pixels = framed.reshape(-1)
    top = _between(pixels, row, column_part)
    row += width + 3
    bottom = _between(pixels, row, column_part)
    bottom -= top
    bottom *= row_part
    bottom += top
    return bottom


def _split(
    affine: NDArray[np.float64], height: int, width: int, limit: int, dtype: np.dtype[FloatT]
) -> tuple[NDArray[np.intp], NDArray[FloatT]]:
    """Input places on one axis of the framed images: whole pixels and the fractions."""
    rows, columns = np.arange(height), np.arange(width)
    along = affine[:, :1] * rows + (affine[:, 2:] + 1)
    place = along[:, :, None] + (affine[:, 1:2] * columns)[:, None, :]
    np.clip(place, 0, limit + 1, out=place)
    whole = place.astype(np.intp)
    place -= whole
    return whole, place.astype(dtype)


def _between(
    pixels: NDArray[FloatT], at: NDArray[np.intp], part: NDArray[FloatT]
) -> NDArray[FloatT]:
    """Interpolate linearly between the pixels at some places and the next ones."""
    here = pixels.take(at, mode="clip")  # nothing is clipped; it saves a check
    there = pixels[1:].take(at, mode="clip")
    there -= here
    there *= part
    there += here
    return there
