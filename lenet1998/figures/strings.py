"""Section VII: whole strings read right, by what the strings are like and by reader."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .. import paper
from .style import OTHERS, OURS, STYLE

_LABELS = {
    "noise": "share of inverted pixels",
    "jitter": "largest vertical shift (pixels)",
    "gap": "gap between boxes (pixels)",
    "length": "characters of the string",
}
_LEARNED = {  # amounts that the windows of VII-B have
    "noise": (0.0, paper.NOISE_PROBABILITY),
    "gap": tuple(map(float, paper.STRING_GAPS)),
}


class Right(Protocol):
    """A share of whole strings that were read right, in percent, with its 95 % bounds."""

    @property
    def right(self) -> float: ...
    @property
    def right_range(self) -> tuple[float, float]: ...


def string_curves(
    curves: Mapping[str, Sequence[tuple[float, Right]]],
    bars: Sequence[tuple[str, Right]],
    ours: Collection[str],
    title: str,
) -> Figure:
    """Strings read right by noise, jitter, gap and length, and by reader.

    Args:
        curves: what varies -> its amounts and the share of strings that were read right.
        bars: name of each reader and its share.
        ours: names of those that are drawn in colour.
        title: of the picture.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(13, 8.5), layout="constrained")
        # Apart, so that the long names of the readers take no room from the curves.
        (above,), (below,) = figure.subfigures(2, 1, squeeze=False, height_ratios=[3, 2])
        panels = above.subplots(1, len(curves))
        for axes, (varied, curve) in zip(panels, curves.items(), strict=True):
            _curve(axes, curve)
            if varied in _LEARNED:
                axes.axvspan(*_LEARNED[varied], color="0.92", lw=0, zorder=0)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=varied != "noise"))
            axes.set_xlabel(_LABELS[varied], fontsize=11)
            axes.set_ylim(0, 102)
        panels[0].set_ylabel("whole strings right (%)")
        _bars(below.add_subplot(), bars, ours)
        above.suptitle(title, x=0.01, ha="left", fontsize=15)
    return figure


def _curve(axes: Axes, curve: Sequence[tuple[float, Right]]) -> None:
    """Draw a curve with its bounds."""
    amounts = [amount for amount, _ in curve]
    low, high = ([one.right_range[end] for _, one in curve] for end in (0, 1))
    axes.fill_between(amounts, low, high, color=OURS, alpha=0.2, lw=0)
    axes.plot(amounts, [one.right for _, one in curve], "o-", color=OURS, lw=2, ms=4)
    axes.grid(color="0.92")


def _bars(axes: Axes, bars: Sequence[tuple[str, Right]], ours: Collection[str]) -> None:
    """Draw a bar for each reader."""
    places = range(len(bars))
    names, shares = zip(*bars, strict=True)
    colours = [OURS if name in ours else OTHERS for name in names]
    axes.barh(places, [one.right for one in shares], color=colours, height=0.7)
    for place, one in zip(places, shares, strict=True):
        axes.text(one.right + 0.8, place, f"{one.right:.1f}", va="center", fontsize=11)
    axes.set_yticks(places, names, fontsize=11)
    axes.invert_yaxis()
    axes.set_xlim(0, 105)
    axes.tick_params(left=False)
    axes.set_xlabel("whole strings right (%), strings as the windows of VII-B, without noise")
