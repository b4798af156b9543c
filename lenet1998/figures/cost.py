"""Figures 11 and 12: operations and memory of an answer."""

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from .style import OTHERS, OURS, PAPER, STYLE


def figures11_12(
    operations: Mapping[str, float], variables: Mapping[str, float], paper_lenet5: tuple[int, int]
) -> Figure:
    """Figures 11 and 12: multiply-accumulates for an answer, and variables stored, by method.

    Args:
        operations, variables: method -> number; our own network's name begins with "LeNet-5".
        paper_lenet5: the values of LeNet-5 in the paper's two charts.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(13, 5.4), layout="constrained")
        for axes, values, theirs, what in zip(
            figure.subplots(1, 2),
            (operations, variables),
            paper_lenet5,
            ("multiply-accumulates for one answer", "variables stored"),
            strict=True,
        ):
            bars = {**values, "LeNet-5, the paper's chart": theirs}
            places = np.arange(len(bars))[::-1]
            colours = [OURS if name.startswith("LeNet-5, ours") else OTHERS for name in bars]
            colours[-1] = PAPER
            axes.barh(places, list(bars.values()), color=colours, height=0.7)
            for place, value in zip(places, bars.values(), strict=True):
                axes.text(1.15 * value, place, f"{value / 1000:,.0f}", va="center")
            axes.set_xscale("log")
            axes.set_xlim(1e3, 30 * max(bars.values()))
            axes.set_yticks(places, list(bars))
            axes.tick_params(left=False)
            axes.set_xlabel(f"{what}; numbers in thousands")
        figure.suptitle("Figures 11 and 12: the cost of an answer", x=0.01, ha="left", fontsize=14)
    return figure
