"""Drawing a digit: the pen's ink, what is read of it, and the window's figure without a window."""

import gc
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colors
from matplotlib.backend_bases import KeyEvent, MouseEvent, ResizeEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import reproduce
from lenet1998 import InputError, LeNet5, paper
from lenet1998.figures.states import blocks
from lenet1998.figures.style import OURS, SECOND
from lenet1998.handwriting import window
from lenet1998.handwriting.board import DPI
from lenet1998.handwriting.pad import PEN, SIZE, Pad, Point, reading
from lenet1998.handwriting.preparation import prepare
from lenet1998.handwriting.window import FIGURE_SIZE, DigitBoard
from lenet1998.network.weights import PRETRAINED, rejection_margin

Array = np.ndarray[Any, Any]
Stroke = list[Point]


def arc(x: float, y: float, width: float, height: float, start: float, stop: float) -> Stroke:
    """A part of an ellipse about (x, y), from one angle to another, clockwise from the right."""
    angles = np.radians(np.linspace(start, stop, 16))
    across, down = x + width / 2 * np.cos(angles), y + height / 2 * np.sin(angles)
    return list(zip(across.tolist(), down.tolist(), strict=True))


def four(open_by: float) -> list[Stroke]:
    """A 4 whose two upright strokes stand apart at the top; closed it is a 9."""
    left = [(130 - open_by / 2, 60.0), (95.0, 140.0), (190.0, 140.0)]
    return [left, [(120 + open_by, 60), (185, 60), (175, 235)]]


DIGITS: dict[int, list[Stroke]] = {
    0: [arc(140, 140, 110, 170, -90, 270)],
    1: [[(140, 50), (140, 230)]],
    2: [[*arc(140, 100, 100, 100, -160, 40), (90, 225), (200, 225)]],
    3: [[*arc(132, 95, 90, 84, -150, 80), *arc(132, 185, 110, 100, -80, 150)]],
    4: [[(160, 50), (80, 160), (210, 160)], [(165, 110), (165, 235)]],
    7: [[(80, 60), (200, 60), (120, 230)]],
}


def margin_of(weights: str) -> float:
    margin = rejection_margin(weights)
    assert margin is not None
    return margin


def drawn(strokes: Sequence[Stroke], **arguments: Any) -> Pad:
    pad = Pad(**arguments)
    for stroke in strokes:
        pad.draw(stroke)
    return pad


@pytest.fixture(scope="module")
def network() -> LeNet5:
    return LeNet5.pretrained("distortions")


# --- The pen -----------------------------------------------------------------------------------


def test_the_ink_of_a_stroke_against_a_plain_loop() -> None:
    """Each pixel's distance from the nearest of many points along the stroke."""
    stroke = [(5.5, 8.0), (20.0, 11.3), (13.0, 27.0)]
    pad = drawn([stroke], size=32, pen=7.0)
    along = [np.linspace(a, b, 2001) for a, b in pairwise(stroke)]
    points = np.concatenate(along)
    for row in range(32):
        for column in range(32):
            centre = column + 0.5, row + 0.5
            distance = np.hypot(*(points - centre).T).min()
            expected = min(max(7.0 / 2 + 0.5 - distance, 0.0), 1.0)
            assert pad.image[row, column] == pytest.approx(expected, abs=1e-3)


def test_a_click_is_a_dot() -> None:
    pad = drawn([[(20.0, 12.5)]], size=40, pen=9.0)
    assert pad.image.sum() == pytest.approx(np.pi * 4.5**2, rel=0.01)
    places = np.arange(40) + 0.5
    assert pad.image.sum(axis=0) @ places / pad.image.sum() == pytest.approx(20.0)
    assert pad.image.sum(axis=1) @ places / pad.image.sum() == pytest.approx(12.5)
    assert np.array_equal(drawn([[(20.0, 12.5)] * 3], size=40, pen=9.0).image, pad.image)


