"""III-E and figure 13: the transformations, what is measured with them, and the pictures."""

import csv
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from lenet1998 import InputError, LeNet5, paper
from lenet1998.arrays import Array
from lenet1998.data import bitmaps, transformations
from lenet1998.data.datasets import load_printed
from lenet1998.data.patterns import Patterns
from lenet1998.data.transformations import TRANSFORMATIONS
from lenet1998.experiments import robustness
from lenet1998.experiments.robustness import holds
from lenet1998.figures.robustness import robustness_curves
from lenet1998.figures.states import figure13
from lenet1998.learning import evaluation
from lenet1998.network.design import Design

BACKGROUND, FOREGROUND = paper.BACKGROUND, paper.FOREGROUND


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def field(rows: slice, columns: slice) -> Array:
    """One input with a rectangle of ink."""
    x = np.full((1, 32, 32, 1), BACKGROUND)
    x[0, rows, columns] = FOREGROUND
    return x


def ink(x: Array) -> Array:
    """1 for ink, 0 for background."""
    return (x - BACKGROUND) / (FOREGROUND - BACKGROUND)


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    return load_printed()[1].subset(30)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three amounts of each transformation."""
    few = {
        name: t._replace(amounts=tuple(sorted({t.amounts[0], t.neutral, *(t.claim or ())})))
        for name, t in TRANSFORMATIONS.items()
    }
    monkeypatch.setattr(robustness, "TRANSFORMATIONS", few)


# --- The transformations -----------------------------------------------------------------------


@pytest.mark.parametrize("name", TRANSFORMATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_neutral_amount_changes_nothing_and_others_make_a_new_array(name, dtype) -> None:
    change, amounts, _, _, neutral = TRANSFORMATIONS[name]
    x = rng().uniform(BACKGROUND, FOREGROUND, (3, 32, 32, 1)).astype(dtype)
    before = x.copy()
    same, other = change(x, neutral, rng()), change(x, amounts[-1], rng())
    assert np.array_equal(same, x) and not np.shares_memory(same, x)
    assert other.shape == x.shape and other.dtype == dtype
    assert np.abs(other - x).max() > 0.5
    assert np.array_equal(x, before)


def test_scaling_is_about_the_centre_of_the_field() -> None:
    x = field(slice(12, 20), slice(14, 18))
    double = transformations.scale(x, 2, rng())
    assert ink(double).sum() == pytest.approx(4 * 8 * 4)
    assert ink(double[0, 9:23, 13:19]).min() == pytest.approx(1)
    assert np.allclose(double, double[:, ::-1, ::-1])
    half = transformations.scale(x, 0.5, rng())
    assert np.allclose(half, field(slice(14, 18), slice(15, 17)))


def test_shifts_go_down_and_right() -> None:
    x = field(slice(10, 14), slice(20, 22))
    assert np.array_equal(
        transformations.vertical_shift(x, 3, rng()), field(slice(13, 17), slice(20, 22))
    )
    assert np.array_equal(
        transformations.horizontal_shift(x, -7, rng()), field(slice(10, 14), slice(13, 15))
    )
    assert (transformations.vertical_shift(x, -14, rng()) == BACKGROUND).all()


@pytest.mark.parametrize("degrees, turns", [(90, 1), (-90, -1), (180, 2)])
def test_rotation_is_anticlockwise(degrees: float, turns: int) -> None:
    x = rng().uniform(BACKGROUND, FOREGROUND, (2, 32, 32, 1))
    assert np.allclose(transformations.rotation(x, degrees, rng()), np.rot90(x, turns, axes=(1, 2)))


def test_a_small_rotation_turns_a_bar_by_its_angle() -> None:
    bar = ink(transformations.rotation(field(slice(15, 17), slice(4, 28)), 20, rng()))[0, ..., 0]
    rows, columns = np.indices(bar.shape) - 15.5
    covariance = np.cov(columns.ravel(), -rows.ravel(), aweights=bar.ravel())
    angle = np.arctan2(2 * covariance[0, 1], covariance[0, 0] - covariance[1, 1]) / 2
    assert np.degrees(angle) == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("amount", [-2, -1.25, -0.5, 0.25, 1, 2.5, 3])
def test_a_stroke_becomes_so_many_pixels_wider(amount: float) -> None:
    """Upright, level, and a wide stroke as much as a narrow one."""
    for width in (3, 6):
        upright = field(slice(0, 32), slice(12, 12 + width))
        for x in (upright, upright.transpose(0, 2, 1, 3)):
            changed = ink(transformations.stroke_width(x, amount, rng()))[0, ..., 0]
            across = changed.sum(axis=1 if x is upright else 0)
            assert np.allclose(across[8:24], width + amount)  # away from the ends


def test_a_dot_grows_round() -> None:
    dot = ink(transformations.stroke_width(field(slice(16, 17), slice(16, 17)), 3, rng()))[
        0, ..., 0
    ]
    assert np.allclose(dot, dot[::-1, ::-1][np.ix_(np.roll(range(32), 1), np.roll(range(32), 1))])
    assert np.allclose(dot, dot.T)
    assert np.allclose(dot[16, 14:19], [0.5, 1, 1, 1, 0.5])  # a disc of radius 1.5
    assert np.allclose(dot[15, 15:18], 1) and 0 < dot[14, 15] < 0.5 and dot[14, 14] < 0.1


def test_noise_inverts_single_pixels_reproducibly() -> None:
    x = rng(3).choice([BACKGROUND, 0.4, FOREGROUND], (20, 32, 32, 1)).astype(np.float32)
    a, b = transformations.noise(x, 0.1, rng(1)), transformations.noise(x, 0.3, rng(1))
    assert np.array_equal(a, transformations.noise(x, 0.1, rng(1)))
    assert not np.array_equal(a, transformations.noise(x, 0.1, rng(2)))
    inverted = np.float32(BACKGROUND + FOREGROUND) - x
    assert np.allclose(np.unique(inverted), [BACKGROUND, BACKGROUND + FOREGROUND - 0.4, FOREGROUND])
    for changed, probability in ((a, 0.1), (b, 0.3)):
        flipped = changed != x
        assert np.array_equal(changed[flipped], inverted[flipped])
        assert flipped.mean() == pytest.approx(probability, abs=0.01)
    assert (b != x)[a != x].all()  # more noise inverts the same pixels and others
    assert np.array_equal(transformations.noise(x, 1, rng()), inverted)


def test_wrong_input() -> None:
    x = field(slice(3, 4), slice(3, 4))
    for t in TRANSFORMATIONS.values():
        for wrong in (x[..., 0], x.astype(int), np.zeros((2, 32, 32, 3))):
            with pytest.raises(InputError, match=r"expected normalised floats \(n, H, W, 1\)"):
                t.change(wrong, t.amounts[-1], rng())
    for amount in (0, -1, np.nan):
        with pytest.raises(InputError, match="give a factor above 0"):
            transformations.scale(x, amount, rng())
    for amount in (-0.1, 1.1, np.nan):
        with pytest.raises(InputError, match="not a probability: give 0 to 1"):
            transformations.noise(x, amount, rng())


def test_the_table_of_transformations() -> None:
    claims = {name: t.claim for name, t in TRANSFORMATIONS.items() if t.claim}
    assert claims == {"scale": (0.5, 2), "vertical shift": (-10, 10), "rotation": (-30, 30)}
    for t in TRANSFORMATIONS.values():
        assert list(t.amounts) == sorted(set(t.amounts))
        assert {t.neutral, *(t.claim or ())} <= set(t.amounts)


# --- What holds --------------------------------------------------------------------------------


@pytest.mark.usefixtures("short")
def test_accuracies(patterns: Patterns, monkeypatch: pytest.MonkeyPatch) -> None:
    network = LeNet5(seed=1)
    (curves,) = robustness.measure([network], patterns, quiet=True)
    assert list(curves) == list(robustness.TRANSFORMATIONS)
    plain = 100 - evaluation.error_percent(network, patterns)
    for name, t in robustness.TRANSFORMATIONS.items():
        assert [amount for amount, _ in curves[name]] == list(t.amounts)
        assert dict(curves[name])[t.neutral] == pytest.approx(plain)
    turned = network.predict(np.rot90(patterns.x(), -1, axes=(1, 2)))
    share = 100 * np.mean(turned == patterns.labels)
    assert dict(curves["rotation"])[-90] == pytest.approx(share)
    assert len({right for curve in curves.values() for _, right in curve}) > 2
    monkeypatch.setattr(robustness, "_BLOCK", 7)
    assert robustness.measure([network], patterns, quiet=True) == [curves]


def test_the_range_that_holds_ends_at_the_first_amount_that_does_not() -> None:
    curve = [(-3.0, 95.0), (-2.0, 60.0), (-1.0, 90.0), (0.0, 99.0), (1.0, 92.0), (2.0, 91.0)]
    assert holds(curve, 0, 90) == (-1, 2)
    assert holds(curve, 0, 50) == (-3, 2)
    assert holds(curve, 0, 99) == (0, 0)
    assert holds(curve, 0, 99.5) is None


# --- Layer states and figure 13 ------------------------------------------------------------------


def test_states_are_those_of_the_layers(patterns: Patterns) -> None:
    network = LeNet5(seed=2, dtype=np.float64)
    x = patterns.x(slice(3), np.float64)
    found = network.states(x)
    assert {name: s.shape[1:] for name, s in found.items()} == {
        name: layer.shape for name, layer in paper.LAYERS.items()
    }

    def squash(a: Array) -> Array:
        return paper.SQUASH_A * np.tanh(paper.SQUASH_S * a)

    c1, s2 = network.layer("C1"), network.layer("S2")
    a = (x[1, 4:9, 6:11, 0, None] * c1.kernel[:, :, 0]).sum(axis=(0, 1)) + c1.bias
    assert np.allclose(found["C1"][1, 4, 6], squash(a))
    a = s2.coefficient * found["C1"][2, 6:8, 10:12].sum(axis=(0, 1)) + s2.bias
    assert np.allclose(found["S2"][2, 3, 5], squash(a))
    f6 = network.layer("F6")
    assert np.allclose(found["F6"], squash(found["C5"] @ f6.weights + f6.bias))
    y = ((found["F6"][:, 0, 0, None] - bitmaps.digit_codes()) ** 2).sum(axis=-1)
    assert np.allclose(found["OUTPUT"][:, 0, 0], y)
    assert np.allclose(network.penalties(x), y)


@pytest.mark.parametrize("input_range", ["paper", "unit", "standard"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_states_of_other_designs(patterns: Patterns, input_range: str, batch_norm: bool) -> None:
    """They begin with the design's input range; a state is what the next layer reads."""
    design = Design(
        activation="relu", output="softmax", input_range=input_range, batch_norm=batch_norm
    )
    network = LeNet5(seed=2, design=design)
    if batch_norm:
        network.layer("C1-norm").shift[...] = 0.3
    found = network.states(patterns.images[:3])
    assert found.keys() == paper.LAYERS.keys()
    for i in range(3):
        penalties = network.penalties(patterns.images[i])
        assert np.array_equal(found["OUTPUT"][i, 0, 0], penalties[0])
    s2 = network.layer("S2").forward(found["C1"])
    assert np.array_equal(np.maximum(s2, 0), found["S2"])
    assert found["C1"].min() >= 0


