"""The numbers of a run beside the paper's: as text and as figure 5."""

from collections.abc import Sequence
from pathlib import Path

from .. import paper
from ..files import save_figure
from ..learning.state import PassResult
from ..network.lenet5 import LeNet5
from .settings import Settings
from .yardstick import caution, paper_errors, percent


def pass_lines(result: PassResult, title: str) -> str:
    """One pass in two lines: its errors, and each layer's effective learning rates."""
    theirs = _range(*paper.FIRST_PASS_RATES)
    note = f"  (paper, first pass: {theirs})" if result.number == 1 else ""
    return (
        f"pass {result.number:2d}, {title}: training error on the fly "
        f"{result.training_error_percent:5.2f} %, test error {result.test_error_percent:5.2f} %, "
        f"{result.seconds:.0f} s\n  rates "
        + ", ".join(f"{name} {_range(*limits)}" for name, limits in result.rates.items())
        + note
    )


def table(settings: Settings, results: Sequence[PassResult], network: LeNet5) -> str:
    """Our numbers and the paper's after the last pass, as text.

    Args:
        results: of all passes.
        network: after the last of them.
    """
    last, title = results[-1], settings.title()
    after = f"pass {last.number}"
    test, learned = map(percent, paper_errors(settings))
    first_rates = results[0].rates.values()
    smallest, largest = min(low for low, _ in first_rates), max(high for _, high in first_rates)
    connections = sum(count.connections for count in network.count().values())
    rows = [
        (f"test error, {after}", f"{last.test_error_percent:.2f} %", test),
        (f"training error on the fly, {after}", f"{last.training_error_percent:.2f} %", learned),
        (
            "effective rates, first pass",
            _range(smallest, largest),
            _range(*paper.FIRST_PASS_RATES),
        ),
        (
            "trainable parameters",
            f"{network.parameters.size:,}",
            f"{paper.TRAINABLE_PARAMETERS:,}",
        ),
        ("connections", f"{connections:,}", f"{paper.CONNECTIONS:,}"),
        (
            "training patterns",
            f"{settings.train_size:,} ({title})",
            f"{paper.TRAINING_PATTERNS:,} (MNIST)",
        ),
        (
            "time",
            _duration(sum(result.seconds for result in results)),
            "{} to {} days".format(*paper.TRAINING_DAYS),
        ),
    ]
    width = max(len(ours) for _, ours, _ in rows)
    lines = [f"{f'LeNet-5, {title}, seed {settings.seed}':42}{'ours':>{width}}  {'paper':>20}"]
    lines += [f"{what:42}{ours:>{width}}  {theirs:>20}" for what, ours, theirs in rows]
    return "\n".join(lines + caution(settings.dataset, settings.train_size))


def save_figure5(folder: Path, settings: Settings, results: Sequence[PassResult]) -> None:
    """Write figure5.png: our learning curve over the paper's."""
    from ..figures.learning import figure5  # matplotlib is slow to import and only needed here

    figure = figure5(
        [result.training_error_percent for result in results],
        [result.test_error_percent for result in results],
        settings.title(),
        settings.patterns,
    )
    save_figure(figure, folder / "figure5.png")


def _range(low: float, high: float) -> str:
    return f"{low:.2g}" if low == high else f"{low:.2g} .. {high:.2g}"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s" if seconds else "< 1 s"
