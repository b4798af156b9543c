"""Several runs side by side, each in a process of its own."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from pathlib import Path

from tqdm import tqdm

from ..data.patterns import Patterns
from ..files import InputError
from .folder import folders_named, free_folder, made_before
from .metrics import passes
from .settings import Settings

Learn = Callable[[Settings, Path, Patterns, Patterns, bool], None]


def several_runs(
    learn: Learn,
    wanted: Sequence[Settings],
    full: tuple[int, int],
    base: Path,
    train: Patterns,
    test: Patterns,
    jobs: int = 1,
    quiet: bool = False,
    resume: bool = False,
) -> list[Path]:
    """Run `learn` for all these settings, `jobs` processes at a time; return the runs' folders.

    A finished run with the same settings that is already in `base` is not made again.

    Args:
        learn: makes one run: settings, folder, training and test patterns, quiet.
        full: training and test patterns that the data set has (`Settings.folder_name`).
        base: the runs' folders are made in it.
        resume: go on with interrupted runs that are in `base`.

    Raises:
        InputError: a process was killed.
    """
    sha256 = [train.sha256(), test.sha256()]
    folders: list[Path] = []
    waiting: list[tuple[Settings, Path]] = []
    for one in wanted:
        name = one.folder_name(full)
        there = folders_named(base, name)
        done = made_before(there, one, sha256, ended=True)
        begun = made_before(there, one, sha256, ended=False) if resume else None
        if resume:
            with suppress(OSError):  # empty, of a run that never began when the set was killed
                (base / name).rmdir()
        folders.append(done or begun or free_folder(base / name))
        if done is None:
            waiting.append((one, folders[-1]))
        else:
            print(f"seed {one.seed}: finished before, in {done}")
    if not waiting:
        return folders
    total = sum(one.passes for one, _ in waiting)
    with (
        ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_in_worker) as pool,
        tqdm(
            total=total, desc=f"{len(waiting)} runs", unit=" passes", disable=quiet or None
        ) as bar,
    ):
        running: set[Future[None]] = {
            pool.submit(_learn, learn, one, folder, train, test) for one, folder in waiting
        }
        try:
            while running:
                done_now, running = wait(running, timeout=1, return_when=FIRST_COMPLETED)
                for future in done_now:
                    future.result()  # raises what the run raised
                bar.update(sum(len(passes(folder)) for _, folder in waiting) - bar.n)
        except BrokenProcessPool:
            raise InputError(
                "a run was killed, by the system for want of memory perhaps: what had ended is "
                "kept; give the same command with --resume"
            ) from None
        except BaseException as error:
            for process in list(pool._processes.values()):  # end the passes that still run
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                raise KeyboardInterrupt(
                    "interrupted: what was learned is kept; the same command with --resume goes on"
                ) from None
            raise
        finally:
            for _, folder in waiting:  # those of runs that never began
                with suppress(OSError):
                    folder.rmdir()
    return folders


def _in_worker() -> None:
    """Only the parent answers Ctrl-C, which reaches every process of a terminal, and prints."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # a file half-written is cleared away
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent was killed: it would wait for other runs for ever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


_stopped = False  # of this process: it was told to stop, and takes no other run


def _learn(learn: Learn, settings: Settings, folder: Path, train: Patterns, test: Patterns) -> None:
    """A run in a process of its own."""
    global _stopped
    if not _stopped:
        _stopped = True  # unless the run comes to its end
        try:
            learn(settings, folder, train, test, True)
        except FloatingPointError as error:
            raise FloatingPointError(f"{folder}: {error}") from None
        _stopped = False
