"""Where the paper leaves a choice: what each reading gives."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from .. import paper
from .style import OTHERS, OURS, PAPER, STYLE


class Row(NamedTuple):
    """A reading: test errors of its first and of its last pass (%), one for each seed.

    Attributes:
        taken: whether it is the package's; its range is shaded.
    """

    title: str
    first: Sequence[float]
    last: Sequence[float]
    taken: bool


def readings(rows: Sequence[Row], title: str, mnist: bool) -> Figure:
    """A row for each reading: its seeds as dots, their mean as a line.

    Args:
        rows: the readings.
        title: of the picture.
        mnist: whether the paper's error is drawn.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(13, 1.6 + 0.5 * len(rows)), layout="constrained")
        panels = figure.subplots(1, 2, sharey=True, width_ratios=(1, 2))
        for axes, what, values in (
            (panels[0], "test error after pass 1 (%)", [row.first for row in rows]),
            (panels[1], "test error after the last pass (%)", [row.last for row in rows]),
        ):
            for place, errors in enumerate(values):
                if rows[place].taken:
                    axes.axvspan(min(errors), max(errors), color=OURS, alpha=0.1, lw=0)
                colour = OURS if rows[place].taken else OTHERS
                axes.plot(errors, [place] * len(errors), "o", color=colour, ms=7, alpha=0.8)
                axes.plot([np.mean(errors)] * 2, [place - 0.3, place + 0.3], color="0.2", lw=2)
            axes.set_xlabel(what)
            axes.grid(axis="x", color="0.93")
            axes.set_axisbelow(True)
            axes.set_xlim(left=0)
        if mnist:
            panels[1].axvline(paper.TEST_ERROR, color=PAPER, ls=":", lw=1.6)
            panels[1].text(paper.TEST_ERROR, -0.75, f" paper, {paper.TEST_ERROR:g} %", color=PAPER)
        panels[0].set_yticks(range(len(rows)), [row.title for row in rows])
        panels[0].set_ylim(len(rows) - 0.4, -1.1)
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure
