"""The layers of 1998 as plain loops: one pattern, one unit, one connection at a time.

Slow, in float64, and as close to the equations as Python gets: what the fast layers are tested
against.  `backward` and `second_backward` return a dictionary with an array for each named
parameter, summed over the patterns, and then the array for the input.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Index = tuple[int, ...]
Back = tuple[dict[str, Array], Array]

A, S = 1.7159, 2 / 3  # appendix A


class Squash:
    """x = A tanh(S a)."""

    def forward(self, a: Array) -> Array:
        self.a = a
        x = np.zeros(a.shape)
        for unit in np.ndindex(*a.shape):
            x[unit] = A * math.tanh(S * a[unit])
        return x

    def slope(self, unit: Index) -> float:
        """f'(a) = A S (1 - tanh(S a)^2)."""
        return A * S * (1 - math.tanh(S * self.a[unit]) ** 2)

    def backward(self, dE_dx: Array) -> Back:
        dE_da = np.zeros(self.a.shape)
        for unit in np.ndindex(*self.a.shape):
            dE_da[unit] = self.slope(unit) * dE_dx[unit]
        return {}, dE_da

    def second_backward(self, d2E_dx2: Array) -> Back:
        d2E_da2 = np.zeros(self.a.shape)
        for unit in np.ndindex(*self.a.shape):
            d2E_da2[unit] = self.slope(unit) ** 2 * d2E_dx2[unit]
        return {}, d2E_da2


class Weighted:
    """a_i = b_i + sum over the connections (i, j) of u_ij x_j, where connections share weights.

    Convolution and full connection say which connections there are; the three passes are the same.
    """

    weight_name: str

    def __init__(self, weights: Array, bias: Array) -> None:
        self.weights, self.bias = weights.astype(float), bias.astype(float)

    def output_shape(self, shape: Index) -> Index:
        raise NotImplementedError

    def connections(self) -> Iterator[tuple[Index, Index, Index]]:
        """Places of the unit i, of the weight u_ij and of the input j, for every connection."""
        raise NotImplementedError

    def forward(self, x: Array) -> Array:
        self.x, self.a_shape = x, self.output_shape(x.shape)
        a = np.zeros(self.a_shape)
        for unit in np.ndindex(*self.a_shape):
            a[unit] = self.bias[unit[-1]]
        for i, u, j in self.connections():
            a[i] += self.weights[u] * x[j]
        return a

    def backward(self, dE_da: Array) -> Back:
        weights, bias = np.zeros(self.weights.shape), np.zeros(self.bias.shape)
        dE_dx = np.zeros(self.x.shape)
        for unit in np.ndindex(*self.a_shape):
            bias[unit[-1]] += dE_da[unit]
        for i, u, j in self.connections():
            weights[u] += dE_da[i] * self.x[j]
            dE_dx[j] += dE_da[i] * self.weights[u]
        return {self.weight_name: weights, "bias": bias}, dE_dx

    def second_backward(self, d2E_da2: Array) -> Back:
        """Eq. 25 summed by eq. 23 for the weights, eq. 27 for the input."""
        weights, bias = np.zeros(self.weights.shape), np.zeros(self.bias.shape)
        d2E_dx2 = np.zeros(self.x.shape)
        for unit in np.ndindex(*self.a_shape):
            bias[unit[-1]] += d2E_da2[unit]
        for i, u, j in self.connections():
            weights[u] += d2E_da2[i] * self.x[j] ** 2
            d2E_dx2[j] += d2E_da2[i] * self.weights[u] ** 2
        return {self.weight_name: weights, "bias": bias}, d2E_dx2


class Convolution(Weighted):
    """`table[m]` lists the input maps that output map m reads; kernel (size, size, maps, maps)."""

    weight_name = "kernel"

    def __init__(self, kernel: Array, bias: Array, table: Sequence[Sequence[int]]) -> None:
        super().__init__(kernel, bias)
        self.size, self.table = kernel.shape[0], table

    def output_shape(self, shape: Index) -> Index:
        n, height, width, _ = shape
        return n, height - self.size + 1, width - self.size + 1, len(self.table)

    def connections(self) -> Iterator[tuple[Index, Index, Index]]:
        for n, y, x, m in np.ndindex(*self.a_shape):
            for ky in range(self.size):
                for kx in range(self.size):
                    for c in self.table[m]:
                        yield (n, y, x, m), (ky, kx, c, m), (n, y + ky, x + kx, c)


