"""Training: `lenet1998 [FLAGS]`; and how any experiment of the table is run."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from ..data.patterns import Patterns
from ..experiments.ablation import TIMES
from ..experiments.catalogue import EXPERIMENTS
from ..experiments.experiment import Experiment, Request
from ..experiments.run_table import DRAW
from ..experiments.strings import ONLY
from ..fields import flag_name
from ..files import InputError
from ..run.folder import chosen_folder, find_run, folders_named, free_folder
from ..run.lock import locked
from ..run.recipes import RECIPES
from ..run.report import save_figure7
from ..run.settings import Settings
from .command import Command
from .flags import (
    RUNS,
    SETTINGS,
    add_data,
    add_results,
    add_runs,
    add_settings,
    chosen_settings,
    kept,
    refuse,
    settings_from,
)
from .loading import load_network, load_patterns, print_files
from .parser import Parser
from .resume import repeat, telling_run

PLAIN = "learning-curve"  # the experiment of a command line without a command
UNTRAINED = {  # values of --only that leave no trained network -> flags that are for training
    DRAW: (*RUNS, "networks", "seeds", "seed"),
    TIMES: (*RUNS, "seeds", "choose"),
    ONLY: (*RUNS, "seeds", "seed", "passes", "quick", "from_scratch"),
}


def _train_flags(parser: Parser, words: list[str]) -> None:
    add_settings(parser)
    add_data(parser)
    add_runs(parser)
    add_results(parser)
    parser.add(
        "data and results",
        "--config",
        type=Path,
        metavar="FILE",
        common=False,
        help="repeat the run of this config.json",
    )


def _train(args: argparse.Namespace) -> None:
    if args.config is None:
        run_experiment(EXPERIMENTS[PLAIN], args, settings_from(args))
        return
    given = (*SETTINGS, "variant", "dataset", "train_size", "test_size", "seeds", *RUNS)
    refuse(args, given, lambda flag: f"{flag} contradicts --config, which decides it; remove it")
    repeat(args.config, args)


def run_experiment(chosen: Experiment, args: argparse.Namespace, settings: Settings) -> None:
    """Run an experiment of the table and print its results.

    Args:
        settings: of its first run; what the data set decides is filled in.
    """
    seeds, jobs = getattr(args, "seeds", 1), getattr(args, "jobs", 1)
    if jobs > seeds and not chosen.several:
        raise InputError(f"--jobs {jobs} is more than the runs; ask for more with --seeds")
    scheduler = getattr(args, "scheduler", None) or ""
    if scheduler and jobs > 1:
        raise InputError("--jobs has no effect with --scheduler; remove it")
    if scheduler and chosen.one_run and seeds == 1:
        raise InputError("--scheduler is for several runs; ask for more with --seeds")
    verbose = getattr(args, "verbose", False)
    for name in ("verbose", "log_steps", "keep_weights"):
        if getattr(args, name, False) and seeds > 1:
            raise InputError(
                f"{flag_name(name)} has no effect with --seeds, whose runs are silent; remove it"
            )
    quiet = getattr(args, "quiet", True)
    if chosen.reads_patterns:
        dataset, train_size = args.dataset or "auto", getattr(args, "train_size", None)
        train, test, full = load_patterns(dataset, args, train_size, args.test_size)
        if settings.recipe and args.test_size is None:  # the project may test on fewer patterns
            fewer = RECIPES[settings.recipe].settings.get("test_size", len(test))
            test = test.subset(min(len(test), fewer))
        settings = replace(
            settings, dataset=train.dataset, train_size=len(train), test_size=len(test)
        )
    else:
        train = test = Patterns.none(settings.dataset)
        full = 0, 0
    network, weights = load_network(None if chosen.trains else getattr(args, "weights", None))
    resume = getattr(args, "resume", False)
    had = args.out is not None and args.out.is_dir()
    if chosen.trains:
        into = _folder_of_runs(chosen, args, settings, train, test, full)
    else:
        into = _folder_of_results(chosen, args, test, weights)
    request = Request(
        train, test, full, network, weights, settings, range(settings.seed, settings.seed + seeds),
        jobs, quiet, resume, args.out or Path("runs"), into, verbose,
        chosen_settings(args), getattr(args, "only", None) or "", scheduler,
        getattr(args, "choose", False), kept(args), getattr(args, "table", None), _networks(args),
    )  # fmt: skip
    one_run = chosen.one_run and seeds == 1  # it locks its own folder
    try:
        with telling_run(into, settings) if one_run else _telling_results(request, chosen):
            with nullcontext() if one_run else locked(into, chosen.files):
                text = chosen.run(request)
                if chosen.trains and settings.patterns == "distorted" and not one_run:
                    save_figure7(into, train, settings.seed)
            if text:
                print(text)
            print_files(into)
    finally:
        if not (had and into == args.out):
            with suppress(OSError):  # it is not empty
                into.rmdir()


def _networks(args: argparse.Namespace) -> str:
    """The pattern of `--networks`; all by default."""
    pattern = getattr(args, "networks", None)
    return "*" if pattern is None else pattern


@contextmanager
def _telling_results(request: Request, chosen: Experiment) -> Iterator[None]:
    """Say after Ctrl-C how to continue an experiment of several runs, or of none."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if str(interrupt):
            raise
        how, into = "give the same command again", request.into
        if not chosen.trains:
            if any((into / name).exists() for name in chosen.files):
                how = f"remove {into} and {how}"
        elif request.only not in UNTRAINED and (chosen.table or not chosen.in_turn):
            how = "finished runs are saved; continue with the same command"
            how += "" if chosen.in_turn else " and --resume"
        raise KeyboardInterrupt(f"interrupted: {how}") from None


