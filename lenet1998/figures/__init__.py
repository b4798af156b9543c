"""The pictures: functions that turn numbers into matplotlib figures, all in one style."""

from .. import canvas as canvas  # before any import of matplotlib
from .ablation import ablation_ladder, ablation_time
from .animation import animate
from .cost import figures11_12
from .errors import confusion_matrix, figure8, figure10
from .learning import figure5, figure6, figure7
from .methods import figure9
from .robustness import robustness_curves
from .states import figure13

__all__ = [
    "ablation_ladder",
    "ablation_time",
    "animate",
    "confusion_matrix",
    "figure5",
    "figure6",
    "figure7",
    "figure8",
    "figure9",
    "figure10",
    "figure13",
    "figures11_12",
    "robustness_curves",
]
