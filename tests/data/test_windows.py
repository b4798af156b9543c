"""Characters side by side, and the windows of section VII-B made from them."""

from itertools import pairwise

import numpy as np
import pytest

from lenet1998 import paper
from lenet1998.data.augmentation import patterns_to_test, training_patterns
from lenet1998.data.composing import boxes, compose, follow, paste
from lenet1998.data.datasets import load_printed
from lenet1998.data.patterns import Patterns
from lenet1998.data.windows import BLANK, VARIED, WindowRules, Windows
from lenet1998.files import InputError

N = 60


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    return load_printed()[0].subset(N)


def bars(*edges: tuple[int, int]) -> Patterns:
    """Characters that are rectangles: ink in these columns, first and last, of rows 6 to 21."""
    images = np.zeros((len(edges), 28, 28), np.uint8)
    for image, (first, last) in zip(images, edges, strict=True):
        image[6:22, first : last + 1] = 255
    return Patterns(images, np.arange(len(edges), dtype=np.uint8) % 10, "custom")


def test_boxes_are_the_columns_with_ink() -> None:
    images = bars((5, 9), (14, 14), (0, 27)).images
    np.testing.assert_array_equal(boxes(images), [[5, 9], [14, 14], [0, 27]])
    np.testing.assert_array_equal(boxes(np.zeros((1, 28, 28), np.uint8)), [[14, 14]])


def test_an_image_outside_the_field_is_cut_off() -> None:
    images = bars((5, 9), (5, 9), (5, 9)).images
    field = np.full((3, 32, 32), 7, np.uint8)
    paste(field, images, np.array([2, 20, -40]), np.array([-7, 25, 3]))
    expected = np.full((3, 32, 32), 7, np.uint8)
    expected[0, 8:24, 0:3] = 255  # columns -2 to 2
    expected[1, 26:32, 30:32] = 255  # rows 26 to 41, columns 30 to 34
    np.testing.assert_array_equal(field, expected)


@pytest.mark.parametrize("gap", [-3, -1, 0, 4, 16])
def test_the_gap_is_the_number_of_empty_columns(gap: int) -> None:
    images = bars((10, 17), (8, 20), (12, 15)).images
    field, middles = compose(images, np.array([gap, gap]), np.array([2, 0, 4]))
    inked = np.flatnonzero(field.any(axis=0))
    runs = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
    if gap > 0:
        assert [run[-1] - run[0] + 1 for run in runs] == [8, 13, 4]
        assert [b[0] - a[-1] - 1 for a, b in pairwise(runs)] == [gap, gap]
    else:
        assert len(inked) == 8 + 13 + 4 + 2 * gap
    assert field.shape[0] == 32 and field.max() == 255
    np.testing.assert_array_equal(np.diff(middles), [17 + 1 + gap - 8, 20 + 1 + gap - 12])
    assert middles[0] == paper.STRING_MARGIN == field.shape[1] - middles[-1]


def test_windows_depend_on_seed_and_number_alone(patterns: Patterns) -> None:
    together = Windows(patterns, 3).x(np.array([599, 4, 31, 4, 150]))
    again = Windows(patterns, 3)
    for place in (2, 0, 4, 3, 1):
        one = again.x(np.array([[599, 4, 31, 4, 150][place]]))
        np.testing.assert_array_equal(one[0], together[place])
    assert (Windows(patterns, 4).x(np.arange(50)) != Windows(patterns, 3).x(np.arange(50))).any()


def test_labels_and_shares(patterns: Patterns) -> None:
    windows = Windows(patterns, 0, WindowRules(blank_share=0.3, hole_share=0.1), copies=200)
    own = np.tile(patterns.labels, 200)
    shown = windows.labels != BLANK
    np.testing.assert_array_equal(windows.labels[shown], own[shown])
    # Blanks have room between wide neighbours only, so that a few become characters.
    assert 0.38 < np.mean(~shown) < 0.41
    assert len(windows) == 200 * N and windows.dataset == patterns.dataset


def quiet(**rules: float) -> WindowRules:
    """Rules without anything random but the neighbours and the gaps."""
    shares = {"blank_share": 0, "hole_share": 0, "alone_share": 0, "noisy_share": 0}
    return WindowRules(**{"offset": 0, "jitter": 0, **shares, **rules})  # type: ignore[arg-type]


