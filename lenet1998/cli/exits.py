"""How a command ends: its exit status, and one line on stderr for everything that goes wrong."""

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

PROGRAM = "lenet1998"  # in front of every message


def run(arguments: list[str] | None) -> int:
    """Run a command and return its exit status (`cli.main`)."""
    try:
        with _sigterm_interrupts():
            return _run(arguments)
    except KeyboardInterrupt as interrupt:
        print(f"\n{PROGRAM}: {str(interrupt) or 'interrupted'}", file=sys.stderr)
        return 130


def _run(arguments: list[str] | None) -> int:
    # These import NumPy, which takes a while: an interrupt meanwhile ends in one line too.
    from ..files import InputError, one_line
    from . import commands

    if isinstance(sys.stdout, io.TextIOWrapper):  # for characters that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        commands.run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except InputError as error:
        return _fail(str(error))
    except OSError as error:  # a full disk, a read-only folder
        if not isinstance(error, BrokenPipeError):  # whoever read the output has gone
            _fail(one_line(f"{error.filename or 'the output'}: {error.strerror or error}"))
        try:
            sys.stdout.flush()
        except OSError:  # Python would flush again at exit and print a message
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 2
    except FloatingPointError as error:
        return _fail(f"training diverged: {error}", 1)
    return 0


def _fail(reason: str, status: int = 2) -> int:
    """Print the reason and return the status."""
    print(f"{PROGRAM}: {reason}", file=sys.stderr)
    return status


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Within the block SIGTERM raises KeyboardInterrupt, as Ctrl-C does."""

    def interrupt(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    previous = None
    with suppress(ValueError):  # not the main thread
        previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)
