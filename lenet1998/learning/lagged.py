"""Plain gradient descent, one pattern at a time, with the largest updates applied a few at a time.

C5 and F6 hold 97 % of the weights.  Such a layer is a = x W, with the 1 of the bias as the last
element of x.  For one pattern its gradient is the outer product x d, d = dE/da; with one step eps
for the whole layer, eq. 18 subtracts eps x d from W.  While W is m patterns behind, the true
weights are

    W - sum over the m patterns i of eps x_i d_i = W + X^T D

where X has the rows x_i, and D the rows -eps d_i.  The two products with the true weights are

    forward:   a     = x (W + X^T D) = [x, X x] [W; D]
    backward:  dE/dx = (W + X^T D) d = W d + X^T (D d)

where [W; D] is one array, W with the rows of D below it.  Each pattern reads W twice and adds a row
to X and to D; every LAG patterns X^T D is added to W as one product.  The plain way writes, scales
and subtracts a gradient as large as W for every pattern.

The result is that of `SGD`, otherwise identical, up to rounding.  Nothing of it shows outside
`LaggedSGD.learn`: the network's flat vector has the true weights when it returns.
"""

from typing import TypeGuard

import numpy as np

from ..arrays import Array, Labels, Shape
from ..layers.convolution import Convolution
from ..layers.full import Full
from ..layers.layer import Layer
from ..network.network import Network
from .criterion import Criterion

LAG = 10  # patterns; divides the block of 50 after which a training may stop
LARGE = 2_000  # parameters of a layer from which on this is faster than the plain way


class LaggedLayer:
    """The forward and backward passes of a layer a = x W for one pattern, W behind by some updates.

    Args:
        layer: a full connection or a convolution, with every connection present.
        shape: of its input, (height, width, maps); its output has one position.
        lag: number of updates after which they are added to W.
    """

    def __init__(self, layer: Convolution | Full, shape: Shape, lag: int = LAG) -> None:
        (rows, units), dtype = layer.matrix.shape, layer.dtype
        self.layer, self.lag, self.updates = layer, lag, 0
        self.W_and_D = np.zeros((rows + lag, units), dtype)
        self.W, self.D = self.W_and_D[:rows], self.W_and_D[rows:]
        self.X = np.zeros((lag, rows), dtype)
        self.X_inputs = self.X[:, :-1]  # without the 1 of the bias
        self.X_D = np.zeros((rows, units), dtype)
        self.row = np.ones((1, rows + lag), dtype)
        self.x, self.X_x = self.row[:, :rows], self.row[:, rows:]
        self.x_inputs = self.x[0, :-1]
        self.a = np.zeros((1, 1, 1, units), dtype)
        self.a_row = self.a.reshape(1, units)
        self.W_d_and_D_d = np.zeros(rows + lag, dtype)
        self.W_d, self.D_d = self.W_d_and_D_d[: rows - 1], self.W_d_and_D_d[rows:]
        self.dE_dx = np.zeros((1, *shape), dtype)
        self.dE_dx_row = self.dE_dx.reshape(-1)

    def load(self, eps: float) -> None:
        """Copy the layer's weights; eps is its step."""
        self.W[...] = self.layer.matrix
        self.X[...], self.D[...], self.updates = 0.0, 0.0, 0
        self.minus_eps = np.array(-eps, self.layer.dtype)

    def forward(self, x: Array) -> Array:
        """a = [x, X x] [W; D]."""
        self.x_inputs[...] = x.reshape(-1)
        self.x.dot(self.X.T, self.X_x)
        self.row.dot(self.W_and_D, self.a_row)
        return self.a

    def backward(self, dE_da: Array) -> Array:
        """dE/dx = W d + X^T (D d); the update -eps x d goes into X and D."""
        d = dE_da.reshape(-1)
        if self.layer.wants_input_gradient:
            self.W_and_D.dot(d, self.W_d_and_D_d)
            self.D_d.dot(self.X_inputs, self.dE_dx_row)
            self.dE_dx_row += self.W_d
        self.X[self.updates] = self.x
        np.multiply(d, self.minus_eps, self.D[self.updates])
        self.updates += 1
        if self.updates == self.lag:
            self.flush()
        return self.dE_dx

    def flush(self) -> None:
        """Add X^T D to W."""
        self.X.T.dot(self.D, self.X_D)
        self.W += self.X_D
        self.D[...], self.updates = 0.0, 0

    def store(self) -> None:
        """Write the true weights into the layer."""
        self.flush()
        self.layer.matrix[...] = self.W


class LaggedSGD:
    """Learns patterns one at a time by eq. 18, the large layers of a network as `LaggedLayer`.

    Args:
        network: the network to train; its input has the size that it was made for.
        criterion: its loss.
        lag: number of updates after which they are added to the weights.
    """

    def __init__(self, network: Network, criterion: Criterion, lag: int = LAG) -> None:
        self.network, self.criterion = network, criterion
        self.layers: list[Layer | LaggedLayer] = []
        self.lagged: list[tuple[LaggedLayer, slice]] = []
        self.others: list[slice] = []  # of the flat vector: what the plain way updates
        shape = network.input_shape
        for layer in network.layers:
            input_shape, shape = shape, layer.output_shape(shape)
            if is_large(layer) and shape[:2] == (1, 1):
                lagged = LaggedLayer(layer, input_shape, lag)
                self.layers.append(lagged)
                self.lagged.append((lagged, network.slices[layer.name]))
            else:
                self.layers.append(layer)
                if layer.parameter_count:
                    self.add_other(network.slices[layer.name])
        self.output_shape = shape

    def add_other(self, part: slice) -> None:
        """Add a slice of the flat vector to `others`, as one with its neighbour."""
        if self.others and self.others[-1].stop == part.start:
            part = slice(self.others.pop().start, part.stop)
        self.others.append(part)

    def learn(self, x: Array, labels: Labels, steps: Array) -> Array:
        """Learn these patterns in their order.

        Args:
            x: inputs (n, height, width, maps).
            labels: right classes (n,).
            steps: eps of each parameter, (parameters,); the same number for all of a layer.

        Returns:
            The penalties of each pattern before its update, (n, 1, 1, 10).
        """
        network, criterion = self.network, self.criterion
        for lagged, part in self.lagged:
            lagged.load(steps[part.start])
        others = [(network.parameters[p], network.gradient[p], steps[p]) for p in self.others]
        forward = [layer.forward for layer in self.layers]
        backward = [layer.backward for layer in reversed(self.layers)]
        inputs, one = network.scale_input(x), np.zeros((1, *x.shape[1:]), network.dtype)
        penalties = np.empty((len(x), *self.output_shape), network.dtype)
        for i in range(len(x)):
            one[0] = inputs[i]  # always the same array: the layers make their views once
            state = one
            for forward_pass in forward:
                state = forward_pass(state)
            penalties[i] = state[0]
            d = criterion.backward(state, labels[i : i + 1])
            for backward_pass in backward:
                d = backward_pass(d)
            for parameters, gradient, eps in others:
                gradient *= eps
                parameters -= gradient
        for lagged, _ in self.lagged:
            lagged.store()
        return penalties


def is_large(layer: Layer) -> TypeGuard[Convolution | Full]:
    """Whether the layer is a = x W for a field of one position, and large enough to gain."""
    if isinstance(layer, Convolution) and layer.present is not None:
        return False
    # Exactly these: a subclass may compute something else (layers/slips.py).
    return type(layer) in (Convolution, Full) and layer.parameter_count >= LARGE
