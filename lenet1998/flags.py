"""The flags of reproduce.py, checked one by one and against each other."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from . import data, layer, paper, sdlm, training
from .copies import TRAINED_ON
from .criterion import LARGEST_J
from .evaluation import REJECT_BELOW
from .experiments import FILES, LEARNING
from .lenet5 import PRETRAINED, SHIPPED


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
        "--patterns",
        choices=TRAINED_ON,
        default="original",
        help="learn from them as they are, or from distorted (III-B) or noisy (III-E) copies",
    )
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
    add(
        "--experiment",
        choices=tuple(FILES),
        default="learning-curve",
        help="of section III (%(default)s)",
    )
    add(
        "--weights",
        metavar="W",
        help=f"network of the experiments that train none, and of --predict: "
        f"{', '.join(PRETRAINED)}, or a weights.npz ({SHIPPED})",
    )
    add(
        "--predict",
        nargs="+",
        metavar="FILE",
        help="read digits from PNG pictures or IDX files instead of learning",
    )
    add(
        "--reject-below",
        type=above_0(1e6),
        metavar="M",
        help="--predict rejects where the two smallest penalties are nearer than this "
        f"({REJECT_BELOW:g})",
    )
    add("--states", metavar="PNG", help="--predict draws every layer's state into this picture")
    add("--seeds", type=whole(1, 1000), default=1, metavar="N", help="so many seeds, --seed first")
    add(
        "--jobs", type=whole(1, 1000), default=1, metavar="J", help="seeds learned at the same time"
    )
    add("--quiet", action="store_true", help="no progress bars")
    args = parser.parse_args(arguments)
    if args.criterion == "mle" and args.rubbish_penalty is not None:
        parser.error("--rubbish-penalty belongs to eq. 9: leave it out or use --criterion map")
    refuse_contradictions(parser, args)
    if args.jobs > args.seeds:
        parser.error("--jobs shares out seeds: ask for at least as many with --seeds")
    return args


# Flags of learning, which nothing else takes; and of reading pictures.
LEARNING_FLAGS = (
    *("passes", "seed", "patterns", "step_sizes", "criterion", "order", "init"),
    *("rubbish_penalty", "penalty_scale", "seeds", "jobs"),
)
PREDICT_FLAGS = ("reject_below", "states")


def refuse_contradictions(parser: OneLineParser, args: argparse.Namespace) -> None:
    """End with one line where a flag was given that what was asked for does not take."""
    learning = args.experiment in LEARNING and not args.predict
    task = "--predict" if args.predict else f"--experiment {args.experiment}"
    refused: list[str] = []
    if learning:
        refused += ["weights"]
    else:
        refused += LEARNING_FLAGS
    if args.predict:
        refused += ["experiment", "dataset", "data", "train_size", "test_size", "out", "quiet"]
    else:
        refused += PREDICT_FLAGS
    if args.experiment in ("baselines", "cost"):
        refused += ["weights"]
    if args.experiment == "distortions":
        refused += ["patterns"]
    for name in refused:
        if getattr(args, name) != parser.get_default(name):
            parser.error(f"--{name.replace('_', '-')} says nothing to {task}: leave it out")
