"""The course projects called LeNet: their reported accuracy, curves and times, and ours."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure

from .. import paper
from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.digits import accuracy_by_class
from ..figures.systems import Panel, System, system_curves, systems_overview
from ..files import InputError, save_figure, write_csv
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.metrics import curves
from ..run.recipes import RECIPES, Recipe
from ..run.settings import Settings, choose
from .experiment import Experiment, Request

HEAD = ["dataset", "recipe", "reported_percent", "ours_percent", "reported_seconds", "seconds"]
SYSTEMS = tuple(dict.fromkeys(recipe.system for recipe in RECIPES.values()))


def run(request: Request) -> str:
    """Train the recipes of the data set; write systems.csv and the pictures.

    systems.png has all recipes, a picture per project its curves, and digits.png the accuracy on
    each class by pass, for the first recipe of each project.

    With --only, train that recipe alone.  For data that no recipe names, train all recipes.
    """
    runs: dict[str, tuple[Settings, list[Path]]] = {}
    for name in recipes_for(request.train.dataset, request.only):
        print(f"recipe {name}")
        wanted = [settings(name, request, seed) for seed in request.seeds]
        test = request.test.subset(wanted[0].test_size)
        runs[name] = wanted[0], request.train_networks(wanted, test=test)
    found = [result(one, folders) for one, folders in runs.values()]
    dataset = TITLES[request.train.dataset]
    _write(request.into / "systems.csv", request.train.dataset, found)
    save_figure(overview([request.into / "systems.csv"]), request.into / "systems.png")
    by_class = {}
    for system in dict.fromkeys(RECIPES[name].system for name in runs):
        first = next(name for name in runs if RECIPES[name].system == system)
        by_class[first] = _by_class_and_pass(
            runs[first][1], request.test.subset(runs[first][0].test_size)
        )
        panels = [
            panel
            for name, (one, folders) in runs.items()
            if RECIPES[name].system == system
            for panel in panels_of(name, one, folders, request.test)
        ]
        picture = system_curves(panels, f"{system}: reported and ours, {dataset}")
        save_figure(picture, request.into / f"{system}.png")
    picture = accuracy_by_class(by_class, f"Accuracy on each class, {dataset}")
    save_figure(picture, request.into / "digits.png")
    others = [_other_data(RECIPES[name], one) for name, (one, _) in runs.items()]
    return table(found, not any(others))


def overview(files: Iterable[Path]) -> Figure:
    """The picture of all recipes in these systems.csv, of one data set or of several.

    Raises:
        InputError: a file that is no systems.csv.
    """
    rows = [row for file in files for row in _rows(file)]
    systems: dict[tuple[str, str], System] = {}
    for row in rows:
        new = System(
            row["recipe"], float(row["reported_percent"]), [],
            float(row["reported_seconds"]), float(row["seconds"]),
        )  # fmt: skip
        one = systems.setdefault((row["dataset"], row["recipe"]), new)
        one.ours.append(float(row["ours_percent"]))
    datasets = " and ".join(dict.fromkeys(TITLES[dataset] for dataset, _ in systems))
    return systems_overview(list(systems.values()), f"Course projects called LeNet, {datasets}")


def _rows(file: Path) -> list[dict[str, str]]:
    """The rows of a systems.csv."""
    try:
        with open(file, newline="", encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, ValueError, csv.Error):
        rows = []
    if not rows or list(rows[0]) != HEAD:
        raise InputError(f"{file}: not a systems.csv of experiment systems")
    return rows


def recipes_for(dataset: str, recipe: str = "") -> list[str]:
    """The names of the recipes for a data set, or the one that is asked for."""
    if recipe:
        return [recipe]
    there = [name for name, one in RECIPES.items() if one.dataset == dataset]
    return there or list(RECIPES)


def settings(name: str, request: Request, seed: int) -> Settings:
    """The settings of a recipe on the data of a request, which may have fewer patterns.

    A warm-up that would take all passes of the request leaves the last one.
    """
    recipe = RECIPES[name]
    own = dict(recipe.settings)
    if "warmup" in own and request.chosen.get("passes"):
        own["warmup"] = min(own["warmup"], request.chosen["passes"] - 1)
        if not own["warmup"]:
            del own["warmup"], own["warmup_from"]
    sizes = {
        "train_size": len(request.train),
        "test_size": min(len(request.test), recipe.settings.get("test_size", len(request.test))),
    }
    about = {"dataset": request.train.dataset, "seed": seed, "recipe": name}
    return choose({**request.chosen, **about, **sizes}, own)


def result(settings: Settings, folders: Sequence[Path]) -> System:
    """The reported numbers of a recipe, and those of its finished runs, one for each seed."""
    recipe = RECIPES[settings.recipe]
    # Other work on the machine slows the fastest pass least.
    seconds = float(curves(folders, "seconds").min()) * _scale(recipe, settings)
    ours = 100 - curves(folders, "test_error_percent")[:, -1]
    return System(
        settings.recipe_title().removeprefix("recipe "),
        recipe.reported, [float(accuracy) for accuracy in ours], recipe.seconds, seconds,
    )  # fmt: skip


def _scale(recipe: Recipe, settings: Settings) -> float:
    """How many times as many patterns a reported pass has as one of these runs."""
    reported = recipe.settings.get("pass_size", paper.TRAINING_PATTERNS)
    return float(reported) / (settings.pass_size or settings.train_size)


def panels_of(
    name: str, settings: Settings, folders: Sequence[Path], test: Patterns
) -> list[Panel]:
    """The reported curves of a recipe with ours: accuracy by pass and by class, layers' rates."""
    recipe = RECIPES[name]
    accuracy = 100 - curves(folders, "test_error_percent")
    passes = range(1, accuracy.shape[1] + 1)
    reported = dict(enumerate(recipe.curve, 1)) or {settings.passes: recipe.reported}
    panels = [Panel(name, "pass", "accuracy (%)", reported, accuracy, passes)]
    if recipe.digits:
        by_class = np.array([_by_class(folder, test, settings) for folder in folders])
        digits = dict(enumerate(recipe.digits))
        classes = range(paper.CLASSES)
        panels.append(Panel("by class", "class", "accuracy (%)", digits, by_class, classes))
    for layer in next(iter(recipe.rates.values()), {}):
        ours = curves(folders, f"{layer}_largest_rate")
        rates = {number: by_layer[layer] for number, by_layer in recipe.rates.items()}
        panels.append(Panel(f"rate of {layer}", "pass", "rate", rates, ours, passes, True))
    return panels


def table(found: Sequence[System], comparable: bool = True) -> str:
    """The accuracies and the times of all recipes as text of at most 80 columns.

    Args:
        comparable: whether the reported numbers are of the same data; otherwise they are left out.
    """
    lines = [f"{'recipe':26}{'reported':>10}{'ours':>9}{'spread':>17}{'s a pass':>10}{'ours':>8}"]
    for one in found:
        spread = f"{min(one.ours):.2f} to {max(one.ours):.2f}" if len(one.ours) > 1 else ""
        accuracy = f"{one.reported:.2f} %" if comparable else "-"
        seconds = f"{one.reported_seconds:g}" if comparable else "-"
        lines.append(
            f"{one.name:26}{accuracy:>10}{np.mean(one.ours):7.2f} %{spread:>17}"
            f"{seconds:>10}{one.seconds:8.1f}"
        )
    what = (
        "Accuracy on the test set after the last pass, as reported and ours (mean); then the "
        "seconds of a pass, as reported and our fastest, on different machines."
    )
    if not comparable:
        what += "  These are other data: the reported numbers do not compare."
    return "\n".join([*lines, fill(what, 80)])


def _write(path: Path, dataset: str, found: Sequence[System]) -> None:
    """Write systems.csv, one row for each recipe and seed."""
    rows = [
        (dataset, one.name, one.reported, f"{accuracy:.4f}",
         one.reported_seconds, f"{one.seconds:.2f}")
        for one in found
        for accuracy in one.ours
    ]  # fmt: skip
    write_csv(path, HEAD, rows)


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
    seconds = result(settings, folders).seconds
    patterns = recipe.settings.get("pass_size", paper.TRAINING_PATTERNS)
    ours = settings.pass_size or settings.train_size
    scaled = "" if ours == patterns else f", scaled from {ours:,} to {patterns:,} patterns"
    passes = recipe.settings.get("passes", paper.PASSES)
    after = f" after {passes} passes" if settings.passes != passes else ""
    title, accuracy = settings.recipe_title(), f"{found[-1]:.2f} %"
    other = _other_data(recipe, settings)
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


def _other_data(recipe: Recipe, settings: Settings) -> str:
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


def _by_class_and_pass(folders: Sequence[Path], test: Patterns) -> Array:
    """Accuracy on each class after each pass in percent, (passes, 10), mean of finished runs."""
    wrong = [curves(folders, f"test_errors_{digit}").mean(axis=0) for digit in range(paper.CLASSES)]
    count = np.bincount(test.labels, minlength=paper.CLASSES)
    found: Array = 100 - 100 * np.stack(wrong, axis=1) / np.maximum(count, 1)
    return found


def _by_class(folder: Path, test: Patterns, settings: Settings) -> Array:
    """Accuracy on each class in percent, (10,), of a finished run."""
    test = test.subset(settings.test_size)
    answers = evaluation.answers(LeNet5.load(folder / "weights.npz"), test)
    matrix = evaluation.confusion(answers, test.labels)
    with np.errstate(invalid="ignore"):  # a class without patterns has no accuracy
        found: Array = 100 * np.diag(matrix) / matrix.sum(axis=1)
    return found


EXPERIMENT = Experiment(
    name="systems",
    section="not in the paper",
    help="course projects called LeNet, reported and trained again",
    files=("systems.csv", "systems.png", "digits.png", *(f"{system}.png" for system in SYSTEMS)),
    run=run,
    trains=True,
    several=True,
    takes=("passes", "pass_size", "seed"),
    defaults={"passes": "the recipe's", "pass_size": "the recipe's"},
    parts=tuple(RECIPES),
    about_parts="this recipe; recipe --help has their names",
)
