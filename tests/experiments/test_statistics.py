"""Paired tests, their correction and the effects of a factorial, against other ways to compute."""

import math
from itertools import product

import numpy as np
import pytest

from lenet1998.experiments.statistics import effects, holm, mcnemar, smallest_difference


def binomial_p(b: int, c: int) -> float:
    """McNemar's exact p by its formula."""
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1))
    return min(1.0, 2 * tail / 2 ** (b + c))


def test_mcnemar_by_hand() -> None:
    """Of 10 patterns on which two networks differ one errs on 2: p = 2 (1 + 10 + 45) / 1024."""
    a, b = np.zeros((2, 50), bool)
    a[:2], b[2:10], a[20:30], b[20:30] = True, True, True, True
    assert mcnemar(a, b) == pytest.approx(112 / 1024)
    assert mcnemar(b, a) == pytest.approx(112 / 1024)
    assert mcnemar(a, a) == 1.0


def test_mcnemar_of_many_patterns() -> None:
    """Where 2^n is no float any more."""
    a, b = np.zeros((2, 3000), bool)
    a[:900], b[900:2000] = True, True
    assert mcnemar(a, b) == pytest.approx(binomial_p(900, 1100), rel=1e-6)


def test_mcnemar_of_several_seeds_is_that_of_all_signs() -> None:
    """The sign of each pattern's summed difference is turned in all 2^n ways."""
    rng = np.random.default_rng(3)
    a, b = rng.random((2, 4, 12)) < [[[0.5]], [[0.2]]]
    difference = a.sum(axis=0) - b.sum(axis=0)
    sums = [abs(np.dot(signs, difference)) for signs in product((-1, 1), repeat=12)]
    expected = np.mean(np.array(sums) >= abs(difference.sum()))
    assert 0 < expected < 1
    assert mcnemar(a, b) == pytest.approx(expected)


def test_seeds_that_repeat_each_other_add_nothing() -> None:
    a, b = np.random.default_rng(1).random((2, 300)) < [[0.1], [0.05]]
    both = [np.repeat(wrong[None], 5, axis=0) for wrong in (a, b)]
    assert mcnemar(*both) == pytest.approx(mcnemar(a, b))
    assert smallest_difference(*both) == pytest.approx(smallest_difference(a, b))


def test_the_smallest_difference_is_just_significant() -> None:
    """20 patterns differ: 15 to 5 is significant, 14 to 6 is not."""
    a, b = np.zeros((2, 1000), bool)
    a[:12], b[12:20] = True, True
    assert binomial_p(15, 5) <= 0.05 < binomial_p(14, 6)
    assert smallest_difference(a, b) == pytest.approx(100 * (15 - 5) / 1000)
    assert smallest_difference(a, b, 0.0001) == pytest.approx(100 * (19 - 1) / 1000)
    assert binomial_p(19, 1) <= 0.0001 < binomial_p(18, 2)
    assert math.isnan(smallest_difference(a[:3], b[:3]))


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]


def test_effects_are_those_of_the_model() -> None:
    """With -1 and +1 for the levels the coefficients are half of the effects."""
    rng = np.random.default_rng(5)
    levels = np.array(list(product((-1, 1), repeat=3)))
    seeds = np.array([0.0, 5.0, -2.0, 1.0])
    y = 10 + 1.5 * levels[:, 0] - 0.5 * levels[:, 1] * levels[:, 2]
    noise = rng.normal(0, 0.1, (8, 4))
    responses = (y[:, None] + seeds + noise).reshape(2, 2, 2, 4)
    found = {effect.factors: effect for effect in effects(responses)}
    assert set(found) == {(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)}
    columns = [np.prod(levels[:, list(factors)], axis=1) for factors in found]
    columns += [np.prod(levels, axis=1), np.ones(8)]  # the saturated model
    matrix = np.tile(np.array(columns).T, (4, 1))
    matrix = np.hstack([matrix, np.repeat(np.eye(4)[:, 1:], 8, axis=0)])  # and the seeds
    values = responses.reshape(8, 4).T.ravel()
    fit, (rest,), *_ = np.linalg.lstsq(matrix, values, rcond=None)
    error = np.sqrt(rest / (32 - matrix.shape[1]) * np.linalg.inv(matrix.T @ matrix)[0, 0])
    for (factors, effect), coefficient in zip(found.items(), fit, strict=False):
        assert effect.size == pytest.approx(2 * coefficient), factors
        assert effect.error == pytest.approx(2 * error)
    assert found[0,].size == pytest.approx(3, abs=0.2)
    assert found[1, 2].size == pytest.approx(-1, abs=0.2)
    assert all(math.isnan(effect.error) for effect in effects(responses[..., :1]))


def test_effects_without_one_response() -> None:
    """The mean of the other seeds takes its place, and a degree of freedom is lost."""
    responses = np.random.default_rng(6).normal(1, 0.1, (2, 2, 3))
    responses[1, 0, 2] = np.mean(responses[1, 0, :2])
    filled = effects(responses)
    responses[1, 0, 2] = np.nan
    for effect, same in zip(effects(responses), filled, strict=True):
        assert effect.size == pytest.approx(same.size)
        assert effect.error == pytest.approx(same.error * math.sqrt(6 / 5))
