"""The digits of the notebooks: MNIST or the printed ones, and the 3 that all notebooks follow."""

import numpy as np

from ..data import datasets
from ..data.patterns import Patterns
from ..files import InputError
from ..network.lenet5 import LeNet5


def load_digits() -> tuple[Patterns, Patterns]:
    """Training and test patterns: MNIST if it is on this machine, else the printed digits.

    Nothing is downloaded.  `lenet1998.load_mnist()` downloads MNIST once.
    """
    try:
        return datasets.load("mnist", download=False)
    except InputError:
        return datasets.load_printed()


def clearest(network: LeNet5, patterns: Patterns, digit: int = 3, among: int = 20) -> int:
    """The index of a clear example of a digit.

    Args:
        network: gives the penalties.
        patterns: where to look.
        digit: the class, 0 to 9.
        among: how many patterns of the class to look at, the first ones.

    Returns:
        The index of the pattern whose right class has the smallest penalty (eq. 7).
    """
    first = np.flatnonzero(patterns.labels == digit)[:among]
    return int(first[network.penalties(patterns.images[first])[:, digit].argmin()])
