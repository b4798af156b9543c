"""A window with a wide pad to draw a string of digits on, and how section VII reads it, live."""

from collections.abc import Sequence
from dataclasses import dataclass

from .. import canvas as canvas  # before any import of matplotlib

# isort: split
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.text import Text

from .. import paper
from ..arrays import Array
from ..data.patterns import scale_levels
from ..figures.states import Block, draw_block
from ..figures.style import OTHERS, OURS, PAPER, SECOND
from ..files import InputError
from ..network.lenet5 import LeNet5
from ..strings.columns import centre, column_count, wide_states
from ..strings.reading import Reading, decode, is_rejected
from .board import BOLD, Board, open_window
from .pad import Pad
from .preparation import LEAST_CONTRAST, prepare_line

HEIGHT, WIDTH = 240, 1000  # of the pad, pixels
PEN = 17.0  # pixels; like MNIST's strokes when a digit fills two thirds of the pad's height
FIGURE_SIZE = (13.4, 6.5)  # inches
_PAD = (0.3, 3.05, 12.8, 3.07)
BUTTONS = {"clear": (0.3, 2.35, 2.05, 0.46), "undo": (2.5, 2.35, 2.05, 0.46)}
_WORDS = (4.75, 2.3, 8.35, 0.6)
_FIELD = (0.3, 0.65, 6.6, 1.3)  # of the line as the network takes it
_CODES = (7.1, 0.65, 6.0, 1.3)  # of F6
_STEP = 64  # pixels: fields are filled up to a multiple, so that few widths need buffers
_MOST_LABELS = 40
_LABEL_ROOM = 8.0  # pixels of the field above it, for the labels


@dataclass(frozen=True)
class StringReading:
    """A network's answer to a pad with a string.

    Attributes:
        x: the drawing as the network takes it, (32, width), -0.1 to 1.175.
        f6: F6 of every column of outputs, (columns, 84).
        reading: the string, its penalties and its path.
        rejected: whether it is doubtful.
    """

    x: Array
    f6: Array
    reading: Reading
    rejected: bool


def string_reading(network: LeNet5, pad: Pad, reject_below: float) -> StringReading | None:
    """The network's answer to the pad; None while there is nothing like a line of digits.

    Args:
        network: one that learned strings.
        pad: with any drawing.
        reject_below: probability of a string below which it is rejected.
    """
    if pad.image.max() < LEAST_CONTRAST:
        return None
    try:
        # A border of paper: its most frequent shade is taken for the background.
        x = scale_levels(prepare_line(np.pad(pad.image, 1)), network.dtype)
    except InputError:  # a dash, for instance: too flat for a line of digits
        return None
    columns = column_count(x.shape[1])
    more = -(x.shape[1] - paper.INPUT_SIZE) % _STEP
    filled = np.pad(x, ((0, 0), (0, more)), constant_values=paper.BACKGROUND)
    states = wide_states(network, filled[None, ..., None])
    f6, penalties = (states[name].reshape(-1, states[name].shape[-1])[:columns]
                     for name in ("F6", "OUTPUT"))  # fmt: skip
    reading = decode(penalties)
    return StringReading(x, f6, reading, is_rejected(reading, reject_below))


