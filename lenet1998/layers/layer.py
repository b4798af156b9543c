"""The contract of a layer, and how a list of layers becomes a network with one flat vector.

A layer has three passes with signatures of the same shape:

    forward(x)              state in, state out
    backward(dE_dx)         gradient in, gradient out; fills the layer's slice of the flat gradient
    second_backward(d2E_dx2)  the same lines with every coefficient squared (eq. 25, 27); fills the
                            layer's slice of the flat curvature

States are NHWC: (patterns, height, width, maps).  One pattern is a batch of one.  A layer returns
its own buffers, allocated once for each input shape: they hold until its next call.
Gradients and curvatures are sums over the patterns of a batch.
"""

from types import SimpleNamespace

import numpy as np

from ..arrays import Array, Shape


class Layer:
    """A layer without parameters; the others say how many they have in `count`.

    Attributes:
        name: the paper's name (C1, S2 ...), "" where the paper counts it with the one before.
        count: number of trainable parameters.
        parameters, gradient, curvature: its slices of the network's flat vectors, (count,).
        has_biases: whether every unit of it has one, which counts as a connection.
        wants_input_gradient: False for the first layer: nobody reads the gradient of the image.
        learning, whole_batch, running: for batch normalisation alone: whether the patterns are
            learned from, whether a batch must not be parted, and what it saves beside parameters.
    """

    name: str = ""
    count: int = 0
    has_biases: bool = False
    wants_input_gradient: bool = True
    learning: bool = False
    whole_batch: bool = False
    running: Array | None = None

    def __init__(self) -> None:
        self.bind(*np.zeros((3, self.count), np.float32))

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        """Take (count,) slices of the network's flat vectors as this layer's own storage."""
        self.parameters, self.gradient, self.curvature = parameters, gradient, curvature
        self.dtype = parameters.dtype
        self._allocated: dict[Shape, SimpleNamespace] = {}
        self.held = SimpleNamespace(input=None)

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Draw the first parameters; nothing to do without parameters."""

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one pattern's output (height, width, maps) for one pattern's input."""
        return shape

    def connections(self, shape: Shape) -> int:
        """Connections as the paper counts them (II-B) for an input (height, width, maps)."""
        return 0

    def buffers(self, x: Array) -> SimpleNamespace:
        """The buffers for this input: allocated once a shape, its views made once an array.

        In a network x is nearly always the array of the call before, the buffer of the layer below.
        """
        if self.held.input is x:
            return self.held
        found = self._allocated.get(x.shape)
        if found is None:
            found = self._allocated[x.shape] = self.allocate(x.shape)
        found.input = x
        self.attach(found, x)
        self.held = found
        return found

    def allocate(self, shape: Shape) -> SimpleNamespace:
        """Make the buffers for inputs (patterns, height, width, maps)."""
        raise NotImplementedError

    def attach(self, b: SimpleNamespace, x: Array) -> None:
        """Make the views of the input that the passes read."""

    def forward(self, x: Array) -> Array:
        raise NotImplementedError

    def backward(self, dE_dx: Array) -> Array:
        raise NotImplementedError

    def second_backward(self, d2E_dx2: Array) -> Array:
        raise NotImplementedError
