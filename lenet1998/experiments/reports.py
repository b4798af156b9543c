"""The numbers of a course project's report and those of our runs."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.systems import System
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.metrics import curves
from ..run.recipes import RECIPES, Recipe
from ..run.settings import Settings
from .run_table import Rows
from .systems_table import column


def result(settings: Settings, runs: Sequence[Rows]) -> System:
    """The reported numbers of a recipe, and those of its runs in a table, one for each seed."""
    # Other work on the machine slows the fastest pass least.
    seconds = float(column(runs, "seconds").min())
    ours = [float(rows[-1]["test_percent"]) for rows in runs]
    return _system(settings, seconds, ours)


def _system(settings: Settings, seconds: float, ours: list[float]) -> System:
    """The record of a recipe's numbers.

    Args:
        seconds: of our fastest pass.
    """
    recipe = RECIPES[settings.recipe]
    # How many times as many patterns a reported pass has as one of these runs.
    reported = recipe.settings.get("pass_size", paper.TRAINING_PATTERNS)
    scale = float(reported) / (settings.pass_size or settings.train_size)
    return System(settings.recipe, recipe.reported, ours, recipe.seconds, seconds * scale)


def comparison(settings: Settings, folders: Sequence[Path], test: Patterns) -> str:
    """The reported numbers of one recipe and those of its runs, as text of at most 80 columns.

    Ours stand alone where they are of other data, or of fewer patterns.

    Args:
        settings: of the recipe.
        folders: of its finished runs, one for each seed.
        test: patterns for the accuracy of each class.
    """
    recipe = RECIPES[settings.recipe]
    found = 100 - curves(folders, "test_error_percent").mean(axis=0)
    seeds = f" (mean of {len(folders)} seeds)" if len(folders) > 1 else ""
    seconds = _system(settings, float(curves(folders, "seconds").min()), []).seconds
    patterns = recipe.settings.get("pass_size", paper.TRAINING_PATTERNS)
    ours = settings.pass_size or settings.train_size
    scaled = "" if ours == patterns else f", scaled from {ours:,} to {patterns:,} patterns"
    passes = recipe.settings.get("passes", paper.PASSES)
    after = f" after {passes} passes" if settings.passes != passes else ""
    title, accuracy = settings.recipe_title(), f"{found[-1]:.2f} %"
    other = other_data(recipe, settings)
    if other:
        head = f"{title}: accuracy {accuracy}{seeds}.  The report's numbers are left out: {other}."
    else:
        ours_after = f" after {settings.passes}" if after else ""
        head = (
            f"{title}: accuracy reported {recipe.reported:.2f} %{after}, ours {accuracy}"
            f"{ours_after}{seeds}.  A pass took {recipe.seconds:g} s as reported; our fastest, on "
            f"another machine, {seconds:.1f} s{scaled}."
        )
    lines = [fill(head, 80)]
    if recipe.curve:
        count = min(len(found), len(recipe.curve))
        shown = np.unique(np.linspace(1, count, 10).round().astype(int))  # ten passes at most
        reported = [] if other else np.array(recipe.curve)[shown - 1]
        lines += _side_by_side("pass", shown, reported, found[shown - 1])
    if recipe.digits:
        right = np.mean([_by_class(folder, test, settings) for folder in folders], axis=0)
        digits = () if other else recipe.digits
        lines += _side_by_side("class", range(paper.CLASSES), digits, right)
    return "\n".join(lines)


def other_data(recipe: Recipe, settings: Settings) -> str:
    """Why the reported numbers are of other data than these runs; "" if they are not."""
    if settings.dataset != recipe.dataset:
        return f"they are of {TITLES[recipe.dataset]}"
    if settings.train_size < paper.TRAINING_PATTERNS:
        return f"they are of {paper.TRAINING_PATTERNS:,} training patterns"
    return ""


def _side_by_side(
    what: str, columns: Sequence[int] | Array, reported: Sequence[float] | Array, ours: Array
) -> list[str]:
    """Lines of text: the columns' heads, the reported percentages if there are any, and ours."""
    rows = [("reported", reported)] if len(reported) else []
    return [
        f"  {what:8}" + "".join(f"{value:7d}" for value in columns),
        *(
            f"  {name:8}" + "".join(f"{value:7.2f}" for value in row)
            for name, row in [*rows, ("ours", ours)]
        ),
    ]


def _by_class(folder: Path, test: Patterns, settings: Settings) -> Array:
    """Accuracy on each class in percent, (10,), of a finished run."""
    test = test.subset(settings.test_size)
    answers = evaluation.answers(LeNet5.load(folder / "weights.npz"), test)
    matrix = evaluation.confusion(answers, test.labels)
    with np.errstate(invalid="ignore"):  # a class without patterns has no accuracy
        found: Array = 100 * np.diag(matrix) / matrix.sum(axis=1)
    return found
