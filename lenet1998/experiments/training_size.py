"""Figure 6: error of the last pass against the number of training patterns."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import paper
from ..arrays import Array
from ..figures.learning import figure6
from ..files import save_figure, write_csv
from ..run.metrics import curves
from ..run.settings import Settings
from ..run.yardstick import caution
from .experiment import Experiment, Request

SHARES = (0.25, 0.5, 1.0)  # figure 6: 15,000, 30,000 and 60,000 of 60,000 patterns
COLUMNS = "test_error_percent", "training_error_percent"


def run(request: Request) -> str:
    """Train on a quarter, half and all of the patterns; write training-size.csv and figure6.png."""
    settings = request.settings
    runs: dict[int, list[Path]] = {}
    for size in sizes(len(request.train)):
        print(f"{size:,} training patterns")
        wanted = [replace(settings, train_size=size, seed=seed) for seed in request.seeds]
        runs[size] = request.train_networks(wanted, request.train.subset(size))
    test, training = (
        {size: curves(folders, column)[:, -1] for size, folders in runs.items()}
        for column in COLUMNS
    )
    write_csv(
        request.into / "training-size.csv",
        ["dataset", "training_patterns", "seed", *COLUMNS],
        [
            (settings.dataset, size, seed, f"{a:.4f}", f"{b:.4f}")
            for size in runs
            for seed, a, b in zip(request.seeds, test[size], training[size], strict=True)
        ],
    )
    picture = figure6(test, training, settings.title(), comparable(settings))
    save_figure(picture, request.into / "figure6.png")
    return table(test, training, settings)


def sizes(available: int) -> list[int]:
    """The numbers of training patterns of figure 6, or the same shares of fewer patterns."""
    return sorted({max(1, round(share * available)) for share in SHARES})


def comparable(settings: Settings) -> bool:
    """Whether the paper's values apply: unchanged MNIST patterns, and all passes, whole ones."""
    whole = settings.passes >= paper.PASSES and not settings.pass_size
    return settings.title() == "MNIST" and whole


def table(test: Mapping[int, Array], training: Mapping[int, Array], settings: Settings) -> str:
    """The errors as text.

    Args:
        test, training: number of training patterns -> errors in percent, one for each seed.
        settings: of the runs.
    """
    lines = [f"LeNet-5, {settings.title()}, pass {settings.passes}: errors in percent"]
    lines.append(f"{'patterns':>10}  {'test':>20} {'paper':>6}  {'training':>20} {'paper':>6}")
    for size in test:
        columns = (
            _cells(test[size], paper.FIGURE_6_TEST.get(size), settings),
            _cells(training[size], paper.FIGURE_6_TRAINING.get(size), settings),
        )
        lines.append(f"{size:10,}  " + "  ".join(columns))
    lines += gap_lines(
        {size: float(np.mean(test[size]) - np.mean(training[size])) for size in test},
        comparable(settings),
    )
    return "\n".join(lines + caution(settings.dataset))


class Gap(NamedTuple):
    """Eq. 1, E_test - E_train = k (h / P)^alpha, as factor * P^-alpha.

    Attributes:
        alpha: the exponent; the paper expects 0.5 to 1.
        factor: k h^alpha in percent.
        rest: largest ratio of a measured gap to the fitted one, or the inverse, at least 1.
    """

    alpha: float
    factor: float
    rest: float


def fit_gap(gaps: Mapping[int, float]) -> Gap | None:
    """Fit eq. 1 to gaps between test and training error by least squares of their logarithms.

    h and k cannot be told apart where the machine is always the same.

    Args:
        gaps: number of training patterns P -> E_test - E_train in percent.

    Returns:
        None if there are fewer than two numbers of patterns, or a gap is not above 0.
    """
    if len(gaps) < 2 or min(gaps.values()) <= 0:
        return None
    x, y = np.log(list(gaps)), np.log(list(gaps.values()))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    start = float(y.mean() - slope * x.mean())
    return Gap(-slope, float(np.exp(start)), float(np.exp(np.abs(y - start - slope * x).max())))


def gap_lines(gaps: Mapping[int, float], compared: bool) -> list[str]:
    """Eq. 1 fitted to our gaps, and to the paper's where they compare, as lines of text."""
    known = {
        size: paper.FIGURE_6_TEST[size] - paper.FIGURE_6_TRAINING[size]
        for size in paper.FIGURE_6_TEST
    }
    lines = []
    for name, values in (("ours", gaps), *([("paper", known)] if compared else [])):
        found = fit_gap(values)
        if found:
            shown = ", ".join(f"{value:.2f}" for value in values.values())
            lines.append(
                f"eq. 1, {name}: test minus training error {shown} %, alpha {found.alpha:.2f}, "
                f"each within a factor of {found.rest:.2f} of the fit"
            )
    if lines and compared:
        low, high = paper.GAP_EXPONENT
        lines.append(f"the paper expects an alpha of {low:g} to {high:g}")
    return lines


def _cells(errors: Sequence[float] | Array, reported: float | None, settings: Settings) -> str:
    """Mean and range of the seeds, and the paper's value."""
    values = list(errors)
    spread = f" ({min(values):.2f} to {max(values):.2f})" if len(values) > 1 else ""
    known = "-" if reported is None or not comparable(settings) else f"{reported:.2f}"
    return f"{f'{sum(values) / len(values):.2f}{spread}':>20} {known:>6}"


EXPERIMENT = Experiment(
    name="training-size",
    section="III-B, figure 6",
    help="error against the number of training patterns",
    files=("training-size.csv", "figure6.png"),
    run=run,
    trains=True,
)
