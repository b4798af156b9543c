"""The types of arrays that stand in signatures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 by default, float64 for checks
Shape = tuple[int, ...]

Labels = NDArray[np.integer]
