"""Figures 8 and 10 and the confusion matrix: the errors of a network."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from .style import OTHERS, OURS, PAPER, STYLE, plain


def figure8(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    answers: NDArray[np.integer],
    title: str,
    theirs: Sequence[int | None] = (),
) -> Figure:
    """Figure 8: misclassified patterns, each with "true -> answer" below it.

    Args:
        images: (n, 28, 28), 255 is ink; for n = 0 the picture says "none".
        labels, answers: (n,).
        theirs: the wrong answers of the paper's network, None where it was right; the patterns that
            it misread too have a frame, with a thick line where the answer is the same.
    """
    n = len(images)
    columns = 14 if n > 60 else 10
    rows = max(1, -(-n // columns))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(0.78 * columns, 0.6 + 1.02 * rows))
        figure.suptitle(plain(title), fontsize=13, y=1 - 0.12 / figure.get_figheight(), va="top")
        top = 1 - 0.5 / figure.get_figheight()
        grid = figure.add_gridspec(
            rows, columns, left=0.01, right=0.99, bottom=0.3 / figure.get_figheight(), top=top,
            hspace=0.32, wspace=0.08,
        )  # fmt: skip
        for i in range(n):
            axes = figure.add_subplot(grid[divmod(i, columns)])
            axes.imshow(images[i], cmap="gray_r", vmin=0, vmax=255)
            axes.set_axis_off()
            if theirs and theirs[i] is not None:
                width = 2.4 if theirs[i] == answers[i] else 0.9
                axes.add_patch(
                    Rectangle(
                        (0, 0), 1, 1, transform=axes.transAxes, fill=False, ec=PAPER, lw=width
                    )
                )
            axes.text(
                0.5, -0.05, f"{labels[i]} → {answers[i]}", transform=axes.transAxes,
                ha="center", va="top", fontsize=12,
            )  # fmt: skip
        if n == 0:
            figure.text(0.5, 0.4, "none", ha="center")
    return figure


def figure10(
    rejected_percent: Array, error_percent: Array, share: float | None, title: str
) -> Figure:
    """Figure 10: error on the patterns that are kept against the share that is rejected.

    Args:
        rejected_percent, error_percent: the curve (n,), which starts without rejection.
        share: percent to reject for the paper's 0.5 % error; None if it is never reached.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(12, 5.2), layout="constrained")
        curve, bars = figure.subplots(1, 2)
        curve.plot(rejected_percent, error_percent, color=OURS, lw=2.4)
        right = 3 * share if share else 6.0
        curve.set_xlim(0, min(100.0, max(right, 3.0)))
        curve.set_ylim(0, 1.05 * float(error_percent[0]) or 1.0)
        curve.axhline(paper.REJECTION_ERROR, color=PAPER, lw=1.2, ls=":")
        if share is not None:
            curve.plot([share], [paper.REJECTION_ERROR], "o", color=OURS, ms=9)
            curve.annotate(
                f"reject {share:.1f} % for {paper.REJECTION_ERROR} % error",
                (share, paper.REJECTION_ERROR),
                xytext=(14, 14),
                textcoords="offset points",
            )
        curve.set_xlabel("patterns rejected (%)")
        curve.set_ylabel("error on the rest (%)")
        curve.grid(color="0.92")
        names = [*paper.FIGURE_10, "LeNet-5, ours, these weights"]
        values = [*paper.FIGURE_10.values(), np.nan if share is None else share]
        places = np.arange(len(names))[::-1]
        colours = [OTHERS] * len(paper.FIGURE_10) + [OURS]
        bars.barh(places, values, color=colours, height=0.7)
        for place, value in zip(places, values, strict=True):
            text = "not reached" if np.isnan(value) else f"{value:.1f}"
            bars.text(0.1 if np.isnan(value) else value + 0.1, place, text, va="center")
        bars.set_yticks(places, names)
        bars.set_xlim(0, 1.12 * float(np.nanmax(values)))
        bars.set_xlabel(f"patterns to reject for {paper.REJECTION_ERROR} % error (%)")
        bars.tick_params(left=False)
        bars.set_title("figure 10, the paper's values in grey", loc="left", fontsize=13)
        figure.suptitle(plain(title), x=0.01, ha="left", fontsize=14)
    return figure


def confusion_matrix(matrix: NDArray[np.integer], title: str) -> Figure:
    """How often each digit got each answer, and the error of each digit.

    Args:
        matrix: (classes, classes), row = right class, column = answer.
    """
    classes = len(matrix)
    wrong = matrix.astype(float)
    np.fill_diagonal(wrong, np.nan)
    totals = matrix.sum(axis=1)
    errors = 100 * (totals - matrix.diagonal()) / np.maximum(totals, 1)
    absent = totals == 0
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11.5, 6.2), layout="constrained")
        square, bars = figure.subplots(1, 2, width_ratios=[3, 2])
        largest = max(1.0, float(np.nanmax(wrong)))
        square.imshow(wrong, cmap="Blues", vmin=0, vmax=1.6 * largest)
        for row in range(classes):
            for column in range(classes):
                count = matrix[row, column]
                if row == column:
                    square.text(column, row, f"{count}", ha="center", va="center", color="0.45",
                                fontsize=10)  # fmt: skip
                elif count:
                    square.text(column, row, f"{count}", ha="center", va="center", weight="bold")
        square.set_xticks(range(classes))
        square.set_yticks(range(classes))
        square.tick_params(length=0)
        square.set_xlabel("answer")
        square.set_ylabel("right class")
        for side in square.spines.values():
            side.set_visible(False)
        bars.barh(range(classes), errors, color=OURS, height=0.7)
        for digit, error in enumerate(errors):
            bars.text(error, digit, " -" if absent[digit] else f" {error:.1f}", va="center")
        bars.invert_yaxis()
        bars.set_yticks(range(classes))
        bars.set_ylabel("right class")
        bars.set_xlabel("error (%)")
        bars.set_xlim(0, 1.15 * max(0.1, float(errors.max())))
        figure.suptitle(plain(title), x=0.01, ha="left", fontsize=14)
    return figure
