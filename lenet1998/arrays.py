"""The array types of signatures, and how messages describe an array."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 by default, float64 for checks
Shape = tuple[int, ...]

Labels = NDArray[np.integer]


def describe(array: Array) -> str:
    """Type and shape of an array, for messages."""
    return f"{array.dtype} {array.shape}"