def test_the_central_character_is_where_a_single_digit_is(patterns: Patterns) -> None:
    """Between the neighbours' boxes the window is the plain pattern."""
    alone = Windows(patterns, 0, quiet(alone_share=1.0), copies=1)
    np.testing.assert_array_equal(alone.x(np.arange(N)), patterns.x())
    between = Windows(patterns, 0, quiet(), copies=1)
    first, last = boxes(patterns.images).T + 2
    for x, plain, a, b in zip(between.x(np.arange(N)), patterns.x(), first, last, strict=True):
        np.testing.assert_array_equal(x[:, a + 1 : b], plain[:, a + 1 : b])  # gaps from -1
        assert (x[:, b:] >= plain[:, b:]).all() and (x[:, : a + 1] >= plain[:, : a + 1]).all()


def test_offsets_and_jitter_move_the_character() -> None:
    windows = Windows(bars((10, 18)), 0, quiet(alone_share=1.0, offset=2, jitter=3), copies=400)
    images = windows.images(np.arange(400))
    left, top = images.any(axis=1).argmax(axis=1), images.any(axis=2).argmax(axis=1)
    assert set(left.tolist()) == {12 + d for d in range(-2, 3)}
    assert set(top.tolist()) == {8 + d for d in range(-3, 4)}


def test_a_hole_has_the_neighbours_alone(patterns: Patterns) -> None:
    hole = Windows(patterns, 0, quiet(hole_share=1.0), copies=1)
    full = Windows(patterns, 0, quiet(), copies=1)
    assert (hole.labels == BLANK).all()
    first, last = boxes(patterns.images).T + 2
    for x, y, a, b in zip(
        hole.images(np.arange(N)), full.images(np.arange(N)), first, last, strict=True
    ):
        assert not x[:, a + 1 : b].any()
        np.testing.assert_array_equal(x[:, b + 2 :], y[:, b + 2 :])


def test_a_blank_is_away_from_every_character() -> None:
    """Two bars 20 columns apart: the middle of the window is 5 to 15 columns from the first's."""
    windows = Windows(bars((13, 14)), 0, quiet(blank_share=1.0, gaps=(18, 18)), copies=500)
    assert (windows.labels == BLANK).all()
    columns = windows.images(np.arange(500)).any(axis=1)
    nearest = np.abs(np.where(columns, np.arange(32) - 16 + 1, 99)).min(axis=1)
    assert nearest.min() >= 4  # the middle of a bar of two columns lies on its second


def test_half_of_the_windows_have_a_tenth_of_their_pixels_inverted(patterns: Patterns) -> None:
    clean = Windows(patterns, 0, WindowRules(noisy_share=0.0), copies=40)
    noisy = Windows(patterns, 0, WindowRules(), copies=40)
    index = np.arange(len(clean))
    a, b = clean.x(index), noisy.x(index)
    changed = (a != b).any(axis=(1, 2, 3))
    assert 0.47 < changed.mean() < 0.53
    share = (a != b)[changed].mean()
    assert share == pytest.approx(paper.NOISE_PROBABILITY, abs=0.005)
    ends = paper.BACKGROUND + paper.FOREGROUND
    np.testing.assert_allclose((a + b)[a != b], ends, atol=1e-6)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"noise": 1.5}, "noise is 1.5: give a share from 0 to 1"),
        ({"blank_share": 0.7, "hole_share": 0.4}, "together exceed 1"),
        ({"gaps": (4, -1)}, "give the smallest gap first"),
        ({"jitter": -1}, "jitter is -1: give 0 or more"),
    ],
)
def test_rules_that_cannot_be(rules: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        WindowRules(**rules)  # type: ignore[arg-type]


def test_by_name(patterns: Patterns) -> None:
    plain = training_patterns("windows", patterns, 1)
    varied = training_patterns("varied-windows", patterns, 1)
    assert isinstance(plain, Windows) and plain.rules == WindowRules()
    assert isinstance(varied, Windows) and varied.rules == VARIED
    assert len(patterns_to_test("windows", patterns, 1)) == N
    assert patterns_to_test("noisy", patterns, 1) is patterns


def test_distances_between_neighbours() -> None:
    a, b = np.array([5, 9]), np.array([14, 14])
    assert follow(a, b, np.array(4)) == 0  # the second's image begins where the first's does
