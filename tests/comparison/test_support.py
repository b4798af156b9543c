"""Support vector machines: the kernel, virtual support vectors, and what is asked for without."""

import sys

import numpy as np
import pytest

from lenet1998.comparison.support import SupportVectors, of_length_1, shift
from lenet1998.data import datasets
from lenet1998.files import InputError


def test_without_scikit_learn_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(InputError, match=r"need scikit-learn: pip install 'lenet1998\[comparison"):
        SupportVectors()


def test_a_shift_moves_whole_pixels() -> None:
    image = np.arange(12).reshape(1, 3, 4)
    assert shift(image, 1, 0)[0].tolist() == [[0, 0, 0, 0], [0, 1, 2, 3], [4, 5, 6, 7]]
    assert shift(image, 0, -1)[0].tolist() == [[1, 2, 3, 0], [5, 6, 7, 0], [9, 10, 11, 0]]
    assert np.array_equal(shift(image, 0, 0), image)


def test_scores_are_those_of_the_kernel() -> None:
    """Two classes: the score is the sum over the support vectors, with the kernel written out."""
    pytest.importorskip("sklearn")
    train, test = datasets.load_printed()
    train, test = train.subset(600), test.subset(200)
    two = np.isin(train.labels, (3, 8))
    method = SupportVectors(degree=3, offset=0.5)
    method.quiet = True
    method.fit(train.images[two], train.labels[two])
    x, known = (p.images.reshape(len(p), -1) * (1.275 / 255) - 0.1 for p in (test, train))
    x, known = (one / np.linalg.norm(one, axis=1, keepdims=True) for one in (x, known[two]))
    machine = method.machine
    kernel = (x @ known[machine.support_].T + 0.5) ** 3
    expected = kernel @ machine.dual_coef_[0] + machine.intercept_[0]
    scores = method.scores(test.images)
    np.testing.assert_allclose(scores[:, 8], expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(scores[:, 3], -expected, rtol=1e-3, atol=1e-3)
    assert (scores[:, 0] < scores[:, [3, 8]].min(axis=1)).all()
    asked = np.isin(test.labels, (3, 8))
    assert np.mean(method.predict(test.images)[asked] != test.labels[asked]) < 0.1
    support = len(machine.support_)
    assert method.variables == 784 * support + support + 1


def test_a_score_is_the_smallest_margin_of_a_class() -> None:
    """The highest is the class that most pairs vote for, unless votes are equal."""
    pytest.importorskip("sklearn")
    train, test = datasets.load_printed()
    three = np.isin(train.labels, (1, 4, 9))
    method = SupportVectors()
    method.quiet = True
    method.fit(train.images[three][:200], train.labels[three][:200])
    scores = method.scores(test.images[:100])
    pairs = method.machine.decision_function(of_length_1(test.images[:100]))
    np.testing.assert_allclose(scores[:, 1], np.minimum(pairs[:, 0], pairs[:, 1]), rtol=1e-5)
    np.testing.assert_allclose(scores[:, 9], np.minimum(-pairs[:, 1], -pairs[:, 2]), rtol=1e-5)
    winners = (scores > 0).sum(axis=1)
    assert winners.max() == 1 and (winners == 1).mean() > 0.9
    voted = method.machine.predict(of_length_1(test.images[:100]))
    assert (scores.argmax(axis=1) == voted)[winners == 1].all()


def test_virtual_support_vectors_know_the_shifts() -> None:
    pytest.importorskip("sklearn")
    train, test = datasets.load_printed()
    train, test = train.subset(600), test.subset(200)
    plain, virtual = SupportVectors(), SupportVectors(virtual=True)
    moved = np.concatenate([shift(test.images, *by) for by in ((1, 0), (0, 1), (-1, 0), (0, -1))])
    errors = []
    for method in (plain, virtual):
        method.quiet = True
        method.fit(train.images, train.labels)
        errors.append(np.mean(method.predict(moved) != np.tile(test.labels, 4)))
    assert errors[1] < errors[0]
    with pytest.raises(InputError, match="at least two classes"):
        SupportVectors().fit(train.images[:1], train.labels[:1])
