"""The course projects called LeNet: their reported accuracy, curves and times, and ours.

systems.csv keeps what is in it: a run that is there is not made again, and the pictures and the
table are those of whatever is there.  So recipes and seeds can be trained one at a time, and the
experiment goes on from a file that was kept.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from .. import paper
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.digits import accuracy_by_class
from ..figures.systems import Panel, curves_together, system_curves, systems_overview
from ..files import InputError, save_figure
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.recipes import RECIPES, Recipe
from ..run.recipes.recipe import for_passes
from ..run.recipes.slips import SLIPS, settings_of
from ..run.settings import Settings, choose
from .experiment import Experiment, Request
from .reports import other_data, result
from .run_table import DRAW, place_of, waiting
from .systems_table import CLASSES, Part, SystemsTable, column, last_row, rows_of
from .systems_text import text

SYSTEMS = tuple(dict.fromkeys(recipe.system for recipe in RECIPES.values()))
DATASETS = tuple(dict.fromkeys(recipe.dataset for recipe in RECIPES.values()))
WITHOUT = {f"without-{name}": name for name, slip in SLIPS.items() if not slip.test_only}
TOGETHER = {  # recipes of one project that its report draws together
    "rates": ("sigmoid-softmax-0.4", "sigmoid-softmax-0.1", "sigmoid-softmax-0.05"),
    "schedules": ("sigmoid-softmax", "sigmoid-softmax-steps", "sigmoid-softmax-60"),
    "batch sizes": (
        "sigmoid-softmax-batch-4", "sigmoid-softmax-batch-32", "sigmoid-softmax",
        "sigmoid-softmax-batch-128", "sigmoid-softmax-batch-256",
    ),
}  # fmt: skip


def run(request: Request) -> str:
    """Train what systems.csv lacks, draw what it has, and return its numbers as text.

    systems.png has all recipes, a picture per project its curves, together.png the runs of one
    project that its report draws together, and digits.png the accuracy on each class by pass, for
    the first recipe of each project.  `--only table` trains nothing.

    Raises:
        InputError: the file is not a systems.csv, or has no run of these settings.
    """
    path, shared = place_of(request, "systems.csv")
    table = SystemsTable(path, shared)
    if request.only != DRAW:
        for name in parts_for(request.train.dataset, request.only):
            _train(WITHOUT.get(name, ""), SLIPS[WITHOUT[name]].recipe if name in WITHOUT else name,
                   request, table)  # fmt: skip
    parts = parts_of(request, table)
    if not parts:
        raise InputError(
            f"{path}: has no run of these recipes and data; train some, or give another --table"
        )
    draw(parts, request.into)
    return text(parts)


def parts_for(dataset: str, only: str = "") -> list[str]:
    """What is trained: the recipes for a data set, or the one that is asked for.

    For data that no recipe names, all recipes.
    """
    if only:
        return [only]
    there = [name for name, one in RECIPES.items() if one.dataset == dataset]
    return there or list(RECIPES)


def settings(recipe: str, without: str, request: Request, seed: int, dataset: str = "") -> Settings:
    """The settings of a recipe on the data of a request, which may have fewer patterns.

    Args:
        without: name of a mistake that is switched off.
        dataset: another data set of as many patterns.
    """
    own = for_passes(settings_of(recipe, without), request.chosen.get("passes"))
    sizes = {
        "train_size": len(request.train),
        "test_size": min(len(request.test), own.get("test_size", len(request.test))),
    }
    about = {"dataset": dataset or request.train.dataset, "seed": seed, "recipe": recipe}
    return choose({**request.chosen, **about, **sizes}, own)


def _train(without: str, recipe: str, request: Request, table: SystemsTable) -> None:
    """Make the runs of a recipe that the table lacks; each is added as soon as it is made."""
    print(f"recipe {recipe}" + (f" without {without}" if without else ""), flush=True)
    wanted = waiting(
        [settings(recipe, without, request, seed) for seed in request.seeds],
        table,
        request.run_name,
        lambda one: f"seed {one.seed}",
    )
    if wanted:
        test = request.test.subset(wanted[0].test_size)
        request.train_networks(
            wanted, test=test, may_diverge=bool(without),
            finished=lambda one, folder: _add(one, without, folder, test, request, table),
        )  # fmt: skip


def _add(
    one: Settings, without: str, folder: Path, test: Patterns, request: Request, table: SystemsTable
) -> None:
    """Add a finished run to the table, after its last pass on the whole test set."""
    name, about = request.run_name(one), (one.dataset, one.recipe, without)
    rows = rows_of(name, about, folder, test)
    if not rows:
        print(f"seed {one.seed}: diverged in pass 1, nothing is added")
        return
    for slip, what in SLIPS.items():
        if what.test_only and what.recipe == one.recipe and not without:
            other = settings(one.recipe, slip, request, one.seed)
            if other != one:
                whole = request.test.subset(other.test_size)
                answers = evaluation.answers(LeNet5.load(folder / "weights.npz"), whole)
                new = request.run_name(other)
                table.add(new, last_row(new, slip, rows, answers != whole.labels, whole))
    table.add(name, rows)  # last: a run that is there is not made again


def parts_of(request: Request, table: SystemsTable) -> list[Part]:
    """Every recipe, and recipe without a mistake, that the table has runs of.

    A request for one data set of the reports takes the runs on the others too.
    """
    found = []
    every = [(name, "") for name in RECIPES] + [(one.recipe, name) for name, one in SLIPS.items()]
    asked = request.only, SLIPS[WITHOUT[request.only]].recipe if request.only in WITHOUT else ""
    for recipe, without in every:
        here = request.train.dataset
        datasets = [RECIPES[recipe].dataset, here] if here in DATASETS else [here]
        for dataset in datasets[::-1] if recipe in asked else datasets:
            one = settings(recipe, without, request, request.seeds[0], dataset)
            runs = table.of(request.run_name(one))
            if runs and runs[0][0]["without"] == without:
                found.append(Part(recipe, without, one, runs))
                break
    return found


def draw(parts: list[Part], into: Path) -> None:
    """Write the pictures of what is there."""
    recipes = {part.recipe: part for part in parts if not part.without}
    if not recipes:
        return
    datasets = " and ".join(
        dict.fromkeys(TITLES[part.settings.dataset] for part in recipes.values())
    )
    results = [
        result(part.settings, part.runs)
        if _reported(part)
        else replace(result(part.settings, part.runs), reported=np.nan, reported_seconds=np.nan)
        for part in recipes.values()
    ]
    picture = systems_overview(results, f"Course projects called LeNet, {datasets}")
    save_figure(picture, into / "systems.png")
    by_class = {}
    for system in dict.fromkeys(RECIPES[name].system for name in recipes):
        mine = [part for name, part in recipes.items() if RECIPES[name].system == system]
        accuracy = np.mean([column(mine[0].runs, name) for name in CLASSES], axis=1).T
        by_class[mine[0].recipe] = _passes(mine[0]), accuracy
        title = f"{system}: reported and ours, {TITLES[mine[0].settings.dataset]}"
        panels = [panel for part in mine for panel in panels_of(part)]
        save_figure(system_curves(panels + more_panels(mine[0]), title), into / f"{system}.png")
    save_figure(
        accuracy_by_class(by_class, f"Accuracy on each class, {datasets}"), into / "digits.png"
    )
    groups = {
        what: {
            name: (_dots(recipes[name]), column(recipes[name].runs, "test_percent").mean(axis=0))
            for name in names
            if name in recipes
        }
        for what, names in TOGETHER.items()
    }
    there = {what: lines for what, lines in groups.items() if len(lines) > 1}
    if there:
        title = "sigmoid-softmax: reported (dots), ours"
        save_figure(curves_together(there, title), into / "together.png")


def panels_of(part: Part) -> list[Panel]:
    """The reported curve of a recipe with ours: the accuracy by pass."""
    accuracy = column(part.runs, "test_percent")
    return [Panel(part.recipe, "pass", "accuracy (%)", _dots(part), accuracy, _passes(part))]


def more_panels(part: Part) -> list[Panel]:
    """Training accuracy and loss by pass, accuracy by class, and the layers' rates."""
    recipe, passes = _reported(part), _passes(part)
    panels = [
        Panel(f"training: {part.recipe}", "pass", "accuracy (%)",
              dict(recipe.training) if recipe else {},
              column(part.runs, "training_percent"), passes),
        Panel(f"loss: {part.recipe}", "pass", "mean loss", dict(recipe.losses) if recipe else {},
              column(part.runs, "loss"), passes, True),
    ]  # fmt: skip
    if RECIPES[part.recipe].digits:
        by_class = np.stack([column(part.runs, name)[:, -1] for name in CLASSES], axis=1)
        digits = dict(enumerate(recipe.digits)) if recipe else {}
        panels.append(
            Panel("by class", "class", "accuracy (%)", digits, by_class, range(paper.CLASSES))
        )
    for layer in next(iter(RECIPES[part.recipe].rates.values()), {}):
        rates = {number: one[layer] for number, one in recipe.rates.items()} if recipe else {}
        ours = column(part.runs, f"{layer}_rate")
        panels.append(Panel(f"rate of {layer}", "pass", "rate", rates, ours, passes, True))
    return panels


