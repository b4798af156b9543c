"""The flags of reproduce.py, checked one by one and against each other."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from .. import paper
from ..data.catalogue import DATASETS
from ..experiments.catalogue import EXPERIMENTS
from ..fields import KEY, Setting, flag_name, number_type
from ..fields import parse as parse_setting
from ..files import InputError, one_line
from ..network.lenet5 import PRETRAINED, SHIPPED
from ..run.recipes import RECIPES, VARIANTS
from ..run.settings import DECLARED, choose

ANY = object()  # of --resume: whichever run has these settings; no Path, since "." is one too


class OneLineParser(argparse.ArgumentParser):
    """An argument parser that tells a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {one_line(message)} (--help lists the flags)\n")


def reads(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A flag's type: what `parse` makes of the text; its InputError becomes the flag's error."""

    def read(text: str) -> Any:
        try:
            return parse(text)
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


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


def add_setting(group: argparse._ArgumentGroup, name: str) -> None:
    """Add the flag of a declared setting, with its help and its default."""
    field = DECLARED[name]
    declared: Setting = field.metadata[KEY]
    says = declared.help
    if declared.needs:
        other, *values = declared.needs
        says += f"; for {flag_name(other)} {' or '.join(values)}"
    if "default" not in says and field.type is not bool:
        says += "" if field.default == () else f"; default {field.default}"
    how: dict[str, Any] = {"help": says.replace("%", "%%"), "default": None}
    if field.type is bool:
        how["action"] = "store_true"
    elif declared.choices:
        how["choices"] = declared.choices
    else:
        how["type"] = reads(partial(parse_setting, field))
        how["metavar"] = "N" if number_type(field) is int else "X"
    group.add_argument(flag_name(name), **how)


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
    for name in ("train_size", "test_size"):
        size = reads(partial(parse_setting, DECLARED[name]))
        says = f"only {DECLARED[name].metadata[KEY].help}"
        add(flag_name(name), type=size, metavar="N", help=says)
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

    group = parser.add_argument_group("many settings at once")
    group.add_argument(
        "--variant", choices=tuple(VARIANTS), help="the 1998 network or a modern one"
    )
    group.add_argument("--recipe", choices=tuple(RECIPES), help="a published course project")
    groups: dict[str, Any] = {}
    for name, field in DECLARED.items():
        declared: Setting = field.metadata[KEY]
        if declared.flag:
            if declared.section not in groups:
                groups[declared.section] = parser.add_argument_group(declared.section)
            add_setting(groups[declared.section], name)
    return parser, ["variant", "recipe", *(n for n, f in DECLARED.items() if f.metadata[KEY].flag)]


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The flags; `settings` is what they choose, over --variant or --recipe."""
    parser, learning = make_parser()
    args = parser.parse_args(arguments)
    refuse_contradictions(parser, args, learning)
    experiment = EXPERIMENTS[args.experiment]
    if args.jobs > args.seeds and not experiment.several:
        parser.error("--jobs shares out seeds: ask for at least as many with --seeds")
    if args.quick:
        args.passes, args.train_size = args.passes or 3, args.train_size or 3000
    chosen = {name: getattr(args, name) for name in learning if name in DECLARED}
    chosen.update(experiment.fixed)
    try:
        base = RECIPES[args.recipe].settings if args.recipe else VARIANTS[args.variant or "1998"]
        args.settings = choose(chosen, base)
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
