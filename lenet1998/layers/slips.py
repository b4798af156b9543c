"""Layers with the mistakes of published course projects (`run/recipes`), one each.

Each differs from its parent in the line that the project got wrong, so that the mistake can be
switched on and measured.  No network has one of them unless a setting asks for it.
"""

import numpy as np

from ..arrays import Array
from .batch_norm import BatchNorm
from .full import Full, FullBuffers
from .pooling import AveragePool


class BatchStatisticsNorm(BatchNorm):
    """Batch normalisation that never leaves training mode (`--batch-statistics`).

    Patterns to classify are normalised by the mean and the variance of their own batch, so that an
    answer depends on the other patterns that are asked about at the same time.
    """

    def __init__(self, name: str, maps: int) -> None:
        super().__init__(name, maps)
        super().set_training(True)

    def set_training(self, training: bool) -> None:
        """Stay in training mode."""


class QuarterCurvaturePool(AveragePool):
    """Average pooling whose second pass divides by 4, as its gradient does, not by 16 (eq. 27).

    With `--quarter-curvature` the layers below pooling get 4 times the curvature, and so smaller
    steps.
    """

    def second_backward(self, d2E_dy2: Array) -> Array:
        """Each of the four inputs gets d2E/dy2 / 4."""
        return self.backward(d2E_dy2)


class LostBiasFull(Full):
    """a[i] = sum over j of weights[j, i] * x[j]: a full connection that forgets its bias.

    With `--lost-bias` F6 has its 84 biases, and they have no effect; gradient and curvature are 0.
    """

    def allocate(self, x: Array) -> FullBuffers:
        buffers = super().allocate(x)
        buffers.inputs[:, -1] = np.zeros((), self.dtype)  # in place of the 1 that the bias reads
        return buffers
