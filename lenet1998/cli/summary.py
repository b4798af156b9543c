"""The table of a network's layers."""

import argparse

from ..network.design import Design
from ..network.lenet5 import LeNet5
from .command import Command
from .flags import add_settings, chosen_settings
from .parser import Parser

# The other parts change what the layers compute, not what the table says of them.
PARTS = ("network", "connections", "subsampling", "output", "codes", "learned_codes", "batch_norm")


def _flags(parser: Parser, words: list[str]) -> None:
    add_settings(parser, PARTS, common=True)


def _summary(args: argparse.Namespace) -> None:
    parts = {name: value for name, value in chosen_settings(args).items() if value is not None}
    print(LeNet5(design=Design(**parts)).summary())


SUMMARY = Command("summary", "[FLAGS]", "the layers and their sizes", _flags, _summary)
