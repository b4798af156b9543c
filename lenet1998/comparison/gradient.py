"""Networks without a field: pixels as units, trained as LeNet-5 is in III-B."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..data.patterns import scale_levels
from ..layers.layer import Layer
from ..learning.criterion import MLE
from ..learning.optimizers import SGD
from ..learning.schedules import paper_schedule
from ..learning.state import TrainingState
from ..learning.training import Trainer
from ..network.network import Network


@dataclass(frozen=True, eq=False)
class Pixels:
    """Images of any size as inputs, each pixel a unit (`patterns.PatternSource`).

    Attributes:
        images: (n, height, width), grey levels 0 to 255 of any type.
        labels: right classes (n,).
        dataset: a name for the progress bar.
    """

    images: NDArray[Any]
    labels: NDArray[np.uint8]
    dataset: str

    def __len__(self) -> int:
        """The number of images."""
        return len(self.images)

    def x(self, index: NDArray[np.intp] | slice, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The images `index` as inputs (n, 1, 1, pixels), background -0.1 and ink 1.175 (II-B)."""
        images = self.images[index]
        return scale_levels(images.reshape(len(images), 1, 1, -1), dtype)


def descend(
    layers: Sequence[Layer], patterns: Pixels, seed: int, passes: int, quiet: bool = False
) -> Network:
    """Train layers on pixels with eq. 8 and the schedule of III-B, a step for each parameter.

    Args:
        layers: input first; the last one gives penalties.
        patterns: the training patterns.
        seed: of the initial weights, of the order and of the patterns for the curvature.
        passes: with the paper's schedule.
        quiet: no progress bars.
    """
    shape = patterns.x(slice(0, 1)).shape[1:]
    network = Network(layers, shape, rng=np.random.default_rng(seed))
    optimizer = SGD(network.parameters.size)
    etas = paper_schedule(passes)
    trainer = Trainer(
        network, MLE(), optimizer, etas, step_sizes="parameter", progress=not quiet
    )  # fmt: skip
    state = TrainingState.initial(len(patterns), seed)
    for _ in range(passes):
        trainer.train_pass(patterns, state)
        state.next_pass()
    return network
