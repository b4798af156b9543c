"""The page without a mouse, with reduced motion, and its contrast as it is drawn."""

import pytest
from browser import Browser

pytestmark = pytest.mark.slow
TAB, RIGHT = "\ue004", "\ue014"  # as WebDriver has them

# The contrast, as WCAG counts it, of every text that is seen against what is behind it.
CONTRASTS = """
const probe = document.createElement('canvas').getContext('2d');
const rgb = (colour) => {
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], below) =>
  [r, g, b].map((level, i) => level * a + below[i] * (1 - a));
const luminance = (colour) => colour
  .map((level) => level / 255)
  .map((level) => level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4)
  .reduce((sum, level, i) => sum + level * [0.2126, 0.7152, 0.0722][i], 0);
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const {parentElement: box, textContent: text} = walk.currentNode;
  if (!text.trim() || !box.checkVisibility() || box.closest('script, .hidden, option, :disabled'))
    continue;
  const above = [];
  for (let one = box; one; one = one.parentElement) above.unshift(one);
  let ground = [255, 255, 255], opacity = 1;
  for (const one of above) {
    const style = getComputedStyle(one);
    ground = over(rgb(style.backgroundColor), ground);
    opacity *= Number(style.opacity);
  }
  const style = getComputedStyle(box), svg = box.closest('svg') !== null;
  const [r, g, b, a] = rgb(svg ? style.fill : style.color);
  const [dark, light] = [over([r, g, b, a * opacity], ground), ground].map(luminance)
    .sort((one, other) => one - other);
  found.push([text.trim().slice(0, 40), parseFloat(style.fontSize),
    (light + 0.05) / (dark + 0.05)]);
}
return found
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["", "$('clear').click()", "page.tour.start(); page.tour.go(6)"])
def test_every_text_that_is_seen_has_contrast(wide: Browser, theme: str, state: str) -> None:
    wide.js("page.setTheme(arguments[0]);" + state, theme)
    wide.js("page.pinned = {layer: 'C3', m: 4, y: 3, x: 7}; $('freeze').click()")
    wide.settle()
    found: list[tuple[str, float, float]] = wide.js(CONTRASTS)
    assert len(found) > 150
    for text, size, contrast in found:
        assert contrast >= (3 if size >= 24 else 4.5), (text, size, contrast)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bars_and_frames_stand_out(wide: Browser, theme: str) -> None:
    wide.js("page.setTheme(arguments[0])", theme)
    script = """
    const style = getComputedStyle(document.documentElement);
    const luminance = (name) => [1, 3, 5]
      .map((at) => parseInt(style.getPropertyValue(`--${name}`).trim().slice(at, at + 2), 16) / 255)
      .map((level) => level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4)
      .reduce((sum, level, i) => sum + level * [0.2126, 0.7152, 0.0722][i], 0);
    return ['bar', 'accent', 'second'].map((name) => {
      const [dark, light] = [luminance(name), luminance('paper')].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    })
    """
    assert min(wide.js(script)) >= 3


def test_every_control_is_reached_by_tab_and_shows_it(wide: Browser) -> None:
    script = """
    const {activeElement: on} = document, {outlineStyle} = getComputedStyle(on);
    return [on.id || on.getAttribute('aria-label') || on.textContent, outlineStyle]
    """
    expected = wide.js(
        "return [...document.querySelectorAll('button, input, select, canvas[tabindex]')]"
        ".filter((one) => one.checkVisibility() && !one.disabled && one.type !== 'file')"
        ".map((one) => one.id || one.getAttribute('aria-label') || one.textContent)"
    )
    wide.js("document.activeElement.blur()")
    reached, outlines = [], set()
    for _ in expected:
        wide.keys(TAB)
        name, outline = wide.js(script)
        reached.append(name)
        outlines.add(outline)
    assert sorted(reached) == sorted(expected)
    assert outlines == {"solid"}


def test_a_slider_moves_by_arrow_keys(wide: Browser) -> None:
    wide.js("$('slider-rotation').focus()")
    wide.keys(RIGHT * 3)
    assert wide.js("return page.change.rotation") == 3


def test_nothing_moves_by_itself_where_motion_is_reduced(wide: Browser) -> None:
    command = "Emulation.setEmulatedMedia"
    reduced = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    wide.driver.execute_cdp_cmd(command, reduced)
    try:
        style = "return [getComputedStyle(document.documentElement).scrollBehavior, "
        style += "getComputedStyle(document.querySelector('.bar i')).transitionDuration]"
        assert wide.js(style) == ["auto", "0s"]
        for step in range(7):
            wide.js("page.motion = null; page.tour.start(); page.tour.go(arguments[0])", step)
            assert wide.js("return page.motion") is None, step
    finally:
        wide.driver.execute_cdp_cmd(command, {"features": []})
