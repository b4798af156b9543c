"""A network's answers to pictures of digits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..files import AnyPath, InputError
from ..network.lenet5 import LeNet5

if TYPE_CHECKING:
    from matplotlib.figure import Figure
from .pictures import read
from .preparation import prepare, prepare_page

BEST = 3  # penalties reported with each answer
BLOCK = 1000  # digits that are prepared and answered together
MOST_DRAWN = 40  # digits whose states are drawn in one picture


@dataclass(frozen=True)
class Answer:
    """A network's answer to one digit; penalties are those of eq. 7."""

    source: str  # the file, with the index in an IDX file, or the number of the digit
    answer: int
    penalties: tuple[tuple[int, float], ...]  # (class, penalty), the three smallest
    margin: float  # the second smallest penalty less the smallest: the score of figure 10
    rejected: bool


def judge(source: str, penalties: Array, reject_below: float | None) -> Answer:
    """The answer to one image with these penalties of eq. 7, (10,); rejected as in `predict`."""
    best = np.argsort(penalties, kind="stable")[:BEST]
    smallest = tuple((int(digit), float(penalties[digit])) for digit in best)
    margin = smallest[1][1] - smallest[0][1]
    rejected = reject_below is not None and margin < reject_below
    return Answer(source, smallest[0][0], smallest, margin, rejected)


def predict(
    network: LeNet5, paths: Sequence[AnyPath] | AnyPath, reject_below: float | None = None
) -> list[Answer]:
    """The answers to all digits of some files, in their order.

    A picture may hold several digits, which are answered one by one.  An IDX file holds one digit
    per image.

    Args:
        network: reads the digits.
        paths: of the files, or of one file.
        reject_below: an answer with a smaller margin, in units of eq. 7, is rejected; default:
            none is.

    Raises:
        InputError: as `pictures.read` and `preparation.prepare_page`, with the name of the file.
    """
    answers: list[Answer] = []
    images = _prepared(paths)
    while block := list(islice(images, BLOCK)):
        penalties = network.penalties(np.stack([image for _, image in block]))
        for (source, _), row in zip(block, penalties, strict=True):
            answers.append(judge(source, row, reject_below))
    return answers


def states(network: LeNet5, paths: Sequence[AnyPath] | AnyPath) -> "Figure":
    """Every layer's state as in figure 13, for the first 40 digits of some files.

    Raises:
        InputError: as `predict`, and when there are no digits.
    """
    from ..figures.states import figure13  # matplotlib is slow to import and only needed here

    drawn = list(islice(_prepared(paths), MOST_DRAWN + 1))
    if not drawn:
        raise InputError("no files to draw the states of: give pictures or IDX files")
    cut = f"the first {MOST_DRAWN}" if len(drawn) > MOST_DRAWN else ""
    sources, images = zip(*drawn[:MOST_DRAWN], strict=True)
    x = network.prepare(np.stack(images))
    return figure13(x, network.states(x), sources, data_title=cut)


def _prepared(
    paths: Sequence[AnyPath] | AnyPath,
) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Every digit of every file, prepared, with its source."""
    for path in [paths] if isinstance(paths, str | PathLike) else paths:
        for picture in read(path):
            try:
                single = picture.single
                digits = [prepare(picture.image)] if single else prepare_page(picture.image)
            except InputError as error:
                raise InputError(f"{picture.source}: {error}") from None
            for number, digit in enumerate(digits, start=1):
                place = f" ({number} of {len(digits)})" if len(digits) > 1 else ""
                yield picture.source + place, digit


def text(answers: Iterable[Answer]) -> str:
    """The answers as a table: file, answer, smallest penalties, their margin, whether to reject."""
    rows = [("file", "answer", "smallest penalties, class: penalty", "margin", "reject")]
    for one in answers:
        penalties = "  ".join(f"{digit}: {penalty:7.2f}" for digit, penalty in one.penalties)
        reject = "yes" if one.rejected else "no"
        rows.append((one.source, str(one.answer), penalties, f"{one.margin:.2f}", reject))
    a, b, c, d, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        f"{file:{a}}  {answer:>{b}}  {penalties:{c}}  {margin:>{d}}  {reject}"
        for file, answer, penalties, margin, reject in rows
    )
