"""The commands: run an experiment, repeat or resume a run, predict, draw."""

import argparse
from dataclasses import replace
from pathlib import Path

from .. import paper
from ..data import datasets
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..experiments import distortions
from ..experiments.catalogue import EXPERIMENTS
from ..experiments.experiment import Experiment, Request
from ..experiments.systems import comparison
from ..files import InputError, save_figure
from ..handwriting import answers as handwriting
from ..network.lenet5 import PRETRAINED, SHIPPED, LeNet5, rejection_margin
from ..run.config import differences, read_config
from ..run.folder import chosen_folder, find_run, finished, folders_named, free_folder
from ..run.learn import learn
from ..run.settings import Settings
from .flags import ANY


def run(args: argparse.Namespace) -> None:
    """Do what the flags ask for."""
    if args.draw:
        draw(args)
    elif args.predict:
        predict(args)
    elif args.config or args.resume not in (None, ANY):
        repeat(args)
    elif args.summary:
        print(args.settings.network().summary())
    else:
        experiment(args)


def experiment(args: argparse.Namespace) -> None:
    """Run an experiment of the table and print its results."""
    chosen = EXPERIMENTS[args.experiment]
    train, test, full = _patterns(args.dataset, args, args.train_size, args.test_size)
    settings = replace(
        args.settings, dataset=train.dataset, train_size=len(train), test_size=len(test)
    )
    seeds = range(settings.seed, settings.seed + args.seeds)
    network, weights = _trained(args.weights)
    runs = args.out or Path("runs")
    if chosen.trains:
        into = _folder_of_runs(chosen, args, settings, train, test, full)
    else:
        parts = [chosen.name, test.dataset, *([Path(weights).stem] if chosen.reads_weights else [])]
        into = (
            chosen_folder(args.out, chosen.files)
            if args.out
            else free_folder(runs / "-".join(parts))
        )
    request = Request(
        train, test, full, network, weights, settings, seeds, args.jobs, args.quiet,
        args.resume is not None, runs, into,
    )  # fmt: skip
    try:
        text = chosen.run(request)
    finally:
        if into.is_dir() and not any(into.iterdir()):
            into.rmdir()
    if text:
        print(text)
    if chosen.trains and settings.patterns == "distorted":
        distortions.draw(train, settings.seed, into)
    _print_files(into)


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
    prefix = "" if chosen.one_run else f"{chosen.name}-"
    into: Path = base / f"{prefix}{name}-to-{settings.seed + args.seeds - 1}"
    into.mkdir(parents=True, exist_ok=True)
    return into


def repeat(args: argparse.Namespace) -> None:
    """Repeat the run of a config.json, or continue an interrupted run."""
    path = args.config or args.resume / "config.json"
    if args.resume and not path.exists() and any(args.resume.glob("*/config.json")):
        raise InputError(
            f"{args.resume}: contains runs but is not one: give the folder of one, or --resume "
            "with the command that started them"
        )
    settings, config = read_config(path)
    if args.summary:
        print(settings.network().summary())
        return
    if args.resume and finished(args.resume, settings):
        raise InputError(f"{args.resume}: this run has ended; --config {path} repeats it")
    own = settings.dataset == "custom"
    if own and args.data is None:
        raise InputError(f"{path}: a run on files of one's own: give their folder with --data")
    dataset = "auto" if own else settings.dataset
    train, test, full = _patterns(dataset, args, settings.train_size, settings.test_size)
    if [train.sha256(), test.sha256()] != config["data_sha256"]:
        raise InputError(f"{path}: a run on other data (SHA-256 differs): give them with --data")
    for line in differences(config):
        print(line)
    if args.resume:
        into = args.resume
    elif args.out:
        into = chosen_folder(args.out)
    else:
        into = free_folder(Path("runs") / settings.folder_name(full))
    learn(settings, into, train, test, args.quiet)
    if settings.recipe:
        print(comparison(settings, [into], test))
    if settings.patterns == "distorted":
        distortions.draw(train, settings.seed, into)
    _print_files(into)


