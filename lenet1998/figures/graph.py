"""Figure 24: the output graph of one string, the transducer, and the best path."""

from itertools import pairwise
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from .. import paper
from .sdnn import Reading, middle
from .states import Block, draw_block
from .style import OURS, STYLE

ARCS = 3  # drawn between two nodes, those of the smallest penalties
BLANK = "–"  # how the class without a character is written
_FIELD, _HIGH = 1.8, 2.8  # y of the string's lower edge and its height, in distances of nodes
_LABEL: Any = {"ha": "right", "va": "center", "fontsize": 12, "fontweight": "bold"}
_MIDDLE: Any = {"ha": "center", "va": "center"}


def figure24(reading: Reading, title: str) -> Figure:
    """The graph of a string with the best arcs of each column, and the path that Viterbi finds.

    Args:
        reading: of a string of about four characters.
        title: of the picture.
    """
    columns = len(reading.penalties)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(max(9.0, 1.05 * columns), 9.0), layout="constrained")
        grid = figure.add_gridspec(2, 1, height_ratios=[64, 17])
        axes = figure.add_subplot(grid[0])
        _graph(axes, reading)
        _field(axes, reading)
        _transducer(figure.add_subplot(grid[1]))
        figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure


def _field(axes: Axes, reading: Reading) -> None:
    """The string above the graph; a line leads from each column of outputs to its arcs."""
    size, width = reading.x.shape
    columns = len(reading.penalties)
    scale = _HIGH / size
    left = (columns - scale * width) / 2
    block = Block(reading.x, paper.BACKGROUND, paper.FOREGROUND)
    draw_block(axes, block, (left, left + scale * width, _FIELD, _FIELD + _HIGH))
    axes.add_patch(Rectangle((left, _FIELD), scale * width, _HIGH, fill=False, ec="0.7"))
    for k in range(columns):
        x = left + scale * middle(k)
        axes.plot([x, k + 0.5], [_FIELD - 0.05, 0.95], color="0.75", lw=1)
    axes.text(left - 0.25, _FIELD + _HIGH / 2, "input", **_LABEL)


def _graph(axes: Axes, reading: Reading) -> None:
    """Nodes in a row; between two, the best arcs as bows; the path in colour, the answer below."""
    columns = len(reading.penalties)
    for k in range(columns + 1):
        axes.add_patch(Circle((k, 0), 0.09, fc="white", ec="black", zorder=3))
    for k, penalties in enumerate(reading.penalties):
        own = int(reading.path[k])
        best = [int(c) for c in penalties.argsort()[:ARCS]]
        shown = best if own in best else [*best[:-1], own]
        for place, label in enumerate(sorted(shown, key=lambda c: float(penalties[c]))):
            _arc(axes, k, 0.55 * (place - 1), label, float(penalties[label]), label == own)
    for digit, first, last in reading.characters:
        x = (first + last + 1) / 2
        axes.plot([first + 0.08, last + 0.92], [-1.42, -1.42], color=OURS, lw=3)
        axes.text(x, -1.85, str(digit), color=OURS, fontsize=24, fontweight="bold", **_MIDDLE)
    axes.set_xlim(-1.2, columns + 0.6)
    axes.set_ylim(-2.3, _FIELD + _HIGH + 0.1)
    axes.set_aspect("equal")
    for y, text in ((0, "graph"), (-1.85, "answer")):
        axes.text(-0.25, y, text, **_LABEL)
    axes.set_axis_off()


def _arc(axes: Axes, k: int, bow: float, label: int, penalty: float, on_path: bool) -> None:
    """An arc from node k to the next, with its class and its penalty."""
    colour = OURS if on_path else f"{min(0.6, 0.3 + penalty / 100):.2f}"
    arrow = FancyArrowPatch(
        (k + 0.08, 0), (k + 0.92, 0), connectionstyle=f"arc3,rad={-2 * bow}", color=colour,
        arrowstyle="-|>", mutation_scale=9, lw=2.6 if on_path else 1.0, zorder=2 + on_path,
    )  # fmt: skip
    axes.add_patch(arrow)
    name = BLANK if label == paper.CLASSES else str(label)
    text = f"{name}  {penalty:.1f}" if penalty < 10 else f"{name}  {penalty:.0f}"
    weight = "bold" if on_path else "normal"
    axes.text(
        k + 0.5,
        0.84 * bow + (0.15 if bow >= 0 else -0.17),
        text,
        color=colour,
        fontsize=10,
        fontweight=weight,
        **_MIDDLE,
    )


def _transducer(axes: Axes) -> None:
    """The states of the transducer: no character, or one of the ten digits."""
    places = {BLANK: (0.0, 0.0), "c": (2.2, 0.0)}
    for name, (x, y) in places.items():
        for radius in (0.36, 0.29):  # a double ring: a string may end here
            axes.add_patch(Circle((x, y), radius, fc="white", ec="black", zorder=3))
        axes.text(x, y, name, fontsize=15, zorder=4, **_MIDDLE)
    style: Any = {"arrowstyle": "-|>", "mutation_scale": 13, "color": "black", "lw": 1.2}
    for (a, b), text in zip(pairwise([*places, BLANK]), ("c", BLANK), strict=True):
        start, end = places[a], places[b]
        side = 1 if a == BLANK else -1
        axes.add_patch(
            FancyArrowPatch(
                (start[0] + 0.28 * side, 0.2 * side), (end[0] - 0.28 * side, 0.2 * side),
                connectionstyle="arc3,rad=-0.25", **style,
            )
        )  # fmt: skip
        axes.text(1.1, 0.62 * side, text, fontsize=13, **_MIDDLE)
    for name, (x, _) in places.items():
        out = -1 if name == BLANK else 1
        axes.add_patch(
            FancyArrowPatch(
                (x + 0.26 * out, 0.24), (x + 0.26 * out, -0.24),
                connectionstyle=f"arc3,rad={-2.2 * out}", **style,
            )
        )  # fmt: skip
        axes.text(x + 1.02 * out, 0, name, fontsize=13, **_MIDDLE)
    axes.text(
        3.9, 0, "The transducer: c is one of the ten digits, – is no character.\nThe same digit "
        "in neighbouring columns is one character;\na – lies between two characters.",
        fontsize=12, va="center",
    )  # fmt: skip
    axes.set_xlim(-1.6, 10.5)
    axes.set_ylim(-0.9, 0.9)
    axes.set_aspect("equal", anchor="W")
    axes.set_axis_off()
