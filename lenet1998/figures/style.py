"""Colours and matplotlib settings of all pictures."""

from typing import Any

OURS = "#0072B2"  # the one accent colour; safe for the colour-blind
SECOND = "#D55E00"  # a second colour of ours
PAPER = "#000000"  # what the paper reports
OTHERS = "0.6"  # everything that only gives context
STYLE: Any = {"font.size": 13, "axes.spines.top": False, "axes.spines.right": False}


def drawable(text: str) -> str:
    """The text with "?" for bytes of a file's name that are no characters."""
    return text.encode("utf-8", "replace").decode()


def plain(text: str) -> str:
    """The text for a picture that takes $ for the start of a formula: a path may hold some."""
    return drawable(text).replace("$", r"\$")


def minor_label(value: float, _: object) -> str:
    """The label of a tick between powers of ten on a logarithmic scale: 2, 3 and 5 have one."""
    return f"{value:g}" if f"{value:e}"[0] in "235" else ""
