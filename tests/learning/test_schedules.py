"""The global rate of each pass."""

import math
from itertools import pairwise

import pytest

from lenet1998 import InputError
from lenet1998.learning.schedules import constant, cosine, paper_schedule, step_decay


def test_constant() -> None:
    assert constant(3, 0.4) == [0.4, 0.4, 0.4]


def test_steps_begin_at_their_passes() -> None:
    assert step_decay(7, [0.4, 0.1, 0.05], [3, 6]) == [0.4, 0.4, 0.1, 0.1, 0.1, 0.05, 0.05]
    assert step_decay(30, [0.4, 0.1, 0.05], [5, 10]) == [0.4] * 4 + [0.1] * 5 + [0.05] * 21


def test_a_rate_alone_falls_by_ten() -> None:
    expected = [0.015] * 3 + [0.0015] * 4 + [0.00015] * 3
    assert step_decay(10, 0.015, [4, 8]) == pytest.approx(expected, rel=1e-15)
    assert step_decay(4, 0.5, []) == [0.5] * 4


def test_a_short_run_ends_before_the_steps() -> None:
    assert step_decay(4, [0.4, 0.1, 0.05], [5, 10]) == [0.4] * 4
    assert step_decay(5, [0.4, 0.1, 0.05], [5, 10]) == [0.4] * 4 + [0.1]


def test_cosine_falls_from_eta_towards_0() -> None:
    etas = cosine(4, 0.8)
    assert etas == pytest.approx([0.8, 0.4 + 0.4 * math.sqrt(0.5), 0.4, 0.4 - 0.4 * math.sqrt(0.5)])
    assert cosine(1, 0.8) == [0.8]


def test_warm_up_is_linear_and_then_the_cosine_begins() -> None:
    etas = cosine(30, 0.4, warmup_passes=5, warmup_from=0.1)
    assert len(etas) == 30
    assert etas[:6] == pytest.approx([0.1, 0.16, 0.22, 0.28, 0.34, 0.4])
    assert etas[5:] == pytest.approx(cosine(25, 0.4))
    assert all(later < earlier for earlier, later in pairwise(etas[5:]))
    assert 0 < etas[-1] < 0.01


@pytest.mark.parametrize("passes", [1, 2, 3, 12])
def test_one_rate_for_each_pass(passes: int) -> None:
    made = [
        paper_schedule(passes),
        constant(passes, 0.1),
        step_decay(passes, 0.1, [2, 3, 9]),
        cosine(passes, 0.1, min(2, passes - 1), 0.01),
    ]
    for etas in made:
        assert len(etas) == passes
        assert all(isinstance(eta, float) and eta > 0 for eta in etas)


@pytest.mark.parametrize("eta", [0.0, -0.1, float("nan"), float("inf")])
def test_rates_without_sense_are_refused(eta: float) -> None:
    refused = pytest.raises(InputError, match=r"learning rate is .* above 0$")
    with refused:
        constant(3, eta)
    with refused:
        step_decay(3, [0.4, eta], [2])
    with refused:
        step_decay(3, eta, [2])
    with refused:
        cosine(3, eta)
    with refused:
        cosine(3, 0.4, 1, eta)


def test_a_last_rate_that_no_pass_reaches_is_looked_at_too() -> None:
    with pytest.raises(InputError, match="learning rate is -1"):
        step_decay(3, [0.4, 0.1, -1.0], [2, 30])


@pytest.mark.parametrize("at", [[5], [5, 10, 15], []])
def test_a_rate_for_each_step(at: list[int]) -> None:
    with pytest.raises(InputError, match="3 learning rates for steps at passes"):
        step_decay(20, [0.4, 0.1, 0.05], at)


@pytest.mark.parametrize("at", [[1, 5], [5, 5], [10, 5], [0, 3]])
def test_steps_out_of_order_are_refused(at: list[int]) -> None:
    with pytest.raises(InputError, match="from 2 on, ascending"):
        step_decay(20, [0.4, 0.1, 0.05], at)


@pytest.mark.parametrize("warmup", [-1, 5, 6])
def test_a_warm_up_that_leaves_no_pass_is_refused(warmup: int) -> None:
    with pytest.raises(InputError, match="does not fit into 5"):
        cosine(5, 0.4, warmup, 0.1)
