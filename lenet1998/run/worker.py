"""A process of the pool: it makes one run after another and prints nothing.

The module imports nothing that takes memory or time, so that a process is silent before it does.
"""

import os
import signal
import sys
import threading
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..data.patterns import Patterns
    from .settings import Settings


def start() -> None:
    """Prepare the process: only its parent answers Ctrl-C, which reaches both, and prints."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: None)  # `Run` answers it; between runs the pool ends
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for descriptor in (1, 2):  # of libraries in C
        os.dup2(sys.stdout.fileno(), descriptor)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent was killed: it would wait for other runs forever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def train_run(settings: "Settings", folder: Path, train: "Patterns", test: "Patterns") -> None:
    """`learn`, with the folder in the message of a diverged training."""
    from .learn import learn

    try:
        learn(settings, folder, train, test, quiet=True)
    except FloatingPointError as error:
        raise FloatingPointError(f"{folder}: {error}") from None
