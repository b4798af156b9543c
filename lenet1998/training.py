"""The learning procedure of III-B: passes over the patterns, the weights updated after each one."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from . import paper
from .copies import Copies
from .criterion import MLE
from .data import Patterns
from .evaluation import error_percent
from .layer import Array, Network
from .lenet5 import LeNet5
from .optimizers import SGD, Optimizer
from .sdlm import estimate_curvature, rates, step_sizes

BLOCK = 50  # patterns normalised at a time: images stay uint8 until they are needed
GROUP = 16  # patterns of a batch that go through the layers together
ORDERS = ("constant", "shuffled")


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


def train(
    network: LeNet5,
    criterion: MLE,
    training: Patterns | Copies,
    test: Patterns,
    etas: list[float],
    seed: int = 0,
    per: str | None = "layer",
    order: str = "constant",
    size: int | None = None,
    quiet: bool = False,
    optimizer: Optimizer | None = None,
    batch: int = 1,
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

    Raises:
        FloatingPointError: the loss or a weight is no longer finite.
    """
    if order not in ORDERS:
        raise ValueError(f"order {order!r} is not known: choose {' or '.join(ORDERS)}")
    # The stream 1 keeps the order apart from the first weights, which the seed alone draws.
    rng = np.random.default_rng([seed, 1])
    permutation = rng.permutation(len(training))
    size = size or len(training)
    optimizer = optimizer or SGD(network.parameters.size, network.dtype)
    for number, eta in enumerate(etas, start=1):
        started = perf_counter()
        start = (number - 1) * size % len(training)
        if order == "shuffled" and number > 1 and start < size:
            permutation = rng.permutation(len(training))
        index = permutation.take(np.arange(start, start + size), mode="wrap")
        # Reading: the patterns of the curvature are drawn anew before each pass.
        enough = min(paper.CURVATURE_PATTERNS, len(training))
        sample = rng.choice(len(training), enough, replace=False)
        network.learning(True)
        steps = np.full(network.parameters.shape, eta, network.dtype)
        if per is not None:
            blocks = _blocks(training, sample, network.dtype, BLOCK)
            steps = step_sizes(network, estimate_curvature(network, criterion, blocks), eta, per)
        with tqdm(
            total=size,
            desc=f"pass {number}/{len(etas)}, {training.dataset}",
            bar_format="{desc}{postfix}, {remaining} left |{bar}| {percentage:.0f} %",
            disable=quiet or None,  # None: no bar where nobody looks, in a file or a pipe
            dynamic_ncols=True,
        ) as bar:
            wrong, loss = train_pass(
                network, criterion, training, index, steps, bar, optimizer, batch
            )
            network.learning(False)
            test_error = error_percent(network, test)
            bar.set_postfix_str(f"error {wrong:.2f} %, test {test_error:.2f} %", refresh=False)
        yield PassResult(
            number,
            eta,
            wrong,
            test_error,
            loss,
            rates(network, steps),
            perf_counter() - started,
        )


def train_pass(
    network: LeNet5,
    criterion: MLE,
    patterns: Patterns | Copies,
    order: NDArray[np.intp],
    steps: Array,
    bar: "tqdm[None]",
    optimizer: Optimizer,
    batch: int = 1,
) -> tuple[float, float]:
    """One pass in the given order, w_k <- w_k - eps_k dE/dw_k after every pattern (eq. 18).

    Returns:
        The error in percent and the mean loss, both on the fly.
    """
    wrong, loss, done = 0, 0.0, 0
    parameters, gradient, update = network.parameters, network.gradient, optimizer.update
    size = max(1, BLOCK // batch) * batch
    penalties = np.empty((size, 1, 1, paper.CLASSES), network.dtype)
    for x, labels in _blocks(patterns, order, network.dtype, size):
        n = len(labels)
        for start in range(0, n, batch):
            part = slice(start, min(start + batch, n))
            penalties[part] = batch_gradient(network, criterion, x[part], labels[part])
            if batch > 1:
                np.multiply(gradient, 1 / (part.stop - start), gradient)
            update(parameters, gradient, steps)
        done += n
        wrong += int(np.count_nonzero(penalties[:n, 0, 0].argmin(axis=1) != labels))
        loss += float(criterion.forward(penalties[:n], labels).sum())
        # The squash bounds every state, so a runaway weight need not show in the loss.
        if not (np.isfinite(loss) and np.isfinite(parameters).all()):
            raise FloatingPointError(
                f"the loss or a weight is not finite after {done} patterns of the pass"
            )
        bar.set_postfix_str(f"error {100 * wrong / done:.2f} %", refresh=False)
        bar.update(n)
    return 100.0 * wrong / done, loss / done


def batch_gradient(network: Network, criterion: MLE, x: Array, labels: NDArray[np.intp]) -> Array:
    """Sum dE/dw over a batch of any size into `network.gradient`.

    Many patterns go through the layers a few at a time, so that their states stay in the cache.

    Args:
        x: inputs (n, h, w, maps).
        labels: right classes (n,).

    Returns:
        The penalties (n, 1, 1, 10); a buffer that the next call reuses.
    """
    if len(x) <= GROUP or any(layer.whole_batch for layer in network.layers):
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
    patterns: Patterns | Copies,
    order: NDArray[np.intp],
    dtype: "np.dtype[np.floating]",
    size: int,
) -> Iterator[tuple[Array, NDArray[np.intp]]]:
    """Inputs and right classes in the given order, `size` at a time."""
    for start in range(0, len(order), size):
        index = order[start : start + size]
        yield patterns.x(index, dtype), patterns.labels[index].astype(np.intp)
