"""The full connection F6."""

from types import SimpleNamespace

import numpy as np

from ..arrays import Array, Shape
from .initialisation import first_weights
from .layer import Layer


class Full(Layer):
    """a[i] = bias[i] + sum over j of weights[j, i] * x[j], at every position of the map (II-B).

    The bias is the weight of a unit that is always 1: the last row of the weight matrix.

    Attributes:
        weights: (units_in, units_out).
        bias: (units_out,).
    """

    has_biases = True

    def __init__(self, name: str, units_in: int, units_out: int) -> None:
        self.name, self.units_in, self.units_out = name, units_in, units_out
        self.count = (units_in + 1) * units_out
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.matrix = parameters.reshape(self.units_in + 1, self.units_out)
        self.weights, self.bias = self.matrix[:-1], self.matrix[-1]

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Weights by the fan-in (appendix A), biases 0."""
        shape = self.weights.shape
        self.weights[:] = first_weights(rng, rule, self.units_in, self.units_out, shape)
        self.bias[:] = 0.0

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:2], self.units_out)

    def connections(self, shape: Shape) -> int:
        return shape[0] * shape[1] * self.count

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = SimpleNamespace()
        positions = shape[0] * shape[1] * shape[2]
        b.inputs = np.zeros((positions, self.units_in + 1), self.dtype)
        b.inputs[:, -1] = 1.0
        b.x = b.inputs.reshape(*shape[:3], -1)[..., :-1]
        b.a = np.zeros((*shape[:3], self.units_out), self.dtype)
        b.a_rows = b.a.reshape(positions, self.units_out)
        b.dE_dx = np.zeros(shape, self.dtype)
        b.dE_dx_rows = b.dE_dx.reshape(positions, self.units_in)
        return b

    def forward(self, x: Array) -> Array:
        """(n, h, w, units_in) -> (n, h, w, units_out)."""
        b = self.buffers(x)
        b.x[...] = x
        b.inputs.dot(self.matrix, b.a_rows)
        return b.a

    def backward(self, dE_da: Array) -> Array:
        """dE/dweights = x^T dE/da; dE/dx = dE/da weights^T."""
        return self._back(dE_da, self.held.inputs, self.weights, self.gradient)

    def second_backward(self, d2E_da2: Array) -> Array:
        """The same with inputs and weights squared (eq. 25, 27)."""
        inputs, weights = np.square(self.held.inputs), np.square(self.weights)
        return self._back(d2E_da2, inputs, weights, self.curvature)

    def _back(self, d: Array, inputs: Array, weights: Array, into: Array) -> Array:
        b = self.held
        d_rows = d.reshape(b.a_rows.shape)
        inputs.T.dot(d_rows, into.reshape(self.matrix.shape))
        d_rows.dot(weights.T, b.dE_dx_rows)
        return b.dE_dx
