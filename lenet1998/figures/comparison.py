"""Figures 9 to 12 with every bar in pairs, error against cost, and figure 8 by methods."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .bars import Pair, height, paired_bars
from .style import OTHERS, OURS, STYLE


class Panel(NamedTuple):
    """Bars of one kind.

    Attributes:
        what: the bars' axis.
        pairs: the topmost first.
        smallest: where a logarithmic axis of thousands begins; None for percents from 0 on.
    """

    what: str
    pairs: Sequence[Pair]
    smallest: float | None = None


def bars_of_methods(panels: Sequence[Panel], legend: tuple[str, str], title: str) -> Figure:
    """One or several panels beside each other.

    Args:
        panels: at least one.
        legend: what the grey and the blue bars are.
        title: of the picture.
    """
    with matplotlib.rc_context(STYLE):
        size = 9.5 * len(panels), max(height(panel.pairs) for panel in panels)
        figure = Figure(figsize=size, layout="constrained")
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels,
                               strict=True):  # fmt: skip
            if panel.smallest is None:
                paired_bars(axes, panel.pairs, legend, panel.what)
            else:
                paired_bars(axes, panel.pairs, legend, panel.what, _thousands, _thousands,
                            panel.smallest)  # fmt: skip
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure


def _thousands(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


class Point(NamedTuple):
    """A method in the picture of error against cost.

    Attributes:
        name: of the method.
        cost: of a kind, above 0.
        error: percent.
        ours: whether we measured it, or the paper.
    """

    name: str
    cost: float
    error: float
    ours: bool


def error_against_cost(
    left: Sequence[Point], right: Sequence[Point], legend: tuple[str, str], title: str
) -> Figure:
    """Error against multiply-accumulates and against training time, both axes logarithmic.

    A line joins the paper's point of a method with ours.

    Args:
        left: costs in multiply-accumulates of an answer.
        right: costs in seconds of training.
        legend: what the grey and the blue points are.
        title: of the picture.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(19, 10.5), layout="constrained")
        for axes, points, what in zip(
            figure.subplots(1, 2, sharey=True),
            (left, right),
            ("multiply-accumulates of an answer", "training time, one core (s)"),
            strict=True,
        ):
            _scatter(axes, points)
            axes.set_xlabel(what)
        first = figure.axes[0]
        first.set_ylabel("test error (%)")
        keys = [first.plot([], [], "o", color=colour, ms=8)[0] for colour in (OTHERS, OURS)]
        first.legend(keys, legend, frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure


def _scatter(axes: Axes, points: Sequence[Point]) -> None:
    """Points with their names; of a method with both points the name is at ours."""
    ours = {point.name: point for point in points if point.ours}
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = (0.5, 1, 2, 3, 5, 10, 20, 50, 100)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
    axes.set_yticks([], minor=True)
    for point in points:
        twin = None if point.ours else ours.get(point.name)
        if twin:
            axes.plot(
                [point.cost, twin.cost], [point.error, twin.error], color="0.85", lw=1, zorder=0
            )
        axes.plot([point.cost], [point.error], "o", ms=8 if point.ours else 6,
                  color=OURS if point.ours else OTHERS)  # fmt: skip
    if points:
        errors = [point.error for point in points]
        axes.set_ylim(max(min(errors), 0.05) / 1.25, max(errors) * 1.25)
        costs = [point.cost for point in points]
        axes.set_xlim(min(costs) / 2, max(costs) * 12)
    named = [point for point in points if point.ours or point.name not in ours]
    for point, shift in zip(named, _shifts(named), strict=True):
        axes.annotate(
            point.name, (point.cost, point.error), xytext=(8, shift), textcoords="offset points",
            fontsize=10, color=OURS if point.ours else "0.35", va="center",
        )  # fmt: skip


def _shifts(points: Sequence[Point]) -> list[float]:
    """How far each name is moved up, in points, so that names of near points do not meet."""
    taken: list[tuple[float, float]] = []  # log10 of the cost, height
    shifts = [0.0] * len(points)
    for i in np.argsort([-point.error for point in points]):
        x, y = np.log10(points[i].cost), 300 * np.log10(max(points[i].error, 1e-3))
        wanted = y
        near = sorted((there for column, there in taken if abs(column - x) < 1.6), reverse=True)
        for there in near:
            if abs(there - wanted) < 12:
                wanted = there - 12
        taken.append((x, wanted))
        shifts[i] = wanted - y
    return shifts


def figure8_by_methods(
    images: NDArray[Any],
    labels: NDArray[np.integer],
    wrong: NDArray[np.integer],
    methods: int,
    title: str,
) -> Figure:
    """Patterns of figure 8, each with its class and how many methods misread it.

    Args:
        images: (n, 28, 28), 255 is ink, in the order in which they are drawn.
        labels: right classes (n,).
        wrong: number of methods that misread each, (n,).
        methods: number of all.
        title: of the picture.
    """
    columns = 14
    rows = max(1, -(-len(images) // columns))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(0.78 * columns, 0.7 + 1.02 * rows))
        figure.suptitle(title, fontsize=13, y=1 - 0.12 / figure.get_figheight(), va="top")
        grid = figure.add_gridspec(
            rows, columns, left=0.01, right=0.99, bottom=0.3 / figure.get_figheight(),
            top=1 - 0.6 / figure.get_figheight(), hspace=0.32, wspace=0.08,
        )  # fmt: skip
        for i, image in enumerate(images):
            axes = figure.add_subplot(grid[divmod(i, columns)])
            axes.imshow(image, cmap="gray_r", vmin=0, vmax=255)
            axes.set_axis_off()
            axes.text(
                0.5, -0.05, f"{labels[i]}: {wrong[i]}", transform=axes.transAxes, ha="center",
                va="top", fontsize=12, color=OURS if 2 * wrong[i] > methods else "black",
            )  # fmt: skip
    return figure
