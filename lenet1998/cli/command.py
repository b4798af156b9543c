"""The record that describes a command of the program."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from .parser import Parser


@dataclass(frozen=True)
class Command:
    """One command, as the table in `commands.py` lists it.

    Attributes:
        name: the word that the user gives; empty for training, which needs none.
        usage: its arguments, for the usage line.
        help: one line for the list of commands.
        flags: adds its flags to a parser, given the words of the command line: the flags may
            depend on them.
        run: does what the user asks for.
    """

    name: str
    usage: str
    help: str
    flags: Callable[[Parser, list[str]], None]
    run: Callable[[argparse.Namespace], None]
