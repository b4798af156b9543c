"""Figure 8: the misclassified test patterns."""

from collections.abc import Mapping
from textwrap import fill
from typing import NamedTuple

import numpy as np

from .. import paper
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
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
    known = paper.FIGURE_8 if is_the_papers_test_set(test) else {}
    write_csv(
        request.into / "misclassified.csv",
        ["dataset", "weights", "pattern", "right", "answer", "margin", "paper_answer"],
        [
            (test.dataset, weights, i, test.labels[i], answers[i], f"{margins[i]:.4g}",
             known.get(int(i), ""))
            for i in wrong
        ],
    )  # fmt: skip
    picture = figure8(
        test.images[wrong],
        test.labels[wrong],
        answers[wrong],
        f"{len(wrong)} of {len(test):,} wrong, {title}, weights {weights}: right → answer"
        + ("; framed: in the paper's figure 8 too" if known else ""),
        [known.get(int(i)) for i in wrong],
    )
    save_figure(picture, request.into / "figure8.png")
    percent = 100 * len(wrong) / len(test)
    what = f"{len(wrong)} of {len(test):,} test patterns misclassified, {percent:.2f} %"
    lines = [fill(f"{title}, weights {weights}: {what}", 80)]
    if comparable(test.dataset):
        lines.append(
            f"paper, figure 8: {paper.MISCLASSIFIED} of {paper.TEST_PATTERNS:,}, by the network "
            "trained with distortions"
        )
    if known:
        lines.append(overlap({int(i): int(answers[i]) for i in wrong}).sentence())
    return "\n".join(lines + caution(test.dataset, learned=request.network.dataset))


class Overlap(NamedTuple):
    """How the errors of a method meet those of figure 8.

    Attributes:
        wrong: number of errors.
        shared: how many of them the paper's network made too.
        same: how many of these with the same answer.
        chance: `shared` to expect if errors fell on test patterns at random.
    """

    wrong: int
    shared: int
    same: int
    chance: float

    def sentence(self) -> str:
        """The numbers as text."""
        return (
            f"{self.shared} of these {self.wrong} are among the {len(paper.FIGURE_8)} of figure 8, "
            f"{self.same} with the same answer; chance would give {self.chance:.1f}"
        )


def overlap(wrong: Mapping[int, int]) -> Overlap:
    """Compare errors on MNIST's test patterns with figure 8.

    Args:
        wrong: index of the pattern (0-based) -> answer.
    """
    shared = wrong.keys() & paper.FIGURE_8.keys()
    same = sum(wrong[index] == paper.FIGURE_8[index] for index in shared)
    chance = len(wrong) * len(paper.FIGURE_8) / paper.TEST_PATTERNS
    return Overlap(len(wrong), len(shared), same, chance)


def is_the_papers_test_set(test: Patterns) -> bool:
    """Whether figure 8's indices are indices of these patterns: MNIST, all 10,000."""
    return test.dataset == "mnist" and len(test) == paper.TEST_PATTERNS


EXPERIMENT = Experiment(
    name="misclassified",
    section="III-B, figure 8",
    help="misclassified test patterns",
    files=("misclassified.csv", "figure8.png"),
    run=run,
    reads_weights=True,
)
