"""The mistakes of course projects: each differs from its parent in one thing."""

import numpy as np
import pytest

from lenet1998.layers.batch_norm import BatchNorm
from lenet1998.layers.full import Full
from lenet1998.layers.pooling import AveragePool
from lenet1998.layers.slips import BatchStatisticsNorm, LostBiasFull, QuarterCurvaturePool


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).normal(size=shape).astype(np.float32)


def test_the_curvature_through_average_pooling_is_4_times_the_right_one() -> None:
    right, wrong = AveragePool("S2", 6), QuarterCurvaturePool("S2", 6)
    x, d = drawn(2, 8, 8, 6), drawn(2, 4, 4, 6)
    np.testing.assert_array_equal(wrong.forward(x), right.forward(x))
    np.testing.assert_array_equal(wrong.backward(d), right.backward(d))
    np.testing.assert_allclose(wrong.second_backward(d), 4 * right.second_backward(d), rtol=1e-6)


def test_batch_statistics_are_used_outside_training_too() -> None:
    right, wrong = BatchNorm("C1-norm", 3), BatchStatisticsNorm("C1-norm", 3)
    for layer in (right, wrong):
        layer.initialise(np.random.default_rng(0), "he")
    x = drawn(4, 5, 5, 3)
    right.set_training(True)
    wrong.set_training(False)
    expected = right.forward(x).copy()
    np.testing.assert_array_equal(wrong.forward(x), expected)
    # A pattern's output depends on the patterns beside it.
    assert np.abs(wrong.forward(x[:2]) - expected[:2]).max() > 0.01


@pytest.mark.parametrize("patterns", [1, 3])
def test_a_lost_bias_has_no_effect_and_learns_nothing(patterns: int) -> None:
    right, wrong = Full("F6", 5, 4), LostBiasFull("F6", 5, 4)
    for layer in (right, wrong):
        layer.initialise(np.random.default_rng(1), "lecun")
        layer.gradient[:] = layer.curvature[:] = np.nan
    wrong.bias[:] = 7.0
    x, d = drawn(patterns, 1, 1, 5), drawn(patterns, 1, 1, 4)
    np.testing.assert_array_equal(wrong.forward(x), right.forward(x))
    np.testing.assert_array_equal(wrong.backward(d), right.backward(d))
    np.testing.assert_array_equal(wrong.gradient[:-4], right.gradient[:-4])
    np.testing.assert_array_equal(wrong.gradient[-4:], 0)
    np.testing.assert_array_equal(wrong.second_backward(d * d), right.second_backward(d * d))
    np.testing.assert_array_equal(wrong.curvature[-4:], 0)
    assert (right.curvature[-4:] > 0).all()
