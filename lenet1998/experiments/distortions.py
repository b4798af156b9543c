"""Figures 5 and 7: training on distorted patterns (III-B), and what the distortions look like."""

from . import learning_curve
from .experiment import Experiment, Request


def run(request: Request) -> str:
    """The learning curve on distorted patterns; all such runs get figure 7 (`save_figure7`)."""
    return learning_curve.run(request)


EXPERIMENT = Experiment(
    name="distortions",
    section="III-B, figure 7",
    help="learning curve on distorted patterns",
    files=("seeds.csv", "figure5.png", "figure7.png"),
    run=run,
    trains=True,
    one_run=True,
    fixed={"patterns": "distorted"},
)
