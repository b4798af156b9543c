"""How a command ends: its exit status, and one line on stderr for everything that goes wrong."""

# The less is imported here, the sooner the command answers Ctrl-C itself.
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

PROGRAM = "lenet1998"  # in front of every message
INTERRUPTED = 130  # status of a shell's command that Ctrl-C ended
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(arguments: list[str] | None) -> int:
    """Run a command and return its exit status (`cli.main`).

    Whenever Ctrl-C or SIGTERM comes, and however often, one line is printed.  Where the command is
    the process's own, later signals do nothing while the process ends.
    """
    with _Signals(restore=arguments is not None) as signals:
        try:
            _open_standard_streams()
            _prepare_numpy()
            # An exception within the import of NumPy may come out as another one.
            from . import commands

            signals.handle(_interrupt)
            return _answer(lambda: commands.run(sys.argv[1:] if arguments is None else arguments))
        except KeyboardInterrupt as interrupt:
            return _fail(_how_to_continue(interrupt), INTERRUPTED)
        except MemoryError as error:
            what = f" ({_first_line(error)})" if str(error) else ""
            return _fail(f"memory ran out{what}: ask for less at a time, or for fewer --jobs")
        except ImportError as error:  # a package that is missing, or no memory to load one
            return _fail(f"cannot start: {_first_line(error.__cause__ or error)}")


def _answer(command: "Callable[[], None]") -> int:
    """Run the command; the status of what it raises."""
    import io

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


def _how_to_continue(interrupt: BaseException | None) -> str:
    """The first message of an interrupt: the next signal may have come while it was passed on."""
    said = ""
    while interrupt is not None:
        if isinstance(interrupt, KeyboardInterrupt) and str(interrupt):
            said = str(interrupt)
        interrupt = interrupt.__context__
    return said or "interrupted: give the same command again"


def _first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return str(error).strip().partition("\n")[0]


def _fail(reason: str, status: int = 2) -> int:
    """Print the reason on a line of its own and return the status."""
    _ignore()  # no second line
    try:
        print(f"{PROGRAM}: {reason}", file=sys.stderr, flush=True)
    except OSError:
        return status  # nobody reads stderr
    return status


def _prepare_numpy() -> None:
    """One thread for NumPy, unless the environment says otherwise."""
    from ..threads import VARIABLES

    for name in VARIABLES:
        os.environ.setdefault(name, "1")


def _open_standard_streams() -> None:
    """Open what was closed (`>&-`) as the null device, before a file gets its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


class _Signals:
    """Context manager: who answers Ctrl-C and SIGTERM; at first `_exit_at_once`.

    Signals that are ignored stay ignored.  In a thread, where Python cannot handle signals, nothing
    changes.

    Args:
        restore: whether the handlers of before come back behind the block.
    """

    def __init__(self, restore: bool) -> None:
        self.restore = restore
        self.before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "_Signals":
        try:
            for one in _answered():
                self.before[one] = signal.signal(one, _exit_at_once)
        except ValueError:  # not the main thread
            pass
        return self

    def handle(self, handler: "Callable[[int, FrameType | None], object]") -> None:
        """From now on this handler answers them."""
        for one in self.before:
            signal.signal(one, handler)

    def __exit__(self, *_: object) -> None:
        for one, handler in self.before.items():
            signal.signal(one, handler if self.restore else signal.SIG_IGN)


def _answered() -> list[signal.Signals]:
    """Ctrl-C and SIGTERM, without those that are ignored or that another program handles."""
    return [one for one in SIGNALS if signal.getsignal(one) not in (signal.SIG_IGN, None)]


def _ignore() -> None:
    """The signals do nothing from now on: the command ends, or prints its last line."""
    try:
        for one in _answered():
            signal.signal(one, _nothing)
    except ValueError:  # not the main thread
        pass


def _nothing(number: int, frame: "FrameType | None") -> None:
    """Do nothing; with SIG_IGN Python prints a traceback for a signal that has just arrived."""


def _interrupt(number: int, frame: "FrameType | None") -> "NoReturn":
    """The first signal raises KeyboardInterrupt; the others do nothing."""
    _ignore()
    raise KeyboardInterrupt


def _exit_at_once(number: int, frame: "FrameType | None") -> "NoReturn":
    """End the process while it starts: nothing is written yet."""
    _ignore()
    os.write(2, f"{PROGRAM}: interrupted: give the same command again\n".encode())
    os._exit(INTERRUPTED)
