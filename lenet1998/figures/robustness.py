"""Section III-E: right answers against the amount of a change of the characters."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, NullLocator

from .. import paper
from ..data.transformations import TRANSFORMATIONS
from .style import OURS, SECOND, STYLE, plain

_MARGIN = (paper.INPUT_SIZE - paper.BOX_SIZE) / 2
_LEAVES = {  # amounts beyond which the box of a character no longer fits into the field
    "scale": (paper.INPUT_SIZE / paper.BOX_SIZE,),
    "vertical shift": (-_MARGIN, _MARGIN),
    "horizontal shift": (-_MARGIN, _MARGIN),
}
Curves = Mapping[str, Sequence[tuple[float, float]]]


def robustness_curves(
    curves: Curves,
    noisy: Curves | None,
    patterns: int,
    data_title: str,
    network: str = "LeNet-5",
) -> Figure:
    """Percent right against the amount, one panel for each transformation.

    The ranges that the paper claims are drawn as bands.

    Args:
        curves: (amount, percent right) of each transformation.
        noisy: the same for the network trained with inverted pixels, or None.
        patterns: number of test patterns.
        data_title: name of the data.
        network: name of the network of `curves`.
    """
    digits = "" if data_title == "MNIST" else " (on its own digits)"
    with matplotlib.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08)
        figure = Figure(figsize=(13, 8), layout=layout)
        panels = figure.subplots(2, 3, sharey=True)
        for axes, (name, transformation) in zip(panels.flat, TRANSFORMATIONS.items(), strict=True):
            if transformation.claim is not None:
                label = f"range of the paper's claim{digits}"
                axes.axvspan(*transformation.claim, color="0.88", lw=0, label=label)
            for edge in _LEAVES.get(name, ()):
                label = "beyond it the character leaves the field"
                axes.axvline(edge, color="0.45", lw=1.2, ls=":", label=label)
            _curve(axes, curves[name], OURS, "-", plain(network))
            if noisy is not None:
                _noisy_curve(axes, noisy[name], name)
            axes.set_xlabel(transformation.label)
            axes.set_xlim(transformation.amounts[0], transformation.amounts[-1])
            axes.set_ylim(0, 102)
            axes.set_yticks([0, 25, 50, 75, 90, 100])
            axes.grid(axis="y", color="0.85")
            axes.set_axisbelow(True)
        by_name = dict(zip(TRANSFORMATIONS, panels.flat, strict=True))
        _by_factors(by_name["scale"])
        by_name["rotation"].set_xticks(range(-90, 91, 30))
        for name in ("vertical shift", "horizontal shift"):
            _in_heights(by_name[name])
        for row in panels:
            row[0].set_ylabel("right answers (%)")
        handles, labels = panels.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        figure.suptitle(
            f"LeNet-5, {data_title}: right answers to {patterns:,} changed test patterns",
            fontsize=16,
        )
    return figure


def _curve(
    axes: Axes,
    curve: Sequence[tuple[float, float]],
    color: str,
    line: str | tuple[int, tuple[float, ...]],
    label: str,
) -> None:
    """Draw percent right against the amount."""
    amounts, right = zip(*curve, strict=True)
    axes.plot(amounts, right, color=color, ls=line, lw=2.4, label=label)


def _noisy_curve(axes: Axes, curve: Sequence[tuple[float, float]], name: str) -> None:
    """Draw a curve of the network trained with inverted pixels; mark its training noise."""
    label = f"trained with pixels inverted with probability {paper.NOISE_PROBABILITY:g}"
    _curve(axes, curve, SECOND, (0, (4, 1.5)), label)
    if name == "noise":
        axes.axvline(paper.NOISE_PROBABILITY, color=SECOND, lw=1.2, ls=":")
        axes.annotate(
            "trained with",
            (paper.NOISE_PROBABILITY, 3),
            (4, 0),
            textcoords="offset points",
            color=SECOND,
        )


def _by_factors(axes: Axes) -> None:
    """Make the axis logarithmic, with half and double at the same distance from 1."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator([0.5, 0.7, 1, 1.4, 2]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")


def _in_heights(axes: Axes) -> None:
    """Add an axis on top: the shift in heights of the character."""
    height = paper.BOX_SIZE
    top = axes.secondary_xaxis(
        "top", functions=(lambda x: np.divide(x, height), lambda x: np.multiply(x, height))
    )
    top.set_xlabel("heights of the character")
    top.set_xticks([-0.5, -0.25, 0, 0.25, 0.5])
    top.xaxis.set_major_formatter("{x:g}")
    axes.set_xticks([-10, -5, 0, 5, 10])
