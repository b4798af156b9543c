"""The codes of figure 3: what the files say, their distances, and every malformed file."""

from pathlib import Path

import numpy as np
import pytest

from lenet1998.data import bitmaps
from lenet1998.files import InputError

# Transcribed apart from `bitmaps/`: a row is its 7 pixels as bits, the leftmost the highest.
TRANSCRIBED = {
    "0": (0x3E, 0x00, 0x1C, 0x36, 0x63, 0x63, 0x63, 0x63, 0x36, 0x1C, 0x00, 0x00),
    "1": (0x0C, 0x1C, 0x3C, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C, 0x3F, 0x00, 0x00),
    "7": (0x7F, 0x03, 0x03, 0x06, 0x0C, 0x0C, 0x18, 0x18, 0x18, 0x18, 0x00, 0x00),
    "9": (0x3E, 0x67, 0x63, 0x63, 0x67, 0x3F, 0x03, 0x03, 0x06, 0x3C, 0x00, 0x00),
    "A": (0x3E, 0x22, 0x63, 0x63, 0x7F, 0x63, 0x63, 0x63, 0x63, 0x63, 0x00, 0x00),
    "I": (0x1E, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C, 0x0C, 0x1E, 0x00, 0x00),
    "g": (0x00, 0x00, 0x00, 0x3E, 0x67, 0x63, 0x63, 0x67, 0x3F, 0x03, 0x63, 0x3E),
    " ": (0x00,) * 12,
    "\x7f": (0x00,) * 12,
}


def copy_of_the_bitmaps(folder: Path) -> Path:
    for path in bitmaps.default_folder().glob("*.txt"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def squared_distances(characters: str) -> np.ndarray:
    codes = bitmaps.code_of(characters)
    return np.square(codes[:, None] - codes[None]).sum(axis=-1)


def test_shapes_and_values() -> None:
    codes = bitmaps.load_bitmaps()
    assert codes.shape == (96, 12, 7)
    assert set(np.unique(codes)) == {-1.0, 1.0}
    assert bitmaps.digit_codes().shape == (10, 84)
    assert bitmaps.code_of("").shape == (0, 84)


@pytest.mark.parametrize("character", sorted(TRANSCRIBED))
def test_against_a_second_transcription(character: str) -> None:
    rows = [
        [1 if row >> (6 - column) & 1 else -1 for column in range(7)]
        for row in TRANSCRIBED[character]
    ]
    assert np.array_equal(bitmaps.load_bitmaps()[ord(character) - 32], rows)
    assert np.array_equal(bitmaps.code_of(character)[0], np.ravel(rows))


def test_the_digits_are_the_rows_of_the_characters_0_to_9() -> None:
    assert np.array_equal(bitmaps.digit_codes(), bitmaps.load_bitmaps()[16:26].reshape(10, 84))


def test_confusable_characters_have_similar_codes() -> None:
    """II-B: O, o and 0 are near each other, so are l, 1, I and the square brackets."""
    everything = squared_distances("".join(map(chr, range(33, 127))))
    typical = np.median(everything[np.triu_indices(len(everything), 1)])
    assert squared_distances("Oo0").max() < typical / 2
    assert squared_distances("l1I[]").max() < typical / 2
    assert squared_distances("0123456789")[np.triu_indices(10, 1)].min() == 48  # 6 and 8


def test_all_visible_characters_differ() -> None:
    codes = bitmaps.load_bitmaps()[:95].reshape(95, 84)
    assert len(np.unique(codes, axis=0)) == 95


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    copy_of_the_bitmaps(tmp_path)
    for path in tmp_path.glob("*.txt"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert np.array_equal(bitmaps.load_bitmaps(tmp_path), bitmaps.load_bitmaps())


def test_an_edited_bitmap_is_seen(tmp_path: Path) -> None:
    path = copy_of_the_bitmaps(tmp_path) / "065.txt"
    path.write_text(path.read_text("ascii").replace(".#####.", "#######", 1), "ascii")
    changed = np.argwhere(bitmaps.load_bitmaps(tmp_path) != bitmaps.load_bitmaps())
    assert changed.tolist() == [[33, 0, 0], [33, 0, 6]]


@pytest.mark.parametrize("character", ["\x1f", "\x80", "é"])
def test_a_character_outside_figure_3(character: str) -> None:
    with pytest.raises(InputError, match="figure 3 has ASCII 32 to 127"):
        bitmaps.code_of(f"a{character}")
