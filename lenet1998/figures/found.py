"""Section VII-D: digits that were found on a page, in boxes, and how well they are found."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..arrays import Array
from .style import OTHERS, OURS, SECOND, STYLE, plain

_LONGEST = 9.0  # inches of the picture's longest side
_HEAD = 0.5  # inches for the title


class Box(NamedTuple):
    """A box that is drawn.

    Attributes:
        edges: top, left, bottom, right, in pixels of the page.
        label: above it.
        wrong: drawn in the second colour.
        missed: drawn grey and dashed.
    """

    edges: tuple[float, float, float, float]
    label: str
    wrong: bool = False
    missed: bool = False


def boxes_on_page(ink: Array, boxes: Sequence[Box], title: str) -> Figure:
    """A page with boxes around the digits that were found.

    Args:
        ink: the page (h, w), 0 to 1, drawn black on white.
        boxes: in any order.
        title: of the picture.
    """
    height, width = ink.shape
    inches = _LONGEST / max(height, width)
    with matplotlib.rc_context(STYLE):
        size = max(width * inches, 4.0), max(height * inches, 1.0) + _HEAD
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        axes.imshow(ink, cmap="gray_r", vmin=0, vmax=1, extent=(0, width, height, 0))
        axes.set(xticks=[], yticks=[], xlim=(0, width), ylim=(height, 0))
        axes.spines[:].set(visible=True, color="0.8")
        for box in boxes:
            _draw(axes, box, inches)
        axes.set_title(plain(title), loc="left", fontsize=13)
    return figure


def _draw(axes: Axes, box: Box, inches: float) -> None:
    """Draw a box and its label, which is as large as the digit but legible."""
    top, left, bottom, right = box.edges
    colour = OTHERS if box.missed else SECOND if box.wrong else OURS
    line: Any = {"fill": False, "ec": colour, "ls": ":" if box.missed else "-"}
    axes.add_patch(Rectangle((left, top), right - left, bottom - top, lw=1.5, **line))
    size = min(max(72 * inches * (bottom - top) / 2.5, 7.0), 14.0)
    bold: Any = {"fontsize": size, "fontweight": "bold", "va": "bottom"}
    axes.text(left, top, box.label, color=colour, **bold)


class Found(NamedTuple):
    """A point of a curve: percent of the digits found with the right label, false boxes a page."""

    right: float
    false: float


def finding_curves(curves: Mapping[str, Sequence[tuple[float, Found]]], title: str) -> Figure:
    """Digits found, and false boxes, by the height of the digits and by the number of strokes.

    Args:
        curves: "height" and "strokes" -> the amounts, with what was found.
        title: of the picture.
    """
    labels = {
        "height": "height of the digits (pixels of the page)",
        "strokes": "strokes on the page that are no digits",
    }
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(12, 7), layout="constrained")
        panels = figure.subplots(2, len(curves), sharex="col", sharey="row", squeeze=False)
        for column, (varied, curve) in zip(panels.T, curves.items(), strict=True):
            amounts = [amount for amount, _ in curve]
            for axes, values in zip(column, zip(*(one for _, one in curve), strict=True),
                                    strict=True):  # fmt: skip
                axes.plot(amounts, values, "o-", color=OURS, lw=2)
                axes.grid(color="0.92")
            if varied == "height":
                column[0].set_xscale("log")
                column[0].set_xticks(amounts, [f"{amount:g}" for amount in amounts])
                column[0].minorticks_off()
            column[1].set_xlabel(labels[varied])
        panels[0, 0].set(ylabel="digits found, right label (%)", ylim=(0, 102))
        panels[1, 0].set_ylabel("false boxes a page")
        panels[1, 0].set_ylim(bottom=0)
        figure.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure
