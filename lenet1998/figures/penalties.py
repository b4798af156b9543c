"""Ten penalties as bars: one scale and one colour code for all the notebooks."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from .style import OTHERS

RIGHT = "#009E73"  # the right class
ANSWER = "#CC79A7"  # the answer, where it is another class
LARGEST = 200.0  # penalty: the end of the scale; the codes of 1 and 4 differ in 50 of 84 pixels


def class_colours(right: int | None, answer: int, other: str = OTHERS) -> list[str]:
    """The colour of each of ten classes: the right one, if there is one, the answer, the others."""
    colours = [other] * 10
    colours[answer] = ANSWER
    if right is not None:
        colours[right] = RIGHT
    return colours


def draw_penalties(axes: Axes, penalties: ArrayLike, right: int | None) -> None:
    """Draw the ten penalties of one image (eq. 7) as bars on the scale of all notebooks.

    Args:
        axes: where to draw.
        penalties: (10,), not negative.
        right: the right class; None where there is none.
    """
    heights = np.asarray(penalties, float).ravel()
    answer = int(heights.argmin())
    axes.bar(range(10), heights, color=class_colours(right, answer))
    for digit, height in enumerate(heights):
        text = f"{height:.1f}" if height < 10 else f"{height:.0f}"
        axes.text(digit, min(height, LARGEST) + 3, text, ha="center", va="bottom", fontsize=11)
    title = f"The answer is {answer}" + ("" if right in (answer, None) else f"; right is {right}")
    axes.set(xticks=range(10), xlabel="class", ylabel="penalty (eq. 7)", ylim=(0, 1.08 * LARGEST))
    axes.set_title(title)
