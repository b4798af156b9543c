"""A window with a pad to draw on and LeNet-5's live answer to it.

`Board` works on any Figure and reacts to its events; only `open_window` needs a display.
"""

from collections.abc import Callable
from typing import Any

from ..canvas import matplotlib

# isort: split
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseButton
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.widgets import Button

from .. import paper
from ..figures.states import GAP, Block, blocks, draw_blocks
from ..figures.style import OTHERS, OURS, PAPER, SECOND, STYLE
from ..files import InputError
from ..network.lenet5 import LeNet5
from .pad import Pad, reading

# Places are in inches from the bottom left corner: left, bottom, width, height.
FIGURE_SIZE = (13.4, 6.1)
DPI = 96  # 1286 x 585 pixels: every laptop's screen has room for them
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
_BOLD: Any = {"fontsize": 15, "fontweight": "bold"}
# No toolbar, whose zoom would take the mouse, and none of matplotlib's keys that change axes.
_WINDOW: Any = {
    "toolbar": "None",
    "keymap.grid": [],
    "keymap.grid_minor": [],
    "keymap.xscale": [],
    "keymap.yscale": [],
}


class Board:
    """A pad to draw on with the mouse, and every layer's state, the penalties and the answer.

    The left mouse button draws.  The keys c and u, and two buttons, clear the pad and undo the last
    stroke.

    Args:
        figure: an empty figure of `FIGURE_SIZE`; its canvas gives the events.
        network: reads the pad.
        reject_below: as `pad.reading` takes it.

    Attributes:
        pad: the drawing.
        reading: the network's answer; None while there is no ink.
        pad_axes: the axes to draw in, in pixels of the pad.
        states: the image of every layer's state by name, and of the prepared digit.
        words: the texts of the answer, the verdict and the margin.
        bars_axes, bars, values: the axes, bars and numbers of the ten penalties.
    """

    def __init__(self, figure: Figure, network: LeNet5, reject_below: float | None) -> None:
        self.pad = Pad()
        self._canvas: Any = figure.canvas
        self._figure, self._network, self._reject_below = figure, network, reject_below
        self._still: Any = None  # the picture without the parts that change
        with matplotlib.rc_context(STYLE):
            self._ink = self._draw_pad()
            self.states = self._draw_layers()
            self.words = self._draw_answer()
            self.bars, self.values = self._draw_penalties()
            self._buttons = (  # kept, because a button without a reference does nothing
                self._draw_button("clear", self.clear),
                self._draw_button("undo", self.undo),
            )
            figure.text(
                0.5, 0.035, "States: white is -1 or less, black +1 or more.  A bar is a penalty "
                "(eq. 7): the class with the smallest is the answer.", ha="center",
            )  # fmt: skip
        self._changing: list[Artist] = [self._ink, *self.states.values(), *self.words]
        self._changing += [*self.bars, *self.values]
        for artist in self._changing:
            artist.set_animated(True)
        self._letters = [(text, float(text.get_fontsize())) for text in figure.findobj(Text)]
        connect = self._canvas.mpl_connect
        connect("button_press_event", self._press)
        connect("motion_notify_event", self._move)
        connect("button_release_event", self._release)
        connect("key_press_event", self._key)
        connect("resize_event", self._resized)
        connect("draw_event", self._drawn)
        self.update()

    # --- Actions ---

    def clear(self) -> None:
        """Empty the pad."""
        self.pad.clear()
        self.update()

    def undo(self) -> None:
        """Remove the last stroke."""
        self.pad.undo()
        self.update()

    def update(self) -> None:
        """Read the pad and show the network's answer."""
        self.reading = result = reading(self._network, self.pad, self._reject_below)
        self._ink.set_data(self.pad.image)
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
        self._show()

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

    def _show(self) -> None:
        """Draw the changing parts over the still picture, or everything if the canvas cannot."""
        if self._still is None:
            self._canvas.draw_idle()
            return
        self._canvas.restore_region(self._still)
        for artist in self._changing:
            self._figure.draw_artist(artist)
        self._canvas.blit(self._figure.bbox)

    # --- Events ---

    def _place(self, event: Any) -> tuple[float, float]:
        """The mouse's place in the pad's pixels; it may lie outside the pad."""
        x, y = self.pad_axes.transData.inverted().transform((event.x, event.y))
        return float(x), float(y)

    def _press(self, event: Any) -> None:
        if event.inaxes is self.pad_axes and event.button == MouseButton.LEFT:
            self.pad.begin(*self._place(event))
            self.update()

    def _move(self, event: Any) -> None:
        if self.pad.down:
            self.pad.extend(*self._place(event))
            self.update()

    def _release(self, event: Any) -> None:
        if event.button == MouseButton.LEFT:
            self.pad.end()

    def _key(self, event: Any) -> None:
        if event.key in ("c", "C"):
            self.clear()
        elif event.key in ("u", "U"):
            self.undo()

    def _resized(self, event: Any) -> None:
        """Scale the letters with the window."""
        factor = float(np.divide(self._figure.get_size_inches(), FIGURE_SIZE).min())
        for text, size in self._letters:
            text.set_fontsize(size * factor)

    def _drawn(self, event: Any) -> None:
        """Keep the still picture if the canvas can, and draw the changing parts over it."""
        if self._canvas.supports_blit and not self._canvas.is_saving():
            self._still = self._canvas.copy_from_bbox(self._figure.bbox)
        for artist in self._changing:
            artist.draw(event.renderer)

    # --- Drawing the figure, once ---

    def _axes(self, place: tuple[float, float, float, float]) -> Axes:
        (left, bottom, width, height), (across, up) = place, FIGURE_SIZE
        return self._figure.add_axes((left / across, bottom / up, width / across, height / up))

    def _draw_pad(self) -> AxesImage:
        self.pad_axes = axes = self._axes(_PAD)
        size = len(self.pad.image)
        ink = axes.imshow(self.pad.image, cmap="gray_r", vmin=0, vmax=1, extent=(0, size, size, 0))
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(visible=True, color=PAPER, linewidth=1.5)
        axes.set_title("Draw a digit here", **_BOLD)
        return ink

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
        axes.set_title("answer", **_BOLD)
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
        axes.set_title("penalties", **_BOLD)
        axes.set_ylim(paper.CLASSES - 0.5, -0.5)
        bars = axes.barh(range(paper.CLASSES), np.zeros(paper.CLASSES), height=0.75)
        values = []
        for digit in range(paper.CLASSES):
            values.append(axes.text(0, digit, "", fontsize=12, va="center_baseline"))
            left = axes.get_yaxis_transform()
            axes.text(-0.03, digit, str(digit), ha="right", va="center_baseline", transform=left)
        return list(bars), values

    def _draw_button(self, name: str, action: Callable[[], None]) -> Button:
        button = Button(self._axes(BUTTONS[name]), f"{name}  (press {name[0]})")
        button.ax.spines[:].set_visible(False)
        button.on_clicked(lambda _: action())
        return button


def open_window(network: LeNet5, reject_below: float | None, title: str) -> None:
    """Open the window and wait until it is closed.

    Args:
        network: reads the pad.
        reject_below: as `pad.reading` takes it.
        title: of the window.

    Raises:
        InputError: no window can be opened here.
    """
    import matplotlib.pyplot as plt  # only here: pyplot chooses a window system

    with matplotlib.rc_context(_WINDOW):
        try:
            figure = plt.figure(num=title, figsize=FIGURE_SIZE, dpi=DPI)
            if figure.canvas.required_interactive_framework is None:
                plt.close(figure)
                raise RuntimeError(f"matplotlib's backend is {plt.get_backend()}")
        except Exception as error:  # every window system fails in its own way
            reason = " ".join(str(error).split())
            raise InputError(
                f"no window can be opened: no display, or no toolkit such as Tk or Qt ({reason}): "
                "draw the digit in any program, save it as PNG, and give it to the command predict"
            ) from None
        _board = Board(figure, network, reject_below)  # a reference, or its events are lost
        plt.show(block=True)
