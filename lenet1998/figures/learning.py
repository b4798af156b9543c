"""Figures 5 and 6: errors against passes and against the number of training patterns."""

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .. import paper
from .style import OURS, PAPER, STYLE


def figure5(training_percent: ArrayLike, test_percent: ArrayLike, data_title: str) -> Figure:
    """Figure 5: training error on the fly and test error of each pass, ours over the paper's.

    Args:
        training_percent, test_percent: (passes,), or (seeds, passes), drawn as mean and range.
        data_title: what was learned; the paper's curves are MNIST's, and are said to be so
            beside anything else.
    """
    training, test = np.atleast_2d(training_percent), np.atleast_2d(test_percent)
    seeds, passes = test.shape
    beside = "" if data_title == "MNIST" else " (MNIST)"
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 5.2), layout="constrained")
        axes = figure.add_subplot()
        dashes = (0, (4, 2))
        for what, theirs, ours, line in (
            ("test", paper.FIGURE_5_TEST, test, "-"),
            ("training", paper.FIGURE_5_TRAINING, training, dashes),
        ):
            label = f"{what}, paper{beside}"
            axes.plot(range(1, len(theirs) + 1), theirs, color=PAPER, lw=1.3, ls=line, label=label)
            axes.plot(
                range(1, passes + 1),
                ours.mean(axis=0),
                color=OURS,
                lw=2.4,
                ls=line,
                marker="o",
                ms=5,
                mfc=OURS if what == "test" else "white",
                label=f"{what}, ours" + (f", mean of {seeds} seeds" if seeds > 1 else ""),
            )
            if seeds > 1:
                low, high = ours.min(axis=0), ours.max(axis=0)
                label = "their range" if what == "training" else "_"  # once in the legend
                axes.fill_between(
                    range(1, passes + 1), low, high, color=OURS, alpha=0.18, lw=0, label=label
                )
        axes.set_xlabel("passes through the training set")
        axes.set_ylabel("error (%)")
        # A first pass that guesses must not press the rest flat.
        highest = max(training.max(), test.max(), *paper.FIGURE_5_TRAINING)
        axes.set_ylim(0, min(1.05 * highest, 12))
        last = max(passes, paper.PASSES)
        axes.set_xlim(0.5, last + 0.5)
        step = max(1, round(last / 10))
        axes.set_xticks(sorted({1, *range(step, last + 1, step)}))
        axes.grid(axis="y", color="0.9")
        axes.set_axisbelow(True)
        axes.legend(frameon=False)
        axes.set_title(
            f"LeNet-5, {data_title}: test error {test[:, -1].mean():.2f} % "
            + ("on average " if seeds > 1 else "")
            + f"after pass {passes}",
            fontsize=13,
            loc="left",
        )
    return figure
