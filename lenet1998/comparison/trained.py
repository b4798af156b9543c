"""Trained networks as methods, and the states that the methods on their last layer read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..data.databases import in_field
from ..data.patterns import Patterns, normalise
from ..files import InputError
from ..network.lenet5 import LeNet5
from ..network.network import GROUP
from .method import Method


class Trained(Method):
    """A network that has learned in a run of its own: the smallest penalty is the answer.

    `fit` only notes the size of the images.

    Args:
        network: trained; it reads images of 28x28 pixels, from which its version of the database
            is made.
        quiet: no progress bar.
    """

    def __init__(self, network: LeNet5, quiet: bool = False) -> None:
        self.network, self.quiet = network, quiet

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        inputs(self.network, images[:1])

    def score(self, images: NDArray[Any]) -> Array:
        """Minus the penalties."""
        penalties: Array = self.network.outputs(inputs(self.network, images))
        return -penalties.reshape(len(images), -1)

    @property
    def variables(self) -> int:
        """The trainable parameters."""
        return int(self.network.parameters.size)

    @property
    def multiply_accumulates(self) -> int:
        return connections(self.network)


def connections(network: LeNet5) -> int:
    """Connections of a network, biases included, as figure 11 counts the fully connected ones.

    For LeNet-5 this is the 340,908 of II-B, with the 840 of its codes.  The other networks give a
    unit for each class, which needs no codes.
    """
    counts = network.count()
    if network.design.network != "lenet5":
        counts.pop("OUTPUT")
    return sum(count.connections for count in counts.values())


def inputs(network: LeNet5, images: NDArray[Any]) -> Array:
    """Images (n, 28, 28) as a network reads them, (n, 32, 32, 1): its version of the database.

    Raises:
        InputError: images of another size or type.
    """
    patterns = Patterns(images, np.zeros(len(images), np.uint8), "custom")
    found = in_field(patterns, network.design.database).images
    x: Array = normalise(found, network.dtype)
    return x


def states(network: LeNet5, images: NDArray[Any], layer: str) -> NDArray[np.float32]:
    """The squashed states of a layer, one vector an image, (n, units).

    Args:
        images: uint8 (n, 28, 28).
        layer: the name of the layer.

    Raises:
        InputError: the network has no such layer; images of another size or type.
    """
    counts = network.count()
    if layer not in counts:
        raise InputError(f"the network has no layer {layer}: choose {', '.join(counts)}")
    found = np.empty((len(images), int(np.prod(counts[layer].shape))), np.float32)
    for start in range(0, len(images), GROUP):
        group = slice(start, start + GROUP)
        state = None
        for one, x in network.layer_outputs(inputs(network, images[group])):
            if state is not None and one.name:  # the next layer
                break
            if one.name == layer or state is not None:
                state = x
        assert state is not None
        found[group] = state.reshape(len(state), -1)
    return found


def last_states(network: LeNet5) -> str:
    """The layer that the last layer reads (III-C.8): C5 of LeNet-4, F6 of LeNet-5.

    The last layer of LeNet-5 is the fixed codes, that of LeNet-4 the ten units F6.
    """
    return "F6" if network.design.network == "lenet5" else list(network.count())[-3]
