"""Read digits: `predict FILE...`, also with `--string` and `--find`, and `draw`."""

import argparse
from functools import partial
from pathlib import Path
from textwrap import fill

from .. import paper
from ..data.catalogue import TITLES
from ..files import InputError, save_figure
from ..handwriting import answers as handwriting
from ..network.lenet5 import LeNet5
from ..network.weights import STRINGS, rejection_margin
from .command import Command
from .find import print_found
from .flags import add_network
from .loading import WIDTH, load_network, margin_command, strings_network
from .parser import Parser, above_0, file
from .strings import print_strings, probability


def _common_flags(parser: Parser) -> None:
    add_network(parser)
    parser.add(
        "answers",
        "--reject-below",
        type=above_0(1e6),
        metavar="M",
        help="reject when the second-smallest penalty minus the smallest is below M; the default "
        f"leaves {paper.REJECTION_ERROR} %% errors on the test set, where it is known; with "
        "--string, reject when the probability of the string is below M",
    )


def _predict_flags(parser: Parser, words: list[str]) -> None:
    says = "PNG or JPEG pictures, of one digit or more, or IDX files"
    read = partial(file, printable=False)
    parser.add("arguments", "files", nargs="+", type=read, metavar="FILE", help=says)
    _common_flags(parser)
    says = "draw every layer's state into this picture"
    parser.add("answers", "--states", metavar="PNG", help=says)
    says = "read each picture as one string of digits (VII), which may touch; default weights: "
    says += STRINGS
    parser.add("answers", "--string", action="store_true", help=says)
    says = "find digits of any size on each picture (VII-D); default weights: " + STRINGS
    parser.add("answers", "--find", action="store_true", help=says)
    says = "with --find, draw the page with boxes around the digits into this picture"
    parser.add("answers", "--boxes", metavar="PNG", help=says)


def _predict(args: argparse.Namespace) -> None:
    """Read digits from pictures, prepared as III-A prepares them."""
    if args.find:
        _find(args)
        return
    if args.boxes is not None:
        raise InputError("--boxes belongs to --find: add --find, or remove it")
    if args.string:
        print_strings(args.files, args.weights, args.reject_below, args.states)
        return
    network, weights = load_network(args.weights)
    below = _smallest_margin(args, weights)
    picture = _new_picture("--states", args.states)
    answers, read, wrong = [], [], []
    for path in args.files:
        try:
            answers += handwriting.predict(network, [path], below)
            read.append(path)
        except InputError as error:  # the others are answered all the same
            wrong.append(str(error))
    if not read:
        raise InputError("; ".join(wrong))
    print(handwriting.text(answers))
    print("\n" + "\n".join(_notes(network, weights, below)))
    if picture is not None:
        save_figure(handwriting.states(network, read), picture)
        print(f"\nevery layer's state: {picture}")
    if wrong:
        raise InputError("; ".join(wrong))


def _find(args: argparse.Namespace) -> None:
    """Find the digits of pages (VII-D)."""
    for flag, given in (
        ("--string", args.string), ("--states", args.states), ("--reject-below", args.reject_below)
    ):  # fmt: skip
        if given not in (None, False):
            raise InputError(f"{flag} has no effect with --find; remove it")
    print_found(args.files, args.weights, _new_picture("--boxes", args.boxes))


def _new_picture(flag: str, name: str | None) -> Path | None:
    """The file of a picture that is to be drawn; None where none is asked for.

    Raises:
        InputError: there is such a file, or it has another ending than .png.
    """
    if name is None:
        return None
    picture = Path(name)
    if picture.exists() or not picture.name:
        raise InputError(f"{flag} {name}: exists already or has no name; choose another")
    if picture.suffix.lower() != ".png":
        raise InputError(f"{flag} {name}: the picture is a PNG; give a name in .png")
    return picture


def _draw_flags(parser: Parser, words: list[str]) -> None:
    _common_flags(parser)
    says = "draw a string of digits (VII), which may touch; default weights: " + STRINGS
    parser.add("answers", "--string", action="store_true", help=says)


def _draw(args: argparse.Namespace) -> None:
    """Open a window to draw on."""
    if args.string:
        from ..handwriting.string_window import open_string_window

        name = STRINGS if args.weights is None else args.weights
        below = probability(args.reject_below)
        open_string_window(strings_network(name), below, f"LeNet-5, weights {name}")
        return
    from ..handwriting.window import open_window  # matplotlib is slow to import

    network, weights = load_network(args.weights)
    open_window(network, _smallest_margin(args, weights), f"LeNet-5, weights {weights}")


def _smallest_margin(args: argparse.Namespace, weights: str) -> float | None:
    """The smallest margin of an accepted answer: --reject-below, or that of the weights."""
    given: float | None = args.reject_below
    return rejection_margin(weights) if given is None else given


def _notes(network: LeNet5, weights: str, below: float | None) -> list[str]:
    """What the weights have learned, and what is rejected."""
    learned = TITLES.get(network.dataset, "data that their file does not name")
    lines = [fill(f"Weights {weights}, which have learned {learned}.", WIDTH)]
    if network.dataset == "fashion-mnist":
        lines.append("Their classes are clothes: the answers are not digits.")
    if below is None:
        lines += [
            "No answer is rejected: these weights have no margin to reject below.",
            "Give --reject-below M, or find it with",
            f"  {margin_command(network, weights)}",
        ]
    else:
        what = "The margin finds doubtful digits; it cannot find pictures that are not digits."
        lines.append(fill(f"Rejected: margins below {below:.4g}. {what}", WIDTH))
    return lines


PREDICT = Command(
    "predict", "FILE... [FLAGS]", "read digits from pictures", _predict_flags, _predict
)
DRAW = Command("draw", "[FLAGS]", "draw digits and see what the network sees", _draw_flags, _draw)
