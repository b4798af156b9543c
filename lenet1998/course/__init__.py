"""What the notebooks share: digits, live runs, measurements, sliders, checks for the exercises."""

from .digits import clearest, load_digits
from .exercises import Choice, Number, Numbers, check
from .lab import compare, learn, verdict
from .measurements import (
    full_measurement,
    learning_curve,
    measured,
    method_errors,
    wrong_answers,
)
from .pictures import sharp_pictures
from .sliders import Slider, explore

__all__ = [
    "Choice",
    "Number",
    "Numbers",
    "Slider",
    "check",
    "clearest",
    "compare",
    "explore",
    "full_measurement",
    "learn",
    "learning_curve",
    "load_digits",
    "measured",
    "method_errors",
    "sharp_pictures",
    "verdict",
    "wrong_answers",
]
