"""Write the network as a page for a browser: `page OUT.html`."""

import argparse
from pathlib import Path

from ..files import InputError
from ..network.weights import PRETRAINED, rejection_margin, weights_path
from ..page.build import beside_shipped, shipped, write_page
from .command import Command
from .flags import add_network
from .loading import load_network, margin_command
from .parser import Parser, file

SUFFIXES = (".html", ".htm")


def _flags(parser: Parser, words: list[str]) -> None:
    says = "the page to write; an older one is replaced"
    parser.add("arguments", "page", type=file, metavar="OUT.html", help=says)
    add_network(parser)


def _page(args: argparse.Namespace) -> None:
    """Write the page with the shipped weights, those of --weights first."""
    path = Path(args.page)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: the page is an HTML file; give a name that ends in .html")
    if path.is_dir():
        raise InputError(f"{path}: a folder is there; give the name of a file")
    trainings, command = shipped(), ""
    if args.weights in PRETRAINED:
        trainings.sort(key=lambda training: training.name != args.weights)
    elif args.weights is not None:
        network, weights = load_network(args.weights)
        trainings = beside_shipped(_name(weights), network, rejection_margin(weights))
        command = margin_command(network, weights)
    write_page(path, trainings)
    print(f"{path}: open it in a browser; it needs no network")
    if trainings[0].reject_below is None:
        print("No answer is rejected there: these weights have no margin to reject below.")
        print(f"Find it with\n  {command}")


def _name(weights: str) -> str:
    """A word for weights of one's own: the folder of a run, or the file."""
    path = weights_path(weights).resolve()
    return path.parent.name if path.name == "weights.npz" else path.stem


PAGE = Command("page", "OUT.html [FLAGS]", "write LeNet-5 as a page for a browser", _flags, _page)
