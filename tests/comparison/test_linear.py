"""The linear, pairwise, quadratic and RBF classifiers against plain formulas."""

import math
from itertools import combinations

import numpy as np
import pytest

from lenet1998.comparison.least_squares import least_squares
from lenet1998.comparison.linear import Linear
from lenet1998.comparison.method import Method
from lenet1998.comparison.pairwise import Pairwise
from lenet1998.comparison.quadratic import Quadratic
from lenet1998.comparison.radial import Radial, adaptive_k_means
from lenet1998.data import datasets
from lenet1998.data.deslanting import deslant
from lenet1998.data.patterns import Patterns
from lenet1998.files import InputError


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = datasets.load_printed()
    return train.subset(600), test.subset(200)


def learned(method: Method, images: np.ndarray, labels: np.ndarray) -> Method:
    """The method after learning, without progress bars."""
    method.quiet = True
    method.fit(images, labels)
    return method


def pixels(images: np.ndarray) -> np.ndarray:
    """The inputs of II-B with the 1 of the bias, in double precision."""
    return np.pad(
        images.reshape(len(images), -1) * (1.275 / 255) - 0.1, ((0, 0), (0, 1)), constant_values=1
    )


def error(method: Method, patterns: Patterns) -> float:
    return float(np.mean(method.predict(patterns.images) != patterns.labels))


# --- The linear classifier ---------------------------------------------------------------------


def test_as_many_variables_as_the_paper_counts(printed: tuple[Patterns, Patterns]) -> None:
    """Figure 12: 4 and 35, 40 and 794 thousand (figure 12 counts biases)."""
    few = printed[0].subset(60)
    for method, images, count in (
        (Linear(passes=1), few.images, 7850),
        (Linear(passes=1), deslant(few.images), 4010),
        (Pairwise(), few.images, 35_325),
        (Quadratic(), few.images, 784 * 40 + 821 * 10),
    ):
        learned(method, images, few.labels)
        assert method.variables == count
    radial = learned(Radial(), printed[0].images, printed[0].labels)
    assert radial.variables == len(radial.centres) * 784 + (len(radial.centres) + 1) * 10
    assert 1000 * 784 + 1001 * 10 == 794_010


def test_one_step_by_hand() -> None:
    """A pass over one pattern: w <- w - eta / (mu + h) (x - t) f'(a) pixel, h = (f'(a) pixel)^2."""
    images = np.random.default_rng(3).integers(0, 256, (1, 4, 3)).astype(np.uint8)
    after, before = (
        learned(Linear(seed=5, passes=passes), images, np.array([7])).matrix.astype(float)
        for passes in (1, 0)
    )
    inputs = [-0.1 + 1.275 * level / 255 for level in images.ravel().tolist()] + [1.0]
    expected = before.copy()
    for unit in range(10):
        a = sum(inputs[j] * before[j, unit] for j in range(13))
        x = 1.7159 * math.tanh(2 / 3 * a)
        slope = 1.7159 * 2 / 3 * (1 - math.tanh(2 / 3 * a) ** 2)
        target = 1 if unit == 7 else -1
        for j in range(13):
            h = (slope * inputs[j]) ** 2
            expected[j, unit] -= 0.0005 / (0.02 + h) * (x - target) * slope * inputs[j]
    assert np.abs(expected - before).max() > 1e-3
    np.testing.assert_allclose(after, expected, atol=1e-6)