class Full(Weighted):
    """Every unit reads all the inputs at its position; weights (units_in, units_out)."""

    weight_name = "weights"

    def output_shape(self, shape: Index) -> Index:
        return (*shape[:-1], self.weights.shape[1])

    def connections(self) -> Iterator[tuple[Index, Index, Index]]:
        for n, y, x, i in np.ndindex(*self.a_shape):
            for j in range(self.weights.shape[0]):
                yield (n, y, x, i), (j, i), (n, y, x, j)


class Subsampling:
    """a = coefficient * (the four inputs added) + bias."""

    def __init__(self, coefficient: Array, bias: Array) -> None:
        self.coefficient, self.bias = coefficient.astype(float), bias.astype(float)

    @staticmethod
    def four(unit: Index) -> list[Index]:
        """Places of the four inputs of a unit."""
        n, y, x, m = unit
        return [(n, 2 * y + dy, 2 * x + dx, m) for dy in (0, 1) for dx in (0, 1)]

    def total(self, unit: Index) -> float:
        """The four inputs of a unit added."""
        return float(sum(self.x[place] for place in self.four(unit)))

    def forward(self, x: Array) -> Array:
        n, height, width, maps = x.shape
        self.x, self.a_shape = x, (n, height // 2, width // 2, maps)
        a = np.zeros(self.a_shape)
        for unit in np.ndindex(*self.a_shape):
            m = unit[-1]
            a[unit] = self.coefficient[m] * self.total(unit) + self.bias[m]
        return a

    def backward(self, dE_da: Array) -> Back:
        coefficient, bias = np.zeros(self.bias.shape), np.zeros(self.bias.shape)
        dE_dx = np.zeros(self.x.shape)
        for unit in np.ndindex(*self.a_shape):
            m = unit[-1]
            coefficient[m] += dE_da[unit] * self.total(unit)
            bias[m] += dE_da[unit]
            for place in self.four(unit):
                dE_dx[place] += dE_da[unit] * self.coefficient[m]
        return {"coefficient": coefficient, "bias": bias}, dE_dx

    def second_backward(self, d2E_da2: Array) -> Back:
        coefficient, bias = np.zeros(self.bias.shape), np.zeros(self.bias.shape)
        d2E_dx2 = np.zeros(self.x.shape)
        for unit in np.ndindex(*self.a_shape):
            m = unit[-1]
            coefficient[m] += d2E_da2[unit] * self.total(unit) ** 2
            bias[m] += d2E_da2[unit]
            for place in self.four(unit):
                d2E_dx2[place] += d2E_da2[unit] * self.coefficient[m] ** 2
        return {"coefficient": coefficient, "bias": bias}, d2E_dx2


class RBF:
    """y_i = sum over j of (x_j - w_ij)^2."""

    def __init__(self, codes: Array) -> None:
        self.codes = codes.astype(float)

    def forward(self, x: Array) -> Array:
        self.x = x
        classes, units = self.codes.shape
        y = np.zeros((*x.shape[:-1], classes))
        for *place, i in np.ndindex(*y.shape):
            for j in range(units):
                y[(*place, i)] += (x[(*place, j)] - self.codes[i, j]) ** 2
        return y

    def backward(self, dE_dy: Array) -> Back:
        dE_dx = np.zeros(self.x.shape)
        for *place, j in np.ndindex(*self.x.shape):
            for i, code in enumerate(self.codes):
                dE_dx[(*place, j)] += dE_dy[(*place, i)] * 2 * (self.x[(*place, j)] - code[j])
        return {}, dE_dx

    def second_backward(self, slope: Array) -> Back:
        """With E = sum of slope_i y_i: d2E/dx_j2 = sum of slope_i * 2."""
        d2E_dx2 = np.zeros(self.x.shape)
        for *place, j in np.ndindex(*self.x.shape):
            for i in range(len(self.codes)):
                d2E_dx2[(*place, j)] += slope[(*place, i)] * 2
        return {}, d2E_dx2


Layer = Squash | Convolution | Full | Subsampling | RBF
