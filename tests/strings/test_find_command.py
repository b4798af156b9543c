"""`predict --find`: digits of pages in a table and in boxes, and pages without digits."""

from pathlib import Path

import numpy as np
import pytest
from bad_input import Make, Refused, Table, holds, nothing
from matplotlib.image import imread
from pictures import jpeg, png

import reproduce
from lenet1998.data.datasets import load_printed
from lenet1998.data.idx import write_idx
from lenet1998.files import InputError
from lenet1998.handwriting.preparation import prepare_ink

_, TEST = load_printed()


def page(side: int = 90) -> np.ndarray:
    """A white page with a dark 0 and a dark 2, 28 pixels of MNIST enlarged twice."""
    shown = [int(np.flatnonzero(TEST.labels == digit)[0]) for digit in (0, 2)]
    levels = np.zeros((side, 2 * side), np.uint8)
    for image, left in zip(TEST.images[shown], (10, 110), strict=True):
        levels[17 : 17 + 56, left : left + 56] = np.kron(image, np.ones((2, 2), np.uint8))
    return 255 - levels


def text() -> np.ndarray:
    """A photograph of a page of text: dark strokes in rows on uneven paper."""
    rng = np.random.default_rng(0)
    levels = 200 + 40 * np.linspace(0, 1, 300)[:, None] + rng.normal(0, 6, (300, 400))
    for top in range(30, 280, 34):
        for left in range(30, 370, 12):
            levels[top : top + 16, left : left + 2] = 40
            levels[top + int(rng.integers(0, 14)), left : left + 8] = 50
    return np.clip(levels, 0, 255).astype(np.uint8)


def grain() -> np.ndarray:
    """A photograph of something without strokes."""
    rng = np.random.default_rng(1)
    return np.clip(128 + rng.normal(0, 50, (300, 400)), 0, 255).astype(np.uint8)


def rows_of(printed: str) -> list[list[str]]:
    """The words of the table's rows."""
    return [line.split() for line in printed.split("\n\n")[0].splitlines()]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_page_with_two_digits(capsys) -> None:  # type: ignore[no-untyped-def]
    Path("a.png").write_bytes(png(page().astype(int)))
    Path("dark.png").write_bytes(png(255 - page().astype(int)))
    assert reproduce.main(["predict", "--find", "a.png", "dark.png", "--boxes", "b.png"]) == 2
    capsys.readouterr()
    Path("b.png").unlink()
    assert reproduce.main(["predict", "--find", "a.png", "--boxes", "b.png"]) == 0
    printed = capsys.readouterr().out
    head, *rows = rows_of(printed)
    assert head == ["file", "digit", "penalty", "height", "left", "top", "right", "bottom"]
    assert "Weights strings." in printed and "the page with its boxes: b.png" in printed
    assert [row[1] for row in rows if float(row[3]) > 25] == ["0", "2"]
    for row, middle in zip((row for row in rows if float(row[3]) > 25), (38, 138), strict=True):
        height, left, top, right, bottom = map(float, row[3:])
        assert (left + right) / 2 == pytest.approx(middle, abs=8)
        assert (top + bottom) / 2 == pytest.approx(45, abs=8) and 28 < height < 64
        assert right - left == pytest.approx(height, abs=1.1)
    shown = imread("b.png")[..., :3]
    blue = np.abs(shown - np.array([0, 0x72, 0xB2]) / 255).max(axis=2) < 0.02
    assert blue.sum() > 500  # the boxes
    assert reproduce.main(["predict", "--find", "dark.png"]) == 0
    again = rows_of(capsys.readouterr().out)
    assert [row[1:] for row in again] == [row[1:] for row in (head, *rows)]


def test_pages_of_an_idx_file(capsys) -> None:  # type: ignore[no-untyped-def]
    write_idx("pages", np.stack([255 - page(), np.zeros((90, 180), np.uint8)]))
    assert reproduce.main(["predict", "--find", "pages"]) == 2
    printed = capsys.readouterr()
    assert {row[0] for row in rows_of(printed.out)[1:]} == {"pages[0]"}
    assert printed.err.startswith("lenet1998: pages[1]: no ink") and printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("levels", "most"),
    [
        (text(), 400),  # strokes look like 1s: an answer, but a wrong one
        (grain(), 0),
        (255 - 255 * np.eye(6, dtype=np.uint8), 0),
        (np.pad(np.zeros((3, 1), np.uint8), 40, constant_values=255), 1),
    ],
    ids=["text", "grain", "6 x 6 pixels", "a speck"],
)
def test_pictures_without_digits(levels: np.ndarray, most: int, capsys) -> None:  # type: ignore[no-untyped-def]
    Path("a").write_bytes(jpeg(levels))
    assert reproduce.main(["predict", "--find", "a"]) == 0
    printed = capsys.readouterr()
    _, *rows = rows_of(printed.out)
    assert 1 <= len(rows) <= max(most, 1) and printed.err == ""
    if most == 0:
        assert rows[0][:3] == ["a", "-", "none"]


def test_a_large_picture_is_scaled_down(capsys) -> None:  # type: ignore[no-untyped-def]
    large = np.kron(page(), np.ones((12, 12), np.uint8))[:, :2100]
    Path("a.png").write_bytes(png(large.astype(int)))
    assert reproduce.main(["predict", "--find", "a.png"]) == 0
    _, *rows = rows_of(capsys.readouterr().out)
    assert any(row[1] == "0" and 150 < float(row[3]) < 400 for row in rows)
    assert all(float(row[6]) < 1200 for row in rows)  # in pixels of the smaller picture


def test_the_ink_of_a_page() -> None:
    levels = page().astype(float) / 255
    shade = 0.3 * np.linspace(0, 1, levels.shape[1]) ** 2
    even, uneven = prepare_ink(levels), prepare_ink(np.clip(0.6 * levels + 0.1 + shade, 0, 1))
    assert even.max() == uneven.max() == 1 and even.min() == 0
    assert np.abs(even - uneven).mean() < 0.03
    with pytest.raises(InputError, match="no ink"):
        prepare_ink(np.ones((30, 30)))


TABLE = Table()
FIND = "predict --find a.png"
for what, content, says in (
    ("blank", png(np.full((50, 80), 255)), "a.png: no ink: nothing differs"),
    ("empty file", b"", "a.png: empty, expected a PNG or JPEG picture"),
):
    TABLE.row(what, holds("a.png", content), FIND, says)
for words, says in {
    "--string": "--string has no effect with --find; remove it",
    "--states s.png": "--states has no effect with --find; remove it",
    "--reject-below 3": "--reject-below has no effect with --find; remove it",
    "--boxes digit.png": "--boxes digit.png: exists already or has no name; choose another",
    "--boxes b.jpg": "--boxes b.jpg: the picture is a PNG; give a name in .png",
    "--weights 1998": "with 10 classes: use a network that learned strings",
}.items():
    TABLE.row(words, nothing, f"predict --find digit.png {words}", says)
TABLE.row("boxes alone", nothing, "predict digit.png --boxes b.png", "--boxes belongs to --find")


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_pages_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error
