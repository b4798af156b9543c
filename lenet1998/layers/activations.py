"""Activations: the squashing function of eq. 6, and those that came after."""

from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike

from .. import paper
from ..arrays import Array, Buffers, Shape
from .layer import BufferedLayer


class ActivationBuffers(Buffers):
    """The state x, and the slope f'(a), which becomes what the backward passes return."""

    def __init__(self, shape: Shape, dtype: DTypeLike) -> None:
        self.x, self.slope = np.zeros(shape, dtype), np.zeros(shape, dtype)

    @cached_property
    def zeros(self) -> Array:
        """For ReLU: NumPy compares with an array of zeros faster than with the number 0."""
        return np.zeros_like(self.x)


class Activation(BufferedLayer[ActivationBuffers]):
    """x = f(a), unit by unit, any shape in and out; f'(a) is computed from x."""

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        A, S = paper.SQUASH_A, paper.SQUASH_S
        self.A, self.S, self.AS, self.minus_S_A, self.half, self.one = (
            np.array(value, self.dtype)  # NumPy would convert floats at every call
            for value in (A, S, A * S, -S / A, 0.5, 1.0)
        )

    def allocate(self, a: Array) -> ActivationBuffers:
        return ActivationBuffers(a.shape, self.dtype)

    def slope(self) -> Array:
        """f'(a) of the last forward, a buffer."""
        raise NotImplementedError

    def backward(self, dE_dx: Array) -> Array:
        """dE/da = f'(a) dE/dx."""
        d = self.slope()
        d *= dE_dx
        return d

    def second_backward(self, d2E_dx2: Array) -> Array:
        """d2E/da2 = f'(a)^2 d2E/dx2 (eq. 27); Gauss-Newton leaves out f''(a) dE/dx."""
        d = self.slope()
        d *= d
        d *= d2E_dx2
        return d


class Squash(Activation):
    """x = A tanh(S a), A = 1.7159, S = 2/3 (eq. 5, 6); the same as reference.Squash, in loops."""

    def forward(self, a: Array) -> Array:
        x = self.buffers(a).x
        np.multiply(self.S, a, x)
        np.tanh(x, x)
        x *= self.A
        return x

    def slope(self) -> Array:
        """f'(a) = A S (1 - tanh^2(S a)) = -(S/A) x^2 + A S."""
        x, d = self.held.x, self.held.slope
        np.multiply(x, x, d)
        d *= self.minus_S_A
        d += self.AS
        return d


class ReLU(Activation):
    """x = max(a, 0) (Nair and Hinton 2010); the slope at 0 is taken as 0."""

    def forward(self, a: Array) -> Array:
        b = self.buffers(a)
        return np.maximum(a, b.zeros, out=b.x)

    def slope(self) -> Array:
        """f'(a) = 1 where x > 0, else 0."""
        return np.greater(self.held.x, self.held.zeros, self.held.slope)


class Tanh(Activation):
    """x = tanh(a), without the A and S of eq. 6."""

    def forward(self, a: Array) -> Array:
        return np.tanh(a, self.buffers(a).x)

    def slope(self) -> Array:
        """f'(a) = 1 - x^2."""
        x, d = self.held.x, self.held.slope
        np.multiply(x, x, d)
        np.subtract(self.one, d, d)
        return d


class Sigmoid(Activation):
    """x = 1 / (1 + exp(-a)), computed as (1 + tanh(a / 2)) / 2, which never overflows."""

    def forward(self, a: Array) -> Array:
        x = self.buffers(a).x
        np.multiply(self.half, a, x)
        np.tanh(x, x)
        x *= self.half
        x += self.half
        return x

    def slope(self) -> Array:
        """f'(a) = (1 - x) x."""
        x, d = self.held.x, self.held.slope
        np.subtract(self.one, x, d)
        d *= x
        return d


class Negative(Activation):
    """x = -a: turns class scores (the largest wins) into penalties (the smallest wins)."""

    def forward(self, a: Array) -> Array:
        return np.negative(a, self.buffers(a).x)

    def slope(self) -> Array:
        d = self.held.slope
        d[...] = -1.0
        return d