def _print_files(into: Path) -> None:
    """Print the names of the files in a folder of results."""
    names = sorted(path.name for path in into.iterdir() if not path.name.startswith("."))
    print(f"\n{', '.join(names)}: {into}")


def _interrupted(
    base: Path, name: str, settings: Settings, train: Patterns, test: Patterns
) -> Path:
    """The folder of an interrupted run of these settings: `base` itself, as --out, or in it."""
    folders = [base, *folders_named(base, name)]
    found = find_run(folders, settings, [train.sha256(), test.sha256()], ended=False)
    if found is None:
        raise InputError(f"--resume: no interrupted run of these settings in {base}: leave it out")
    return found


def _patterns(
    dataset: str, args: argparse.Namespace, train_size: int | None, test_size: int | None
) -> tuple[Patterns, Patterns, tuple[int, int]]:
    """Training and test patterns, and how many the data set has of both."""
    train, test = datasets.load(dataset, args.data, progress=not args.quiet, warn=_shout)
    full = len(train), len(test)
    train = _cut(train, train_size, "--train-size")
    test = _cut(test, test_size, "--test-size")
    print(f"{TITLES[train.dataset]}: {len(train):,} training, {len(test):,} test patterns")
    return train, test, full


def predict(args: argparse.Namespace) -> None:
    """Read digits from pictures, prepared as III-A prepares them."""
    network, weights = _trained(args.weights)
    below = _smallest_margin(args, weights)
    picture = None if args.states is None else Path(args.states)
    if picture is not None and (picture.exists() or not picture.name):
        raise InputError(f"--states {args.states}: is there already or no name; choose another")
    answers, read, wrong = [], [], []
    for path in args.predict:
        try:
            answers += handwriting.predict(network, [path], below)
            read.append(path)
        except InputError as error:  # the others are answered all the same
            wrong.append(str(error))
    if not read:
        raise InputError("; ".join(wrong))
    print(handwriting.text(answers))
    print(
        f"\nRejected: margins below {below:g}; the shipped weights' own leave "
        f"{paper.REJECTION_ERROR} % of errors on MNIST's test set.\n"
        "The margin tells doubtful digits; it cannot tell what is no digit."
    )
    if picture is not None:
        save_figure(handwriting.states(network, read), picture)
        print(f"\nevery layer's state: {picture}")
    if wrong:
        raise InputError("; ".join(wrong))


def draw(args: argparse.Namespace) -> None:
    """A window to draw a digit in."""
    from ..handwriting.window import open_window  # matplotlib is slow to import

    network, weights = _trained(args.weights)
    open_window(network, _smallest_margin(args, weights), f"LeNet-5, weights {weights}")


def _smallest_margin(args: argparse.Namespace, weights: str) -> float:
    """Of an answer that is not rejected: --reject-below, or what is known of our own weights."""
    below: float | None = args.reject_below or rejection_margin(weights)
    if below is None:
        raise InputError(f"{weights}: its margin to reject is not known; give --reject-below")
    return below


def _trained(weights: str | None) -> tuple[LeNet5, str]:
    """The network of --weights and what to call it: one of ours, or a file."""
    name = SHIPPED if weights is None else weights
    return (LeNet5.pretrained(name) if name in PRETRAINED else LeNet5.load(name)), name


def _cut(patterns: Patterns, size: int | None, flag: str) -> Patterns:
    """The first `size` patterns, all without a size."""
    if size is not None and size > len(patterns):
        title = TITLES[patterns.dataset]
        raise InputError(f"{flag} {size}: {title} has {len(patterns)} patterns there; ask for less")
    return patterns if size is None else patterns.subset(size)


def _shout(reason: str) -> None:
    """Say in a line nobody can miss that the digits are not MNIST."""
    print(f"\n{'!' * 100}\n{reason}\n{'!' * 100}\n", flush=True)
