"""Continue a run that was interrupted or make one longer, or repeat a run of before."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..experiments.reports import comparison
from ..files import InputError, quoted
from ..run.config import differences, read_config
from ..run.folder import chosen_folder, existing_run, finished, free_folder
from ..run.learn import learn
from ..run.longer import check, lengthen
from ..run.settings import Settings
from .command import Command
from .flags import kept
from .loading import load_patterns, print_files
from .parser import Parser, folder, whole


def repeat(path: Path, args: argparse.Namespace, into: Path | None = None) -> None:
    """Train with the settings of a config.json.

    Args:
        into: the folder of the interrupted run to continue; default: a new one.
    """
    settings, config = read_config(path)
    passes = getattr(args, "passes", None)
    if into and passes:
        check(into, settings, passes)
    elif into and finished(into, settings):
        raise InputError(
            f"{into}: this run has ended; --passes N adds passes, --config {quoted(path)} "
            "repeats it"
        )
    own = settings.dataset == "custom"
    if own and args.data is None:
        raise InputError(f"{path}: this run used your own files: give their folder with --data")
    dataset = "auto" if own else settings.dataset
    train, test, full = load_patterns(dataset, args, settings.train_size, settings.test_size)
    if [train.sha256(), test.sha256()] != config["data_sha256"]:
        raise InputError(
            f"{path}: this run used other data (SHA-256 differs): give its folder with --data"
        )
    for line in differences(config):
        print(line)
    if into is None:
        name = settings.folder_name(full)
        into = chosen_folder(args.out) if args.out else free_folder(Path("runs") / name)
    elif passes:
        settings = lengthen(into, settings, passes, train, test)
    with telling_run(into, settings):
        learn(settings, into, train, test, args.quiet, args.verbose, kept(args))
        if settings.recipe:
            print(comparison(settings, [into], test))
        print_files(into)


@contextmanager
def telling_run(into: Path, settings: Settings) -> Iterator[None]:
    """Say it after Ctrl-C, where the run itself does not: before its first pattern, at its end."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if str(interrupt) or not (into / "config.json").exists():
            raise
        how = f"continue with: lenet1998 resume {quoted(into)}"
        if finished(into, settings):
            how = f"the run is complete, in {into}"
        raise KeyboardInterrupt(f"interrupted; {how}") from None


def _flags(parser: Parser, words: list[str]) -> None:
    parser.add("arguments", "folder", type=folder, metavar="DIR", help="the folder of the run")
    says = "make a finished run longer, up to N passes in all"
    parser.add("flags", "--passes", type=whole(1, 10_000), metavar="N", help=says)
    parser.add("flags", "--data", type=folder, metavar="DIR", help="folder with the IDX files")
    parser.add("flags", "--quiet", action="store_true", help="no progress bar")
    says = "print each layer's learning rates after every pass"
    parser.add("flags", "--verbose", action="store_true", help=says)


def _resume(args: argparse.Namespace) -> None:
    given = args.folder
    into = given.parent if given.name == "config.json" and given.is_file() else given
    path = existing_run(into) / "config.json"
    if not path.exists() and any(into.glob("*/config.json")):
        raise InputError(
            f"{into}: contains runs but is not one: give the folder of one, or --resume "
            "with the command that started them"
        )
    repeat(path, args, into)


RESUME = Command(
    "resume",
    "DIR [FLAGS]",
    "continue an interrupted run, or add passes",
    _flags,
    _resume,
)
