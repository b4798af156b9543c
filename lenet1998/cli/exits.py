"""How a command ends: its exit status, and one line on stderr for everything that goes wrong."""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

PROGRAM = "lenet1998"  # in front of every message
INTERRUPTED = 130  # status of a shell's command that Ctrl-C ended


def run(arguments: list[str] | None) -> int:
    """Run a command and return its exit status (`cli.main`)."""
    try:
        _open_standard_streams()
        with _signals(_exit_at_once, signal.SIGINT, signal.SIGTERM):
            # They import NumPy.  An exception within its import may come out as another one.
            from . import commands
        words = sys.argv[1:] if arguments is None else arguments
        with _signals(_interrupt, signal.SIGTERM):
            return _answer(lambda: commands.run(words))
    except KeyboardInterrupt as interrupt:
        return _fail(str(interrupt) or "interrupted: give the same command again", INTERRUPTED)
    except MemoryError as error:
        what = f" ({_first_line(error)})" if str(error) else ""
        return _fail(f"memory ran out{what}: ask for less at a time, or for fewer --jobs")
    except ImportError as error:  # a package that is missing, or no memory to load one
        return _fail(f"cannot start: {_first_line(error.__cause__ or error)}")


def _answer(command: Callable[[], None]) -> int:
    """Run the command; the status of what it raises."""
    from ..files import InputError, one_line

    if isinstance(sys.stdout, io.TextIOWrapper):  # for characters that the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        command()
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


def _first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return str(error).strip().partition("\n")[0]


def _fail(reason: str, status: int = 2) -> int:
    """Print the reason on a line of its own and return the status."""
    with suppress(OSError):  # nobody reads stderr
        print(f"{PROGRAM}: {reason}", file=sys.stderr, flush=True)
    return status


def _open_standard_streams() -> None:
    """Open what was closed (`>&-`) as the null device, before a file gets its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], object], *numbers: int) -> Iterator[None]:
    """Handle these signals so within the block; ignored ones stay ignored."""
    previous = {}
    with suppress(ValueError):  # not the main thread
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                previous[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """SIGTERM raises KeyboardInterrupt, as Ctrl-C does."""
    raise KeyboardInterrupt


def _exit_at_once(number: int, frame: FrameType | None) -> NoReturn:
    """End the process while it starts: nothing is written yet."""
    os.write(2, f"{PROGRAM}: interrupted: give the same command again\n".encode())
    os._exit(INTERRUPTED)
