"""An atlas of the network: to scale, wired, and what its units respond to."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from .. import paper
from ..arrays import Array
from .style import OTHERS, OURS, PAPER, SECOND, STYLE

DPI = 150
STACK = 3.0  # pixels between neighbouring maps of a stack


def figure2(image: Array, layers: Mapping[str, Array]) -> Figure:
    """Figure 2 to scale: every map with its real states, one unit as large as one input pixel.

    Args:
        image: one prepared input, (32, 32).
        layers: its states, as `LeNet5.states` gives them for one image.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(14, 4.2), dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        left = _stack(axes, 0.0, [image], (paper.BACKGROUND, paper.FOREGROUND), "input\n32x32")
        for name in ("C1", "S2", "C3", "S4"):
            maps = list(np.moveaxis(layers[name][0], 2, 0))
            height, width = maps[0].shape
            left = _stack(axes, left, maps, (-1, 1), f"{name}\n{len(maps)} of {height}x{width}")
        column = layers["C5"].reshape(20, 6)
        left = _stack(axes, left, [column], (-1, 1), "C5\n120 units")
        bitmap = layers["F6"].reshape(paper.CODE_HEIGHT, paper.CODE_WIDTH)
        left = _stack(axes, left, [bitmap], (-1, 1), "F6\n84 units")
        penalties = layers["OUTPUT"].reshape(10, 1)
        left = _stack(axes, left, [-penalties], (-100, 0), "output\n10 units")
        axes.set(xlim=(-2, left), ylim=(62, -4), aspect="equal")
        axes.set_axis_off()
        axes.set_title("LeNet-5 to scale: each square is a unit, with its state for one digit")
    return figure


def _stack(
    axes: Axes, left: float, maps: Sequence[Array], ends: tuple[float, float], name: str
) -> float:
    """Maps on top of each other, the first at the back; return where the next stack may begin."""
    height, width = map(float, maps[0].shape)
    step = STACK if len(maps) < 10 else STACK / 2
    total = height + step * (len(maps) - 1)
    top = 26 - total / 2
    for k, values in enumerate(maps):
        x, y = left + step * k, top + step * k
        axes.imshow(
            values, cmap="gray_r", vmin=ends[0], vmax=ends[1], interpolation="nearest",
            extent=(x, x + width, y + height, y), zorder=k,
        )  # fmt: skip
        axes.add_patch(Rectangle((x, y), width, height, fill=False, ec=OURS, lw=0.8, zorder=k))
    span = width + step * (len(maps) - 1)
    axes.text(left + span / 2, 57, name, ha="center", va="center", fontsize=12)
    return left + max(span, 10.0) + 9


def table1_kernels(kernels: Array) -> Figure:
    """Table I with a kernel at each cross: 60 kernels of C3 on one scale.

    Args:
        kernels: (5, 5, 6, 16), zero where Table I has no cross.
    """
    largest = float(np.abs(kernels).max())
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(12, 5.2), dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        for m, sources in enumerate(paper.TABLE_1):
            for s in sources:
                image = axes.imshow(
                    kernels[:, :, s, m], cmap="gray_r", vmin=-largest, vmax=largest,
                    extent=(m - 0.42, m + 0.42, s + 0.42, s - 0.42), interpolation="nearest",
                )  # fmt: skip
                axes.add_patch(
                    Rectangle((m - 0.42, s - 0.42), 0.84, 0.84, fill=False, ec=OURS, lw=0.8)
                )
        axes.set(xlim=(-0.6, 15.6), ylim=(5.6, -0.6), xticks=range(16), yticks=range(6))
        axes.set(xlabel="C3 map", ylabel="S2 map", aspect="equal")
        axes.set_title("Table I with the 60 kernels of C3 (white negative, black positive)")
        figure.colorbar(image, ax=axes, shrink=0.7, label="weight")
    return figure


