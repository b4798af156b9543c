"""Convolution layers C1, C3 and C5: one product of a matrix of patches with the kernel."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..arrays import Array, Shape
from .initialisation import first_weights
from .layer import Layer


class Convolution(Layer):
    """a[y, x, m] = bias[m] + sum over ky, kx, c of kernel[ky, kx, c, m] * input[y + ky, x + kx, c].

    The bias is the weight of a unit that is always 1, so it stands as the last row of the kernel
    matrix and needs no lines of its own.

    Args:
        name: the paper's name of the layer.
        maps_in, maps_out: feature maps read and made.
        size: side of the square neighbourhood.
        table: for each output map the input maps that it reads (Table I); None reads all.
    """

    has_biases = True

    def __init__(
        self,
        name: str,
        maps_in: int,
        maps_out: int,
        size: int,
        table: Sequence[Sequence[int]] | None = None,
    ) -> None:
        self.name, self.size = name, size
        self.maps_in, self.maps_out = maps_in, maps_out
        self.rows = size * size * maps_in  # of the kernel matrix, without the bias
        reads = np.ones((maps_in, maps_out), bool)
        if table is not None:
            reads[:] = False
            for m, sources in enumerate(table):
                reads[list(sources), m] = True
        self.fan_in = size * size * reads.sum(axis=0)  # (maps_out,)
        present = np.ones((self.rows + 1, maps_out), bool)
        present[:-1] = np.tile(reads, (size * size, 1))
        self.count = int(present.sum())
        # Places of the parameters in the kernel matrix; None where every connection is there.
        self.present = None if present.all() else np.flatnonzero(present)
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        shape = (self.rows + 1, self.maps_out)
        if self.present is None:
            self.matrix = parameters.reshape(shape)
        else:
            self.matrix = np.zeros(shape, self.dtype)
            self.flat_matrix = self.matrix.reshape(-1)
            self.full_gradient = np.zeros(shape, self.dtype)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Weights by the fan-in of each map (appendix A), biases 0."""
        fan_out = self.size**2 * self.maps_out
        drawn = first_weights(rng, rule, self.fan_in, fan_out, (self.rows + 1, self.maps_out))
        drawn[-1] = 0.0
        self.parameters[:] = drawn.ravel() if self.present is None else drawn.ravel()[self.present]

    @property
    def kernel(self) -> Array:
        """(size, size, maps_in, maps_out); absent connections are 0 and are no parameters."""
        self.spread()
        return self.matrix[:-1].reshape(self.size, self.size, self.maps_in, self.maps_out)

    @property
    def bias(self) -> Array:
        """(maps_out,)."""
        self.spread()
        return self.matrix[-1]

    def spread(self) -> None:
        """Lay the parameters out as the kernel matrix; absent connections stay 0."""
        if self.present is not None:
            self.flat_matrix[self.present] = self.parameters

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = shape
        return height - self.size + 1, width - self.size + 1, self.maps_out

    def connections(self, shape: Shape) -> int:
        height, width, _ = self.output_shape(shape)
        return height * width * self.count

    def allocate(self, shape: Shape) -> SimpleNamespace:
        n, _, _, maps_in = shape
        out_height, out_width, _ = self.output_shape(shape[1:])
        positions, k = n * out_height * out_width, self.size
        b = SimpleNamespace(strips=None, single=out_height == out_width == 1, folded=None)
        # columns: one row a position, its patch and the 1 of the bias.
        if maps_in == 1:  # stored by columns, so that the copy runs along the image's rows
            b.columns = np.zeros((self.rows + 1, positions), self.dtype).T
            # The image shifted by kx, cut to the output's width: element (ky, kx) of all patches
            # is then one run of it, which begins ky rows down.
            b.strips = np.zeros((k, n, shape[1], out_width), self.dtype)
            b.runs = as_strided(
                b.strips,
                (k, k, n, out_height * out_width),
                tuple(b.strips.strides[i] for i in (2, 0, 1, 3)),
            )
            b.run_columns = b.columns.T[:-1].reshape(b.runs.shape)
        else:
            b.columns = np.zeros((positions, self.rows + 1), self.dtype)
            b.patches = b.columns.reshape(n, out_height, out_width, -1)[..., :-1]
            b.patches = b.patches.reshape(n, out_height, out_width, k, k, maps_in)  # still a view
        b.columns[:, -1] = 1.0
        b.a = np.zeros((n, out_height, out_width, self.maps_out), self.dtype)
        b.a_rows = b.a.reshape(positions, self.maps_out)
        b.dE_dx = np.zeros(shape, self.dtype)
        if b.single:
            b.dE_dx_rows = b.dE_dx.reshape(positions, self.rows)
        return b

    def _allocate_fold(self, b: SimpleNamespace) -> None:
        """Buffers that fold the gradients of overlapping patches back into the input's gradient.

        The output's gradient is written with the rows of the input, `width` apart, so that the
        patch element (ky, kx) of position p belongs to input pixel p + ky * width + kx whatever p
        is.  One product gives, for each (ky, kx, c), a row over all p; each row is zero-padded,
        and input pixel q sums the rows at q - ky * width - kx: a reduction over a strided view.
        """
        n, height, width, maps_in = b.dE_dx.shape
        out_height, out_width = b.a.shape[1:3]
        k, item = self.size, self.dtype.itemsize
        run = (out_height - 1) * width + out_width  # positions, with the gaps between rows
        pad = (k - 1) * width + k - 1  # the largest shift
        wide = np.zeros((n, self.maps_out, out_height, width), self.dtype)
        b.wide = wide[..., :out_width].transpose(0, 2, 3, 1)  # written as NHWC
        b.wide_rows = wide.reshape(n, self.maps_out, -1)[..., :run]  # read map by map: faster
        length = pad + height * width
        shifted = np.zeros((n, self.rows, length), self.dtype)
        b.shifted = shifted[..., pad : pad + run]
        b.by_pixel = as_strided(
            shifted[..., pad:],
            (n, k, k, maps_in, height * width),
            (
                self.rows * length * item,
                (k * maps_in * length - width) * item,
                (maps_in * length - 1) * item,
                length * item,
                item,
            ),
        )
        b.folded = np.zeros((n, maps_in, height * width), self.dtype)
        b.folded_nhwc = b.folded.transpose(0, 2, 1).reshape(b.dE_dx.shape)

    def attach(self, b: SimpleNamespace, x: Array) -> None:
        """The patches of x, which overlap, or its shifted copies where there is one map."""
        step = x.strides
        if b.strips is None:
            b.windows = as_strided(x, b.patches.shape, (*step[:3], *step[1:]))
        else:
            b.shifts = as_strided(x, b.strips.shape, (step[2], *step[:3]))

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps_in) -> (n, h - size + 1, w - size + 1, maps_out)."""
        b = self.buffers(x)
        if b.strips is None:
            b.patches[...] = b.windows
        else:
            b.strips[...] = b.shifts
            b.run_columns[...] = b.runs
        self.spread()
        b.columns.dot(self.matrix, b.a_rows)
        return b.a

    def backward(self, dE_da: Array) -> Array:
        """Gradient of the weights: patches^T dE/da; of the input: dE/da kernel^T, folded back.

        Where nobody wants the input's gradient, dE/da comes back as it came.
        """
        return self._back(dE_da, self.held.columns, self.matrix, self.gradient)

    def second_backward(self, d2E_da2: Array) -> Array:
        """The same with patches and kernel squared: eq. 25, 27; the product sums as eq. 23 does."""
        columns, matrix = np.square(self.held.columns), np.square(self.matrix)
        return self._back(d2E_da2, columns, matrix, self.curvature)

    def _back(self, d: Array, columns: Array, matrix: Array, into: Array) -> Array:
        b = self.held
        d_rows = d.reshape(-1, self.maps_out)
        if self.present is None:
            columns.T.dot(d_rows, into.reshape(matrix.shape))
        else:
            columns.T.dot(d_rows, self.full_gradient)
            self.full_gradient.take(self.present, None, into, "clip")
        if not self.wants_input_gradient:
            return d
        kernel = matrix[:-1]
        if b.single:  # one position: the patch is the whole input, nothing overlaps
            d_rows.dot(kernel.T, b.dE_dx_rows)
        else:
            if b.folded is None:  # not before it is needed: reading needs no such buffers
                self._allocate_fold(b)
            b.wide[...] = d
            np.matmul(kernel, b.wide_rows, b.shifted)
            np.add.reduce(b.by_pixel, axis=(1, 2), out=b.folded)
            b.dE_dx[...] = b.folded_nhwc
        return b.dE_dx
