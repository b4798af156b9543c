"""Tangent distance against a general least-squares solver, and what it is good for."""

import numpy as np
import pytest

from lenet1998.comparison.tangent import (
    SMOOTHING,
    TangentDistance,
    blur,
    orthonormal,
    tangent_distances,
    tangents,
)
from lenet1998.data import datasets
from lenet1998.data.databases import shrink
from lenet1998.data.patterns import Patterns


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = datasets.load_printed()
    return train.subset(600), test.subset(100)


def smooth(images: np.ndarray) -> np.ndarray:
    return blur(shrink(images) / 255, 1.5).astype(float)


def blob(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A wide, slanted blob beside the middle, at any places."""
    return np.exp(-((x - 0.5) ** 2 + (y + 1) ** 2 + 0.8 * (x - 0.5) * (y + 1)) / 60)


@pytest.mark.parametrize(
    ("which", "dx", "dy"),
    [
        (0, [0, 0, 1], [0, 0, 0]),
        (1, [0, 0, 0], [0, 0, 1]),
        (2, [1, 0, 0], [0, 1, 0]),
        (3, [1, 0, 0], [0, -1, 0]),
        (4, [0, 1, 0], [1, 0, 0]),
        (5, [0, 1, 0], [-1, 0, 0]),
    ],
)
def test_a_tangent_is_what_a_small_change_of_the_places_makes(
    which: int, dx: list[float], dy: list[float]
) -> None:
    """The places move by (dx, dy), linear in x, y and 1; the image is known at all places."""
    y, x = np.mgrid[:16, :16] - 7.5
    step = [1e-4 * (a * x + b * y + c) for a, b, c in (dx, dy)]
    numeric = (blob(x + step[0], y + step[1]) - blob(x - step[0], y - step[1])) / 2e-4
    found = tangents(blob(x, y)[None])[0, which].reshape(16, 16)
    np.testing.assert_allclose(found[1:-1, 1:-1], numeric[1:-1, 1:-1], atol=0.02)
    assert np.abs(numeric).max() > 0.08


def test_thickness_is_the_squared_slope(printed: tuple[Patterns, Patterns]) -> None:
    found = tangents(smooth(printed[0].images[:3]))
    np.testing.assert_allclose(found[:, 6], found[:, 0] ** 2 + found[:, 1] ** 2)


def test_the_distance_is_the_least_one_between_the_planes(
    printed: tuple[Patterns, Patterns],
) -> None:
    images = smooth(printed[0].images[:6])
    flat, planes = images.reshape(6, -1), orthonormal(tangents(images))
    found = tangent_distances(flat[0], planes[0], flat[1:], planes[1:], 0.0)
    raw = tangents(images)
    for i in range(1, 6):
        both = np.concatenate([raw[0], raw[i]]).T
        steps = np.linalg.lstsq(both, flat[i] - flat[0], rcond=None)[0]
        expected = ((flat[i] - flat[0] - both @ steps) ** 2).sum()
        assert found[i - 1] == pytest.approx(expected, rel=1e-6)
        assert expected < 0.8 * ((flat[i] - flat[0]) ** 2).sum()


def test_an_empty_image_has_no_tangents() -> None:
    assert not orthonormal(tangents(np.zeros((1, 16, 16)))).any()
    x = np.random.default_rng(0).normal(size=(1, 256))
    none = np.zeros((1, 7, 256))
    assert tangent_distances(x[0], none[0], 0 * x, none, 0.0) == pytest.approx((x**2).sum())


def test_it_reads_better_than_the_euclidean_distance(printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed
    method = TangentDistance(candidates=50, quiet=True)
    method.fit(shrink(train.images), train.labels)
    tests = shrink(test.images)
    answers = method.predict(tests)
    flat = blur(shrink(train.images) / 255, SMOOTHING).reshape(600, -1)
    asked = blur(tests / 255, SMOOTHING).reshape(100, -1)
    euclidean = train.labels[((asked[:, None] - flat) ** 2).sum(axis=2).argmin(axis=1)]
    assert np.mean(answers != test.labels) <= np.mean(euclidean != test.labels)
    one = TangentDistance(candidates=1, quiet=True)
    one.fit(shrink(train.images), train.labels)
    assert np.array_equal(one.predict(tests), euclidean)
    assert method.variables == 600 * 8 * 256
    assert method.multiply_accumulates == 600 * 256 + 50 * 256 * (49 + 14 + 1)
    assert np.isfinite(method.scores(tests)).all()
    # With one candidate, the other nine classes are as far away as images can be.
    scores = np.sort(one.scores(tests), axis=1)
    assert np.allclose(scores[:, :9], -np.log(256)) and (scores[:, 9] > scores[:, 8]).all()
    same = TangentDistance(candidates=1, quiet=True)
    same.fit(tests[:1], test.labels[:1])
    assert same.scores(tests[:1]).max() == pytest.approx(-np.log(1e-6))
