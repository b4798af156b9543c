"""A process of the pool: it makes one run after another and prints nothing.

The module imports nothing that takes memory or time, so that a process is silent before it does.
"""

import os
import signal
import sys
import tempfile
import threading
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from .stop import StopOnSignal

if TYPE_CHECKING:
    from ..data.patterns import Patterns
    from .settings import Settings

Files = dict[str, bytes]  # of a run, by name
MARK = ".mark"  # file in the folder of a run that is being made


def start() -> None:
    """Prepare the process: only its parent answers Ctrl-C, which reaches both, and prints.

    SIGTERM ends it, within a run when that is saved.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # its parent has it blocked until now
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    StopOnSignal.end = _end
    signal.signal(signal.SIGTERM, _end)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for descriptor in (1, 2):  # of libraries in C
        os.dup2(sys.stdout.fileno(), descriptor)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end(*_: object) -> NoReturn:
    """End this process at once: its result may be too much for a parent that reads no more."""
    os._exit(1)


def _end_with_parent() -> None:
    """End this process when its parent was killed: it would wait for other runs forever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def train_run(
    settings: "Settings",
    folder: Path,
    mark: str,
    files: Files,
    train: "Patterns",
    test: "Patterns",
) -> Files:
    """Make one run, here or on another machine.

    Args:
        folder: of the run, an absolute path.
        mark: what the folder's file MARK holds; where it does not, the folder of the process that
            asks is out of reach: the run is made in a temporary one.
        files: of the interrupted run that it continues there.

    Returns:
        The files of a run in a temporary folder; none where the folder itself has them.
    """
    from .learn import learn

    try:
        if _holds(folder, mark):
            learn(settings, folder, train, test, quiet=True)
            return {}
        with tempfile.TemporaryDirectory() as name:
            for file, content in files.items():
                Path(name, file).write_bytes(content)
            learn(settings, Path(name), train, test, quiet=True)
            return {path.name: path.read_bytes() for path in Path(name).iterdir()}
    except FloatingPointError as error:
        raise FloatingPointError(f"{folder}: {error}") from None


def _holds(folder: Path, mark: str) -> bool:
    """Whether the folder is that of the process that asks for the run."""
    try:
        return (folder / MARK).read_text(encoding="utf-8") == mark
    except (OSError, ValueError):
        return False