@pytest.mark.parametrize("pen", [1.0, 4.5, 20.0])
def test_a_stroke_is_as_wide_as_the_pen(pen: float) -> None:
    pad = drawn([[(-50.0, 30.2), (90.0, 30.2)]], size=60, pen=pen)
    assert pad.image.sum(axis=0) == pytest.approx(np.full(60, pen))


points = st.tuples(*[st.integers(-60, 100)] * 2)


@settings(deadline=None, max_examples=30)
@given(st.lists(points, min_size=1, max_size=6))
def test_outside_the_pad_the_pen_leaves_nothing(stroke: Stroke) -> None:
    """A stroke that leaves and comes back is the part of it that a larger pad shows there."""
    small = drawn([stroke], size=40, pen=8)
    large = drawn([[(x + 100, y + 100) for x, y in stroke]], size=240, pen=8)
    assert small.image == pytest.approx(large.image[100:140, 100:140], abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(points, min_size=1, max_size=4), min_size=1, max_size=5), st.booleans())
def test_undo_restores_every_earlier_pad_to_the_bit(strokes: list[Stroke], up: bool) -> None:
    pad, earlier = Pad(40, 5), []
    for stroke in strokes:
        earlier.append((pad.image.copy(), [list(stroke) for stroke in pad.strokes]))
        pad.draw(stroke)
    if not up:  # the last stroke is taken back while it is drawn
        pad.undo()
        pad.begin(*strokes[-1][0])
        pad.extend(3, 4)
    for image, kept in reversed(earlier):
        pad.undo()
        pad.extend(20, 20)  # the pen is up
        assert np.array_equal(pad.image, image) and pad.strokes == kept
    pad.undo()
    assert pad.strokes == [] and not pad.image.any()


def test_clear_restores_the_empty_pad_to_the_bit() -> None:
    pad = drawn(DIGITS[3])
    pad.begin(10, 10)
    pad.clear()
    pad.extend(200, 200)
    assert np.array_equal(pad.image, Pad().image) and pad.strokes == []
    for stroke in DIGITS[3]:
        pad.draw(stroke)
    assert np.array_equal(pad.image, drawn(DIGITS[3]).image)


def test_what_is_no_pad_and_no_point() -> None:
    for size, pen in ((0, 5.0), (-3, 5.0), (28, 0.0), (28, float("nan")), (28, float("inf"))):
        with pytest.raises(InputError, match="give numbers above 0"):
            Pad(size, pen)
    pad = Pad()
    with pytest.raises(InputError, match="points are finite numbers"):
        pad.begin(float("nan"), 3.0)
    assert pad.strokes == [] and not pad.down
    pad.draw([])
    assert pad.strokes == []


# --- What is read ------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", PRETRAINED)
@pytest.mark.parametrize("scale", [0.5, 0.75, 1.2])
def test_digits_made_of_strokes_are_read(weights: str, scale: float) -> None:
    """Of any size and anywhere on the pad, and none is rejected."""
    reader = LeNet5.pretrained(weights)
    for digit, strokes in DIGITS.items():
        placed = [[(x * scale + 10, y * scale - 8) for x, y in stroke] for stroke in strokes]
        found = reading(reader, drawn(placed), margin_of(weights))
        assert found is not None
        assert found.answer.answer == digit and not found.answer.rejected


def test_a_four_that_is_closed_becomes_a_nine_and_is_rejected_between(network: LeNet5) -> None:
    found = [reading(network, drawn(four(gap)), margin_of("distortions")) for gap in range(60)]
    answers = [one.answer for one in found if one is not None]
    assert answers[0].answer != answers[-1].answer
    assert {answers[0].answer, answers[-1].answer} == {4, 9}
    assert any(one.rejected for one in answers)
    assert not answers[0].rejected and not answers[-1].rejected


