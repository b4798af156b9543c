"""Figure 25: the states of the replicated network, its outputs, and the answer of the best path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from .. import paper
from ..arrays import Array
from .states import Block, draw_block, montage
from .style import OURS, STYLE

WHITE = 24.0  # penalty from which a label is white
_ACROSS, _TITLE, _HEAD, _C5 = 13.0, 0.45, 0.3, 0.9  # inches
_LEFT, _TOP, _BOTTOM = -12.0, -29.0, paper.INPUT_SIZE + 0.5  # of the right side, pixels
_MIDDLE: Any = {"ha": "center", "va": "center"}


@dataclass(frozen=True)
class Reading:
    """What is drawn of a string that was read.

    Attributes:
        x: the field, (32, width), -0.1 to 1.175.
        penalties: eq. 7 of every column, (columns, 11), the blank's last.
        path: class of every column on the best path, (columns,).
        characters: digit, first and last column of each character that was read.
    """

    x: Array
    penalties: Array
    path: Sequence[int] | Array
    characters: Sequence[tuple[int, int, int]]

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(str(digit) for digit, _, _ in self.characters)


def middle(column: float) -> float:
    """The pixel column of the field that a column of outputs is centred on."""
    return paper.INPUT_SIZE / 2 + paper.COLUMN_STRIDE * column


def grey_of(penalty: float) -> str:
    """The grey of a label: black for 0, white from `WHITE` on."""
    return f"{min(max(penalty / WHITE, 0.0), 1.0):.3f}"


def figure25(reading: Reading, states: Mapping[str, Array], title: str) -> Figure:
    """C1, C3 and C5 at the left; at the right from below: input, F6, outputs, Viterbi's answer.

    Args:
        reading: of a field about as wide as the paper's, 64 to 120 pixels.
        states: C1 (28, w, 6), C3 (10, w, 16), C5 (columns, 120) and F6 (columns, 84).
        title: of the picture.
    """
    with matplotlib.rc_context(STYLE):
        shown = {
            "C1": montage(states["C1"], 3, 1),
            "C3": montage(states["C3"], 4, 1),
            "C5": states["C5"],
        }
        left, heights = _left_column(reading.x.shape[1], shown["C1"], shown["C3"])
        figure = Figure(figsize=(_ACROSS, sum(heights) + _TITLE), layout="constrained")
        sides = [left, _ACROSS - left]
        grid = figure.add_gridspec(3, 2, width_ratios=sides, height_ratios=heights)
        for row, (name, pixels) in enumerate(shown.items()):
            axes = figure.add_subplot(grid[row, 0])
            says = " (a row for each column)" if name == "C5" else ""
            axes.set_title(name + says, loc="left", fontsize=13, fontweight="bold")
            height, width = pixels.shape
            draw_block(axes, Block(pixels), (0, width, height, 0))
            axes.set_axis_off()
            axes.set_aspect("auto" if name == "C5" else "equal", anchor="NW")
        _outputs(figure.add_subplot(grid[:, 1]), reading, states["F6"])
        figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure


def _left_column(columns: int, *montages: Array) -> tuple[float, list[float]]:
    """Inches of the left column across, and of its rows, so that it is as high as the right one.

    Args:
        columns: of the field, in the right column.
        montages: of C1 and C3, drawn with square pixels.
    """
    right = (_BOTTOM - _TOP) / (columns - _LEFT)  # height over width
    ratios = [pixels.shape[0] / pixels.shape[1] for pixels in montages]
    heads = 3 * _HEAD + _C5
    left = (_ACROSS * right - heads) / (sum(ratios) + right)
    return left, [*(left * ratio + _HEAD for ratio in ratios), _C5 + _HEAD]


def _outputs(axes: Axes, reading: Reading, f6: Array) -> None:
    """The input, F6's bitmaps over their columns, the labels, and the answer; y is in pixels."""
    size, width = reading.x.shape
    field = Block(reading.x, paper.BACKGROUND, paper.FOREGROUND)
    draw_block(axes, field, (0, width, size, 0))
    half = 0.44 * paper.COLUMN_STRIDE
    tall = 2 * half * paper.CODE_HEIGHT / paper.CODE_WIDTH
    for k, (bitmap, penalties) in enumerate(zip(f6, reading.penalties, strict=True)):
        x = middle(k)
        code = Block(bitmap.reshape(paper.CODE_HEIGHT, paper.CODE_WIDTH))
        draw_block(axes, code, (x - half, x + half, -3, -3 - tall))
        axes.plot([x, x], [-1.6, -0.4], color="0.7", lw=0.8)
        digit = int(penalties[: paper.CLASSES].argmin())
        colour = grey_of(float(penalties[digit]))
        axes.text(x, -10.6, str(digit), color=colour, fontsize=15, fontweight="bold", **_MIDDLE)
    box = FancyBboxPatch(
        (middle(0) - half, -19), 4 * (len(f6) - 1) + 2 * half, 4, "round,pad=0.6", fc="0.95",
        ec="0.5",
    )  # fmt: skip
    axes.add_patch(box)
    axes.text(middle((len(f6) - 1) / 2), -17, "Compose + Viterbi", fontsize=13, **_MIDDLE)
    for digit, first, last in reading.characters:
        x = middle((first + last) / 2)
        axes.text(x, -25, str(digit), color=OURS, fontsize=26, fontweight="bold", **_MIDDLE)
        axes.plot([middle(first) - 1, middle(last) + 1], [-13, -13], color=OURS, lw=3)
    for y, text in ((16, "input"), (-4, "F6"), (-10.6, "outputs"), (-25, "answer")):
        axes.text(-1.5, y, text, ha="right", va="center", fontsize=13, fontweight="bold")
    axes.set_xlim(_LEFT, width)
    axes.set_ylim(_BOTTOM, _TOP)
    axes.set_aspect("equal", anchor="NW")
    axes.set_axis_off()
