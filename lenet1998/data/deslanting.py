"""Section III-A: the deslanted database."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from .distortion import warp
from .patterns import check_levels

_BLOCK = 1000  # images deslanted at a time


def deslant(images: NDArray[Any]) -> NDArray[np.float32]:
    """The deslanted images of III-A: rows shifted until the principal axis is vertical, cropped.

    Readings: a pixel's mass is its grey level.  The shear is the one that makes the mixed second
    moment zero, so that the axes of inertia are upright; it keeps the row of the centre of mass in
    place.  Shifts are fractions of a pixel, interpolated linearly.  The crop is the middle of the
    field; on MNIST it loses 3 % of the ink.  An image without ink, or with ink in one row only, is
    cropped but not sheared.

    Args:
        images: (n, 28, 28), grey levels of any type and scale, 0 for background.

    Returns:
        (n, 20, 20) on the scale of `images`.

    Raises:
        InputError: other shapes, and levels that are negative or not finite.
    """
    size, box = paper.IMAGE_SIZE, paper.BOX_SIZE
    check_levels(images, (size, size))
    out = np.empty((len(images), box, box), np.float32)
    edge = (size - box) // 2
    middle = slice(edge, edge + box)
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK]
        row, _, slant = centre_and_slant(block)
        shear = np.zeros((len(block), 2, 3))  # column c of row r shows c + slant (r - row)
        shear[:, 0, 0] = shear[:, 1, 1] = 1
        shear[:, 1, 0], shear[:, 1, 2] = slant, -slant * row
        sheared = warp(block.astype(np.float32), shear, background=0)
        out[start : start + _BLOCK] = sheared[:, middle, middle]
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
    check_levels(images)
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
