"""Bars in pairs: what the paper reports in black, ours in blue below it.

A bar of the paper that has none of ours below it is grey: there is nothing to compare it with.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .style import OTHERS, OURS, PAPER

THICK, GAP = 0.75, 0.25


def as_printed(value: float) -> str:
    """A percentage as the paper prints it: 12.0, 3.05."""
    return max(f"{value:.1f}", f"{value:g}", key=len)


class Pair(NamedTuple):
    """One method.

    Attributes:
        name: of the method.
        paper: the paper's number; None where it has none.
        ours: our number; None where there is none.
        note: what stands where ours would be.
    """

    name: str
    paper: float | None
    ours: float | None
    note: str = ""


def height(pairs: Sequence[Pair]) -> float:
    """How high a picture of these pairs should be, in inches."""
    return 1.5 + 0.26 * sum(THICK * _count(pair) + GAP for pair in pairs)


def _count(pair: Pair) -> int:
    """Number of lines of a pair."""
    return max(1, sum(x is not None for x in pair[1:3]) + bool(pair.note and pair.ours is None))


def paired_bars(
    axes: Axes,
    pairs: Sequence[Pair],
    legend: tuple[str, str],
    what: str,
    exact: Callable[[float], str] = as_printed,
    ours: Callable[[float], str] = "{:.2f}".format,
    smallest: float | None = None,
) -> None:
    """Draw the pairs from top to bottom.

    Args:
        axes: empty.
        pairs: the methods, the topmost first.
        legend: what the black and the blue bars are.
        what: the bars' axis.
        exact, ours: the paper's numbers and ours as text.
        smallest: where a logarithmic axis begins; None for one that begins with 0.
    """
    longest = max((x for pair in pairs for x in pair[1:3] if x is not None), default=1.0)
    middles, place = [], 0.0
    for pair in pairs:
        lines: list[tuple[float, str, str, str, str]] = []
        if pair.paper is not None:
            colour = OTHERS if pair.ours is None else PAPER
            lines.append((pair.paper, exact(pair.paper), colour, PAPER, "normal"))
        if pair.ours is not None:
            lines.append((pair.ours, ours(pair.ours), OURS, OURS, "bold"))
        elif pair.note:
            lines.append((0.0, pair.note, OURS, OURS, "normal"))
        middles.append(place + THICK * (_count(pair) - 1) / 2)
        for value, text, colour, ink, weight in lines:
            if value:
                axes.barh(place, value, THICK, color=colour)
            beside = value + 0.01 * longest if smallest is None else 1.1 * max(value, smallest)
            axes.text(beside, place, text, va="center", color=ink, weight=weight)
            place += THICK
        place += GAP + THICK * (not lines)
    axes.set_yticks(middles, [pair.name for pair in pairs])
    axes.tick_params(left=False)
    axes.set_ylim(place - GAP, -THICK)
    if smallest is None:
        axes.set_xlim(0, 1.12 * longest)
    else:
        axes.set_xscale("log")
        axes.set_xlim(smallest, 6 * longest)
    axes.set_xlabel(what)
    keys = [Rectangle((0, 0), 1, 1, color=PAPER), Rectangle((0, 0), 1, 1, color=OURS)]
    axes.legend(
        keys,
        legend,
        frameon=False,
        ncols=2,
        loc="lower left",
        bbox_to_anchor=(0, 1),  # above the bars, which may be long anywhere
    )
