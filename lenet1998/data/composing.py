"""Characters set side by side: the pixels of windows and of whole strings.

Characters are images (28, 28) of grey levels, ink 255.  The *box* of a character is the range of
its columns that hold ink.  The *gap* of two neighbours is the number of empty columns between their
boxes; it is below 0 where the boxes overlap.  Where ink overlaps, the darker pixel is kept.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .. import paper

Ints = NDArray[np.integer[Any]]


def boxes(images: NDArray[np.uint8]) -> NDArray[np.int16]:
    """First and last column with ink of each image.

    Args:
        images: (n, 28, 28), ink above 0.

    Returns:
        (n, 2).  An image without ink has the box of a single pixel in the middle.
    """
    ink: NDArray[np.bool_] = np.any(images, axis=1)
    width = ink.shape[1]
    first, last = ink.argmax(axis=1), width - 1 - ink[:, ::-1].argmax(axis=1)
    found = np.stack([first, last], axis=1).astype(np.int16)
    found[~ink.any(axis=1)] = width // 2
    return found


def follow(box: Ints, next_box: Ints, gap: Ints) -> Ints:
    """Columns from the left edge of an image to that of its right neighbour.

    Args:
        box, next_box: (..., 2), of the left and of the right character (`boxes`).
        gap: (...), empty columns between the boxes.

    Returns:
        (...).
    """
    distance: Ints = box[..., 1] + 1 + gap - next_box[..., 0]
    return distance


def paste(field: NDArray[np.uint8], images: NDArray[np.uint8], rows: Ints, columns: Ints) -> None:
    """Put an image into each field, in place; the darker pixel is kept.

    Args:
        field: (n, height, width).
        images: (n, 28, 28); what lies outside the field is cut off.
        rows, columns: (n,), place of each image's first pixel in its field; any whole number.
    """
    n, height, width = field.shape
    size = images.shape[1]
    # Places outside an image read its frame of background, left and right as wide as a field.
    framed = np.zeros((n, size + 2, size + 2 * width), np.uint8)
    framed[:, 1:-1, width:-width] = images
    row = np.clip(np.arange(height) - (rows[:, None] - 1), 0, size + 1)
    first = np.clip(width - columns, 0, size + width)
    from_each_column = sliding_window_view(framed, width, axis=2)
    shown = from_each_column[np.arange(n)[:, None], row, first[:, None]]
    np.maximum(field, shown, out=field)


def compose(
    images: NDArray[np.uint8], gaps: Ints, rows: Ints, margin: int = paper.STRING_MARGIN
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A string of characters as one image.

    Args:
        images: (length, 28, 28).
        gaps: (length - 1,), empty columns between neighbouring boxes.
        rows: (length,), first row of each image in the field of 32 rows.
        margin: columns before the first and after the last middle of a character.

    Returns:
        The field, uint8 (32, width), and the column of each character's middle (length,), which is
        its centre of mass (III-A).
    """
    box = boxes(images)
    steps = follow(box[:-1], box[1:], gaps)
    starts = np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    middle = paper.IMAGE_SIZE // 2
    starts += margin - middle - starts.min()
    width = int(starts.max()) + middle + margin
    field = np.zeros((1, paper.INPUT_SIZE, width), np.uint8)
    for image, row, start in zip(images, rows, starts, strict=True):
        paste(field, image[None], np.array([row]), np.array([start]))
    return field[0], starts + middle
