"""The three versions of the database (III-A): regular, deslanted, and 16x16."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from .deslanting import deslant
from .patterns import Patterns, check_levels

DATABASES = ("regular", "deslanted", "16x16")


def version(images: NDArray[Any], database: str) -> NDArray[Any]:
    """The images of a database: (n, 28, 28), (n, 20, 20) or (n, 16, 16).

    Args:
        images: (n, 28, 28), grey levels of any type and scale, 0 for background.
        database: one of `DATABASES`.

    Raises:
        InputError: other shapes, and levels that are negative or not finite.
    """
    if database == "deslanted":
        return deslant(images)
    return shrink(images) if database == "16x16" else images


def in_field(patterns: Patterns, database: str) -> Patterns:
    """Patterns of 28x28 pixels with the images of a database in the middle, rounded to uint8.

    Args:
        patterns: of the regular database.
        database: one of `DATABASES`.
    """
    if database == "regular":
        return patterns
    found = version(patterns.images, database)
    edge = (paper.IMAGE_SIZE - found.shape[1]) // 2
    images = np.zeros_like(patterns.images)
    images[:, edge:-edge, edge:-edge] = np.rint(found)
    return Patterns(images, patterns.labels, patterns.dataset)


def shrink(images: NDArray[Any]) -> NDArray[np.float32]:
    """The images of 16x16 pixels of the early experiments.

    The paper gives the size alone.  Reading: the 20x20 box around the middle of the ink, reduced by
    averaging areas.  Ink outside that box is lost; on MNIST there is none.

    Args:
        images: (n, 28, 28), grey levels of any type and scale, 0 for background.

    Returns:
        (n, 16, 16) on the scale of `images`.

    Raises:
        InputError: other shapes, and levels that are negative or not finite.
    """
    size, box, small = paper.IMAGE_SIZE, paper.BOX_SIZE, paper.SMALL_SIZE
    check_levels(images, (size, size))
    areas = _areas(box, small)
    out = np.empty((len(images), small, small), np.float32)
    for image, reduced in zip(images, out, strict=True):
        ink = np.pad(image, box)  # the box may reach beyond the field
        rows, columns = _start(ink.max(axis=1), box), _start(ink.max(axis=0), box)
        reduced[:] = areas @ ink[rows : rows + box, columns : columns + box] @ areas.T
    return out


def _start(ink: NDArray[Any], box: int) -> int:
    """Where a box around the middle of the ink along one axis starts; without ink, the middle."""
    places = np.flatnonzero(ink)
    first, last = (places[0], places[-1]) if places.size else (0, len(ink) - 1)
    return int(first + last + 1 - box) // 2


def _areas(large: int, small: int) -> NDArray[np.float64]:
    """The share of each large pixel (column) in each small one (row), (small, large)."""
    edges = np.arange(small + 1) * large / small
    whole = np.arange(large)
    low = np.maximum(edges[:-1, None], whole)
    high = np.minimum(edges[1:, None], whole + 1)
    shares: NDArray[np.float64] = np.maximum(high - low, 0) * small / large
    return shares
