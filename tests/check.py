"""Derivatives by central differences, in float64: the judge of every gradient and curvature."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Place = tuple[int, ...]

STEP = 1e-5


def slope(f: Callable[[Array], Any], x: Array, place: Place) -> Any:
    """(f(x + STEP) - f(x - STEP)) / (2 STEP), x moved at one place; f may return an array."""
    moved = x.astype(np.float64)
    moved[place] = x[place] + STEP
    above = np.array(f(moved), np.float64)  # a copy: layers return buffers
    moved[place] = x[place] - STEP
    below = np.array(f(moved), np.float64)
    return (above - below) / (2 * STEP)


def assert_gradient(
    f: Callable[[Array], Any],
    x: Array,
    gradient: Array,
    what: str = "x",
    places: Iterable[Place] | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-7,
) -> None:
    """Fail unless `gradient` is df/dx at every place (or at the given ones), to rtol and atol.

    The failure names the worst place and prints both numbers.
    """
    assert gradient.shape == x.shape, f"gradient of {what}: {gradient.shape} for {x.shape}"
    checked, wrong = 0, []
    for place in np.ndindex(*x.shape) if places is None else places:
        checked += 1
        ours, numerical = float(gradient[place]), float(slope(f, x, place))
        error = abs(ours - numerical)
        if not error <= atol + rtol * abs(numerical):  # "not <=", so that NaN fails
            line = f"{what}{list(place)}: {ours!r}, by central differences {numerical!r}"
            wrong.append((np.inf if np.isnan(error) else error, line))
    assert checked, f"gradient of {what}: no place was checked"
    assert not wrong, f"{len(wrong)} of {checked} derivatives differ; the worst: {max(wrong)[1]}"


def jacobian(f: Callable[[Array], Any], x: Array) -> Array:
    """J[i, k] = df_i / dx_k, both flattened."""
    return np.stack([slope(f, x, place).ravel() for place in np.ndindex(*x.shape)], axis=1)


def gauss_newton(f: Callable[[Array], Any], x: Array, h: Array) -> Array:
    """(J*J)^T h, shaped as x: what a second backward pass makes of the curvature h of f(x)."""
    J = jacobian(f, x)
    product: Array = (J * J).T @ h.ravel()
    return product.reshape(x.shape)


def second_derivative(f: Callable[[Array], Any], x: Array, place: Place, step: float) -> float:
    """d2f/dx2 at one place by (f(x + step) - 2 f(x) + f(x - step)) / step^2."""
    moved = x.astype(np.float64)
    middle = float(f(moved))
    moved[place] = x[place] + step
    above = float(f(moved))
    moved[place] = x[place] - step
    below = float(f(moved))
    return (above - 2 * middle + below) / step**2
