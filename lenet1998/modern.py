"""What came after 1998, to be swapped in for the parts of the paper (the ablations).

Activations, pooling without parameters, batch normalisation, and softmax with cross-entropy, all by
the contract of `layer` and of `criterion`.
"""

from types import SimpleNamespace

import numpy as np

from .criterion import MLE, Labels
from .files import InputError
from .layer import Array, Layer, Shape

EPSILON = 1e-5  # added to a variance before its root (Ioffe and Szegedy leave it open)
RUNNING_MOMENTUM = 0.9  # of the running mean and variance: what stays at each batch

# --- Activations -----------------------------------------------------------------------------


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


# --- Pooling ---------------------------------------------------------------------------------


class Pool(Layer):
    """One unit for each 2x2 inputs of a map, without parameters; an odd last row feeds nothing."""

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps = name, maps
        super().__init__()

    def output_shape(self, shape: Shape) -> Shape:
        height, width, maps = shape
        return height // 2, width // 2, maps

    def connections(self, shape: Shape) -> int:
        """Four a unit, from its inputs: there is no bias."""
        height, width, maps = self.output_shape(shape)
        return height * width * maps * 4

    def allocate(self, shape: Shape) -> SimpleNamespace:
        n, height, width, maps = shape
        rows, columns = height // 2, width // 2
        b = SimpleNamespace()
        # Of each pair of rows one: its left and its right inputs still alternate.
        b.pairs = np.zeros((n, rows, 2 * columns, maps), self.dtype)
        b.left, b.right = b.pairs[:, :, 0::2], b.pairs[:, :, 1::2]
        b.d_pairs = np.zeros_like(b.pairs)
        b.d_left, b.d_right = b.d_pairs[:, :, 0::2], b.d_pairs[:, :, 1::2]
        b.y = np.zeros((n, rows, columns, maps), self.dtype)
        b.dE_dx = np.zeros(shape, self.dtype)  # an odd last row or column stays 0
        b.d_upper, b.d_lower = _two_rows(b.dE_dx)
        return b

    def attach(self, b: SimpleNamespace, x: Array) -> None:
        b.upper, b.lower = _two_rows(x)


class MaxPool(Pool):
    """y = the largest of the 2x2 inputs; among equals the first one, the left column before.

    The backward passes read the input again, which is the buffer of the layer below.
    """

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = super().allocate(shape)
        b.upper_wins, b.left_wins = np.zeros_like(b.pairs), np.zeros_like(b.y)  # 1 or 0
        return b

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.maximum(b.upper, b.lower, out=b.pairs)  # rows first: that loop is a long one
        np.maximum(b.left, b.right, out=b.y)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """The largest input gets dE/dy, the others 0."""
        b = self.held
        np.greater_equal(b.left, b.right, b.left_wins)
        np.multiply(dE_dy, b.left_wins, b.d_left)
        np.subtract(dE_dy, b.d_left, b.d_right)
        np.greater_equal(b.upper, b.lower, b.upper_wins)
        np.multiply(b.d_pairs, b.upper_wins, b.d_upper)
        np.subtract(b.d_pairs, b.d_upper, b.d_lower)
        return b.dE_dx

    def second_backward(self, d2E_dy2: Array) -> Array:
        """The same: the derivatives are 1 and 0, and so are their squares."""
        return self.backward(d2E_dy2)


