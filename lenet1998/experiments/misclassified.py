"""Figure 8: the misclassified test patterns."""

from pathlib import Path

import numpy as np

from .. import figures, paper
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import save_figure, write_csv
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.yardstick import caution


def misclassified(network: LeNet5, weights: str, test: Patterns, into: Path) -> str:
    """Figure 8: every misclassified test pattern, sorted by right class, then by answer."""
    title = TITLES[test.dataset]
    y = evaluation.penalties(network, test)
    answers, margins = y.argmin(axis=1), evaluation.margins(y)
    wrong = np.flatnonzero(answers != test.labels)
    wrong = wrong[np.lexsort((answers[wrong], test.labels[wrong]))]
    write_csv(
        into / "misclassified.csv",
        ["dataset", "weights", "pattern", "right", "answer", "margin"],
        [
            (test.dataset, weights, i, test.labels[i], answers[i], f"{margins[i]:.4g}")
            for i in wrong
        ],
    )
    head = f"{len(wrong)} of {len(test):,} test patterns of {title} are misclassified"
    picture = figures.figure8(
        test.images[wrong],
        test.labels[wrong],
        answers[wrong],
        f"{head} by the weights {weights}: right → answer",
    )
    save_figure(picture, into / "figure8.png")
    percent = 100 * len(wrong) / len(test)
    return "\n".join(
        [
            f"{head} by the weights {weights}: {percent:.2f} %",
            f"paper, figure 8: {paper.MISCLASSIFIED} of {paper.TEST_PATTERNS:,}, by the network "
            "of the distortions",
            *caution(test.dataset),
        ]
    )