def _folder_of_results(
    chosen: Experiment, args: argparse.Namespace, test: Patterns, weights: str
) -> Path:
    """The folder for the results of an experiment that trains no network."""
    if args.out:
        return chosen_folder(args.out, chosen.files)
    parts = [chosen.name]
    parts += [test.dataset] if chosen.reads_patterns else []
    parts += [Path(weights).stem] if chosen.reads_weights else []
    return free_folder(Path("runs") / "-".join(parts))


def _folder_of_runs(
    chosen: Experiment,
    args: argparse.Namespace,
    settings: Settings,
    train: Patterns,
    test: Patterns,
    full: tuple[int, int],
) -> Path:
    """The folder for the results of an experiment that trains networks."""
    base, name = args.out or Path("runs"), settings.folder_name(full)
    if chosen.one_run and args.seeds == 1:  # the folder of that run
        if args.resume:
            return _interrupted(base, name, settings, train, test)
        return chosen_folder(args.out) if args.out else free_folder(base / name)
    only = None if chosen.some_parts else getattr(args, "only", None)
    parts = ["choose"] * getattr(args, "choose", False) + ([only] if only else [])
    parts += ["from-scratch"] * getattr(args, "from_scratch", False)
    prefix = "" if chosen.one_run else "-".join([chosen.name, *parts, ""])
    into: Path = base / f"{prefix}{name}-to-{settings.seed + args.seeds - 1}"
    into.mkdir(parents=True, exist_ok=True)
    return into


def _interrupted(
    base: Path, name: str, settings: Settings, train: Patterns, test: Patterns
) -> Path:
    """The folder of an interrupted run of these settings: `base` itself, as --out, or in it."""
    folders = [base, *folders_named(base, name)]
    found = find_run(folders, settings, [train.sha256(), test.sha256()], ended=False)
    if found is None:
        raise InputError(f"no interrupted run of these settings in {base}; remove --resume")
    return found


TRAIN = Command("", "[FLAGS]", "train LeNet-5", _train_flags, _train)
