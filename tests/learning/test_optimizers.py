"""The updates against their formulas, one parameter and one step at a time."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from check import Array

from lenet1998 import InputError
from lenet1998.learning.optimizers import (
    OPTIMIZERS,
    SGD,
    AdaGrad,
    Adam,
    Momentum,
    Optimizer,
    RMSProp,
)

SIZE, STEPS, ETA = 7, 6, 0.05
Formula = Callable[[list[float], float], Iterator[float]]


def sgd(gradients: list[float], eta: float) -> Iterator[float]:
    """What is added to a parameter at each step."""
    for g in gradients:
        yield -eta * g


def momentum(gradients: list[float], eta: float, m: float = 0.9) -> Iterator[float]:
    v = 0.0
    for g in gradients:
        v = m * v - eta * g
        yield v


def adagrad(gradients: list[float], eta: float) -> Iterator[float]:
    for t in range(len(gradients)):
        past = sum(g**2 for g in gradients[: t + 1])
        yield -eta * gradients[t] / (math.sqrt(past) + 1e-8)


def rmsprop(gradients: list[float], eta: float, decay: float = 0.99) -> Iterator[float]:
    for t in range(len(gradients)):
        past = sum((1 - decay) * decay ** (t - i) * gradients[i] ** 2 for i in range(t + 1))
        yield -eta * gradients[t] / (math.sqrt(past) + 1e-8)


def adam(
    gradients: list[float],
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> Iterator[float]:
    for t in range(1, len(gradients) + 1):
        past = list(enumerate(gradients[:t], start=1))
        m = sum((1 - beta1) * beta1 ** (t - i) * g for i, g in past) / (1 - beta1**t)
        v = sum((1 - beta2) * beta2 ** (t - i) * g**2 for i, g in past) / (1 - beta2**t)
        yield -eta * m / (math.sqrt(v) + epsilon)


def adam_twice(
    gradients: list[float], eta: float, beta1: float = 0.9, beta2: float = 0.999
) -> Iterator[float]:
    for t, move in enumerate(adam(gradients, eta, beta1, beta2, 1e-7), start=1):
        yield move * math.sqrt(1 - beta2**t) / (1 - beta1**t)


FORMULAS: dict[str, Formula] = {
    "sgd": sgd,
    "momentum": momentum,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adam-twice": adam_twice,
}


def every() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", FORMULAS)


def drawn(seed: int, *shape: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def run(optimizer: Optimizer, eta: Any, dtype: Any = np.float64, steps: int = STEPS) -> Array:
    """The parameters after each step, (steps, SIZE), from given ones by given gradients."""
    parameters, path = drawn(1, SIZE).astype(dtype), []
    for gradient in drawn(2, STEPS, SIZE)[:steps].astype(dtype):
        optimizer.update(parameters, gradient, eta)
        path.append(parameters.copy())
    return np.array(path)


def expected(formula: Formula, etas: Array) -> Array:
    start, gradients = drawn(1, SIZE), drawn(2, STEPS, SIZE)
    moves = [list(formula(list(gradients[:, k]), float(etas[k]))) for k in range(SIZE)]
    path: Array = start + np.cumsum(np.array(moves).T, axis=0)
    return path


def test_every_update_has_a_formula() -> None:
    assert list(OPTIMIZERS) == list(FORMULAS)


@every()
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_update_is_the_formula(name: str, dtype: Any) -> None:
    path = run(OPTIMIZERS[name](SIZE, dtype), ETA, dtype)
    assert path.dtype == dtype
    tolerance = 2e-6 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(path, expected(FORMULAS[name], np.full(SIZE, ETA)), atol=tolerance)


@every()
def test_a_rate_for_each_parameter(name: str) -> None:
    """As the steps of appendix C are."""
    etas = np.linspace(0.01, 0.1, SIZE)
    kept = etas.copy()
    path = run(OPTIMIZERS[name](SIZE, np.float64), etas)
    np.testing.assert_allclose(path, expected(FORMULAS[name], etas), atol=1e-13)
    np.testing.assert_array_equal(etas, kept)


@pytest.mark.parametrize(
    ("optimizer", "formula"),
    [
        (Momentum(SIZE, np.float64, momentum=0.5), lambda g, eta: momentum(g, eta, 0.5)),
        (RMSProp(SIZE, np.float64, decay=0.9), lambda g, eta: rmsprop(g, eta, 0.9)),
        (Adam(SIZE, np.float64, beta1=0.8, beta2=0.9), lambda g, eta: adam(g, eta, 0.8, 0.9)),
    ],
    ids=["momentum", "rmsprop", "adam"],
)
def test_other_constants(optimizer: Optimizer, formula: Formula) -> None:
    path = run(optimizer, ETA)
    np.testing.assert_allclose(path, expected(formula, np.full(SIZE, ETA)), atol=1e-13)


def test_no_momentum_is_plain_descent() -> None:
    plain, none = run(SGD(SIZE, np.float64), ETA), run(Momentum(SIZE, np.float64, momentum=0), ETA)
    np.testing.assert_allclose(none, plain, rtol=0, atol=1e-15)


@pytest.mark.parametrize("make", [AdaGrad, Adam])
def test_first_step_is_eta_whatever_the_gradient(make: type[Optimizer]) -> None:
    """s = g^2 for the one, the bias correction for the other."""
    parameters, gradient = np.zeros(4), np.array([1e-4, -3.0, 1e5, 0.0])
    make(4, np.float64).update(parameters, gradient, ETA)
    np.testing.assert_allclose(parameters, [-ETA, ETA, -ETA, 0.0], rtol=1e-3)


@every()
def test_weight_decay_is_added_to_the_gradient(name: str) -> None:
    decay = 0.3
    plain, decayed = (OPTIMIZERS[name](SIZE, np.float64, weight_decay=d) for d in (0.0, decay))
    by_hand, parameters = drawn(1, SIZE), drawn(1, SIZE)
    for gradient in drawn(2, STEPS, SIZE):
        plain.update(by_hand, gradient + decay * by_hand, ETA)
        decayed.update(parameters, gradient.copy(), ETA)
        np.testing.assert_allclose(parameters, by_hand, atol=1e-14)
    assert np.abs(parameters - run(OPTIMIZERS[name](SIZE, np.float64), ETA)[-1]).max() > 1e-3


@every()
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_of_zero_move_nothing_and_warn_of_nothing(name: str, dtype: Any) -> None:
    optimizer, parameters = OPTIMIZERS[name](SIZE, dtype), np.ones(SIZE, dtype)
    with np.errstate(divide="raise", invalid="raise"):
        for _ in range(3):
            optimizer.update(parameters, np.zeros(SIZE, dtype), ETA)
    np.testing.assert_array_equal(parameters, 1.0)


@every()
def test_state_copied_into_another_goes_on_as_the_first(name: str) -> None:
    """What a checkpoint saves is all there is to save."""
    whole = run(OPTIMIZERS[name](SIZE, np.float64), ETA)
    first, second = OPTIMIZERS[name](SIZE, np.float64), OPTIMIZERS[name](SIZE, np.float64)
    parameters = run(first, ETA, steps=3)[-1].copy()
    assert first.state().keys() == second.state().keys()
    for key, array in second.state().items():
        array[...] = first.state()[key]
    for gradient in drawn(2, STEPS, SIZE)[3:]:
        second.update(parameters, gradient, ETA)
    np.testing.assert_array_equal(parameters, whole[-1])


@every()
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_state_stays_in_its_arrays_and_its_type(name: str, dtype: Any) -> None:
    optimizer = OPTIMIZERS[name](SIZE, dtype)
    before = optimizer.state()
    run(optimizer, np.float64(ETA), dtype)
    after = optimizer.state()
    assert bool(before) == (name != "sgd")
    for key, array in after.items():
        assert array is before[key]
        assert array.dtype == (np.int64 if key == "steps" else dtype)
        assert array.all()


@pytest.mark.parametrize("value", [-0.1, 1.0, float("nan")])
def test_decays_out_of_range_are_refused(value: float) -> None:
    for make, what in [(Momentum, "momentum"), (RMSProp, "decay"), (Adam, "beta1")]:
        with pytest.raises(InputError, match=rf"^{what} is .*below 1$"):
            make(SIZE, **{what: value})


@every()
@pytest.mark.parametrize("value", [-1e-4, float("nan"), float("inf")])
def test_weight_decay_out_of_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(InputError, match=r"^weight decay is .* 0 or more$"):
        OPTIMIZERS[name](SIZE, weight_decay=value)