def _reported(part: Part) -> Recipe | None:
    """The recipe with its reported numbers; None where these are of other data."""
    recipe = RECIPES[part.recipe]
    return None if other_data(recipe, part.settings) else recipe


def _dots(part: Part) -> dict[int, float]:
    """Pass -> reported accuracy, at least at the end; empty where it is of other data."""
    recipe = _reported(part)
    if recipe is None:
        return {}
    return dict(enumerate(recipe.curve, 1)) or {part.settings.passes: recipe.reported}


def _passes(part: Part) -> list[int]:
    """The numbers of the passes that all runs have."""
    return [int(number) for number in column(part.runs, "pass")[0]]


EXPERIMENT = Experiment(
    name="systems",
    section="not in the paper",
    help="course projects called LeNet, reported and trained again",
    files=("systems.csv", "systems.png", "digits.png", "together.png",
           *(f"{system}.png" for system in SYSTEMS)),
    run=run,
    trains=True,
    takes=("passes", "pass_size", "seed"),
    defaults={"passes": "the recipe's", "pass_size": "the recipe's"},
    parts=(*RECIPES, *WITHOUT, DRAW),
    about_parts="this recipe (recipe --help has their names), a recipe without one of its "
    f"mistakes ({', '.join(WITHOUT)}), or {DRAW}: train nothing",
    datasets={
        **{name: recipe.dataset for name, recipe in RECIPES.items()},
        **{name: RECIPES[SLIPS[slip].recipe].dataset for name, slip in WITHOUT.items()},
    },
    table=True,
)  # fmt: skip
