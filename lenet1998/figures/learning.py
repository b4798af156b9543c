"""Figures 5 to 7: errors against passes and training patterns; distorted patterns."""

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .. import paper
from ..arrays import Array
from .style import OURS, PAPER, STYLE, plain

Line = str | tuple[int, tuple[int, ...]]
_DASHES: Line = (0, (4, 2))


def figure5(
    training_percent: ArrayLike,
    test_percent: ArrayLike,
    data_title: str,
    patterns: str = "original",
    whole_passes: bool = True,
) -> Figure:
    """Figure 5: training error on the fly and test error of each pass, ours and the paper's.

    Args:
        training_percent, test_percent: (passes,), or (seeds, passes), drawn as mean and range.
        data_title: name of our data; for other data the legend says that the paper's are MNIST's.
        patterns: "original", "distorted" or "noisy", the kind of training patterns.
        whole_passes: a pass is one through the training set; otherwise the paper's curves do not
            compare, and are left out.
    """
    training, test = np.atleast_2d(training_percent), np.atleast_2d(test_percent)
    seeds, passes = test.shape
    data = "" if data_title.startswith("MNIST") else " (MNIST)"
    if patterns != "original":
        data += ", unchanged patterns"
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 5.2), layout="constrained")
        axes = figure.add_subplot()
        theirs = (paper.FIGURE_5_TEST, paper.FIGURE_5_TRAINING) if whole_passes else ((), ())
        for what, reported, ours, line in (
            ("test", theirs[0], test, "-"),
            ("training", theirs[1], training, _DASHES),
        ):
            if reported:
                label = f"{what}, paper{data}"
                passed = range(1, len(reported) + 1)
                axes.plot(passed, reported, color=PAPER, lw=1.3, ls=line, label=label)
            _curve_of_seeds(axes, ours, what, line)
        if patterns == "distorted" and whole_passes:
            label = f"test, paper, {patterns} patterns"
            axes.axhline(paper.TEST_ERROR_DISTORTIONS, color=PAPER, lw=1.3, ls=":", label=label)
        axes.set_xlabel("passes through the training set" if whole_passes else "passes")
        axes.set_ylabel("error (%)")
        # A high error of the first pass must not compress the rest of the curves.
        highest = max(training.max(), test.max(), *theirs[1])
        ending = 1.6 * max(training[:, -1].max(), test[:, -1].max())
        axes.set_ylim(0, min(1.05 * highest, max(12, ending)))
        last = max(passes, len(theirs[0]))
        axes.set_xlim(0.5, last + 0.5)
        step = max(1, round(last / 10))
        axes.set_xticks(sorted({1, *range(step, last + 1, step)}))
        axes.grid(axis="y", color="0.9")
        axes.set_axisbelow(True)
        axes.legend(frameon=False)
        axes.set_title(
            f"LeNet-5, {plain(data_title)}: test error {test[:, -1].mean():.2f} % "
            + ("on average " if seeds > 1 else "")
            + f"after pass {passes}",
            fontsize=13,
            loc="left",
        )
    return figure


def _curve_of_seeds(axes: Axes, errors: Array, what: str, line: Line) -> None:
    """Draw our errors (seeds, passes): their mean, and their range as a band."""
    seeds, passes = errors.shape
    axes.plot(
        range(1, passes + 1),
        errors.mean(axis=0),
        color=OURS,
        lw=2.4,
        ls=line,
        marker="o",
        ms=5,
        mfc=OURS if what == "test" else "white",
        label=f"{what}, ours" + (f", mean of {seeds} seeds" if seeds > 1 else ""),
    )
    if seeds > 1:
        low, high = errors.min(axis=0), errors.max(axis=0)
        label = "their range" if what == "training" else "_"  # once in the legend
        axes.fill_between(
            range(1, passes + 1), low, high, color=OURS, alpha=0.18, lw=0, label=label
        )


def figure6(
    test_percent: Mapping[int, ArrayLike],
    training_percent: Mapping[int, ArrayLike],
    data_title: str,
    with_paper: bool = True,
) -> Figure:
    """Figure 6: errors of the last pass against the number of training patterns.

    Args:
        test_percent, training_percent: number of training patterns -> (seeds,).
        data_title: name of our data.
        with_paper: whether to draw the paper's values.
    """
    sizes = sorted(test_percent)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 5.2), layout="constrained")
        axes = figure.add_subplot()
        for what, reported, ours, line in (
            ("test", paper.FIGURE_6_TEST, test_percent, "-"),
            ("training", paper.FIGURE_6_TRAINING, training_percent, _DASHES),
        ):
            if with_paper:
                axes.plot(
                    list(reported),
                    list(reported.values()),
                    color=PAPER,
                    lw=1.3,
                    ls=line,
                    marker="s",
                    label=f"{what}, paper",
                )
            values = [np.asarray(ours[size]) for size in sizes]
            means = [v.mean() for v in values]
            spread = [[m - v.min() for m, v in zip(means, values, strict=True)]]
            spread.append([v.max() - m for m, v in zip(means, values, strict=True)])
            seeds = len(values[0])
            axes.errorbar(
                sizes,
                means,
                yerr=spread if seeds > 1 else None,
                color=OURS,
                lw=2.4,
                ls=line,
                marker="o",
                mfc=OURS if what == "test" else "white",
                capsize=5,
                label=f"{what}, ours" + (f", mean and range of {seeds} seeds" if seeds > 1 else ""),
            )
        axes.set_xlabel("training patterns")
        axes.set_ylabel("error after the last pass (%)")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_xlim(0, 1.06 * max([sizes[-1], *(paper.FIGURE_6_TEST if with_paper else ())]))
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", color="0.9")
        axes.set_axisbelow(True)
        axes.legend(frameon=False)
        axes.set_title(f"LeNet-5, {plain(data_title)}: errors by training patterns", loc="left")
    return figure


def figure7(originals: Array, distorted: Array, data_title: str) -> Figure:
    """Figure 7: training patterns and distorted copies of them.

    Args:
        originals: inputs (rows, 32, 32).
        distorted: (rows, copies, 32, 32).
    """
    rows, copies = distorted.shape[:2]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(1.5 + 0.62 * (copies + 1), 0.55 + 0.62 * rows))
        figure.suptitle(
            f"{data_title}: training patterns, and distorted copies of each", fontsize=13
        )
        grid = figure.add_gridspec(
            rows,
            copies + 2,
            width_ratios=[1, 0.25, *[1] * copies],
            left=0.02,
            right=0.98,
            bottom=0.02,
            top=1 - 0.45 / figure.get_figheight(),
            wspace=0.04,
            hspace=0.04,
        )
        for row in range(rows):
            for column, image in enumerate((originals[row], None, *distorted[row])):
                if image is None:
                    continue
                axes = figure.add_subplot(grid[row, column])
                axes.imshow(image, cmap="gray_r", vmin=paper.BACKGROUND, vmax=paper.FOREGROUND)
                axes.set(xticks=[], yticks=[])
                for side in axes.spines.values():
                    side.set(visible=True, color=OURS if column == 0 else "0.85")
    return figure
