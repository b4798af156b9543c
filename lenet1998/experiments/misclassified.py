"""Figure 8: the misclassified test patterns."""

import numpy as np

from .. import paper
from ..data.catalogue import TITLES
from ..figures.errors import figure8
from ..files import save_figure, write_csv
from ..learning import evaluation
from ..run.yardstick import caution, comparable
from .experiment import Experiment, Request


def run(request: Request) -> str:
    """Write misclassified.csv and figure8.png, sorted by right class, then by answer."""
    test, weights = request.test, request.weights
    title = TITLES[test.dataset]
    y = evaluation.penalties(request.network, test)
    answers, margins = y.argmin(axis=1), evaluation.margins(y)
    wrong = np.flatnonzero(answers != test.labels)
    wrong = wrong[np.lexsort((answers[wrong], test.labels[wrong]))]
    write_csv(
        request.into / "misclassified.csv",
        ["dataset", "weights", "pattern", "right", "answer", "margin"],
        [
            (test.dataset, weights, i, test.labels[i], answers[i], f"{margins[i]:.4g}")
            for i in wrong
        ],
    )
    picture = figure8(
        test.images[wrong],
        test.labels[wrong],
        answers[wrong],
        f"{len(wrong)} of {len(test):,} wrong, {title}, weights {weights}: right → answer",
    )
    save_figure(picture, request.into / "figure8.png")
    percent = 100 * len(wrong) / len(test)
    lines = [
        f"{title}, weights {weights}: {len(wrong)} of {len(test):,} test patterns misclassified, "
        f"{percent:.2f} %"
    ]
    if comparable(test.dataset):
        lines.append(
            f"paper, figure 8: {paper.MISCLASSIFIED} of {paper.TEST_PATTERNS:,}, by the network "
            "trained with distortions"
        )
    return "\n".join(lines + caution(test.dataset, learned=request.network.dataset))


EXPERIMENT = Experiment(
    name="misclassified",
    section="III-B, figure 8",
    help="misclassified test patterns",
    files=("misclassified.csv", "figure8.png"),
    run=run,
    reads_weights=True,
)
