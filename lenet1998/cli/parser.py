"""An argument parser with a short and a long help; each error is one line with advice."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from textwrap import wrap
from typing import Any, NoReturn

from ..fields import OTHER_NAMES, flag_name
from ..files import InputError, nearest, one_line


def program() -> str:
    """How the user called this program, for the usage lines."""
    called = Path(sys.argv[0]).name
    if called == "reproduce.py":
        return "python reproduce.py"
    return "python -m lenet1998" if called == "__main__.py" else "lenet1998"


class Help(argparse.RawDescriptionHelpFormatter):
    """The layout of the help: names such as relu-maxpool-adam stay on one line."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width, break_on_hyphens=False)


class Parser(argparse.ArgumentParser):
    """The flags of one command.

    Args:
        task: the name of the command, for the error message "--flag has no effect with TASK".
        usage: what follows the program's name.
        description: the text before the flags.
        full: help shows every flag, otherwise those that are added as common.
        elsewhere: flags of other commands.
    """

    def __init__(
        self, task: str, usage: str, description: str, full: bool, elsewhere: set[str]
    ) -> None:
        super().__init__(
            prog=program(),
            usage=f"{program()} {usage}",
            description=description,
            formatter_class=partial(Help, max_help_position=22, width=80),
            allow_abbrev=False,
            add_help=False,
        )
        self.task, self.full, self.elsewhere = task, full, elsewhere
        self.groups: dict[str, argparse._ArgumentGroup] = {}
        self.shortened = False  # whether --help leaves flags out
        self.other_names: dict[str, str] = {}  # of choices, for the advice on a wrong one

    def add(self, section: str, *names: str, common: bool = True, **how: Any) -> None:
        """Add a flag or a positional argument under a heading of the help."""
        if section not in self.groups:
            self.groups[section] = self.add_argument_group(section)
        if not (common or self.full):
            self.shortened = True
            how["help"] = argparse.SUPPRESS
        self.groups[section].add_argument(*names, **how)

    def flags(self) -> list[str]:
        """The names of all flags."""
        return [name for action in self._actions for name in action.option_strings]

    def parse(self, words: list[str]) -> argparse.Namespace:
        """The values of the flags; any mistake ends the program with status 2."""
        add = partial(self.add, "help")
        add("-h", "--help", action="help", help="show this help")
        if self.shortened or self.full:
            add("--help-all", action="help", help="show every flag")
        args, unknown = self.parse_known_args(words)
        if unknown:
            flags = [word.split("=")[0] for word in unknown if word.startswith("-")]
            self.error(self._advice(flags[0]) if flags else f"{unknown[0]}: not expected here")
        return args

    def _advice(self, flag: str) -> str:
        """The error message for a flag that this command does not have."""
        if flag in self.elsewhere:
            return f"{flag} has no effect with {self.task}; remove it"
        known = self.flags()
        other = OTHER_NAMES.get(flag.removeprefix("--").replace("-", "_"), "")
        near = flag_name(other) if other else ""
        near = near if near in known else nearest(flag, known)
        return f"{flag}: " + (f"did you mean {near}?" if near else "no such flag")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """End the program for a value that is none of the choices, with the nearest of them."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices if choice != ""]
        given = value if str(value).strip() else repr(value)
        near = self.other_names.get(value) or nearest(str(value), choices)
        advice = f"did you mean {near}?" if near else f"choose from {', '.join(choices)}"
        self.error(f"{(action.option_strings or [action.dest])[0]} {given}: {advice}")

    def error(self, message: str) -> NoReturn:
        listed = "names" if message.endswith("required: NAME") else "flags"
        self.exit(2, f"lenet1998: {one_line(message)} (--help lists the {listed})\n")


def from_text(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """A flag's type: the result of `parse`; its InputError becomes the flag's error."""

    def read(text: str) -> Any:
        try:
            return parse(text)
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def whole(smallest: int, largest: int) -> Callable[[str], int]:
    """A flag's type: a whole number from `smallest` to `largest`."""

    def number(text: str) -> int:
        try:
            if smallest <= (value := int(text)) <= largest:
                return value
        except ValueError:
            pass
        expected = f"a whole number from {smallest} to {largest}"
        raise argparse.ArgumentTypeError(f"{text[:30]!r} is not {expected}")

    return number


def above_0(largest: float) -> Callable[[str], float]:
    """A flag's type: a number above 0 and at most `largest`."""

    def number(text: str) -> float:
        try:
            if 0 < (value := float(text)) <= largest:
                return value
        except ValueError:
            pass
        expected = f"a number above 0 and at most {largest:g}"
        raise argparse.ArgumentTypeError(f"{text[:30]!r} is not {expected}")

    return number


def folder(text: str) -> Path:
    """A flag's type: the name of a folder."""
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a folder")
    return Path(text)


def file(text: str, printable: bool = True) -> str:
    """A flag's type: the name of a file.

    Args:
        printable: refuse characters that cannot be printed, or written into results.
    """
    if not text.strip() or (printable and not text.isprintable()):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a file")
    return text
