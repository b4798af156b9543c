"""1998 against modern: error, time and parameters of each network, and the learning curves."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..arrays import Array
from .style import OURS, PAPER, STYLE, minor_label

LEVEL = 0.05
HEADS = {"alone": "one change alone", "today": "trained in other ways"}
GREY = "0.45"


@dataclass(frozen=True)
class Row:
    """The results of one network of the comparison.

    Attributes:
        name: of the network.
        group: "1998", "ladder", "alone" or "today".
        errors: test error of the last pass in percent, one for each seed.
        microseconds: time of training, for each pattern; NaN where it has not been measured.
        parameters: number of trainable parameters.
        p: of the test against the 1998 network, corrected; NaN for that network and without it.
        smallest: the smallest significant difference in percentage points; NaN likewise.
        passes, seconds: until the mean error is at the goal; None where it is not reached.
        seeds: of the errors.
    """

    name: str
    group: str
    errors: Array
    microseconds: float
    parameters: int
    p: float
    smallest: float
    passes: int | None = None
    seconds: float | None = None
    seeds: Sequence[int] = ()


def overview(rows: Sequence[Row], title: str) -> Figure:
    """Error, time and parameters in three aligned columns, a row for each network.

    A dot is a seed.  Blue: the error differs significantly from that of the 1998 network.
    """
    places = _places(rows)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 0.38 * max(places) + 2.2), layout="constrained")
        error, time, size = figure.subplots(1, 3, sharey=True, width_ratios=[3, 1.3, 1.3])
        _errors(error, rows, places)
        _bars(time, places, [row.microseconds for row in rows], "µs a pattern", "{:.0f}".format)
        _bars(size, places, [row.parameters for row in rows], "parameters", "{:,}".format)
        error.set_yticks(places, [row.name for row in rows])
        error.set_ylim(max(places) + 0.6, -0.6)
        for group, head in HEADS.items():
            of_group = [
                place for row, place in zip(rows, places, strict=True) if row.group == group
            ]
            if of_group:
                error.text(
                    0, of_group[0] - 1, head, transform=error.get_yaxis_transform(), va="center",
                    color=GREY, style="italic",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                )  # fmt: skip
        for axes in (error, time, size):
            axes.tick_params(axis="y", left=False)
        figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure


def _places(rows: Sequence[Row]) -> list[float]:
    """The height of each row; a group with a heading starts two lines below."""
    places, place = [], -1.0
    for before, row in zip([None, *rows], rows, strict=False):
        new = before is not None and row.group != before.group and row.group in HEADS
        place += 2 if new else 1
        places.append(place)
    return places


def _errors(axes: Axes, rows: Sequence[Row], places: Sequence[float]) -> None:
    """A dot for each seed, a bar and a number for the mean."""
    if rows[0].group == "1998":
        axes.axvline(float(rows[0].errors.mean()), color=PAPER, lw=1.2, ls=":")
    for row, place in zip(rows, places, strict=True):
        mean = float(row.errors.mean())
        colour = OURS if row.p <= LEVEL else PAPER if row.group == "1998" else GREY
        axes.plot(row.errors, np.full(len(row.errors), place), "o", color=colour, alpha=0.4, ms=6)
        axes.plot([mean, mean], [place - 0.3, place + 0.3], color=colour, lw=3)
        axes.annotate(
            f"{mean:.2f}", (float(row.errors.max()), place), xytext=(9, 0),
            textcoords="offset points", va="center", color=colour, weight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    errors = np.concatenate([row.errors for row in rows])
    low, high = float(errors.min()), float(errors.max())
    if high > 5 * max(low, 0.01):  # then with plain numbers on a logarithmic scale
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(lambda value, _: "")
        axes.set_xlim(0.8 * max(low, 0.01), 2 * high)
    else:
        room = max(high - low, 0.05 * high)
        axes.set_xlim(max(0, low - 0.1 * room), high + 0.25 * room)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("test error (%), a dot for each seed\nblue: significantly unlike 1998")
    axes.grid(axis="x", color="0.92")
    axes.set_axisbelow(True)


def _bars(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[float],
    label: str,
    text: Callable[[float], str],
) -> None:
    """A grey bar with its number for each row; a dash for NaN."""
    widths = [0.0 if math.isnan(value) else value for value in values]
    axes.barh(places, widths, height=0.62, color=["0.25", *["0.75"] * (len(values) - 1)])
    for place, value, width in zip(places, values, widths, strict=True):
        axes.annotate(
            "-" if math.isnan(value) else text(value), (width, place), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=11,
        )  # fmt: skip
    axes.set_xlim(0, 1.45 * max(*widths, 1e-9))
    axes.set_xlabel(label)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def learning_curves(curves: Mapping[str, Array], title: str) -> Figure:
    """Test error by pass: the mean of the seeds as a line, their range as a band.

    Args:
        curves: name of the network -> errors in percent, (seeds, passes); those of 1998 are drawn
            black, those with distortions dashed.
        title: of the figure.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 5), layout="constrained")
        axes = figure.subplots()
        for name, errors in curves.items():
            colour = PAPER if name.startswith("1998") else OURS
            style = "--" if "distortions" in name else "-"
            passes = np.arange(1, errors.shape[1] + 1)
            axes.plot(passes, errors.mean(axis=0), style, color=colour, lw=2, label=name)
            axes.fill_between(
                passes, errors.min(axis=0), errors.max(axis=0), color=colour, alpha=0.12, lw=0
            )
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(minor_label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("pass")
        axes.set_ylabel("test error (%)")
        axes.grid(color="0.92", which="both")
        axes.legend(frameon=False)
        figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure
