"""Train LeNet-5 as published in 1998 and set the result beside the paper's (III-B, III-C).

    python reproduce.py

Section III-B of the paper, in this order: the data, the network, the criterion, 20 passes with the
paper's schedule, the errors.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

# One pattern's products are too small to share among threads; set before NumPy is imported.
for name in ("OPENBLAS_NUM", "MKL_NUM", "OMP_NUM", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{name}_THREADS", "1")

from lenet1998 import (
    InputError,
    LeNet5,
    ablation,
    baselines,
    checkpoint,
    data,
    experiments,
    handwriting,
    paper,
    robustness,
    training,
)
from lenet1998.copies import trained_on
from lenet1998.data import Patterns
from lenet1998.evaluation import REJECT_BELOW
from lenet1998.files import one_line, save_figure
from lenet1998.flags import ANY, parse
from lenet1998.lenet5 import PRETRAINED, SHIPPED
from lenet1998.report import Report, chosen_folder, differences, free_folder, read_config
from lenet1998.seeds import beside, finished, made_before, several_runs, summarise
from lenet1998.settings import Settings


def run(args: argparse.Namespace) -> None:
    if args.predict:
        predict(args)
        return
    if args.config or args.resume not in (None, ANY):
        again(args)
        return
    if args.summary:
        print(Settings("mnist", **args.settings).network().summary())
        return
    # III-A: the data.
    train, test, full = patterns(args.dataset, args, args.train_size, args.test_size)
    if args.experiment not in experiments.LEARNING:
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
        for size in experiments.sizes(len(train)):
            print(f"{size:,} training patterns")
            smaller = [replace(settings, train_size=size, seed=seed) for seed in seeds]
            less = train.subset(size)
            runs[size] = several_runs(learn, smaller, full, base, less, test, *how)
        into = made(base / f"training-size-{name}-to-{seeds[-1]}")
        print(experiments.training_size(runs, settings, into))
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
        into = made(base / f"ablation-{name}-to-{seeds[-1]}")
        print(ablation.report(found, train.dataset, settings.passes, into))
    elif args.seeds == 1:
        if args.resume:
            into = interrupted(base, name, settings, train, test)
        else:
            into = chosen_folder(args.out) if args.out else free_folder(base / name)
        learn(settings, into, train, test, args.quiet)
    else:
        wanted = [replace(settings, seed=seed) for seed in seeds]
        folders = several_runs(learn, wanted, full, base, train, test, *how)
        into = made(base / f"{name}-to-{seeds[-1]}")
        print(summarise(folders, seeds, settings, into))
        if settings.recipe:
            print(beside(settings, folders, test))
    if args.experiment == "distortions":
        experiments.figure7(train, settings.seed, into)
    print(f"\n{', '.join(sorted(f.name for f in into.iterdir()))}: {into}")


def again(args: argparse.Namespace) -> None:
    """The run of a config.json once more, or one that was interrupted to its end."""
    path = args.config or args.resume / "config.json"
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
    train, test, full = patterns(dataset, args, settings.train_size, settings.test_size)
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
    print(f"\n{', '.join(sorted(f.name for f in into.iterdir()))}: {into}")


def interrupted(base: Path, name: str, settings: Settings, train: Patterns, test: Patterns) -> Path:
    """The folder in `base` of an interrupted run of these settings."""
    found = made_before(base, name, settings, [train.sha256(), test.sha256()], ended=False)
    if found is None:
        raise InputError(f"--resume: no interrupted run of these settings in {base}: leave it out")
    return found


def patterns(
    dataset: str, args: argparse.Namespace, train_size: int | None, test_size: int | None
) -> tuple[Patterns, Patterns, tuple[int, int]]:
    """Training and test patterns, and how many the data set has of both."""
    train, test = data.load(dataset, args.data, progress=not args.quiet, warn=shout)
    full = len(train), len(test)
    train = cut(train, train_size, "--train-size")
    test = cut(test, test_size, "--test-size")
    print(f"{data.TITLES[train.dataset]}: {len(train):,} training, {len(test):,} test patterns")
    return train, test, full


def examine(args: argparse.Namespace, train: Patterns, test: Patterns) -> None:
    """An experiment of III-C to III-E that trains no network of its own."""
    name = args.experiment
    files = experiments.FILES[name]
    network, weights = trained(args.weights)
    reads = name not in ("baselines", "cost")
    base = "-".join([name, test.dataset, *([Path(weights).stem] if reads else [])])
    into = chosen_folder(args.out, files) if args.out else free_folder(Path("runs") / base)
    try:
        if name == "baselines":
            text = baselines.run(train, test, into, args.quiet)
        elif name == "cost":
            text = experiments.cost(LeNet5(), into)
        elif name == "robustness":
            noisy = None if weights == "noise" else LeNet5.pretrained("noise")
            what = f"LeNet-5, weights {weights}"
            text = robustness.run(network, noisy, test, into, args.quiet, what)
        else:
            text = getattr(experiments, name)(network, weights, test, into)
    finally:
        if not any(into.iterdir()):
            into.rmdir()
    print(text)
    print(f"\n{', '.join(files)}: {into}")


def predict(args: argparse.Namespace) -> None:
    """Read digits from pictures, prepared as III-A prepares them."""
    network, weights = trained(args.weights)
    below = args.reject_below or REJECT_BELOW.get(weights)
    if below is None:
        raise InputError(f"{weights}: its margin to reject is not known; give --reject-below")
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


def trained(weights: str | None) -> tuple[LeNet5, str]:
    """The network of --weights and what to call it: one of ours, or a file."""
    name = SHIPPED if weights is None else weights
    return (LeNet5.pretrained(name) if name in PRETRAINED else LeNet5.load(name)), name


def made(folder: Path) -> Path:
    """The folder, made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cut(patterns: Patterns, size: int | None, flag: str) -> Patterns:
    """The first `size` patterns, all without a size."""
    if size is not None and size > len(patterns):
        title = data.TITLES[patterns.dataset]
        raise InputError(f"{flag} {size}: {title} has {len(patterns)} patterns there; ask for less")
    return patterns if size is None else patterns.subset(size)


