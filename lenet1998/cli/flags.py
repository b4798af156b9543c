"""The flags of reproduce.py, checked one by one and against each other."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from .. import paper
from ..data.catalogue import DATASETS
from ..experiments.catalogue import EXPERIMENTS
from ..files import InputError, one_line
from ..network.design import CHOICES
from ..network.lenet5 import PRETRAINED, SHIPPED
from ..run.recipes import RECIPES
from ..run.settings import KNOWN, LIMITS, VARIANTS, Settings, complete

ANY = object()  # of --resume: whichever run has these settings; no Path, since "." is one too


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {one_line(message)} (--help lists the flags)\n")


def whole(smallest: float, largest: float) -> Callable[[str], int]:
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


def a_file(text: str) -> str:
    """A flag's type: the name of a file."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a file")
    return text


def numbers(text: str) -> tuple[float, ...]:
    """A flag's type: numbers above 0, with commas between them."""
    return tuple(above_0(LIMITS["learning_rate"][1])(part) for part in text.split(","))


def places(text: str) -> tuple[int, ...]:
    """A flag's type: whole numbers from 2, with commas between them."""
    return tuple(whole(2, 10_000)(part) for part in text.split(","))


def not_negative(largest: float) -> Callable[[str], float]:
    """A flag's type: 0, or a number above it and at most `largest`."""
    above = above_0(largest)
    return lambda text: 0.0 if text.strip() in ("0", "0.0") else above(text)


