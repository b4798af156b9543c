"""How fast the page answers: every kind of movement, from the event to the drawn frame.

`python -m tests.page.measure` prints a table for a desktop's window and one for a phone's.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from lenet1998.page.build import write_page

from ..benchmarks.machine import processor
from .browser import Browser, missing, start

DESKTOP = (1440, 900)  # CSS pixels
REPEATS = 24

# Each kind of movement: the part of the page that is in sight, and what is done the i-th time.
KINDS = {
    "stroke on the pad": ("pad", "stroke(i)"),
    "undo": ("pad", "if (i % 2) $('undo').click(); else page.padView.strokes(lines);"),
    "clear": ("pad", "if (i % 2) $('clear').click(); else page.padView.strokes(lines);"),
    "printed digit": ("printed", "$('printed').children[i % 10].click()"),
    "pen": ("pen-slider", "slide('pen', 8 + i)"),
    "shift": ("change-sliders", "slide('shift-right', i % 9 - 4)"),
    "rotation": ("change-sliders", "slide('rotation', 2 * (i % 20) - 19)"),
    "scale": ("change-sliders", "slide('scale', 0.8 + 0.02 * (i % 20))"),
    "noise": ("change-sliders", "slide('noise', 0.01 * (i % 20))"),
    "state x or sum a": ("flow", "$(i % 2 ? 'show-x' : 'show-a').click()"),
    "unit of C1": ("flow", "point('C1', i % 6, i % 28, (3 * i) % 28)"),
    "unit of S2": ("flow", "point('S2', i % 6, i % 14, (3 * i) % 14)"),
    "unit of C3": ("flow", "point('C3', i % 16, i % 10, (3 * i) % 10)"),
    "unit of C5": ("flow", "point('C5', (7 * i) % 120, 0, 0)"),
    "unit of F6": ("end", "point('F6', (5 * i) % 84, 0, 0)"),
    "tap on a map": ("flow", "point('S4', i % 16, i % 5, (2 * i) % 5, 'click')"),
    "arrow key on C3": ("flow", "press('map-C3', i % 2 ? 'ArrowLeft' : 'ArrowDown')"),
    "penalty": ("end", "$('bars').children[i % 10].click()"),
    "threshold of rejection": ("end", "slide('reject-below', i)"),
    "coefficient of S2": ("card-subsampling", "choose('S2 1'); slide('coefficient', 0.1 * i)"),
    "bias of S4": ("card-subsampling", "choose('S4 5'); slide('bias', 0.2 * i - 3)"),
    "kind of sub-sampling": ("card-subsampling", "$('sub-kinds').children[i % 4].click()"),
    "codes": ("card-codes", "$(i % 2 ? 'codes-digits' : 'codes-all').click()"),
    "a code": ("card-codes", "$('gallery').children[(7 * i) % 96].click()"),
    "j": ("card-posterior", "slide('j', 0.5 + i)"),
    "weights": ("card-trainings", "page.trainingsCard.parts[i % 3].use.click()"),
    "freeze": ("card-freeze", "$('freeze').click()"),
    "shift of a frozen digit": ("card-freeze", "slide('shift-right', i % 9 - 4)"),
    "step of the tour": ("tour", "i % 8 ? $('tour-next').click() : $('tour-start').click()"),
    "light and dark": ("see", "$('theme').click()"),
}

SCRIPT = """
const {page} = lenet5, $ = (id) => document.getElementById(id);
const [part, act, repeats, done] = arguments;
const lines = [[[90, 60], [180, 60], [120, 230]], [[90, 140], [180, 140]]];
const slide = (name, value) => {
  const input = $(`slider-${name}`);
  input.value = value;
  input.dispatchEvent(new Event('input', {bubbles: true}));
};
const choose = (map) => {
  if ($('sub-map').value === map) return;
  $('sub-map').value = map;
  $('sub-map').dispatchEvent(new Event('change'));
};
const press = (id, key) =>
  $(id).dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
const mouse = (kind, x, y) => new PointerEvent(kind, {clientX: x, clientY: y, bubbles: true,
  cancelable: true, isPrimary: true, pointerId: 1, pointerType: 'mouse', detail: 1});