def test_the_reading_is_that_of_the_picture(network: LeNet5) -> None:
    pad = drawn(DIGITS[7])
    found = reading(network, pad, 5.0)
    assert found is not None
    expected = prepare(np.pad(1 - pad.image, 40, constant_values=1))  # saved, dark on light
    assert np.abs(found.image.astype(int) - expected).max() <= 1  # of rounding
    again = network.states(found.image)
    assert found.states.keys() == again.keys() == paper.LAYERS.keys()
    assert all(np.array_equal(found.states[name], again[name]) for name in again)
    assert np.array_equal(found.penalties, network.penalties(found.image)[0])
    order = np.sort(found.penalties)
    assert found.answer.margin == pytest.approx(order[1] - order[0], rel=1e-5)


def test_no_ink_is_no_error(network: LeNet5) -> None:
    assert reading(network, Pad(), 5.0) is None
    assert reading(network, drawn([[(-300, -20), (500, -30)]]), 5.0) is None  # all outside
    grazed = drawn([[(140, -9.95)]])  # the pen's edge, too faint for `prepare`
    assert reading(network, grazed, 5.0) is None
    grazed.draw([(140, 40), (140, 200)])
    assert reading(network, grazed, 5.0) is not None


def test_ink_along_the_whole_border_is_still_ink(network: LeNet5) -> None:
    pad = drawn([[(0, 0), (280, 0), (280, 280), (0, 280), (0, 0)]])
    found = reading(network, pad, 5.0)
    assert found is not None
    assert found.image[14, 14] == 0 and found.image[4, 14] > 0 and found.image[14, 23] > 0


# --- The figure and its events -----------------------------------------------------------------


PIXEL = SIZE / (window._PAD[2] * DPI)  # of the canvas in those of the pad: events have whole ones


class Hand:
    """A board on an Agg canvas, and a mouse and a keyboard made up."""

    def __init__(self, network: LeNet5, reject_below: float = 4.8) -> None:
        self.figure = Figure(figsize=FIGURE_SIZE, dpi=DPI)
        self.canvas = FigureCanvasAgg(self.figure)
        self.board = DigitBoard(self.figure, network, reject_below)

    def process(self, name: str, event: Any) -> None:
        self.canvas.callbacks.process(name, event)

    def at(self, name: str, x: float, y: float, button: int = 1) -> None:
        """A mouse event at pixels of the pad."""
        across, up = self.board.pad_axes.transData.transform((x, y))
        self.process(name, MouseEvent(name, self.canvas, across, up, button))

    def draw(self, stroke: Stroke, button: int = 1) -> None:
        self.at("button_press_event", *stroke[0], button)
        for point in stroke[1:]:
            self.at("motion_notify_event", *point)
        self.at("button_release_event", *stroke[-1], button)

    def key(self, key: str | None) -> None:
        self.process("key_press_event", KeyEvent("key_press_event", self.canvas, key))

    def click_button(self, name: str) -> None:
        left, bottom, width, height = window.BUTTONS[name]
        for event in ("button_press_event", "button_release_event"):
            x, y = (left + width / 2) * self.figure.dpi, (bottom + height / 2) * self.figure.dpi
            self.process(event, MouseEvent(event, self.canvas, x, y, 1))

    def picture(self) -> Array:
        return np.array(self.canvas.buffer_rgba())

    def words(self) -> dict[str, Text]:
        """The texts that are to be seen."""
        texts = list(self.figure.texts)
        for axes in self.figure.axes:
            texts += [axes.title, *axes.texts]
        return {text.get_text(): text for text in texts if text.get_text()}


@pytest.fixture
def hand(network: LeNet5) -> Hand:
    return Hand(network)


