"""systems.csv: every pass of every finished run of a course project's recipe."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.patterns import Patterns
from ..files import InputError
from ..run.metrics import read_results
from ..run.recipes import RECIPES
from ..run.settings import Settings
from .run_table import Rows, RunTable, check_numbers, check_passes, seed_of

LAYERS = ("C1", "C3", "C5", "F6")  # that learn, in the recipes with a rate for each layer
CLASSES = tuple(f"class_{number}_percent" for number in range(paper.CLASSES))
RATES = tuple(f"{layer}_rate" for layer in LAYERS)
HEAD = (
    "run", "dataset", "recipe", "without", "seed", "pass", "eta",
    "training_percent", "test_percent", "loss", *RATES, *CLASSES, "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A recipe, or a recipe without one of its mistakes, with its runs in the table.

    Attributes:
        recipe: name of the recipe.
        without: name of the mistake that is switched off; "" for none.
        settings: of the first run.
        runs: one for each seed.
    """

    recipe: str
    without: str
    settings: Settings
    runs: list[Rows]


class SystemsTable(RunTable):
    """Accuracies, losses, rates and times by pass, a row for each pass of each run.

    Args:
        path: of the file; it need not exist.
        shared: whether other processes may write it.

    Raises:
        InputError: the file is not of this kind, or cannot be read.
    """

    def __init__(self, path: Path, shared: bool) -> None:
        super().__init__(path, shared, HEAD, _check, "a systems.csv of experiment systems")


def rows_of(name: str, about: Sequence[str], folder: Path, test: Patterns) -> Rows:
    """The rows of a finished run; of more than 100 passes, 1 to 50 and each tenth.

    Args:
        name: of the run.
        about: dataset, recipe and the mistake that is switched off.
        folder: of the run.
        test: the patterns that it was tested on.

    Raises:
        InputError: the run's metrics.csv is damaged.
    """
    count = np.bincount(test.labels, minlength=paper.CLASSES)
    rows, done = [], read_results(folder)
    kept = passes_kept(len(done))
    for one in done:
        number = one.number
        if number not in kept:
            continue
        if len(one.test_errors) != paper.CLASSES:
            raise InputError(
                f"{folder}: metrics.csv lacks errors of a class in pass {number}: remove this run"
            )
        rows.append(
            {
                "run": name, **dict(zip(HEAD[1:4], about, strict=True)), "seed": str(seed_of(name)),
                "pass": str(number), "eta": f"{one.eta:.6g}",
                "training_percent": f"{100 - one.training_error_percent:.3f}",
                "test_percent": f"{100 - one.test_error_percent:.3f}",
                "loss": f"{one.loss:.6g}",
                **{rate: f"{one.rates[layer][1]:.4g}" if layer in one.rates else ""
                   for rate, layer in zip(RATES, LAYERS, strict=True)},
                **dict(zip(CLASSES, _percents(np.array(one.test_errors), count), strict=True)),
                "seconds": f"{one.seconds:.2f}",
            }
        )  # fmt: skip
    return rows


def passes_kept(last: int) -> list[int]:
    """The passes of a run that the table has: of more than 100, 1 to 50, each tenth, the last."""
    every = range(1, last + 1)
    return [n for n in every if last <= 100 or n <= 50 or n == last or not n % 10]


def last_row(name: str, without: str, rows: Rows, wrong: Array, test: Patterns) -> Rows:
    """The last row of a run, as a run of its own with another test set.

    Args:
        name: of the new run.
        without: the mistake that the other test set is without.
        rows: of the run.
        wrong: whether each answer to the other test set is wrong, (n,).
        test: that test set.
    """
    count = np.bincount(test.labels, minlength=paper.CLASSES)
    errors = np.bincount(test.labels[wrong], minlength=paper.CLASSES)
    percents = dict(zip(CLASSES, _percents(errors, count), strict=True))
    accuracy = f"{100 - 100 * float(np.mean(wrong)):.3f}"
    return [{**rows[-1], "run": name, "without": without, "test_percent": accuracy, **percents}]


def column(runs: Sequence[Rows], name: str) -> Array:
    """A column of runs, (runs, passes); of as many passes as the shortest has.

    It is NaN where the table is empty: the accuracy on a class without test patterns.
    """
    shortest = min(map(len, runs))
    return np.array([[float(row[name] or "nan") for row in rows[:shortest]] for rows in runs])


def _percents(wrong: Array, count: Array) -> list[str]:
    """The accuracy on each class; "" for one without patterns."""
    pairs = zip(wrong, count, strict=True)
    return [f"{100 - 100 * errors / total:.2f}" if total else "" for errors, total in pairs]


def _check(rows: Rows) -> None:
    """Raise ValueError unless these are the passes of a run."""
    for row in rows:
        recipe = RECIPES.get(row["recipe"])
        check_numbers(row, HEAD[4:], CLASSES if recipe and recipe.rates else (*CLASSES, *RATES))
        for name in HEAD[7:9] + CLASSES:
            if row[name] and not 0 <= float(row[name]) <= 100:
                raise ValueError(f"{name} is {row[name]}")
    check_passes(rows)
    numbers = [int(row["pass"]) for row in rows]
    if len(rows) > 1 and numbers != passes_kept(numbers[-1]):
        raise ValueError(f"{rows[0]['run']} lacks passes")
