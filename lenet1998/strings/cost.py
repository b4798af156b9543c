"""What it costs to read a string: the replicated network against one window at a time."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .. import paper
from ..arrays import Array, Shape
from ..network.network import Network
from .columns import column_count, column_penalties
from .graph import any_string, viterbi
from .samples import Sample


def connections(network: Network, width: int) -> int:
    """Connections of the network over a field of 32 rows and so many columns (II-B's count)."""
    shape: Shape = paper.INPUT_SIZE, width, 1
    total = 0
    for layer in network.layers:
        if layer.name:  # a squash has no connections
            total += layer.connections(shape)
        shape = layer.output_shape(shape)
    return total


def separate_connections(network: Network, width: int) -> int:
    """Connections of one network for each column of outputs."""
    return column_count(width) * connections(network, paper.INPUT_SIZE)


def windows(x: Array, stride: int = paper.COLUMN_STRIDE) -> Array:
    """The 32x32 windows of a field, one every so many pixels: (columns, 32, 32, 1)."""
    size = paper.INPUT_SIZE
    found = sliding_window_view(x.reshape(size, -1), size, axis=1)[:, ::stride]
    return found.transpose(1, 0, 2)[..., None]


def ways(network: Network) -> Mapping[str, Callable[[Sample], object]]:
    """The ways to get the outputs of all columns, and the search for the best path."""

    def alone(one: Sample) -> object:
        return [network.forward(x[None]).copy() for x in windows(one.x)]

    return {
        "the network over the field": lambda one: column_penalties(network, one.x),
        "each column alone": alone,
        "the columns as a batch": lambda one: network.outputs(windows(one.x)),
        "every pixel as a column": lambda one: network.outputs(windows(one.x, 1)),
        "Viterbi": lambda one: viterbi(column_penalties(network, one.x), any_string()),
    }


def milliseconds(network: Network, samples: Sequence[Sample], repeats: int = 5) -> dict[str, float]:
    """Time a string of each way, the fastest of several rounds; Viterbi's without the network.

    The rounds of all ways take turns, so that what else the machine does falls on all of them.

    Args:
        samples: of about the same width.
        repeats: rounds.
    """
    found = dict.fromkeys(ways(network), np.inf)
    for _ in range(repeats):
        for name, way in ways(network).items():
            started = perf_counter()
            for one in samples:
                way(one)
            found[name] = min(found[name], 1e3 * (perf_counter() - started) / len(samples))
    found["Viterbi"] = max(0.0, found["Viterbi"] - found["the network over the field"])
    return {name: float(value) for name, value in found.items()}
