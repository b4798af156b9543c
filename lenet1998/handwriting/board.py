"""A window to draw on: a pad, its buttons and keys, and parts that change with every movement.

`Board` works on any Figure and reacts to its events; only `open_window` needs a display.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from ..canvas import matplotlib

# isort: split
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseButton
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text
from matplotlib.widgets import Button

from ..figures.style import PAPER, STYLE
from ..files import InputError
from .pad import Pad

DPI = 96
Place = tuple[float, float, float, float]  # left, bottom, width, height in inches
BOLD: Any = {"fontsize": 15, "fontweight": "bold"}
# No toolbar, whose zoom would take the mouse, and none of matplotlib's keys that change axes.
_WINDOW: Any = {
    "toolbar": "None",
    "keymap.grid": [],
    "keymap.grid_minor": [],
    "keymap.xscale": [],
    "keymap.yscale": [],
}


class Board(ABC):
    """A pad to draw on with the mouse, beside what a network makes of it.

    The left mouse button draws.  The keys c and u, and two buttons, clear the pad and undo the last
    stroke.  A subclass draws the rest of the figure and updates it.

    Args:
        figure: an empty figure of `SIZE`; its canvas gives the events.
        pad: an empty pad.

    Attributes:
        pad: the drawing.
        pad_axes: the axes to draw in, in pixels of the pad.
    """

    SIZE: tuple[float, float]  # of the figure, inches
    PAD: Place
    BUTTONS: dict[str, Place]  # clear, undo
    TITLE: str  # of the pad
    NOTE: str  # below everything

    def __init__(self, figure: Figure, pad: Pad) -> None:
        self.pad = pad
        self._canvas: Any = figure.canvas
        self._figure = figure
        self._still: Any = None  # the picture without the parts that change
        with matplotlib.rc_context(STYLE):
            self._ink = self._draw_pad()
            changing = self._draw_parts()
            self._buttons = (  # kept, because a button without a reference does nothing
                self._draw_button("clear", self.clear),
                self._draw_button("undo", self.undo),
            )
            figure.text(0.5, 0.035, self.NOTE, ha="center")
        self._changing: list[Artist] = [self._ink, *changing]
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

    # --- Of each window ---

    @abstractmethod
    def _draw_parts(self) -> Sequence[Artist]:
        """Draw everything except the pad and the buttons; return the parts that change."""

    @abstractmethod
    def _read(self) -> None:
        """Read the pad, and set the parts that change."""

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
        self._ink.set_data(self.pad.image)
        self._read()
        self._show()

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
        factor = float(np.divide(self._figure.get_size_inches(), self.SIZE).min())
        for text, size in self._letters:
            text.set_fontsize(size * factor)

    def _drawn(self, event: Any) -> None:
        """Keep the still picture if the canvas can, and draw the changing parts over it."""
        if self._canvas.supports_blit and not self._canvas.is_saving():
            self._still = self._canvas.copy_from_bbox(self._figure.bbox)
        for artist in self._changing:
            artist.draw(event.renderer)

    # --- Drawing the figure, once ---

    def _axes(self, place: Place) -> Axes:
        (left, bottom, width, height), (across, up) = place, self.SIZE
        return self._figure.add_axes((left / across, bottom / up, width / across, height / up))

    def _draw_pad(self) -> AxesImage:
        self.pad_axes = axes = self._axes(self.PAD)
        height, width = self.pad.image.shape
        ink = axes.imshow(
            self.pad.image, cmap="gray_r", vmin=0, vmax=1, extent=(0, width, height, 0)
        )
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(visible=True, color=PAPER, linewidth=1.5)
        axes.set_title(self.TITLE, **BOLD)
        return ink

    def _draw_button(self, name: str, action: Callable[[], None]) -> Button:
        button = Button(self._axes(self.BUTTONS[name]), f"{name}  (press {name[0]})")
        button.ax.spines[:].set_visible(False)
        button.on_clicked(lambda _: action())
        return button


def open_window(
    make: Callable[[Figure], Board], size: tuple[float, float], title: str, command: str
) -> None:
    """Open a window with a board and wait until it is closed.

    Args:
        make: makes the board on a figure.
        size: of the figure, inches.
        title: of the window.
        command: that reads pictures of such drawings, for the error message.

    Raises:
        InputError: no window can be opened here.
    """
    import matplotlib.pyplot as plt  # only here: pyplot chooses a window system

    with matplotlib.rc_context(_WINDOW):
        try:
            figure = plt.figure(num=title, figsize=size, dpi=DPI)
            if figure.canvas.required_interactive_framework is None:
                plt.close(figure)
                raise RuntimeError(f"matplotlib's backend is {plt.get_backend()}")
        except Exception as error:  # every window system fails in its own way
            reason = " ".join(str(error).split())
            raise InputError(
                f"no window can be opened: no display, or no toolkit such as Tk or Qt ({reason}): "
                f"draw in any program, save it as PNG, and give it to the command {command}"
            ) from None
        _board = make(figure)  # a reference, or its events are lost
        plt.show(block=True)