class StringBoard(Board):
    """A pad for a string, the line as the network takes it, F6 of its columns, and the answer.

    Args:
        figure: as in `Board`.
        network, reject_below: as `string_reading` takes them.

    Attributes:
        reading: the network's answer; None while there is none.
        field, codes: the images of the line, and of F6 with a bitmap for each column.
        labels: the texts over the line, one for each digit that is read.
        words: the texts of the answer and of the verdict.
    """

    SIZE, PAD, BUTTONS = FIGURE_SIZE, _PAD, BUTTONS
    TITLE = "Draw digits here, from left to right; they may touch"
    NOTE = (
        "F6: white is -1 or less, black +1 or more; a bitmap for every fourth pixel of the line.  "
        "An empty one says: no digit here."
    )

    def __init__(self, figure: Figure, network: LeNet5, reject_below: float) -> None:
        self._network, self._reject_below = network, reject_below
        super().__init__(figure, Pad(HEIGHT, PEN, WIDTH))

    def _draw_parts(self) -> Sequence[Artist]:
        words = self._axes(_WORDS)
        words.set_axis_off()
        words.set(xticks=[], yticks=[])
        answer = words.text(0.0, 0.5, "", fontsize=34, fontweight="bold", va="center")
        verdict = words.text(1.0, 0.5, "", fontsize=14, ha="right", va="center")
        self.words = [answer, verdict]
        axes = self._axes(_FIELD)
        axes.set_title("the line, 32 rows", loc="left", **BOLD)
        field = Block(np.zeros((1, 1)), paper.BACKGROUND, paper.FOREGROUND)
        self.field = draw_block(axes, field, (0, 1, 1, 0))
        self.labels: list[Text] = [
            axes.text(0, 0, "", color=OURS, ha="center", va="bottom", **BOLD)
            for _ in range(_MOST_LABELS)
        ]
        codes = self._axes(_CODES)
        codes.set_title("F6 of its columns", loc="left", **BOLD)
        self.codes = draw_block(codes, Block(np.zeros((1, 1))), (0, 1, 1, 0))
        for one, place in ((axes, _FIELD), (codes, _CODES)):
            one.set_axis_off()
            one.set_aspect("auto")
            one.set(xlim=(0, place[2]), ylim=(place[3], 0), xticks=[], yticks=[])  # inches
        return [self.field, self.codes, *self.labels, *self.words]

    def _read(self) -> None:
        self.reading = result = string_reading(self._network, self.pad, self._reject_below)
        for image in (self.field, self.codes):
            image.set_visible(result is not None)
        for label in self.labels:
            label.set_text("")
        answer, verdict = self.words
        if result is None:
            drawn = bool(self.pad.strokes)
            answer.set_text("–")
            verdict.set_text("no line of digits" if drawn else "nothing drawn")
            answer.set_color(OTHERS)
            verdict.set_color(OTHERS)
            return
        reading = result.reading
        answer.set_text(reading.text or "–")
        answer.set_color(SECOND if result.rejected else OURS)
        verdict.set_text(
            f"{'rejected' if result.rejected else 'not rejected'}, "
            f"probability {reading.confidence:.3f}"
        )
        verdict.set_color(SECOND if result.rejected else PAPER)
        self._show_field(result)
        self._show_codes(result.f6)

    def _show_field(self, result: StringReading) -> None:
        """Show the line as large as its axes allow, with its digits above it."""
        rows, columns = result.x.shape
        inch = min(_FIELD[2] / columns, _FIELD[3] / (rows + _LABEL_ROOM))  # of a pixel
        top = _LABEL_ROOM * inch
        self.field.set_data(result.x)
        self.field.set_extent((0, columns * inch, top + rows * inch, top))
        for label, one in zip(self.labels, result.reading.characters, strict=False):
            label.set_text(str(one.digit))
            label.set_position((centre((one.first + one.last) / 2) * inch, 0.95 * top))

    def _show_codes(self, f6: Array) -> None:
        """Show F6 of every column as a bitmap, side by side."""
        bitmaps = f6.reshape(-1, paper.CODE_HEIGHT, paper.CODE_WIDTH)
        bitmaps = np.pad(bitmaps, ((0, 0), (0, 0), (0, 1)), constant_values=-1)
        pixels = np.concatenate(list(bitmaps), axis=1)
        inch = min(_CODES[2] / pixels.shape[1], _CODES[3] / pixels.shape[0])
        self.codes.set_data(pixels)
        self.codes.set_extent((0, pixels.shape[1] * inch, pixels.shape[0] * inch, 0))


def open_string_window(network: LeNet5, reject_below: float, title: str) -> None:
    """Open the window and wait until it is closed.

    Args:
        network, reject_below: as `string_reading` takes them.
        title: of the window.

    Raises:
        InputError: no window can be opened here.
    """
    open_window(
        lambda figure: StringBoard(figure, network, reject_below),
        FIGURE_SIZE, title, "predict --string",
    )  # fmt: skip
