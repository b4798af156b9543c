"""Convolution layers C1, C3 and C5: one product of a matrix of patches with the kernel."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array, Shape
from .im2col import Col2Im, Im2Col
from .initialisation import initial_weights
from .layer import BufferedLayer

Table = Sequence[Sequence[int]]


class ConvolutionBuffers(Im2Col):
    """The patches of the input, the sums a, and the gradient of the input."""

    def __init__(self, shape: Shape, k: int, maps_out: int, dtype: DTypeLike) -> None:
        n, height, width, _ = shape
        super().__init__(shape, k, dtype)
        self.a = np.zeros((n, height - k + 1, width - k + 1, maps_out), dtype)
        self.a_rows = self.a.reshape(-1, maps_out)
        self.made_for = shape, k, maps_out, dtype

    @cached_property
    def col2im(self) -> Col2Im:
        """Allocated by the first backward pass: reading needs no such buffers."""
        return Col2Im(*self.made_for)


class Convolution(BufferedLayer[ConvolutionBuffers]):
    """a[y, x, m] = bias[m] + sum over ky, kx, c of kernel[ky, kx, c, m] * input[y + ky, x + kx, c].

    The same as reference.Convolution, in loops.  The bias is the weight of a unit that is always
    1: the last row of the kernel matrix.

    Args:
        maps_in, maps_out: feature maps of the input and of the output.
        size: side of the square neighbourhood.
        table: for each output map the input maps that it reads (Table I); None reads all.
    """

    has_biases = True

    def __init__(
        self, name: str, maps_in: int, maps_out: int, size: int, table: Table | None = None
    ) -> None:
        self.name, self.size, self.maps_in, self.maps_out = name, size, maps_in, maps_out
        reads = np.zeros((maps_in, maps_out), bool)
        for m in range(maps_out):
            reads[range(maps_in) if table is None else list(table[m]), m] = True
        self.fan_in = size * size * reads.sum(axis=0)  # (maps_out,)
        self.matrix_shape = size * size * maps_in + 1, maps_out
        present = np.ones(self.matrix_shape, bool)
        present[:-1] = np.tile(reads, (size * size, 1))
        self.parameter_count, self.bias_count = int(present.sum()), maps_out
        # Places of the parameters in the kernel matrix; None where every connection is present.
        self.present = None if present.all() else np.flatnonzero(present)
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        if self.present is None:
            self.matrix = parameters.reshape(self.matrix_shape)
        else:
            self.matrix = np.zeros(self.matrix_shape, self.dtype)
            self.matrix_gradient = np.zeros_like(self.matrix)
            self.flat_matrix = self.matrix.reshape(-1)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Weights by the fan-in of each map (appendix A), biases 0."""
        fan_out = self.size**2 * self.maps_out
        weights = initial_weights(rng, rule, self.fan_in, fan_out, self.matrix_shape)
        weights[-1] = 0.0
        self.parameters[:] = weights.flat if self.present is None else weights.flat[self.present]

    @property
    def kernel(self) -> Array:
        """(size, size, maps_in, maps_out); absent connections are 0 and are no parameters."""
        self.scatter_parameters()
        return self.matrix[:-1].reshape(self.size, self.size, self.maps_in, self.maps_out)

    @property
    def bias(self) -> Array:
        """(maps_out,)."""
        self.scatter_parameters()
        return self.matrix[-1, :]

    def scatter_parameters(self) -> None:
        """Write the parameters into the kernel matrix; absent connections stay 0."""
        if self.present is not None:
            self.flat_matrix[self.present] = self.parameters

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = shape
        return height - self.size + 1, width - self.size + 1, self.maps_out

    def connections(self, shape: Shape) -> int:
        height, width, _ = self.output_shape(shape)
        return height * width * self.parameter_count

    def allocate(self, x: Array) -> ConvolutionBuffers:
        return ConvolutionBuffers(x.shape, self.size, self.maps_out, self.dtype)

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps_in) -> (n, h - size + 1, w - size + 1, maps_out): patches . kernel."""
        b = self.buffers(x)
        self.scatter_parameters()
        b.im2col().dot(self.matrix, b.a_rows)
        return b.a

    def backward(self, dE_da: Array) -> Array:
        """dE/dkernel = patches^T dE/da; dE/dx = col2im(dE/da kernel^T), where it is wanted."""
        return self._backward(dE_da, self.held.columns, self.matrix, self.gradient)

    def second_backward(self, d2E_da2: Array) -> Array:
        """The same with patches and kernel squared: eq. 25, 27; the product sums as eq. 23 does."""
        columns, matrix = np.square(self.held.columns), np.square(self.matrix)
        return self._backward(d2E_da2, columns, matrix, self.curvature)

    def _backward(self, d: Array, columns: Array, matrix: Array, gradient: Array) -> Array:
        d_rows = d.reshape(-1, self.maps_out)
        if self.present is None:
            columns.T.dot(d_rows, gradient.reshape(self.matrix_shape))
        else:
            columns.T.dot(d_rows, self.matrix_gradient)
            self.matrix_gradient.take(self.present, None, gradient, "clip")
        return self.held.col2im.add(d, matrix[:-1]) if self.wants_input_gradient else d
