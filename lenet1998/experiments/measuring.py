"""What one method of figure 9 gives: its errors, its costs, and its answers to figure 8."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..comparison.method import Method
from ..data.databases import version
from ..data.patterns import Patterns
from ..files import InputError, write_csv
from ..learning import evaluation
from .experiment import own_data
from .misclassified import is_the_papers_test_set, overlap
from .run_table import Rows, check_numbers, read_table

HEAD = (
    "dataset", "training_patterns", "test_patterns", "passes", "method", "seeds",
    "error_percent", "smallest_percent", "largest_percent", "rejected_percent",
    "multiply_accumulates", "variables", "training_seconds", "microseconds_an_answer",
    "figure_8", "figure_8_same_answer",
)  # fmt: skip
PAPER_HEAD = (
    "paper_error_percent", "paper_rejected_percent", "paper_multiply_accumulates",
    "paper_variables",
)  # fmt: skip

MAY_BE_EMPTY = ("rejected_percent", "figure_8", "figure_8_same_answer")
ANSWERS_HEAD = ("pattern", "right", "paper")  # then a column for each method


@dataclass(frozen=True)
class One:
    """A method that learned with one seed.

    Attributes:
        error: percent of the test patterns.
        rejected: percent to reject for 0.5 % error on the rest; None if that is never reached.
        answers: to the test patterns, (n,).
        multiply_accumulates, variables: as `Method` has them.
        training: seconds.
        microseconds: processor time of an answer to an image of the regular database.
    """

    error: float
    rejected: float | None
    answers: NDArray[np.intp]
    multiply_accumulates: int
    variables: int
    training: float
    microseconds: float


def measure(
    method: Method, database: str, train: Patterns, test: Patterns, before: float = 0.0
) -> One:
    """Train a method and test it.

    Args:
        method: untrained.
        database: the version of the database that it reads.
        train, test: patterns of the regular database.
        before: seconds of the training that came first, of the network that the method uses.
    """
    start = process_time()
    method.fit(version(train.images, database), train.labels)
    training = before + process_time() - start
    start = process_time()
    scores = method.scores(version(test.images, database))
    taken = process_time() - start
    answers = scores.argmax(axis=1)
    wrong = answers != test.labels
    rejected, error, _ = evaluation.rejection(evaluation.margins(-scores), wrong)
    at = evaluation.smallest_rejection(rejected, error)
    return One(
        float(100 * wrong.mean()), None if at is None else float(rejected[at]), answers,
        method.multiply_accumulates, method.variables, training, 1e6 * taken / len(test),
    )  # fmt: skip


class Table:
    """comparison.csv and figure8-answers.csv: one row, and one column, for each method.

    What is there is kept, but for answers of a method that has no row.

    Args:
        folder: of the files.
        train, test: the patterns.
        passes: of the methods that learn in passes.

    Raises:
        InputError: a file is not of this kind, or of other patterns or passes.
    """

    FILES = ("comparison.csv", "figure8-answers.csv")

    def __init__(self, folder: Path, train: Patterns, test: Patterns, passes: int) -> None:
        self.path, self.answers_path = (folder / name for name in self.FILES)
        self.test = test
        own = own_data(train, test)
        self.about = {
            "dataset": f"{test.dataset} {own}" if own else test.dataset,
            "training_patterns": str(len(train)), "test_patterns": str(len(test)),
            "passes": str(passes),
        }  # fmt: skip
        kind, advice = "a table of experiment comparison", "remove it"
        self.rows: dict[str, dict[str, str]] = {
            row["method"]: row for row in read_table(self.path, _check_methods, kind, advice)
        }
        for row in self.rows.values():
            other = {name: row[name] for name, value in self.about.items() if row[name] != value}
            if other:
                name, value = next(iter(other.items()))
                raise InputError(
                    f"{self.path}: holds {name} {value}, not {self.about[name]}: remove it, or "
                    "choose another --out"
                )
        self.answers: dict[str, dict[int, int]] = {}
        for row in read_table(self.answers_path, _check_answers, kind, advice):
            for name, answer in row.items():
                if name in self.rows:
                    self.answers.setdefault(name, {})[int(row["pattern"])] = int(answer)

    def add(self, name: str, found: Sequence[One], order: Sequence[str]) -> None:
        """Add a method, one result for each seed, and write both files.

        Args:
            order: the names of all methods as the files list them.
        """
        first = found[0]
        errors = [one.error for one in found]
        rejected = [one.rejected for one in found if one.rejected is not None]
        row = {
            **self.about, "method": name, "seeds": str(len(found)),
            "error_percent": f"{np.mean(errors):.4f}",
            "smallest_percent": f"{min(errors):.4f}", "largest_percent": f"{max(errors):.4f}",
            "rejected_percent": f"{np.mean(rejected):.2f}" if len(rejected) == len(found) else "",
            "multiply_accumulates": str(first.multiply_accumulates),
            "variables": str(first.variables),
            "training_seconds": f"{np.mean([one.training for one in found]):.4g}",
            "microseconds_an_answer": f"{np.mean([one.microseconds for one in found]):.4g}",
            "figure_8": "", "figure_8_same_answer": "",
        }  # fmt: skip
        if is_the_papers_test_set(self.test):
            met = [overlap(wrong_answers(one.answers, self.test)) for one in found]
            row["figure_8"] = f"{np.mean([one.shared for one in met]):.1f}"
            row["figure_8_same_answer"] = f"{np.mean([one.same for one in met]):.1f}"
            self.answers[name] = {i: int(first.answers[i]) for i in paper.FIGURE_8}
        row |= dict(zip(PAPER_HEAD, _papers(name), strict=True))
        self.rows[name] = row
        self.rows = {known: self.rows[known] for known in order if known in self.rows}
        if self.answers:  # first: a method that has its row is not measured again
            names = [known for known in order if known in self.answers]
            write_csv(
                self.answers_path,
                [*ANSWERS_HEAD, *names],
                [
                    (i, self.test.labels[i], theirs, *(self.answers[name][i] for name in names))
                    for i, theirs in paper.FIGURE_8.items()
                ],
            )
        head = [*HEAD, *PAPER_HEAD]
        write_csv(self.path, head, [[each[c] for c in head] for each in self.rows.values()])

    def number(self, name: str, column: str) -> float | None:
        """A number of a method's row; None where the row or the number is not there."""
        text = self.rows.get(name, {}).get(column, "")
        return float(text) if text else None