def test_the_highest_sum_is_the_answer(
    printed: tuple[Patterns, Patterns], monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = printed
    linear = learned(Linear(passes=2), train.images, train.labels)
    scores = linear.scores(test.images)
    np.testing.assert_allclose(scores, pixels(test.images) @ linear.matrix, atol=1e-4)
    assert np.array_equal(linear.predict(test.images), scores.argmax(axis=1))
    assert linear.scores(test.images[:0]).shape == (0, 10)


def test_it_learns_and_a_seed_repeats_it(printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed
    one, again, other = (learned(Linear(seed), train.images, train.labels) for seed in (1, 1, 2))
    assert error(one, train) < 0.06 and error(one, test) < 0.25
    assert np.array_equal(one.matrix, again.matrix)
    assert not np.allclose(one.matrix, other.matrix, atol=1e-3)


def test_patterns_that_do_not_fit(printed: tuple[Patterns, Patterns]) -> None:
    few = printed[0].subset(5)
    with pytest.raises(InputError, match=r"5 images and labels \(4,\): expected one label"):
        Linear().fit(few.images, few.labels[:4])
    with pytest.raises(InputError, match="0 images"):
        Linear().fit(few.images[:0], few.labels[:0])
    with pytest.raises(InputError, match=r"expected grey levels \(n, 28, 28\)"):
        learned(Linear(passes=1), few.images, few.labels).predict(deslant(few.images))


def test_least_squares_is_the_same_in_blocks() -> None:
    rng = np.random.default_rng(1)
    x, t = rng.normal(size=(30, 4)), rng.normal(size=(30, 2))
    parts = [(x[:7], t[:7]), (x[7:], t[7:])]
    np.testing.assert_allclose(least_squares(parts, 0.0), np.linalg.lstsq(x, t, rcond=None)[0])
    damped = np.concatenate([x, np.eye(4) * math.sqrt(0.1 * (x**2).sum() / 4)])
    expected = np.linalg.lstsq(damped, np.concatenate([t, np.zeros((4, 2))]), rcond=None)[0]
    np.testing.assert_allclose(least_squares(parts, 0.1), expected)


def test_the_sums_solved_directly(printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed
    images = train.images[:, 8:20:2, 8:20:2]
    linear = learned(Linear(directly=True), images, train.labels)
    expected = np.linalg.lstsq(pixels(images), 2 * np.eye(10)[train.labels] - 1, rcond=None)[0]
    scores = linear.scores(test.images[:, 8:20:2, 8:20:2])
    np.testing.assert_allclose(scores, pixels(test.images[:, 8:20:2, 8:20:2]) @ expected, atol=0.02)


# --- The pairwise linear classifier ------------------------------------------------------------


def test_a_unit_learns_from_its_own_two_classes_alone() -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 3, 3)).astype(np.uint8)
    labels = np.array([3, 8] * 15)
    methods = [Pairwise(passes=passes, seed=1, directly=False) for passes in (0, 2)]
    before, after = (learned(method, images, labels).matrix for method in methods)
    changed = np.abs(after - before).max(axis=0) > 0
    assert changed.tolist() == [bool({3, 8} & set(pair)) for pair in combinations(range(10), 2)]


@pytest.mark.parametrize("directly", [False, True])
def test_the_score_adds_the_units_of_a_class(
    directly: bool, printed: tuple[Patterns, Patterns]
) -> None:
    train, test = printed
    pairwise = learned(Pairwise(directly=directly), train.images, train.labels)
    assert error(pairwise, test) < 0.2
    sums = pixels(test.images[:20]) @ pairwise.matrix
    expected = np.zeros((20, 10))
    for unit, (i, j) in enumerate(combinations(range(10), 2)):
        for n in range(20):
            a = sums[n, unit]
            x = min(max(a, -1), 1) if directly else 1.7159 * math.tanh(2 / 3 * a)
            expected[n, i] += x
            expected[n, j] -= x
    np.testing.assert_allclose(pairwise.scores(test.images[:20]), expected, atol=1e-3)
    assert pairwise.multiply_accumulates == 785 * 45 + 90


def test_pairs_solved_directly_without_a_class(printed: tuple[Patterns, Patterns]) -> None:
    """A unit with one class alone, or none, takes what is there."""
    train = printed[0]
    two = np.isin(train.labels, (4, 6))
    pairwise = learned(Pairwise(), train.images[two], train.labels[two])
    assert set(pairwise.predict(train.images[two])) == {4, 6}


# --- Components, radial units ------------------------------------------------------------------


def test_components_are_those_of_the_covariance(printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed
    quadratic = learned(Quadratic(5), train.images, train.labels)
    x = pixels(train.images)[:, :-1]
    _, _, rows = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    same = np.abs((rows[:5] * quadratic.basis.T).sum(axis=1))
    np.testing.assert_allclose(same, 1, atol=1e-5)
    z = (pixels(test.images[:3])[:, :-1] - x.mean(axis=0)) @ quadratic.basis
    products = [[row[i] * row[j] for i in range(5) for j in range(i, 5)] + [1] for row in z]
    np.testing.assert_allclose(quadratic.products(test.images[:3]), products, atol=1e-4)
    assert quadratic.multiply_accumulates == 784 * 5 + 15 + 16 * 10


def test_the_quadratic_classifier_learns(printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed
    quadratic = learned(Quadratic(15), train.images, train.labels)
    assert error(quadratic, test) < error(
        learned(Linear(directly=True), train.images, train.labels), test
    )


def test_centres_are_the_means_of_what_they_won() -> None:
    """Two far clusters: after any order each centre is the mean of its start and its patterns."""
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(0, 0.1, (40, 3)), rng.normal(50, 0.1, (40, 3))])
    x = x.astype(np.float32)
    for seed in range(20):
        draws = np.random.default_rng(seed)
        first = np.random.default_rng(seed).choice(80, 2, replace=False)
        if len(set(first // 40)) == 2:
            break
    centres = adaptive_k_means(x, 2, draws, sweeps=1)
    for start, centre in zip(first, centres, strict=True):
        own = x[:40] if start < 40 else x[40:]
        np.testing.assert_allclose(centre, (x[start] + own.sum(axis=0)) / 41, atol=1e-3)


def test_radial_units_are_gaussian_and_placed_class_by_class(
    printed: tuple[Patterns, Patterns],
) -> None:
    train, test = printed
    radial = learned(Radial(units=4, width=2.0), train.images, train.labels)
    assert radial.centres.shape == (40, 784)
    x = pixels(train.images)[:, :-1]
    nearest = [
        min(((one - c) ** 2).sum() for c in radial.centres[4 * label : 4 * label + 4])
        for one, label in zip(x, train.labels, strict=True)
    ]
    y = pixels(test.images[:5])[:, :-1]
    distances = ((y[:, None] - radial.centres) ** 2).sum(axis=2)
    expected = np.exp(-distances / (2 * 2.0 * np.mean(nearest)))
    np.testing.assert_allclose(radial.activities(test.images[:5])[:, :-1], expected, rtol=1e-3)
    assert error(learned(Radial(units=20), train.images, train.labels), test) < 0.1
