"""The learning procedure of section III-B: passes over the patterns, an update after each batch."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .. import paper
from ..arrays import Array
from ..data.patterns import PatternSource
from ..network.network import GROUP, Network
from . import sdlm
from .criterion import Criterion
from .evaluation import answers
from .lagged import LaggedSGD
from .non_finite import first_non_finite
from .optimizers import Optimizer, is_plain_descent
from .state import PassResult, Stopped, TrainingState, restore, trainable_state

BLOCK = 50  # patterns learned between two questions whether to stop
READ = 200  # patterns made at a time: images stay uint8 until they are needed
ORDERS = ("constant", "shuffled", "replacement")

Examples = tuple[Array, NDArray[np.intp]]  # inputs (n, 32, 32, 1) and right classes (n,)


class Trainer:
    """Trains a network in place, by default as section III-B does: one pattern per update.

    Args:
        network: the network to train.
        criterion: its loss.
        optimizer: how a gradient changes the parameters; `SGD` is eq. 18.
        etas: global learning rate of each pass; their number is the number of passes.
        step_sizes: how the curvature scales the step of each parameter (`sdlm.step_sizes`).  None:
            eta is the step of every parameter, and no curvature is estimated.
        order: "constant" keeps one random permutation for all passes (reading of III-B's
            "constant random order"), "shuffled" draws a new one before a pass
            once the end of the last was reached, "replacement" each pattern of a pass from all.
        batch_size: patterns per update; the update uses their mean gradient.
        sum_gradients: the update uses the sum of their gradients instead.
        pass_size: patterns per pass; the next pass continues after them.  0: all patterns.
        seed: of the order and of the patterns that the curvature is estimated on.
        progress: show a progress bar where the output is a terminal.
        should_stop: called before every block of about 50 patterns; True ends the training.

    Raises:
        ValueError: an unknown order.
    """

    def __init__(
        self,
        network: Network,
        criterion: Criterion,
        optimizer: Optimizer,
        etas: Sequence[float],
        *,
        step_sizes: str | None = "layer",
        order: str = "constant",
        batch_size: int = 1,
        sum_gradients: bool = False,
        pass_size: int = 0,
        seed: int = 0,
        progress: bool = True,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        if order not in ORDERS:
            raise ValueError(f"order {order!r} is not known: choose {' or '.join(ORDERS)}")
        self.network, self.criterion, self.optimizer = network, criterion, optimizer
        self.etas, self.step_sizes, self.order = list(etas), step_sizes, order
        self.batch_size, self.pass_size, self.seed = batch_size, pass_size, seed
        self.sum_gradients = sum_gradients
        self.progress, self.should_stop = progress, should_stop
        # The default of section III-B has a fast way; its result is the same up to rounding.
        fast = is_plain_descent(optimizer) and batch_size == 1 and step_sizes != "parameter"
        self.lagged = LaggedSGD(network, criterion) if fast else None

    def passes(
        self, patterns: PatternSource, test: PatternSource, state: TrainingState | None = None
    ) -> Iterator[PassResult]:
        """Train pass by pass; yield a result after each.

        Args:
            patterns: to train on.
            test: the test error of each pass is measured on these.
            state: where to continue; it is updated in place.  None: from the start.

        Raises:
            Stopped: `should_stop` returned True; `state` says where to continue.
            FloatingPointError: a state, a gradient, the loss or a weight is no longer finite; the
                message names the pass, the pattern and the layer.
        """
        state = state or TrainingState.initial(len(patterns), self.seed)
        while state.number <= len(self.etas):
            started = perf_counter() - state.seconds
            steps = self.train_pass(patterns, state)
            wrong = answers(self.network, test) != test.labels
            result = PassResult(
                state.number,
                self.etas[state.number - 1],
                100.0 * state.wrong / state.done,
                100.0 * float(np.mean(wrong)),
                state.loss / state.done,
                sdlm.rates(self.network, steps),
                perf_counter() - started,
                tuple(np.bincount(test.labels[wrong], minlength=self.network.classes).tolist()),
            )
            state.next_pass()
            yield result

    def train_pass(self, patterns: PatternSource, state: TrainingState) -> Array:
        """Train on what is left of the current pass; return the step of each parameter.

        Raises what `passes` raises.
        """
        started = perf_counter() - state.seconds
        self.network.set_training(True)
        try:
            with np.errstate(under="ignore"):  # exp(-penalty) may be 0
                if state.steps is None:
                    self._draw_order(len(patterns), state)
                    state.steps = self._choose_steps(patterns, state)
                self._learn(patterns, state.steps, state)
        finally:
            self.network.set_training(False)
            state.seconds = perf_counter() - started
        return state.steps

    def skip_pass(self, patterns: int, state: TrainingState) -> None:
        """Draw what a pass over so many patterns draws, and move to the next one."""
        self._draw_order(patterns, state)
        self._draw_sample(patterns, state)
        state.next_pass()

    def _draw_order(self, patterns: int, state: TrainingState) -> None:
        """Draw a new order: "shuffled" once the last one's end was reached, or each pass."""
        size = self.pass_size or patterns
        if self.order == "replacement":
            state.permutation = state.rng.integers(0, patterns, patterns)
        if self.order == "shuffled" and state.number > 1 and self._start(patterns, state) < size:
            state.permutation = state.rng.permutation(patterns)

    def _start(self, patterns: int, state: TrainingState) -> int:
        """Where the current pass starts in the order: after the last pattern of the one before."""
        return (state.number - 1) * (self.pass_size or patterns) % patterns

    def _draw_sample(self, patterns: int, state: TrainingState) -> NDArray[np.intp]:
        """The patterns of the curvature.  Reading: they are drawn anew before each pass."""
        return state.rng.choice(patterns, min(paper.CURVATURE_PATTERNS, patterns), replace=False)

    def _choose_steps(self, patterns: PatternSource, state: TrainingState) -> Array:
        """The step of each parameter in this pass, by the curvature of 500 random patterns."""
        eta, network = self.etas[state.number - 1], self.network
        sample = self._draw_sample(len(patterns), state)
        if self.step_sizes is None:
            return np.full(network.parameters.shape, eta, network.dtype)
        blocks = _blocks(patterns, sample, network.dtype, BLOCK)
        curvature = sdlm.estimate_curvature(network, self.criterion, blocks)
        return sdlm.step_sizes(network, curvature, eta, self.step_sizes)

    def _learn(self, patterns: PatternSource, steps: Array, state: TrainingState) -> None:
        """Learn the patterns that are left of this pass, block by block."""
        index, first = self._rest_of_pass(len(patterns), state), state.done
        arrays = trainable_state(self.network, self.optimizer)
        before = {name: values.copy() for name, values in arrays.items()}
        with self._progress_bar(patterns.dataset, first + len(index), state) as bar:
            for x, labels in self._whole_batches(patterns, index):
                if self.should_stop():
                    raise Stopped
                loss, wrong = self._learn_block(x, labels, steps)
                # The squash bounds every state: a weight may diverge without a sign in the loss.
                if not (np.isfinite(loss) and np.isfinite(self.network.parameters).all()):
                    restore(arrays, before)
                    reason = self._first_non_finite(patterns, index, steps, first)
                    restore(arrays, before)  # what was learned before this pass is valid
                    raise FloatingPointError(f"pass {state.number}, {reason}")
                state.done += len(labels)
                state.wrong += wrong
                state.loss += loss
                bar.set_postfix_str(f"error {100 * state.wrong / state.done:.2f} %", refresh=False)
                bar.update(len(labels))

    def _rest_of_pass(self, patterns: int, state: TrainingState) -> NDArray[np.intp]:
        """Which patterns are left of the current pass, in their order."""
        start, size = self._start(patterns, state), self.pass_size or patterns
        return state.permutation.take(np.arange(start + state.done, start + size), mode="wrap")

    def _whole_batches(
        self, patterns: PatternSource, index: NDArray[np.intp]
    ) -> Iterator[Examples]:
        """Blocks of about 50 patterns, of as many whole batches as fit; at least one batch."""
        size = max(1, BLOCK // self.batch_size) * self.batch_size
        return _blocks(patterns, index, self.network.dtype, size)

    def _first_non_finite(
        self, patterns: PatternSource, index: NDArray[np.intp], steps: Array, done: int
    ) -> str:
        """Replay the pass to name the first non-finite value (`first_non_finite`)."""
        return first_non_finite(
            self.network,
            self.criterion,
            self._batches(self._whole_batches(patterns, index)),
            lambda x, labels: self.update(x, labels, steps),
            done,
        )

    def _learn_block(self, x: Array, labels: NDArray[np.intp], steps: Array) -> tuple[float, int]:
        """Learn a block batch by batch; return its summed loss and its number of wrong answers."""
        with np.errstate(over="ignore", invalid="ignore"):  # the caller checks for non-finite
            if self.lagged is not None:
                penalties = self.lagged.learn(x, labels, steps)
            else:
                parts = [
                    self.update(x_batch, labels_batch, steps).copy()
                    for x_batch, labels_batch in self._batches([(x, labels)])
                ]
                penalties = np.concatenate(parts)
            loss = float(self.criterion.forward(penalties, labels).sum())
        return loss, int(np.count_nonzero(penalties[:, 0, 0].argmin(axis=1) != labels))

    def _batches(self, blocks: Iterable[Examples]) -> Iterator[Examples]:
        """The examples of each update."""
        for x, labels in blocks:
            for start in range(0, len(labels), self.batch_size):
                batch = slice(start, start + self.batch_size)
                yield x[batch], labels[batch]

    def update(self, x: Array, labels: NDArray[np.intp], steps: Array) -> Array:
        """Learn one batch by its mean gradient, w_k <- w_k - eps_k dE/dw_k for `SGD` (eq. 18).

        Args:
            x: inputs (n, 32, 32, 1).
            labels: right classes (n,).
            steps: eps, (parameters,).

        Returns:
            The penalties before the update, (n, 1, 1, 10); a buffer that the next call reuses.
        """
        network = self.network
        penalties = batch_gradient(network, self.criterion, x, labels)
        if len(labels) > 1 and not self.sum_gradients:
            network.gradient *= 1 / len(labels)
        self.optimizer.update(network.parameters, network.gradient, steps)
        return penalties

    def _progress_bar(self, dataset: str, size: int, state: TrainingState) -> "tqdm[None]":
        """A bar with the error so far and the time left; only in a terminal."""
        return tqdm(
            total=size,
            initial=state.done,
            desc=f"pass {state.number}/{len(self.etas)}, {dataset}",
            bar_format="{desc}{postfix}, {remaining} left |{bar}| {percentage:.0f} %",
            disable=None if self.progress else True,  # None: no bar in a file or a pipe
            dynamic_ncols=True,
        )


def batch_gradient(
    network: Network, criterion: Criterion, x: Array, labels: NDArray[np.intp]
) -> Array:
    """Sum dE/dw over a batch of any size into `network.gradient`.

    Large batches go through the layers in groups, so that their states stay in the cache.

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
    index: NDArray[np.intp],
    dtype: "np.dtype[np.floating]",
    size: int,
) -> Iterator[Examples]:
    """Inputs and right classes of the patterns `index`, `size` at a time."""
    together = max(1, READ // size) * size
    for start in range(0, len(index), together):
        part = index[start : start + together]
        x, labels = patterns.x(part, dtype), patterns.labels[part].astype(np.intp)
        for first in range(0, len(part), size):
            yield x[first : first + size], labels[first : first + size]