def test_a_digit_is_drawn_with_the_mouse(hand: Hand) -> None:
    blank = hand.picture()
    (stroke,) = DIGITS[3]
    hand.draw(stroke)
    board = hand.board
    assert len(board.pad.strokes) == 1
    assert np.array(board.pad.strokes[0]) == pytest.approx(np.array(stroke), abs=PIXEL)
    found = board.reading
    assert found is not None and found.answer.answer == 3
    assert (hand.picture() != blank).any()
    # Every picture shows its state.
    for name, block in blocks(found.states).items():
        shown = board.states[name].get_array()
        assert board.states[name].get_visible()
        assert np.array_equal(np.ma.filled(shown, np.nan), block.pixels, equal_nan=True)
    assert np.array_equal(board.states[window.PREPARED].get_array(), found.image)
    # The penalties, and the answer in their colour.
    widths = [bar.get_width() for bar in board.bars]
    assert widths == pytest.approx(found.penalties.tolist())
    assert [value.get_text() for value in board.values] == [f"{p:.1f}" for p in found.penalties]
    blue = colors.to_rgba(OURS)
    assert [bar.get_facecolor() == blue for bar in board.bars] == [d == 3 for d in range(10)]
    assert [text.get_text() for text in board.words] == [
        "3",
        "not rejected",
        f"margin {found.answer.margin:.1f}",
    ]
    assert colors.to_rgba(board.words[0].get_color()) == blue


def test_a_doubtful_answer_is_rejected_in_another_colour(network: LeNet5) -> None:
    hand = Hand(network, reject_below=500.0)
    hand.draw(DIGITS[1][0])
    answer, verdict, _ = hand.board.words
    assert (answer.get_text(), verdict.get_text()) == ("1", "rejected")
    assert colors.to_rgba(answer.get_color()) == colors.to_rgba(SECOND)
    assert hand.board.bars[1].get_facecolor() == colors.to_rgba(SECOND)
    assert "rejected below 500" in hand.words()


def test_what_is_drawn_by_parts_is_what_is_drawn_at_once(hand: Hand) -> None:
    """The picture after every update is to the pixel that of the whole figure drawn anew."""
    hand.draw(DIGITS[4][0])
    hand.draw(DIGITS[4][1])
    by_parts = hand.picture()
    hand.canvas.draw()
    assert np.array_equal(hand.picture(), by_parts)


def test_moving_the_mouse_draws_nothing_whole_and_adds_nothing(hand: Hand) -> None:
    hand.draw([(50, 50), (60, 60)])
    whole, before = [], len(hand.figure.findobj())
    hand.canvas.mpl_connect("draw_event", whole.append)
    hand.draw(DIGITS[0][0])
    assert whole == [] and len(hand.figure.findobj()) == before


def test_a_canvas_that_keeps_no_part_is_drawn_whole(
    network: LeNet5, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.draw(DIGITS[7][0])
    monkeypatch.delattr(FigureCanvasAgg, "copy_from_bbox")
    other = Hand(network)
    other.draw(DIGITS[7][0])
    assert np.array_equal(other.picture(), hand.picture())


@pytest.mark.parametrize("way", ["key", "capital", "button"])
def test_undo_and_clear_restore_pictures_to_the_bit(hand: Hand, way: str) -> None:
    def do(name: str) -> None:
        if way == "button":
            hand.click_button(name)
        else:
            hand.key(name[0] if way == "key" else name[0].upper())

    def now() -> tuple[Array, Array, str]:
        hand.canvas.draw()  # buttons have another colour while the mouse is over them
        return hand.picture(), hand.board.pad.image.copy(), hand.board.words[0].get_text()

    def same(one: tuple[Array, Array, str], other: tuple[Array, Array, str]) -> bool:
        return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))

    found = [now()]
    for stroke in DIGITS[4]:
        hand.draw(stroke)
        found.append(now())
    assert not same(found[0], found[1]) and not same(found[1], found[2])
    do("undo")
    assert same(now(), found[1])
    hand.draw(DIGITS[4][1])
    assert same(now(), found[2])
    do("clear")
    assert same(now(), found[0]) and hand.board.reading is None
    do("undo")  # of nothing
    do("clear")
    assert same(now(), found[0])


def test_an_empty_pad_shows_no_states(hand: Hand) -> None:
    for stroke in ([], [(140, 140), (140, 200)]):
        if stroke:
            hand.draw(stroke)
            assert all(image.get_visible() for image in hand.board.states.values())
            hand.key("c")
        assert not any(image.get_visible() for image in hand.board.states.values())
        assert [text.get_text() for text in hand.board.words] == ["–", "nothing drawn", ""]
        assert {bar.get_width() for bar in hand.board.bars} == {0.0}
        assert {value.get_text() for value in hand.board.values} == {""}


