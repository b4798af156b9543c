"""Section III-A: the deslanted database."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..files import InputError

_BLOCK = 1000  # images read at a time, and test images that a block of K-NN compares


def deslant(images: NDArray[Any]) -> NDArray[np.float32]:
    """The deslanted images of III-A: rows shifted until the principal axis is vertical, cropped.

    Readings: a pixel's mass is its grey level.  The shear is the one after which the second
    moments have no mixed part, so that the axes of inertia are upright; it keeps the row of the
    centre of mass in place.  Shifts are exact to a fraction of a pixel, between pixels linear.
    The crop is the middle of the field, which on MNIST loses 3 % of the ink.  An image without
    ink, or with ink in one row only, is not sheared.

    Args:
        images: (n, 28, 28), grey levels of any type and scale, 0 for background.

    Returns:
        (n, 20, 20) on the scale of `images`.

    Raises:
        InputError: other shapes, and levels that are negative or not finite.
    """
    size, box = paper.IMAGE_SIZE, paper.BOX_SIZE
    _check(images, (size, size))
    out = np.empty((len(images), box, box), np.float32)
    edge = (size - box) // 2
    kept = np.arange(edge, edge + box)
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK]
        centre, _, shear = centre_and_slant(block)
        # Blank columns on either side: what moves in from outside is background.  There are two at
        # the end, since a place reads the next pixel too.
        framed = np.zeros((len(block), box, size + 3), np.float32)
        framed[:, :, 1:-2] = block[:, kept]
        shift = shear[:, None] * (kept - centre[:, None])
        place = np.clip(kept + 1 + shift[:, :, None], 0, size + 1)
        left = place.astype(np.intp)
        here = np.take_along_axis(framed, left, axis=2)
        there = np.take_along_axis(framed, left + 1, axis=2)
        out[start : start + _BLOCK] = here + (place - left).astype(np.float32) * (there - here)
    return out


def centre_and_slant(
    images: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Row and column of the centre of mass, and the slant, of each image, (n,) each.

    The slant is the mixed second moment over the vertical one: how many pixels to the right the
    axis moves from a row to the next, 0 where all ink is in one row.  Without ink, all are 0.

    Args:
        images: (n, height, width), grey levels of any type and scale, 0 for background.

    Raises:
        InputError: other dimensions, and levels that are negative or not finite.
    """
    _check(images)
    mass = images.astype(np.float64)
    y, x = np.arange(mass.shape[1]), np.arange(mass.shape[2])
    rows, columns = mass.sum(axis=2), mass.sum(axis=1)
    total = rows.sum(axis=1)
    total[total == 0] = 1  # without ink every sum is 0, whatever divides it
    row, column = rows @ y / total, columns @ x / total
    dy, dx = y - row[:, None], x - column[:, None]
    vertical = (rows * dy * dy).sum(axis=1) / total
    mixed = (dy * (mass @ dx[:, :, None])[:, :, 0]).sum(axis=1) / total
    extended = vertical > 1e-9  # pixels squared; what rounding leaves of a single row is less
    return row, column, np.divide(mixed, vertical, out=np.zeros(len(mass)), where=extended)


def _check(images: NDArray[Any], shape: tuple[int, int] | None = None) -> None:
    """InputError unless they are grey levels (n, *shape), 0 for background."""
    if images.ndim != 3 or images.shape[1:] != (shape or images.shape[1:]):
        height, width = shape or ("height", "width")
        raise InputError(
            f"images are {images.dtype} {images.shape}, expected grey levels (n, {height}, {width})"
        )
    if images.dtype.kind == "f" and not (np.isfinite(images) & (images >= 0)).all():
        raise InputError("images hold levels that are negative or not finite: give 0 to 255")
