"""Accuracy on each class, pass by pass: which digits a network learns first."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .. import paper
from ..arrays import Array
from .style import STYLE

LATER = 7  # pass from which the curves are shown again, on their own scale
COLUMNS = 2  # panels beside each other


def accuracy_by_class(panels: Mapping[str, tuple[Sequence[int], Array]], title: str) -> Figure:
    """One panel for each system, with a line for each class.

    Args:
        panels: title -> numbers of the passes, ascending, and accuracy in percent, (passes, 10),
            NaN for a class without patterns.  Ten passes or more get a second panel, from pass 7.
        title: of the figure.
    """
    shown = [
        (name + (f", from pass {first}" if first > 1 else ""), passes[first - 1 :],
         accuracy[first - 1 :])
        for name, (passes, accuracy) in panels.items()
        for first in ((1, LATER) if len(accuracy) >= 10 else (1,))
    ]  # fmt: skip
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    colours = matplotlib.colormaps["tab10"].colors  # type: ignore[attr-defined]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(1.6 + 5.0 * columns, 1.0 + 3.6 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in list(grid.flat)[len(shown) :]:
            axes.set_axis_off()
        for axes, (name, passes, accuracy) in zip(grid.flat, shown, strict=False):
            for digit in range(paper.CLASSES):
                axes.plot(passes, accuracy[:, digit], color=colours[digit], marker=".",
                          ms=4 if len(accuracy) < 100 else 0, label=str(digit))  # fmt: skip
            later = accuracy[len(accuracy) // 8 :]  # the first passes may be low
            axes.set_ylim(float(np.nanmin(later)) - 1, 100.5)
            if len(passes) == 1:
                axes.set_xlim(passes[0] - 0.5, passes[0] + 0.5)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            axes.set_xlabel("pass")
            axes.set_ylabel("accuracy (%)")
            axes.set_title(name, loc="left", fontsize=12)
            axes.grid(axis="y", color="0.9")
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", frameon=False, title="class")
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure
