"""Several runs at the same time, each in a process of its own."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from ..data.patterns import Patterns
from ..files import InputError
from .folder import find_run, folders_named, free_folder
from .metrics import passes
from .settings import Settings
from .stop import ignoring_signals
from .worker import start, train_run


def several_runs(
    wanted: Sequence[Settings],
    full: tuple[int, int],
    base: Path,
    train: Patterns,
    test: Patterns,
    jobs: int = 1,
    quiet: bool = False,
    resume: bool = False,
) -> list[Path]:
    """Make a run for each of these settings, `jobs` at a time; return their folders.

    A finished run of the same settings in `base` is not repeated.

    Args:
        wanted: settings, one for each run.
        full: training and test patterns that the data set has (`Settings.folder_name`).
        base: the runs' folders are made in it.
        train, test: the patterns of all runs.
        jobs: number of processes.
        quiet: no progress bar.
        resume: continue interrupted runs in `base`.

    Raises:
        InputError: a process was killed.
        KeyboardInterrupt: the message says how to continue.
    """
    sha256 = [train.sha256(), test.sha256()]
    folders: list[Path] = []
    waiting: list[tuple[Settings, Path]] = []
    for settings in wanted:
        name = settings.folder_name(full)
        there = folders_named(base, name)
        done = find_run(there, settings, sha256, ended=True)
        begun = find_run(there, settings, sha256, ended=False) if resume else None
        if resume:
            with suppress(OSError):  # empty: of a run that had not started when it was killed
                (base / name).rmdir()
        folders.append(done or begun or free_folder(base / name))
        if done is None:
            waiting.append((settings, folders[-1]))
        else:
            print(f"seed {settings.seed}: finished before, in {done}")
    if waiting:
        try:
            _run_all(waiting, train, test, jobs, quiet)
        finally:
            for _, folder in waiting:  # those of runs that have not started
                with suppress(OSError):
                    folder.rmdir()
    return folders


def _run_all(
    runs: Sequence[tuple[Settings, Path]], train: Patterns, test: Patterns, jobs: int, quiet: bool
) -> None:
    """Make these runs, `jobs` at a time."""
    total = sum(settings.passes for settings, _ in runs)
    waiting, running = list(runs), set[Future[None]]()
    with (
        ProcessPoolExecutor(jobs, get_context("spawn"), initializer=start) as pool,
        tqdm(total=total, desc=f"{len(runs)} runs", unit=" passes", disable=quiet or None) as bar,
    ):
        try:
            while waiting or running:
                # No more than can run: nothing waits in the pool when it has to stop.
                while waiting and len(running) < jobs:
                    running.add(pool.submit(train_run, *waiting.pop(0), train, test))
                done, running = wait(running, timeout=1, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()  # raises what the run raised
                bar.update(sum(len(passes(folder)) for _, folder in runs) - bar.n)
        except BrokenProcessPool:
            raise InputError(
                "a run was killed, perhaps because memory ran out: finished passes are kept; give "
                "the same command with --resume"
            ) from None
        except BaseException as error:
            with ignoring_signals():  # the runs save what they have
                for process in list(pool._processes.values()):
                    process.terminate()
                pool.shutdown(wait=True)
            if isinstance(error, KeyboardInterrupt):
                raise KeyboardInterrupt(
                    "interrupted: what was learned is kept; continue with the same command and "
                    "--resume"
                ) from None
            raise
