"""What learning makes small: eq. 8 (MLE) and eq. 9 (MAP) of section II-C.

Both take the penalties of the RBF units.  The authors' libraries halve them, y = 1/2 ||x - w||^2,
and so does `scale` (reading; the README has what learning without it does).
A criterion works on a batch of one as on many; its buffers hold until the next call.
"""

from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from . import paper
from .layer import Array, Shape

Labels = NDArray[np.integer]


class MLE:
    """E = scale * y[D], D the right class (eq. 8, for one pattern)."""

    name = "mle"

    def __init__(self, scale: float = paper.PENALTY_SCALE) -> None:
        self.scale = scale
        self._allocated: dict[tuple[Shape, str], SimpleNamespace] = {}

    def buffers(self, y: Array) -> SimpleNamespace:
        """The buffers for penalties of this shape and type, allocated at first sight."""
        key = y.shape, y.dtype.str
        found = self._allocated.get(key)
        if found is None:
            found = self._allocated[key] = self.allocate(y)
        self.held = found
        return found

    def allocate(self, y: Array) -> SimpleNamespace:
        """Make the buffers for penalties like y."""
        classes = y.shape[-1]
        n = y.size // classes
        b = SimpleNamespace(n=n, classes=classes)
        b.scale = np.array(self.scale, y.dtype)
        b.rows = np.eye(classes, dtype=y.dtype) * b.scale  # dE/dy[D] of eq. 8, one row a class
        b.right = np.empty((n, classes), y.dtype)
        b.scaled = np.empty((n, classes), y.dtype)
        b.E = np.empty(n, y.dtype)
        b.dE_dy = np.empty(y.shape, y.dtype)
        b.dE_dy_rows = b.dE_dy.reshape(n, classes)
        b.pattern = np.arange(n)
        return b

    def forward(self, y: Array, labels: Labels) -> Array:
        """Penalties (n, 1, 1, classes) and right classes (n,) -> E of each pattern (n,)."""
        b = self.buffers(y)
        np.multiply(y.reshape(b.n, b.classes), b.scale, out=b.scaled)
        np.take(b.rows, labels, axis=0, out=b.right, mode="clip")
        b.E[:] = b.scaled[b.pattern, labels]
        return b.E  # type: ignore[no-any-return]

    def backward(self) -> Array:
        """dE/dy[i] = scale where i is D, else 0; shaped as y."""
        b = self.held
        np.copyto(b.dE_dy_rows, b.right)
        return b.dE_dy  # type: ignore[no-any-return]

    def second_backward(self) -> Array:
        """What the RBF layer's second pass takes: scale at D, else 0, shaped as y.

        With the RBF's 2 it makes d2E/dx2 = 2 scale, 1 with the halved penalties: for eq. 8 exact.
        """
        b = self.held
        np.copyto(b.dE_dy_rows, b.right)
        return b.dE_dy  # type: ignore[no-any-return]


class MAP(MLE):
    """E = scale * y[D] + log(exp(-j) + sum over i of exp(-scale * y[i])) (eq. 9, one pattern).

    Args:
        j: penalty of the "rubbish" class, in units of the scaled penalties (reading: 10).

    Its curvature is taken as that of eq. 8, as the authors' libraries do: the log term pulls some
    units' dE/dy below zero, and a step size must not come from a negative curvature.
    """

    name = "map"

    def __init__(
        self, j: float = paper.RUBBISH_PENALTY, scale: float = paper.PENALTY_SCALE
    ) -> None:
        super().__init__(scale)
        self.j = j

    def allocate(self, y: Array) -> SimpleNamespace:
        b = super().allocate(y)
        b.minus = np.empty((b.n, b.classes + 1), y.dtype)
        b.minus[:, -1] = -self.j
        b.largest = np.empty((b.n, 1), y.dtype)
        b.exp = np.empty_like(b.minus)
        b.sum = np.empty((b.n, 1), y.dtype)
        return b

    def forward(self, y: Array, labels: Labels) -> Array:
        super().forward(y, labels)
        b = self.held
        np.negative(b.scaled, out=b.minus[:, :-1])
        # The largest exponent is taken out, so that no exp overflows whatever the penalties.
        np.maximum.reduce(b.minus, axis=1, keepdims=True, out=b.largest)
        np.subtract(b.minus, b.largest, out=b.exp)
        np.exp(b.exp, out=b.exp)
        np.add.reduce(b.exp, axis=1, keepdims=True, out=b.sum)
        b.E += (np.log(b.sum) + b.largest)[:, 0]
        return b.E  # type: ignore[no-any-return]

    def backward(self) -> Array:
        """dE/dy[i] = scale * ([i is D] - exp(-scale y[i]) / (exp(-j) + sum of exp(-scale y)))."""
        b = self.held
        np.divide(b.exp[:, :-1], b.sum, out=b.scaled)
        np.multiply(b.scaled, b.scale, out=b.scaled)
        np.subtract(b.right, b.scaled, out=b.dE_dy_rows)
        return b.dE_dy  # type: ignore[no-any-return]
