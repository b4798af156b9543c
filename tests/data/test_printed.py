"""The printed digits: always the same, digits to a person and to a classifier, not too easy."""

import numpy as np
import pytest

from lenet1998.data import bitmaps, printed

Digits = tuple[np.ndarray, np.ndarray]
FIRST_LABELS = [6, 1, 0, 9, 0, 9, 4, 0, 7, 7, 1, 5]
MEAN_GREY = 65.05


@pytest.fixture(scope="module")
def training() -> Digits:
    return printed.training_digits()


@pytest.fixture(scope="module")
def unseen() -> Digits:
    return printed.test_digits()


def nearest(known: Digits, asked: np.ndarray) -> np.ndarray:
    """The labels of the nearest known images."""
    a = known[0].reshape(len(known[0]), -1).astype(np.float32) / 255
    b = asked.reshape(len(asked), -1).astype(np.float32) / 255
    return known[1][(np.square(a).sum(axis=1) - 2 * b @ a.T).argmin(axis=1)]


@pytest.mark.parametrize(("name", "n"), [("training", 5000), ("unseen", 1000)])
def test_shapes_types_and_classes(name: str, n: int, request: pytest.FixtureRequest) -> None:
    images, labels = request.getfixturevalue(name)
    assert images.shape == (n, 28, 28) and images.dtype == np.uint8
    assert labels.shape == (n,) and labels.dtype == np.uint8
    assert np.bincount(labels).tolist() == [n // 10] * 10
    assert np.bincount(labels[:200], minlength=10).min() > 5  # in random order


def test_always_the_same(training: Digits) -> None:
    again = printed.training_digits()
    assert np.array_equal(again[0], training[0]) and np.array_equal(again[1], training[1])
    # The same on every machine, but for a rounding here and there.
    assert training[1][:12].tolist() == FIRST_LABELS
    assert training[0].mean() == pytest.approx(MEAN_GREY, abs=0.01)


def test_no_test_pattern_is_a_training_pattern(training: Digits, unseen: Digits) -> None:
    known = {image.tobytes() for image in training[0]}
    assert len(known) == len(training[0])
    assert not any(image.tobytes() in known for image in unseen[0])


def test_training_and_test_patterns_have_streams_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the same length, the two sets still differ in every pattern."""
    monkeypatch.setattr(printed, "TRAINING_DIGITS", 50)
    monkeypatch.setattr(printed, "TEST_DIGITS", 50)
    train, test = printed.training_digits()[0], printed.test_digits()[0]
    assert train.shape == test.shape == (50, 28, 28)
    assert (train != test).any(axis=(1, 2)).all()


def test_centred_by_mass(training: Digits) -> None:
    images = training[0].astype(np.float64)
    mass = images.sum(axis=(1, 2))
    for axis in (1, 2):
        centre = (images.sum(axis=3 - axis) * np.arange(28)).sum(axis=1) / mass
        assert np.mean(np.abs(centre - 13.5) <= 0.6) > 0.85  # dirt comes after centring
        assert np.abs(centre - 13.5).max() < 3


@pytest.mark.parametrize(("row", "column"), [(0, 0), (5, 20), (22, 22), (11, 11)])
def test_centring_moves_by_whole_pixels(row: int, column: int) -> None:
    image = np.zeros((1, 32, 32), np.uint8)
    stamp = np.arange(1, 101, dtype=np.uint8).reshape(10, 10) // 2 + 200
    image[0, row : row + 10, column : column + 10] = stamp
    expected = np.zeros((28, 28), np.uint8)
    expected[9:19, 9:19] = stamp
    assert np.array_equal(printed.centred(image)[0], expected)


def test_stroke_width_size_and_noise_vary(training: Digits) -> None:
    ones = training[0][training[1] == 1] / 255
    ink = ones.sum(axis=(1, 2))
    assert np.percentile(ink, 95) > 1.8 * np.percentile(ink, 5)
    height = (ones.max(axis=2) > 0.9).sum(axis=1)
    assert np.percentile(height, 95) - np.percentile(height, 5) >= 5
    grey = np.mean((ones > 0.05) & (ones < 0.95), axis=(1, 2))
    assert np.percentile(grey, 95) > 1.8 * np.percentile(grey, 5)


def test_the_digits_come_from_the_bitmaps() -> None:
    """Sampled back at the middle of each bitmap pixel, a smooth digit is its bitmap."""
    smooth = printed.smooth_digits()
    seven = smooth[7]
    rows = 6 + 2 * np.arange(10)  # ten rows of two pixels, from row 6 of the field on
    columns = 9 + 2 * np.arange(7)
    squares = [[seven[r : r + 2, c : c + 2].mean() for c in columns] for r in rows]
    assert np.array_equal(np.array(squares) > 0.5, bitmaps.code_of("7").reshape(12, 7)[:10] > 0)
    assert smooth.shape == (10, 32, 32) and smooth.min() >= 0 and smooth.max() <= 1


def test_the_bars_above_0_2_4_and_5_are_no_part_of_the_digit() -> None:
    """All digits fill the box of 20 pixels: with its bar, a 0 would be two thirds of it."""
    for digit, image in enumerate(printed.smooth_digits()):
        rows = np.flatnonzero(image.max(axis=1) > 0.3)
        assert rows[-1] - rows[0] + 1 >= 19, digit
        assert (image.max(axis=1)[rows[0] : rows[-1]] > 0.3).all(), digit


def test_neither_trivial_nor_unreadable(training: Digits, unseen: Digits) -> None:
    error = 100 * np.mean(nearest(training, unseen[0]) != unseen[1])
    assert 0.5 < error < 5
