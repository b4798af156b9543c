"""Activations: the squashing function of eq. 6, and those that came after."""

from types import SimpleNamespace

import numpy as np

from .. import paper
from ..arrays import Array, Shape
from .layer import Layer


class Squash(Layer):
    """x = f(a) = A tanh(S a), A = 1.7159, S = 2/3 (eq. 5, 6; appendix A); any shape in and out."""

    def allocate(self, shape: Shape) -> SimpleNamespace:
        held = SimpleNamespace(x=np.zeros(shape, self.dtype), d=np.zeros(shape, self.dtype))
        # Scalars as arrays of the right type: NumPy would convert a Python float at every call.
        A, S = paper.SQUASH_A, paper.SQUASH_S
        held.A, held.S, held.AS, held.S_A = (np.array(v, self.dtype) for v in (A, S, A * S, -S / A))
        return held

    def forward(self, a: Array) -> Array:
        """x = A tanh(S a)."""
        b = self.buffers(a)
        np.multiply(a, b.S, b.x)
        np.tanh(b.x, b.x)
        np.multiply(b.x, b.A, b.x)
        return b.x

    def _slope(self) -> SimpleNamespace:
        """f'(a) = A S (1 - tanh^2(S a)) = A S - (S/A) x^2, into the buffer d."""
        b = self.held
        np.multiply(b.x, b.x, b.d)
        np.multiply(b.d, b.S_A, b.d)
        np.add(b.d, b.AS, b.d)
        return b

    def backward(self, dE_dx: Array) -> Array:
        """dE/da = f'(a) dE/dx."""
        b = self._slope()
        np.multiply(b.d, dE_dx, b.d)
        return b.d

    def second_backward(self, d2E_dx2: Array) -> Array:
        """d2E/da2 = f'(a)^2 d2E/dx2 (eq. 27); Gauss-Newton leaves out f''(a) dE/dx."""
        b = self._slope()
        np.multiply(b.d, b.d, b.d)
        np.multiply(b.d, d2E_dx2, b.d)
        return b.d


class Activation(Layer):
    """x = f(a), unit by unit, any shape in and out; f'(a) is read off x."""

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = SimpleNamespace(x=np.zeros(shape, self.dtype), d=np.zeros(shape, self.dtype))
        b.half, b.one = np.array(0.5, self.dtype), np.array(1, self.dtype)
        return b

    def slope(self, b: SimpleNamespace) -> None:
        """f'(a) into the buffer d."""
        raise NotImplementedError

    def backward(self, dE_dx: Array) -> Array:
        """dE/da = f'(a) dE/dx."""
        b = self.held
        self.slope(b)
        np.multiply(b.d, dE_dx, b.d)
        return b.d

    def second_backward(self, d2E_dx2: Array) -> Array:
        """d2E/da2 = f'(a)^2 d2E/dx2 (eq. 27)."""
        b = self.held
        self.slope(b)
        np.multiply(b.d, b.d, b.d)
        np.multiply(b.d, d2E_dx2, b.d)
        return b.d


class ReLU(Activation):
    """x = max(a, 0) (Nair and Hinton 2010); the slope at 0 is taken as 0."""

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = super().allocate(shape)
        b.zeros = np.zeros(shape, self.dtype)  # NumPy is faster with an array here than with a 0
        return b

    def forward(self, a: Array) -> Array:
        """x = max(a, 0)."""
        b = self.buffers(a)
        np.maximum(a, b.zeros, out=b.x)
        return b.x

    def slope(self, b: SimpleNamespace) -> None:
        """1 where x > 0, else 0."""
        np.greater(b.x, b.zeros, b.d)


class Tanh(Activation):
    """x = tanh(a), without the A and S of eq. 6."""

    def forward(self, a: Array) -> Array:
        """x = tanh(a)."""
        b = self.buffers(a)
        np.tanh(a, b.x)
        return b.x

    def slope(self, b: SimpleNamespace) -> None:
        """1 - x^2."""
        np.multiply(b.x, b.x, b.d)
        np.subtract(b.one, b.d, b.d)


class Sigmoid(Activation):
    """x = 1 / (1 + exp(-a)), computed as (1 + tanh(a / 2)) / 2, which overflows nowhere."""

    def forward(self, a: Array) -> Array:
        """x = 1 / (1 + exp(-a))."""
        b = self.buffers(a)
        np.multiply(a, b.half, b.x)
        np.tanh(b.x, b.x)
        np.multiply(b.x, b.half, b.x)
        np.add(b.x, b.half, b.x)
        return b.x

    def slope(self, b: SimpleNamespace) -> None:
        """x (1 - x)."""
        np.subtract(b.one, b.x, b.d)
        np.multiply(b.d, b.x, b.d)


class Negative(Layer):
    """y = -x: turns sums, the largest of which wins, into penalties, the smallest of which does."""

    def allocate(self, shape: Shape) -> SimpleNamespace:
        return SimpleNamespace(y=np.zeros(shape, self.dtype), d=np.zeros(shape, self.dtype))

    def forward(self, x: Array) -> Array:
        """y = -x."""
        b = self.buffers(x)
        np.negative(x, b.y)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """dE/dx = -dE/dy."""
        np.negative(dE_dy, self.held.d)
        return self.held.d

    def second_backward(self, d2E_dy2: Array) -> Array:
        """d2E/dx2 = d2E/dy2."""
        self.held.d[...] = d2E_dy2
        return self.held.d
