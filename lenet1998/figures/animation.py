"""A digit that moves, turns, grows and gathers noise, and every layer's state while it does."""

import os
from collections.abc import Sequence

import matplotlib
from matplotlib.animation import PillowWriter
from matplotlib.figure import Figure

from ..arrays import Array
from ..files import InputError, replacing
from ..network.lenet5 import LeNet5
from .states import _row
from .style import STYLE

FRAMES_A_SECOND = 8
DPI = 72


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
                _row(axes, x[0, ..., 0], network.states(x), title, None, True)
                writer.grab_frame()
