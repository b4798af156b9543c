"""Drawing a string of digits: a wide pad, how it is read, and the window's figure."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colors
from matplotlib.backend_bases import KeyEvent, MouseEvent, ResizeEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import reproduce
from lenet1998 import InputError, paper
from lenet1998.data.patterns import scale_levels
from lenet1998.figures.style import OURS, SECOND
from lenet1998.handwriting import board, string_window
from lenet1998.handwriting.pad import PEN, Pad, Point
from lenet1998.handwriting.preparation import prepare_line
from lenet1998.handwriting.string_window import (
    FIGURE_SIZE,
    HEIGHT,
    WIDTH,
    StringBoard,
    StringReading,
    string_reading,
)
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.weights import STRINGS
from lenet1998.strings.reading import read_string

Stroke = list[Point]
STROKES: dict[str, list[Stroke]] = {  # in a square of 200 pixels
    "1": [[(100, 20), (100, 180)]],
    "4": [[(120, 20), (60, 120), (150, 120)], [(120, 75), (120, 185)]],
    "7": [[(60, 30), (150, 30), (95, 185)]],
}


def strokes_of(text: str, left: float = 40, step: float = 150) -> list[Stroke]:
    return [
        [(x + left + step * k, y + 20) for x, y in stroke]
        for k, digit in enumerate(text)
        for stroke in STROKES[digit]
    ]


def drawn(text: str) -> Pad:
    pad = Pad(HEIGHT, string_window.PEN, WIDTH)
    for stroke in strokes_of(text):
        pad.draw(stroke)
    return pad


@pytest.fixture(scope="module")
def network() -> LeNet5:
    return LeNet5.pretrained(STRINGS)


# --- The wide pad and what is read of it ---------------------------------------------------------


def test_a_pad_that_is_wider_than_high() -> None:
    """Its left part is a square pad's drawing; the rest is drawn like it."""
    stroke = [(20.0, 5.0), (30.0, 38.0), (130.0, 20.0)]
    wide, square = Pad(40, 6, width=150), Pad(150, 6)
    for pad in (wide, square):
        pad.draw(stroke)
    assert wide.image.shape == (40, 150) and wide.image[:, 100:].max() == 1
    assert np.array_equal(wide.image, square.image[:40])
    wide.undo()
    assert not wide.image.any()
    assert Pad(40).image.shape == (40, 40) and Pad().pen == PEN
    with pytest.raises(InputError, match="a pad of 0 x 40 pixels"):
        Pad(40, 5, width=0)


@pytest.mark.parametrize("text", ["7", "47", "4747", "71414"])
def test_strings_made_of_strokes_are_read(text: str, network: LeNet5) -> None:
    found = string_reading(network, drawn(text), 0.5)
    assert found is not None
    assert found.reading.text == text and not found.rejected


def test_the_reading_is_that_of_the_picture(network: LeNet5) -> None:
    pad = drawn("4747")
    found = string_reading(network, pad, 0.9)
    assert found is not None
    x = scale_levels(prepare_line(1 - np.pad(pad.image, 1)))  # dark on light
    assert found.x == pytest.approx(x, abs=0.02)
    again = read_string(network, found.x)
    assert found.reading.penalties == pytest.approx(again.penalties, abs=1e-3)
    assert found.f6.shape == (len(again.penalties), paper.F6_UNITS)
    codes = network.layers[-1]
    distances = ((found.f6[:, None] - codes.codes) ** 2).sum(axis=2)  # type: ignore[attr-defined]
    assert distances == pytest.approx(found.reading.penalties, rel=1e-3, abs=1e-2)


def test_no_line_is_no_error(network: LeNet5) -> None:
    assert string_reading(network, Pad(HEIGHT, 9, WIDTH), 0.9) is None
    dash = Pad(HEIGHT, 3, WIDTH)
    dash.draw([(50, 100), (500, 100)])
    assert string_reading(network, dash, 0.9) is None


# --- The figure and its events -------------------------------------------------------------------


class Hand:
    """A board on an Agg canvas, and a mouse and a keyboard made up."""

    def __init__(self, network: LeNet5, reject_below: float = 0.9) -> None:
        self.figure = Figure(figsize=FIGURE_SIZE, dpi=board.DPI)
        self.canvas = FigureCanvasAgg(self.figure)
        self.board = StringBoard(self.figure, network, reject_below)
        self.canvas.draw()

    def at(self, name: str, place: Point) -> None:
        across, up = self.board.pad_axes.transData.transform(place)
        self.canvas.callbacks.process(name, MouseEvent(name, self.canvas, across, up, 1))

    def draw(self, text: str) -> None:
        for stroke in strokes_of(text):
            self.at("button_press_event", stroke[0])
            for point in stroke[1:]:
                self.at("motion_notify_event", point)
            self.at("button_release_event", stroke[-1])

    def key(self, key: str) -> None:
        self.canvas.callbacks.process(
            "key_press_event", KeyEvent("key_press_event", self.canvas, key)
        )

    def picture(self) -> np.ndarray:
        return np.array(self.canvas.buffer_rgba())

    def labels(self) -> list[str]:
        return [text.get_text() for text in self.board.labels if text.get_text()]


@pytest.fixture
def hand(network: LeNet5) -> Hand:
    return Hand(network)


def test_a_string_is_drawn_with_the_mouse(hand: Hand) -> None:
    blank = hand.picture()
    hand.draw("4747")
    found = hand.board.reading
    assert isinstance(found, StringReading) and found.reading.text == "4747"
    answer, verdict = hand.board.words
    assert answer.get_text() == "4747" and colors.to_rgba(answer.get_color()) == colors.to_rgba(
        OURS
    )
    assert verdict.get_text().startswith("not rejected, probability 0.9") or (
        verdict.get_text() == "not rejected, probability 1.000"
    )
    assert hand.labels() == list("4747")
    places = [text.get_position()[0] for text in hand.board.labels[:4]]
    assert places == sorted(places)
    assert np.array_equal(hand.board.field.get_array(), found.x)
    codes = np.asarray(hand.board.codes.get_array())
    assert codes.shape == (12, 8 * len(found.f6))
    assert np.array_equal(codes[:, 8:15], found.f6[1].reshape(12, 7))
    by_parts = hand.picture()
    assert (by_parts != blank).any()
    hand.canvas.draw()
    assert np.array_equal(hand.picture(), by_parts)
    hand.key("u")
    hand.key("u")
    assert hand.board.reading is not None and len(hand.board.pad.strokes) == 4
    hand.key("c")
    hand.canvas.draw()
    assert np.array_equal(hand.picture(), blank) and hand.labels() == []


def test_a_doubtful_string_is_rejected_in_another_colour(network: LeNet5) -> None:
    hand = Hand(network, reject_below=1.0)
    hand.draw("47")
    answer, verdict = hand.board.words
    assert verdict.get_text().startswith("rejected, probability")
    assert colors.to_rgba(answer.get_color()) == colors.to_rgba(SECOND)


def test_what_is_no_line_of_digits(hand: Hand) -> None:
    assert [text.get_text() for text in hand.board.words] == ["–", "nothing drawn"]
    hand.board.pad.pen = 3.0
    for name, place in (("button_press_event", (50, 100)), ("motion_notify_event", (700, 100))):
        hand.at(name, place)
    assert hand.board.reading is None and hand.labels() == []
    assert [text.get_text() for text in hand.board.words] == ["–", "no line of digits"]
    assert not hand.board.field.get_visible()


def test_more_digits_than_labels(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand.board, "labels", hand.board.labels[:2])
    hand.draw("4747")
    assert hand.labels() == ["4", "7"]


@pytest.mark.parametrize("factor", [1.0, 0.6, 1.5])
@pytest.mark.parametrize("text", ["", "4747"])
def test_no_words_lie_over_others(hand: Hand, text: str, factor: float) -> None:
    """In the window as it opens, and made smaller or larger."""
    hand.figure.set_size_inches(factor * FIGURE_SIZE[0], factor * FIGURE_SIZE[1])
    hand.canvas.callbacks.process("resize_event", ResizeEvent("resize_event", hand.canvas))
    hand.draw(text)
    hand.canvas.draw()
    shown = [one for one in hand.figure.findobj(Text) if one.get_text()]
    boxes = {f"{i} {one.get_text()}": one.get_window_extent() for i, one in enumerate(shown)}
    for words, box in boxes.items():
        assert box.x0 >= 0 and box.y0 >= 0, words
        assert box.x1 <= hand.figure.bbox.x1 and box.y1 <= hand.figure.bbox.y1, words
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
        assert apart, f"{one!r} lies over {other!r}"


# --- The command -------------------------------------------------------------------------------


def test_the_window(pyplot, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    seen = {}

    def show(block: bool) -> None:
        figure = pyplot.gcf()
        seen.update(block=block, title=figure.get_label(), size=tuple(figure.get_size_inches()))

    monkeypatch.setattr(FigureCanvasAgg, "required_interactive_framework", "none")
    monkeypatch.setattr(pyplot, "show", show)
    assert reproduce.main(["draw", "--string"]) == 0
    assert seen == {"block": True, "title": "LeNet-5, weights strings", "size": FIGURE_SIZE}


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "give it to the command predict --string"),
        (["--weights", "1998"], "--weights 1998: a network for single digits, with 10 classes"),
        (["--reject-below", "3"], "with --string, give a probability up to 1"),
    ],
)
def test_what_ends_in_one_line(flags: list[str], says: str, pyplot, capsys, tmp_path: Path,
                               monkeypatch) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert reproduce.main(["draw", "--string", *flags]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and says in error and pyplot.get_fignums() == []
