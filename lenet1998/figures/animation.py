"""Every layer's state while a digit moves, turns, grows and gathers noise."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.figure import Figure

from ..arrays import Array
from ..files import AnyPath, InputError, replacing
from .states import draw_row
from .style import STYLE

FRAMES_PER_SECOND = 8
DPI = 72


class Frame(NamedTuple):
    """An input (32, 32), its states as `LeNet5.states` gives them, and a title."""

    image: Array
    layers: Mapping[str, Array]
    title: str


def animate(frames: Sequence[Frame]) -> FuncAnimation:
    """The frames as an animation, each a row of figure 13.

    Raises:
        InputError: there are no frames.
    """
    if not frames:
        raise InputError("an animation needs frames: give at least one")
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11, 2.5), layout="constrained")
        axes = figure.add_subplot()

    def update(frame: Frame) -> list[object]:
        with matplotlib.rc_context(STYLE):
            axes.clear()
            axes.set_axis_off()
            draw_row(axes, frame.image, frame.layers, frame.title, None, True)
        return []

    return FuncAnimation(figure, update, frames, cache_frame_data=False)  # type: ignore[arg-type]


def save_animation(animation: FuncAnimation, path: AnyPath) -> None:
    """Write an animation as a GIF file.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as temporary:
        animation.save(str(temporary), writer=PillowWriter(fps=FRAMES_PER_SECOND), dpi=DPI)
