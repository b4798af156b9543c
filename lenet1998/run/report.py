"""The numbers of a run and the paper's, as text and as figure 5; its distortions as figure 7."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

import numpy as np

from .. import paper
from ..data.augmentation import Distorted
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import save_figure
from ..learning.state import PassResult
from ..network.lenet5 import LeNet5
from .settings import Settings
from .yardstick import caution, comparable, figure9_name, paper_errors, percent, whole_passes

HEAD = "pass      eta  training error  test error      time      left"


def pass_line(results: Sequence[PassResult], passes: int) -> str:
    """The last pass in one line, under `HEAD`.

    Args:
        results: of the passes so far.
        passes: of the whole run; with the mean time of a pass it gives the time that is left.
    """
    last = results[-1]
    mean = sum(result.seconds for result in results) / len(results)
    left = duration(mean * (passes - last.number)) if last.number < passes else "-"
    return (
        f"{last.number:4d}  {last.eta:7.3g}  {last.training_error_percent:12.2f} %  "
        f"{last.test_error_percent:8.2f} %  {duration(last.seconds):>8}  {left:>8}"
    )


def rates_lines(result: PassResult) -> str:
    """Each layer's smallest and largest learning rate in a pass, two layers per line."""
    parts = [f"{name:8} {_range(*limits):20}" for name, limits in result.rates.items()]
    rows = ["      " + "".join(parts[i : i + 2]).rstrip() for i in range(0, len(parts), 2)]
    return "\n".join(rows)


def table(settings: Settings, results: Sequence[PassResult], network: LeNet5) -> str:
    """Our numbers and the paper's after the last pass, as text of at most 80 columns.

    Args:
        results: of all passes.
        network: after the last of them.
    """
    last = results[-1]
    after = f"pass {last.number}"
    test, learned = map(percent, paper_errors(settings))
    first_rates = results[0].rates.values()
    smallest, largest = min(low for low, _ in first_rates), max(high for _, high in first_rates)
    connections = sum(count.connections for count in network.count().values())
    whole = settings.passes >= paper.PASSES and settings.train_size >= paper.TRAINING_PATTERNS
    whole = whole and whole_passes(settings)
    lenet5 = settings.design.network == "lenet5"
    rates = settings.optimizer == "sdlm" and comparable(settings.dataset, settings.train_size)
    rows = [
        (f"test error, {after}", f"{last.test_error_percent:.2f} %", test),
        (f"training error, {after}", f"{last.training_error_percent:.2f} %", learned),
        (
            "learning rates, first pass",
            _range(smallest, largest),
            _range(*paper.FIRST_PASS_RATES) if lenet5 and rates else "-",
        ),
        (
            "trainable parameters",
            f"{network.parameters.size:,}",
            f"{paper.TRAINABLE_PARAMETERS:,}" if lenet5 else "-",
        ),
        ("connections", f"{connections:,}", f"{paper.CONNECTIONS:,}" if lenet5 else "-"),
        ("training patterns", f"{settings.train_size:,}", f"{paper.TRAINING_PATTERNS:,}"),
        (
            "time",
            duration(sum(result.seconds for result in results)),
            "{} to {} days".format(*paper.TRAINING_DAYS) if whole else "-",
        ),
    ]
    network_name = figure9_name(settings.design.network)
    head = fill(f"{network_name}, {settings.title()}, seed {settings.seed}", 80)
    lines = [
        f"{what:30}{ours:>24}{theirs:>24}" for what, ours, theirs in [("", "ours", "paper"), *rows]
    ]
    return "\n".join([head, *lines, *caution(settings.dataset, settings.train_size)])


def save_figure5(folder: Path, settings: Settings, results: Sequence[PassResult]) -> None:
    """Write figure5.png: our learning curve over the paper's."""
    from ..figures.learning import figure5  # matplotlib is slow to import and only needed here

    figure = figure5(
        [result.training_error_percent for result in results],
        [result.test_error_percent for result in results],
        settings.title(),
        settings.patterns,
        whole_passes(settings),
    )
    save_figure(figure, folder / "figure5.png")


def save_figure7(folder: Path, train: Patterns, seed: int) -> None:
    """Write figure7.png: one pattern of each digit and ten distortions of it.

    The patterns are those of the paper's figure where the training set has them.
    """
    from ..figures.learning import figure7

    chosen = np.array(paper.FIGURE_7_PATTERNS)
    if len(train) <= chosen.max() or (train.labels[chosen] != np.arange(paper.CLASSES)).any():
        present = np.unique(train.labels)
        chosen = np.array([int(np.argmax(train.labels == digit)) for digit in present])
    shown = Patterns(train.images[chosen], train.labels[chosen], train.dataset)
    copies = Distorted(shown, seed, copies=11)  # the first copy is the pattern itself
    x = copies.x(np.arange(len(copies)))
    x = x.reshape(11, len(chosen), *x.shape[1:3])
    picture = figure7(x[0], x[1:].swapaxes(0, 1), TITLES[train.dataset])
    save_figure(picture, folder / "figure7.png")


def _range(low: float, high: float) -> str:
    return f"{low:.2g}" if low == high else f"{low:.2g} .. {high:.2g}"


def duration(seconds: float) -> str:
    """A time as text: "4 min 07 s"."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s" if seconds else "< 1 s"
