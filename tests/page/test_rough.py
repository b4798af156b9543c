"""Rough handling: every size of window, the ends of the sliders, odd files, keys in any order."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from browser import Browser

from lenet1998 import paper

pytestmark = pytest.mark.slow

# What is dropped: a picture with a bar of ink, its sides given, or a file of another kind.
DROP = """
const [width, height, kind, done] = arguments;
const canvas = document.createElement('canvas');
canvas.width = width; canvas.height = height;
const context = canvas.getContext('2d');
context.fillStyle = '#fff'; context.fillRect(0, 0, width, height);
context.fillStyle = '#222';
context.fillRect(0.45 * width, 0.1 * height, 0.1 * width, 0.8 * height);
canvas.toBlob((blob) => {
  const data = new DataTransfer();
  const files = {picture: [blob], empty: [], text: ['<svg'], none: null}[kind];
  if (files) data.items.add(new File(files, `${kind}.png`));
  else data.items.add('a word', 'text/plain');
  document.dispatchEvent(new DragEvent('drop', {dataTransfer: data, cancelable: true}));
  const look = () => {
    if (document.querySelector('.reading')) return setTimeout(look, 5);
    requestAnimationFrame(() => requestAnimationFrame(done));
  };
  look();
});
"""


def drop(browser: Browser, width: int = 60, height: int = 60, kind: str = "picture") -> None:
    browser.driver.execute_async_script(DROP, width, height, kind)


@contextmanager
def window(browser: Browser, width: int, height: int, sharp: float = 1) -> Iterator[None]:
    """A window of another size, in CSS pixels, each `sharp` pixels of the screen."""
    metrics: dict[str, Any] = {"width": width, "height": height, "deviceScaleFactor": sharp}
    command = "Emulation.setDeviceMetricsOverride"
    browser.driver.execute_cdp_cmd(command, {**metrics, "mobile": False})
    browser.driver.execute_async_script("setTimeout(arguments[0], 100)")
    browser.settle()
    try:
        yield
    finally:
        browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.settle()


@pytest.mark.parametrize(
    ("width", "height", "sharp"),  # 640 and 320 are 1280 at a zoom of 200 and 400 %
    [(320, 256, 4), (360, 640, 3), (640, 450, 2), (768, 1024, 1), (861, 900, 1), (1024, 768, 1),
     (1279, 800, 1.25), (1280, 900, 1), (1920, 1080, 1), (3840, 2160, 1)],
)  # fmt: skip
def test_nothing_sticks_out_or_overlaps(
    wide: Browser, width: int, height: int, sharp: float
) -> None:
    script = """
    const room = document.documentElement.clientWidth, bad = [];
    const shown = (selector) => [...document.querySelectorAll(selector)]
      .filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()]);
    for (const [one, {left, right}] of shown('body *'))
      if (left < -1 || right > room + 1) bad.push(`${one.tagName} ${one.id} ${left} ${right}`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = new Range();
    const lines = [];
    while (texts.nextNode()) {
      const {currentNode: node} = texts, box = node.parentElement;
      if (!node.textContent.trim() || !box.checkVisibility()) continue;
      if (box.closest('.hidden, option, script')) continue;
      range.selectNodeContents(node);
      for (const line of range.getClientRects()) lines.push([node, line]);
    }
    const apart = (one, other) => one.right <= other.left + 1 || other.right <= one.left + 1 ||
      one.bottom <= other.top + 4 || other.bottom <= one.top + 4;
    for (const [i, [one, box]] of lines.entries())
      for (const [other, its] of lines.slice(i + 1))
        if (one !== other && !apart(box, its)) bad.push(`${one.textContent}|${other.textContent}`);
    for (const view of page.views) {
      const {width, height} = view.canvas.getBoundingClientRect();
      if (Math.abs(width - view.wide) > 1 || Math.abs(height - view.tall) > 1) bad.push(view.layer);
    }
    return bad
    """
    with window(wide, width, height, sharp):
        wide.press("freeze")
        assert wide.js(script) == []
        wide.js("page.padView.tell('a-long-name'.repeat(20) + '.png has no ink')")
        wide.settle()
        assert wide.js(script) == []


def test_the_ends_of_every_slider(wide: Browser) -> None:
    script = """
    return [...document.querySelectorAll('input[type=range]')].flatMap((input) =>
      [input.min, input.max].map((end) => {
        input.value = end;
        input.dispatchEvent(new Event('input', {bubbles: true}));
        page.compute(); page.draw();
        return [input.id, page.states.OUTPUT.x.every(Number.isFinite), $('answer').textContent];
      }))
    """
    found = wide.js(script)
    assert len(found) == 2 * 10
    for name, finite, answer in found:
        assert finite and answer in "0123456789", name


@pytest.mark.parametrize("size", [(6000, 4500), (1, 40), (3000, 2), (20000, 10)])
def test_a_picture_of_any_size_is_answered(wide: Browser, size: tuple[int, int]) -> None:
    drop(wide, *size)
    if size[0] > 1:
        assert wide.js("return page.padView.name") == "picture.png"
        assert wide.text("answer") in set("0123456789")
        assert wide.image().max() == 255
    else:
        assert "has no ink" in wide.text("judgement")


@pytest.mark.parametrize("kind", ["text", "empty"])
def test_a_file_that_is_no_picture_is_refused_in_one_line(wide: Browser, kind: str) -> None:
    drop(wide, kind=kind)
    assert wide.text("judgement") == f"{kind}.png is not a picture that this browser can read."
    drop(wide)
    assert wide.text("answer") == "1"


def test_a_dropped_word_changes_nothing(wide: Browser) -> None:
    before = wide.image().tolist()
    drop(wide, kind="none")
    assert wide.image().tolist() == before


def test_fast_strokes_are_joined_and_undone_at_once(wide: Browser) -> None:
    script = """
    const mouse = (kind, x, y) => new PointerEvent(kind, {clientX: x, clientY: y, bubbles: true,
      cancelable: true, isPrimary: true, pointerId: 1, pointerType: 'mouse', detail: 1});
    const box = $('pad').getBoundingClientRect();
    $('pad').setPointerCapture = () => {};
    const at = (x, y) => [box.left + x * box.width / 280, box.top + y * box.height / 280];
    $('pad').dispatchEvent(mouse('pointerdown', ...at(20, 20)));
    $('pad').dispatchEvent(mouse('pointermove', ...at(260, 260)));
    $('pad').dispatchEvent(mouse('pointermove', ...at(2000, -900)));
    $('pad').dispatchEvent(mouse('pointerup', ...at(2000, -900)));
    const diagonal = Array.from({length: 200}, (_, i) => page.padView.pad.image[(40 + i) * 281]);
    for (let stroke = 0; stroke < 4; stroke++) {
      $('pad').dispatchEvent(mouse('pointerdown', ...at(140, 140)));
      for (let i = 0; i < 2000; i++)
        $('pad').dispatchEvent(mouse('pointermove', ...at(140 + 90 * Math.cos(i / 9), 20 + i / 9)));
      $('pad').dispatchEvent(mouse('pointerup', ...at(140, 140)));
    }
    const before = page.padView.pad.strokes.length;
    for (let i = 0; i < 3; i++) $('undo').click();
    return [Math.min(...diagonal), before, page.padView.pad.strokes.length];
    """
    joined, before, after = wide.js(script)
    wide.settle()
    assert joined == 1 and (before, after) == (5, 2)


def test_undo_replays_older_strokes(wide: Browser) -> None:
    script = """
    const pad = new lenet5.Pad(280, 20), images = [];
    for (let i = 0; i < 14; i++) {
      images.push(pad.image.slice());
      pad.draw([[20 + 15 * i, 30], [250 - 15 * i, 250]]);
    }
    return images.reverse().map((image) => {
      pad.undo();
      return image.every((level, i) => level === pad.image[i]);
    })
    """
    assert wide.js(script) == [True] * 14


def test_keys_and_buttons_in_any_order(wide: Browser) -> None:
    rng = random.Random(paper.TRAINABLE_PARAMETERS)
    keys = [*"0123456789uccffftttt", "Escape"]
    buttons = ["tour-next", "tour-next", "tour-back", "tour-again", "tour-end", "freeze", "undo"]
    buttons += ["codes-all", "codes-digits", "show-a", "show-x", "theme", "unchange", "altered"]
    for _ in range(80):
        if rng.random() < 0.5:
            script = "document.body.dispatchEvent(new KeyboardEvent('keydown', "
            wide.js(script + "{key: arguments[0], bubbles: true}))", rng.choice(keys))
        else:
            name = rng.choice(buttons)
            wide.js("if ($(arguments[0]).checkVisibility()) $(arguments[0]).click()", name)
        if rng.random() < 0.3:
            wide.settle()
    wide.js("page.tour.go(7)")
    wide.settle()
    assert wide.js("return page.tour.at") == -1
    assert not wide.find("tour").is_displayed()
    wide.js("page.moveDigit(lenet5.UNCHANGED); page.chooseCodes(false); page.useTraining(0)")
    wide.keys("8")
    assert wide.text("answer") == "8"


def test_freezing_in_the_middle_of_the_tour(wide: Browser) -> None:
    wide.js("page.tour.start(); page.tour.go(2)")
    wide.keys("f")
    wide.driver.execute_async_script("setTimeout(arguments[0], 300)")
    wide.keys("f")
    wide.press("tour-next")
    assert wide.js("return page.freezeCard.frozen") is None
    wide.keys("\ue00c")
    assert wide.js("return page.change") == wide.js("return lenet5.UNCHANGED")
