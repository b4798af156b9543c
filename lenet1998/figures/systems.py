"""The course projects: reported numbers and ours, one picture per project and one of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from ..arrays import Array
from .style import OURS, PAPER, STYLE

COLUMNS = 3  # panels beside each other


@dataclass(frozen=True)
class Panel:
    """One panel of a project's picture: a reported curve and the same curve of our runs.

    Attributes:
        title: of the panel.
        x_label, y_label: of the axes.
        reported: x -> reported value; empty if the report gives none.
        ours: (seeds, n), our values.
        x: (n,), the places of our values.
        logarithmic: whether the y axis is.
    """

    title: str
    x_label: str
    y_label: str
    reported: dict[int, float]
    ours: Array
    x: Sequence[int]
    logarithmic: bool = False


@dataclass(frozen=True)
class System:
    """One recipe in the overview.

    Attributes:
        name: of the recipe.
        reported: accuracy in percent; NaN if it is of other data.
        ours: accuracies in percent, one for each seed.
        reported_seconds: of a pass, or NaN.
        seconds: of our fastest pass over as many patterns.
    """

    name: str
    reported: float
    ours: list[float]
    reported_seconds: float
    seconds: float


def system_curves(panels: Sequence[Panel], title: str) -> Figure:
    """One project: its reported curves as black dots, ours as lines with the range of the seeds."""
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(0.6 + 4.6 * columns, 1.2 + 3.4 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes, panel in zip(grid.flat, panels, strict=False):
            _draw(axes, panel)
        for axes in list(grid.flat)[len(panels) :]:
            axes.set_axis_off()
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure


def curves_together(
    groups: Mapping[str, Mapping[str, tuple[Mapping[int, float], Array]]], title: str
) -> Figure:
    """Several runs of a project in one panel: reported curves as dots, ours as lines.

    Args:
        groups: title of a panel -> name of a run -> pass -> reported accuracy (perhaps none), and
            ours, (passes,), percent.
    """
    colours = matplotlib.colormaps["tab10"].colors  # type: ignore[attr-defined]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(0.6 + 4.6 * len(groups), 5.2), layout="constrained")
        grid = figure.subplots(1, len(groups), squeeze=False)
        for axes, (name, lines) in zip(grid.flat, groups.items(), strict=True):
            lowest = 100.0
            for colour, (run, (reported, ours)) in zip(colours, lines.items(), strict=False):
                axes.plot(range(1, len(ours) + 1), ours, color=colour, lw=2, label=run,
                          marker="" if len(ours) > 1 else "_")  # fmt: skip
                axes.plot(list(reported), list(reported.values()), ".", color=colour, ms=5)
                told = [value for number, value in reported.items() if number > 1]
                lowest = min(lowest, *(ours[1:] if len(ours) > 1 else ours), *told, 98.0)
            if max(len(ours) for _, ours in lines.values()) == 1:
                axes.set_xlim(0.5, 1.5)  # ticks at whole passes
            axes.set_ylim(lowest - 1, 99.7)  # without the first pass, which may be low
            axes.set_xlabel("pass")
            axes.set_ylabel("accuracy (%)")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            axes.set_title(name, loc="left", fontsize=12)
            axes.grid(axis="y", color="0.9")
            axes.legend(frameon=False, fontsize=9, loc="lower right")
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure


def _draw(axes: Axes, panel: Panel) -> None:
    """Draw one panel."""
    seeds = len(panel.ours)
    average = np.median if panel.logarithmic else np.mean  # one large rate must not decide
    mean, low, high = average(panel.ours, axis=0), panel.ours.min(axis=0), panel.ours.max(axis=0)
    label = "ours"
    if seeds > 1:
        label += f", mean and range of {seeds} seeds; on logarithmic scales the median"
    if panel.reported:
        axes.plot(list(panel.reported), list(panel.reported.values()), "o", color=PAPER, ms=5,
                  label="reported", zorder=3)  # fmt: skip
    axes.plot(panel.x, mean, color=OURS, lw=2.2, marker="." if len(mean) < 20 else "", label=label)
    axes.fill_between(panel.x, low, high, color=OURS, alpha=0.2, lw=0)
    if panel.logarithmic:
        axes.set_yscale("log")
    else:  # a first pass that still guesses must not compress the rest of the curves
        shown = np.concatenate([mean[len(mean) // 8 :], list(panel.reported.values())])
        bottom, top = float(np.nanmin(shown)), float(np.nanmax(shown))
        span = max(top - bottom, 1.0)
        axes.set_ylim(bottom - 0.15 * span, top + 0.15 * span)
    if len(panel.x) == 1 and not panel.reported:
        axes.set_xlim(panel.x[0] - 0.5, panel.x[0] + 0.5)  # ticks at whole passes
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_title(panel.title, loc="left", fontsize=12)
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)


def systems_overview(systems: Sequence[System], title: str) -> Figure:
    """All recipes: accuracy at the end and seconds of a pass, reported and ours."""
    places = np.arange(len(systems))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(13, 1.9 + 0.42 * len(systems)), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
        for place, system in zip(places, systems, strict=True):
            first = place == 0
            left.plot(system.ours, [place] * len(system.ours), "o", color=OURS, alpha=0.6, ms=7,
                      label="ours, one dot for each seed" if first else "_")  # fmt: skip
            left.plot(system.reported, place, "D", color=PAPER, ms=6,
                      label="reported" if first else "_")  # fmt: skip
            right.plot(system.seconds, place, "o", color=OURS, ms=7)
            right.plot(system.reported_seconds, place, "D", color=PAPER, ms=6)
        left.set_yticks(places, [system.name for system in systems])
        left.set_ylim(len(systems) - 0.5, -0.5)
        left.set_xlabel("accuracy on the test set (%)")
        seconds = [time for one in systems for time in (one.seconds, one.reported_seconds)]
        seconds = [time for time in seconds if np.isfinite(time)]
        right.set_xscale("log")  # whole decades: only they have labels
        decades = np.log10(np.maximum([min(seconds), max(seconds)], 1e-3))
        right.set_xlim(10 ** np.floor(decades[0] - 0.05), 10 ** np.ceil(decades[1] + 0.05))
        right.xaxis.set_major_formatter("{x:g}")
        right.xaxis.set_minor_formatter(NullFormatter())
        right.set_xlabel("seconds of a pass; different machines")
        for axes in (left, right):
            axes.tick_params(left=False)
            axes.grid(color="0.9")
            axes.set_axisbelow(True)
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure
