"""Error rates of a network on patterns that it does not learn from."""

import numpy as np
from numpy.typing import NDArray

from .data import Patterns
from .lenet5 import LeNet5


def answers(network: LeNet5, patterns: Patterns) -> NDArray[np.intp]:
    """The class with the smallest penalty for every pattern, (n,)."""
    found = np.empty(len(patterns), np.intp)
    for start in range(0, len(patterns), network.BLOCK):
        block = slice(start, start + network.BLOCK)
        found[block] = network.penalties(patterns.x(block, network.dtype)).argmin(axis=1)
    return found


def error_percent(network: LeNet5, patterns: Patterns) -> float:
    """Share of wrong answers in percent."""
    return 100.0 * float(np.mean(answers(network, patterns) != patterns.labels))
