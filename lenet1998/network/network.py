"""A list of layers over one flat vector of parameters, of gradient and of curvature."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Shape
from ..files import InputError
from ..layers.layer import Layer

GROUP = 8  # patterns that go through the layers together: their states stay in the cache


class Network:
    """A list of layers over one flat vector of parameters, of gradient and of curvature.

    Args:
        layers: the layers, input first.
        input_shape: (height, width, maps) of one pattern.
        dtype: float32, or float64 for checks.
        rng: draws the initial parameters; None leaves them zero.
        init: rule of `initial_weights`.
        input_range: (offset, factor): the layers read offset + factor * input.

    The buffers of its layers serve one call at a time: give each thread a network of its own.

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
        size = sum(layer.parameter_count for layer in self.layers)
        self.parameters = np.zeros(size, self.dtype)
        self.gradient = np.zeros(size, self.dtype)
        self.curvature = np.zeros(size, self.dtype)
        self.slices: dict[str, slice] = {}
        start = 0
        for layer in self.layers:
            part = slice(start, start + layer.parameter_count)
            layer.bind(self.parameters[part], self.gradient[part], self.curvature[part])
            if layer.parameter_count:
                self.slices[layer.name] = part
            if rng is not None:
                layer.initialise(rng, init)
            start += layer.parameter_count
        for layer in self.layers:
            layer.wants_input_gradient = False
            if layer.parameter_count:  # the first one with parameters: nothing below it learns
                break
        self._inputs: dict[Shape, Array] = {}

    def forward(self, x: Array) -> Array:
        """(n, height, width, maps) in; the last state out, a buffer that the next call reuses."""
        x = self.scale_input(x)
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def outputs(self, x: Array) -> Array:
        """`forward` of any number of patterns; returns an array of its own.

        A few patterns at a time, or all at once if a layer mixes them.
        """
        size = max(len(x), 1) if self.mixes_patterns else GROUP
        groups = [x[start : start + size] for start in range(0, len(x) or 1, size)]
        return np.concatenate([self.forward(group).copy() for group in groups])

    def layer_outputs(self, x: Array) -> Iterator[tuple[Layer, Array]]:
        """`forward` layer by layer: each layer and its output, a buffer of that layer."""
        x = self.scale_input(x)
        for layer in self.layers:
            x = layer.forward(x)
            yield layer, x

    def scale_input(self, x: Array) -> Array:
        """x as the first layer reads it, offset + factor * x; a buffer for each shape.

        Raises InputError for an input that the layers cannot take.
        """
        inputs = self._inputs.get(x.shape)
        if inputs is None:
            self._check(x)
            inputs = self._inputs[x.shape] = np.zeros(x.shape, self.dtype)
        inputs[...] = x
        if self.factor != 1.0 or self.offset != 0.0:  # the ablations' input ranges
            inputs *= self.factor
            inputs += self.offset
        return inputs

    def _check(self, x: Array) -> None:
        """Raise InputError where x is too small for the layers or has other maps."""
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

    @property
    def classes(self) -> int:
        """The number of outputs of one pattern: 10, or 11 for a network that reads strings."""
        shape = self.input_shape
        for layer in self.layers:
            shape = layer.output_shape(shape)
        return shape[-1]

    @property
    def mixes_patterns(self) -> bool:
        """Whether a layer now mixes the patterns of a batch, so that it must not be split."""
        return any(layer.mixes_patterns for layer in self.layers)

    def saved(self) -> dict[str, Array]:
        """What makes up the trained network, as views: each layer's parameters and other arrays."""
        arrays = {name: self.parameters[part] for name, part in self.slices.items()}
        for layer in self.layers:
            arrays |= {f"{layer.name}-{key}": array for key, array in layer.state().items()}
        return arrays

    def set_training(self, training: bool) -> None:
        """Switch the training mode of every layer on or off."""
        for layer in self.layers:
            layer.set_training(training)

    def biases(self) -> NDArray[np.bool_]:
        """Which parameters are biases, (parameters,)."""
        found = np.zeros(self.parameters.shape, bool)
        for layer in self.layers:
            if layer.bias_count:
                found[self.slices[layer.name]][-layer.bias_count :] = True
        return found

    def layer(self, name: str) -> Layer:
        """The layer of that name; KeyError, with the names that there are, for another."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in self.layers if layer.name)
        raise KeyError(f"no layer {name!r}: expected one of {names}")

    def sha256(self) -> str:
        """Of all that `saved` returns, to tell whether two networks are the same."""
        found = hashlib.sha256()
        for name, values in sorted(self.saved().items()):
            found.update(name.encode() + values.tobytes())
        return found.hexdigest()
