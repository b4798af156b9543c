"""The table of commands.  A new command is a record in a file beside this one and a line here."""

from ..files import InputError, did_you_mean
from ..version import __version__
from .command import Command
from .experiments import EXPERIMENT, RECIPE
from .page import PAGE
from .parser import Parser, program
from .reading import DRAW, PREDICT
from .resume import RESUME
from .summary import SUMMARY
from .training import TRAIN

COMMANDS = {one.name: one for one in (PREDICT, DRAW, PAGE, EXPERIMENT, RECIPE, SUMMARY, RESUME)}


def run(words: list[str]) -> None:
    """Do what the words of the command line ask for.

    Raises:
        InputError: a mistake of the user.
        SystemExit: after --help and --version, and for flags that are wrong.
    """
    words = _new_spelling(words)
    command = TRAIN
    if words and not words[0].startswith("-"):
        if words[0] not in COMMANDS:
            expected = f"; expected {', '.join(COMMANDS)}; to train, give flags only"
            flag = f"--{words[0]}"
            meant = f"; did you mean {flag}?" if flag in ("--help", "--version") else ""
            advice = meant or did_you_mean(words[0], COMMANDS) or expected
            raise InputError(f"{words[0]}: no such command{advice}")
        command, words = COMMANDS[words[0]], words[1:]
    parser = make_parser(command, words)
    command.run(parser.parse(words))


def make_parser(command: Command, words: list[str], flags_elsewhere: bool = True) -> Parser:
    """The parser of a command.

    Args:
        words: the command line after the command.
        flags_elsewhere: it recognises the flags of other commands, to say so.
    """
    names = " ".join(filter(None, (command.name, command.usage)))
    first = words[0] if words and not words[0].startswith("-") else ""
    task = " ".join(filter(None, (command.name, first))) or "training"
    parser = Parser(
        task if command.name in ("", "experiment") else command.name,
        names,
        f"{command.help[0].upper()}{command.help[1:]}.",
        "--help-all" in words,
        _all_flags() if flags_elsewhere else set(),
    )
    command.flags(parser, words)
    if command is TRAIN:
        parser.usage = f"{program()} [FLAGS]\n       {program()} COMMAND ..."
        listed = [f"  {f'{c.name} {c.usage}':28} {c.help}" for c in COMMANDS.values()]
        parser.description = (
            "Train LeNet-5 exactly as published in 1998, or with COMMAND:\n\n" + "\n".join(listed)
        )
        version = f"lenet1998 {__version__}"
        parser.add("help", "--version", action="version", version=version, help="show the version")
    return parser


def _all_flags() -> set[str]:
    """The flags of all commands."""
    found: set[str] = set()
    for command in (TRAIN, *COMMANDS.values()):
        names = ("ablation", "rejection", "systems", "strings") if command is EXPERIMENT else ()
        for words in ([], *([name] for name in names)):
            found.update(make_parser(command, words, False).flags())
    return found


def _new_spelling(words: list[str]) -> list[str]:
    """The command line with the command in front: --experiment NAME was its older spelling."""
    for name in () if words and words[0] in COMMANDS else COMMANDS:
        if (flag := f"--{name}") in words:
            before, after = words[: words.index(flag)], words[words.index(flag) + 1 :]
            if name != "resume" or (after and not after[0].startswith("-")):  # else a flag of now
                return [name, *after, *before]
    return words
