"""A picture of one line of digits, prepared for a network that reads strings."""

from pathlib import Path

import numpy as np
import pytest
from bad_input import Make, Refused, Table, holds, nothing
from pictures import png

import reproduce
from lenet1998 import paper
from lenet1998.data.composing import compose
from lenet1998.data.datasets import load_printed
from lenet1998.files import InputError
from lenet1998.handwriting.preparation import LINE_MARGIN, prepare_line
from lenet1998.network.lenet5 import LeNet5

TRAIN, _ = load_printed()
WIDE = np.full((32, 20_000), 255)
WIDE[12:20, 100:19_900] = 0
FLAT = np.full((60, 800), 255)
FLAT[30:35, 20:780:3] = 0


def line(digits: tuple[int, ...]) -> np.ndarray:
    """A field (32, width) with the first training pattern of each digit."""
    shown = [int(np.flatnonzero(TRAIN.labels == digit)[0]) for digit in digits]
    gaps, rows = np.full(len(digits) - 1, 4), np.full(len(digits), 2)
    return compose(TRAIN.images[shown], gaps, rows)[0]


def test_thirty_two_rows_are_taken_as_they_are() -> None:
    field = line((4, 0, 7))
    np.testing.assert_array_equal(prepare_line(field), field)
    np.testing.assert_array_equal(prepare_line(255 - field), field)
    np.testing.assert_array_equal(prepare_line(field / 255.0), field)


@pytest.mark.parametrize("times", [1, 3, 5])
@pytest.mark.parametrize("dark", [False, True])
def test_other_heights_are_scaled(times: int, dark: bool) -> None:
    field = line((4, 0, 7))
    picture = np.pad(np.kron(field, np.ones((times, times), np.uint8)), (7 * times, 30))
    prepared = prepare_line(255 - picture if dark else picture)
    assert prepared.shape[0] == 32 and prepared.dtype == np.uint8 and prepared.max() == 255
    assert (prepared.shape[1] - 32) % paper.COLUMN_STRIDE == 0
    rows, columns = (np.flatnonzero(prepared.any(axis=axis)) for axis in (1, 0))
    assert rows[-1] - rows[0] + 1 == paper.BOX_SIZE and columns[0] == LINE_MARGIN
    mass = prepared.sum(axis=1) @ np.arange(32) / prepared.sum()
    assert 15 <= mass <= 17
    # The aspect ratio is kept.
    across, down = (np.ptp(np.flatnonzero(field.any(axis=axis))) + 1 for axis in (0, 1))
    width = across / down * paper.BOX_SIZE
    assert columns[-1] - columns[0] + 1 == pytest.approx(width, rel=0.1)  # faint rows count or not


def test_tall_1s_are_no_lines_of_the_page() -> None:
    """In a picture that is hardly higher than its digits; a ruled line below them is removed."""
    picture = np.full((160, 600), 255, np.uint8)
    for left in (60, 200, 340, 480):
        picture[15:135, left : left + 12] = 0
    picture[150:153] = 60
    inked = (prepare_line(picture) > 100).any(axis=0)
    starts = np.flatnonzero(np.diff(inked.astype(int)) == 1)
    assert len(starts) == 4
    assert prepare_line(picture).any(axis=1).sum() == paper.BOX_SIZE


def test_a_single_narrow_digit_gets_a_field() -> None:
    image = np.zeros((60, 60), np.uint8)
    image[10:50, 28:32] = 255
    assert prepare_line(image).shape == (32, 32)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.zeros((32, 40), np.uint8), "no ink: the image is blank"),
        (np.zeros((50, 40), np.uint8), "no ink: nothing differs"),
        (np.eye(32, 31), "31 pixels wide, expected 32 or more"),
        (FLAT.astype(np.uint8), "[0-9]+ x 5 pixels: too flat for a line of digits"),
        (np.zeros((2, 32, 40), np.uint8), "expected grey levels"),
    ],
)
def test_what_is_no_line_is_refused(image: np.ndarray, says: str) -> None:
    with pytest.raises(InputError, match=says):
        prepare_line(image)


def test_the_command(reader: LeNet5, tmp_path: Path, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    reader.save("reader.npz", "printed")
    Path("a.png").write_bytes(png(255 - line((4, 0, 7)).astype(int)))
    large = np.pad(np.kron(line((7, 3)), np.ones((4, 4), int)), 20)
    Path("b.png").write_bytes(png(255 - large))
    Path("c.png").write_bytes(b"")
    files = ["a.png", "b.png", "c.png"]
    assert reproduce.main(["predict", "--string", *files, "--weights", "reader.npz"]) == 2
    printed = capsys.readouterr()
    head, first, second, *_ = printed.out.splitlines()
    assert head.split()[:5] == ["file", "string", "probability", "penalty", "reject"]
    assert first.split()[:2] == ["a.png", "407"] and second.split()[:2] == ["b.png", "73"]
    middles = [float(word) for word in first.split()[5:]]
    assert len(middles) == 3 and middles == sorted(middles)
    assert printed.err == (
        "lenet1998: c.png: empty, expected a PNG or JPEG picture or an IDX file of images\n"
    )


TABLE = Table()
COMMAND = "predict --string a.png"
for what, levels, says in (
    ("blank", np.zeros((32, 64), int), "a.png: no ink: the image is blank"),
    ("31 wide", np.eye(32, 31, dtype=int) * 255, "a.png: 31 pixels wide, expected 32 or more"),
    ("20,000 wide", WIDE, "a.png: the ink is 1974 x 1 pixels: too flat for a line of digits"),
):
    TABLE.row(what, holds("a.png", png(levels)), COMMAND, says)
TABLE.row(
    "weights of single digits",
    holds("a.png", png(line((4, 0)).astype(int))),
    f"{COMMAND} --weights 1998",
    "use a network that learned strings",
)
TABLE.row("states", nothing, "predict --string digit.png --states s.png", "--states has no effect")
TABLE.row(
    "a probability above 1",
    nothing,
    "predict --string digit.png --reject-below 3",
    "--reject-below 3: with --string, give a probability up to 1",
)


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_lines_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error
