"""Read strings of digits: `predict --string FILE...`."""

from collections.abc import Sequence

from ..data.patterns import scale_levels
from ..files import InputError
from ..handwriting.pictures import read
from ..handwriting.preparation import prepare_line
from ..network.weights import STRINGS
from ..strings.columns import centre
from ..strings.reading import CONFIDENCE, WORST, Reading, is_rejected, read_string
from .loading import strings_network


def print_strings(
    paths: Sequence[str], weights: str | None, reject_below: float | None, states: str | None
) -> None:
    """Read each file as a string of digits and print a table.

    Args:
        paths: of the pictures; each image of an IDX file is a string too.
        weights: of a network that has learned strings; default: the shipped ones.
        reject_below: a string with a smaller probability is rejected; default `CONFIDENCE`.
        states: must be None, since the states of strings have no picture here.

    Raises:
        InputError: other weights; files that cannot be read, after the others were answered.
    """
    if states is not None:
        raise InputError("--states has no effect with --string; remove it")
    below = probability(reject_below)
    name = STRINGS if weights is None else weights
    network = strings_network(name)
    rows, wrong = [], []
    for path in paths:
        try:
            for picture in read(path):
                try:
                    x = scale_levels(prepare_line(picture.image), network.dtype)
                    rows.append((picture.source, read_string(network, x)))
                except InputError as error:
                    raise InputError(f"{picture.source}: {error}") from None
        except InputError as error:  # the others are answered all the same
            wrong.append(str(error))
    if rows:
        print(text(rows, below))
        print(f"\nWeights {name}.  Rejected: strings that are less probable than {below:g}, that")
        print(f"hold a character with a penalty above {WORST:g} in its best column, or no digit.")
    if wrong:
        raise InputError("; ".join(wrong))


def probability(reject_below: float | None) -> float:
    """The probability below which a string is rejected: --reject-below, or `CONFIDENCE`.

    Raises:
        InputError: it is above 1.
    """
    below = CONFIDENCE if reject_below is None else reject_below
    if below > 1:
        raise InputError(f"--reject-below {below:g}: with --string, give a probability up to 1")
    return below


def text(rows: Sequence[tuple[str, Reading]], below: float) -> str:
    """The readings as a table: file, string, probability, penalty, rejection, places."""
    cells = [("file", "string", "probability", "penalty", "reject", "middles of the digits")]
    for source, reading in rows:
        middles = [f"{centre((c.first + c.last) / 2):g}" for c in reading.characters]
        cells.append(
            (
                source,
                reading.text or "-",
                f"{reading.confidence:.4f}",
                f"{reading.penalty:.2f}",
                "yes" if is_rejected(reading, below) else "no",
                " ".join(middles),
            )
        )
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)
