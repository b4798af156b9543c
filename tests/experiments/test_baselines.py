"""Deslanting, the linear classifier and K-NN against plain loops; what the experiment leaves."""

import csv
import math
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from lenet1998 import paper
from lenet1998.comparison.linear import Linear
from lenet1998.comparison.neighbours import nearest, vote
from lenet1998.data import datasets
from lenet1998.data.deslanting import centre_and_slant, deslant
from lenet1998.data.patterns import Patterns
from lenet1998.experiments import baselines
from lenet1998.figures.methods import deslanted, figure9
from lenet1998.files import InputError

REAL = os.environ.get("LENET1998_DATA")
METHODS = ["Linear", "[deslant] Linear", "K-NN Euclidean", "[deslant] K-NN Euclidean"]


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = datasets.load_printed()
    return train.subset(600), test.subset(200)


def bar(tilt: float, width: float = 3) -> np.ndarray:
    """A bar of 14 rows that leans `tilt` pixels to the right a row, its edges grey, (1, 28, 28)."""
    image = np.zeros((28, 28))
    for row in range(7, 21):
        middle = 13.5 + tilt * (row - 13.5)
        for column in range(28):
            low, high = max(middle - width / 2, column - 0.5), min(middle + width / 2, column + 0.5)
            image[row, column] = 255 * max(0.0, high - low)
    return image[None]


# --- Deslanting --------------------------------------------------------------------------------


@pytest.mark.parametrize("tilt", [-0.6, -0.25, 0.0, 0.4])
def test_a_slanted_bar_becomes_upright(tilt: float) -> None:
    before = bar(tilt)
    after = deslant(before)
    assert centre_and_slant(before)[2] == pytest.approx(tilt, abs=0.01)
    assert centre_and_slant(after)[2] == pytest.approx(0, abs=1e-6)
    assert after.shape == (1, 20, 20) and after.dtype == np.float32
    assert after.sum() == pytest.approx(before.sum(), rel=1e-6)
    ink = np.flatnonzero(after[0].sum(axis=0) > 0.01)
    assert ink[-1] - ink[0] < 6  # three columns and grey edges, where the bar leant over up to 9
    # Every row of it is in one place.
    assert np.ptp(after[0, 3:17] @ np.arange(20) / after[0, 3:17].sum(axis=1)) < 0.02


def test_moments_of_any_blob_are_upright_afterwards() -> None:
    """Far enough from the edges nothing is lost: mass and centre stay, the mixed moment goes."""
    rng = np.random.default_rng(0)
    images = np.zeros((50, 28, 28))
    images[:, 9:19, 11:17] = rng.uniform(0, 255, (50, 10, 6)) ** 2
    before, after = centre_and_slant(images), centre_and_slant(deslant(images))
    assert np.ptp(before[2]) > 0.1
    assert np.abs(after[2]).max() < 1e-6
    for axis in (0, 1):
        np.testing.assert_allclose(after[axis] + 4, before[axis], atol=1e-5)


