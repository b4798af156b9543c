"""The layers as plain loops: one pattern, one unit, one connection at a time.

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


class Activation:
    """x = f(a), unit by unit."""

    def f(self, a: float) -> float:
        raise NotImplementedError

    def slope(self, a: float) -> float:
        """f'(a)."""
        raise NotImplementedError

    def forward(self, a: Array) -> Array:
        self.a = a
        x = np.zeros(a.shape)
        for unit in np.ndindex(*a.shape):
            x[unit] = self.f(float(a[unit]))
        return x

    def backward(self, dE_dx: Array) -> Back:
        dE_da = np.zeros(self.a.shape)
        for unit in np.ndindex(*self.a.shape):
            dE_da[unit] = self.slope(float(self.a[unit])) * dE_dx[unit]
        return {}, dE_da

    def second_backward(self, d2E_dx2: Array) -> Back:
        d2E_da2 = np.zeros(self.a.shape)
        for unit in np.ndindex(*self.a.shape):
            d2E_da2[unit] = self.slope(float(self.a[unit])) ** 2 * d2E_dx2[unit]
        return {}, d2E_da2


class Squash(Activation):
    """x = A tanh(S a)."""

    def f(self, a: float) -> float:
        return A * math.tanh(S * a)

    def slope(self, a: float) -> float:
        return A * S * (1 - math.tanh(S * a) ** 2)


class ReLU(Activation):
    """x = max(a, 0)."""

    def f(self, a: float) -> float:
        return max(a, 0.0)

    def slope(self, a: float) -> float:
        return 1.0 if a > 0 else 0.0


class Tanh(Activation):
    """x = tanh(a)."""

    def f(self, a: float) -> float:
        return math.tanh(a)

    def slope(self, a: float) -> float:
        return 1 - math.tanh(a) ** 2


class Sigmoid(Activation):
    """x = 1 / (1 + exp(-a))."""

    def f(self, a: float) -> float:
        return 1 / (1 + math.exp(-a))

    def slope(self, a: float) -> float:
        return math.exp(-a) / (1 + math.exp(-a)) ** 2


class Negative(Activation):
    """x = -a."""

    def f(self, a: float) -> float:
        return -a

    def slope(self, a: float) -> float:
        return -1.0


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


def four(unit: Index) -> list[Index]:
    """Places of the 2x2 inputs of a unit: the left column, then the right one."""
    n, y, x, m = unit
    return [(n, 2 * y + dy, 2 * x + dx, m) for dx in (0, 1) for dy in (0, 1)]


class Subsampling:
    """a = coefficient * (the four inputs added) + bias."""

    def __init__(self, coefficient: Array, bias: Array) -> None:
        self.coefficient, self.bias = coefficient.astype(float), bias.astype(float)

    def total(self, unit: Index) -> float:
        """The four inputs of a unit added."""
        return float(sum(self.x[place] for place in four(unit)))

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
            for place in four(unit):
                dE_dx[place] += dE_da[unit] * self.coefficient[m]
        return {"coefficient": coefficient, "bias": bias}, dE_dx

    def second_backward(self, d2E_da2: Array) -> Back:
        coefficient, bias = np.zeros(self.bias.shape), np.zeros(self.bias.shape)
        d2E_dx2 = np.zeros(self.x.shape)
        for unit in np.ndindex(*self.a_shape):
            m = unit[-1]
            coefficient[m] += d2E_da2[unit] * self.total(unit) ** 2
            bias[m] += d2E_da2[unit]
            for place in four(unit):
                d2E_dx2[place] += d2E_da2[unit] * self.coefficient[m] ** 2
        return {"coefficient": coefficient, "bias": bias}, d2E_dx2


class Chosen:
    """A layer whose every output unit is one input unit: x[unit] = input[source(unit)]."""

    def source(self, unit: Index) -> Index:
        raise NotImplementedError

    def output_shape(self, shape: Index) -> Index:
        raise NotImplementedError

    def forward(self, x: Array) -> Array:
        self.shape = x.shape
        out = np.zeros(self.output_shape(x.shape))
        for unit in np.ndindex(*out.shape):
            out[unit] = x[self.source(unit)]
        return out

    def backward(self, dE_dx: Array) -> Back:
        d = np.zeros(self.shape)
        for unit in np.ndindex(*dE_dx.shape):
            d[self.source(unit)] += dE_dx[unit]
        return {}, d

    def second_backward(self, d2E_dx2: Array) -> Back:
        return self.backward(d2E_dx2)


class Crop(Chosen):
    """The field without `edge` pixels at each side."""

    def __init__(self, edge: int) -> None:
        self.edge = edge

    def source(self, unit: Index) -> Index:
        n, y, x, m = unit
        return n, y + self.edge, x + self.edge, m

    def output_shape(self, shape: Index) -> Index:
        n, height, width, maps = shape
        return n, height - 2 * self.edge, width - 2 * self.edge, maps


class Twice(Chosen):
    """Each map feeds a pair of maps."""

    def source(self, unit: Index) -> Index:
        n, y, x, m = unit
        return n, y, x, m // 2

    def output_shape(self, shape: Index) -> Index:
        return (*shape[:3], 2 * shape[3])


class Pool:
    """One unit for each 2x2 inputs of a map: y = sum of share * input."""

    def shares(self, unit: Index) -> list[float]:
        """dy/dinput of the four inputs of a unit."""
        raise NotImplementedError

    def forward(self, x: Array) -> Array:
        n, height, width, maps = x.shape
        self.x, self.y_shape = x, (n, height // 2, width // 2, maps)
        y = np.zeros(self.y_shape)
        for unit in np.ndindex(*self.y_shape):
            for place, share in zip(four(unit), self.shares(unit), strict=True):
                y[unit] += share * x[place]
        return y

    def backward(self, dE_dy: Array) -> Back:
        return {}, self.to_inputs(dE_dy, power=1)

    def second_backward(self, d2E_dy2: Array) -> Back:
        return {}, self.to_inputs(d2E_dy2, power=2)

    def to_inputs(self, d: Array, power: int) -> Array:
        d_x = np.zeros(self.x.shape)
        for unit in np.ndindex(*self.y_shape):
            for place, share in zip(four(unit), self.shares(unit), strict=True):
                d_x[place] += share**power * d[unit]
        return d_x


class AveragePool(Pool):
    """y = the mean of the four inputs."""

    def shares(self, unit: Index) -> list[float]:
        return [1 / 4] * 4


class MaxPool(Pool):
    """y = the largest of the four inputs; among equals the first one."""

    def shares(self, unit: Index) -> list[float]:
        values = [self.x[place] for place in four(unit)]
        return [1.0 if i == values.index(max(values)) else 0.0 for i in range(4)]


class BatchNorm:
    """y = gain * z + shift, z = (x - mean) / sqrt(variance + 1e-5), map by map.

    Args:
        running: mean and variance of each map, (2, maps); None takes those of the batch.
    """

    def __init__(self, gain: Array, shift: Array, running: Array | None) -> None:
        self.gain, self.shift, self.running = gain.astype(float), shift.astype(float), running

    def forward(self, x: Array) -> Array:
        self.z, self.deviation = np.zeros(x.shape), np.zeros(x.shape[-1])
        for m in range(x.shape[-1]):
            values = [float(value) for value in x[..., m].ravel()]
            mean = sum(values) / len(values)
            variance = sum((value - mean) ** 2 for value in values) / len(values)
            if self.running is not None:
                mean, variance = (float(value) for value in self.running[:, m])
            self.deviation[m] = math.sqrt(variance + 1e-5)
            self.z[..., m] = (x[..., m] - mean) / self.deviation[m]
        return self.gain * self.z + self.shift

    def backward(self, dE_dy: Array) -> Back:
        """In training mode dz_i/dx_k = ([i is k] - 1/N - z_i z_k / N) / deviation, N values."""
        gain, shift = np.zeros(self.gain.shape), np.zeros(self.shift.shape)
        dE_dx = np.zeros(self.z.shape)
        for m in range(len(gain)):
            z, d = self.z[..., m], dE_dy[..., m]
            for i in np.ndindex(*z.shape):
                gain[m] += d[i] * z[i]
                shift[m] += d[i]
                for k in np.ndindex(*z.shape):
                    dz_dx = float(i == k)
                    if self.running is None:
                        dz_dx -= (1 + z[i] * z[k]) / z.size
                    dE_dx[(*k, m)] += d[i] * self.gain[m] * dz_dx / self.deviation[m]
        return {"gain": gain, "shift": shift}, dE_dx

    def second_backward(self, d2E_dy2: Array) -> Back:
        """Mean and variance are constants here, in both modes."""
        gain, shift = np.zeros(self.gain.shape), np.zeros(self.shift.shape)
        d2E_dx2 = np.zeros(self.z.shape)
        for *place, m in np.ndindex(*self.z.shape):
            unit = (*place, m)
            gain[m] += d2E_dy2[unit] * self.z[unit] ** 2
            shift[m] += d2E_dy2[unit]
            d2E_dx2[unit] = d2E_dy2[unit] * (self.gain[m] / self.deviation[m]) ** 2
        return {"gain": gain, "shift": shift}, d2E_dx2


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


class LearnedRBF(RBF):
    """RBF whose codes w_ij are parameters."""

    def backward(self, dE_dy: Array) -> Back:
        dE_dw = np.zeros(self.codes.shape)
        for *place, i in np.ndindex(*dE_dy.shape):
            for j in range(self.codes.shape[1]):
                dE_dw[i, j] -= dE_dy[(*place, i)] * 2 * (self.x[(*place, j)] - self.codes[i, j])
        return {"codes": dE_dw}, super().backward(dE_dy)[1]

    def second_backward(self, slope: Array) -> Back:
        """With E = sum of slope_i y_i: d2E/dw_ij2 = slope_i * 2."""
        d2E_dw2 = np.zeros(self.codes.shape)
        for *place, i in np.ndindex(*slope.shape):
            for j in range(self.codes.shape[1]):
                d2E_dw2[i, j] += slope[(*place, i)] * 2
        return {"codes": d2E_dw2}, super().second_backward(slope)[1]


Layer = Activation | Weighted | Subsampling | Pool | BatchNorm | RBF
