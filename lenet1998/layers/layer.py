"""The contract of a layer.

A layer has three passes with signatures of the same shape:

    forward(x)              state in, state out
    backward(dE_dx)         gradient in, gradient out; fills the layer's slice of the flat gradient
    second_backward(d2E_dx2)  the same lines with every coefficient squared (eq. 25, 27); fills the
                            layer's slice of the flat curvature

States are NHWC: (patterns, height, width, maps).  One pattern is a batch of one.  A layer returns
its own buffers, allocated once for each input shape; they are valid until its next call.
Gradients and curvatures are sums over the patterns of a batch.
tests/reference.py has a slow twin of every layer, in loops.
"""

import numpy as np

from ..arrays import Array, B, Buffered, Shape


class Layer:
    """A layer without parameters; subclasses with parameters set `parameter_count`.

    Attributes:
        name: the paper's name (C1, S2 ...); "" where the paper counts it with the layer before.
        parameter_count: number of trainable parameters.
        parameters, gradient, curvature: its slices of the network's flat vectors,
            (parameter_count,).
        has_biases: whether each of its units has a bias, which counts as a connection.
        bias_count: how many of its parameters are biases; they are the last ones.
        wants_input_gradient: False for the first layer: nothing reads the gradient of the image.
        mixes_patterns: whether, in the present mode, the output for one pattern depends on the
            other patterns of its batch, so that a batch must not be split.
    """

    name: str = ""
    parameter_count: int = 0
    has_biases: bool = False
    bias_count: int = 0
    wants_input_gradient: bool = True
    mixes_patterns: bool = False

    def __init__(self) -> None:
        self.bind(*np.zeros((3, self.parameter_count), np.float32))

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        """Use these (parameter_count,) slices of the network's flat vectors as storage."""
        self.parameters, self.gradient, self.curvature = parameters, gradient, curvature
        self.dtype = parameters.dtype

    def __repr__(self) -> str:
        words = [type(self).__name__, self.name] if self.name else [type(self).__name__]
        held = f": {self.parameter_count:,} parameters" if self.parameter_count else ""
        return f"<{' '.join(words)}{held}>"

    def initialise(self, rng: np.random.Generator, rule: str) -> None:
        """Draw the initial parameters; a layer without parameters draws nothing."""

    def state(self) -> dict[str, Array]:
        """Arrays to save besides the parameters, by name, as views; none by default."""
        return {}

    def set_training(self, training: bool) -> None:
        """Switch training mode on or off; most layers work the same in both modes."""

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one pattern's output (height, width, maps) for one pattern's input."""
        return shape

    def connections(self, shape: Shape) -> int:
        """Connections as the paper counts them (II-B) for an input (height, width, maps)."""
        return 0

    def forward(self, x: Array) -> Array:
        raise NotImplementedError

    def backward(self, dE_dx: Array) -> Array:
        raise NotImplementedError

    def second_backward(self, d2E_dx2: Array) -> Array:
        raise NotImplementedError


class BufferedLayer(Layer, Buffered[B]):
    """A layer that writes into buffers of the class B, made by its `allocate`."""

    def bind(self, parameters: Array, gradient: Array, curvature: Array) -> None:
        super().bind(parameters, gradient, curvature)
        self.forget_buffers()
