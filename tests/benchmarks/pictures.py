"""The results as pictures: ratio bars, time against batch size, how the cost grows."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from . import report
from .peers import OURS

COLOURS = {  # Okabe and Ito's, told apart by the colour-blind
    OURS: "#0072B2",
    "PyTorch": "#D55E00",
    "torch.compile": "#E69F00",
    "JAX": "#009E73",
}
MARKERS = {OURS: "o", "PyTorch": "s", "torch.compile": "D", "JAX": "^"}
STYLE: dict[Any, Any] = {
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "lines.linewidth": 2.2,
    "lines.markersize": 7,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 120,
}
PLAIN = FuncFormatter(lambda value, _: f"{value:g}")


def draw(results: dict[str, Any], folder: Path) -> None:
    """Write benchmark-ratios.png, benchmark-batch.png and benchmark-growth.png."""
    with plt.rc_context(STYLE):
        for name, make in (("ratios", ratios), ("batch", batch), ("growth", growth)):
            figure = make(results)
            figure.savefig(folder / f"benchmark-{name}.png")
            plt.close(figure)


def heading(threads: str) -> str:
    return "one thread" if threads == "1" else "default threads"


def ratios(results: dict[str, Any]) -> Any:
    """How many times our time each peer takes, one panel a setting of the threads."""
    settings = results["threads"]
    figure, panels = plt.subplots(
        1, len(settings), figsize=(6.2 * len(settings) + 1.5, 9), sharey=True, squeeze=False
    )
    for axes, (threads, found) in zip(panels[0], settings.items(), strict=True):
        made = report.rows(found)
        for row, (_, rounds) in enumerate(made):
            for k, name in enumerate(report.COLUMNS):
                if not rounds.get(name):
                    continue
                middle, least, most = report.ratios(rounds, name)
                place = row + (k - 1) * 0.27
                axes.barh(place, middle - 1, 0.25, left=1, color=COLOURS[name])
                axes.plot([least, most], [place, place], color="black", lw=1.2)
                axes.text(max(most, 1) * 1.06, place, f"{middle:.2g}", va="center", fontsize=11)
        axes.set_yticks(
            range(len(made)), [label.replace(", peers", ",\npeers") for label, _ in made]
        )
        axes.axvline(1, color=COLOURS[OURS], lw=2.5)
        axes.set_xscale("log")
        axes.set_title(heading(threads))
        axes.set_xlabel("peer's time / ours (line: smallest to largest round)")
        axes.xaxis.set_major_formatter(PLAIN)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.grid(axis="y", visible=False)
        low, high = axes.get_xlim()
        low, high = min(low, 0.45), max(high * 1.35, 2.2)
        axes.set_xlim(low, high)
        axes.set_xticks([t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low <= t <= high])
    panels[0][0].invert_yaxis()
    handles: list[Any] = [Patch(color=COLOURS[name]) for name in report.COLUMNS]
    handles.append(Line2D([], [], color=COLOURS[OURS], lw=2.5))
    figure.legend(handles, [*report.COLUMNS, "ours"], loc="outside lower center", ncols=4)
    return figure


def batch(results: dict[str, Any]) -> Any:
    """Microseconds a pattern against the batch size; 1 of the training step is the online step."""
    settings = results["threads"]
    figure, panels = plt.subplots(
        len(settings), 2, figsize=(11, 4.6 * len(settings)), squeeze=False
    )
    for line, (threads, found) in zip(panels, settings.items(), strict=True):
        for axes, whats, title in zip(
            line,
            (("forward",), ("online", "train")),
            ("forward", "training (1: online)"),
            strict=True,
        ):
            cases = [case for case in found["cases"] if case["what"] in whats]
            for name in (*report.COLUMNS, OURS):
                points = [
                    (case["size"], median(case["seconds"][name]) * 1e6)
                    for case in cases
                    if case["seconds"].get(name)
                ]
                if points:
                    curve(axes, points, name)
            axes.set_title(f"{title}, {heading(threads)}")
            axes.set_ylabel("microseconds a pattern")
            logarithmic(axes, sorted({case["size"] for case in cases}))
    for axes in panels[-1]:
        axes.set_xlabel("patterns in a batch")
    legend(figure, panels[0][0])
    return figure


def growth(results: dict[str, Any]) -> Any:
    """Time above, peak memory below, against patterns, batch size and input width."""
    titles = {
        "patterns": ("one pass, online", "patterns", "seconds", 1.0),
        "batch": ("one training step", "patterns in a batch", "milliseconds", 1e3),
        "width": ("one forward, 32 rows", "columns of the input", "milliseconds", 1e3),
    }
    figure, panels = plt.subplots(2, 3, figsize=(15, 8.6))
    for column, (what, grown) in enumerate(results["growth"].items()):
        title, label, unit, scale = titles[what]
        for name, rows in grown.items():
            curve(panels[0][column], [(size, s * scale) for size, s, _ in rows], name)
            memory = [(size, mb) for size, _, mb in rows if mb is not None]
            if memory:
                curve(panels[1][column], memory, name)
        sizes = [row[0] for row in grown[OURS]]
        for axes in panels[:, column]:
            logarithmic(axes, sizes)
            axes.set_xlabel(label)
        panels[1][column].set_yscale("linear")  # which brings its own ticks
        panels[1][column].set_ylim(bottom=0)
        panels[0][column].set_title(title)
        panels[0][column].set_ylabel(unit)
        panels[1][column].set_ylabel("peak memory, MB")
    legend(figure, panels[0][0])
    return figure


def curve(axes: Axes, points: list[tuple[float, float]], name: str) -> None:
    label = "ours" if name == OURS else name
    axes.plot(*zip(*points, strict=True), color=COLOURS[name], marker=MARKERS[name], label=label)


def logarithmic(axes: Axes, sizes: list[int]) -> None:
    """Logarithmic axes with plain numbers; the ticks of x are those measured that fit."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    shown = [sizes[0]]
    for size in sizes[1:]:
        if size >= 1.9 * shown[-1]:
            shown.append(size)
    axes.set_xticks(shown, [f"{size:,}" if size < 10000 else f"{size // 1000}k" for size in shown])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(PLAIN)


def legend(figure: Any, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