const point = (layer, m, y, x, kind = 'pointermove') => {
  const view = page.views.find((one) => one.layer === layer), [left, top] = view.corner(m);
  const box = view.canvas.getBoundingClientRect();
  view.canvas.dispatchEvent(mouse(kind, box.left + left + (x + 0.5) * view.unit,
    box.top + top + (y + 0.5) * view.unit));
};
const stroke = (i) => {
  const box = $('pad').getBoundingClientRect(), turn = i / 4, away = 0.3 * box.width;
  $('pad').dispatchEvent(mouse(i % 15 ? 'pointermove' : 'pointerdown',
    box.left + box.width / 2 + away * Math.cos(turn),
    box.top + box.height / 2 + away * Math.sin(turn)));
};
const later = (work) => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = work;
  port2.postMessage(0);
};
$('pad').setPointerCapture = () => {};
$(part).scrollIntoView({block: 'center', behavior: 'instant'});
const tools = {$, page, lines, slide, choose, press, point, stroke};
const run = new Function('tools', 'i', `const {${Object.keys(tools)}} = tools; ${act}`);
const found = [];
const next = (i) => {
  if (i === repeats) return done(found);
  const begin = performance.now();
  let frame;
  requestAnimationFrame(() => (frame = performance.now()));
  run(tools, i);
  const handled = performance.now();
  requestAnimationFrame(() => later(() => {  // after style, layout and paint
    const end = performance.now();
    found.push([handled - begin + end - frame, end - begin]);
    setTimeout(() => next(i + 1), 60 + 16 * Math.random());
  }));
};
setTimeout(() => next(0), 300);
"""


FORWARD = """
const times = Array.from({length: 300}, () => {
  const begin = performance.now();
  lenet5.page.network.forward(lenet5.page.input);
  return performance.now() - begin;
});
return times.slice(100)
"""


def times(browser: Browser, part: str, act: str) -> list[list[float]]:
    """Milliseconds of movements: of the page's own work, and from the event to the frame."""
    found: list[list[float]] = browser.driver.execute_async_script(SCRIPT, part, act, REPEATS)
    return found


def processor_time(driver: Any) -> float:
    """Milliseconds for which the page's main thread has had a processor."""
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return sum(1000 * metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def table(browser: Browser, path: Path, only: str) -> None:
    """Print the times of every kind of movement, the page opened afresh for each."""
    print(f"{'movement, ms':24}{'processor':>10}{'work of the page':>20}{'event to frame':>20}")
    print(f"{'':24}{'mean':>10}" + f"{'median':>10}{'worst':>10}" * 2)
    browser.open(path)
    forward: list[float] = browser.driver.execute_script(FORWARD)
    print(f"{'forward pass alone':24}{'':10}{median(forward):10.1f}{max(forward):10.1f}")
    rows = []
    for kind, (part, act) in KINDS.items():
        if only not in kind:
            continue
        browser.open(path)
        if kind == "shift of a frozen digit":
            browser.press("freeze")
        times(browser, part, act)  # compiles
        browser.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        before = processor_time(browser.driver)
        found = times(browser, part, act)
        row = [(processor_time(browser.driver) - before) / len(found)]
        browser.driver.execute_cdp_cmd("Performance.disable", {})
        row += [call(column) for column in zip(*found, strict=True) for call in (median, max)]
        rows.append(row)
        print(f"{kind:24}" + "".join(f"{value:10.1f}" for value in row), flush=True)
        for error in browser.errors():
            print(f"  console: {error}")
    if not only:
        columns = list(zip(*rows, strict=True))
        print(f"{'largest of all':24}" + "".join(f"{max(column):10.1f}" for column in columns))


def main() -> None:
    """Write the page to a temporary folder and measure it in a headless Chromium."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="WORD", help="movements with this word")
    parser.add_argument("--page", metavar="FILE", help="the page to measure, by default a new one")
    args = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(args.page or Path(folder, "lenet5.html")).resolve()
        if not args.page:
            write_page(path)
        for name in ("desktop", "phone"):
            driver: Any = start(Path(folder) / name, phone=name == "phone")
            try:
                if name == "desktop":
                    driver.set_window_size(*DESKTOP)
                load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
                print(f"\n{name}: {processor()}, {os.cpu_count()} cores, load {load:.1f}")
                table(Browser(driver), path, args.only)
            finally:
                driver.quit()


if __name__ == "__main__":
    main()