def test_states_are_copies_and_take_what_predict_takes(patterns: Patterns) -> None:
    network = LeNet5(seed=2)
    first = network.states(patterns.images[0])
    kept = {name: state.copy() for name, state in first.items()}
    other = network.states(patterns.x(slice(1, 3)))
    for name, state in first.items():
        assert np.array_equal(state, kept[name]) and len(state) == 1 and len(other[name]) == 2
        assert not np.array_equal(state[0], other[name][0])
    with pytest.raises(InputError, match="cannot be read"):
        network.states(np.zeros((2, 20, 20)))


def texts_inside(figure: Figure) -> list[str]:
    """The texts of a figure, all of which must lie inside it."""
    figure.draw_without_rendering()
    found = []
    for text in figure.findobj(Text):
        if not (text.get_text() and text.get_visible()):
            continue
        found.append(text.get_text())
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0, text.get_text()
        assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text.get_text()
    return found


def panels_of(figure: Figure) -> list[Axes]:
    """The axes that hold an image's row, down the first column, then the second."""
    panels = [axes for axes in figure.axes if axes.images]
    return sorted(panels, key=lambda axes: axes.get_subplotspec().colspan.start)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_figure_13_draws_every_layer_and_the_answers(patterns: Patterns, n: int) -> None:
    network = LeNet5(seed=2)
    titles = [f"cost: 5 $ or {i} $\udcff" for i in range(n)]  # no formula; no character
    answers = network.predict(patterns.x(slice(n)))
    wrong = (answers + 1) % 10
    found = network.states(patterns.images[:n])
    figure = figure13(patterns.x(slice(n)), found, titles, wrong, "printed digits")
    drawn = [axes.images for axes in panels_of(figure)]
    assert [len(images) for images in drawn] == [7] * n
    for images, f6 in zip(drawn, found["F6"], strict=True):
        image, c1, s2, c3, s4, c5, bitmap = (i.get_array() for i in images)
        assert image.shape == (32, 32) and c5.shape == (120, 1)
        assert c1.shape == s2.shape == (3 * 29 - 1, 2 * 29 - 1)
        assert c3.shape == s4.shape == (4 * 31 - 1, 4 * 31 - 1)
        assert np.array_equal(bitmap, f6.reshape(12, 7))
    assert np.array_equal(drawn[0][1].get_array()[29:57, 29:57], found["C1"][0, ..., 3])
    texts = texts_inside(figure)
    assert {title.replace("\udcff", "?") for title in titles} <= set(texts)
    for i in range(n):
        assert f"true: {wrong[i]}" in texts
        assert f"{found['OUTPUT'][i].min():.1f}" in texts
    right = figure13(patterns.x(slice(n)), found, labels=answers)
    assert not any("true" in text for text in texts_inside(right))


def test_the_smaller_the_penalty_the_darker_the_answer(patterns: Patterns) -> None:
    found = LeNet5(seed=2).states(patterns.images[:4])
    # From 1 on, evenly: some below and some above the penalty that is white in the paper.
    ranks = found["OUTPUT"].ravel().argsort().argsort()
    found["OUTPUT"] = (1.0 + ranks).reshape(found["OUTPUT"].shape)
    figure = figure13(patterns.x(slice(4)), found)
    greys = {}
    for penalties, axes in zip(found["OUTPUT"].reshape(4, -1), panels_of(figure), strict=True):
        best, second = penalties.argsort()[:2]
        large = [t for t in axes.texts if t.get_text() == str(best) and t.get_fontsize() > 30]
        small = [t for t in axes.texts if t.get_text() == str(second) and t.get_fontsize() == 22]
        greys[penalties[best]] = float(large[0].get_color())
        greys[penalties[second]] = float(small[0].get_color())
    assert min(greys) < 5 and max(greys) > paper.FADED_PENALTY
    for penalty, grey in greys.items():
        assert grey == pytest.approx(0.8 * min(penalty / 9, 1))


def test_each_image_may_have_its_own_network(patterns: Patterns) -> None:
    networks = [LeNet5(seed=1), LeNet5(seed=2)]
    x = patterns.x(slice(2))
    found = robustness.read(networks, x)
    panels = panels_of(figure13(x, found))
    for i in range(2):
        drawn = panels[i].images[-1].get_array().ravel()
        assert np.array_equal(drawn, networks[i].states(patterns.images[i])["F6"].ravel())
    for wrong in (
        {"layers": networks[0].states(x[:1])},
        {"titles": ["one"]},
        {"labels": [1, 2, 3]},
        {"images": x[:0]},
    ):
        arguments = {"images": x, "layers": found, **wrong}
        with pytest.raises(InputError, match="figure 13"):
            figure13(**arguments)


