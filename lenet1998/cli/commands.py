"""What reproduce.py can be asked for, besides a run: each command in a function."""

import argparse
from dataclasses import replace
from pathlib import Path

from .. import paper
from ..data import datasets
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..experiments import (
    ablation,
    animation,
    baselines,
    confusion,
    cost,
    distortions,
    misclassified,
    rejection,
    robustness,
    training_size,
)
from ..experiments.catalogue import FILES, LEARNING
from ..experiments.learning_curve import summarise
from ..experiments.systems import beside
from ..files import InputError, save_figure
from ..handwriting import answers as handwriting
from ..network.lenet5 import PRETRAINED, REJECT_BELOW, SHIPPED, LeNet5
from ..run.config import differences, read_config
from ..run.folder import chosen_folder, finished, folders_named, free_folder, made_before
from ..run.pool import Learn, several_runs
from ..run.settings import Settings
from .flags import ANY


def run(args: argparse.Namespace, learn: Learn) -> None:
    """What the flags ask for; `learn` makes a run (`seeds.Learn`)."""
    if args.draw:
        draw(args)
        return
    if args.predict:
        predict(args)
        return
    if args.config or args.resume not in (None, ANY):
        again(args, learn)
        return
    if args.summary:
        print(Settings("mnist", **args.settings).network().summary())
        return
    # III-A: the data.
    train, test, full = _patterns(args.dataset, args, args.train_size, args.test_size)
    if args.experiment not in LEARNING:
        examine(args, train, test)
        return
    settings = Settings(
        dataset=train.dataset, train_size=len(train), test_size=len(test), **args.settings
    )
    name = settings.folder_name(full)
    base = args.out or Path("runs")
    seeds = range(settings.seed, settings.seed + args.seeds)
    how = args.jobs, args.quiet, args.resume is not None
    if args.experiment == "training-size":
        runs = {}
        for size in training_size.sizes(len(train)):
            print(f"{size:,} training patterns")
            smaller = [replace(settings, train_size=size, seed=seed) for seed in seeds]
            less = train.subset(size)
            runs[size] = several_runs(learn, smaller, full, base, less, test, *how)
        into = _made(base / f"training-size-{name}-to-{seeds[-1]}")
        print(training_size.training_size(runs, settings, into))
    elif args.experiment == "ablation":
        steps = ablation.rungs()
        wanted = [
            ablation.settings(rung, **{**settings.common(), "seed": seed})
            for rung in steps
            for seed in seeds
        ]
        folders = several_runs(learn, wanted, full, base, train, test, *how)
        by_rung = [folders[i : i + len(seeds)] for i in range(0, len(folders), len(seeds))]
        found = ablation.results(list(zip(steps, by_rung, strict=True)), test)
        into = _made(base / f"ablation-{name}-to-{seeds[-1]}")
        print(ablation.report(found, settings, into))
    elif args.seeds == 1:
        if args.resume:
            into = _interrupted(base, name, settings, train, test)
        else:
            into = chosen_folder(args.out) if args.out else free_folder(base / name)
        learn(settings, into, train, test, args.quiet)
    else:
        wanted = [replace(settings, seed=seed) for seed in seeds]
        folders = several_runs(learn, wanted, full, base, train, test, *how)
        into = _made(base / f"{name}-to-{seeds[-1]}")
        print(summarise(folders, seeds, settings, into))
        if settings.recipe:
            print(beside(settings, folders, test))
    _left(settings, train, into)


def again(args: argparse.Namespace, learn: Learn) -> None:
    """The run of a config.json once more, or one that was interrupted to its end."""
    path = args.config or args.resume / "config.json"
    if args.resume and not path.exists() and any(args.resume.glob("*/config.json")):
        raise InputError(
            f"{args.resume}: holds runs, and is none: give the folder of one, or --resume with the "
            "command that began them"
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
    _left(settings, train, into)


def _left(settings: Settings, train: Patterns, into: Path) -> None:
    """Draw what belongs to the patterns, and tell what there is in the folder."""
    if settings.patterns == "distorted":
        distortions.figure7(train, settings.seed, into)
    names = sorted(path.name for path in into.iterdir() if not path.name.startswith("."))
    print(f"\n{', '.join(names)}: {into}")


def _interrupted(
    base: Path, name: str, settings: Settings, train: Patterns, test: Patterns
) -> Path:
    """The folder of an interrupted run of these settings: `base` itself, as --out, or in it."""
    folders = [base, *folders_named(base, name)]
    found = made_before(folders, settings, [train.sha256(), test.sha256()], ended=False)
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


def examine(args: argparse.Namespace, train: Patterns, test: Patterns) -> None:
    """An experiment of III-C to III-E that trains no network of its own."""
    name = args.experiment
    files = FILES[name]
    network, weights = _trained(args.weights)
    reads = name not in ("baselines", "cost")
    base = "-".join([name, test.dataset, *([Path(weights).stem] if reads else [])])
    into = chosen_folder(args.out, files) if args.out else free_folder(Path("runs") / base)
    try:
        if name == "baselines":
            text = baselines.run(train, test, into, args.quiet)
        elif name == "cost":
            text = cost.cost(LeNet5(), into)
        elif name == "robustness":
            noisy = None if weights == "noise" else LeNet5.pretrained("noise")
            what = f"LeNet-5, weights {weights}"
            text = robustness.run(network, noisy, test, into, args.quiet, what)
        else:
            makes = {
                "misclassified": misclassified.misclassified,
                "rejection": rejection.rejection,
                "confusion": confusion.confusion,
                "animation": animation.animation,
            }
            text = makes[name](network, weights, test, into)
    finally:
        if not any(into.iterdir()):
            into.rmdir()
    print(text)
    print(f"\n{', '.join(files)}: {into}")


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
    below: float | None = args.reject_below or REJECT_BELOW.get(weights)
    if below is None:
        raise InputError(f"{weights}: its margin to reject is not known; give --reject-below")
    return below


def _trained(weights: str | None) -> tuple[LeNet5, str]:
    """The network of --weights and what to call it: one of ours, or a file."""
    name = SHIPPED if weights is None else weights
    return (LeNet5.pretrained(name) if name in PRETRAINED else LeNet5.load(name)), name


def _made(folder: Path) -> Path:
    """The folder, made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _cut(patterns: Patterns, size: int | None, flag: str) -> Patterns:
    """The first `size` patterns, all without a size."""
    if size is not None and size > len(patterns):
        title = TITLES[patterns.dataset]
        raise InputError(f"{flag} {size}: {title} has {len(patterns)} patterns there; ask for less")
    return patterns if size is None else patterns.subset(size)


def _shout(reason: str) -> None:
    """Say in a line nobody can miss that the digits are not MNIST."""
    print(f"\n{'!' * 100}\n{reason}\n{'!' * 100}\n", flush=True)
