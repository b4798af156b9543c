"""The squashing function f(a) = A tanh(S a) of eq. 6, after every layer up to F6."""

from types import SimpleNamespace

import numpy as np

from . import paper
from .layer import Array, Layer, Shape


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
