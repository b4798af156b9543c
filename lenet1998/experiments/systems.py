"""Published course projects: accuracy and time as their authors report them, and ours."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.patterns import Patterns
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.metrics import curves
from ..run.recipes import RECIPES
from ..run.settings import Settings


def comparison(settings: Settings, folders: Sequence[Path], test: Patterns) -> str:
    """The reported numbers of a recipe and those of our runs, as text.

    Args:
        settings: of a recipe.
        folders: of its finished runs, one for each seed.
        test: patterns for the accuracy of each class.
    """
    recipe = RECIPES[settings.recipe]
    found = 100 - curves(folders, "test_error_percent").mean(axis=0)
    runs = f" (mean of {len(folders)} seeds)" if len(folders) > 1 else ""
    line = (
        f"{settings.recipe_title()}: accuracy reported {recipe.reported:.2f} %, "
        f"ours {found[-1]:.2f} %{runs}"
    )
    # The reported passes have all patterns, or the number that the recipe names.
    theirs = recipe.settings.get("pass_size", paper.TRAINING_PATTERNS)
    ours = settings.pass_size or settings.train_size
    # The fastest pass is least disturbed by other work on the machine.
    seconds = float(curves(folders, "seconds").min()) * theirs / ours
    scaled = "" if theirs == ours else f", scaled from {ours:,} to {theirs:,} patterns"
    if recipe.seconds is None:
        line += f"; our fastest pass {seconds:.1f} s{scaled}, no time was reported"
    else:
        line += (
            f"; reported {recipe.seconds:.0f} s a pass, our fastest {seconds:.1f} s{scaled}: "
            f"{recipe.seconds / seconds:.0f} times as fast, on another machine"
        )
    tables = []
    if recipe.curve:
        tables.append(("pass", range(1, len(found) + 1), recipe.curve, found))
    if recipe.digits:
        right = np.mean([_by_class(folder, test) for folder in folders], axis=0)
        tables.append(("class", range(paper.CLASSES), recipe.digits, right))
    lines = [line]
    for what, columns, reported, own in tables:
        for name, values in ((what, columns), ("reported, %", reported), ("ours, %", own)):
            form = "7d" if values is columns else "7.2f"
            lines.append(f"  {name:12}" + "".join(f"{value:{form}}" for value in values))
    return "\n".join(lines)


def _by_class(folder: Path, test: Patterns) -> Array:
    """Accuracy on each class in percent, (10,), of a finished run."""
    answers = evaluation.answers(LeNet5.load(folder / "weights.npz"), test)
    matrix = evaluation.confusion(answers, test.labels)
    with np.errstate(invalid="ignore"):  # a class without patterns has no accuracy
        found: Array = 100 * np.diag(matrix) / matrix.sum(axis=1)
    return found
