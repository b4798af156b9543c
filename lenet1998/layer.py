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

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import paper
from .files import InputError

Array = NDArray[Any]  # float32 by default, float64 for checks
Shape = tuple[int, ...]

INITS = ("lecun", "paper", "xavier", "he", "he-out", "normal")


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


def first_weights(
    rng: np.random.Generator, rule: str, fan_in: ArrayLike, fan_out: ArrayLike, shape: Shape
) -> Array:
    """Draw the first weights of units with `fan_in` inputs that feed `fan_out` units each.

    Args:
        rule: "lecun", uniform within 1/sqrt(fan_in), is what the authors' libraries do and the
            default reading; "paper" is uniform within 2.4/fan_in, appendix A read literally;
            "xavier" uniform within sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010); "he"
            N(0, 2/fan_in) and "he-out" N(0, 2/fan_out) (He and others 2015); "normal" N(0, 0.1^2).
        fan_in, fan_out: numbers, or arrays that broadcast against `shape`.
    """
    fan_in, fan_out = np.asarray(fan_in, float), np.asarray(fan_out, float)
    if rule in ("he", "he-out"):
        return rng.normal(0.0, np.sqrt(2.0 / (fan_in if rule == "he" else fan_out)), shape)
    if rule == "normal":
        return rng.normal(0.0, 0.1, shape)
    if rule not in INITS:
        raise ValueError(f"init {rule!r} is not known: choose {', '.join(INITS)}")
    bounds = {
        "lecun": paper.INIT_LECUN / np.sqrt(fan_in),
        "paper": paper.INIT_RANGE / fan_in,
        "xavier": np.sqrt(6.0 / (fan_in + fan_out)),
    }
    return rng.uniform(-bounds[rule], bounds[rule], shape)


class Network:
    """A list of layers over one flat vector of parameters, of gradient and of curvature.

    Args:
        layers: the layers, input first.
        input_shape: (height, width, maps) of one pattern.
        dtype: float32, or float64 for checks.
        rng: draws the first parameters; None leaves them zero.
        init: rule of `first_weights`.
        input_range: (offset, factor): the layers read offset + factor * input.

    The buffers of its layers serve one call at a time: threads need a network each.

    Raises:
        InputError: another dtype; from `forward`, an input the layers cannot take.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape,
        dtype: Any = np.float32,
        rng: np.random.Generator | None = None,
        init: str = "lecun",
        input_range: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        self.layers = list(layers)
        self.input_shape = input_shape
        self.offset, self.factor = input_range
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise InputError(f"a network of {self.dtype} is not possible: give float32 or float64")
        size = sum(layer.count for layer in self.layers)
        self.parameters = np.zeros(size, self.dtype)
        self.gradient = np.zeros(size, self.dtype)
        self.curvature = np.zeros(size, self.dtype)
        self.slices: dict[str, slice] = {}
        start = 0
        for layer in self.layers:
            part = slice(start, start + layer.count)
            layer.bind(self.parameters[part], self.gradient[part], self.curvature[part])
            if layer.count:
                self.slices[layer.name] = part
            if rng is not None:
                layer.initialise(rng, init)
            start += layer.count
        self.layers[0].wants_input_gradient = False
        self._inputs: dict[Shape, Array] = {}

    def forward(self, x: Array) -> Array:
        """(n, height, width, maps) in; the last state out, a buffer that the next call reuses."""
        x = self._input(x)
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def walk(self, x: Array) -> Iterator[tuple[Layer, Array]]:
        """`forward` layer by layer: each with its state, its own buffer."""
        x = self._input(x)
        for layer in self.layers:
            x = layer.forward(x)
            yield layer, x

    def _input(self, x: Array) -> Array:
        """What the first layer reads: one home for each shape, so that views are made once."""
        held = self._inputs.get(x.shape)
        if held is None:
            self._check(x)
            held = self._inputs[x.shape] = np.zeros(x.shape, self.dtype)
        held[...] = x
        if self.factor != 1.0 or self.offset != 0.0:  # the ablations' input ranges
            held *= self.factor
            held += self.offset
        return held

    def _check(self, x: Array) -> None:
        """InputError where the layers cannot take x: too small, or other maps."""
        height, width, maps = self.input_shape
        if x.ndim != 4 or x.shape[1] < height or x.shape[2] < width or x.shape[3] != maps:
            raise InputError(
                f"an input of shape {x.shape} does not fit: expected (n, {height}, {width}, "
                f"{maps}) or larger fields"
            )

    def backward(self, dE_dx: Array) -> Array:
        """Back-propagate the criterion's gradient; fills `gradient` (summed over the batch)."""
        for layer in reversed(self.layers):
            dE_dx = layer.backward(dE_dx)
        return dE_dx

    def second_backward(self, d2E_dx2: Array) -> Array:
        """Back-propagate the criterion's curvature (eq. 27) through the last forward."""
        for layer in reversed(self.layers):
            d2E_dx2 = layer.second_backward(d2E_dx2)
        return d2E_dx2

    def learning(self, yes: bool) -> None:
        """Tell the layers that treat patterns to learn from otherwise than patterns to read."""
        for layer in self.layers:
            layer.learning = yes

    def layer(self, name: str) -> Layer:
        """The layer of that name; KeyError when there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)
