"""Every control of the page does what it says, by mouse, keys and touch."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import PHONE, WIDE, Browser
from numpy.typing import NDArray

from lenet1998 import LeNet5, paper
from lenet1998.data import printed
from lenet1998.network.weights import SHIPPED, rejection_margin

pytestmark = pytest.mark.slow

UNIT = """
const view = page.views.find(({layer}) => layer === arguments[0]), {canvas} = view;
canvas.scrollIntoView({block: 'center', behavior: 'instant'});
const [left, top] = view.corner(arguments[1]), box = canvas.getBoundingClientRect();
return [box.left + left + (arguments[3] + 0.5) * view.unit,
  box.top + top + (arguments[2] + 0.5) * view.unit];
"""


def mouse(browser: Browser, *steps: tuple[str, float, float]) -> None:
    """Mouse events at places of the window: "mouseMoved", "mousePressed", "mouseReleased"."""
    for kind, x, y in steps:
        pressed = kind != "mouseMoved" or any(k == "mousePressed" for k, _, _ in steps)
        event = {"type": kind, "x": x, "y": y, "button": "left" if pressed else "none"}
        event |= {"clickCount": 1, "buttons": int(pressed and kind != "mouseReleased")}
        browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    browser.settle()


def pad_place(browser: Browser, x: float, y: float) -> tuple[float, float]:
    """A place of the pad's 280 pixels, in the window."""
    left, top, width = browser.js(
        "const b = $('pad').getBoundingClientRect(); return [b.left, b.top, b.width]"
    )
    return left + x * width / 280, top + y * width / 280


def drag(browser: Browser, *points: tuple[float, float]) -> None:
    """Draw a stroke on the pad with the mouse."""
    places = [pad_place(browser, *point) for point in points]
    moves = [("mouseMoved", *place) for place in places[1:]]
    mouse(browser, ("mousePressed", *places[0]), *moves, ("mouseReleased", *places[-1]))


def hover(browser: Browser, layer: str, m: int, y: int, x: int, click: bool = False) -> None:
    """Point at a unit; keep it with a click."""
    place = browser.js(UNIT, layer, m, y, x)
    browser.settle()
    mouse(browser, ("mouseMoved", *place))
    if click:
        mouse(browser, ("mousePressed", *place), ("mouseReleased", *place))


def pressed(browser: Browser, name: str) -> bool:
    return bool(browser.js("return $(arguments[0]).getAttribute('aria-pressed') === 'true'", name))


def bars(browser: Browser, name: str) -> list[list[str]]:
    """The rows of a bar chart: name and value."""
    script = """
    return [...$(arguments[0]).querySelectorAll('.bar')].map((row) =>
      [row.children[0].textContent, row.children[2].textContent])
    """
    rows: list[list[str]] = browser.js(script, name)
    return rows


def texts(browser: Browser, selector: str) -> list[str]:
    """The texts of the elements that a selector finds."""
    script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
    found: list[str] = browser.js(script, selector)
    return found


def digit(number: int) -> NDArray[np.uint8]:
    images, labels = printed.test_digits()
    image: NDArray[np.uint8] = images[np.flatnonzero(labels == number)[0]]
    return image


# Draw.


def test_drawing_undoing_and_clearing(wide: Browser) -> None:
    wide.press("clear")
    assert wide.text("answer") == "–" and "No ink" in wide.text("judgement")
    drag(wide, (140, 50), (140, 140), (138, 230))
    one = wide.image()
    assert wide.text("answer") == "1"
    drag(wide, (80, 230), (140, 232), (200, 230))
    assert not np.array_equal(wide.image(), one)
    wide.press("undo")
    assert np.array_equal(wide.image(), one)
    wide.press("clear")
    assert wide.js("return page.image") is None


