"""What a training gives after each pass, and the state from which it can be resumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..network.network import Network
from .optimizers import Optimizer


class Stopped(KeyboardInterrupt):
    """Training was asked to stop and did so between two updates: its state is consistent."""


@dataclass(frozen=True)
class PassResult:
    """Result of one pass: errors in percent, time in seconds with the curvature and the test."""

    number: int
    eta: float
    training_error_percent: float  # on the fly, while the weights change, as in figure 5
    test_error_percent: float
    loss: float  # mean criterion, on the fly
    rates: dict[str, tuple[float, float]]  # smallest and largest step of each layer
    seconds: float
    test_errors: tuple[int, ...] = ()  # wrong answers to the patterns of each class

    def __repr__(self) -> str:
        return (
            f"<PassResult: pass {self.number}, training error {self.training_error_percent:.2f} %, "
            f"test error {self.test_error_percent:.2f} %, {self.seconds:.1f} s>"
        )


@dataclass
class TrainingState:
    """Resumable training state, beyond the network's and the optimizer's own.

    Attributes:
        permutation: order of all patterns, (patterns,).
        rng: draws later orders and the patterns of the curvature.
        number: current pass, from 1.
        steps: step of each parameter in this pass, (parameters,); None before the pass starts.
        done, wrong, loss, seconds: patterns learned, wrong answers, summed criterion and time of
            this pass so far.
    """

    permutation: NDArray[np.intp]
    rng: np.random.Generator
    number: int = 1
    steps: Array | None = None
    done: int = 0
    wrong: int = 0
    loss: float = 0.0
    seconds: float = 0.0

    @classmethod
    def initial(cls, patterns: int, seed: int) -> "TrainingState":
        """The state before the first pass over this number of patterns."""
        # Stream 1 is independent of the initial weights, which are drawn from the seed alone.
        rng = np.random.default_rng([seed, 1])
        return cls(rng.permutation(patterns), rng)

    def next_pass(self) -> None:
        """Move to the start of the next pass."""
        self.number += 1
        self.steps = None
        self.done, self.wrong, self.loss, self.seconds = 0, 0, 0.0, 0.0


def trainable_state(network: Network, optimizer: Optimizer) -> dict[str, NDArray[Any]]:
    """Every array that training changes, as views, by its name in a checkpoint."""
    return {
        **{f"network/{name}": values for name, values in network.saved().items()},
        **{f"optimizer/{name}": values for name, values in optimizer.state().items()},
    }


def restore(arrays: Mapping[str, NDArray[Any]], values: Mapping[str, NDArray[Any]]) -> None:
    """Copy values into the arrays of the same names, in place."""
    for name, array in arrays.items():
        array[...] = values[name]
