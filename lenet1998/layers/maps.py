"""Layers without parameters that choose from the maps: the middle of a field, and maps twice."""

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array, Buffers, Shape
from .layer import BufferedLayer


class MapBuffers(Buffers):
    """The output and the gradient of the input."""

    def __init__(self, shape: Shape, output: Shape, dtype: DTypeLike) -> None:
        self.x, self.dE_dx = np.zeros(output, dtype), np.zeros(shape, dtype)


class Crop(BufferedLayer[MapBuffers]):
    """x[y, x, m] = input[y + edge, x + edge, m]: the field without `edge` pixels at each side.

    The same as reference.Crop, in loops.
    """

    def __init__(self, edge: int) -> None:
        self.edge = edge
        super().__init__()

    def output_shape(self, shape: Shape) -> Shape:
        height, width, maps = shape
        return height - 2 * self.edge, width - 2 * self.edge, maps

    def allocate(self, x: Array) -> MapBuffers:
        return MapBuffers(x.shape, (len(x), *self.output_shape(x.shape[1:])), self.dtype)

    def middle(self, x: Array) -> Array:
        """The view of the pixels that are kept."""
        edge = self.edge
        return x[:, edge : x.shape[1] - edge, edge : x.shape[2] - edge]

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h - 2 edge, w - 2 edge, maps)."""
        b = self.buffers(x)
        b.x[...] = self.middle(x)
        return b.x

    def backward(self, dE_dx: Array) -> Array:
        """The gradient of the pixels that are kept; 0 around them."""
        if not self.wants_input_gradient:
            return dE_dx
        b = self.held
        self.middle(b.dE_dx)[...] = dE_dx
        return b.dE_dx

    def second_backward(self, d2E_dx2: Array) -> Array:
        return self.backward(d2E_dx2)


class Twice(BufferedLayer[MapBuffers]):
    """x[y, x, 2 m] = x[y, x, 2 m + 1] = input[y, x, m]: each map feeds a pair of maps (III-C.8).

    The same as reference.Twice, in loops.
    """

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:2], 2 * shape[2])

    def allocate(self, x: Array) -> MapBuffers:
        return MapBuffers(x.shape, (len(x), *self.output_shape(x.shape[1:])), self.dtype)

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h, w, 2 maps)."""
        b = self.buffers(x)
        b.x[..., ::2] = x
        b.x[..., 1::2] = x
        return b.x

    def backward(self, dE_dx: Array) -> Array:
        """Both maps of a pair add their gradients."""
        b = self.held
        return np.add(dE_dx[..., ::2], dE_dx[..., 1::2], out=b.dE_dx)

    def second_backward(self, d2E_dx2: Array) -> Array:
        return self.backward(d2E_dx2)
