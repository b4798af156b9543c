"""The table of a network's layers."""

import argparse

from ..fields import settings_of
from ..network.design import Design
from .command import Command
from .flags import add_settings, settings_from
from .parser import Parser


def _flags(parser: Parser, words: list[str]) -> None:
    add_settings(parser, tuple(settings_of(Design)), common=True)


def _summary(args: argparse.Namespace) -> None:
    print(settings_from(args).network().summary())


SUMMARY = Command("summary", "[FLAGS]", "the layers and their sizes", _flags, _summary)
