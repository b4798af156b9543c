"""Figure 9, the error of every method, and digits before and after deslanting (III-A)."""

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .. import paper
from ..files import InputError
from .bars import Pair, height, paired_bars
from .style import OURS, STYLE


def figure9(ours: Mapping[str, float], data_title: str) -> Figure:
    """Figure 9: test error of each method in the paper's order, ours and the paper's.

    Args:
        ours: method, named as in `paper.FIGURE_9` -> percent of errors.
        data_title: name of our data; for other data the legend says that the paper's are MNIST's.

    Raises:
        InputError: figure 9 has no such method.
    """
    unknown = sorted(set(ours) - set(paper.FIGURE_9))
    if unknown:
        raise InputError(f"figure 9 has no method {unknown[0]!r}: use the names of paper.FIGURE_9")
    pairs = [Pair(name, error, ours.get(name)) for name, error in paper.FIGURE_9.items()]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9.5, height(pairs)), layout="constrained")
        paired_bars(figure.add_subplot(), pairs, legend(data_title), "test error (%)")
        figure.suptitle(
            f"Figure 9: test error of each method, ours on {data_title}",
            x=0.01,
            ha="left",
            fontsize=14,
        )
    return figure


def legend(data_title: str) -> tuple[str, str]:
    """What black and blue bars are; for other data it says that the paper's are MNIST's."""
    data = "" if data_title == "MNIST" else " (MNIST)"
    return f"paper{data}", f"ours ({data_title})"


def deslanted(
    before: NDArray[Any],
    after: NDArray[Any],
    axes_of_inertia: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    data_title: str,
) -> Figure:
    """Digits before and after deslanting (III-A), at the same scale, each with its axis.

    Args:
        before: (n, 28, 28), grey levels, 0 for background; ten fit into a lecture's picture.
        after: (n, 20, 20), the same digits deslanted.
        axes_of_inertia: rows, columns and slants (n,) before, as `deslanting.centre_and_slant`
            gives them.
        data_title: name of the data.

    Raises:
        InputError: there are no images.
    """
    if not len(before):
        raise InputError("no images to draw: give at least one")
    rows, columns, slants = axes_of_inertia
    size, box = before.shape[1], after.shape[1]
    edge = (size - box) // 2
    kept = np.pad(after, ((0, 0), (edge, edge), (edge, edge)))  # same scale and place as before
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(1.1 * max(len(before), 8) + 0.6, 3.2), layout="constrained")
        grid = figure.subplots(2, len(before), squeeze=False)
        for line, shown, side, tilts, what in (
            (grid[0], before, size, slants, f"regular\n{size}x{size}"),
            (grid[1], kept, box, 0 * slants, f"deslanted\n{box}x{box}"),
        ):
            corner = (size - side) / 2 - 0.5
            ends = np.array([corner, corner + side])
            for axes, image, row, column, tilt in zip(
                line, shown, rows, columns, tilts, strict=True
            ):
                axes.imshow(image, cmap="gray_r")
                axes.add_patch(Rectangle((corner, corner), side, side, fill=False, ec="0.7"))
                axes.plot(column + tilt * (ends - row), ends, color=OURS, lw=2)
                axes.set(xlim=(-1, size), ylim=(size, -1), xticks=[], yticks=[])
                axes.spines[:].set_visible(False)
            line[0].set_ylabel(what)
        figure.suptitle(
            f"{data_title}: deslanting shifts rows until the axis of inertia (blue) is upright",
            x=0.01,
            ha="left",
            fontsize=14,
        )
    return figure