def test_a_stroke_that_leaves_the_pad_and_comes_back(hand: Hand) -> None:
    stroke = [(200.0, 40.0), (330.0, 80.0), (330.0, 180.0), (150.0, 230.0)]
    hand.draw(stroke)
    assert len(hand.board.pad.strokes) == 1
    assert np.array(hand.board.pad.strokes[0]) == pytest.approx(np.array(stroke), abs=PIXEL)
    assert np.array_equal(hand.board.pad.image, drawn(hand.board.pad.strokes).image)
    assert hand.board.pad.image[110:150, 270:].max() == 0  # not joined along the edge


def test_what_draws_nothing(hand: Hand) -> None:
    blank = hand.picture()
    hand.draw([(400, 100), (140, 140)])  # begins outside
    hand.draw([(100, 100), (140, 140)], button=3)
    hand.at("motion_notify_event", 50, 50)
    hand.at("button_release_event", 50, 50)
    for key in ("x", "enter", "ctrl+c", None):
        hand.key(key)
    assert hand.board.pad.strokes == [] and np.array_equal(hand.picture(), blank)


def test_the_right_button_does_not_lift_the_pen(hand: Hand) -> None:
    hand.at("button_press_event", 100, 100)
    hand.at("button_release_event", 100, 100, 3)
    hand.at("motion_notify_event", 150, 150)
    hand.at("button_release_event", 150, 150)
    hand.at("motion_notify_event", 200, 100)
    assert [len(stroke) for stroke in hand.board.pad.strokes] == [2]


def test_a_click_is_a_dot_on_the_board_too(hand: Hand) -> None:
    hand.draw([(140, 140)])
    assert hand.board.reading is not None
    assert hand.board.pad.image.sum() == pytest.approx(np.pi * (PEN / 2) ** 2, rel=0.01)


@pytest.mark.parametrize("digit", [None, 3])
@pytest.mark.parametrize("factor", [1.0, 0.6, 1.5])
def test_no_words_lie_over_others(hand: Hand, digit: int | None, factor: float) -> None:
    """In the window as it opens, and made smaller or larger."""
    hand.figure.set_size_inches(factor * FIGURE_SIZE[0], factor * FIGURE_SIZE[1])
    hand.process("resize_event", ResizeEvent("resize_event", hand.canvas))
    for stroke in DIGITS.get(digit, []):  # type: ignore[call-overload]
        hand.draw(stroke)
    hand.canvas.draw()
    boxes = {words: text.get_window_extent() for words, text in hand.words().items()}
    assert {"C1", "F6", "penalties", "clear  (press c)", "undo  (press u)"} <= boxes.keys()
    for words, box in boxes.items():
        assert box.x0 >= 0 and box.y0 >= 0, words
        assert box.x1 <= hand.figure.bbox.x1 and box.y1 <= hand.figure.bbox.y1, words
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
        assert apart, f"{one!r} lies over {other!r}"