def test_the_first_stroke_takes_the_place_of_what_was_there(wide: Browser) -> None:
    assert wide.text("answer") == "4"
    drag(wide, (140, 50), (140, 140), (138, 230))
    assert wide.text("answer") == "1"
    wide.take(digit(8))
    drag(wide, (140, 50), (140, 140), (138, 230))
    assert wide.text("answer") == "1"
    drag(wide, (80, 230), (140, 232), (200, 230))
    assert wide.js("return page.padView.pad.strokes.length") == 2


def test_the_pen_is_as_thick_as_its_slider_says(wide: Browser) -> None:
    widths = []
    for pen in (8, 40):
        wide.press("clear")
        wide.slide("pen", pen)
        drag(wide, (140, 50), (140, 140), (140, 230))
        widths.append(wide.js("return [...page.padView.pad.image.slice(140 * 280, 141 * 280)]"))
    thin, thick = (sum(width) for width in widths)
    assert abs(thin - 8) < 1 and abs(thick - 40) < 1


def test_printed_digits_come_one_after_the_other(wide: Browser) -> None:
    images, labels = printed.test_digits()
    own = images[labels == 3]
    for image in own[:2]:
        wide.js("$('printed').children[3].click()")
        wide.settle()
        assert np.array_equal(wide.image(), image)
    wide.keys("3")
    assert np.array_equal(wide.image(), own[2])
    wide.press("undo")
    assert wide.js("return page.image") is None


def test_a_dropped_picture_is_read_and_another_file_refused(wide: Browser) -> None:
    script = """
    const [kind, done] = arguments, canvas = document.createElement('canvas');
    canvas.width = canvas.height = 60;
    const context = canvas.getContext('2d');
    context.fillStyle = '#fff'; context.fillRect(0, 0, 60, 60);
    context.fillStyle = '#222'; context.fillRect(28, 10, 5, 40);
    canvas.toBlob((blob) => {
      const data = new DataTransfer();
      data.items.add(new File([kind === 'picture' ? blob : 'no picture'], `${kind}.png`));
      document.dispatchEvent(new DragEvent('drop', {dataTransfer: data, cancelable: true}));
      setTimeout(done, 300);
    });
    """
    wide.driver.execute_async_script(script, "picture")
    assert wide.text("answer") == "1" and wide.js("return page.padView.name") == "picture.png"
    wide.driver.execute_async_script(script, "text")
    assert "text.png is not a picture" in wide.text("judgement")


@pytest.mark.parametrize(
    ("label", "change", "amount"),
    [
        ("shift-right", "right", 3),
        ("shift-down", "down", -4),
        ("rotation", "rotation", 20),
        ("scale", "scale", 1.4),
        ("noise", "noise", 0.1),
    ],
)
def test_sliders_change_what_the_network_reads(
    wide: Browser, label: str, change: str, amount: float
) -> None:
    before = wide.state("input")
    wide.slide(label, amount)
    script = """
    const x = lenet5.normalise(page.image);
    return [...lenet5.transform(x, {...lenet5.UNCHANGED, [arguments[0]]: arguments[1]})]
    """
    np.testing.assert_allclose(wide.state("input"), wide.js(script, change, amount))
    assert not np.allclose(wide.state("input"), before)
    wide.press("unchange")
    np.testing.assert_allclose(wide.state("input"), before)


# See.


def test_the_page_says_what_the_network_says(wide: Browser) -> None:
    for number in range(paper.CLASSES):
        wide.take(digit(number))
        y = LeNet5.pretrained(SHIPPED).penalties(digit(number))[0]
        best, second = y.argsort()[:2]
        margin = y[second] - y[best]
        assert wide.text("answer") == str(best)
        assert bars(wide, "bars") == [[str(i), f"{value:.1f}"] for i, value in enumerate(y)]
        assert wide.text("margin") == f"{margin:.1f}"
        rejected = margin < rejection_margin(SHIPPED)
        assert ("Rejected" in wide.text("decision")) == rejected
        assert ("Rejected" in wide.text("judgement")) == rejected
        assert wide.text("code-name") == f"nearest: “{best}”"
        assert wide.text("difference-sum") == f"squares add to {y[best]:.1f}"


def test_the_threshold_of_rejection(wide: Browser) -> None:
    wide.slide("reject-below", 0)
    assert "Accepted" in wide.text("decision")
    wide.take(digit(8))
    margin = float(wide.text("margin"))
    wide.slide("reject-below", min(40, margin + 1))
    assert "Rejected" in wide.text("decision")
    wide.slide("reject-below", max(0, margin - 1))
    assert "Accepted" in wide.text("decision")


def test_maps_show_states_or_sums(wide: Browser) -> None:
    script = "return $('map-C3').getContext('2d').getImageData(0, 0, 150, 150).data.join()"
    states = wide.js(script)
    wide.press("show-a")
    assert wide.js(script) != states and wide.text("legend-high") == "3 or more"
    assert pressed(wide, "show-a") and not pressed(wide, "show-x")
    wide.press("show-x")
    assert wide.js(script) == states


def test_a_map_is_drawn_in_the_greys_of_its_state(wide: Browser) -> None:
    script = """
    page.pinned = null; page.draw();
    const view = page.views.find(({layer}) => layer === 'S2');
    const [left, top] = view.corner(arguments[0]);
    const context = view.canvas.getContext('2d');
    const at = (start, i) => Math.floor((start + (i + 1.5) * view.unit) * view.sharp);
    return Array.from({length: 144}, (_, i) => context.getImageData(
      at(left, i % 12), at(top, Math.floor(i / 12)), 1, 1).data[0])
    """
    for m in (0, 5):
        drawn = np.array(wide.js(script, m)).reshape(12, 12)
        state = wide.state("S2").reshape(14, 14, 6)[1:-1, 1:-1, m]
        grey = 255 + (17 - 255) * (state.clip(-1, 1) + 1) / 2  # white to #111
        assert abs(drawn - grey).max() <= 2


# Ask any unit.


def test_pointing_at_a_unit_asks_it_and_a_click_keeps_it(wide: Browser) -> None:
    hover(wide, "C3", 10, 2, 3)
    assert wide.text("unit-title") == "C3, map 10, row 2, column 3"
    assert "0, 1, 4, 5" in wide.text("unit-reads")
    chosen = texts(wide, "#table1 td.chosen")
    assert chosen == ["X", "X", "", "", "X", "X"]
    hover(wide, "S4", 7, 1, 2, click=True)
    mouse(wide, ("mouseMoved", 5, 5))
    assert wide.text("unit-title") == "S4, map 7, row 1, column 2"
    assert wide.js("return $('sub-map').value") == "S4 7"
    wide.keys("\ue00c")  # Escape
    assert wide.text("unit-title") == "No unit is chosen"


def test_the_panel_adds_up(wide: Browser) -> None:
    for layer, m, y, x in (("C1", 2, 9, 9), ("C3", 15, 4, 4), ("C5", 60, 0, 0), ("F6", 40, 0, 0)):
        hover(wide, layer, m, y, x)
        values = texts(wide, "#arithmetic dd")
        products, bias, a, after = (float(value.replace("−", "-")) for value in values)
        assert abs(products + bias - a) < 0.0021
        assert abs(paper.SQUASH_A * np.tanh(paper.SQUASH_S * a) - after) < 0.0021
    hover(wide, "S2", 1, 6, 6)
    values = texts(wide, "#arithmetic dd")
    four, coefficient, bias, a, _ = (float(value.replace("−", "-")) for value in values)
    assert abs(four * coefficient + bias - a) < 0.006


def test_a_field_is_framed_and_other_maps_fade(wide: Browser) -> None:
    script = """
    const view = page.views.find(({layer}) => layer === 'S2');
    const [left, top] = view.corner(arguments[0]);
    const s = view.sharp, image = view.canvas.getContext('2d')
      .getImageData(left * s, top * s, view.across * s, view.down * s).data;
    let blue = 0, faded = 0;
    for (let i = 0; i < image.length; i += 4) {
      if (image[i] < 20 && image[i + 2] > 160) blue++;
      if (image[i + 3] > 60 && image[i + 3] < 80) faded++;
    }
    return [blue > 20, faded > 100]
    """
    hover(wide, "C3", 0, 4, 4)
    for m in range(paper.C1_MAPS):
        reads = m in paper.TABLE_1[0]
        assert wide.js(script, m) == [reads, not reads]


def test_a_penalty_is_asked_by_its_bar(wide: Browser) -> None:
    wide.js("$('bars').children[9].click()")
    wide.settle()
    assert wide.text("unit-title") == "Output unit “9”"
    assert wide.text("code-name") == "“9”"
    total = wide.js("return document.querySelector('#arithmetic dd').textContent")
    assert abs(float(total) - wide.state("OUTPUT")[9]) < 0.001


def test_units_by_keyboard(wide: Browser) -> None:
    for layer in ("input", "C1", "C5", "F6"):
        wide.js("$(arguments[0]).focus()", f"map-{layer}")
        assert wide.js("return document.activeElement.id") == f"map-{layer}"
    wide.js("page.pin({layer: 'C1', m: 0, y: 8, x: 20})")
    wide.settle()
    wide.js("page.unpin(); $('map-C1').focus()")
    wide.settle()
    arrows = {"right": "\ue014", "down": "\ue015", "left": "\ue012", "up": "\ue013"}
    wide.keys(arrows["right"], arrows["down"])
    assert wide.text("unit-title") == "C1, map 0, row 9, column 21"
    assert wide.text("announce").startswith("C1, map 0, row 9, column 21: ")
    wide.keys(*[arrows["right"]] * 7)
    assert wide.text("unit-title") == "C1, map 1, row 9, column 0"
    wide.keys("\ue007")  # Enter
    wide.js("document.activeElement.blur()")
    wide.settle()
    assert wide.text("unit-title") == "C1, map 1, row 9, column 0"


# Play.


def test_sub_sampling_by_its_two_numbers(wide: Browser) -> None:
    wide.js("const s = $('sub-map'); s.value = 'S2 3'; s.dispatchEvent(new Event('change'))")
    wide.slide("coefficient", 1.5)
    wide.slide("bias", -2)
    wide.take(digit(5))
    network: Any = LeNet5.pretrained(SHIPPED, np.float64)
    learned = network.layer("S2").coefficient[3]
    network.layer("S2").coefficient[3] = 1.5
    network.layer("S2").bias[3] = -2
    assert abs(wide.state("OUTPUT") - network.penalties(digit(5))[0]).max() < 1e-4
    kinds = {"learned": (learned, None), "blur": (0.1, 0)}
    kinds |= {"noisy OR": (2, 6), "noisy AND": (2, -6)}
    said = set()
    for i, (name, (coefficient, bias)) in enumerate(kinds.items()):
        wide.js("$('sub-kinds').children[arguments[0]].click()", i)
        wide.settle()
        own = wide.js("const s = page.network.layer('S2'); return [s.coefficient[3], s.bias[3]]")
        assert np.isclose(own[0], coefficient) and (bias is None or np.isclose(own[1], bias))
        assert texts(wide, "#sub-kinds [aria-pressed=true]") == [name]
        said.add(wide.text("sub-kind"))
    assert len(said) == len(kinds)
    wide.slide("bias", 1)
    assert texts(wide, "#sub-kinds [aria-pressed=true]") == []
    assert wide.text("sub-kind") == "Numbers of your own."
    assert texts(wide, "#sub-curve text")[-5:] == ["0", "1", "2", "3", "4"]
    assert wide.find("altered").is_displayed()
    original = LeNet5.pretrained(SHIPPED, np.float64).penalties(digit(5))[0]
    wide.press("altered")
    assert abs(wide.state("OUTPUT") - original).max() < 1e-4
    assert not wide.find("altered").is_displayed()


def test_all_characters_or_ten_digits(wide: Browser) -> None:
    wide.press("codes-all")
    assert pressed(wide, "codes-all")
    assert wide.js("return $('gallery').querySelectorAll('.used').length") == paper.CODES
    wide.js("$('gallery').children[33].click()")
    wide.settle()
    assert wide.text("unit-title") == "Output unit “A”"
    wide.press("codes-digits")
    assert [name for name, _ in bars(wide, "bars")] == list("0123456789")


def test_rubbish_grows_as_its_penalty_falls(wide: Browser) -> None:
    wide.js("$('card-posterior').scrollIntoView({behavior: 'instant'})")
    wide.settle()
    shares = []
    for j in (60, 10, 0.5):
        wide.slide("j", j)
        rows = bars(wide, "posterior")
        assert abs(sum(float(value.split()[0]) for _, value in rows) - 100) < 0.6
        shares.append(float(dict(rows)["rubbish"].split()[0]))
    assert shares[0] <= shares[1] < shares[2]


@pytest.mark.parametrize("name", ["1998", "noise"])
def test_another_training_is_used(wide: Browser, name: str) -> None:
    wide.take(digit(2))
    wide.js("$('card-trainings').scrollIntoView({behavior: 'instant'})")
    wide.settle()
    y = LeNet5.pretrained(name, np.float64).penalties(digit(2))[0]
    boxes = "[...document.querySelectorAll('.training')]"
    box = f"{boxes}.find((box) => box.textContent.startsWith(arguments[0]))"
    margin = np.sort(y)[1] - y.min()
    said = wide.js(f"return {box}.querySelector('.says').textContent", name)
    assert said == f"Answers “{y.argmin()}”, margin {margin:.1f}"
    wide.js(f"{box}.querySelector('button').click()", name)
    wide.settle()
    assert abs(wide.state("OUTPUT") - y).max() < 1e-4
    assert wide.js("return page.rejectBelow") == rejection_margin(name)


def test_two_digits_are_compared(wide: Browser) -> None:
    wide.js("$('card-freeze').scrollIntoView({behavior: 'instant'})")
    wide.take(digit(1))
    wide.press("freeze")
    frozen = {name: wide.state(name) for name in ("input", "C1", "F6")}
    assert {value for _, value in bars(wide, "distances")} == {"0.00"}
    wide.take(digit(7))
    rows = dict(bars(wide, "distances"))
    for name, state in frozen.items():
        apart = np.sqrt(np.mean((state - wide.state(name)) ** 2))
        assert rows["Input" if name == "input" else name] == f"{apart:.2f}"
    wide.press("freeze")
    assert not wide.find("comparison").is_displayed()


# The tour, keys, themes.


def test_the_tour_moves_the_page_and_puts_it_back(wide: Browser) -> None:
    script = "Emulation.setEmulatedMedia"
    reduced = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    wide.driver.execute_cdp_cmd(script, reduced)
    wide.driver.set_window_size(1360, 900)
    try:
        wide.keys("t")
        titles, answers, units = [], [], []
        for _ in range(7):
            titles.append(wide.text("tour-title"))
            answers.append(wide.text("answer"))
            units.append(wide.js("return page.pinned?.layer ?? ''"))
            assert "Section" in wide.text("tour-section")
            lit = "const b = document.querySelector('.lit').getBoundingClientRect(); return b.top"
            assert -1 <= wide.js(lit) < 500
            wide.press("tour-next")
        assert len(set(titles)) == 7
        assert answers[5] == "9" and set(answers[:5]) == {"4"}
        assert units[0] == "C1" and units[1] == "S2" and units[3] == "C3" and units[4] == "OUTPUT"
        assert not wide.find("tour").is_displayed()
        assert wide.text("answer") == "4"
        assert wide.js("return page.change") == wide.js("return lenet5.UNCHANGED")
        wide.keys("t")
        wide.press("tour-next")
        wide.press("tour-back")
        assert wide.text("tour-title") == titles[0]
        wide.keys("\ue00c")
        assert not wide.find("tour").is_displayed()
    finally:
        wide.driver.execute_cdp_cmd(script, {"features": []})
        wide.driver.set_window_size(*WIDE)


