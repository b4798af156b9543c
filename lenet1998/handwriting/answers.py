"""What a network makes of pictures of digits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..files import AnyPath, InputError
from ..network.lenet5 import LeNet5

if TYPE_CHECKING:
    from matplotlib.figure import Figure
from .pictures import read
from .preparation import prepare

BEST = 3  # penalties told of each answer
BLOCK = 1000  # images prepared before they are answered
MOST_DRAWN = 40  # images whose states make one picture


@dataclass(frozen=True)
class Answer:
    """What a network makes of one image; penalties are those of eq. 7."""

    source: str  # the file, with the index in brackets when it is an IDX file
    answer: int
    penalties: tuple[tuple[int, float], ...]  # (class, penalty), the three smallest
    margin: float  # the second smallest penalty less the smallest: the score of figure 10
    rejected: bool


def judge(source: str, penalties: Array, reject_below: float) -> Answer:
    """The answer to one image with these penalties of eq. 7, (10,); rejected as in `predict`."""
    best = np.argsort(penalties, kind="stable")[:BEST]
    smallest = tuple((int(digit), float(penalties[digit])) for digit in best)
    margin = smallest[1][1] - smallest[0][1]
    return Answer(source, smallest[0][0], smallest, margin, margin < reject_below)


def predict(network: LeNet5, paths: Iterable[AnyPath], reject_below: float) -> list[Answer]:
    """The answers to all the images of some files, in their order.

    An answer is rejected when its margin, in units of eq. 7, is less than `reject_below`.  Raises
    `InputError` as `read` and `prepare` do, with the name of the file.
    """
    answers: list[Answer] = []
    images = _prepared(paths)
    while block := list(islice(images, BLOCK)):
        penalties = network.penalties(np.stack([image for _, image in block]))
        for (source, _), row in zip(block, penalties, strict=True):
            answers.append(judge(source, row, reject_below))
    return answers


def states(network: LeNet5, paths: Iterable[AnyPath]) -> "Figure":
    """Every layer's state as in figure 13, for the first 40 of the images of some files.

    Raises `InputError` as `predict` does, and when there are no images.
    """
    from ..figures.states import figure13  # matplotlib is slow to import and only needed here

    drawn = list(islice(_prepared(paths), MOST_DRAWN + 1))
    if not drawn:
        raise InputError("no files to draw the states of: give PNG or IDX files")
    cut = f"the first {MOST_DRAWN}" if len(drawn) > MOST_DRAWN else ""
    sources, images = zip(*drawn[:MOST_DRAWN], strict=True)
    x = network.prepare(np.stack(images))
    return figure13(x, network.states(x), sources, data_title=cut)


def _prepared(paths: Iterable[AnyPath]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Every image of every file as `prepare` makes it, with its source."""
    for path in paths:
        for source, image in read(path):
            try:
                yield source, prepare(image)
            except InputError as error:
                raise InputError(f"{source}: {error}") from None


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
