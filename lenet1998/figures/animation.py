"""A digit that moves, turns, grows and gathers noise, and every layer's state while it does."""

import os
from collections.abc import Sequence
from itertools import pairwise

import matplotlib
import numpy as np
from matplotlib.animation import PillowWriter
from matplotlib.figure import Figure

from ..files import InputError, replacing
from ..layer import Array
from ..lenet5 import LeNet5
from ..robustness import TRANSFORMATIONS
from .states import _row, states
from .style import STYLE

# Transformation, the amounts it goes to and back from, and how a frame calls it.
PARTS = (
    ("horizontal shift", (5.0, -5.0), "moved right by {:.0f} pixels"),
    ("vertical shift", (4.0, -4.0), "moved down by {:.0f} pixels"),
    ("rotation", (35.0, -35.0), "turned by {:.0f} degrees"),
    ("scale", (1.5, 0.6), "scaled by {:.2f}"),
    ("noise", (0.15,), "{:.0%} of the pixels inverted"),
)
STEPS = 4  # frames from one end of a part to the next
FRAMES_A_SECOND = 8
DPI = 72


def frames(x: Array, rng: np.random.Generator, steps: int = STEPS) -> list[tuple[Array, str]]:
    """The frames of the animation, and what each shows.

    Args:
        x: one input (1, 32, 32, 1).
        rng: of the noise.
        steps: frames from one end of a part to the next.
    """
    found = [(x, "as it is")] * 4
    for name, ends, title in PARTS:
        change = TRANSFORMATIONS[name]
        stops = [change.neutral, *ends, change.neutral]
        for start, stop in pairwise(stops):
            for amount in np.linspace(start, stop, steps + 1)[1:].tolist():
                found.append((change.change(x, amount, rng), title.format(amount)))
    return found


def animate(
    network: LeNet5, shown: Sequence[tuple[Array, str]], path: str | os.PathLike[str]
) -> None:
    """Write a GIF of every layer's state for each of the frames (input (1, 32, 32, 1), title).

    Raises:
        InputError: no frames.
        OSError: the file cannot be written.
    """
    if not shown:
        raise InputError("an animation needs frames: give one at least")
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 2.5), layout="constrained")
        axes = figure.add_subplot()
        writer = PillowWriter(fps=FRAMES_A_SECOND)
        with replacing(path) as temporary, writer.saving(figure, str(temporary), DPI):
            for x, title in shown:
                axes.clear()
                axes.set_axis_off()
                _row(axes, x[0, ..., 0], states(network, x), title, None, True)
                writer.grab_frame()
