"""A window that slides over a string, and what the network answers at every pixel."""

from typing import Any

import matplotlib
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .. import paper
from ..arrays import Array
from .sdnn import Reading, grey_of, middle
from .states import Block, draw_block
from .style import OTHERS, OURS, SECOND, STYLE

STEP = 2  # pixels from one frame to the next
_LAST = 10  # frames at the end that show the answer
_ABOVE = 17  # pixels above the string for the labels and the answer
_ACROSS, _CURVES = 7.2, 2.0  # inches: width of the string, height of the curves
_LARGEST = 130.0  # penalty: the end of the scale
_MIDDLE: Any = {"ha": "center", "va": "center"}


def sliding(reading: Reading, f6: Array, penalties: Array) -> FuncAnimation:
    """The window at every second pixel: F6, the penalties so far, and at last the answer.

    Args:
        reading: of the string.
        f6: of the window that starts at each pixel, (width - 31, 84).
        penalties: eq. 7 of these windows, (width - 31, 11).
    """
    with matplotlib.rc_context(STYLE):
        # The string is as wide as the curves below it, with square pixels.
        high = _ACROSS * (paper.INPUT_SIZE + _ABOVE) / reading.x.shape[1]
        figure = Figure(figsize=(_ACROSS + 2.6, high + _CURVES), layout="constrained")
        grid = figure.add_gridspec(2, 2, width_ratios=[4, 1], height_ratios=[high, _CURVES])
        field, code = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
        below = figure.add_subplot(grid[1, 0], sharex=field)

    places = [*range(0, len(f6), STEP)]

    def update(place: int) -> list[object]:
        with matplotlib.rc_context(STYLE):
            for axes in (field, code, below):
                axes.clear()
            _field(field, reading, place)
            _curves(below, penalties[: place + 1], reading.x.shape[1])
            _code(code, f6[place], penalties[place])
            if place == places[-1]:
                _answer(field, reading)
        return []

    frames = [*places, *[places[-1]] * _LAST]
    return FuncAnimation(figure, update, frames, cache_frame_data=False)  # type: ignore[arg-type]


def _field(axes: Axes, reading: Reading, place: int) -> None:
    """The string with the window, and the labels of the columns that it has passed."""
    size, width = reading.x.shape
    block = Block(reading.x, paper.BACKGROUND, paper.FOREGROUND)
    draw_block(axes, block, (0, width, size, 0))
    axes.add_patch(Rectangle((place, 0), size, size, fill=False, ec=SECOND, lw=2.5))
    for k, values in enumerate(reading.penalties):
        if middle(k) <= place + size / 2:
            digit = int(values[: paper.CLASSES].argmin())
            colour = grey_of(float(values[digit]))
            axes.text(middle(k), -4, str(digit), color=colour, fontsize=15, **_MIDDLE)
    axes.set_xlim(0, width)
    axes.set_ylim(size, -_ABOVE)
    axes.set_aspect("auto")
    axes.set_axis_off()


def _curves(axes: Axes, penalties: Array, width: int) -> None:
    """The penalty of the best digit and that of no character, by the middle of the window."""
    x = [place + paper.INPUT_SIZE / 2 for place in range(len(penalties))]
    digits, blank = penalties[:, : paper.CLASSES].min(axis=1), penalties[:, paper.CLASSES]
    axes.plot(x, digits, color=OURS, lw=2, label="best digit")
    axes.plot(x, blank, color=OTHERS, lw=2, label="no character")
    axes.set_xlim(0, width)
    axes.set_ylim(0, _LARGEST)
    axes.set_xlabel("middle of the window (pixel)")
    axes.set_ylabel("penalty")
    axes.legend(loc="upper left", frameon=False, fontsize=10)


def _code(axes: Axes, f6: Array, penalties: Array) -> None:
    """F6 as a bitmap, and the class with the smallest penalty."""
    best = int(penalties.argmin())
    name = "no character" if best == paper.CLASSES else f"a {best}"
    code = f6.reshape(paper.CODE_HEIGHT, paper.CODE_WIDTH)
    draw_block(axes, Block(code), (0, paper.CODE_WIDTH, paper.CODE_HEIGHT, 0))
    axes.add_patch(Rectangle((0, 0), paper.CODE_WIDTH, paper.CODE_HEIGHT, fill=False, ec="0.6"))
    axes.set_title(f"F6: {name}", fontsize=13)
    axes.set_xlim(-0.1, paper.CODE_WIDTH + 0.1)
    axes.set_ylim(paper.CODE_HEIGHT + 0.1, -0.1)
    axes.set_axis_off()


def _answer(axes: Axes, reading: Reading) -> None:
    """The characters of the best path above their columns."""
    for digit, first, last in reading.characters:
        x = middle((first + last) / 2)
        axes.text(x, -12, str(digit), color=OURS, fontsize=24, fontweight="bold", **_MIDDLE)
        axes.plot([middle(first) - 1, middle(last) + 1], [-7.5, -7.5], color=OURS, lw=3)
