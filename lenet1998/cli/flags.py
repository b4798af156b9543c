"""The flags that several commands share; those of the settings are made from their declarations."""

import argparse
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from ..data.catalogue import DATASETS
from ..fields import KEY, Setting, flag_name, number_type
from ..fields import parse as parse_setting
from ..files import InputError
from ..network.weights import SHIPPED
from ..run.run import STEPS, WEIGHTS
from ..run.settings import DECLARED, Settings, choose
from ..run.variants import VARIANTS
from .parser import Parser, file, folder, from_text, whole

# Flags of the settings that `--help` shows; `--help-all` shows all.
COMMON = ("passes", "seed", "patterns", "connections", "subsampling", "activation", "output")
SETTINGS = tuple(name for name, field in DECLARED.items() if field.metadata[KEY].flag)
RUNS = ("jobs", "scheduler", "resume")  # flags of experiments that leave folders of runs
DEFAULTS = {  # of flags; of the others None
    "seeds": 1, "jobs": 1, "resume": False, "quick": False, "from_scratch": False,
    "choose": False,
}  # fmt: skip
ORDER = ("the network", "the training")  # of the headings


def add_data(parser: Parser, training: bool = True, default: str = "auto") -> None:
    """--dataset, --data, --test-size, and --train-size where training patterns are read.

    Args:
        default: what the help says is the default of --dataset.
    """
    add = partial(parser.add, "data and results")
    add(
        "--dataset",
        metavar="NAME",
        choices=DATASETS,
        help="mnist, fashion-mnist (clothes), printed (made from the package's bitmaps), or auto "
        f"(mnist, else printed); default {default}",
    )
    add("--data", type=folder, metavar="DIR", common=False, help="folder with the four IDX files")
    for name in ("train_size", "test_size") if training else ("test_size",):
        parse = from_text(partial(parse_setting, DECLARED[name]))
        says = f"only {DECLARED[name].metadata[KEY].help}"
        common = name == "train_size" or not training
        add(flag_name(name), type=parse, metavar="N", common=common, help=says)


def add_results(parser: Parser, quiet: bool = True) -> None:
    """--out, and --quiet where there are progress bars."""
    add = partial(parser.add, "data and results")
    says = "folder of the results; default: a new one in runs"
    add("--out", type=folder, metavar="DIR", help=says)
    if quiet:
        add("--quiet", action="store_true", common=False, help="no progress bars")


def add_runs(parser: Parser, verbose: bool = True, in_turn: bool = False) -> None:
    """--seeds; the flags of `RUNS`; what a single run prints and keeps.

    Args:
        verbose: there may be a single run.
        in_turn: without the flags of `RUNS`.
    """
    add = partial(parser.add, "data and results")
    says = "runs, each with its own seed, from --seed on; default 1"
    add("--seeds", type=whole(1, 1000), default=1, metavar="N", help=says)
    if not in_turn:
        says = "number of runs at the same time; default 1"
        add("--jobs", type=whole(1, 1000), default=1, metavar="N", common=False, help=says)
        says = "make the runs on the workers of this Dask scheduler (tcp://HOST:PORT)"
        add("--scheduler", type=file, metavar="ADDRESS", common=False, help=says)
        says = "continue interrupted runs of the same settings"
        add("--resume", action="store_true", common=False, help=says)
    if verbose:
        says = "print each layer's learning rates after every pass, of a single run"
        add("--verbose", action="store_true", common=False, help=says)
        says = "write the loss and the error of every batch, of a single run, as steps.csv"
        add("--log-steps", action="store_true", common=False, help=says)
        says = "keep the weights of every pass, of a single run, as weights-001.npz and so on"
        add("--keep-weights", action="store_true", common=False, help=says)


def kept(args: argparse.Namespace) -> tuple[str, ...]:
    """What a single run leaves besides its usual files (`run.run.KEEP`)."""
    flags = {STEPS: "log_steps", WEIGHTS: "keep_weights"}
    return tuple(what for what, name in flags.items() if getattr(args, name, False))


def add_network(parser: Parser) -> None:
    """--weights, of a network that is only read."""
    says = "trained on MNIST: 1998 (as it is), distortions, noise; or a run's folder or a "
    says += f"weights.npz; default {SHIPPED}"
    parser.add("the network", "--weights", type=file, metavar="W", help=says)


def add_settings(
    parser: Parser,
    names: Collection[str] = SETTINGS,
    variant: bool = True,
    common: bool = False,
    base: Mapping[str, Any] = {},
) -> None:
    """The flags of these settings, and --variant.

    Args:
        base: defaults of a recipe or an experiment, where they are not those of the settings.
        common: `--help` shows all of them.
    """
    if variant:
        says = "all parts: 1998, modern (full, max, relu, softmax, Adam) or today (modern, "
        says += "shuffled, cosine); default 1998"
        parser.add("the network", "--variant", metavar="NAME", choices=tuple(VARIANTS), help=says)
    for heading in ORDER:
        for name in names:
            declared: Setting = DECLARED[name].metadata[KEY]
            if declared.section == heading:
                default = base.get(name, DECLARED[name].default)
                _add_setting(parser, name, declared, common or name in COMMON, default)


def _add_setting(parser: Parser, name: str, declared: Setting, common: bool, default: Any) -> None:
    """The flag of a setting, with its help, its choices and its default."""
    field = DECLARED[name]
    how: dict[str, Any] = {"default": None}
    said = [declared.help]
    if field.type is bool:
        how["action"] = argparse.BooleanOptionalAction
    elif declared.choices:
        how |= {"choices": declared.choices, "metavar": "NAME"}
    else:
        text = field.type is str
        how["type"] = file if text else from_text(partial(parse_setting, field))
        how["metavar"] = {int: "N", float: "X", str: "W"}[number_type(field)]
    if declared.needs:
        other, *values = declared.needs
        said.append(f"for {flag_name(other)} {' or '.join(values)}".strip())
    if "default" not in declared.help and field.type is not bool and default not in ((), ""):
        said.append(f"default {default:g}" if isinstance(default, float) else f"default {default}")
    how["help"] = "; ".join(said).replace("%", "%%")
    parser.add(declared.section, flag_name(name), common=common, **how)


def settings_from(
    args: argparse.Namespace,
    base: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings that the flags choose.

    Args:
        base: settings of a recipe; default: those of --variant.
        fixed: settings that cannot be chosen.

    Raises:
        InputError: they contradict each other.
    """
    chosen = chosen_settings(args)
    variant = VARIANTS[getattr(args, "variant", None) or "1998"]
    return choose({**chosen, **(fixed or {})}, dict(variant if base is None else base))


def chosen_settings(args: argparse.Namespace) -> dict[str, Any]:
    """The value of every setting that has a flag; None where the flag was not given."""
    return {name: getattr(args, name, None) for name in SETTINGS}


def refuse(args: argparse.Namespace, names: Collection[str], why: Callable[[str], str]) -> None:
    """Refuse flags that were given.

    Args:
        names: of the flags' values.
        why: the message about a flag.

    Raises:
        InputError: one of them was given.
    """
    for name in names:
        default = DEFAULTS.get(name)
        if (given := getattr(args, name, default)) != default:
            flag = flag_name(name)
            raise InputError(why(flag.replace("--", "--no-") if given is False else flag))