def learn(settings: Settings, folder: Path, train: Patterns, test: Patterns, quiet: bool) -> None:
    """One run: section III-B, then III-C, with everything it leaves in `folder`."""
    # II-B, II-C: the network and the criterion.
    network, criterion = settings.network(), settings.make_criterion()

    # III-B: the passes.
    learned = trained_on(settings.patterns, train, settings.seed)
    optimizer = settings.make_optimizer(network)
    state = training.State.first(len(learned), settings.seed)
    begun, saved = (folder / "config.json").exists(), folder / checkpoint.FILE
    report = Report(folder, settings, [train.sha256(), test.sha256()], begun)
    if saved.exists():
        report.results = checkpoint.load(saved, network, optimizer, state, report.identity)
        print(f"{folder}: goes on in pass {state.number}, behind {state.done:,} of its patterns")
    with checkpoint.Stop() as stop:
        passes = training.train(
            network,
            criterion,
            learned,
            test,
            settings.etas(),
            per=settings.per(),
            order=settings.order,
            size=settings.pass_size or len(train),
            quiet=quiet,
            optimizer=optimizer,
            batch=settings.batch_size,
            state=state,
            stop=stop,
        )
        try:
            for result in passes:
                report.add(result, network)
                checkpoint.save(saved, network, optimizer, state, report.results, report.identity)
                print(report.line(), flush=True)
        except KeyboardInterrupt as asked:
            if isinstance(asked, training.Stopped):  # else the state may be half-way
                checkpoint.save(saved, network, optimizer, state, report.results, report.identity)
            raise KeyboardInterrupt(report.interrupted()) from None

    # III-C: the result beside the paper's.
    report.draw()
    saved.unlink(missing_ok=True)
    print("\n" + report.table(network))
    if settings.recipe:
        print(beside(settings, [folder], test))


def shout(reason: str) -> None:
    """Say in a line nobody can miss that the digits are not MNIST."""
    print(f"\n{'!' * 100}\n{reason}\n{'!' * 100}\n", flush=True)


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # names that the terminal's letters lack
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        run(args)
        sys.stdout.flush()
    except InputError as error:
        print(f"reproduce.py: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # a full disk, a folder that may not be written
        if not isinstance(error, BrokenPipeError):  # then whoever read the output has gone
            reason = one_line(f"{error.filename or 'the output'}: {error.strerror or error}")
            print(f"reproduce.py: {reason}", file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:  # Python would try again and complain
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 2
    except FloatingPointError as error:
        print(f"reproduce.py: learning diverged: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        print(f"\nreproduce.py: {str(interrupt) or 'interrupted'}", file=sys.stderr)
        return 130
    return 0


def interrupt(number: int, frame: object) -> NoReturn:
    """SIGTERM ends a run as Ctrl-C does: with nothing half-written."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    sys.exit(main())
