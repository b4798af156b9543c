"""Figure 13: the state of every layer, and the answer in the grey of its penalty."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..files import InputError
from .style import SECOND, STYLE, drawable

GAP = 0.11  # between the blocks of a row, in heights of a row
_MAP_GAP = 1  # between the maps of a block, in their pixels as drawn
_GAP_COLOUR = "#9DC3E6"  # no state has this colour
_LONGEST = 64  # characters of a title; longer ones would reach the next column
_MIDDLE: Any = {"ha": "center", "va": "center"}
_PALE = 0.8  # the grey of a penalty that is white in the paper, so that it stays legible


class Block(NamedTuple):
    """A state as it is drawn: pixels (h, w), NaN between maps, and its width at a height of 1."""

    pixels: NDArray[Any]
    white: float = -1.0  # this value and smaller ones are white
    black: float = 1.0
    width: float = 0.0  # 0: that of square pixels


def blocks(found: Mapping[str, Array]) -> dict[str, Block]:
    """The states of one image, C1 to F6, as they are drawn.

    Args:
        found: as `LeNet5.states` gives them for one image.
    """
    return {
        "C1": Block(montage(found["C1"][0], 3, 1)),
        "S2": Block(montage(found["S2"][0], 3, 2)),
        "C3": Block(montage(found["C3"][0], 4, 3)),
        "S4": Block(montage(found["S4"][0], 4, 6)),
        "C5": Block(found["C5"].reshape(-1, 1), width=0.13),
        "F6": Block(found["F6"].reshape(paper.CODE_HEIGHT, paper.CODE_WIDTH)),
    }


def draw_block(axes: Axes, block: Block, extent: tuple[float, float, float, float]) -> AxesImage:
    """Draw a block into the rectangle (left, right, bottom, top)."""
    return axes.imshow(
        block.pixels,
        cmap=colormaps["gray_r"].with_extremes(bad=_GAP_COLOUR),
        vmin=block.white,
        vmax=block.black,
        extent=extent,
        interpolation="nearest",
    )


def draw_blocks(
    axes: Axes, drawn: Mapping[str, Block], heads: float | None
) -> tuple[dict[str, AxesImage], float]:
    """Draw blocks side by side, 1 high, with the upper left corner of the first one at (0, 0).

    Args:
        heads: y of their names; None draws no names.

    Returns:
        The images by name, which accept new pixels of the same shape, and x after the last block.
    """
    images, left = {}, 0.0
    for name, block in drawn.items():
        width = block.width or block.pixels.shape[1] / block.pixels.shape[0]
        images[name] = draw_block(axes, block, (left, left + width, 1, 0))
        axes.add_patch(Rectangle((left, 0), width, 1, fill=False, ec=_GAP_COLOUR, lw=1.5))
        if heads is not None:
            axes.text(left + width / 2, heads, name, ha="center", fontsize=15, fontweight="bold")
        left += width + GAP
    return images, left


def figure13(
    images: Array,
    layers: Mapping[str, Array],
    titles: Sequence[str] | None = None,
    labels: Sequence[int] | NDArray[np.integer] | None = None,
    data_title: str = "",
) -> Figure:
    """Figure 13 redrawn, one row for each image: the input, the layers, the answer.

    C1 and S2 are drawn as 3 x 2 maps, C3 and S4 as 4 x 4, C5 as a column, F6 as a bitmap of 7 x 12;
    white is -1 or less, black +1 or more.  The best answer and, smaller, the second best are drawn
    in a grey that shows their penalty: the smaller the penalty, the darker.

    Args:
        images: inputs (n, 32, 32, 1); about 40 fit into one picture, in two columns.
        layers: their states, as `LeNet5.states` gives them.
        titles: one for each image.
        labels: right classes (n,); with them wrong answers are marked.
        data_title: name of the data, for the title of the picture.

    Raises:
        InputError: there are no images, or not as many states, titles or labels.
    """
    n = len(images)
    titles = [""] * n if titles is None else titles
    answers = [None] * n if labels is None else [int(label) for label in labels]
    counts = {len(titles), len(answers), *(len(state) for state in layers.values())}
    if n == 0 or counts != {n}:
        raise InputError(
            f"figure 13 got {n} images and states, titles or labels of {sorted(counts)}: give at "
            "least one image, and as many of each"
        )
    columns = min(n, 2)
    rows = -(-n // columns)
    with matplotlib.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.05, h_pad=0.06, hspace=0, wspace=0.02)
        figure = Figure(figsize=(9.2 * columns, 1.72 * rows + 1.5), layout=layout)
        panels = figure.subplots(rows, columns, squeeze=False)
        for axes in panels.flat:
            axes.set_axis_off()
        for i in range(n):
            found = {name: state[i : i + 1] for name, state in layers.items()}
            draw_row(
                panels.T.flat[i], images[i, ..., 0], found, titles[i], answers[i], i % rows == 0
            )
        data = f" ({data_title})" if data_title else ""
        count = "an input" if n == 1 else f"{n} inputs"
        figure.suptitle(f"The states of LeNet-5's layers for {count}{data}", fontsize=18)
        between = "  " if columns > 1 else "\n"
        figure.supxlabel(
            f"States: white is -1 or less, black +1 or more.{between}The best answer, and the "
            "second best below it: the smaller the penalty, the darker.",
            fontsize=14,
        )
    return figure


def draw_row(
    axes: Axes,
    image: Array,
    layers: Mapping[str, Array],
    title: str,
    label: int | None,
    headed: bool,
) -> None:
    """Draw one image's row of figure 13, 1 high, in the coordinates of its own axes.

    Args:
        image: input (32, 32).
        layers: its states, each (1, h, w, maps).
        label: right class; None where it is not known.
        headed: whether the names of the layers are written above the row.
    """
    shown = Block(image, paper.BACKGROUND, paper.FOREGROUND)
    _, left = draw_blocks(axes, {"input": shown, **blocks(layers)}, -0.33 if headed else None)
    _answers(axes, left, layers["OUTPUT"].ravel(), label, headed)
    if len(title) > _LONGEST:  # the end of a path says more than its beginning
        title = "…" + title[1 - _LONGEST :]
    text = axes.text(0, -0.06, drawable(title), fontsize=15, parse_math=False, clip_on=True)
    text.set_in_layout(False)  # the width of a row is that of its blocks, not of its title
    axes.set_xlim(-0.03, left + 0.95)
    axes.set_ylim(1.03, -0.27)
    axes.set_aspect("equal", anchor="W")


def _answers(axes: Axes, left: float, penalties: Array, label: int | None, headed: bool) -> None:
    """Draw the best two answers, each in its grey, with their penalties."""
    best, second = (int(i) for i in penalties.argsort(kind="stable")[:2])
    for answer, height, size in ((best, 0.33, 44), (second, 0.84, 22)):
        # With softmax a penalty may be negative.
        grey = _PALE * min(max(float(penalties[answer]) / paper.FADED_PENALTY, 0.0), 1.0)
        axes.text(left + 0.2, height, str(answer), color=str(grey), fontsize=size, **_MIDDLE)
        text = f"{penalties[answer]:.1f}"
        axes.text(left + 0.66, height, text, color="0.3", fontsize=14, **_MIDDLE)
    if label is not None and label != best:
        axes.text(left + 0.66, 0.08, f"true: {label}", color=SECOND, fontsize=14, **_MIDDLE)
    if headed:
        axes.text(left, -0.33, "answer", ha="left", fontsize=15, fontweight="bold")


def montage(maps: Array, rows: int, larger: int) -> Array:
    """Maps (h, w, m) in so many rows as one image, each pixel `larger` wide, NaN between maps."""
    height, width, count = maps.shape
    columns = count // rows
    pixels = maps.transpose(2, 0, 1).repeat(larger, axis=1).repeat(larger, axis=2)
    h, w = height * larger + _MAP_GAP, width * larger + _MAP_GAP
    out = np.full((rows, h, columns, w), np.nan, maps.dtype)
    out[:, :-_MAP_GAP, :, :-_MAP_GAP] = pixels.reshape(rows, columns, *pixels.shape[1:]).transpose(
        0, 2, 1, 3
    )
    return out.reshape(rows * h, columns * w)[:-_MAP_GAP, :-_MAP_GAP]