def test_the_tour_gives_back_what_was_drawn(wide: Browser) -> None:
    wide.slide("pen", 30)
    drag(wide, (140, 50), (140, 140), (138, 230))
    wide.slide("shift-right", 2)
    wide.press("freeze")
    before = wide.state("F6"), wide.image()
    wide.keys("t")
    wide.press("tour-next")
    wide.press("tour-next")
    wide.press("tour-end")
    assert np.array_equal(wide.state("F6"), before[0])
    assert np.array_equal(wide.image(), before[1])
    assert np.array_equal(wide.js("return [...page.freezeCard.frozen.F6.x]"), before[0])
    assert wide.js("return page.change.right") == 2
    wide.press("undo")
    assert wide.js("return page.image") is None
    wide.take(digit(3))
    wide.keys("t", "t")
    wide.press("tour-end")
    assert np.array_equal(wide.image(), digit(3))


def test_a_slider_shows_the_number_in_use(wide: Browser) -> None:
    wide.js("page.subsampling.choose('S2', 2); page.subsampling.give(0.1234567, -9.5)")
    wide.settle()
    assert texts(wide, "#sub-sliders output") == ["0.12", "−9.50"]
    assert "−" in wide.text("sub-formula") and "9.50" in wide.text("sub-formula")


def test_the_last_step_shows_a_digit_to_reject(wide: Browser) -> None:
    wide.js("page.tour.start(); page.tour.go(6)")
    wide.come_to_rest()
    assert "Rejected" in wide.text("decision")
    assert sorted(wide.state("OUTPUT").argsort()[:2]) == [4, 9]


def test_the_4_closes_slowly_where_motion_is_welcome(wide: Browser) -> None:
    wide.js("page.tour.start(); page.tour.go(5)")
    answers: set[str] = set()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        answers.add(wide.text("answer"))
        if "9" in answers:
            break
    assert answers == {"4", "9"}


def test_keys_undo_clear_and_freeze(wide: Browser) -> None:
    strokes = wide.js("return page.padView.pad.strokes.length")
    wide.keys("u")
    assert wide.js("return page.padView.pad.strokes.length") == strokes - 1
    wide.keys("f")
    assert wide.js("return page.freezeCard.frozen !== null")
    wide.keys("c")
    assert wide.js("return page.image") is None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours #rrggbb as WCAG counts it."""
    light = []
    for colour in (one, other):
        levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_themes_are_readable(wide: Browser, theme: str) -> None:
    wide.js("page.setTheme(arguments[0])", theme)
    script = """
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(['paper', 'surface', 'ink', 'muted', 'accent-text',
      'second-text', 'accent', 'on-accent'].map((name) =>
      [name, style.getPropertyValue(`--${name}`).trim()]))
    """
    colours = wide.js(script)
    for words in ("ink", "muted", "accent-text", "second-text"):
        for ground in ("paper", "surface"):
            assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["accent"], colours["paper"]) >= 3


