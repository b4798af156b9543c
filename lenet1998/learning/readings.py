"""Other readings of how the curvature of appendix C is measured (`experiment readings`)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Labels
from .criterion import MAP
from .state import TrainingState
from .training import Trainer


class OwnCurvatureMAP(MAP):
    """Eq. 9 whose second pass is its own, with `layers.readings.MAPCurvatureRBF`.

    Appendix C leaves out the non-linearity of the network, "but not that of the loss function".
    """

    def second_backward(self, y: Array, labels: Labels) -> Array:
        """The posteriors exp(-scale y[i]) / (exp(-j) + sum of exp(-scale y)), shaped as y."""
        b = self.buffers(y)
        self.exponentials(b)
        np.divide(b.exp_y, b.sum, b.dE_dy_rows)
        return b.dE_dy


class SamePatternsTrainer(Trainer):
    """Estimates the curvature on the same 500 patterns before each pass."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._sample: NDArray[np.intp] | None = None

    def _draw_sample(self, patterns: int, state: TrainingState) -> NDArray[np.intp]:
        drawn = super()._draw_sample(patterns, state)  # the orders stay those of `Trainer`
        if self._sample is None:
            self._sample = drawn
        return self._sample
