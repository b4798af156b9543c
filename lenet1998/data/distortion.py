"""The planar affine distortions of III-B: shift, scale, squeeze and shear, resampled bilinearly."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..files import InputError

FloatT = TypeVar("FloatT", bound=np.floating[Any])
_BLOCK = 64  # patterns warped together: their temporaries stay in the cache


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
    # Places outside the field show a frame of background.  It is one pixel wide, and two at the
    # end, because a place also reads the next pixel.
    framed = np.full((n, height + 3, width + 3), background, images.dtype)
    framed[:, 1:-2, 1:-2] = images
    at, right = _split(affine[:, 1], images, width)
    if not affine[:, 0, 1].any():  # rows stay rows, as in III-B: first between whole rows
        row, down = _split(affine[:, 0], images[:, :, :1], height)
        row += (height + 3) * np.arange(n, dtype=np.int32)[:, None, None]
        rows = _between(framed.reshape(-1, width + 3), row[:, :, 0], down)
        at += (width + 3) * np.arange(n * height, dtype=np.int32).reshape(n, height, 1)
        return _between(rows.reshape(-1), at, right)
    row, down = _split(affine[:, 0], images, height)
    row *= width + 3
    at += row
    at += framed[0].size * np.arange(n, dtype=np.int32)[:, None, None]
    pixels = framed.reshape(-1)
    top = _between(pixels, at, right)
    bottom = _between(pixels[width + 3 :], at, right)
    bottom -= top
    bottom *= down
    bottom += top
    return bottom


def _split(
    affine: NDArray[np.float64], images: NDArray[FloatT], limit: int
) -> tuple[NDArray[np.int32], NDArray[FloatT]]:
    """Places on one axis of the framed images, (n, H, W): whole pixels and the fractions."""
    height, width = images.shape[1:]
    of_row = affine[:, :1] * np.arange(height) + (affine[:, 2:] + 1)  # + 1: the frame
    of_column = affine[:, 1:2] * np.arange(width)
    place = np.repeat(of_row.astype(images.dtype), width).reshape(images.shape)
    place += of_column.astype(images.dtype)[:, None]
    np.clip(place, 0, limit + 1, out=place)
    whole = np.floor(place)
    place -= whole
    return whole.astype(np.int32), place


def _between(
    pixels: NDArray[FloatT], at: NDArray[np.int32], part: NDArray[FloatT]
) -> NDArray[FloatT]:
    """Interpolate linearly between the pixels, or rows, at some places and the next ones."""
    places = at.astype(np.intp)
    here = pixels.take(places, axis=0, mode="clip")  # nothing is clipped; it saves a check
    there = pixels[1:].take(places, axis=0, mode="clip")
    there -= here
    there *= part
    there += here
    return there
