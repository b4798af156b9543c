"""Figures 5 and 7: training on distorted patterns (III-B), and what the distortions look like."""

from pathlib import Path

import numpy as np

from .. import paper
from ..data.augmentation import Distorted
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.learning import figure7
from ..files import save_figure
from . import learning_curve
from .experiment import Experiment, Request


def run(request: Request) -> str:
    """The learning curve on distorted patterns, and figure 7, which all such runs get (`draw`)."""
    return learning_curve.run(request)


def draw(train: Patterns, seed: int, into: Path) -> None:
    """Write figure7.png: one pattern of each digit and ten distortions of it.

    The patterns are those of the paper's figure where the training set has them.
    """
    chosen = np.array(paper.FIGURE_7_PATTERNS)
    if len(train) <= chosen.max() or (train.labels[chosen] != np.arange(paper.CLASSES)).any():
        present = np.unique(train.labels)
        chosen = np.array([int(np.argmax(train.labels == digit)) for digit in present])
    shown = Patterns(train.images[chosen], train.labels[chosen], train.dataset)
    copies = Distorted(shown, seed, copies=11)  # the first copy is the pattern itself
    x = copies.x(np.arange(len(copies)))
    x = x.reshape(11, len(chosen), *x.shape[1:3])
    picture = figure7(x[0], x[1:].swapaxes(0, 1), TITLES[train.dataset])
    save_figure(picture, into / "figure7.png")


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
