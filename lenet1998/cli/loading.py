"""What several commands read and print: the patterns, a network, the files of a folder."""

import argparse
from pathlib import Path
from textwrap import fill

from .. import paper
from ..data import datasets
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import InputError, quoted
from ..network.lenet5 import LeNet5
from ..network.weights import SHIPPED, STRINGS

WIDTH = 80  # columns of what is printed
QUICK = {"passes": 2, "train_size": 1500}  # of --quick


def load_patterns(
    dataset: str, args: argparse.Namespace, train_size: int | None, test_size: int | None
) -> tuple[Patterns, Patterns, tuple[int, int]]:
    """Training and test patterns, and how many the data set has of both."""
    train, test = datasets.load(dataset, args.data, progress=not args.quiet, warn=_warn)
    full = len(train), len(test)
    if train_size is None and getattr(args, "quick", False):
        train_size = min(len(train), QUICK["train_size"])
    train = _first(train, train_size, "--train-size")
    test = _first(test, test_size, "--test-size")
    print(f"{TITLES[train.dataset]}: {len(train):,} training, {len(test):,} test patterns")
    return train, test, full


def load_network(weights: str | None) -> tuple[LeNet5, str]:
    """The network of --weights and its name: shipped weights, a file, or the folder of a run.

    Raises:
        InputError: as `LeNet5.load`; and for a network that reads strings or another version of
            the database.
    """
    name = SHIPPED if weights is None else weights
    network = LeNet5.named(name)
    if network.classes != paper.CLASSES:
        raise InputError(
            f"--weights {name}: a network for strings, with {network.classes} classes: give "
            "weights for single digits"
        )
    if network.design.database != "regular":
        raise InputError(
            f"--weights {name}: a network of the {network.design.database} database, which this "
            "command does not make; give weights of a network that reads the regular one"
        )
    return network, name


def strings_network(weights: str) -> LeNet5:
    """The network of --weights for strings (VII): shipped weights, a file, or a run's folder.

    Raises:
        InputError: as `LeNet5.load`; and for a network of single digits.
    """
    network = LeNet5.named(weights)
    if network.classes != paper.CLASSES + 1:
        raise InputError(
            f"--weights {weights}: a network for single digits, with {network.classes} classes: "
            f"use a network that learned strings, such as the weights {STRINGS}"
        )
    return network


def margin_command(network: LeNet5, weights: str) -> str:
    """The command that finds the margin to reject below, on the data that the weights learned."""
    flags = {"custom": " --data DIR", "mnist": "", "": ""}
    data = flags.get(network.dataset, f" --dataset {network.dataset}")
    return f"lenet1998 experiment rejection --weights {quoted(weights)}{data}"


def print_files(folder: Path) -> None:
    """Print the names of the files in a folder of results."""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    print(f"\nResults in {folder}:")
    print(fill(", ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  "))


def _first(patterns: Patterns, size: int | None, flag: str) -> Patterns:
    """The first `size` patterns, all without a size."""
    if size is not None and size > len(patterns):
        title = TITLES[patterns.dataset]
        raise InputError(f"{flag} {size}: {title} has {len(patterns)} patterns there; ask for less")
    return patterns if size is None else patterns.subset(size)


def _warn(reason: str) -> None:
    """Say in a line nobody can miss that the digits are not MNIST."""
    line = "!" * WIDTH
    print(f"\n{line}\n{fill(reason, WIDTH)}\n{line}\n", flush=True)
