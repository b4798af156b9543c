"""The checker is checked: right derivatives pass, planted wrong ones do not."""

import re

import check
import numpy as np
import pytest
from check import Array


def cube_sum(x: Array) -> float:
    """A function with the derivative 3 x^2."""
    return float((x**3).sum())


@pytest.fixture
def x() -> Array:
    return np.random.default_rng(0).uniform(0.5, 1.5, size=(2, 3))


def test_right_gradient_passes(x: Array) -> None:
    check.assert_gradient(cube_sum, x, 3 * x**2)


@pytest.mark.parametrize("factor", [-1.0, 0.0, 0.5, 2.0, 1.01, 0.99, np.nan, np.inf])
def test_wrong_gradient_is_caught(x: Array, factor: float) -> None:
    with pytest.raises(AssertionError, match="6 of 6 derivatives differ"):
        check.assert_gradient(cube_sum, x, 3 * x**2 * factor)


def test_failure_gives_the_worst_place_and_both_numbers(x: Array) -> None:
    wrong = 3 * x**2
    wrong[0, 1] *= 1.01
    wrong[1, 2] *= 2
    numbers = rf"x\[1, 2\]: {re.escape(repr(float(wrong[1, 2])))}, .* {3 * x[1, 2] ** 2:.5f}"
    with pytest.raises(AssertionError, match="2 of 6 .* worst: " + numbers):
        check.assert_gradient(cube_sum, x, wrong)


def test_nan_is_the_worst_of_all(x: Array) -> None:
    wrong = 3 * x**2
    wrong[0, 0] = np.nan
    wrong[0, 1] *= 2
    with pytest.raises(AssertionError, match=r"x\[0, 0\]: nan"):
        check.assert_gradient(cube_sum, x, wrong)


def test_only_the_given_places_are_looked_at(x: Array) -> None:
    wrong = 3 * x**2
    wrong[0, 1] *= 2
    check.assert_gradient(cube_sum, x, wrong, places=[(0, 0), (1, 2)])
    with pytest.raises(AssertionError, match="1 of 2"):
        check.assert_gradient(cube_sum, x, wrong, places=[(0, 0), (0, 1)])


def test_no_place_or_another_shape_is_refused(x: Array) -> None:
    with pytest.raises(AssertionError, match="no place"):
        check.assert_gradient(cube_sum, x, 3 * x**2, places=[])
    with pytest.raises(AssertionError, match=r"\(6,\) for \(2, 3\)"):
        check.assert_gradient(cube_sum, x, (3 * x**2).ravel())


def test_second_order_oracle_against_a_closed_form(x: Array) -> None:
    """f = sin(W x) has J = cos(W x) W."""
    rng = np.random.default_rng(1)
    W, h = rng.normal(size=(4, x.size)), rng.uniform(size=4)
    J = np.cos(W @ x.ravel())[:, None] * W
    np.testing.assert_allclose(check.jacobian(lambda x: np.sin(W @ x.ravel()), x), J, atol=1e-9)
    expected = (h @ J**2).reshape(x.shape)
    found = check.gauss_newton(lambda x: np.sin(W @ x.ravel()), x, h)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert not np.allclose(found, (h @ J).reshape(x.shape), atol=1e-2)


def test_second_derivative_against_a_closed_form(x: Array) -> None:
    found = [check.second_derivative(cube_sum, x, place, 1e-3) for place in np.ndindex(*x.shape)]
    np.testing.assert_allclose(found, 6 * x.ravel(), rtol=1e-6)


def test_the_point_itself_is_left_alone(x: Array) -> None:
    before = x.copy()
    check.assert_gradient(cube_sum, x, 3 * x**2)
    check.jacobian(np.square, x)
    check.second_derivative(cube_sum, x, (0, 0), 1e-3)
    np.testing.assert_array_equal(x, before)
