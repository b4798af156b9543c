"""Appendix C: the curvature averaged over patterns, and the step sizes made from it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from check import Array

from lenet1998 import InputError, LeNet5
from lenet1998.learning.criterion import MAP, MLE, Criterion
from lenet1998.learning.sdlm import estimate_curvature, rates, step_sizes

MU = 0.02  # III-B
SIZES = {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164}  # II-B


def parts() -> Iterator[tuple[str, slice]]:
    """Where each layer lies in the flat vector, counted from the paper's numbers."""
    start = 0
    for name, size in SIZES.items():
        yield name, slice(start, start + size)
        start += size


@pytest.fixture
def patterns() -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    return rng.uniform(-0.1, 1.175, size=(7, 32, 32, 1)), rng.integers(10, size=7)


def blocks(patterns: tuple[Array, Array], sizes: list[int]) -> Iterator[tuple[Array, Array]]:
    x, labels = patterns
    assert sum(sizes) == len(labels)
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        yield x[end - size : end], labels[end - size : end]


@pytest.mark.parametrize("criterion", [MLE(), MAP()], ids=["eq. 8", "eq. 9"])
def test_curvature_is_the_mean_over_the_patterns(
    criterion: Criterion, patterns: tuple[Array, Array]
) -> None:
    """Pattern by pattern by hand; the penalty's second derivative wrt F6's state is 1."""
    network = LeNet5(seed=2, dtype=np.float64)
    found = estimate_curvature(network, criterion, blocks(patterns, [7]))
    assert found.shape == (60_000,)
    total = np.zeros(60_000)
    for x in patterns[0]:
        network.forward(x[None])
        h: Array = np.ones((1, 1, 1, 84))
        for layer in reversed(network.layers[:-1]):
            h = layer.second_backward(h)
        total += network.curvature
    np.testing.assert_allclose(found, total / 7, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("sizes", [[1] * 7, [3, 4], [4, 3], [1, 5, 1]], ids=str)
def test_curvature_does_not_depend_on_the_blocks(
    sizes: list[int], patterns: tuple[Array, Array]
) -> None:
    network = LeNet5(seed=2, dtype=np.float64)
    whole = estimate_curvature(network, MAP(), blocks(patterns, [7]))
    found = estimate_curvature(network, MAP(), blocks(patterns, sizes))
    np.testing.assert_allclose(found, whole, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_curvature_is_the_callers_own_and_not_negative(
    dtype: Any, patterns: tuple[Array, Array]
) -> None:
    network = LeNet5(seed=2, dtype=dtype)
    before = network.parameters.copy()
    first = estimate_curvature(network, MAP(), blocks(patterns, [7]))
    kept = first.copy()
    network.parameters *= 0.5
    assert not np.allclose(estimate_curvature(network, MAP(), blocks(patterns, [7])), kept)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(network.parameters, before * dtype(0.5))
    assert first.dtype == dtype
    assert first.min() >= 0
    assert first.max() > 1


def curvature() -> Array:
    """Any curvature, with some zeros."""
    h = np.random.default_rng(3).exponential(2.0, size=60_000)
    h[::1000] = 0.0
    return h


def test_one_step_a_parameter_is_eq_21() -> None:
    eps = step_sizes(LeNet5(dtype=np.float64), curvature(), 0.0005, "parameter")
    np.testing.assert_allclose(eps, [0.0005 / (MU + h) for h in curvature()], rtol=1e-14)
    assert eps[0] == pytest.approx(0.025)  # where the curvature is 0, mu keeps the step finite


def test_one_step_a_layer_is_that_of_its_largest_curvature() -> None:
    network, h = LeNet5(dtype=np.float64), curvature()
    eps = step_sizes(network, h, 0.0005, "layer")
    assert eps.shape == (60_000,)
    for name, part in parts():
        expected = 0.0005 / (MU + max(h[part]))
        np.testing.assert_allclose(eps[part], expected, rtol=1e-14, err_msg=name)
    np.testing.assert_array_equal(step_sizes(network, h, 0.0005), eps)  # the default


@pytest.mark.parametrize("which", ["layer", "parameter"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_grow_with_eta_and_have_the_networks_type(which: str, dtype: Any) -> None:
    network, h = LeNet5(dtype=dtype), curvature().astype(dtype)
    kept = h.copy()
    eps = step_sizes(network, h, 0.0005, which)
    assert eps.dtype == dtype
    np.testing.assert_allclose(step_sizes(network, h, 0.001, which), 2 * eps, rtol=1e-6)
    larger_mu = step_sizes(network, h, 0.0005, which, mu=1.0)
    np.testing.assert_allclose(0.0005 / larger_mu - 0.0005 / eps, 1.0 - MU, rtol=1e-4)
    np.testing.assert_array_equal(h, kept)


def test_unknown_kind_of_step_is_refused() -> None:
    with pytest.raises(InputError, match=r"'both'.*layer, parameter"):
        step_sizes(LeNet5(), curvature(), 0.0005, "both")


def test_rates_are_the_extremes_of_each_layer() -> None:
    eps = step_sizes(LeNet5(dtype=np.float64), curvature(), 0.0005, "parameter")
    expected = {name: (min(eps[part]), max(eps[part])) for name, part in parts()}
    assert rates(LeNet5(), eps) == expected
