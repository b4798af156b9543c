"""Find the digits of a page: `predict --find FILE...`."""

from collections.abc import Sequence
from pathlib import Path

from ..files import InputError, save_figure
from ..handwriting.pictures import LONGEST_SIDE, read
from ..handwriting.preparation import prepare_ink
from ..network.weights import STRINGS
from ..strings.page_sweep import WORST, Digit, find_digits, heights
from .loading import strings_network

HEAD = ("file", "digit", "penalty", "height", "left", "top", "right", "bottom")


def print_found(paths: Sequence[str], weights: str | None, boxes: Path | None) -> None:
    """Find the digits of each file, print a table, and draw boxes around them.

    Args:
        paths: of the pictures; each image of an IDX file is a page too.
        weights: of a network that has learned strings; default: the shipped ones.
        boxes: PNG file for the picture of the page with its boxes; None: none is drawn.

    Raises:
        InputError: other weights; several images for one picture of boxes; files that cannot be
            read, after the others were answered.
    """
    name = STRINGS if weights is None else weights
    network = strings_network(name)
    rows: list[tuple[str, ...]] = [HEAD]
    wrong, drawn = list[str](), False
    for path in paths:
        try:
            for picture in read(path):
                if boxes is not None and drawn:
                    raise InputError("--boxes draws one page: give one picture")
                try:
                    ink = prepare_ink(picture.image)
                    found = find_digits(network, ink)
                except InputError as error:
                    raise InputError(f"{picture.source}: {error}") from None
                rows += [cells(picture.source, one) for one in found]
                if not found:
                    sizes = heights(ink.shape)
                    says = f"none from {sizes[0]:.0f} to {sizes[-1]:.0f} pixels high"
                    rows.append((picture.source, "-", says, *[""] * (len(HEAD) - 3)))
                if boxes is not None:
                    from ..experiments.finding import page_picture  # matplotlib is slow to import

                    save_figure(page_picture(ink, found, picture.source), boxes)
                    drawn = True
        except InputError as error:  # the others are answered all the same
            wrong.append(str(error))
    if len(rows) > 1:
        print(table(rows))
        print(f"\nWeights {name}.  A box is drawn where the penalty of a digit, charged for ink")
        print(f"above and below it, is at most {WORST:g}.  Places are in pixels; a picture of more")
        print(f"than {LONGEST_SIDE} pixels is scaled down first.  Strokes may look like digits.")
        if drawn:
            print(f"\nthe page with its boxes: {boxes}")
    if wrong:
        raise InputError("; ".join(wrong))


def cells(source: str, one: Digit) -> tuple[str, ...]:
    """A row of the table."""
    top, left, bottom, right = one.box
    pixels = (f"{number:.0f}" for number in (one.height, left, top, right, bottom))
    return source, str(one.digit), f"{one.penalty:.2f}", *pixels


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as a table; the first column and words are set to the left."""
    plain = [row for row in rows if row[1] != "-"]
    widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
    widths[0] = max(len(row[0]) for row in rows)
    lines = []
    for row in rows:
        if row[1] == "-":
            lines.append(f"{row[0]:{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]}")
            continue
        numbers = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([f"{row[0]:{widths[0]}}", *numbers]))
    return "\n".join(lines)
