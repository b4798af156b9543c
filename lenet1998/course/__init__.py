"""What the notebooks share: digits, live runs, measurements, checks for the exercises."""

from .digits import clearest, load_digits
from .exercises import Choice, Number, Numbers, check
from .lab import learn
from .measurements import full_measurement, learning_curve, measured, wrong_answers

__all__ = [
    "Choice",
    "Number",
    "Numbers",
    "check",
    "clearest",
    "full_measurement",
    "learn",
    "learning_curve",
    "load_digits",
    "measured",
    "wrong_answers",
]
