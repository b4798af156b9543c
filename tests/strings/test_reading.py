"""A network over a wide field, and what it reads there."""

import tracemalloc

import numpy as np
import pytest

from lenet1998 import paper
from lenet1998.data.composing import compose
from lenet1998.data.datasets import load_printed
from lenet1998.data.patterns import scale_levels
from lenet1998.data.windows import BLANK
from lenet1998.files import InputError
from lenet1998.network.lenet5 import LeNet5
from lenet1998.strings.columns import BLOCK, centre, column_count, column_penalties
from lenet1998.strings.reading import read_string
from lenet1998.strings.samples import StringRules, sample_strings
from lenet1998.strings.scoring import edits, score


@pytest.mark.parametrize("width", [32, 35, 36, 64, 32 + 4 * BLOCK, 331])
def test_the_columns_are_separate_windows(width: int, reader: LeNet5) -> None:
    """The wide network gives what 32x32 pixels at a time give, up to rounding."""
    rng = np.random.default_rng(width)
    x = rng.uniform(paper.BACKGROUND, paper.FOREGROUND, (32, width)).astype(np.float32)
    wide = column_penalties(reader, x)
    windows = np.stack([x[:, 4 * k : 4 * k + 32] for k in range(column_count(width))])
    alone = reader.outputs(windows[..., None]).reshape(len(windows), -1)
    assert wide.shape == alone.shape == (column_count(width), BLANK + 1)
    np.testing.assert_allclose(wide, alone, atol=1e-4, rtol=1e-5)
    np.testing.assert_array_equal(column_penalties(reader, x[None, ..., None]), wide)


def test_figure_25_has_nine_columns() -> None:
    assert column_count(64) == 9
    assert [centre(k) for k in (0, 8)] == [16, 48]


@pytest.mark.parametrize("shape", [(32, 31), (31, 40), (2, 32, 40, 1), (32, 40, 2, 1)])
def test_other_fields_are_refused(shape: tuple[int, ...], reader: LeNet5) -> None:
    with pytest.raises(InputError, match="expected 32 rows and 32 or more columns"):
        column_penalties(reader, np.zeros(shape, np.float32))


def test_memory_does_not_grow_with_the_states_of_a_wide_field(reader: LeNet5) -> None:
    x = np.full((32, 20_000), paper.BACKGROUND, np.float32)
    read_string(reader, x[:, :2000])
    tracemalloc.start()
    try:
        read_string(reader, x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8e6  # C1 alone would have 13 MB in float32; the outputs have 0.2 MB


def test_strings_of_printed_digits(reader: LeNet5) -> None:
    _, test = load_printed()
    samples = sample_strings(test, 60, 1, StringRules(length=(1, 6), jitter=1))
    found = score(samples, lambda one: read_string(reader, one.x).text)
    assert found.right > 60 and found.edits < 15
    assert found.right_range[0] <= found.right <= found.right_range[1]


def test_a_character_is_where_it_was_put(reader: LeNet5) -> None:
    train, _ = load_printed()
    shown = [int(np.flatnonzero(train.labels == digit)[0]) for digit in (4, 0, 7)]
    field, middles = compose(train.images[shown], np.array([4, 4]), np.array([2, 2, 2]))
    reading = read_string(reader, scale_levels(field))
    assert reading.text == "407"
    found = [centre((c.first + c.last) / 2) for c in reading.characters]
    np.testing.assert_allclose(found, middles, atol=4)
    assert reading.penalty == pytest.approx(
        float(reading.penalties[np.arange(len(reading.path)), reading.path].sum())
    )
    assert 0 < reading.worst < 40 and 0 <= reading.confidence <= 1


def test_an_empty_field_is_an_empty_string(reader: LeNet5) -> None:
    reading = read_string(reader, np.full((32, 90), paper.BACKGROUND, np.float32))
    assert reading.text == "" and reading.worst == 0


def test_a_network_for_single_digits_reads_no_strings() -> None:
    with pytest.raises(InputError, match="use a network that learned strings"):
        read_string(LeNet5.pretrained(), np.zeros((32, 40), np.float32))


@pytest.mark.parametrize(
    ("read", "right", "expected"),
    [("", "", 0), ("12", "12", 0), ("", "123", 3), ("1123", "123", 1), ("124", "123", 1),
     ("2345", "1234", 2), ("kitten", "sitting", 3)],
)  # fmt: skip
def test_edits(read: str, right: str, expected: int) -> None:
    assert edits(read, right) == edits(right, read) == expected


def test_the_same_seed_gives_the_same_strings() -> None:
    train, _ = load_printed()
    rules = StringRules(length=(2, 4), noise=0.1)
    a, b, c = (sample_strings(train, 5, seed, rules) for seed in (1, 1, 2))
    for one, same in zip(a, b, strict=True):
        np.testing.assert_array_equal(one.x, same.x)
        assert one.text == same.text == "".join(str(d) for d in train.labels[one.shown])
        assert 2 <= len(one.text) <= 4
    assert [one.text for one in a] != [one.text for one in c]


def test_a_tenth_of_a_strings_pixels_is_inverted() -> None:
    train, _ = load_printed()
    clean, noisy = (
        sample_strings(train, 1, 3, StringRules(length=(20, 20), jitter=0, noise=noise))[0].x
        for noise in (0.0, 0.1)
    )
    assert clean.shape == noisy.shape
    assert np.mean(clean != noisy) == pytest.approx(0.1, abs=0.01)