def test_a_long_title_keeps_its_end_and_its_row(patterns: Patterns) -> None:
    x = patterns.x(slice(1))
    figure = figure13(x, LeNet5().states(x), ["/folder" * 30 + "/seven.png"])
    texts = texts_inside(figure)
    assert any(text.startswith("…") and text.endswith("/seven.png") for text in texts)


def test_the_examples_of_figure_13(patterns: Patterns) -> None:
    examples = robustness.examples(patterns, rng(4))
    again = robustness.examples(patterns, rng(4))
    other = robustness.examples(patterns, rng(5))
    n = len(examples.titles)
    assert examples.x.shape == (n, 32, 32, 1) and examples.x.dtype == np.float32
    assert np.array_equal(examples.x, again.x) and not np.array_equal(examples.x, other.x)
    assert [int(label) for label in examples.labels] == [i % 10 for i in range(n)]
    assert examples.noisy == ["inverted" in title for title in examples.titles]
    assert examples.noisy == sorted(examples.noisy) and 0 < sum(examples.noisy) < n
    assert f"turned {paper.ROBUST_ROTATION:g}° clockwise" in examples.titles
    only = patterns.labels == patterns.labels[0]
    few = Patterns(patterns.images[only], patterns.labels[only], "printed")
    assert set(robustness.examples(few, rng()).labels) == {patterns.labels[0]}


