"""What the wide network is compared with, the strings they read, and what reading costs."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lenet1998 import paper
from lenet1998.data.composing import boxes
from lenet1998.data.datasets import load_printed
from lenet1998.data.fitting import fitted
from lenet1998.data.patterns import Patterns
from lenet1998.files import InputError
from lenet1998.network.lenet5 import LeNet5
from lenet1998.strings import readers
from lenet1998.strings.cost import connections, milliseconds, separate_connections, windows
from lenet1998.strings.reading import read_string
from lenet1998.strings.samples import StringRules, sample_strings

TRAIN, TEST = load_printed()


class Recorder:
    """A network that keeps what it is shown and answers 0, 1, 2 ..."""

    def predict(self, images: Any) -> Any:
        self.images = images
        return np.arange(len(images))


def test_pieces_between_empty_columns() -> None:
    ink = np.zeros((32, 12))
    ink[3, [0, 1, 4, 10, 11]] = 1
    ink[5, 7] = 0.001  # what rounding leaves of paper
    assert [piece.shape[1] for piece in readers.pieces_of(ink)] == [2, 1, 2]
    assert readers.pieces_of(np.zeros((32, 5))) == []


def test_each_piece_is_prepared_as_one_digit() -> None:
    bars = np.zeros((3, 28, 28), np.uint8)  # printed digits may be in several pieces
    for width, image in enumerate(bars, start=4):
        image[4:24, 10 : 10 + width] = 255
    patterns = Patterns(bars, np.array([1, 1, 7], np.uint8), "printed")
    (one,) = sample_strings(patterns, 1, 0, StringRules((4, 4), gaps=(3, 3), jitter=0))
    network = Recorder()
    assert readers.cut_apart(network)(one) == "0123"  # type: ignore[arg-type]
    assert network.images.shape == (4, 28, 28) and network.images.dtype == np.uint8
    for image, index in zip(network.images, one.shown, strict=True):
        own = fitted(bars[index].astype(float))
        assert np.abs(image.astype(int) - own).max() <= 1
    blank = replace(one, x=np.full_like(one.x, paper.BACKGROUND))
    assert readers.cut_apart(network)(blank) == ""  # type: ignore[arg-type]


def test_windows_at_the_true_middles() -> None:
    (one,) = sample_strings(TEST, 1, 3, StringRules((3, 3), gaps=(16, 16), jitter=0))
    network = Recorder()
    assert readers.at_the_middles(network)(one) == "012"  # type: ignore[arg-type]
    own = TEST.x(one.shown)[..., 0]
    # Neighbours do not reach the middle columns.
    np.testing.assert_allclose(network.images[..., 8:-8, 0], own[..., 8:-8], atol=1e-6)


def test_each_digit_alone() -> None:
    network = LeNet5.pretrained("distortions")
    read = readers.one_by_one(network, TEST)
    for one in sample_strings(TEST, 3, 0):
        assert read(one) == "".join(str(network.predict(TEST.images[i])) for i in one.shown)


def test_single_digits_over_the_field() -> None:
    """Where blanks cost nothing there is no digit; where they cost a lot, there are digits."""
    network = LeNet5.pretrained("distortions")
    (one,) = sample_strings(TEST, 1, 0)
    assert readers.over_the_field(network, 0.0)(one) == ""
    assert readers.over_the_field(network, 1e3)(one) != ""


def test_without_the_transducer_characters_may_touch(reader: LeNet5) -> None:
    samples = sample_strings(TEST, 40, 5)
    plain = [readers.without_grammar(reader)(one) for one in samples]
    found = [readers.replicated(reader)(one) for one in samples]
    assert found == [read_string(reader, one.x).text for one in samples]
    right = [one.text for one in samples]
    assert sum(a == b for a, b in zip(found, right, strict=True)) > sum(
        a == b for a, b in zip(plain, right, strict=True)
    )
    assert sum(map(len, plain)) > sum(map(len, found))


def test_strings_of_one_digit_at_a_distance() -> None:
    rules = StringRules((2, 3), jitter=0, digits=(1,), distances=(8, 8))
    samples = sample_strings(TEST, 20, 0, rules)
    assert {one.text for one in samples} == {"11", "111"}
    assert all((np.diff(one.middles) == 8).all() for one in samples)
    few = Patterns(TEST.images[TEST.labels != 1], TEST.labels[TEST.labels != 1], "printed")
    with pytest.raises(InputError, match="no pattern is a 1"):
        sample_strings(few, 1, 0, rules)


def test_gaps_are_those_between_the_boxes() -> None:
    (one,) = sample_strings(TEST, 1, 2, StringRules((2, 2), gaps=(5, 5)))
    box = boxes(TEST.images[one.shown])
    step = one.middles[1] - one.middles[0]
    assert step + box[1, 0] - box[0, 1] - 1 == 5


def test_connections_of_a_wide_field() -> None:
    """By hand for 64 pixels: positions of each layer times what one of them reads."""
    network = LeNet5()
    assert connections(network, 32) == paper.CONNECTIONS
    expected = 28 * 60 * 156 + 14 * 30 * 6 * 5 + 10 * 26 * 1516 + 5 * 13 * 16 * 5
    expected += 9 * (48_120 + 10_164 + 840)
    assert connections(network, 64) == expected
    assert separate_connections(network, 64) == 9 * paper.CONNECTIONS


def test_the_ways_are_timed(reader: LeNet5) -> None:
    samples = sample_strings(TEST, 2, 0, StringRules((2, 2)))
    found = milliseconds(reader, samples, repeats=2)
    assert len(found) == 5 and all(value >= 0 for value in found.values())
    assert found["every pixel as a column"] > found["the network over the field"]


def test_windows_of_a_field() -> None:
    x = np.arange(32 * 41, dtype=np.float32).reshape(1, 32, 41, 1)
    found = windows(x)
    assert found.shape == (3, 32, 32, 1)
    np.testing.assert_array_equal(found[2, ..., 0], x[0, :, 8:40, 0])
    assert len(windows(x, 1)) == 10
