"""The ablation: errors from the 1998 to the modern network, and error against time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..arrays import Array
from .style import OURS, PAPER, SECOND, STYLE


@dataclass(frozen=True)
class Rung:
    """A network of the ablation.

    Attributes:
        name: of the change; "1998" for the network without changes.
        ladder: whether the network also has the changes listed before this one.
        chosen: names of Settings -> values.
    """

    name: str
    ladder: bool
    chosen: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """The results of the runs of one network.

    Attributes:
        errors: test error of the last pass in percent, one for each seed.
        seconds: of the fastest pass, the one least slowed by other work on the machine.
        parameters: number of trainable parameters.
        p: McNemar's test against the 1998 network of the same seed, median of the seeds.
    """

    rung: Rung
    errors: Array
    seconds: float
    parameters: int
    p: float


def ablation_ladder(found: Sequence[Result], title: str) -> Figure:
    """Test errors of all seeds: one change after the other, and each change alone."""
    ladder = [r for r in found if r.rung.ladder]
    alone = [found[0], ladder[1], *(r for r in found if not r.rung.ladder)]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(12.5, 5.2), layout="constrained")
        left, right = figure.subplots(1, 2, sharex=True)
        _errors(left, ladder, "+ ", "one change after the other", OURS)
        _errors(right, alone, "", "each change alone", SECOND)
        highest = max(float(r.errors.max()) for r in found)
        lowest = min(float(r.errors.min()) for r in found)
        if highest > 8 * max(lowest, 0.01):
            left.set_xscale("log")
            for axes in (left, right):
                axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
                axes.xaxis.set_minor_formatter(lambda value, _: "")
        else:
            left.set_xlim(0, 1.15 * highest)
        figure.suptitle(f"What each part of 1998 is worth: {title}", x=0.01, ha="left", fontsize=14)
    return figure


def _errors(axes: Axes, results: Sequence[Result], prefix: str, title: str, colour: str) -> None:
    """Draw one row for each network: a dot for each seed, a bar and a number for the mean."""
    base = float(results[0].errors.mean())
    axes.axvline(base, color=PAPER, lw=1.2, ls=":")
    for row, result in enumerate(results):
        mean = float(result.errors.mean())
        axes.plot(result.errors, np.full(len(result.errors), row), "o", color=colour, alpha=0.45)
        axes.plot([mean, mean], [row - 0.28, row + 0.28], color=colour, lw=3)
        axes.annotate(
            f"{mean:.2f}", (float(result.errors.max()), row), xytext=(10, 0),
            textcoords="offset points", va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    names = [r.rung.name if i == 0 else prefix + r.rung.name for i, r in enumerate(results)]
    axes.set_yticks(range(len(results)), names)
    axes.set_ylim(len(results) - 0.5, -0.5)
    axes.tick_params(left=False)
    axes.set_xlabel("test error (%), one dot for each seed")
    axes.set_title(title, loc="left", fontsize=13)
    axes.grid(axis="x", color="0.92")
    axes.set_axisbelow(True)


def ablation_time(found: Sequence[Result], title: str) -> Figure:
    """Test error against the time of a pass: numbered points, the ladder joined by a line."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 5.6), layout="constrained")
        axes, names = figure.subplots(1, 2, width_ratios=[3, 1])
        ladder = [r for r in found if r.rung.ladder]
        places = [(r.seconds, float(r.errors.mean())) for r in found]
        axes.plot(*zip(*places[: len(ladder)], strict=True), "-", color=OURS, lw=1.5)
        names.set_axis_off()
        names.text(0, 1.0, "one change after the other", color=OURS, va="top", weight="bold")
        for i, (result, place) in enumerate(zip(found, places, strict=True)):
            colour, marker = (OURS, "o") if result.rung.ladder else (SECOND, "s")
            axes.plot(*place, marker, color=colour, ms=15, mec="white")
            axes.annotate(
                f"{i + 1}", place, color="white", ha="center", va="center", fontsize=9,
                weight="bold",
            )  # fmt: skip
            row = 1 - 0.068 * (i + 1 if result.rung.ladder else i + 2.6)
            names.text(0, row, f"{i + 1}  {result.rung.name}", color=colour, va="top")
        top = 1 - 0.068 * (len(ladder) + 1.6)
        names.text(0, top, "each change alone", color=SECOND, va="top", weight="bold")
        errors = [error for _, error in places]
        if max(errors) > 8 * max(min(errors), 0.01):
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.yaxis.set_minor_formatter(lambda value, _: "")
        else:
            axes.set_ylim(0, 1.15 * max(errors))
        axes.set_xlim(0, 1.15 * max(r.seconds for r in found))
        axes.set_xlabel("seconds of the fastest pass, one core")
        axes.set_ylabel("test error (%), mean of the seeds")
        axes.grid(color="0.92")
        figure.suptitle(f"Error and time from 1998 to modern: {title}", x=0.01, ha="left")
    return figure
