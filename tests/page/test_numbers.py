"""The page computes what Python computes: layers, preparation, changes, posteriors."""

from pathlib import Path

import numpy as np
import pytest
from browser import Browser
from numpy.typing import NDArray
from pictures import GREY_ALPHA, RGB, png

from lenet1998 import LeNet5, paper
from lenet1998.data import bitmaps, printed
from lenet1998.data.patterns import normalise
from lenet1998.data.transformations import TRANSFORMATIONS
from lenet1998.handwriting.pad import Pad
from lenet1998.handwriting.pictures import read
from lenet1998.handwriting.preparation import prepare
from lenet1998.network.weights import PRETRAINED

pytestmark = pytest.mark.slow
MANY = 200
CLOSE = 1e-4

PENALTIES = """
const training = page.trainings.find(({name}) => name === arguments[1]);
return arguments[0].map((image) =>
  [...training.network.forward(lenet5.normalise(Uint8Array.from(image))).OUTPUT.x])
"""
DRAWN = """
return arguments[0].map(([pen, strokes]) => {
  const pad = new lenet5.Pad(280, pen);
  for (const points of strokes) pad.draw(points);
  return [...pad.prepared()];
})
"""


def penalties(browser: Browser, images: NDArray[np.uint8], name: str) -> NDArray[np.float64]:
    return np.array(browser.js(PENALTIES, images.reshape(len(images), -1).tolist(), name))


@pytest.mark.parametrize("name", PRETRAINED)
def test_penalties_of_printed_digits(wide: Browser, name: str) -> None:
    images = printed.test_digits()[0][:MANY]
    found = penalties(wide, images, name)
    assert abs(found - LeNet5.pretrained(name, np.float64).penalties(images)).max() < CLOSE
    assert abs(found - LeNet5.pretrained(name).penalties(images)).max() < 2 * CLOSE


def strokes(rng: np.random.Generator) -> tuple[float, list[list[list[float]]]]:
    """A pen and one to three strokes of random walks, some of them beyond the pad's edge."""
    made = []
    for _ in range(rng.integers(1, 4)):
        steps = rng.normal(0, 25, (rng.integers(1, 15), 2))
        steps[0] = rng.uniform(20, 260, 2)
        made.append(steps.cumsum(axis=0).tolist())
    return float(rng.uniform(8, 40)), made


def test_random_strokes_are_prepared_and_answered_alike(wide: Browser) -> None:
    rng = np.random.default_rng(7)
    drawings = [strokes(rng) for _ in range(MANY)]
    pads = []
    for pen, lines in drawings:
        pad = Pad(pen=pen)
        for points in lines:
            pad.draw([(x, y) for x, y in points])
        pads.append(prepare(np.pad(pad.image, 1)))
    wanted = np.array(pads)
    found = np.array(wide.js(DRAWN, drawings), np.uint8).reshape(wanted.shape)
    assert wanted.any(axis=(1, 2)).all()
    assert abs(found.astype(int) - wanted.astype(int)).max() <= 1
    for name in PRETRAINED:
        y = penalties(wide, found, name)
        network = LeNet5.pretrained(name, np.float64)
        assert abs(y - network.penalties(wanted)).max() < CLOSE


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("horizontal shift", "right"),
        ("vertical shift", "down"),
        ("rotation", "rotation"),
        ("scale", "scale"),
    ],
)
def test_changes_are_those_of_figure_13(wide: Browser, name: str, change: str) -> None:
    images = printed.test_digits()[0][:5]
    x = normalise(images, np.float64)
    script = """
    const change = {...lenet5.UNCHANGED, [arguments[1]]: arguments[2]};
    return arguments[0].map((image) =>
      [...lenet5.transform(lenet5.normalise(Uint8Array.from(image)), change)])
    """
    transformation, rng = TRANSFORMATIONS[name], np.random.default_rng(0)
    for amount in transformation.amounts[::4]:
        wanted = transformation.change(x, amount, rng)
        found = np.array(wide.js(script, images.reshape(5, -1).tolist(), change, amount))
        assert abs(found.reshape(wanted.shape) - wanted).max() < 1e-9, amount


def test_noise_inverts_its_share_of_pixels(wide: Browser) -> None:
    script = """
    const x = lenet5.normalise(Uint8Array.from(arguments[0]));
    return arguments[1].map((noise) => [...lenet5.transform(x, {...lenet5.UNCHANGED, noise})])
    """
    image = printed.test_digits()[0][0]
    plain, some, more = np.array(wide.js(script, image.ravel().tolist(), [0, 0.1, 0.3]))
    inverted = paper.BACKGROUND + paper.FOREGROUND - plain
    for noisy, share in ((some, 0.1), (more, 0.3)):
        assert (np.isclose(noisy, plain) | np.isclose(noisy, inverted)).all()
        assert abs((~np.isclose(noisy, plain)).mean() - share) < 0.05
    assert (~np.isclose(more, plain))[~np.isclose(some, plain)].all()  # the same pixels, and more


