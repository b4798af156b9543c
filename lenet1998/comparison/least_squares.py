"""Weighted sums solved directly: linear least squares with a small ridge."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array

RIDGE = 1e-3  # of the mean square of the inputs: keeps inputs that never change from dividing by 0


def with_bias(inputs: Array) -> NDArray[np.float64]:
    """Inputs (n, d) with a column of ones behind them, (n, d + 1)."""
    out = np.ones((len(inputs), inputs.shape[1] + 1))
    out[:, :-1] = inputs
    return out


def least_squares(
    examples: Iterable[tuple[Array, Array]], ridge: float = RIDGE
) -> NDArray[np.float64]:
    """The weights W that minimize sum ||x W - t||^2 + r ||W||^2.

    Args:
        examples: blocks of inputs x (n, d) and targets t (n, units).
        ridge: r as a share of the mean over the inputs of sum x^2.

    Returns:
        W, (d, units).
    """
    gram, moments = np.zeros(()), np.zeros(())
    for x, t in examples:
        x = x.astype(np.float64)
        gram, moments = gram + x.T @ x, moments + x.T @ t
    return solve_ridge(gram, moments, ridge)


def solve_ridge(gram: Array, moments: Array, ridge: float = RIDGE) -> NDArray[np.float64]:
    """The same from the sums gram = sum x^T x (d, d) and moments = sum x^T t (d, units)."""
    mean = np.trace(gram) / len(gram) or 1.0  # 0 where there are no examples
    damped = gram + ridge * mean * np.eye(len(gram))
    return np.asarray(np.linalg.solve(damped, moments), np.float64)
