"""Test error against the number of training patterns, 1998 and today."""

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from ..arrays import Array
from .style import OURS, PAPER, STYLE, minor_label


def less_data(found: Mapping[str, Mapping[int, Array]], title: str) -> Figure:
    """A dot for each seed, and a line through the means; both scales are logarithmic.

    Args:
        found: name of the network -> number of training patterns -> errors in percent; a network
            whose name begins with 1998 is drawn black.
        title: of the figure.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 5), layout="constrained")
        axes = figure.subplots()
        for name, by_size in found.items():
            colour, shift = (PAPER, 0.97) if name.startswith("1998") else (OURS, 1.03)
            sizes = np.array(list(by_size)) * shift
            means = [errors.mean() for errors in by_size.values()]
            axes.plot(sizes, means, "-", color=colour, lw=2, label=name)
            for size, errors in zip(sizes, by_size.values(), strict=True):
                axes.plot(np.full(len(errors), size), errors, "o", color=colour, alpha=0.4)
        axes.set_xscale("log")
        axes.set_yscale("log")
        shown = sorted({size for by_size in found.values() for size in by_size})
        axes.set_xticks(shown, [f"{size:,}" for size in shown], minor=False)
        axes.set_xticks([], minor=True)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(minor_label)
        axes.set_xlabel("training patterns")
        axes.set_ylabel("test error (%), a dot for each seed")
        axes.grid(color="0.92", which="both")
        axes.legend(frameon=False)
        figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure
