"""The learning procedure of III-B: passes over the patterns, the weights updated after each one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .. import paper
from ..arrays import Array
from ..data.patterns import Patterns, PatternSource
from ..network.lenet5 import LeNet5
from ..network.network import Network
from .criterion import Criterion
from .evaluation import error_percent
from .optimizers import SGD, Optimizer
from .sdlm import estimate_curvature, rates, step_sizes

BLOCK = 50  # patterns normalised at a time: images stay uint8 until they are needed
GROUP = 16  # patterns of a batch that go through the layers together
ORDERS = ("constant", "shuffled")


class Stopped(KeyboardInterrupt):
    """The training was asked to stop, and did so between two updates: its state is whole."""


@dataclass(frozen=True)
class PassResult:
    """What one pass gave; percentages, seconds for the pass with its curvature and its test."""

    number: int
    eta: float
    training_error_percent: float  # on the fly, while the weights move, as in figure 5
    test_error_percent: float
    loss: float  # mean criterion, on the fly
    rates: dict[str, tuple[float, float]]  # smallest and largest step of each layer
    seconds: float


@dataclass
class State:
    """Where a training stands: all that decides how it goes on, beside what the network and the
    optimizer save.

    Attributes:
        permutation: the order of all patterns, (patterns,).
        rng: of the orders to come and of the patterns of the curvature.
        number: of the pass, from 1.
        steps: of the parameters in this pass, (parameters,); None before it begins.
        done, wrong, loss, seconds: of this pass so far.
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
    def first(cls, patterns: int, seed: int) -> "State":
        """Before the first pass over so many patterns."""
        # The stream 1 keeps the order apart from the first weights, which the seed alone draws.
        rng = np.random.default_rng([seed, 1])
        return cls(rng.permutation(patterns), rng)

    def next_pass(self) -> None:
        """Put everything of the pass back to its beginning."""
        self.number += 1
        self.steps = None
        self.done, self.wrong, self.loss, self.seconds = 0, 0, 0.0, 0.0


