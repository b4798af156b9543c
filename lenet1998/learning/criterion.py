"""What learning makes small: eq. 8 (MLE) and eq. 9 (MAP) of section II-C.

Both take the penalties of the RBF units.  The authors' libraries halve them, y = 1/2 ||x - w||^2,
and so does `scale` (reading; the README has what learning without it does).
A criterion works on a batch of one as on many; its buffers hold until the next call.  E and its
derivatives are asked for apart: learning needs dE/dy after every pattern, E only to report it.
"""

from types import SimpleNamespace

import numpy as np

from .. import paper
from ..arrays import Array, Labels, Shape
from ..files import InputError

LARGEST_J = 80  # beyond it exp(-j) is no normal float32 number


class MLE:
    """E = scale * y[D], D the right class (eq. 8, for one pattern)."""

    name = "mle"

    def __init__(self, scale: float = paper.PENALTY_SCALE) -> None:
        self.scale = scale
        self._allocated: dict[tuple[Shape, str], SimpleNamespace] = {}
        self.held = SimpleNamespace(y=None)

    def buffers(self, y: Array) -> SimpleNamespace:
        """The buffers for these penalties, allocated once a shape and type (`Layer.buffers`)."""
        if self.held.y is y:
            return self.held
        key = y.shape, y.dtype.str
        found = self._allocated.get(key)
        if found is None:
            found = self._allocated[key] = self.allocate(y)
        found.y_rows = y.reshape(found.n, found.classes)
        found.y = y if y.flags.c_contiguous else None  # else the rows are a copy, made each time
        self.held = found
        return found

    def allocate(self, y: Array) -> SimpleNamespace:
        """Make the buffers for penalties like y."""
        classes = y.shape[-1]
        n = y.size // classes
        b = SimpleNamespace(n=n, classes=classes)
        # dE/dy of eq. 8, one row for each right class: scale at D, else 0.
        b.rows = np.eye(classes, dtype=y.dtype) * np.array(self.scale, y.dtype)
        b.product = np.empty((n, classes), y.dtype)
        b.ones = np.ones(classes, y.dtype)
        b.E = np.empty(n, y.dtype)
        b.dE_dy = np.empty(y.shape, y.dtype)
        b.dE_dy_rows = b.dE_dy.reshape(n, classes)
        return b

    def forward(self, y: Array, labels: Labels) -> Array:
        """Penalties (n, 1, 1, classes) and right classes (n,) -> E of each pattern (n,)."""
        b = self.buffers(y)
        b.rows.take(labels, 0, b.product, "clip")
        np.multiply(b.product, b.y_rows, b.product)
        b.product.dot(b.ones, b.E)  # a product sums faster than sum()
        return b.E

    def backward(self, y: Array, labels: Labels) -> Array:
        """dE/dy[i] = scale where i is D, else 0; shaped as y."""
        b = self.buffers(y)
        b.rows.take(labels, 0, b.dE_dy_rows, "clip")
        return b.dE_dy

    def second_backward(self, y: Array, labels: Labels) -> Array:
        """What the RBF layer's second pass takes: scale at D, else 0, shaped as y.

        With the RBF's 2 it makes d2E/dx2 = 2 scale, 1 with the halved penalties: for eq. 8 exact.
        """
        return MLE.backward(self, y, labels)  # of eq. 8, whatever a subclass does with its own


class MAP(MLE):
    """E = scale * y[D] + log(exp(-j) + sum over i of exp(-scale * y[i])) (eq. 9, one pattern).

    Args:
        j: penalty of the "rubbish" class, in units of the scaled penalties (reading: 10); above 0
            and at most 80, beyond which exp(-j) is no normal float32 number.

    Penalties are sums of squares, so every exponential lies within 0 and 1 and the sum within
    exp(-j) and 11: nothing overflows, and the logarithm is finite, whatever the penalties.

    The curvature is taken as that of eq. 8, as the authors' libraries do (reading).  The exact one
    falls towards 0 on patterns that are recognised, which would let the steps grow to eta / mu.

    Raises:
        InputError: j out of range.
    """

    name = "map"

    def __init__(
        self, j: float = paper.RUBBISH_PENALTY, scale: float = paper.PENALTY_SCALE
    ) -> None:
        super().__init__(scale)
        if not 0 < j <= LARGEST_J:
            raise InputError(f"j is {j:g}: eq. 9 takes a penalty above 0 and at most {LARGEST_J}")
        self.j = j

    def allocate(self, y: Array) -> SimpleNamespace:
        b = super().allocate(y)
        b.minus_scale = np.array(-self.scale, y.dtype)
        b.exp = np.full((b.n, b.classes + 1), np.exp(-self.j), y.dtype)  # the last column stays
        b.exp_y = b.exp[:, :-1]
        b.ones_and_one = np.ones(b.classes + 1, y.dtype)
        b.sum = np.empty(b.n, y.dtype)
        b.log = np.empty(b.n, y.dtype)
        b.factor = np.empty((b.n, 1), y.dtype)
        b.factors = b.factor[:, 0]
        return b

    def _exponentials(self, y: Array) -> SimpleNamespace:
        """exp(-scale y[i]) into exp_y, and exp(-j) + their sum into sum."""
        b = self.buffers(y)
        np.multiply(b.y_rows, b.minus_scale, b.exp_y)
        np.exp(b.exp_y, b.exp_y)
        b.exp.dot(b.ones_and_one, b.sum)
        return b

    def forward(self, y: Array, labels: Labels) -> Array:
        super().forward(y, labels)
        b = self._exponentials(y)
        np.log(b.sum, b.log)
        np.add(b.E, b.log, b.E)
        return b.E

    def backward(self, y: Array, labels: Labels) -> Array:
        """dE/dy[i] = scale * ([i is D] - exp(-scale y[i]) / (exp(-j) + sum of exp(-scale y)))."""
        b = self._exponentials(y)
        b.rows.take(labels, 0, b.dE_dy_rows, "clip")
        np.divide(b.minus_scale, b.sum, b.factors)
        np.multiply(b.exp_y, b.factor, b.product)
        np.add(b.dE_dy_rows, b.product, b.dE_dy_rows)
        return b.dE_dy


class CrossEntropy(MLE):
    """E = y[D] + log(sum over i of exp(-y[i])): eq. 9 without its rubbish class.

    With y = -x, x the sums of a linear output layer (`Negative`), it is the cross-entropy of the
    softmax p[i] = exp(x[i]) / sum of exp(x).  The smallest y is taken out of every exponential, so
    that penalties of either sign and any size are good.
    """

    name = "cross-entropy"

    def __init__(self) -> None:
        super().__init__(scale=1.0)

    def allocate(self, y: Array) -> SimpleNamespace:
        b = super().allocate(y)
        b.smallest, b.sum = np.empty((2, b.n, 1), y.dtype)
        b.smallests, b.sums = b.smallest[:, 0], b.sum[:, 0]
        b.log = np.empty(b.n, y.dtype)
        b.p = np.empty((b.n, b.classes), y.dtype)
        return b

    def _exponentials(self, y: Array) -> SimpleNamespace:
        """exp(smallest y - y[i]) into p, their sum, at least 1, into sum."""
        b = self.buffers(y)
        np.minimum.reduce(b.y_rows, 1, None, b.smallests)
        np.subtract(b.smallest, b.y_rows, b.p)
        np.exp(b.p, b.p)
        b.p.dot(b.ones, b.sums)
        return b

    def forward(self, y: Array, labels: Labels) -> Array:
        """Penalties (n, 1, 1, classes) and right classes (n,) -> E of each pattern (n,)."""
        super().forward(y, labels)
        b = self._exponentials(y)
        np.log(b.sums, b.log)
        np.subtract(b.E, b.smallests, b.E)
        np.add(b.E, b.log, b.E)
        return b.E

    def backward(self, y: Array, labels: Labels) -> Array:
        """dE/dy[i] = [i is D] - p[i]; shaped as y."""
        b = self._exponentials(y)
        b.rows.take(labels, 0, b.dE_dy_rows, "clip")
        np.divide(b.p, b.sum, b.p)
        np.subtract(b.dE_dy_rows, b.p, b.dE_dy_rows)
        return b.dE_dy

    def second_backward(self, y: Array, labels: Labels) -> Array:
        """d2E/dy[i]2 = p[i] (1 - p[i]): the exact diagonal, whatever the label; shaped as y."""
        b = self._exponentials(y)
        np.divide(b.p, b.sum, b.p)
        np.multiply(b.p, b.p, b.product)
        np.subtract(b.p, b.product, b.dE_dy_rows)
        return b.dE_dy
