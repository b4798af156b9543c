"""A factorial of changes: the effect of each, and of every two on each other."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..arrays import Array
from .style import OTHERS, OURS, PAPER, STYLE

GREY = "0.45"


def interactions(
    effects: Sequence[tuple[str, float, float]],
    factors: Mapping[str, tuple[str, str]],
    errors: Array,
    title: str,
    standard_errors: float,
) -> Figure:
    """The effects with their standard errors, and the mean errors of every two factors.

    Args:
        effects: name, size and standard error in percentage points.
        factors: name -> names of its two levels.
        errors: in percent, (2, ..., 2), an axis for each factor.
        title: of the figure.
        standard_errors: effects beyond so many are drawn blue.
    """
    count = len(factors)
    with matplotlib.rc_context({**STYLE, "font.size": 11}):
        figure = Figure(figsize=(17, 8.5), layout="constrained")
        grid = figure.add_gridspec(1, 2, width_ratios=[1, 1.5])
        left, right = (figure.add_subfigure(grid[i]) for i in (0, 1))
        _effects(left.subplots(), effects, standard_errors)
        panels = right.subplots(count - 1, count - 1, sharey=True)
        for axes in panels.ravel():
            axes.set_visible(False)
        means: list[float] = []
        for first, second in combinations(range(count), 2):
            axes = panels[second - 1, first]
            axes.set_visible(True)
            means += _lines(axes, errors, first, second, list(factors.values()))
            if first == 0:
                axes.set_ylabel("error (%)")
        lowest, span = min(means), max(max(means) - min(means), 1e-9)
        panels[0, 0].set_ylim(lowest - 0.2 * span, lowest + 1.8 * span)  # room for the legends
        figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure


def _effects(axes: Axes, effects: Sequence[tuple[str, float, float]], beyond: float) -> None:
    """A dot for each effect, with a line of so many standard errors to both sides."""
    axes.axvline(0, color=PAPER, lw=1)
    for row, (_, size, error) in enumerate(effects):
        colour = OURS if abs(size) > beyond * error else GREY
        if np.isfinite(error):
            around = [size - beyond * error, size + beyond * error]
            axes.plot(around, [row, row], color=colour, lw=2)
        axes.plot(size, row, "o", color=colour, ms=8)
    axes.set_yticks(range(len(effects)), [name for name, _, _ in effects])
    axes.set_ylim(len(effects) - 0.5, -0.5)
    axes.tick_params(left=False)
    axes.set_xlabel(f"effect on the error (points), with {beyond:g} standard errors")
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="x", color="0.92")
    axes.set_axisbelow(True)


def _lines(
    axes: Axes, errors: Array, first: int, second: int, levels: Sequence[tuple[str, str]]
) -> list[float]:
    """Draw the mean error by the level of one factor, a line for each level of the other.

    Returns:
        The four means.
    """
    others = tuple(axis for axis in range(errors.ndim) if axis not in (first, second))
    means = errors.mean(axis=others)  # (2, 2)
    for level, colour in ((0, OTHERS), (1, OURS)):
        axes.plot([0, 1], means[:, level], "o-", color=colour, label=levels[second][level])
    axes.set_xticks([0, 1], levels[first])
    axes.set_xlim(-0.35, 1.35)
    axes.legend(loc="upper right", frameon=False, fontsize=9, borderpad=0, handlelength=1)
    return [float(mean) for mean in means.ravel()]
