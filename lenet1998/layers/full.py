"""The full connection F6."""

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array, Buffers, Shape
from .initialisation import initial_weights
from .layer import BufferedLayer


class FullBuffers(Buffers):
    """The inputs with the 1 of the bias, the sums a, and the gradient of the input."""

    def __init__(self, shape: Shape, units_out: int, dtype: DTypeLike) -> None:
        *positions, units_in = shape
        inputs = np.ones((*positions, units_in + 1), dtype)
        self.x = inputs[..., :-1]
        self.inputs = inputs.reshape(-1, units_in + 1)
        self.a = np.zeros((*positions, units_out), dtype)
        self.a_rows = self.a.reshape(-1, units_out)
        self.dE_dx = np.zeros(shape, dtype)
        self.dE_dx_rows = self.dE_dx.reshape(-1, units_in)


class Full(BufferedLayer[FullBuffers]):
    """a[i] = bias[i] + sum over j of weights[j, i] * x[j], at every position of the map (II-B).

    The same as reference.Full, in loops.  The bias is the weight of a unit that is always 1: the
    last row of the weight matrix.

    Attributes:
        weights: (units_in, units_out).
        bias: (units_out,).
    """

    has_biases = True

    def __init__(self, name: str, units_in: int, units_out: int) -> None:
        self.name, self.units_in, self.units_out = name, units_in, units_out
        self.parameter_count, self.bias_count = (units_in + 1) * units_out, units_out
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.matrix = parameters.reshape(self.units_in + 1, self.units_out)
        self.weights, self.bias = self.matrix[:-1], self.matrix[-1]

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Weights by the fan-in (appendix A), biases 0."""
        shape = self.weights.shape
        self.weights[:] = initial_weights(rng, rule, self.units_in, self.units_out, shape)
        self.bias[:] = 0.0

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:2], self.units_out)

    def connections(self, shape: Shape) -> int:
        return shape[0] * shape[1] * self.parameter_count

    def allocate(self, x: Array) -> FullBuffers:
        return FullBuffers(x.shape, self.units_out, self.dtype)

    def forward(self, x: Array) -> Array:
        """(n, h, w, units_in) -> (n, h, w, units_out)."""
        b = self.buffers(x)
        b.x[...] = x
        b.inputs.dot(self.matrix, b.a_rows)
        return b.a

    def backward(self, dE_da: Array) -> Array:
        """dE/dweights = x^T dE/da; dE/dx = dE/da weights^T."""
        return self._backward(dE_da, self.held.inputs, self.weights, self.gradient)

    def second_backward(self, d2E_da2: Array) -> Array:
        """The same with inputs and weights squared (eq. 25, 27)."""
        inputs, weights = np.square(self.held.inputs), np.square(self.weights)
        return self._backward(d2E_da2, inputs, weights, self.curvature)

    def _backward(self, d: Array, inputs: Array, weights: Array, gradient: Array) -> Array:
        b = self.held
        d_rows = d.reshape(b.a_rows.shape)
        inputs.T.dot(d_rows, gradient.reshape(self.matrix.shape))
        if not self.wants_input_gradient:
            return d
        d_rows.dot(weights.T, b.dE_dx_rows)
        return b.dE_dx