def train(
    network: LeNet5,
    criterion: Criterion,
    training: PatternSource,
    test: Patterns,
    etas: list[float],
    seed: int = 0,
    per: str | None = "layer",
    order: str = "constant",
    size: int | None = None,
    quiet: bool = False,
    optimizer: Optimizer | None = None,
    batch: int = 1,
    state: State | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[PassResult]:
    """Train the network in place, by default one pattern at a time; yield a result after each pass.

    Args:
        etas: the global rate of each pass (III-B).
        seed: of the order and of the patterns that the curvature is estimated on.
        per: steps by the curvature (`sdlm.step_sizes`), or None: eta is the rate of all parameters.
        order: "constant" is one random permutation kept for all passes (reading of III-B's
            "constant random order"), "shuffled" a new one whenever all have been seen.
        size: patterns of a pass; each goes on in the order where the one before ended.  None: all.
        optimizer: what a gradient does to the parameters; by default eq. 18.
        batch: patterns whose mean gradient makes one update.
        quiet: no progress bar; there is none either where the output is not a terminal.
        state: where to go on; it moves with the training.  None: from the beginning.
        stop: asked after every few updates whether to end; `state` then tells where to go on.

    Raises:
        Stopped: `stop` said so.
        FloatingPointError: a state, a gradient, the loss or a weight is no longer finite; says in
            which pass, at which pattern, in which layer.
    """
    if order not in ORDERS:
        raise ValueError(f"order {order!r} is not known: choose {' or '.join(ORDERS)}")
    state = state or State.first(len(training), seed)
    size = size or len(training)
    optimizer = optimizer or SGD(network.parameters.size, network.dtype)
    while state.number <= len(etas):
        started = perf_counter() - state.seconds
        number, eta = state.number, etas[state.number - 1]
        start = (number - 1) * size % len(training)
        network.set_training(True)
        if state.steps is None:
            if order == "shuffled" and number > 1 and start < size:
                state.permutation = state.rng.permutation(len(training))
            # Reading: the patterns of the curvature are drawn anew before each pass.
            enough = min(paper.CURVATURE_PATTERNS, len(training))
            sample = state.rng.choice(len(training), enough, replace=False)
            if per is None:
                state.steps = np.full(network.parameters.shape, eta, network.dtype)
            else:
                blocks = _blocks(training, sample, network.dtype, BLOCK)
                curvature = estimate_curvature(network, criterion, blocks)
                state.steps = step_sizes(network, curvature, eta, per)
        index = state.permutation.take(np.arange(start + state.done, start + size), mode="wrap")
        with tqdm(
            total=size,
            initial=state.done,
            desc=f"pass {number}/{len(etas)}, {training.dataset}",
            bar_format="{desc}{postfix}, {remaining} left |{bar}| {percentage:.0f} %",
            disable=quiet or None,  # None: no bar where nobody looks, in a file or a pipe
            dynamic_ncols=True,
        ) as bar:
            try:
                train_pass(network, criterion, training, index, state, bar, optimizer, batch, stop)
            finally:
                state.seconds = perf_counter() - started
                network.set_training(False)
            wrong, test_error = 100.0 * state.wrong / size, error_percent(network, test)
            bar.set_postfix_str(f"error {wrong:.2f} %, test {test_error:.2f} %", refresh=False)
        result = PassResult(
            number,
            eta,
            wrong,
            test_error,
            state.loss / size,
            rates(network, state.steps),
            perf_counter() - started,
        )
        state.next_pass()
        yield result


def train_pass(
    network: LeNet5,
    criterion: Criterion,
    patterns: PatternSource,
    order: NDArray[np.intp],
    state: State,
    bar: "tqdm[None]",
    optimizer: Optimizer,
    batch: int = 1,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Learn in the given order, w_k <- w_k - eps_k dE/dw_k after every pattern (eq. 18).

    Args:
        state: has the steps eps; counts what is done.
    """
    assert state.steps is not None
    size = max(1, BLOCK // batch) * batch
    penalties = np.empty((size, 1, 1, paper.CLASSES), network.dtype)
    moving = [*network.saved().values(), *optimizer.state().values()]
    before, first = [values.copy() for values in moving], state.done
    for x, labels in _blocks(patterns, order, network.dtype, size):
        if stop():
            raise Stopped
        n = len(labels)
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is found below
            for part in _batches(n, batch):
                penalties[part] = _update(
                    network, criterion, x[part], labels[part], state.steps, optimizer
                )
            loss = float(criterion.forward(penalties[:n], labels).sum())
        # The squash bounds every state, so a runaway weight need not show in the loss.
        if not (np.isfinite(loss) and np.isfinite(network.parameters).all()):
            _copy(before, moving)
            blocks = _blocks(patterns, order, network.dtype, size)
            reason = _blame(network, criterion, blocks, first, state, optimizer, batch)
            _copy(before, moving)  # what was learned before is sound
            raise FloatingPointError(reason)
        state.done += n
        state.wrong += int(np.count_nonzero(penalties[:n, 0, 0].argmin(axis=1) != labels))
        state.loss += loss
        bar.set_postfix_str(f"error {100 * state.wrong / state.done:.2f} %", refresh=False)
        bar.update(n)


def _copy(arrays: list[Array], into: list[Array]) -> None:
    """Copy arrays into others, one by one."""
    for values, place in zip(arrays, into, strict=True):
        place[...] = values


def _update(
    network: LeNet5,
    criterion: Criterion,
    x: Array,
    labels: NDArray[np.intp],
    steps: Array,
    optimizer: Optimizer,
) -> Array:
    """Learn a batch by its mean gradient; return its penalties (n, 1, 1, 10), a buffer."""
    y = batch_gradient(network, criterion, x, labels)
    if len(labels) > 1:
        np.multiply(network.gradient, 1 / len(labels), network.gradient)
    optimizer.update(network.parameters, network.gradient, steps)
    return y


def _batches(patterns: int, batch: int) -> Iterator[slice]:
    """The patterns of each update."""
    for start in range(0, patterns, batch):
        yield slice(start, min(start + batch, patterns))


def _blame(
    network: LeNet5,
    criterion: Criterion,
    blocks: Iterable[tuple[Array, NDArray[np.intp]]],
    done: int,
    state: State,
    optimizer: Optimizer,
    batch: int,
) -> str:
    """What is not finite first when these blocks are learned again, behind `done` patterns."""
    assert state.steps is not None
    finite = np.isfinite
    parts = ((x[p], labels[p]) for x, labels in blocks for p in _batches(len(labels), batch))
    with np.errstate(all="ignore"):
        for x, labels in parts:
            first, done = done + 1, done + len(labels)
            here = f"pattern {first}" if first == done else f"patterns {first} to {done}"
            here = f"pass {state.number}, {here}"
            name = ""
            for layer, output in network.layer_outputs(x):
                name = layer.name or name  # a squash belongs to the layer before it
                if not finite(output).all():
                    return f"{here}: the state of {name} is not finite"
            y = _update(network, criterion, x, labels, state.steps, optimizer)
            if not finite(criterion.forward(y, labels)).all():
                return f"{here}: the criterion is not finite"
            for name, own in reversed(network.slices.items()):
                if not finite(network.gradient[own]).all():
                    return f"{here}: the gradient of {name} is not finite"
            for name, values in network.saved().items():
                if not finite(values).all():
                    return f"{here}: a weight of {name} is not finite"
    return f"pass {state.number}: the loss is not finite"


def batch_gradient(
    network: Network, criterion: Criterion, x: Array, labels: NDArray[np.intp]
) -> Array:
    """Sum dE/dw over a batch of any size into `network.gradient`.

    Many patterns go through the layers a few at a time, so that their states stay in the cache.

    Args:
        x: inputs (n, h, w, maps).
        labels: right classes (n,).

    Returns:
        The penalties (n, 1, 1, 10); a buffer that the next call reuses.
    """
    if len(x) <= GROUP or network.mixes_patterns:
        y = network.forward(x)
        network.backward(criterion.backward(y, labels))
        return y
    total = np.zeros_like(network.gradient)
    penalties = []
    for start in range(0, len(x), GROUP):
        group = slice(start, start + GROUP)
        penalties.append(batch_gradient(network, criterion, x[group], labels[group]).copy())
        total += network.gradient
    network.gradient[:] = total
    return np.concatenate(penalties)


def _blocks(
    patterns: PatternSource,
    order: NDArray[np.intp],
    dtype: "np.dtype[np.floating]",
    size: int,
) -> Iterator[tuple[Array, NDArray[np.intp]]]:
    """Inputs and right classes in the given order, `size` at a time."""
    for start in range(0, len(order), size):
        index = order[start : start + size]
        yield patterns.x(index, dtype), patterns.labels[index].astype(np.intp)
