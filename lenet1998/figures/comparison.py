"""Figures 9 to 12 with every bar in pairs, error against cost, and figure 8 by methods."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .bars import Pair, as_printed, height, paired_bars
from .style import OTHERS, OURS, PAPER, STYLE


class Panel(NamedTuple):
    """Bars of one kind.

    Attributes:
        what: the bars' axis.
        pairs: the topmost first.
        smallest: where a logarithmic axis begins; None for one that begins with 0.
        thousands: whether the numbers are thousands, not percents.
    """

    what: str
    pairs: Sequence[Pair]
    smallest: float | None = None
    thousands: bool = False


def bars_of_methods(panels: Sequence[Panel], legend: tuple[str, str], title: str) -> Figure:
    """One or several panels beside each other.

    Args:
        panels: at least one.
        legend: what the black and the blue bars are.
        title: of the picture.
    """
    with matplotlib.rc_context(STYLE):
        size = 9.5 * len(panels), max(height(panel.pairs) for panel in panels)
        figure = Figure(figsize=size, layout="constrained")
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels,
                               strict=True):  # fmt: skip
            texts = (_thousands, _thousands) if panel.thousands else (as_printed, "{:.2f}".format)
            paired_bars(axes, panel.pairs, legend, panel.what, *texts, panel.smallest)
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
    """Error against multiply-accumulates and against training time, all axes logarithmic.

    Each method has a number, which stands in its points; a line joins the paper's point with ours.

    Args:
        left: costs in multiply-accumulates of an answer.
        right: costs in seconds of training.
        legend: what the black and the blue points are; a point of the paper without one of ours is
            grey.
        title: of the picture.
    """
    names = list(dict.fromkeys(point.name for point in (*left, *right)))
    numbers = {name: number for number, name in enumerate(names, 1)}
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(17, 8.5), layout="constrained")
        *panels, beside = figure.subplots(1, 3, width_ratios=[1, 1, 0.36])
        panels[1].sharey(panels[0])
        for axes, points, what in zip(
            panels,
            (left, right),
            ("multiply-accumulates of an answer", "training time, one core (s)"),
            strict=True,
        ):
            _scatter(axes, points, numbers)
            axes.set_xlabel(what)
            axes.set_ylabel("test error (%)")
        errors = [point.error for point in (*left, *right)]
        panels[0].set_ylim(max(min(errors), 0.05) / 1.2, max(errors) * 1.2)
        colours = (PAPER, OURS, OTHERS)
        keys = [panels[0].plot([], [], "o", color=colour, ms=9)[0] for colour in colours]
        panels[0].legend(
            keys, [*legend, f"{legend[0]}, not made here"], frameon=False, ncols=3,
            loc="lower left", bbox_to_anchor=(0, 1),
        )  # fmt: skip
        beside.set_axis_off()
        for name, number in numbers.items():
            place = 1 - (number - 0.5) / max(len(names), 24)
            beside.text(0.08, place, f"{number}", ha="right", va="center", fontsize=11)
            beside.text(0.13, place, name, va="center", fontsize=11)
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure


def _scatter(axes: Axes, points: Sequence[Point], numbers: Mapping[str, int]) -> None:
    """Points with the numbers of their methods."""
    ours = {point.name: point for point in points if point.ours}
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = (0.5, 1, 2, 3, 5, 10, 20, 50, 100)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.grid(color="0.94")
    axes.set_axisbelow(True)
    for point in sorted(points, key=lambda point: point.ours):
        twin = None if point.ours else ours.get(point.name)
        if twin:
            axes.plot(
                (point.cost, twin.cost), (point.error, twin.error), color="0.8", lw=1, zorder=1
            )
        colour = OURS if point.ours else PAPER if twin else OTHERS
        axes.plot([point.cost], [point.error], "o", ms=13, color=colour, mec="white", zorder=2)
        axes.annotate(
            f"{numbers[point.name]}", (point.cost, point.error), ha="center", va="center_baseline",
            color="white", fontsize=8, weight="bold", zorder=2,
        )  # fmt: skip


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
