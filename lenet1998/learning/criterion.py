"""What training minimises: eq. 8 (MLE) and eq. 9 (MAP) of section II-C, and the cross-entropy.

All take penalties, of which the smallest is the answer.  The authors' libraries halve those of the
RBF units, y = 1/2 ||x - w||^2, and so does `scale` (reading; the README has results without it).
A criterion accepts a batch of any size; its buffers are valid until the next call.
The value and its derivatives are separate calls: training needs dE/dy for every pattern, and E
only to report it.
"""

import numpy as np
from numpy.typing import DTypeLike

from .. import paper
from ..arrays import Array, Buffered, Buffers, Labels, Shape
from ..files import InputError

LARGEST_J = 80  # beyond it exp(-j) is no normal float32 number


class CriterionBuffers(Buffers):
    """The penalties by pattern, the terms of E, and the derivatives.

    Args:
        shape: of the penalties, (n, 1, 1, classes).
        scale: what the penalties are multiplied by.
        terms: exponentials that are summed: one for each class, and perhaps one more.
    """

    def __init__(self, shape: Shape, dtype: DTypeLike, scale: float, terms: int) -> None:
        n, classes = shape[0], shape[-1]
        # dE/dy of scale * y[D], one row for each right class D: scale at D, else 0.
        self.rows = np.eye(classes, dtype=dtype) * np.array(scale, dtype)
        self.product = np.empty((n, classes), dtype)
        self.ones = np.ones(terms, dtype)
        self.class_ones = self.ones[:classes]
        self.E, self.log = np.empty(n, dtype), np.empty(n, dtype)
        self.dE_dy = np.empty(shape, dtype)
        self.dE_dy_rows = self.dE_dy.reshape(n, classes)
        self.minus_scale = np.array(-scale, dtype)
        self.exp = np.empty((n, terms), dtype)
        self.exp_y = self.exp[:, :classes]
        self.smallest, self.sum = np.empty((n, 1), dtype), np.empty((n, 1), dtype)
        self.smallests, self.sums = self.smallest[:, 0], self.sum[:, 0]

    def bind_views(self, y: Array) -> None:
        self.y = y[:, 0, 0]


class Criterion(Buffered[CriterionBuffers]):
    """The loss: a function of the penalties and the right classes, which training minimises.

    Args:
        scale: what the penalties are multiplied by.
    """

    extra_terms = 0  # exponentials beside those of the classes

    def __init__(self, scale: float = paper.PENALTY_SCALE) -> None:
        self.scale = scale
        self.forget_buffers()

    def allocate(self, y: Array) -> CriterionBuffers:
        return CriterionBuffers(y.shape, y.dtype, self.scale, y.shape[-1] + self.extra_terms)

    def forward(self, y: Array, labels: Labels) -> Array:
        """Penalties (n, 1, 1, classes) and right classes (n,) -> E of each pattern, (n,)."""
        raise NotImplementedError

    def backward(self, y: Array, labels: Labels) -> Array:
        """dE/dy, shaped as y."""
        raise NotImplementedError

    def second_backward(self, y: Array, labels: Labels) -> Array:
        """The curvature that the second pass of the output layer takes, shaped as y."""
        raise NotImplementedError

    def right_penalty(self, y: Array, labels: Labels) -> CriterionBuffers:
        """Write scale * y[D] of each pattern into E."""
        b = self.buffers(y)
        b.rows.take(labels, 0, b.product, "clip")
        b.product *= b.y
        b.product.dot(b.class_ones, b.E)  # a product sums faster than sum()
        return b

    def right_slope(self, y: Array, labels: Labels) -> CriterionBuffers:
        """Write scale where i is D, else 0, into dE_dy."""
        b = self.buffers(y)
        b.rows.take(labels, 0, b.dE_dy_rows, "clip")
        return b


class MLE(Criterion):
    """E = scale * y[D], D the right class (eq. 8, for one pattern)."""

    def forward(self, y: Array, labels: Labels) -> Array:
        return self.right_penalty(y, labels).E

    def backward(self, y: Array, labels: Labels) -> Array:
        """dE/dy[i] = scale where i is D, else 0; shaped as y."""
        return self.right_slope(y, labels).dE_dy

    def second_backward(self, y: Array, labels: Labels) -> Array:
        """scale where i is D, else 0: the dE/dy[i] that the RBF layer's second pass takes.

        With the RBF's 2 it makes d2E/dx2 = 2 scale, 1 with the halved penalties: exact for eq. 8.
        """
        return self.right_slope(y, labels).dE_dy


