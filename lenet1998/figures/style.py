"""The one style of the pictures."""

from typing import Any

OURS = "#0072B2"  # the one accent colour; safe for the colour-blind
SECOND = "#D55E00"  # where two of ours must be told apart
PAPER = "#000000"  # what the paper reports
OTHERS = "0.6"  # what only gives context
STYLE: Any = {"font.size": 13, "axes.spines.top": False, "axes.spines.right": False}