def test_a_network_with_penalties_below_0(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negated sums of a softmax."""
    hand.draw(DIGITS[3][0])
    found = hand.board.reading
    assert found is not None
    for penalties in (np.linspace(-5, 3, 10), np.linspace(-2000, -1000, 10)):
        shown = replace(found, states={**found.states, "OUTPUT": penalties})
        monkeypatch.setattr(window, "reading", lambda *_, shown=shown: shown)
        hand.board.update()
        low, high = hand.board.bars_axes.get_xlim()
        assert low == penalties.min() and high >= max(penalties.max(), 0) and high < 2000
        assert [bar.get_width() for bar in hand.board.bars] == pytest.approx(penalties.tolist())


# --- The window and the command line -------------------------------------------------------------


def lines(error: str) -> int:
    return error.count("\n")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["Agg", "", "svg"])
def test_without_a_display_one_line_says_what_to_do(backend: str, tmp_path: Path) -> None:
    if not backend and sys.platform != "linux":
        pytest.skip("here a window may open")
    without = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
    environment = {name: value for name, value in os.environ.items() if name not in without}
    if backend:
        environment["MPLBACKEND"] = backend
    done = subprocess.run(
        [sys.executable, str(Path(reproduce.__file__).resolve()), "--draw"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert lines(done.stderr) == 1, done.stderr
    assert "no window can be opened" in done.stderr and "the command predict" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_toolkit_that_fails_is_told_in_one_line(pyplot, monkeypatch, capsys) -> None:
    def fails(**arguments: Any) -> None:
        raise RuntimeError("no screen 0\nfound")

    monkeypatch.setattr(pyplot, "figure", fails)
    assert reproduce.main(["--draw"]) == 2
    error = capsys.readouterr().err
    assert lines(error) == 1 and "(no screen 0 found)" in error and "the command predict" in error


def test_no_figure_is_left_open_where_no_window_can_be(pyplot, capsys) -> None:
    assert reproduce.main(["--draw"]) == 2
    assert "backend is agg" in capsys.readouterr().err and pyplot.get_fignums() == []


@pytest.mark.parametrize("weights", [None, "1998", "mine.npz"])
def test_the_window(weights: str | None, pyplot, monkeypatch, tmp_path: Path) -> None:
    """An Agg canvas that says it is a window's: the events reach the board while it is shown."""
    monkeypatch.chdir(tmp_path)
    LeNet5(seed=1).save("mine.npz")
    seen = {}

    def show(block: bool) -> None:
        gc.collect()  # what nobody holds is gone by now
        figure = pyplot.gcf()
        axes = figure.axes[0]
        for name, place in (("button_press_event", (99, 60)), ("motion_notify_event", (99, 200))):
            x, y = axes.transData.transform(place)
            figure.canvas.callbacks.process(name, MouseEvent(name, figure.canvas, x, y, 1))
        words = {text.get_text() for text in figure.findobj(Text)}
        seen.update(block=block, words=words, title=figure.get_label())
        seen["toolbar"] = figure.canvas.toolbar

    monkeypatch.setattr(FigureCanvasAgg, "required_interactive_framework", "none")
    monkeypatch.setattr(pyplot, "show", show)
    flags = [] if weights is None else ["--weights", weights]
    flags += ["--reject-below", "7.5"] if weights == "mine.npz" else []
    assert reproduce.main(["draw", *flags]) == 0
    assert seen["block"] is True and seen["toolbar"] is None
    assert seen["title"] == f"LeNet-5, weights {weights or 'distortions'}"
    below = {None: 4.8, "1998": 11.3, "mine.npz": 7.5}[weights]
    assert f"rejected below {below:g}" in seen["words"] and "nothing drawn" not in seen["words"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--seeds", "2"], "--seeds has no effect with draw; remove it"),
        (["--jobs", "2"], "--jobs has no effect with draw; remove it"),
        (["--passes", "3"], "--passes has no effect with draw; remove it"),
        (["--variant", "modern"], "--variant has no effect with draw; remove it"),
        (["--states", "a.png"], "--states has no effect with draw; remove it"),
        (["--data", "."], "--data has no effect with draw; remove it"),
        (["--out", "run"], "--out has no effect with draw; remove it"),
        (["--quick"], "--quick has no effect with draw; remove it"),
        (["--reject-below", "0"], "number above 0"),
        (["--weights", "missing.npz"], "missing.npz: no such weights file"),
    ],
)
def test_flags_that_draw_does_not_take(flags, said, monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    LeNet5(seed=1).save("mine.npz")
    try:
        status: Any = reproduce.main(["draw", *flags])
    except SystemExit as stop:  # argparse's own exit
        status = stop.code
    error = capsys.readouterr().err
    assert status == 2 and said in error and lines(error) == 1
