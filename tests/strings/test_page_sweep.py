"""Section VII-D: a network swept over a page finds digits, and pages to measure it on."""

import os
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lenet1998 import paper
from lenet1998.arrays import Array
from lenet1998.data import datasets
from lenet1998.data.datasets import load_printed
from lenet1998.files import InputError
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.weights import STRINGS
from lenet1998.strings import page_sweep
from lenet1998.strings.page_sweep import (
    MOST_ACROSS,
    SMALLEST,
    STEP,
    Digit,
    field_penalties,
    find_digits,
    heights,
    in_reading_order,
    suppressed,
)
from lenet1998.strings.pages import LINES, PLAIN, Page, assigned, make_page, make_pages, tally

_, TEST = load_printed()
needs_mnist = pytest.mark.skipif(
    not os.environ.get("LENET1998_DATA"), reason="no folder with MNIST is named"
)


def at(row: float, column: float, height: float = 20.0, digit: int = 3) -> Digit:
    return Digit(digit, 1.0, paper.BOX_SIZE / height, row, column)


# --- The sweep ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(32, 32), (37, 135), (121, 98)])
def test_every_window_is_read_as_it_is_alone(shape: tuple[int, int], shipped: LeNet5) -> None:
    """Whatever tile it is in, and where all of a tile is paper."""
    rng = np.random.default_rng(0)
    x = rng.uniform(paper.BACKGROUND, paper.FOREGROUND, shape).astype(np.float32)
    x[:, 100:] = paper.BACKGROUND
    found = field_penalties(shipped, x)
    rows, columns = ((side - 32) // 4 + 1 for side in shape)
    assert found.shape == (rows, columns, 11)
    for row in range(rows):
        for column in range(columns):
            window = x[4 * row :, 4 * column :][:32, :32]
            alone = shipped.forward(window[None, ..., None])[0, 0, 0]
            assert found[row, column] == pytest.approx(alone, abs=1e-3, rel=1e-5)


def test_empty_tiles_are_computed_once(shipped: LeNet5, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, calls = shipped.forward, []
    monkeypatch.setattr(shipped, "forward", lambda x: calls.append(1) or forward(x))
    x = np.full((400, 400), paper.BACKGROUND, np.float32)
    empty = field_penalties(shipped, x)
    assert len(calls) == 1 and np.ptp(empty, axis=(0, 1)).max() < 1e-3
    x[200, 300] = paper.FOREGROUND
    field_penalties(shipped, x)
    assert len(calls) <= 1 + 1 + 4  # the windows that see one pixel are in four tiles at most


@pytest.mark.parametrize("shape", [(31, 40), (40, 31), (32,), (1, 32, 40)])
def test_other_fields_are_refused(shape: tuple[int, ...], shipped: LeNet5) -> None:
    with pytest.raises(InputError, match="expected at least 32 rows and columns"):
        field_penalties(shipped, np.zeros(shape, np.float32))


def test_the_heights_of_digits() -> None:
    found = heights((400, 300))
    assert found[0] == SMALLEST and found[-1] <= 300 < found[-1] * STEP
    assert all(b == pytest.approx(STEP * a) for a, b in pairwise(found))
    assert heights((2000, 500))[0] == 2000 / MOST_ACROSS
    assert heights((5, 5)) == [SMALLEST]
    assert heights((64, 64), smallest=16.0) == pytest.approx([16 * STEP**i for i in range(7)])


def test_ink_above_and_below_is_counted() -> None:
    rng = np.random.default_rng(1)
    ink = rng.random((75, 91))
    rows, columns = ((side - 32) // 4 + 1 for side in ink.shape)
    found = page_sweep._ink_at_the_ends(ink, (rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = ink[4 * row :, 4 * column :][:32, :32]
            assert found[row, column] == pytest.approx(window[:3].sum() + window[-3:].sum())


# --- Non-maximum suppression and order -----------------------------------------------------------


def candidates(*rows: tuple[float, float, float, float]) -> Array:
    """Penalty, height, row and column of some candidates, as `suppressed` takes them."""
    return np.array([(p, 0, p, paper.BOX_SIZE / h, y, x) for p, h, y, x in rows])


def test_the_better_of_two_that_overlap_is_kept() -> None:
    near = candidates((9, 20, 50, 50), (4, 20, 52, 54), (6, 20, 50, 90))
    assert suppressed(near) == [1, 2]
    # A small box within a large one overlaps as a whole.
    assert suppressed(candidates((5, 60, 50, 50), (7, 12, 60, 60))) == [0]
    assert suppressed(candidates((7, 60, 50, 50), (5, 12, 60, 60))) == [1]
    # Neighbours of a string share less than the part that is allowed.
    share = page_sweep.OVERLAP
    for apart, kept in ((20 * (1 - share) + 0.1, 2), (20 * (1 - share) - 0.1, 1)):
        assert len(suppressed(candidates((5, 20, 50, 50), (6, 20, 50, 50 + apart)))) == kept
    assert suppressed(candidates()[:0].reshape(0, 6)) == []


def test_what_is_suppressed_says_nothing_about_others() -> None:
    """The middle of a chain of three is removed by the first; the last one stays."""
    chain = candidates((1, 20, 50, 50), (2, 20, 50, 60), (3, 20, 50, 70))
    assert suppressed(chain) == [0, 2]


def test_lines_are_read_from_left_to_right() -> None:
    upper = [at(30, 10), at(33, 40), at(25, 70)]
    lower = [at(60, 5), at(58, 50)]
    assert in_reading_order([lower[1], upper[2], upper[0], lower[0], upper[1]]) == upper + lower
    assert in_reading_order([]) == []


# --- Digits of a page ----------------------------------------------------------------------------


@needs_mnist
def test_digits_are_found_where_they_are(shipped: LeNet5) -> None:
    """At least as many as a bound well below what `experiment find-digits` measures."""
    _, test = datasets.load_mnist()
    right = there = 0
    for page in make_pages(test, 2, 3, replace(PLAIN, side=260, digits=6)):
        found = find_digits(shipped, page.ink)
        for k, one in zip(assigned(found, page.digits), page.digits, strict=True):
            there += 1
            if k is not None:
                box, true = found[k], one
                assert abs(box.row - true.row) < 0.3 * true.height
                assert abs(box.column - true.column) < 0.3 * true.height
                assert box.height == pytest.approx(true.height, rel=0.5)
                right += box.digit == true.digit
    assert right >= 0.7 * there


def test_a_page_that_is_turned_over_has_its_digits_elsewhere(shipped: LeNet5) -> None:
    """A page moved by whole steps of a window has the same digits, moved."""
    (page,) = make_pages(TEST, 1, 3, replace(PLAIN, side=200, digits=3))
    moved = np.pad(page.ink, ((12, 0), (24, 0)))[:200, :200]
    before = {(one.digit, one.row, one.column) for one in find_digits(shipped, page.ink)
              if one.scale == paper.BOX_SIZE / SMALLEST}  # fmt: skip
    after = {(one.digit, one.row, one.column) for one in find_digits(shipped, moved)}
    for digit, row, column in before:
        assert any(d == digit and abs(r - row - 12) < 0.1 and abs(c - column - 24) < 0.1
                   for d, r, c in after)  # fmt: skip


def test_paper_has_no_digits(shipped: LeNet5) -> None:
    for shape in ((1, 1), (5, 300), (90, 40)):
        assert find_digits(shipped, np.zeros(shape)) == []


def test_what_finds_no_digits_is_refused(shipped: LeNet5) -> None:
    ink = make_pages(TEST, 1, 0, replace(PLAIN, side=60, digits=1))[0].ink
    with pytest.raises(InputError, match="10 classes finds no digits: use one that learned"):
        find_digits(LeNet5.pretrained("1998"), ink)
    for page in (np.zeros((0, 3)), np.full((40, 40), np.nan), np.zeros((2, 40, 40))):
        with pytest.raises(InputError, match="expected finite ink"):
            find_digits(shipped, page)
    other = LeNet5.pretrained(STRINGS)
    other.parameters[:] = np.inf
    with pytest.raises(InputError, match="not finite"), np.errstate(all="ignore"):
        find_digits(other, ink)


# --- Pages to measure on -------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_pages() -> None:
    rules = replace(PLAIN, side=200, strokes=2, noise=0.01)
    one, other, third = (make_pages(TEST, 2, seed, rules) for seed in (5, 5, 6))
    assert all(np.array_equal(a.ink, b.ink) for a, b in zip(one, other, strict=True))
    assert [page.digits for page in one] == [page.digits for page in other]
    assert not np.array_equal(one[0].ink, third[0].ink)
    assert not np.array_equal(one[0].ink, one[1].ink)


def test_digits_lie_on_the_page_and_apart() -> None:
    for page in make_pages(TEST, 5, 1, replace(PLAIN, side=220)):
        assert page.ink.min() == 0 and 0.9 < page.ink.max() <= 1
        assert 3 <= len(page.digits) <= PLAIN.digits
        for one in page.digits:
            top, left, bottom, right = (round(edge) for edge in one.box)
            part = page.ink[max(top, 0) : bottom, max(left, 0) : right]
            assert part.sum() > 0.02 * one.height**2
        halves = [(one.row, one.column, one.height / 2) for one in page.digits]
        for i, (y, x, half) in enumerate(halves):
            for other_y, other_x, other in halves[:i]:
                assert max(abs(y - other_y), abs(x - other_x)) > half + other
    # All ink is a digit's.
    ink = page.ink.copy()
    for one in page.digits:
        half = 0.8 * one.height
        rows, columns = (slice(max(int(m - half), 0), int(m + half) + 2)
                         for m in (one.row, one.column))  # fmt: skip
        ink[rows, columns] = 0
    assert ink.max() == 0


def test_the_middle_of_a_digit_is_its_mass() -> None:
    for rules in (replace(PLAIN, digits=1, heights=(40, 40)), replace(LINES, side=260)):
        (page,) = make_pages(TEST, 1, 2, rules)
        if rules.gaps is None:
            (one,) = page.digits
            for axis, middle in ((1, one.row), (0, one.column)):
                sums = page.ink.sum(axis=axis)
                assert sums @ (np.arange(len(sums)) + 0.5) / sums.sum() == pytest.approx(
                    middle, abs=2.0
                )
        else:
            assert len(page.digits) >= 3
            rows = page.ink.sum(axis=1)
            for one in page.digits:
                near = rows[int(one.row - one.height / 2) : int(one.row + one.height / 2)]
                assert near.sum() > 0


def test_strokes_touch_no_digit() -> None:
    rng_with, rng_without = (np.random.default_rng(4) for _ in range(2))
    without = make_page(TEST, rng_without, PLAIN)
    page = make_page(TEST, rng_with, replace(PLAIN, strokes=12))
    assert page.digits == without.digits
    added = page.ink - without.ink
    assert added.min() >= 0 and added.sum() > 100
    for one in page.digits:
        top, left, bottom, right = (max(round(edge), 0) for edge in one.box)
        assert added[top:bottom, left:right].max() == 0


def test_noise_inverts_pixels() -> None:
    (page,) = make_pages(TEST, 1, 0, replace(PLAIN, digits=0, noise=0.02))
    assert set(np.unique(page.ink)) == {0.0, 1.0} and 0.017 < page.ink.mean() < 0.023


def test_what_is_counted() -> None:
    page = Page(np.zeros((99, 99)), (at(20, 20, digit=1), at(20, 60, digit=2), at(70, 20, digit=3)))
    found = [
        at(21, 22, digit=1),  # right
        at(24, 20, digit=7),  # a second one on the same digit
        at(21, 61, 23, digit=5),  # another label
        at(70, 20, 50, digit=3),  # far too large: the digit is missed
        at(80, 80, digit=4),  # nothing there
    ]
    assert assigned(found, page.digits) == [0, 2, None]
    one = tally(found, page)
    assert (one.pages, one.right, one.mislabelled, one.missed, one.false) == (1, 1, 1, 1, 3)
    assert one.digits == 3
    both = one + tally([], page)
    assert (both.pages, both.right, both.missed, both.false, both.digits) == (2, 1, 4, 3, 6)
