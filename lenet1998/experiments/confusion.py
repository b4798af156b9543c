"""How often each digit got each answer."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import figures
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import save_figure, write_csv
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.yardstick import caution


def confusion(network: LeNet5, weights: str, test: Patterns, into: Path) -> str:
    """How often each digit got each answer, and the error of each digit."""
    title = TITLES[test.dataset]
    matrix = evaluation.confusion(evaluation.answers(network, test), test.labels)
    classes = range(len(matrix))
    write_csv(
        into / "confusion.csv",
        ["dataset", "weights", "right", *(f"answer_{c}" for c in classes), "error_percent"],
        [(test.dataset, weights, c, *matrix[c], f"{_error(matrix[c], c):.4f}") for c in classes],
    )
    wrong = matrix.sum() - np.trace(matrix)
    head = f"LeNet-5, {title}, weights {weights}: {wrong} of {matrix.sum():,} wrong"
    save_figure(figures.confusion_matrix(matrix, head), into / "confusion.png")
    lines = [head, "right  " + "".join(f"{c:6}" for c in classes) + "   error"]
    lines += [
        f"{c:5}  " + "".join(f"{count:6}" for count in matrix[c]) + f"{_error(matrix[c], c):6.1f} %"
        for c in classes
    ]
    return "\n".join(lines + caution(test.dataset))


def _error(row: NDArray[np.intp], right: int) -> float:
    """Percent of a row of the confusion matrix that is wrong; nan for a class without patterns."""
    return 100.0 * float(row.sum() - row[right]) / row.sum() if row.sum() else float("nan")
