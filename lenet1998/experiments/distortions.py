"""Figures 5 and 7: training on distorted patterns (III-B), and what the distortions look like.

All runs on distorted patterns get figure 7 (`run.report.save_figure7`).
"""

from . import learning_curve
from .experiment import Experiment

EXPERIMENT = Experiment(
    name="distortions",
    section="III-B, figure 7",
    help="learning curve on distorted patterns",
    files=("seeds.csv", "figure5.png", "figure7.png"),
    run=learning_curve.run,
    trains=True,
    one_run=True,
    fixed={"patterns": "distorted"},
)
