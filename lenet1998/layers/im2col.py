"""Views into the memory of images: the patches of a convolution, the 2x2 fields of sub-sampling.

A convolution is one product of matrices once each patch of its input is a row (im2col); the
gradient of the input comes back from the gradients of the patches (col2im).
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike

from ..arrays import Array, Buffers, Shape


class Im2Col(Buffers):
    """The k x k patches of images (n, height, width, maps) as the rows of a matrix.

    Attributes:
        columns: (positions, k * k * maps + 1): one row for each position (n, y, x), with its patch
            in the order (ky, kx, map) and then a constant 1, whose weight is the bias.
    """

    def __init__(self, shape: Shape, k: int, dtype: DTypeLike) -> None:
        n, height, width, maps = shape
        rows, out_width = height - k + 1, width - k + 1
        positions, size = n * rows * out_width, k * k * maps
        self.one_map = maps == 1
        if self.one_map:
            # Stored by columns, so that the copy runs along the rows of the image.  The image
            # shifted by kx is cut to the output's width: element (ky, kx) of all patches is then
            # one run of it, which starts ky rows down.
            self.columns = np.zeros((size + 1, positions), dtype).T
            self.shifted = np.zeros((k, n, height, out_width), dtype)
            step = self.shifted.strides
            shape = (k, k, n, rows * out_width)
            self.runs = as_strided(self.shifted, shape, (step[2], step[0], step[1], step[3]))
            self.run_columns = self.columns.T[:-1].reshape(shape)
        else:
            self.columns = np.zeros((positions, size + 1), dtype)
            patches = self.columns.reshape(n, rows, out_width, size + 1)[..., :-1]
            self.patches = patches.reshape(n, rows, out_width, k, k, maps)  # still a view
        self.columns[:, -1] = 1.0

    def bind_views(self, x: Array) -> None:
        """View x as its overlapping patches, or as its shifted copies where there is one map."""
        step = x.strides
        if self.one_map:
            self.shifts = as_strided(x, self.shifted.shape, (step[2], *step[:3]))
        else:
            self.windows = as_strided(x, self.patches.shape, (*step[:3], *step[1:]))

    def im2col(self) -> Array:
        """Copy the patches of the bound images into `columns`."""
        if self.one_map:
            self.shifted[...] = self.shifts
            self.run_columns[...] = self.runs
        else:
            self.patches[...] = self.windows
        return self.columns


class Col2Im:
    """Adds the gradients of overlapping patches to that of the images (n, height, width, maps).

    dE/dx[y, x, c] = sum over ky, kx, m of kernel[ky, kx, c, m] * d[y - ky, x - kx, m], d that of
    the outputs.  d is stored with rows as wide as the images' and zeros at their ends, and copied
    once for each kx, shifted by it; one product with the kernel, as (ky, c) by (kx, m), sums over
    kx and m.  What is left is the sum over ky of its rows, shifted by ky rows of the image: a
    reduction over a strided view.  Where there is one position only, nothing overlaps.
    """

    def __init__(self, shape: Shape, k: int, maps_out: int, dtype: DTypeLike) -> None:
        n, height, width, maps = shape
        rows, out_width = height - k + 1, width - k + 1
        self.dE_dx = np.zeros(shape, dtype)
        self.one_position = rows == out_width == 1
        if self.one_position:
            return
        self.kernel_shape = k, k, maps, maps_out
        self.kernel = np.zeros((k, maps, k, maps_out), dtype)
        self.matrix = self.kernel.reshape(k * maps, k * maps_out)
        positions = rows * width
        wide = np.zeros((n, maps_out, k - 1 + positions), dtype)
        d = wide[..., k - 1 :].reshape(n, maps_out, rows, width)
        self.d = d[..., :out_width].transpose(0, 2, 3, 1)  # written as NHWC
        image, row, item = wide.strides
        self.shifted = np.zeros((n, k, maps_out, positions), dtype)
        step = image, -item, row, item
        self.shifts = as_strided(wide[..., k - 1 :], self.shifted.shape, step)
        self.columns = self.shifted.reshape(n, k * maps_out, positions)
        pad = (k - 1) * width
        padded = np.zeros((n, k * maps, pad + height * width), dtype)
        self.products = padded[..., pad : pad + positions]
        image, row, item = padded.strides
        step = image, maps * row - width * item, row, item
        self.by_pixel = as_strided(padded[..., pad:], (n, k, maps, height * width), step)
        self.sums = np.zeros((n, maps, height * width), dtype)
        self.sums_nhwc = self.sums.transpose(0, 2, 1).reshape(shape)

    def add(self, d: Array, kernel: Array) -> Array:
        """Gradient of the images; d is that of the outputs, kernel (k * k * maps, maps_out)."""
        if self.one_position:
            d.reshape(len(d), -1).dot(kernel.T, self.dE_dx.reshape(len(d), -1))
            return self.dE_dx
        self.d[...] = d
        self.shifted[...] = self.shifts
        self.kernel[...] = kernel.reshape(self.kernel_shape).transpose(0, 2, 1, 3)
        np.matmul(self.matrix, self.columns, self.products)
        np.add.reduce(self.by_pixel, axis=1, out=self.sums)
        self.dE_dx[...] = self.sums_nhwc
        return self.dE_dx


def fields_2x2(x: Array) -> Array:
    """View (n, h, w, maps) as (n, h // 2, 2, w // 2, 2, maps); an odd last row is left out."""
    n, height, width, maps = x.shape
    image, row, column, item = x.strides
    step = image, 2 * row, row, 2 * column, column, item
    return as_strided(x, (n, height // 2, 2, width // 2, 2, maps), step)


def row_pairs(x: Array) -> tuple[Array, Array]:
    """Views of the upper and the lower rows, (n, h // 2, w, maps); an odd last one is left out."""
    height, width = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    return x[:, 0:height:2, :width], x[:, 1:height:2, :width]


def diagonals(matrix: Array) -> Array:
    """View of the diagonals of the upper and the lower half of (2 maps, maps), as (2, maps)."""
    maps, (row, item) = matrix.shape[1], matrix.strides
    return as_strided(matrix, (2, maps), (maps * row, row + item))
