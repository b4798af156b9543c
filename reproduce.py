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
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

# One pattern's products are too small to share among threads; set before NumPy is imported.
for name in ("OPENBLAS_NUM", "MKL_NUM", "OMP_NUM", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{name}_THREADS", "1")

from lenet1998 import InputError, LeNet5, data, layer, paper, schedules, sdlm, training
from lenet1998.criterion import LARGEST_J, MAP, MLE
from lenet1998.data import Patterns
from lenet1998.experiments import several_seeds, summarise
from lenet1998.report import FILES, Report, Settings, chosen_folder, free_folder


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help lists the flags)\n")


def whole(smallest: int, largest: int) -> Callable[[str], int]:
    """A flag's type: a whole number from `smallest` to `largest`."""

    def number(text: str) -> int:
        try:
            if smallest <= (value := int(text)) <= largest:
                return value
        except ValueError:
            pass
        expected = f"a whole number from {smallest} to {largest}"
        raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")

    return number


def above_0(largest: float) -> Callable[[str], float]:
    """A flag's type: a number above 0 and at most `largest`."""

    def number(text: str) -> float:
        try:
            if 0 < (value := float(text)) <= largest:
                return value
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number above 0 and at most {largest:g}"
        )

    return number


def a_folder(text: str) -> Path:
    """A flag's type: the name of a folder."""
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a folder")
    return Path(text)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = OneLineParser(
        prog="reproduce.py", description="Train LeNet-5 exactly as published in 1998."
    )
    add = parser.add_argument
    add(
        "--dataset",
        choices=data.DATASETS,
        default="auto",
        help="auto: MNIST, or digits printed from the package's bitmaps where there is none",
    )
    add("--data", type=a_folder, metavar="DIR", help="folder with the four IDX files")
    add(
        "--out",
        type=a_folder,
        metavar="DIR",
        help="folder of the results (runs/<dataset>-<settings>-<seed>)",
    )
    add(
        "--passes",
        type=whole(1, 10_000),
        default=paper.PASSES,
        help="through the training set (III-B: %(default)s)",
    )
    add(
        "--train-size", type=whole(1, 10**9), metavar="N", help="only the first N training patterns"
    )
    add("--test-size", type=whole(1, 10**9), metavar="N", help="only the first N test patterns")
    add("--seed", type=whole(0, 2**32), default=0, help="of weights and order (%(default)s)")
    add(
        "--step-sizes",
        choices=sdlm.STEP_SIZES,
        default="layer",
        help="one step a layer, or one a parameter (%(default)s)",
    )
    add(
        "--criterion",
        choices=("map", "mle"),
        default="map",
        help="eq. 9 (map) or eq. 8 (mle) (%(default)s)",
    )
    add(
        "--order",
        choices=training.ORDERS,
        default="constant",
        help="one random order for all passes, or a new one each (%(default)s)",
    )
    add(
        "--init",
        choices=layer.INITS,
        default="lecun",
        help=f"first weights within 1/sqrt(fan-in) or {paper.INIT_RANGE}/fan-in (%(default)s)",
    )
    add(
        "--rubbish-penalty",
        type=above_0(LARGEST_J),
        metavar="J",
        help=f"j of eq. 9 ({paper.RUBBISH_PENALTY:g})",
    )
    add(
        "--penalty-scale",
        type=above_0(1000),
        default=paper.PENALTY_SCALE,
        help="factor of the penalties in the criterion (%(default)s)",
    )
    add("--seeds", type=whole(1, 1000), default=1, metavar="N", help="so many seeds, --seed first")
    add(
        "--jobs", type=whole(1, 1000), default=1, metavar="J", help="seeds learned at the same time"
    )
    add("--quiet", action="store_true", help="no progress bars")
    args = parser.parse_args(arguments)
    if args.criterion == "mle" and args.rubbish_penalty is not None:
        parser.error("--rubbish-penalty belongs to eq. 9: leave it out or use --criterion map")
    if args.jobs > args.seeds:
        parser.error("--jobs shares out seeds: ask for at least as many with --seeds")
    return args