@pytest.mark.parametrize("colour", [RGB, GREY_ALPHA])
def test_a_picture_is_prepared_as_predict_prepares_it(
    wide: Browser, tmp_path: Path, colour: int
) -> None:
    pad = Pad(90, 9)
    pad.draw([(20, 20), (70, 25), (40, 75)])
    ink = np.rint(255 * pad.image).astype(np.uint8)
    if colour == RGB:  # blue ink on yellow paper
        levels = np.stack([230 - ink // 2, 220 - ink // 2, 120 + ink // 4], axis=-1)
    else:
        levels = np.stack([np.zeros_like(ink), ink], axis=-1)
    path = tmp_path / "digit.png"
    path.write_bytes(png(levels, colour=colour))
    wide.find("file").send_keys(str(path))
    wide.driver.execute_async_script(
        "const done = arguments[0], look = () => lenet5.page.padView.image ? done() "
        ": setTimeout(look, 5); look()"
    )
    wide.settle()
    wanted = prepare(next(read(path))[1])
    assert abs(wide.image().astype(int) - wanted.astype(int)).max() <= 1


def test_every_unit_is_the_sum_that_the_panel_shows(wide: Browser) -> None:
    script = """
    return arguments[0].map(([layer, m, y, x]) => {
      const {groups, sum, bias, a, x: state} =
        lenet5.workings(page.network, page.states, {layer, m, y, x});
      return [groups.length, groups.flatMap((g) => [...g.products]).reduce((s, p) => s + p), sum,
        bias, a, state];
    })
    """
    reads = {"C1": 1, "S2": 1, "C5": 16, "F6": 1}
    rng = np.random.default_rng(3)
    units: list[tuple[str, int, int, int]] = []
    for name, count in paper.LAYERS.items():
        height, width, maps = count.shape
        if name != "OUTPUT":
            units += [
                (name, int(rng.integers(maps)), int(rng.integers(height)), int(rng.integers(width)))
                for _ in range(10)
            ]
    for (name, m, y, x), found in zip(units, wide.js(script, units), strict=True):
        groups, products, total, bias, a, state = found
        assert groups == (len(paper.TABLE_1[m]) if name == "C3" else reads.get(name, 1))
        height, width, maps = paper.LAYERS[name].shape
        at = (y * width + x) * maps + m
        assert np.isclose(products, total) and np.isclose(total + bias, a)
        assert np.isclose(wide.state(name, "a")[at], a) and np.isclose(wide.state(name)[at], state)
        assert np.isclose(paper.SQUASH_A * np.tanh(paper.SQUASH_S * a), state)


def test_a_receptive_field_holds_all_that_a_unit_sees(wide: Browser) -> None:
    script = """
    const {layer, m, y, x} = arguments[0];
    const {rows, columns} = lenet5.receptiveField(arguments[0]).input;
    const [, width, maps] = lenet5.data.layers[layer].shape, at = (y * width + x) * maps + m;
    const read = (input) => page.network.forward(Float64Array.from(input))[layer].a[at];
    const inside = new Float64Array(1024), outside = new Float64Array(1024);
    for (let i = 0; i < 1024; i++) {
      const row = i >> 5, column = i % 32;
      const seen = row >= rows[0] && row < rows[1] && column >= columns[0] && column < columns[1];
      (seen ? inside : outside)[i] = Math.sin(i);
    }
    return [read(new Float64Array(1024)), read(outside), read(inside), rows, columns]
    """
    for layer, side in {"C1": 5, "S2": 6, "C3": 14, "S4": 16}.items():
        nothing, outside, inside, rows, columns = wide.js(
            script, {"layer": layer, "m": 3, "y": 2, "x": 4}
        )
        assert outside == nothing != inside
        assert rows[1] - rows[0] == columns[1] - columns[0] == side


def test_posteriors_are_those_of_equation_9(wide: Browser) -> None:
    y = wide.state("OUTPUT")
    for j in (0.5, paper.RUBBISH_PENALTY, 60):
        found = wide.js("return lenet5.posteriors(page.states.OUTPUT.x, arguments[0])", j)
        exponentials = np.exp(-np.append(paper.PENALTY_SCALE * y, j))
        np.testing.assert_allclose(found, exponentials / exponentials.sum())


def test_the_nearest_of_all_codes(wide: Browser) -> None:
    wide.press("codes-all")
    f6 = wide.state("F6")
    codes = bitmaps.load_bitmaps().reshape(paper.CODES, paper.F6_UNITS)
    y = ((f6 - codes) ** 2).sum(axis=1)
    rows = wide.js("return [...$('bars').children].map((row) => Number(row.dataset.place))")
    assert rows == y.argsort()[:10].tolist()
    assert wide.text("answer") == chr(paper.FIRST_CODE + int(y.argmin()))
