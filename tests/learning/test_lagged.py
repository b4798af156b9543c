"""The lagged updates of C5 and F6 are those of plain gradient descent, up to rounding."""

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from check import Array

from lenet1998 import LeNet5
from lenet1998.data.datasets import load_printed
from lenet1998.learning.criterion import MAP, Criterion, CrossEntropy
from lenet1998.learning.lagged import LAG, LaggedSGD
from lenet1998.learning.optimizers import SGD, Momentum, Optimizer
from lenet1998.learning.sdlm import STEP_SIZES
from lenet1998.learning.training import BLOCK, Trainer
from lenet1998.network.design import Design

DESIGNS = {
    "1998": Design(),
    "softmax, all connections": Design(output="softmax", connections="full"),
    "a full connection first": Design(network="28x28-300-10"),
    "LeNet-4": Design(network="lenet4"),
    "batch normalisation": Design(batch_norm=True, activation="relu", input_range="unit"),
}


@lru_cache
def patterns(n: int, dtype: Any) -> tuple[Array, Array]:
    printed = load_printed()[0]
    return printed.x(np.arange(n), dtype), printed.labels[:n].astype(np.intp)


def steps(network: LeNet5) -> Array:
    """One step for each layer, as large as those of the first pass."""
    eps = np.zeros_like(network.parameters)
    for i, part in enumerate(network.slices.values()):
        eps[part] = 0.0003 * (1 + i)
    return eps


def plainly(network: LeNet5, criterion: Criterion, x: Array, labels: Array, eps: Array) -> Array:
    """Pattern by pattern by eq. 18; returns the penalties."""
    penalties = []
    for i in range(len(x)):
        y = network.forward(x[i : i + 1])
        penalties.append(y.copy())
        network.backward(criterion.backward(y, labels[i : i + 1]))
        network.parameters -= eps * network.gradient
    return np.concatenate(penalties)


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("lag", [1, 8, 10, 16, 100])
def test_learns_as_plain_descent(lag: int, dtype: Any, design: Design) -> None:
    """30 patterns in two calls: 8 and 16 divide neither call."""
    ours, plain = (LeNet5(seed=2, dtype=dtype, design=design) for _ in range(2))
    criterion = CrossEntropy() if design.output == "softmax" else MAP()
    for network in (ours, plain):
        network.set_training(True)
    (x, labels), eps, start = patterns(30, dtype), steps(ours), ours.parameters.copy()
    lagged = LaggedSGD(ours, criterion, lag)
    found = [lagged.learn(x[part], labels[part], eps) for part in (slice(19), slice(19, 30))]
    expected = plainly(plain, criterion, x, labels, eps)
    tolerance = 1e-12 if dtype == np.float64 else 3e-6
    scale = float(np.abs(expected).max())
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=0, atol=tolerance * scale)
    np.testing.assert_allclose(ours.parameters, plain.parameters, rtol=0, atol=tolerance)
    for name, part in ours.slices.items():
        assert np.abs(ours.parameters - start)[part].max() > 100 * tolerance, name


def test_weights_changed_between_two_calls_are_used() -> None:
    """Nothing is kept from one call to the next, also not of weights that had diverged."""
    network = LeNet5(seed=2, dtype=np.float64)
    (x, labels), eps, start = patterns(7, np.float64), steps(network), network.parameters.copy()
    lagged = LaggedSGD(network, MAP(), lag=16)
    first = lagged.learn(x, labels, eps)
    after = network.parameters.copy()
    network.parameters[:] = np.nan
    with np.errstate(all="ignore"):
        lagged.learn(x, labels, eps)
    network.parameters[:] = start
    np.testing.assert_array_equal(lagged.learn(x, labels, eps), first)
    np.testing.assert_array_equal(network.parameters, after)


def test_c5_and_f6_are_lagged() -> None:
    network = LeNet5()
    lagged = LaggedSGD(network, MAP()).lagged
    assert [part for _, part in lagged] == [network.slices["C5"], network.slices["F6"]]


def test_the_lag_divides_the_patterns_between_two_stops() -> None:
    assert BLOCK % LAG == 0


@pytest.mark.parametrize("rule", STEP_SIZES)
@pytest.mark.parametrize("optimizer", ["plain", "momentum", "weight decay"])
@pytest.mark.parametrize("batch_size", [1, 2])
def test_only_plain_descent_with_a_step_for_each_layer_is_lagged(
    rule: str, optimizer: str, batch_size: int
) -> None:
    network = LeNet5()
    size = network.parameters.size
    optimizers: dict[str, Optimizer] = {
        "plain": SGD(size),
        "momentum": Momentum(size),
        "weight decay": SGD(size, weight_decay=1e-4),
    }
    trainer = Trainer(
        network,
        MAP(),
        optimizers[optimizer],
        [0.1],
        step_sizes=rule,
        batch_size=batch_size,
    )
    expected = optimizer == "plain" and rule != "parameter" and batch_size == 1
    assert (trainer.lagged is not None) == expected
