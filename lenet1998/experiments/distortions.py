"""Figure 7: training patterns and their distortions."""

from pathlib import Path

import numpy as np

from .. import figures, paper
from ..data.augmentation import Distorted
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import save_figure


def figure7(train: Patterns, seed: int, into: Path) -> None:
    """Figure 7, from the same training patterns where there are so many: ten of each digit."""
    chosen = np.array(paper.FIGURE_7_PATTERNS)
    if len(train) <= chosen.max() or (train.labels[chosen] != np.arange(paper.CLASSES)).any():
        present = np.unique(train.labels)
        chosen = np.array([int(np.argmax(train.labels == digit)) for digit in present])
    shown = Patterns(train.images[chosen], train.labels[chosen], train.dataset)
    copies = Distorted(shown, seed, copies=11)
    x = copies.x(np.arange(len(copies)))
    x = x.reshape(11, len(chosen), *x.shape[1:3])
    picture = figures.figure7(x[0], x[1:].swapaxes(0, 1), TITLES[train.dataset])
    save_figure(picture, into / "figure7.png")
