"""Where the first infinity or NaN of a diverging training appears."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..network.network import Network
from .criterion import Criterion


def first_non_finite(
    network: Network,
    criterion: Criterion,
    batches: Iterable[tuple[Array, NDArray[np.intp]]],
    update: Callable[[Array, NDArray[np.intp]], Array],
    done: int = 0,
) -> str:
    """Replay the updates and name the first non-finite value.

    Args:
        network: with the weights from before the first of these batches; it is trained again.
        batches: inputs and right classes of each update.
        update: trains on one batch and returns its penalties (`Trainer.update`).
        done: number of patterns of the pass before the first batch.

    Returns:
        For example "pattern 5: the gradient of C3 is not finite".
    """
    where = "no pattern"
    with np.errstate(all="ignore"):
        for x, labels in batches:
            first, done = done + 1, done + len(labels)
            where = f"pattern {first}" if first == done else f"patterns {first} to {done}"
            what = _non_finite_of(network, criterion, x, labels, update)
            if what is not None:
                return f"{where}: {what} is not finite"
    return f"{where}: the summed loss is not finite"


def _non_finite_of(
    network: Network,
    criterion: Criterion,
    x: Array,
    labels: NDArray[np.intp],
    update: Callable[[Array, NDArray[np.intp]], Array],
) -> str | None:
    """The first non-finite value of one update, in the order of computation; None: all finite."""
    name = ""
    for layer, output in network.layer_outputs(x):
        name = layer.name or name  # a squash belongs to the layer before it
        if not np.isfinite(output).all():
            return f"the state of {name}"
    if not np.isfinite(criterion.forward(update(x, labels), labels)).all():
        return "the criterion"
    for name, part in reversed(network.slices.items()):
        if not np.isfinite(network.gradient[part]).all():
            return f"the gradient of {name}"
    for name, values in network.saved().items():
        if not np.isfinite(values).all():
            return f"a weight of {name}"
    return None
