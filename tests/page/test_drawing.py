"""A movement draws the parts of the page that it changes, and no others."""

import pytest
from browser import Browser

pytestmark = pytest.mark.slow

# What is seen of the page: every canvas, and every element's own text and state.
SEEN = """
const seen = {};
for (const canvas of document.querySelectorAll('canvas')) {
  const name = canvas.id || `${canvas.closest('[id]').id} ${Object.keys(seen).length}`;
  seen[name] = canvas.toDataURL();
}
for (const box of document.querySelectorAll('main [id]'))
  if (box.id !== 'times') seen[`text of ${box.id}`] = box.innerHTML;
return seen
"""
MOVEMENTS = {
    "a unit of S2": "page.hover({layer: 'S2', m: 4, y: 3, x: 7})",
    "a unit of C3": "page.pin({layer: 'C3', m: 4, y: 3, x: 7})",
    "no unit": "page.unpin()",
    "a penalty": "$('bars').children[7].click()",
    "sums": "$('show-a').click()",
    "all codes": "$('codes-all').click()",
    "a printed digit": "$('printed').children[5].click()",
    "a shift": "page.moveDigit({right: 3})",
    "no ink": "$('clear').click()",
    "strokes": "page.padView.strokes([[[140, 50], [140, 140], [140, 230]]])",
    "freeze": "$('freeze').click()",
    "another digit": "$('printed').children[2].click()",
    "sub-sampling": "page.subsampling.choose('S4', 3); page.subsampling.give(2, -1)",
    "weights": "page.trainingsCard.parts[2].use.click()",
    "rubbish": "page.posterior.set(3); page.refresh()",
    "dark": "page.setTheme('dark')",
    "light": "page.setTheme('light')",
    "the last step of the tour": "page.tour.start(); page.tour.go(6)",
    "the tour ends": "page.tour.go(7)",
}


def test_what_is_seen_is_what_a_page_drawn_anew_shows(wide: Browser) -> None:
    for name, movement in MOVEMENTS.items():
        wide.js(movement)
        wide.come_to_rest()
        seen = wide.js(SEEN)
        wide.js("page.drawing.forget(); page.draw()")
        anew = wide.js(SEEN)
        assert [part for part in anew if seen[part] != anew[part]] == [], name


ALL_BUT_INPUT = ["map-C1", "map-S2", "map-C3", "map-S4", "map-C5", "map-F6"]


@pytest.mark.parametrize(
    ("movement", "drawn"),
    [
        ("page.refresh()", []),
        ("page.hover({layer: 'input', m: 0, y: 3, x: 3})", ["map-input", "unit"]),
        ("page.rejectBelow += 1; page.refresh()", ["verdict"]),
        ("page.posterior.set(7); page.refresh()", ["posterior"]),
        ("$('show-a').click()", [*ALL_BUT_INPUT, "legend"]),
    ],
)
def test_nothing_else_is_drawn(wide: Browser, movement: str, drawn: list[str]) -> None:
    wide.js("page.pin({layer: 'input', m: 0, y: 0, x: 0})")
    wide.settle()
    wide.js(movement)
    wide.settle()
    found: list[str] = wide.js("return page.drawing.drawn")
    assert sorted(found) == sorted(drawn)
