"""How the notebooks draw: one style, and pictures of 150 dots per inch that are small files."""

import io
import sys
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from PIL import Image

from ..figures.style import STYLE

SHOWN = 80  # dots per inch of a picture's size on the screen
SAVED = 150  # dots per inch of its pixels


def sharp_pictures() -> None:
    """Set the style of all notebooks and draw pictures at 150 dots per inch.

    The second half has an effect in a notebook only.
    """
    style: Any = {"figure.dpi": SHOWN, "figure.constrained_layout.use": True}
    matplotlib.rcParams.update({**STYLE, **style})
    ipython: Any = sys.modules.get("IPython")  # a notebook's kernel has imported it
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.display_formatter.formatters["image/png"].for_type(Figure, png)


def png(figure: Figure) -> tuple[bytes, dict[str, int]]:
    """A figure as a PNG file of at most 256 colours, and the size at which to show it.

    Returns:
        The file, and its width and height on the screen in pixels.
    """
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=SAVED, bbox_inches="tight", facecolor="white")
    picture = Image.open(drawn).convert("RGB")
    colours = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small = io.BytesIO()
    colours.save(small, format="png", optimize=True)
    part = figure.get_dpi() / SAVED
    return small.getvalue(), {
        "width": round(picture.width * part),
        "height": round(picture.height * part),
    }