def make_parser() -> tuple[OneLineParser, list[str]]:
    """The parser of all flags, and the names of those that say what is learned and how."""
    parser = OneLineParser(
        prog="reproduce.py", description="Train LeNet-5 exactly as published in 1998."
    )
    add = parser.add_argument_group("what").add_argument
    add(
        "--experiment",
        choices=tuple(EXPERIMENTS),
        default="learning-curve",
        help="of section III (%(default)s)",
    )
    add(
        "--weights",
        type=a_file,
        metavar="W",
        help="network of the experiments that train none, of --predict and of --draw: "
        f"{', '.join(PRETRAINED)}, or a weights.npz ({SHIPPED})",
    )
    add(
        "--predict",
        nargs="+",
        type=a_file,
        metavar="FILE",
        help="read digits from PNG pictures or IDX files",
    )
    add(
        "--draw",
        action="store_true",
        help="open a window to draw a digit in; it shows every layer's state meanwhile",
    )
    add(
        "--reject-below",
        type=above_0(1e6),
        metavar="M",
        help="--predict and --draw reject where the smallest penalties are nearer than this: for "
        f"our weights what leaves {paper.REJECTION_ERROR} %% of errors on MNIST's test set",
    )
    add("--states", metavar="PNG", help="--predict draws every layer's state into this picture")
    add("--summary", action="store_true", help="only the table of the network's layers")

    add = parser.add_argument_group("data and results").add_argument
    add(
        "--dataset",
        choices=DATASETS,
        help="auto: MNIST, or digits printed from the package's bitmaps where there is none (auto)",
    )
    add("--data", type=a_folder, metavar="DIR", help="folder with the four IDX files")
    size = whole(*LIMITS["train_size"])
    add("--train-size", type=size, metavar="N", help="only the first N training patterns")
    add("--test-size", type=size, metavar="N", help="only the first N test patterns")
    add(
        "--out",
        type=a_folder,
        metavar="DIR",
        help="folder of the results, or, of several runs, the folder that holds theirs (runs)",
    )
    add("--quick", action="store_true", help="a small ablation: 3 passes over 3,000 patterns")
    add("--seeds", type=whole(1, 1000), default=1, metavar="N", help="so many seeds, --seed first")
    add("--jobs", type=whole(1, 1000), default=1, metavar="J", help="runs learned at the same time")
    add("--quiet", action="store_true", help="no progress bars")
    add("--config", type=Path, metavar="FILE", help="repeat the run of this config.json")
    add(
        "--resume",
        nargs="?",
        type=a_folder,
        const=ANY,
        metavar="DIR",
        help="go on with the interrupted run in DIR, or with those that the other flags tell",
    )

    group = parser.add_argument_group(
        "the network and its learning", "the first choice of each is the paper's"
    )
    add = group.add_argument
    add("--variant", choices=tuple(VARIANTS), help="all the parts of 1998, or modern ones at once")
    add("--recipe", choices=tuple(RECIPES), help="a published student system")
    add(
        "--passes", type=whole(*LIMITS["passes"]), help=f"through the training set ({paper.PASSES})"
    )
    add("--seed", type=whole(*LIMITS["seed"]), help="of weights and order (0)")
    add(
        "--patterns",
        choices=KNOWN["patterns"],
        help="as they are, distorted (III-B) or noisy (III-E)",
    )
    for name, what in (
        ("connections", "of C3: Table I, or all"),
        ("subsampling", "trainable, or plain pooling"),
        ("activation", "A tanh(S a), or another"),
        ("output", "distances to codes, or sums"),
        ("codes", "of the RBF units"),
        ("input_range", "-0.1 to 1.175, 0 to 1, or mean 0 and variance 1"),
    ):
        add(f"--{name.replace('_', '-')}", choices=CHOICES[name], help=what)
    add("--batch-norm", action="store_true", default=None, help="after C1 and C3")
    add("--criterion", choices=KNOWN["criterion"], help="eq. 9, eq. 8, or that of softmax")
    add(
        "--rubbish-penalty",
        type=above_0(LIMITS["rubbish_penalty"][1]),
        metavar="J",
        help=f"j of eq. 9 ({paper.RUBBISH_PENALTY:g})",
    )
    add(
        "--penalty-scale",
        type=above_0(LIMITS["penalty_scale"][1]),
        metavar="S",
        help=f"factor of the penalties in the criterion ({paper.PENALTY_SCALE:g})",
    )
    add("--init", choices=KNOWN["init"], help="rule of the first weights")
    add("--optimizer", choices=KNOWN["optimizer"], help="what a gradient does; sdlm is appendix C")
    add("--step-sizes", choices=KNOWN["step_sizes"], help="whose curvature makes a step of sdlm")
    add("--schedule", choices=KNOWN["schedule"], help="of the global rate")
    add(
        "--learning-rate",
        type=numbers,
        metavar="R",
        help="global rate of the first pass, or for --schedule step several, with commas",
    )
    add("--step-at", type=places, metavar="P", help="first passes of the rates of --schedule step")
    add(
        "--warmup", type=whole(1, 10_000), metavar="N", help="passes before --schedule cosine falls"
    )
    add("--warmup-from", type=above_0(LIMITS["warmup_from"][1]), metavar="R", help="its first rate")
    add("--momentum", type=not_negative(LIMITS["momentum"][1]), metavar="M")
    add("--weight-decay", type=not_negative(LIMITS["weight_decay"][1]), metavar="L")
    add("--batch-size", type=whole(*LIMITS["batch_size"]), metavar="N", help="of an update (1)")
    add(
        "--pass-size",
        type=size,
        metavar="N",
        help="patterns of a pass; the next goes on behind them (all of them once)",
    )
    add("--order", choices=KNOWN["order"], help="one random order, or a new one each pass")

    return parser, [action.dest for action in group._group_actions]


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The flags; `settings` holds those of `Settings`, completed by --variant or --recipe."""
    parser, learning = make_parser()
    args = parser.parse_args(arguments)
    refuse_contradictions(parser, args, learning)
    experiment = EXPERIMENTS[args.experiment]
    if args.jobs > args.seeds and not experiment.several:
        parser.error("--jobs shares out seeds: ask for at least as many with --seeds")
    if args.quick:
        args.passes, args.train_size = args.passes or 3, args.train_size or 3000
    chosen = {name: getattr(args, name) for name in learning}
    chosen.update(experiment.fixed)
    try:
        base = RECIPES[args.recipe].settings if args.recipe else VARIANTS[args.variant or "1998"]
        args.settings = complete(chosen, base)
        Settings("mnist", **args.settings)
    except InputError as error:
        parser.error(str(error))
    if args.dataset is None:
        args.dataset = RECIPES[args.recipe].dataset if args.recipe else "auto"
    return args


def refuse_contradictions(
    parser: OneLineParser, args: argparse.Namespace, learning: Sequence[str]
) -> None:
    """End with one line where a flag was given that what was asked for does not take."""
    reads = "--draw" if args.draw else "--predict" if args.predict else ""
    experiment = EXPERIMENTS[args.experiment]
    task = reads or f"--experiment {args.experiment}"
    refused = [*experiment.fixed]
    if experiment.trains and not reads:
        takes = learning if experiment.takes is None else experiment.takes
        refused += [name for name in learning if name not in takes]
    else:
        refused += [*learning, "seeds", "jobs", "summary", "config", "resume"]
    if reads:
        refused += ["experiment", "dataset", "data", "train_size", "test_size", "out", "quiet"]
    else:
        refused += ["reject_below"] + ["weights"] * (not experiment.reads_weights)
    if args.draw:
        refused += ["predict"]
    if reads != "--predict":
        refused += ["states"]
    if experiment.several:
        refused += ["summary"]  # there are many networks
    if not experiment.quick:
        refused += ["quick"]
    for name in refused:
        if getattr(args, name) != parser.get_default(name):
            parser.error(f"--{name.replace('_', '-')} says nothing to {task}: leave it out")
    if args.config or args.resume not in (None, ANY):
        task = "--config" if args.config else "--resume DIR"
        given = [*learning, "experiment", "dataset", "train_size", "test_size", "seeds", "jobs"]
        if args.resume:
            given += ["out"]
        for name in given:
            if getattr(args, name) != parser.get_default(name):
                flag = f"--{name.replace('_', '-')}"
                parser.error(f"{flag} contradicts {task}, which tells all of that: leave it out")
        if args.config and args.resume:
            parser.error("--config and --resume both tell a run: give one")
    if args.variant and args.recipe:
        parser.error("--variant and --recipe both say what the network is: give one")
