"""The array types of signatures, buffers, and how messages describe an array."""

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 by default, float64 for checks
Shape = tuple[int, ...]

Labels = NDArray[np.integer]


def describe(array: Array) -> str:
    """Type and shape of an array, for messages."""
    return f"{array.dtype} {array.shape}"


class Buffers:
    """The arrays that a computation writes into, for inputs of one shape."""

    def bind_views(self, x: Array) -> None:
        """Make the views of the input x that the computation reads; by default none."""


B = TypeVar("B", bound=Buffers)


class Buffered(Generic[B]):
    """A computation that allocates its buffers once for each shape and type of input.

    Attributes:
        held: the buffers of the last input.
    """

    held: B
    _input: Array | None
    _allocated: dict[tuple[Shape, str], B]

    def forget_buffers(self) -> None:
        """Drop all buffers; the next call allocates new ones."""
        self._input, self._allocated = None, {}

    def allocate(self, x: Array) -> B:
        """Make the buffers for inputs like x."""
        raise NotImplementedError

    def buffers(self, x: Array) -> B:
        """The buffers for this input, with their views bound to it.

        In a network x is nearly always the array of the call before: the buffer of the layer below.
        """
        if x is not self._input:
            key = x.shape, x.dtype.str
            if key not in self._allocated:
                self._allocated[key] = self.allocate(x)
            self._input, self.held = x, self._allocated[key]
            self.held.bind_views(x)
        return self.held
