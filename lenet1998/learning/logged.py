"""A trainer that keeps the loss of every block of patterns, not only that of every pass."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from .training import Trainer


class LoggedTrainer(Trainer):
    """Trains as `Trainer` does, with the same arguments and the same bits.

    A block is one batch, or as many whole batches as have about 50 patterns.

    Attributes:
        blocks: for each block its patterns, its mean loss and its wrong answers in percent, both
            before the updates.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.blocks: list[tuple[int, float, float]] = []

    def _learn_block(self, x: Array, labels: NDArray[np.intp], steps: Array) -> tuple[float, int]:
        loss, wrong = super()._learn_block(x, labels, steps)
        count = len(labels)
        self.blocks.append((count, loss / count, 100 * wrong / count))
        return loss, wrong