def run(args: argparse.Namespace) -> None:
    # III-A: the data.
    train, test = data.load(args.dataset, args.data, progress=not args.quiet, warn=shout)
    full = len(train), len(test)
    train = cut(train, args.train_size, "--train-size")
    test = cut(test, args.test_size, "--test-size")
    settings = Settings(
        dataset=train.dataset,
        passes=args.passes,
        train_size=len(train),
        test_size=len(test),
        seed=args.seed,
        step_sizes=args.step_sizes,
        criterion=args.criterion,
        order=args.order,
        init=args.init,
        rubbish_penalty=args.rubbish_penalty or paper.RUBBISH_PENALTY,
        penalty_scale=args.penalty_scale,
    )
    print(f"{data.TITLES[train.dataset]}: {len(train):,} training, {len(test):,} test patterns")
    if args.seeds == 1:
        name = settings.folder_name(full)
        folder = chosen_folder(args.out) if args.out else free_folder(Path("runs") / name)
        learn(settings, folder, train, test, args.quiet)
    else:
        base = args.out or Path("runs")
        seeds = range(args.seed, args.seed + args.seeds)
        folders = several_seeds(
            learn, settings, full, seeds, base, train, test, args.jobs, args.quiet
        )
        into = base / f"{settings.folder_name(full)}-to-{seeds[-1]}"
        print(summarise(folders, seeds, train.dataset, into))
        print(f"\nseeds.csv, figure5.png: {into}")


def cut(patterns: Patterns, size: int | None, flag: str) -> Patterns:
    """The first `size` patterns, all without a size."""
    if size is not None and size > len(patterns):
        title = data.TITLES[patterns.dataset]
        raise InputError(f"{flag} {size}: {title} has {len(patterns)} patterns there; ask for less")
    return patterns if size is None else patterns.subset(size)


def learn(settings: Settings, folder: Path, train: Patterns, test: Patterns, quiet: bool) -> None:
    """One run: section III-B, then III-C, with everything it leaves in `folder`."""
    # II-B, II-C: the network and the criterion.
    network = LeNet5(seed=settings.seed, init=settings.init)
    j, scale = settings.rubbish_penalty, settings.penalty_scale
    criterion = MAP(j, scale) if settings.criterion == "map" else MLE(scale)

    # III-B: the passes.
    report = Report(folder, settings, [train.sha256(), test.sha256()])
    passes = training.train(
        network,
        criterion,
        train,
        test,
        schedules.paper_schedule(settings.passes),
        seed=settings.seed,
        per=settings.step_sizes,
        order=settings.order,
        quiet=quiet,
    )
    try:
        for result in passes:
            report.add(result, network)
            print(report.line(), flush=True)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(report.interrupted()) from None

    # III-C: the result beside the paper's.
    report.draw()
    print("\n" + report.table(network))
    print(f"\n{', '.join(FILES)}: {folder}")


def shout(reason: str) -> None:
    """Say in a line nobody can miss that the digits are not MNIST."""
    print(f"\n{'!' * 100}\n{reason}\n{'!' * 100}\n", flush=True)


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # names that the terminal's letters lack
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        run(args)
    except InputError as error:
        print(f"reproduce.py: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output has gone
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 2
    except OSError as error:  # a full disk, a folder that may not be written
        print(f"reproduce.py: {error.filename or 'a file'}: {error.strerror}", file=sys.stderr)
        return 2
    except FloatingPointError as error:
        print(f"reproduce.py: learning diverged: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        print(f"\nreproduce.py: {interrupt or 'interrupted'}", file=sys.stderr)
        return 130
    return 0


def interrupt(number: int, frame: object) -> NoReturn:
    """SIGTERM ends a run as Ctrl-C does: with nothing half-written."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    sys.exit(main())