# --- The experiment ------------------------------------------------------------------------------


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("with_noise", [False, True])
def test_run(patterns: Patterns, tmp_path: Path, request_with, with_noise: bool) -> None:
    weights = "ours" if with_noise else "noise"
    network, noisy = LeNet5(seed=1), LeNet5.pretrained("noise") if with_noise else None
    table = robustness.run(request_with(network=network, weights=weights, test=patterns))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(robustness.EXPERIMENT.files)
    for name in ("robustness.png", "figure13.png"):
        picture = imread(tmp_path / name)
        assert picture.shape[0] > 800 and picture[..., :3].std() > 0.05
    with open(tmp_path / "robustness.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for reader, column in ((network, ""), (noisy, "_trained_with_noise")):
        key = f"right_percent{column}"
        assert (key in rows[0]) == (reader is not None)
        if reader is not None:
            (expected,) = robustness.measure([reader], patterns, quiet=True)
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in expected}
            for row in rows:
                assert row["dataset"] == "printed" and row["test_patterns"] == "30"
                found[row["transformation"]].append((float(row["amount"]), float(row[key])))
            for name, curve in expected.items():
                assert np.allclose(found[name], curve, atol=1e-4)
    assert table.count(f"LeNet-5, weights {weights}") == len(TRANSFORMATIONS)
    assert table.count("trained with noise") == len(TRANSFORMATIONS) * with_noise
    for what in ("90 % right", "50 % right", "not MNIST"):
        assert what in table
    assert max(map(len, table.splitlines())) <= 120


def test_the_table_says_what_holds(patterns: Patterns) -> None:
    curves = {
        name: [(a, 95.0 if abs(a) <= 4 else 60.0) for a in t.amounts]
        for name, t in TRANSFORMATIONS.items()
    }
    curves["noise"] = [(a, 40.0) for a in TRANSFORMATIONS["noise"].amounts]
    mnist = Patterns(patterns.images, patterns.labels, "mnist")
    lines = robustness.table(curves, None, mnist).splitlines()
    found = {line[:18].strip(): " ".join(line[18:].split()) for line in lines}
    assert found["vertical shift"] == "LeNet-5 -4 to 4 -14* to 14* -10 to 10 60.0 %, 60.0 %"
    assert found["scale"] == "LeNet-5 0.4* to 2.5* 0.4* to 2.5* 0.5 to 2 95.0 %, 95.0 %"
    assert found["noise"] == "LeNet-5 never never -"
    other = robustness.table(curves, None, patterns, learned="mnist")
    assert "0.5 to 2" not in other and "-10 to 10" not in other
    assert "The weights have learned MNIST; these patterns are printed digits." in other


def test_the_curves_and_the_claims_are_drawn() -> None:
    curves = {
        name: [(a, 100.0 / (1 + i)) for i, a in enumerate(t.amounts)]
        for name, t in TRANSFORMATIONS.items()
    }
    figure = robustness_curves(curves, None, 30, "printed digits")
    texts = texts_inside(figure)
    assert any("printed digits" in text and "30" in text for text in texts)
    for axes, (name, t) in zip(figure.axes, TRANSFORMATIONS.items(), strict=False):
        assert axes.get_xlabel() == t.label
        assert np.allclose(axes.lines[-1].get_xydata(), curves[name])
        bands = [p.get_x() + end * p.get_width() for p in axes.patches for end in (0, 1)]
        assert bands == pytest.approx(t.claim or ())
    two = robustness_curves(curves, curves, 30, "MNIST")
    for one, both in zip(figure.axes, two.axes, strict=True):
        assert len(both.lines) >= len(one.lines) + 1
    assert any("inverted with probability 0.1" in text for text in texts_inside(two))