def test_the_theme_follows_the_system_and_the_button(wide: Browser) -> None:
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    wide.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    try:
        wide.settle()
        theme = "return document.documentElement.dataset.theme"
        assert wide.js(theme) == "dark"
        wide.press("theme")
        assert wide.js(theme) == "light"
    finally:
        wide.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_every_control_has_a_name(wide: Browser) -> None:
    script = """
    return [...document.querySelectorAll('button, input, select, canvas[role]')].filter((control) =>
      !control.hidden && !control.closest('[hidden]') &&
      !(control.getAttribute('aria-label') || control.textContent.trim() || control.title
        || control.closest('label'))).map((control) => control.outerHTML.slice(0, 80))
    """
    assert wide.js(script) == []


# A phone.


def touch(browser: Browser, kind: str, *points: tuple[float, float]) -> None:
    event = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
    browser.driver.execute_cdp_cmd("Input.dispatchTouchEvent", event)


def test_a_phone_is_drawn_on_by_finger(phone: Browser) -> None:
    assert phone.js("return document.documentElement.scrollWidth <= innerWidth")
    phone.press("clear")
    phone.js("$('pad').scrollIntoView({block: 'center', behavior: 'instant'})")
    before = phone.js("return scrollY")
    for points in ([(80, 60), (140, 58), (200, 60), (160, 150), (120, 230)],):
        places = [pad_place(phone, *point) for point in points]
        touch(phone, "touchStart", places[0])
        for place in places[1:]:
            touch(phone, "touchMove", place)
        touch(phone, "touchEnd")
    phone.settle()
    assert phone.text("answer") == "7"
    assert phone.js("return scrollY") == before


def test_a_phone_asks_a_unit_by_a_tap(phone: Browser) -> None:
    place = phone.js(UNIT, "C3", 5, 4, 6)
    touch(phone, "touchStart", place)
    touch(phone, "touchEnd")
    phone.driver.execute_async_script("setTimeout(arguments[0], 400)")
    assert phone.text("unit-title") == "C3, map 5, row 4, column 6"
    assert phone.find("asked").is_displayed()
    phone.press("asked")
    phone.driver.execute_async_script("setTimeout(arguments[0], 1200)")
    assert not phone.find("asked").is_displayed()


def test_a_phone_has_one_column_and_room_for_fingers(phone: Browser) -> None:
    script = """
    const boxes = (selector) =>
      [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
    const buttons = boxes('#pad-tools button, #sub-kinds button, .digits button, #tour-start');
    return [new Set(boxes('#flow canvas').map(({left}) => left)).size,
      Math.min(...buttons.map(({height}) => height))]
    """
    columns, height = phone.js(script)
    assert columns == 1 and height >= 40


@pytest.mark.parametrize("sideways", [False, True])
def test_the_tour_leaves_room_on_a_phone_for_what_it_shows(phone: Browser, sideways: bool) -> None:
    script = """
    const [shown, card] = ['.lit', '#tour'].map((one) =>
      document.querySelector(one).getBoundingClientRect());
    const next = $('tour-next').getBoundingClientRect();
    const room = sideways ? card.left - shown.left : card.top - shown.top;
    return [shown.top, shown.height, room, next.bottom <= innerHeight,
      document.documentElement.scrollWidth <= innerWidth]
    """.replace("sideways", str(sideways).lower())
    reduced = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    phone.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", reduced)
    metrics: dict[str, Any] = {"deviceScaleFactor": 2, "mobile": True}
    metrics["width"], metrics["height"] = PHONE[::-1] if sideways else PHONE
    phone.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        phone.settle()
        phone.press("tour-start")
        for step in range(7):
            top, height, room, next_in_sight, fits = phone.js(script)
            assert -1 <= top < 60 and height > 100 and room > 280, step
            assert next_in_sight and fits, step
            phone.press("tour-next")
    finally:
        phone.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        metrics["width"], metrics["height"] = PHONE
        phone.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def test_the_screenshot_is_not_blank(wide: Browser, tmp_path: Path) -> None:
    wide.screenshot(tmp_path / "page.png")
    assert len((tmp_path / "page.png").read_bytes()) > 50_000
    assert json.dumps(wide.js("return page.times")) != "{}"
