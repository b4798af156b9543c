"""Error rates, confusion and rejection, against small cases done by hand."""

import numpy as np
import pytest

from lenet1998.data.datasets import load_printed
from lenet1998.learning import evaluation
from lenet1998.network.lenet5 import LeNet5


def test_margins_are_second_smallest_minus_smallest() -> None:
    y = np.array([[5.0, 1.0, 3.5, 9.0], [2.0, 2.0, 7.0, 8.0]])
    np.testing.assert_array_equal(evaluation.margins(y), [2.5, 0.0])


def test_rejection_by_hand() -> None:
    """Five patterns; the doubtful ones go first: margins 1 (wrong), 2, 3 (wrong), 4, 5."""
    margins = np.array([3.0, 1.0, 5.0, 2.0, 4.0])
    wrong = np.array([True, True, False, False, False])
    rejected, error, kept = evaluation.rejection(margins, wrong)
    np.testing.assert_allclose(rejected, [0, 20, 40, 60, 80])
    np.testing.assert_allclose(error, [40, 25, 100 / 3, 0, 0])
    np.testing.assert_allclose(kept, [1, 2, 3, 4, 5])
    assert evaluation.smallest_rejection(rejected, error, 26.0) == 1
    assert evaluation.smallest_rejection(rejected, error, 0.5) == 3
    assert evaluation.smallest_rejection(rejected, error, 50.0) == 0


def test_a_rejection_that_cannot_help() -> None:
    margins, wrong = np.array([1.0, 2.0]), np.array([False, True])
    rejected, error, _ = evaluation.rejection(margins, wrong)
    assert evaluation.smallest_rejection(rejected, error) is None


def test_confusion_by_hand() -> None:
    matrix = evaluation.confusion(np.array([0, 1, 1, 9]), np.array([0, 1, 4, 9]))
    assert matrix.shape == (10, 10) and matrix.sum() == 4
    assert matrix[4, 1] == 1 and matrix.trace() == 3


def test_penalties_in_blocks_are_penalties_of_each() -> None:
    network, test = LeNet5(seed=2), load_printed()[1].subset(evaluation.BLOCK + 3)
    y = evaluation.penalties(network, test)
    one_by_one = np.concatenate([network.penalties(test.images[i]) for i in range(len(test))])
    np.testing.assert_allclose(y, one_by_one, rtol=1e-4)
    np.testing.assert_array_equal(evaluation.answers(network, test), y.argmin(axis=1))
    wrong = np.mean(y.argmin(axis=1) != test.labels)
    assert evaluation.error_percent(network, test) == pytest.approx(100 * wrong)