def strongest_patches(
    patches: Array, names: Sequence[str], title: str, states: ArrayLike | None = None
) -> Figure:
    """What excites units: for each unit a row of the inputs with the largest state.

    Args:
        patches: (units, n, height, width), input values, the strongest first.
        names: one for each unit.
        title: of the picture.
        states: the state that each patch causes, (units, n); None leaves them out.
    """
    units, n = patches.shape[:2]
    shown = None if states is None else np.asarray(states)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(0.8 * n + 1.4, 0.86 * units + 0.8), dpi=DPI, layout="constrained")
        grid = figure.subplots(units, n, squeeze=False)
        for row, name in enumerate(names):
            for column, axes in enumerate(grid[row]):
                axes.imshow(
                    patches[row, column],
                    cmap="gray_r",
                    vmin=paper.BACKGROUND,
                    vmax=paper.FOREGROUND,
                )
                axes.set(xticks=[], yticks=[])
                axes.spines[:].set(visible=True, color=OTHERS)
                if shown is not None:
                    axes.set_xlabel(f"{shown[row, column]:.2f}", fontsize=8, labelpad=1)
            grid[row, 0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11)
        figure.suptitle(title)
    return figure


def weight_tiles(tiles: Array, columns: int, title: str) -> Figure:
    """Many small weight images on one scale.

    Args:
        tiles: (n, height, width).
        columns: tiles in a row.
        title: of the picture.
    """
    n, height, width = tiles.shape
    rows = -(-n // columns)
    canvas = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for k, tile in enumerate(tiles):
        top, left = (k // columns) * (height + 1), (k % columns) * (width + 1)
        canvas[top : top + height, left : left + width] = tile
    largest = float(np.quantile(np.abs(tiles), 0.995))
    with matplotlib.rc_context(STYLE):
        size = (10.5, 1.2 + 9.5 * canvas.shape[0] / canvas.shape[1])
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        grey = matplotlib.colormaps["gray_r"].with_extremes(bad="#9DC3E6")
        image = axes.imshow(canvas, cmap=grey, vmin=-largest, vmax=largest, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.set_title(title)
        figure.colorbar(image, ax=axes, shrink=0.7, label="weight", extend="both")
    return figure


def activation_curves(a: Array, f: Array, slope: Array, curvature: Array) -> Figure:
    """The squash with its first and second derivative, and the targets at +-1.

    Args:
        a: (n,); f, slope, curvature: the function and its derivatives there.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, 4.2), dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        axes.plot(a, f, color=OURS, lw=2.5, label="f(a) = A tanh(S a)")
        axes.plot(a, slope, color=SECOND, lw=2, ls="--", label="f'(a), the slope")
        axes.plot(a, curvature, color="0.4", lw=2, ls=":", label="f''(a)")
        for target in (-1, 1):
            axes.axvline(target, color=PAPER, lw=0.8)
        axes.plot([-1, 1], [-1, 1], "o", color=PAPER, label="targets: f(1) = 1, f(-1) = -1")
        axes.axhline(0, color=OTHERS, lw=0.8)
        axes.set(xlabel="a", xlim=(a[0], a[-1]))
        axes.legend(frameon=False, fontsize=11)
        axes.set_title("At the targets the second derivative is largest")
    return figure


def code_space(
    states: Array, labels: NDArray[np.integer], codes: Array, wrong: NDArray[np.bool_], title: str
) -> Figure:
    """F6's states of many digits and the ten codes, projected onto the same plane.

    Args:
        states: (n, 2); labels: right classes (n,); wrong: (n,) whether the answer is wrong.
        codes: (10, 2).
        title: of the picture.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8.5, 6.4), dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        colours = matplotlib.colormaps["tab10"]
        for digit in range(10):
            own = labels == digit
            axes.plot(*states[own].T, ".", ms=3, alpha=0.5, color=colours(digit))
            x, y = map(float, codes[digit])
            axes.text(
                x, y, str(digit), fontsize=20, weight="bold", ha="center", va="center",
                bbox={"fc": "white", "ec": colours(digit), "lw": 2, "boxstyle": "circle,pad=0.15"},
                zorder=5,
            )  # fmt: skip
        axes.plot(*states[wrong].T, "x", color=PAPER, ms=6, label="wrong answers")
        axes.set(xticks=[], yticks=[], aspect="equal")
        axes.spines[:].set_visible(False)
        axes.legend(frameon=False)
        axes.set_title(title)
    return figure