class MAP(Criterion):
    """E = scale * y[D] + log(exp(-j) + sum over i of exp(-scale * y[i])) (eq. 9, one pattern).

    Args:
        j: penalty of the "rubbish" class, in units of the scaled penalties (reading: 10); above 0
            and at most 80, beyond which exp(-j) is no normal float32 number.
        scale: what the penalties are multiplied by.

    Penalties are sums of squares, so every exponential lies within 0 and 1 and the sum within
    exp(-j) and 11: nothing overflows, and the logarithm is finite, whatever the penalties.

    Raises:
        InputError: j out of range.
    """

    extra_terms = 1  # exp(-j)

    def __init__(
        self, j: float = paper.RUBBISH_PENALTY, scale: float = paper.PENALTY_SCALE
    ) -> None:
        super().__init__(scale)
        if not 0 < j <= LARGEST_J:
            raise InputError(f"j is {j:g}: eq. 9 takes a penalty above 0 and at most {LARGEST_J}")
        self.j = j

    def allocate(self, y: Array) -> CriterionBuffers:
        b = super().allocate(y)
        b.exp[:, -1] = np.exp(-self.j)
        return b

    def exponentials(self, b: CriterionBuffers) -> None:
        """Write exp(-scale y[i]) into exp_y, and exp(-j) + their sum into sums."""
        np.multiply(b.y, b.minus_scale, b.exp_y)
        np.exp(b.exp_y, b.exp_y)
        b.exp.dot(b.ones, b.sums)

    def forward(self, y: Array, labels: Labels) -> Array:
        b = self.right_penalty(y, labels)
        self.exponentials(b)
        b.E += np.log(b.sums, b.log)
        return b.E

    def backward(self, y: Array, labels: Labels) -> Array:
        """dE/dy[i] = scale * ([i is D] - exp(-scale y[i]) / (exp(-j) + sum of exp(-scale y)))."""
        b = self.right_slope(y, labels)
        self.exponentials(b)
        np.divide(b.minus_scale, b.sums, b.sums)
        b.dE_dy_rows += np.multiply(b.exp_y, b.sum, b.product)
        return b.dE_dy

    def second_backward(self, y: Array, labels: Labels) -> Array:
        """That of eq. 8, as the authors' libraries do (reading).

        The exact curvature falls towards 0 on patterns that are recognised, and the steps would
        then grow to eta / mu.
        """
        return self.right_slope(y, labels).dE_dy


class CrossEntropy(Criterion):
    """E = y[D] + log(sum over i of exp(-y[i])): eq. 9 without its rubbish class.

    With y = -x, x the sums of a linear output layer (`Negative`), it is the cross-entropy of the
    softmax p[i] = exp(x[i]) / sum of exp(x).  The smallest y is subtracted in every exponential, so
    that penalties of either sign and any size are valid.
    """

    def __init__(self) -> None:
        super().__init__(scale=1.0)

    def exponentials(self, b: CriterionBuffers) -> None:
        """Write exp(smallest y - y[i]) into exp, and their sum, at least 1, into sums."""
        np.minimum.reduce(b.y, 1, out=b.smallests)
        np.subtract(b.smallest, b.y, b.exp)
        np.exp(b.exp, b.exp)
        b.exp.dot(b.ones, b.sums)

    def forward(self, y: Array, labels: Labels) -> Array:
        b = self.right_penalty(y, labels)
        self.exponentials(b)
        b.E -= b.smallests
        b.E += np.log(b.sums, b.log)
        return b.E

    def backward(self, y: Array, labels: Labels) -> Array:
        """dE/dy[i] = [i is D] - p[i]; shaped as y."""
        b = self.right_slope(y, labels)
        self.exponentials(b)
        b.exp /= b.sum
        b.dE_dy_rows -= b.exp
        return b.dE_dy

    def second_backward(self, y: Array, labels: Labels) -> Array:
        """d2E/dy[i]2 = p[i] (1 - p[i]): the exact diagonal, whatever the label; shaped as y."""
        b = self.buffers(y)
        self.exponentials(b)
        b.exp /= b.sum
        np.multiply(b.exp, b.exp, b.product)
        np.subtract(b.exp, b.product, b.dE_dy_rows)
        return b.dE_dy
