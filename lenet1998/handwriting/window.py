"""A window with a pad to draw a digit on, and every layer's state, live."""

from collections.abc import Sequence
from typing import Any

from .. import canvas as canvas  # before any import of matplotlib

# isort: split
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from .. import paper
from ..figures.states import GAP, Block, blocks, draw_blocks
from ..figures.style import OTHERS, OURS, PAPER, SECOND
from ..network.lenet5 import LeNet5
from . import board
from .board import BOLD, Board
from .pad import Pad, reading

# Places are in inches from the bottom left corner: left, bottom, width, height.
FIGURE_SIZE = (13.4, 6.1)  # 1286 x 585 pixels: every laptop's screen has room for them
_PAD = (0.3, 1.25, 4.25, 4.25)
BUTTONS = {"clear": (0.3, 0.65, 2.05, 0.46), "undo": (2.5, 0.65, 2.05, 0.46)}
PREPARED = "prepared, 28x28"
_ROWS = {
    (PREPARED, "C1", "S2"): (5.0, 3.1, 6.1, 2.4),
    ("C3", "S4", "C5", "F6"): (5.0, 0.65, 6.1, 2.0),
}
_ANSWER = (11.55, 3.1, 1.6, 2.4)
_PENALTIES = (11.55, 0.65, 1.6, 2.0)
_LONGEST = 2.5 * paper.F6_UNITS  # penalty of the longest bar, unless one is larger
_LABEL_ROOM = 0.5  # room for the numbers after the bars, in lengths of the longest bar


class DigitBoard(Board):
    """A pad for one digit, and every layer's state, the penalties and the answer.

    Args:
        figure: as in `Board`.
        network: reads the pad.
        reject_below: as `pad.reading` takes it.

    Attributes:
        reading: the network's answer; None while there is no ink.
        states: the image of every layer's state by name, and of the prepared digit.
        words: the texts of the answer, the verdict and the margin.
        bars_axes, bars, values: the axes, bars and numbers of the ten penalties.
    """

    SIZE, PAD, BUTTONS = FIGURE_SIZE, _PAD, BUTTONS
    TITLE = "Draw a digit here"
    NOTE = (
        "States: white is -1 or less, black +1 or more.  A bar is a penalty (eq. 7): the class "
        "with the smallest is the answer."
    )

    def __init__(self, figure: Figure, network: LeNet5, reject_below: float | None) -> None:
        self._network, self._reject_below = network, reject_below
        super().__init__(figure, Pad())

    def _draw_parts(self) -> Sequence[Artist]:
        self.states = self._draw_layers()
        self.words = self._draw_answer()
        self.bars, self.values = self._draw_penalties()
        return [*self.states.values(), *self.words, *self.bars, *self.values]

    def _read(self) -> None:
        self.reading = result = reading(self._network, self.pad, self._reject_below)
        for image in self.states.values():
            image.set_visible(result is not None)
        if result is None:
            self._show_answer("–", OTHERS, "nothing drawn", "")
            self._show_penalties(np.zeros(paper.CLASSES), None, OTHERS)
        else:
            self.states[PREPARED].set_data(result.image)
            for name, block in blocks(result.states).items():
                self.states[name].set_data(block.pixels)
            answer, rejected = result.answer, result.answer.rejected
            colour = SECOND if rejected else OURS
            verdict = "rejected" if rejected else "not rejected"
            self._show_answer(str(answer.answer), colour, verdict, f"margin {answer.margin:.1f}")
            self._show_penalties(result.penalties, answer.answer, colour)

    def _show_answer(self, answer: str, colour: str, verdict: str, margin: str) -> None:
        for text, words in zip(self.words, (answer, verdict, margin), strict=True):
            text.set_text(words)
        for text in self.words[:2]:
            text.set_color(colour)

    def _show_penalties(self, penalties: Any, answer: int | None, colour: str) -> None:
        """Draw the bars from 0; the negated sums of a softmax may be negative and of any size."""
        low, high = min(float(penalties.min()), 0.0), float(penalties.max())
        high = max(high, 0.0 if low < 0 else _LONGEST)
        self.bars_axes.set_xlim(low, low + (1 + _LABEL_ROOM) * (high - low))
        for digit, (bar, text) in enumerate(zip(self.bars, self.values, strict=True)):
            penalty = float(penalties[digit])
            bar.set_width(penalty)
            bar.set_color(colour if digit == answer else OTHERS)
            text.set_color(colour if digit == answer else PAPER)
            text.set_x(max(penalty, 0.0) + 0.03 * (high - low))
            text.set_text("" if answer is None else f"{penalty:.1f}")

    def _draw_layers(self) -> dict[str, AxesImage]:
        size = paper.IMAGE_SIZE
        empty = {name: np.zeros((1, *c.shape)) for name, c in self._network.count().items()}
        shown = {PREPARED: Block(np.zeros((size, size)), 0, 255), **blocks(empty)}
        images: dict[str, AxesImage] = {}
        for names, place in _ROWS.items():
            axes = self._axes(place)
            row, end = draw_blocks(axes, {name: shown[name] for name in names}, -0.05)
            axes.set_axis_off()
            axes.set(xlim=(-0.01, end - GAP + 0.01), ylim=(1.01, -0.01), anchor="NW")
            images |= row
        return images

    def _draw_answer(self) -> list[Text]:
        axes = self._axes(_ANSWER)
        axes.set_axis_off()
        axes.set_title("answer", **BOLD)
        places = ((0.68, 84), (0.3, 16), (0.18, 13), (0.07, 13))
        answer, verdict, margin, limit = (
            axes.text(0.5, height, "", fontsize=size, ha="center", va="center")
            for height, size in places
        )
        below = self._reject_below
        limit.set_text("no rejection" if below is None else f"rejected below {below:g}")
        return [answer, verdict, margin]

    def _draw_penalties(self) -> tuple[list[Rectangle], list[Text]]:
        self.bars_axes = axes = self._axes(_PENALTIES)
        axes.set_axis_off()
        axes.set_title("penalties", **BOLD)
        axes.set_ylim(paper.CLASSES - 0.5, -0.5)
        bars = axes.barh(range(paper.CLASSES), np.zeros(paper.CLASSES), height=0.75)
        values = []
        for digit in range(paper.CLASSES):
            values.append(axes.text(0, digit, "", fontsize=12, va="center_baseline"))
            left = axes.get_yaxis_transform()
            axes.text(-0.03, digit, str(digit), ha="right", va="center_baseline", transform=left)
        return list(bars), values


def open_window(network: LeNet5, reject_below: float | None, title: str) -> None:
    """Open the window and wait until it is closed.

    Args:
        network: reads the pad.
        reject_below: as `pad.reading` takes it.
        title: of the window.

    Raises:
        InputError: no window can be opened here.
    """
    board.open_window(
        lambda figure: DigitBoard(figure, network, reject_below), FIGURE_SIZE, title, "predict"
    )
