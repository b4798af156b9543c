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
) -> tuple[Files, str]:
    """Make one run, here or on another machine.

    Args:
        folder: of the run, an absolute path.
        mark: what the folder's file MARK holds; where it does not, the folder of the process that
            asks is out of reach: the run is made in a temporary one.
        files: of the interrupted run that it continues there.

    Returns:
        The files of a run in a temporary folder, none where the folder itself has them; and why
        the training diverged, "" if it did not.
    """
    if _holds(folder, mark):
        return {}, _learn(settings, folder, train, test)
    with tempfile.TemporaryDirectory() as name:
        for file, content in files.items():
            Path(name, file).write_bytes(content)
        diverged = _learn(settings, Path(name), train, test)
        return {path.name: path.read_bytes() for path in Path(name).iterdir()}, diverged


def _learn(settings: "Settings", folder: Path, train: "Patterns", test: "Patterns") -> str:
    """Make a run in this folder; return why the training diverged, "" if it did not."""
    from .learn import learn

    try:
        learn(settings, folder, train, test, quiet=True)
    except FloatingPointError as error:
        return str(error)
    return ""


def _holds(folder: Path, mark: str) -> bool:
    """Whether the folder is that of the process that asks for the run."""
    try:
        return (folder / MARK).read_text(encoding="utf-8") == mark
    except (OSError, ValueError):
        return False
