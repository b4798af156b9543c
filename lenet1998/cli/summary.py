"""The table of a network's layers."""

import argparse

from .command import Command
from .flags import add_settings, settings_from
from .parser import Parser

# The other parts change what the layers compute, not what the table says of them.
PARTS = ("network", "connections", "subsampling", "output", "codes", "learned_codes", "batch_norm")


def _flags(parser: Parser, words: list[str]) -> None:
    add_settings(parser, PARTS, common=True)


def _summary(args: argparse.Namespace) -> None:
    print(settings_from(args).network().summary())


SUMMARY = Command("summary", "[FLAGS]", "the layers and their sizes", _flags, _summary)
