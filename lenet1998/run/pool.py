"""Several runs at the same time, each in a process of its own."""

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from tqdm import tqdm

from ..data.patterns import Patterns
from ..files import replacing
from .folder import FILES, find_run, folders_named, free_folder
from .metrics import passes
from .settings import Settings
from .worker import MARK, Files, train_run
from .workers import ADVICE, Workers

Finished = Callable[[Settings, Path], None]


def ignore(settings: Settings, folder: Path) -> None:
    """Do nothing with a finished run."""


def several_runs(
    wanted: Sequence[Settings],
    full: tuple[int, int],
    base: Path,
    train: Patterns,
    test: Patterns,
    workers: AbstractContextManager[Workers],
    quiet: bool = False,
    resume: bool = False,
    may_diverge: bool = False,
    finished: Finished = ignore,
) -> list[Path]:
    """Make a run for each of these settings; return their folders.

    A finished run of the same settings in `base` is not repeated.

    Args:
        wanted: settings, one for each run.
        full: training and test patterns that the data set has (`Settings.folder_name`).
        base: the runs' folders are made in it.
        train, test: the patterns of all runs.
        workers: the processes, `workers.local` or `workers.cluster`.
        quiet, resume: no progress bar; continue interrupted runs in `base`.
        may_diverge: a run that diverges keeps its passes so far, and the others go on.
        finished: called with settings and folder of each run when it ends or has ended before.

    Raises:
        InputError: a process was killed.
        FloatingPointError: a run diverged.
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
            finished(settings, done)
    if waiting:
        try:
            with workers as some:
                _run_all(waiting, train, test, some, quiet, may_diverge, finished)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"interrupted: {ADVICE}") from None
        finally:
            for _, folder in waiting:
                (folder / MARK).unlink(missing_ok=True)
                with suppress(OSError):  # of a run that has not started
                    folder.rmdir()
    return folders


def _run_all(
    runs: Sequence[tuple[Settings, Path]],
    train: Patterns,
    test: Patterns,
    workers: Workers,
    quiet: bool,
    may_diverge: bool,
    finished: Finished,
) -> None:
    """Make these runs, as many at a time as there are slots."""
    total = sum(settings.passes for settings, _ in runs)
    waiting, running = list(runs), dict[Future[tuple[Files, str]], tuple[Settings, Path]]()
    mark = secrets.token_hex(16)
    with tqdm(total=total, desc=f"{len(runs)} runs", unit=" passes", disable=quiet or None) as bar:
        while waiting or running:
            # No more than can run: nothing waits in the executor when it has to stop.
            while waiting and len(running) < workers.slots():
                settings, folder = waiting.pop(0)
                (folder / MARK).write_text(mark, encoding="utf-8")
                task = settings, folder.resolve(), mark, _files(folder), train, test
                running[workers.executor.submit(train_run, *task)] = settings, folder
            for future in wait(running, timeout=1, return_when=FIRST_COMPLETED).done:
                settings, folder = running.pop(future)
                files, diverged = future.result()  # raises what the run raised
                _save(files, folder)
                if diverged and not may_diverge:
                    raise FloatingPointError(f"{folder}: {diverged}")
                (folder / MARK).unlink(missing_ok=True)
                finished(settings, folder)
            bar.update(sum(len(passes(folder)) for _, folder in runs) - bar.n)


def _files(folder: Path) -> Files:
    """The files of an interrupted run, for a worker that cannot read them."""
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


def _save(files: Files, folder: Path) -> None:
    """Write the files of a run that was made elsewhere."""
    for name, content in files.items():
        with replacing(folder / name) as path:
            path.write_bytes(content)
    if files:
        for name in FILES:
            if name not in files:  # the checkpoint
                (folder / name).unlink(missing_ok=True)