def _papers(name: str) -> tuple[str, str, str, str]:
    """The paper's error, rejection, multiply-accumulates and variables of a method, or ""."""
    percents = (paper.FIGURE_9.get(name), paper.FIGURE_10.get(name))
    thousands = (paper.FIGURE_11.get(name), paper.FIGURE_12.get(name))
    first, second = ("" if value is None else f"{value:g}" for value in percents)
    third, fourth = ("" if value is None else str(1000 * value) for value in thousands)
    return first, second, third, fourth


def wrong_answers(answers: NDArray[np.integer], test: Patterns) -> dict[int, int]:
    """Index of each pattern that is answered wrongly -> the answer."""
    return {int(i): int(answers[i]) for i in np.flatnonzero(answers != test.labels)}


def _check_methods(head: list[str], rows: Rows) -> None:
    """Raise ValueError unless these are the columns and the rows of comparison.csv."""
    if head != [*HEAD, *PAPER_HEAD]:
        raise ValueError("other columns")
    names = [row["method"] for row in rows]
    for row in rows:
        check_numbers(row, (*HEAD[5:], *PAPER_HEAD), (*MAY_BE_EMPTY, *PAPER_HEAD))
        if names.count(row["method"]) > 1:
            raise ValueError(f"{row['method']} is there twice")
        if (row["figure_8"] == "") != (row["figure_8_same_answer"] == ""):
            raise ValueError("half of figure 8")


def _check_answers(head: list[str], rows: Rows) -> None:
    """Raise ValueError unless each pattern of figure 8 has an answer of each method."""
    if head[: len(ANSWERS_HEAD)] != list(ANSWERS_HEAD):
        raise ValueError("other columns")
    if [row["pattern"] for row in rows] != list(map(str, paper.FIGURE_8)):
        raise ValueError(f"not the {len(paper.FIGURE_8)} patterns of figure 8")
    for row in rows:
        for name in head[len(ANSWERS_HEAD) :]:
            if int(row[name]) not in range(paper.CLASSES):
                raise ValueError(f"{name} answers {row[name]}")