class AveragePool(Pool):
    """y = the mean of the 2x2 inputs."""

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        # A product with this matrix adds the left and the right input of a map, times 1/4.
        self.matrix = np.tile(np.eye(self.maps, dtype=self.dtype) / 4, (2, 1))

    def allocate(self, shape: Shape) -> SimpleNamespace:
        b = super().allocate(shape)
        b.pair_rows, b.d_pair_rows = (a.reshape(-1, 2 * self.maps) for a in (b.pairs, b.d_pairs))
        b.y_rows = b.y.reshape(-1, self.maps)
        return b

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> (n, h // 2, w // 2, maps)."""
        b = self.buffers(x)
        np.add(b.upper, b.lower, b.pairs)
        b.pair_rows.dot(self.matrix, b.y_rows)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """Each of the four inputs gets dE/dy / 4."""
        return self._to_inputs(dE_dy, self.matrix)

    def second_backward(self, d2E_dy2: Array) -> Array:
        """Each of the four inputs gets d2E/dy2 / 16 (eq. 27)."""
        return self._to_inputs(d2E_dy2, np.square(self.matrix))

    def _to_inputs(self, d: Array, matrix: Array) -> Array:
        b = self.held
        d.reshape(b.y_rows.shape).dot(matrix.T, b.d_pair_rows)
        b.d_upper[...] = b.d_pairs
        b.d_lower[...] = b.d_pairs
        return b.dE_dx


def _two_rows(x: Array) -> tuple[Array, Array]:
    """Views of the upper and the lower rows of the pairs, leaving out odd ends."""
    height, width = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    return x[:, 0:height:2, :width], x[:, 1:height:2, :width]


# --- Batch normalisation ---------------------------------------------------------------------


class BatchNorm(Layer):
    """y = gain * (x - mean) / sqrt(variance + epsilon) + shift, map by map (Ioffe, Szegedy 2015).

    Mean and variance are those of the batch, over its patterns and positions, while `learning`
    (one pattern has them over its positions), and the running averages otherwise.

    Attributes:
        gain, shift: (maps,), trainable.
        running: (2, maps), averages of mean and variance (of N values, times N / (N - 1)), which
            every forward moves while learning: to be saved, no parameters.  `bind` starts them anew
            at 0 and 1.

    Raises:
        InputError: from `forward`, a single value a map while learning.
    """

    has_biases = True
    whole_batch = True
    running: Array

    def __init__(self, name: str, maps: int) -> None:
        self.name, self.maps, self.count = name, maps, 2 * maps
        super().__init__()

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.gain, self.shift = parameters.reshape(2, self.maps)
        self.running = np.repeat(np.array([[0], [1]], self.dtype), self.maps, axis=1)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Gains 1, shifts 0 under every rule; nothing is drawn."""
        self.gain[:], self.shift[:] = 1.0, 0.0

    def connections(self, shape: Shape) -> int:
        """Two a unit: its input and its shift."""
        return 2 * shape[0] * shape[1] * shape[2]

    def allocate(self, shape: Shape) -> SimpleNamespace:
        n, height, width, maps = shape
        b = SimpleNamespace(values=n * height * width, learning=False)
        b.normal, b.y, b.dE_dx = np.zeros((3, *shape), self.dtype)
        b.statistics, b.moved = np.zeros((2, 2, maps), self.dtype)
        b.deviation, b.factor = np.zeros((2, maps), self.dtype)
        b.means = np.zeros(2 * maps, self.dtype)
        # A number for each map, repeated along a row: a longer inner loop than over the maps.
        b.row = np.zeros((width, maps), self.dtype)
        b.line_sum = np.zeros(width * maps, self.dtype)
        b.line_ones = np.ones(n * height, self.dtype)
        b.row_ones = np.ones(width, self.dtype)
        b.epsilon, b.one = np.array(EPSILON, self.dtype), np.array(1, self.dtype)
        b.per_value = np.array(1 / b.values, self.dtype)
        b.keep, new = np.array(RUNNING_MOMENTUM, self.dtype), 1 - RUNNING_MOMENTUM
        unbiased = b.values / max(b.values - 1, 1)
        b.new = np.array([[new], [new * unbiased]], self.dtype)
        return b

    def forward(self, x: Array) -> Array:
        """(n, h, w, maps) -> the same shape."""
        b = self.buffers(x)
        b.learning = self.learning  # the backward passes go by the forward they follow
        mean, variance = b.statistics if b.learning else self.running
        if b.learning:
            if b.values < 2:
                raise InputError(f"{self.name}: one value has no variance: learn in larger batches")
            self._sum(x, mean)
            np.multiply(mean, b.per_value, mean)
        np.subtract(x, self._row(mean), b.normal)
        if b.learning:
            np.multiply(b.normal, b.normal, b.y)
            self._sum(b.y, variance)
            np.multiply(variance, b.per_value, variance)
            np.multiply(b.statistics, b.new, b.moved)
            np.multiply(self.running, b.keep, self.running)
            np.add(self.running, b.moved, self.running)
        np.add(variance, b.epsilon, b.deviation)
        np.sqrt(b.deviation, b.deviation)
        np.divide(b.one, b.deviation, b.factor)
        np.multiply(b.normal, self._row(b.factor), b.normal)
        np.multiply(b.normal, self._row(self.gain), b.y)
        np.add(b.y, self._row(self.shift), b.y)
        return b.y

    def backward(self, dE_dy: Array) -> Array:
        """dE/dgain = sum of dE/dy * z, z the normalised x; dE/dshift = sum of dE/dy;
        dE/dx = gain / deviation * (dE/dy - z * dE/dgain / N - dE/dshift / N), N values a map;
        the last two terms only while learning."""
        b, maps = self.held, self.maps
        np.multiply(dE_dy, b.normal, b.dE_dx)
        self._sum(b.dE_dx, self.gradient[:maps])
        self._sum(dE_dy, self.gradient[maps:])
        if b.learning:  # the statistics move with x
            np.multiply(self.gradient, b.per_value, b.means)
            np.multiply(b.normal, self._row(b.means[:maps]), b.dE_dx)
            np.add(b.dE_dx, self._row(b.means[maps:]), b.dE_dx)
            dE_dy = np.subtract(dE_dy, b.dE_dx, b.dE_dx)
        np.divide(self.gain, b.deviation, b.factor)
        return np.multiply(dE_dy, self._row(b.factor), b.dE_dx)

    def second_backward(self, d2E_dy2: Array) -> Array:
        """The same with z and gain / deviation squared (eq. 25, 27).

        The statistics are treated as constants, also while learning: through them every input has
        a part, about 1 / N, in every output of its map, which a diagonal has no cheap way to sum.
        """
        b, maps = self.held, self.maps
        np.multiply(b.normal, b.normal, b.dE_dx)
        np.multiply(d2E_dy2, b.dE_dx, b.dE_dx)
        self._sum(b.dE_dx, self.curvature[:maps])
        self._sum(d2E_dy2, self.curvature[maps:])
        np.divide(self.gain, b.deviation, b.factor)
        np.multiply(b.factor, b.factor, b.factor)
        return np.multiply(d2E_dy2, self._row(b.factor), b.dE_dx)

    def _row(self, by_map: Array) -> Array:
        """(maps,) repeated along a row, (width, maps); the buffer holds until the next call."""
        self.held.row[...] = by_map
        return self.held.row

    def _sum(self, x: Array, into: Array) -> None:
        """Sum x over patterns and positions into (maps,): products sum faster than sum()."""
        b = self.held
        b.line_ones.dot(x.reshape(len(b.line_ones), -1), b.line_sum)
        b.row_ones.dot(b.line_sum.reshape(b.row.shape), into)


# --- Softmax and cross-entropy ---------------------------------------------------------------


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
