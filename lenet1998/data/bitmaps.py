"""Read the output codes of figure 3: one file per character in `bitmaps/`, 12 rows of 7 pixels."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..files import InputError, opened, package_folder

_PIXELS = {"#": paper.CODE_ON, ".": paper.CODE_OFF}
_LARGEST_FILE = 1000  # bytes; a bitmap has 111 at most


def default_folder() -> Path:
    """The folder of the bitmaps: `bitmaps` beside the package in a checkout.

    A wheel puts it into `share/lenet1998` of the environment, a few folders above the package.
    """
    package = package_folder()
    checkout = package.parent / "bitmaps"
    if (checkout / f"{paper.FIRST_CODE:03d}.txt").is_file():
        return checkout
    shared = (folder / "share" / "lenet1998" / "bitmaps" for folder in package.parents)
    return next((folder for folder in shared if folder.is_dir()), checkout)


def load_bitmaps(folder: Path | None = None) -> NDArray[np.float64]:
    """All the bitmaps of figure 3: (96, 12, 7) of +1 (black) and -1 (white), ASCII 32 to 127.

    Args:
        folder: holds `032.txt` to `127.txt`; default: the package's own.

    Raises:
        InputError: a file is missing or malformed; the message names file and line.
    """
    folder = default_folder() if folder is None else Path(folder)
    codes = range(paper.FIRST_CODE, paper.FIRST_CODE + paper.CODES)
    return np.array([read_bitmap(folder / f"{code:03d}.txt") for code in codes])


def code_of(characters: str, folder: Path | None = None) -> NDArray[np.float64]:
    """The codes of some characters, row by row from the top left pixel: (n, 84) of +1 and -1.

    Args:
        characters: n ASCII characters.
        folder: as in `load_bitmaps`.

    Raises:
        InputError: a character that figure 3 does not have.
    """
    places = [ord(character) - paper.FIRST_CODE for character in characters]
    for character, place in zip(characters, places, strict=True):
        if not 0 <= place < paper.CODES:
            raise InputError(
                f"no bitmap for the character {character!r}: figure 3 has ASCII "
                f"{paper.FIRST_CODE} to {paper.FIRST_CODE + paper.CODES - 1}"
            )
    return load_bitmaps(folder).reshape(paper.CODES, paper.F6_UNITS)[places]


def digit_codes(folder: Path | None = None) -> NDArray[np.float64]:
    """The codes of the digits 0 to 9, (10, 84): the fixed weights of the output layer (II-B)."""
    return code_of("0123456789", folder)


def read_bitmap(path: Path) -> list[list[float]]:
    """One bitmap as 12 rows of 7 numbers, +1 and -1; at most _LARGEST_FILE bytes are read.

    Raises:
        InputError: the file is missing or malformed.
    """
    expected = f"expected {paper.CODE_HEIGHT} rows of {paper.CODE_WIDTH} characters # or ."
    try:
        with opened(path) as file:
            text = file.read(_LARGEST_FILE).decode("utf-8-sig")  # a some editors add a BOM
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {expected}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}, line 1: not a text file; {expected}") from None
    rows = [row.removesuffix("\r") for row in text.removesuffix("\n").split("\n")]
    for number, row in enumerate(rows[: paper.CODE_HEIGHT], start=1):
        wrong = [character for character in row if character not in _PIXELS]
        if wrong:
            raise InputError(f"{path}, line {number}: the character {wrong[0]!r}; {expected}")
        if len(row) != paper.CODE_WIDTH:
            raise InputError(f"{path}, line {number}: {len(row)} characters; {expected}")
    if len(rows) != paper.CODE_HEIGHT:
        line = min(len(rows), paper.CODE_HEIGHT) + 1
        what = "one row too many" if len(rows) > paper.CODE_HEIGHT else "the row is missing"
        raise InputError(f"{path}, line {line}: {what}; {expected}")
    return [[_PIXELS[pixel] for pixel in row] for row in rows]
