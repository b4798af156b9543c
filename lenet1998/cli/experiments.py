"""The commands `experiment NAME` and `recipe NAME`: their flags, and the settings these choose."""

import argparse
import re
from functools import partial
from pathlib import Path
from textwrap import fill

from ..experiments.ablation import TIMES
from ..experiments.catalogue import EXPERIMENTS
from ..experiments.experiment import Experiment
from ..files import InputError, did_you_mean
from ..run.recipes import RECIPES
from ..run.recipes.recipe import for_passes
from .command import Command
from .flags import (
    RUNS,
    SETTINGS,
    add_data,
    add_network,
    add_results,
    add_runs,
    add_settings,
    refuse,
    settings_from,
)
from .loading import QUICK, WIDTH
from .parser import Parser, file, from_text, program
from .training import PLAIN, UNTRAINED, run_experiment


def _experiment_flags(parser: Parser, words: list[str]) -> None:
    listed = "\n".join(f"  {one.name:15} {one.help}" for one in EXPERIMENTS.values())
    names = list(dict.fromkeys(word for word in words if word in EXPERIMENTS))
    if len(names) > 1 and words[0].startswith("-"):  # which is it, which the value of a flag?
        raise InputError("the name of the experiment comes first: experiment NAME [FLAGS]")
    chosen = EXPERIMENTS[names[0]] if names else None
    for one in EXPERIMENTS.values():
        for figure in re.findall(r"\d+", one.section.partition("figure")[2]):
            parser.other_names[f"figure{figure}"] = one.name
    if chosen is None:
        parser.description = f"Run an experiment of section III, or the ablation:\n\n{listed}"
    else:
        parser.description = fill(f"{chosen.name}: {chosen.help} ({chosen.section}).", WIDTH)
    says = "the experiment; experiment NAME --help lists its flags"
    parser.add(
        "arguments", "experiment", metavar="NAME", choices=tuple(EXPERIMENTS),
        help=argparse.SUPPRESS if chosen else says,
    )  # fmt: skip
    if chosen is None:
        return
    parser.usage = f"{program()} experiment {chosen.name} [FLAGS]"
    _part_flags(parser, chosen)
    if chosen.trains:
        takes = SETTINGS if chosen.takes is None else chosen.takes
        names = [name for name in takes if name not in chosen.fixed]
        add_settings(parser, names, variant=chosen.takes is None, base=chosen.defaults)
        add_runs(parser, verbose=chosen.one_run, in_turn=chosen.in_turn)
    elif chosen.reads_weights:
        add_network(parser)
    if chosen.reads_patterns:
        add_data(parser, training=chosen.trains or chosen.fits)
    add_results(parser, quiet=chosen.trains or chosen.reads_patterns)


def _part_flags(parser: Parser, chosen: Experiment) -> None:
    """The flags that select a part of an experiment, or a small version of it."""
    add = partial(parser.add, "the experiment")
    if chosen.some_parts:
        says = f"only some of {', '.join(chosen.parts)}; finished ones stay"
        read = from_text(partial(_parts_of, chosen))
        add("--only", metavar="NAME[,NAME]", type=read, help=says)
    elif chosen.parts:
        says = f"only {chosen.about_parts}"
        add("--only", metavar="NAME", choices=chosen.parts, help=says)
    if chosen.table:
        says = "add each finished run to this file and draw what is in it; default: "
        says += f"{chosen.files[0]} in the folder of the results"
        add("--table", type=lambda text: Path(file(text)), metavar="FILE", help=says)
    if chosen.named:
        says = "train only the networks whose name matches, such as '*ReLU*' or today"
        add("--networks", metavar="PATTERN", help=says)
    if chosen.quick:
        says = "a small version: {passes} passes over {train_size:,} patterns".format(**QUICK)
        add("--quick", action="store_true", help=says)
    if chosen.chooses:
        says = "choose the learning rates on the last sixth of the training patterns"
        add("--choose", action="store_true", help=says)
    if chosen.scratch:
        says = f"start from random weights; default: from {chosen.fixed['weights']}"
        add("--from-scratch", action="store_true", help=says)


def _parts_of(chosen: Experiment, text: str) -> str:
    """The value of --only for an experiment of which it selects several parts.

    Raises:
        InputError: a name that the experiment does not have.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in chosen.parts:
            advice = did_you_mean(name, chosen.parts) or f": choose {', '.join(chosen.parts)}"
            raise InputError(f"{name[:40]!r} is no part of {chosen.name}{advice}")
    return ",".join(dict.fromkeys(names))


def _experiment(args: argparse.Namespace) -> None:
    chosen = EXPERIMENTS[args.experiment]
    part = getattr(args, "only", None) or ""
    names = UNTRAINED.get(part, ())
    what = "times one network after the other" if part == TIMES else "trains nothing"
    if chosen.untrained.issuperset(part.split(",")):
        names, what = RUNS, "trains no network"
    says = f"does not go with --only {part}, which {what}; remove it"
    refuse(args, names, lambda flag: f"{flag} {says}")
    if getattr(args, "quick", False):
        if args.passes and args.train_size:
            raise InputError("--quick has no effect with --passes and --train-size; remove it")
        args.passes = args.passes or QUICK["passes"]
    table = getattr(args, "table", None)
    if table and not table.parent.is_dir():
        raise InputError(f"{table}: there is no folder {table.parent}")
    if chosen.reads_patterns:
        args.dataset = args.dataset or chosen.datasets.get(part)
    fixed = dict(chosen.fixed)
    if getattr(args, "from_scratch", False):
        del fixed["weights"]
    run_experiment(chosen, args, settings_from(args, fixed=fixed))


def _recipe_flags(parser: Parser, words: list[str]) -> None:
    name = next((word for word in words if word in RECIPES), "")
    chosen = RECIPES.get(name)
    if chosen is None:
        listed = "\n".join(
            f"  {name:25} {one.reported:5.2f} %  {one.help}" for name, one in RECIPES.items()
        )
        parser.description = (
            "Train a published course project's LeNet.  Its authors report the accuracy:\n\n"
            f"{listed}"
        )
    else:
        about = f"{name}: {chosen.help}.  Its authors report {chosen.reported:.2f} %."
        parser.description = fill(about, WIDTH)
        parser.usage = f"{program()} recipe {name} [FLAGS]"
    says = "the recipe; recipe NAME --help lists its flags"
    parser.add(
        "arguments", "recipe", metavar="NAME", choices=tuple(RECIPES),
        help=argparse.SUPPRESS if chosen else says,
    )  # fmt: skip
    if chosen is None:
        return
    add_settings(parser, variant=False, base=chosen.settings)
    add_data(parser, default=chosen.dataset)
    add_runs(parser)
    add_results(parser)


def _recipe(args: argparse.Namespace) -> None:
    recipe = RECIPES[args.recipe]
    args.dataset = args.dataset or recipe.dataset
    base = for_passes(recipe.settings, args.passes)
    settings = settings_from(args, base, {"recipe": args.recipe})
    run_experiment(EXPERIMENTS[PLAIN], args, settings)


EXPERIMENT = Command(
    "experiment", "NAME [FLAGS]", "an experiment of section III, or the ablation",
    _experiment_flags, _experiment,
)  # fmt: skip
RECIPE = Command(
    "recipe", "NAME [FLAGS]", "train a published course project's LeNet", _recipe_flags, _recipe
)
