"""The pictures: one function each, data in, a matplotlib Figure out, in one style."""

from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from . import paper

OURS = "#0072B2"  # the one accent colour; safe for the colour-blind
PAPER = "#000000"
STYLE: Any = {"font.size": 13, "axes.spines.top": False, "axes.spines.right": False}


def figure5(
    training_percent: Sequence[float], test_percent: Sequence[float], data_title: str
) -> Figure:
    """Figure 5: training error on the fly and test error of each pass, ours over the paper's.

    Args:
        training_percent, test_percent: one value a pass.
        data_title: what was learned; anything but MNIST is said to be so beside the paper's curve.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 5.2), layout="constrained")
        axes = figure.add_subplot()
        passes = range(1, len(test_percent) + 1)
        paper_passes = range(1, len(paper.FIGURE_5_TEST) + 1)
        theirs = "paper (MNIST)" if data_title != "MNIST" else "paper"
        axes.plot(paper_passes, paper.FIGURE_5_TEST, color=PAPER, lw=1.3, label=f"test, {theirs}")
        axes.plot(
            paper_passes,
            paper.FIGURE_5_TRAINING,
            color=PAPER,
            lw=1.3,
            ls=(0, (4, 2)),
            label=f"training, {theirs}",
        )
        mark: Any = {"color": OURS, "lw": 2.4, "marker": "o", "ms": 5}
        axes.plot(passes, test_percent, **mark, label="test, ours")
        mark = {**mark, "ls": (0, (4, 2)), "mfc": "white"}
        axes.plot(passes, training_percent, **mark, label="training, ours")
        axes.set_xlabel("passes through the training set")
        axes.set_ylabel("error (%)")
        highest = max(*training_percent, *test_percent, *paper.FIGURE_5_TRAINING)
        axes.set_ylim(0, 1.05 * highest)
        axes.set_xlim(0.5, max(len(test_percent), paper.PASSES) + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", color="0.9")
        axes.set_axisbelow(True)
        axes.legend(frameon=False)
        axes.set_title(
            f"LeNet-5, {data_title}: test error {test_percent[-1]:.2f} % after the last pass",
            fontsize=13,
            loc="left",
        )
    return figure
