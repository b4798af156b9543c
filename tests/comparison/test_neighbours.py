"""K-NN against plain loops."""

import os
import tracemalloc

import numpy as np
import pytest

from lenet1998.comparison.neighbours import Neighbours, nearest, nearest_distances, vote
from lenet1998.data import datasets
from lenet1998.data.deslanting import deslant
from lenet1998.data.patterns import Patterns
from lenet1998.files import InputError

REAL = os.environ.get("LENET1998_DATA")


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = datasets.load_printed()
    return train.subset(600), test.subset(200)


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
    assert nearest(train, test, k).tolist() == naive(train, test, k)


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
    nearest(train, test)
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


@pytest.mark.parametrize("k", [1, 3, 4, 7])
def test_the_method_answers_as_the_vote_does(k: int, printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed
    method = Neighbours(k, quiet=True)
    method.fit(train.images, train.labels)
    expected = vote(train.labels[np.array(naive(train.images, test.images, k))])
    assert np.array_equal(method.predict(test.images), expected)


def test_scores_are_votes_minus_a_share_of_the_distance() -> None:
    train = np.zeros((5, 1, 4), np.uint8)
    train[:, 0] = [[0, 0, 0, 0], [3, 0, 0, 0], [0, 4, 0, 0], [0, 0, 0, 100], [0, 6, 0, 8]]
    method = Neighbours(quiet=True)
    method.fit(train, np.array([2, 2, 5, 7, 5]))
    scores = method.scores(np.zeros((1, 1, 4), np.uint8))[0]
    assert scores[[2, 5, 7]].tolist() == pytest.approx([2, 1 - 4 / 100, -1])
    assert scores[[0, 1, 3]].tolist() == [-1, -1, -1]  # classes without an image
    assert method.variables == method.multiply_accumulates == 20


def test_equal_images_of_two_classes_share_the_votes() -> None:
    train = np.full((6, 2, 2), 9, np.uint8)
    method = Neighbours(quiet=True)
    method.fit(train, np.array([4, 4, 1, 1, 1, 8]))
    scores = method.scores(train[:1])[0]
    # Of equal distances the smaller class counts first; absent classes are far away.
    assert scores.tolist() == [-1, 3, -1, -1, 0, -1, -1, -1, 0, -1]
    assert method.predict(train[:1]) == [1]


def test_the_distances_are_squared(printed: tuple[Patterns, Patterns]) -> None:
    train, test = printed[0].images[:50].astype(float), printed[1].images[:20].astype(float)
    index, squared = nearest_distances(train, test, 2)
    expected = ((train[index] - test[:, None]) ** 2).sum(axis=(2, 3))
    np.testing.assert_allclose(squared, expected, rtol=1e-4)


def test_the_method_needs_as_many_images_as_neighbours() -> None:
    with pytest.raises(InputError, match="k is 3: expected 1 to the 2 training images"):
        Neighbours().fit(np.zeros((2, 4, 4)), np.array([0, 1]))


@pytest.mark.skipif(not REAL, reason="LENET1998_DATA does not name MNIST's folder")
def test_deslanting_helps_on_mnist() -> None:
    """III-C.2: about half as many errors; here with a sixth of the training patterns."""
    train, test = datasets.load_mnist()
    train, test = train.subset(10_000), test.subset(2000)
    plain = nearest(train.images, test.images)
    upright = nearest(deslant(train.images), deslant(test.images))
    errors = [np.mean(vote(train.labels[near]) != test.labels) for near in (plain, upright)]
    assert errors[1] < 0.75 * errors[0] < 0.07
