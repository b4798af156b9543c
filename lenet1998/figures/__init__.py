"""The pictures: functions that turn numbers into matplotlib figures, all in one style."""

from .. import canvas as canvas  # before any import of matplotlib
from .ablation import learning_curves, overview
from .animation import animate
from .cost import figures11_12
from .errors import confusion_matrix, figure8, figure10
from .factorial import interactions
from .learning import figure5, figure6, figure7
from .less_data import less_data
from .methods import figure9
from .robustness import robustness_curves
from .states import figure13

__all__ = [
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
    "interactions",
    "learning_curves",
    "less_data",
    "overview",
    "robustness_curves",
]
