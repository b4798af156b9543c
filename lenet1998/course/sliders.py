"""Pictures that follow sliders, and a still picture where there are no sliders.

Sliders need ipywidgets (extra `notebooks`).  `LENET1998_STILL=1` in the environment asks for still
pictures all the same; the pictures that are stored in the notebooks were made with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

STILL = "LENET1998_STILL"


class Slider(NamedTuple):
    """A number from `low` to `high` in steps; whole numbers where `step` is one.

    Attributes:
        start: its value at first, and in the still picture.
        name: what it is, with its unit; by default the name of the argument.
    """

    low: float
    high: float
    step: float
    start: float
    name: str = ""


def explore(draw: Callable[..., object], **sliders: Slider) -> None:
    """Show a picture that is drawn again when a slider moves.

    Args:
        draw: takes the values of the sliders by name, draws and shows the picture.
        sliders: one for each argument of `draw`.
    """
    widgets = None if os.environ.get(STILL) else _ipywidgets()
    if widgets is None:
        draw(**{key: slider.start for key, slider in sliders.items()})
        values = ", ".join(f"{s.name or key} = {s.start:g}" for key, s in sliders.items())
        print(f"A still picture: {values}. Run this cell, with ipywidgets installed, for sliders.")
        return
    shown = {key: _widget(widgets, key, slider) for key, slider in sliders.items()}
    widgets.interact(draw, **shown)


def _ipywidgets() -> Any:
    """The module, or None where it is not installed."""
    try:
        return import_module("ipywidgets")
    except ImportError:
        return None


def _widget(widgets: Any, key: str, slider: Slider) -> Any:
    """The widget of a slider; it reports a value when it is released."""
    kind = widgets.IntSlider if isinstance(slider.step, int) else widgets.FloatSlider
    return kind(
        value=slider.start,
        min=slider.low,
        max=slider.high,
        step=slider.step,
        description=slider.name or key,
        continuous_update=False,
        style={"description_width": "14em"},  # the same for all, so that they are aligned
        layout={"width": "36em"},
    )
