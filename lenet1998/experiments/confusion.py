"""The confusion matrix of the test set."""

import numpy as np
from numpy.typing import NDArray

from ..data.catalogue import TITLES
from ..figures.errors import confusion_matrix
from ..files import save_figure, write_csv
from ..learning import evaluation
from ..run.yardstick import caution
from .experiment import Experiment, Request


def run(request: Request) -> str:
    """Write confusion.csv and confusion.png: the answers to each digit, and its error."""
    test, weights = request.test, request.weights
    matrix = evaluation.confusion(evaluation.answers(request.network, test), test.labels)
    classes = range(len(matrix))
    write_csv(
        request.into / "confusion.csv",
        ["dataset", "weights", "right", *(f"answer_{c}" for c in classes), "error_percent"],
        [(test.dataset, weights, c, *matrix[c], f"{_error(matrix[c], c):.4f}") for c in classes],
    )
    wrong = matrix.sum() - np.trace(matrix)
    head = f"LeNet-5, {TITLES[test.dataset]}, weights {weights}: {wrong} of {matrix.sum():,} wrong"
    save_figure(confusion_matrix(matrix, head), request.into / "confusion.png")
    lines = [head, "right  " + "".join(f"{c:6}" for c in classes) + "   error"]
    lines += [
        f"{c:5}  " + "".join(f"{count:6}" for count in matrix[c]) + f"{_error(matrix[c], c):6.1f} %"
        for c in classes
    ]
    return "\n".join(lines + caution(test.dataset, learned=request.network.dataset))


def _error(row: NDArray[np.intp], right: int) -> float:
    """Percent of wrong answers in a row of the matrix; nan for a class without patterns."""
    return 100.0 * float(row.sum() - row[right]) / row.sum() if row.sum() else float("nan")


EXPERIMENT = Experiment(
    name="confusion",
    section="not in the paper",
    help="answers to each digit",
    files=("confusion.csv", "confusion.png"),
    run=run,
    reads_weights=True,
)
