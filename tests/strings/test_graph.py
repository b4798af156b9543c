"""The transducer, Viterbi and the forward penalties, against every path counted one by one."""

import re
from itertools import groupby, product

import numpy as np
import pytest

from lenet1998.data.windows import BLANK
from lenet1998.files import InputError
from lenet1998.strings import graph
from lenet1998.strings.graph import (
    any_string,
    discriminative_error,
    discriminative_forward,
    forward_penalty,
    forward_total,
    one_string,
    viterbi,
)
from lenet1998.strings.reading import decode

COLUMNS = 4
CLASSES = (3, 7, BLANK)  # enough to tell right from wrong, few enough to count every path


def penalties(seed: int, columns: int = COLUMNS) -> np.ndarray:
    """Random penalties; classes other than `CLASSES` are out of reach."""
    y = np.full((columns, BLANK + 1), 1e3)
    y[:, CLASSES] = np.random.default_rng(seed).uniform(0, 6, (columns, len(CLASSES)))
    return y


def text_of(path: tuple[int, ...]) -> str | None:
    """The string of a path, by the rules of figure 24 in words; None where it is no string."""
    letters = "".join("_" if c == BLANK else str(c) for c in path)
    if re.search(r"(\d)(?!\1)\d", letters):  # two digits side by side
        return None
    return "".join(key for key, _ in groupby(letters) if key != "_")


def every_path(columns: int = COLUMNS) -> list[tuple[int, ...]]:
    return [path for path in product(CLASSES, repeat=columns) if text_of(path) is not None]


def total(y: np.ndarray, path: tuple[int, ...]) -> float:
    return float(y[np.arange(len(path)), path].sum())


@pytest.mark.parametrize("seed", range(20))
def test_viterbi_finds_the_smallest_of_all_paths(seed: int) -> None:
    y = penalties(seed)
    best = min(every_path(), key=lambda path: total(y, path))
    path, found = viterbi(y, any_string())
    assert tuple(path) == best and found == pytest.approx(total(y, best))


@pytest.mark.parametrize("text", ["", "3", "7", "37", "73", "33", "77"])
def test_the_paths_of_one_string(text: str) -> None:
    y = penalties(5)
    own = [path for path in every_path() if text_of(path) == text]
    path, found = viterbi(y, one_string([int(c) for c in text]))
    assert text_of(tuple(path)) == text
    assert found == pytest.approx(min(total(y, path) for path in own))
    expected = -np.log(sum(np.exp(-total(y, path)) for path in own))
    assert forward_penalty(y, one_string([int(c) for c in text]))[0] == pytest.approx(expected)


def test_the_forward_penalty_of_all_paths() -> None:
    y = penalties(6)
    expected = -np.log(sum(np.exp(-total(y, path)) for path in every_path()))
    assert forward_penalty(y, any_string())[0] == pytest.approx(expected)


@pytest.mark.parametrize("digits", [[], [3], [3, 1], [5, 5]])
def test_the_gradient_of_eq_17(digits: list[int]) -> None:
    y = np.random.default_rng(len(digits)).uniform(0, 8, (6, BLANK + 1))
    _, gradient = discriminative_forward(y, digits)
    for place in np.ndindex(y.shape):
        ends = []
        for step in (1e-5, -1e-5):
            moved = y.copy()
            moved[place] += step
            ends.append(discriminative_forward(moved, digits)[0])
        assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-7), place


@pytest.mark.parametrize("digits", [[], [4], [4, 4, 9]])
def test_the_two_ways_to_add_up_agree(digits: list[int]) -> None:
    y = np.random.default_rng(9).uniform(0, 60, (9, BLANK + 1))
    for grammar in (any_string(), one_string(digits)):
        total, gradient = forward_penalty(y, grammar)
        expected, slope = graph._forward_in_logarithms(y, grammar)
        assert total == pytest.approx(expected, rel=1e-12) == forward_total(y, grammar)
        np.testing.assert_allclose(gradient, slope, atol=1e-12)
    error, _ = discriminative_forward(y, digits)
    assert discriminative_error(y, digits) == pytest.approx(error, rel=1e-12)


def test_paths_that_are_far_from_the_best_arcs() -> None:
    """exp(-2000) is 0: what only such paths can read has a penalty all the same."""
    y = np.full((3, BLANK + 1), 2000.0)
    y[:, 5] = 1.0
    total, gradient = forward_penalty(y, one_string([6]))
    assert total == pytest.approx(6000 - np.log(6)) == forward_total(y, one_string([6]))
    np.testing.assert_allclose(gradient.sum(axis=1), 1)
    assert discriminative_error(y, [6]) == pytest.approx(total - forward_total(y, any_string()))


def test_eq_17_is_a_posterior() -> None:
    """The probabilities of all strings add up to 1."""
    y = penalties(7)
    texts = {text_of(path) for path in every_path()}
    p = [np.exp(-discriminative_forward(y, [int(c) for c in text or ""])[0]) for text in texts]
    assert sum(p) == pytest.approx(1) and min(p) > 0


def test_a_string_that_does_not_fit() -> None:
    error, gradient = discriminative_forward(penalties(8, columns=2), [3, 7])
    assert error == np.inf and (gradient <= 0).all()
    assert viterbi(penalties(8, columns=2), one_string([3, 7]))[1] == np.inf


def test_figures_25_and_26() -> None:
    """The labels printed there with their greys, a blank column at 1: the printed answers."""
    printed = {
        "2345": [(2, 0, 0.157), (3, 3, 0.110), (3, 4, 0.110), (4, 6, 0.157), (5, 8, 0.125)],
        "678": [(6, 0, 0.063), (7, 2, 0.588), (7, 3, 0.302), (7, 4, 0.906), (8, 7, 0.188),
                (8, 8, 0.063)],
        "3514": [(3, 0, 0.188), (5, 2, 0.475), (5, 3, 0.188), (1, 5, 0.475), (1, 6, 0.510),
                 (4, 7, 0.220)],
        "1114": [(1, 0, 0.110), (1, 2, 0.094), (1, 4, 0.173), (4, 6, 0.188), (4, 7, 0.396),
                 (1, 8, 0.475)],
        "540": [(5, 0, 0.255), (5, 1, 0.843), (4, 5, 0.188), (0, 7, 0.380)],
    }  # fmt: skip
    for text, labels in printed.items():
        y = np.full((9, BLANK + 1), 10.0)
        y[:, BLANK] = 1.0
        for digit, column, grey in labels:
            y[column, digit] = grey
        assert decode(y).text == text


def test_what_is_read() -> None:
    y = np.full((6, BLANK + 1), 20.0)
    y[[0, 1, 3], [4, 4, 2]] = 0.5
    y[[2, 4, 5], BLANK] = 0.25
    reading = decode(y)
    assert reading.text == "42" and reading.penalty == pytest.approx(2.25)
    assert [(c.digit, c.first, c.last, c.penalty) for c in reading.characters] == [
        (4, 0, 1, 1.0),
        (2, 3, 3, 0.5),
    ]
    assert 0.9 < reading.confidence <= 1
    y[3, 7] = 0.5  # as likely as the 2
    assert decode(y).confidence == pytest.approx(reading.confidence / 2, abs=0.01)


@pytest.mark.parametrize("shape", [(0, 11), (4, 10), (11,)])
def test_other_penalties_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="network that learned strings"):
        decode(np.zeros(shape))
    with pytest.raises(InputError, match="not finite"):
        decode(np.full((2, BLANK + 1), np.nan))