def test_against_a_plain_loop_over_more_than_a_block(
    printed: tuple[Patterns, Patterns], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet1998.data.deslanting._BLOCK", 7)
    images = printed[0].images[:20]
    found = deslant(images)
    for image, after in zip(images.astype(float), found, strict=True):
        mass = image.sum()
        row = sum(r * image[r].sum() for r in range(28)) / mass
        column = sum(c * image[:, c].sum() for c in range(28)) / mass
        mixed = vertical = 0.0
        for r in range(28):
            for c in range(28):
                mixed += image[r, c] * (r - row) * (c - column)
                vertical += image[r, c] * (r - row) ** 2
        for r in range(4, 24):
            places = np.arange(4, 24) + mixed / vertical * (r - row)
            expected = np.interp(places, np.arange(-1, 29), np.pad(image[r], 1))
            np.testing.assert_allclose(after[r - 4], expected, atol=2e-3)


def test_what_cannot_be_slanted_is_only_cropped() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[1, 10, 6:20] = 200  # a row
    images[2, 10:20, 12:15] = 90  # upright already
    assert np.array_equal(deslant(images), images[:, 4:24, 4:24])
    assert centre_and_slant(images)[2].tolist() == [0, 0, 0]
    assert deslant(images[:0]).shape == (0, 20, 20)


def test_ink_may_leave_the_field_but_does_not_come_back() -> None:
    """Two heavy pixels shear a field of faint ink by six pixels a row."""
    images = np.zeros((1, 28, 28))
    images[0, 12, 5] = images[0, 15, 23] = 1e6
    images[0, [4, 8, 19, 22]] = 1e-3  # all columns, the first and the last too
    assert centre_and_slant(images)[2] == pytest.approx(6, abs=1e-5)
    after = deslant(images)[0]
    for row, column in ((12, 14), (15, 14)):
        assert after[row - 4, column - 4] == pytest.approx(1e6, rel=1e-4)
    shift = 6 * (np.array([4, 8, 19, 22]) - 13.5)
    for row, moved in zip((4, 8, 19, 22), shift, strict=True):
        places = np.arange(4, 24) + moved
        expected = 1e-3 * ((places > 0) & (places < 27))
        np.testing.assert_allclose(after[row - 4], expected, atol=1e-7)


def test_the_scale_of_the_grey_levels_does_not_matter(printed: tuple[Patterns, Patterns]) -> None:
    images = printed[0].images[:10]
    np.testing.assert_allclose(deslant(images / 255), deslant(images) / 255, atol=1e-6)


def test_images_that_cannot_be_deslanted() -> None:
    with pytest.raises(InputError, match=r"float64 \(2, 20, 20\), expected grey .*\(n, 28, 28\)"):
        deslant(np.zeros((2, 20, 20)))
    with pytest.raises(InputError, match=r"expected grey levels \(n, height, width\)"):
        centre_and_slant(np.zeros((28, 28)))
    for wrong in (-0.1, np.nan, np.inf):
        with pytest.raises(InputError, match="negative or not finite"):
            deslant(np.full((1, 28, 28), wrong))


# --- The linear classifier ---------------------------------------------------------------------


def test_as_many_parameters_as_the_paper_counts(printed: tuple[Patterns, Patterns]) -> None:
    few = printed[0].subset(5)
    assert Linear(few.images, few.labels, passes=1).network.parameters.size == 7850
    assert Linear(deslant(few.images), few.labels, passes=1).network.parameters.size == 4010


def test_one_step_by_hand() -> None:
    """A pass over one pattern: w <- w - eta / (mu + h) (x - t) f'(a) pixel, h = (f'(a) pixel)^2."""
    images = np.random.default_rng(3).integers(0, 256, (1, 4, 3)).astype(np.uint8)
    learned = Linear(images, np.array([7]), seed=5, passes=1)
    first = Linear(images, np.array([7]), seed=5, passes=0)
    pixels = [-0.1 + 1.275 * level / 255 for level in images.ravel().tolist()] + [1.0]
    before = first.network.parameters.astype(float).reshape(13, 10)
    expected = before.copy()
    for unit in range(10):
        a = sum(pixels[j] * before[j, unit] for j in range(13))
        x = 1.7159 * math.tanh(2 / 3 * a)
        slope = 1.7159 * 2 / 3 * (1 - math.tanh(2 / 3 * a) ** 2)
        target = 1 if unit == 7 else -1
        for j in range(13):
            h = (slope * pixels[j]) ** 2
            expected[j, unit] -= 0.0005 / (0.02 + h) * (x - target) * slope * pixels[j]
    assert np.abs(expected - before).max() > 1e-3
    np.testing.assert_allclose(learned.network.parameters.reshape(13, 10), expected, atol=1e-6)


def test_the_highest_sum_is_the_answer(
    printed: tuple[Patterns, Patterns], monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = printed
    linear = Linear(train.images, train.labels, passes=2, quiet=True)
    sums = linear.sums(test.images)
    weights = linear.network.parameters.reshape(785, 10).astype(float)
    pixels = test.images.reshape(len(test), -1) * (1.275 / 255) - 0.1
    np.testing.assert_allclose(sums, pixels @ weights[:-1] + weights[-1], atol=1e-4)
    assert np.array_equal(linear.predict(test.images), sums.argmax(axis=1))
    monkeypatch.setattr("lenet1998.comparison.linear._BLOCK", 30)
    np.testing.assert_allclose(linear.sums(test.images), sums, atol=1e-5)


def test_it_learns_and_a_seed_repeats_it(printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed
    learned, again, other = (
        Linear(train.images, train.labels, seed, quiet=True) for seed in (1, 1, 2)
    )
    assert np.mean(learned.predict(train.images) != train.labels) < 0.06
    assert np.mean(learned.predict(test.images) != test.labels) < 0.25
    assert np.array_equal(learned.network.parameters, again.network.parameters)
    assert not np.allclose(learned.network.parameters, other.network.parameters, atol=1e-3)


def test_patterns_that_do_not_fit_the_linear_classifier(printed: tuple[Patterns, Patterns]) -> None:
    few = printed[0].subset(5)
    with pytest.raises(InputError, match=r"5 images and labels \(4,\): expected one label"):
        Linear(few.images, few.labels[:4])
    with pytest.raises(InputError, match="0 images"):
        Linear(few.images[:0], few.labels[:0])
    with pytest.raises(InputError, match=r"expected grey levels \(n, 28, 28\)"):
        Linear(few.images, few.labels, passes=1).predict(deslant(few.images))


# --- K-NN --------------------------------------------------------------------------------------


def naive(train: np.ndarray, test: np.ndarray, k: int) -> list[list[int]]:
    """The k nearest, one image after the other, in whole numbers."""
    found = []
    for image in test.astype(np.int64):
        distances = [int(np.square(image - other).sum()) for other in train.astype(np.int64)]
        found.append(sorted(range(len(train)), key=lambda i: (distances[i], i))[:k])
    return found


@pytest.mark.parametrize(("k", "training_block"), [(1, 5000), (3, 5000), (3, 64), (5, 2)])
def test_against_the_naive_neighbours(
    k: int,
    training_block: int,
    printed: tuple[Patterns, Patterns],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one block and in several, the last one short, some with fewer images than neighbours."""
    monkeypatch.setattr("lenet1998.comparison.neighbours._TRAINING_BLOCK", training_block)
    monkeypatch.setattr("lenet1998.comparison.neighbours._TEST_BLOCK", 30)
    train, test = printed[0].images[:201], printed[1].images[:40]
    assert nearest(train, test, k, quiet=True).tolist() == naive(train, test, k)


def test_of_equal_images_the_earlier_counts_as_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenet1998.comparison.neighbours._TRAINING_BLOCK", 3)
    train = np.zeros((7, 2, 2), np.uint8)
    train[[1, 5]] = 10
    test = np.array([[[0, 0], [0, 0]], [[10, 10], [10, 9]]], np.uint8)
    assert nearest(train, test, 4).tolist() == [[0, 2, 3, 4], [1, 5, 0, 2]]
    assert sorted(nearest(train, test, 7)[1]) == list(range(7))


def test_the_vote() -> None:
    assert vote(np.array([[4, 9, 9], [4, 4, 9], [4, 9, 7]], np.uint8)).tolist() == [9, 4, 4]
    assert vote(np.array([[4, 9, 9, 4, 1]])).tolist() == [4]
    assert vote(np.array([[3], [8]])).tolist() == [3, 8]


def test_memory_of_the_distances_is_bounded() -> None:
    """All distances at once would take 96 MB."""
    rng = np.random.default_rng(0)
    train, test = (rng.integers(0, 256, (n, 4, 4), np.uint8) for n in (12_000, 2000))
    tracemalloc.start()
    nearest(train, test, quiet=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_what_has_no_neighbours() -> None:
    train = np.zeros((2, 4, 4))
    for k in (0, 3):
        with pytest.raises(InputError, match=rf"k is {k}: expected 1 to the 2 training images"):
            nearest(train, train, k)
    with pytest.raises(InputError, match=r"\(2, 4, 4\) and \(2, 3, 3\), expected .* of one size"):
        nearest(train, np.zeros((2, 3, 3)), 1)


# --- The experiment ----------------------------------------------------------------------------


def test_run_leaves_table_csv_and_picture(
    printed: tuple[Patterns, Patterns], tmp_path: Path, request_with
) -> None:
    train, test = printed[0].subset(300), printed[1].subset(100)
    table = baselines.run(request_with(train=train, test=test))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(baselines.EXPERIMENT.files)
    with open(tmp_path / "baselines.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["method"] for row in rows] == METHODS
    assert [float(row["paper_percent"]) for row in rows] == [12.0, 8.4, 5.0, 2.4]
    assert {row["dataset"] for row in rows} == {"printed"}

    answers = [train.labels[near] for near in naive(train.images, test.images, 3)]
    majority = [
        max(near.tolist(), key=lambda c: (near.tolist().count(c), c == near[0])) for near in answers
    ]
    error = 100 * np.mean(np.array(majority) != test.labels)
    assert float(rows[2]["ours_percent"]) == pytest.approx(error)
    for row in rows:
        assert 0 < float(row["ours_percent"]) < 40

    lines = table.splitlines()
    assert "printed digits, 300 training patterns" in lines[0]
    for line, row in zip(lines[1:5], rows, strict=True):
        assert line.startswith(row["method"] + " ")
        assert line.split()[-4:] == [
            row["method"].split()[-1],
            f"{float(row['ours_percent']):.2f}",
            "%",
            "-",  # of other data the paper says nothing
        ]
    assert "not MNIST" in lines[5]
    assert imread(tmp_path / "figure9.png").shape[0] > 800
    errors = {row["method"]: float(row["ours_percent"]) for row in rows}
    whole = train.images[:1].repeat(60_000, axis=0), train.labels[:1].repeat(60_000)
    mnist = baselines.table(errors, Patterns(*whole, "mnist")).splitlines()
    for line, percent in zip(mnist[1:5], ("12.0 %", "8.4 %", "5.0 %", "2.4 %"), strict=True):
        assert line.endswith(percent)


def texts(figure: Figure) -> list[str]:
    """Everything that is written into the axes of a figure."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_figure_9_has_every_method_of_the_paper_and_ours_beside() -> None:
    ours = {"Linear": 11.25, "LeNet-5": 0.931}
    figure = figure9(ours, "printed digits")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(paper.FIGURE_9)
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    expected = []
    for name, error in paper.FIGURE_9.items():
        expected += [error, ours[name]] if name in ours else [error]
    assert [bar.get_width() for bar in bars] == expected
    written = texts(figure)
    assert written[:3] == ["12.0", "11.25", "8.4"] and written[-4:-2] == ["0.95", "0.93"]
    tops = sorted(bar.get_y() for bar in bars)
    assert np.diff(tops).min() > bars[0].get_height() - 1e-9  # no bar over another
    legend = axes.get_legend()
    assert legend is not None
    assert [t.get_text() for t in legend.get_texts()] == ["paper (MNIST)", "ours (printed digits)"]


def test_figure_9_knows_no_other_method() -> None:
    with pytest.raises(InputError, match="no method 'LeNet-6'"):
        figure9({"LeNet-6": 0.1}, "MNIST")


def test_the_picture_of_deslanting_shows_upright_axes() -> None:
    images = np.concatenate([bar(0.5), bar(-0.3)])
    figure = deslanted(images, deslant(images), centre_and_slant(images), "printed digits")
    assert len(figure.axes) == 4
    leaning = []
    for axes in figure.axes:
        x, y = np.asarray(axes.lines[0].get_xydata()).T
        leaning.append((x[1] - x[0]) / (y[1] - y[0]))
    assert leaning == pytest.approx([0.5, -0.3, 0, 0], abs=0.01)
    shown = np.array(figure.axes[2].images[0].get_array())
    assert np.array_equal(shown[4:24, 4:24], deslant(images)[0])
    with pytest.raises(InputError, match="at least one"):
        deslanted(images[:0], images[:0], (images[:0],) * 3, "printed digits")


@pytest.mark.skipif(not REAL, reason="LENET1998_DATA does not name MNIST's folder")
def test_deslanting_helps_on_mnist() -> None:
    """III-C.3: about half as many errors; here with a sixth of the training patterns."""
    train, test = datasets.load_mnist()
    train, test = train.subset(10_000), test.subset(2000)
    plain = nearest(train.images, test.images, quiet=True)
    upright = nearest(deslant(train.images), deslant(test.images), quiet=True)
    errors = [np.mean(vote(train.labels[near]) != test.labels) for near in (plain, upright)]
    assert errors[1] < 0.75 * errors[0] < 0.07
