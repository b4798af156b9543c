"""Section VII: one network swept over a wide field (figures 22 and 23).

A field of 32 x W pixels gives (W - 32) / 4 + 1 columns of outputs, since S2 and S4 halve the maps:
column k sees the pixels 4 k to 4 k + 31 and is centred on pixel 16 + 4 k.  Neighbouring columns
share nearly all states, so that the sweep costs a fraction of as many separate windows.
"""

import numpy as np

from .. import paper
from ..arrays import Array
from ..files import InputError
from ..network.network import Network

BLOCK = 32  # columns computed at a time: memory stays bounded, and the buffers are made once


def column_count(width: int) -> int:
    """Columns of outputs of a field so many pixels wide."""
    return (width - paper.INPUT_SIZE) // paper.COLUMN_STRIDE + 1


def centre(column: float) -> float:
    """The pixel column of the field that a column of outputs is centred on."""
    return paper.INPUT_SIZE / 2 + paper.COLUMN_STRIDE * column


def column_penalties(network: Network, x: Array) -> Array:
    """The penalties of eq. 7 of every column.

    Args:
        network: any network for 32x32 pixels.
        x: one field as a network takes it, (32, width) or (1, 32, width, 1), -0.1 to 1.175.

    Returns:
        (columns, classes).  Up to 3 pixels at the right edge are in no column.

    Raises:
        InputError: another height, or fewer than 32 pixels wide.
    """
    size, stride = paper.INPUT_SIZE, paper.COLUMN_STRIDE
    field = x.reshape(x.shape[-3:-1]) if x.ndim == 4 and len(x) == 1 else x
    if field.ndim != 2 or field.shape[0] != size or field.shape[1] < size:
        raise InputError(f"the field is {x.shape}, expected {size} rows and {size} or more columns")
    columns = column_count(field.shape[1])
    # Every block has the same width: the last one is filled up with background.
    width = size + (BLOCK - 1) * stride
    blocks = []
    for first in range(0, columns, BLOCK):
        piece = field[:, first * stride : first * stride + width]
        block = np.full((1, size, width, 1), paper.BACKGROUND, network.dtype)
        block[0, :, : piece.shape[1], 0] = piece
        blocks.append(network.forward(block)[0, 0].copy())
    return np.concatenate(blocks)[:columns]


def wide_states(network: Network, x: Array) -> dict[str, Array]:
    """The state of every named layer over a field, after the squash, as copies.

    Args:
        network: LeNet-5.
        x: one field (1, 32, width, 1), -0.1 to 1.175, not much wider than a string.

    Returns:
        For 64 pixels: C1 (28, 60, 6), S2 (14, 30, 6), C3 (10, 26, 16), S4 (5, 13, 16), C5 (9, 120),
        F6 (9, 84), and under OUTPUT the penalties (9, 11).
    """
    found, name = dict[str, Array](), ""
    for layer, state in network.layer_outputs(x):
        name = layer.name or name  # a squash belongs to the layer before
        found[name] = state[0].copy()
    return {key: state[0] if state.shape[0] == 1 else state for key, state in found.items()}
