"""Several seeds of one experiment, side by side, and what they say together."""

import csv
import glob
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

import numpy as np
from tqdm import tqdm

from . import __version__, evaluation, paper
from .data import Patterns
from .files import InputError, save_figure, write_csv
from .layer import Array
from .lenet5 import LeNet5
from .recipes import RECIPES
from .report import FILES, caution, free_folder, paper_errors, percent, read_config
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


def folders_named(base: Path, name: str) -> list[Path]:
    """What is in `base` with a name that begins so, sorted."""
    return sorted(base.glob(f"{glob.escape(name)}*"))


def made_before(
    folders: Sequence[Path], settings: Settings, sha256: list[str], ended: bool
) -> Path | None:
    """The first folder with a run of these settings, patterns and package version, or None.

    Args:
        ended: a whole run, or one that was interrupted.
    """
    for folder in folders:
        try:
            found, config = read_config(folder / "config.json")
        except InputError:
            continue
        same = found == settings and config["data_sha256"] == sha256
        version = config["versions"].get("lenet1998")
        if same and version == __version__ and finished(folder, settings) is ended:
            return folder
    return None


def finished(folder: Path, settings: Settings) -> bool:
    """Whether a run of these settings has come to its end: all is there but the checkpoint."""
    *left, there = [(folder / name).exists() for name in FILES]
    return all(left) and not there and len(passes(folder)) == settings.passes


def passes(folder: Path) -> list[dict[str, str]]:
    """The rows of a run's metrics.csv; none when there is no such file yet, or a damaged one."""
    try:
        with open(folder / "metrics.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error):
        return []


def curves(folders: Sequence[Path], column: str) -> Array:
    """A column of metrics.csv of runs of equal length, (runs, passes)."""
    try:
        return np.array([[float(row[column]) for row in passes(folder)] for folder in folders])
    except (LookupError, TypeError, ValueError):
        raise InputError(
            f"{folders[0].parent}: a run's metrics.csv holds no {column}: remove that run's folder"
        ) from None


def summarise(folders: Sequence[Path], seeds: Sequence[int], settings: Settings, into: Path) -> str:
    """Write seeds.csv and figure5.png (mean and range of the seeds); return the table as text."""
    from .figures import figure5  # matplotlib is slow to import and only needed here

    dataset, patterns = settings.dataset, settings.patterns
    title = settings.title()
    test = curves(folders, "test_error_percent")
    training = curves(folders, "training_error_percent")
    into.mkdir(parents=True, exist_ok=True)
    write_csv(
        into / "seeds.csv",
        ["dataset", "seed", "training_error_percent", "test_error_percent"],
        [
            (dataset, seed, f"{a:.4f}", f"{b:.4f}")
            for seed, a, b in zip(seeds, training[:, -1], test[:, -1], strict=True)
        ],
    )
    save_figure(figure5(training, test, title, patterns), into / "figure5.png")
    lines = [f"LeNet-5, {title}, seeds {', '.join(map(str, seeds))}, pass {test.shape[1]}"]
    paper_test, paper_training = paper_errors(settings)
    for what, values, theirs in (
        ("test error", test[:, -1], paper_test),
        ("training error on the fly", training[:, -1], paper_training),
    ):
        lines.append(
            f"{what:27} {values.mean():.2f} % (standard deviation {values.std(ddof=1):.2f}, "
            f"{values.min():.2f} to {values.max():.2f}); paper {percent(theirs)}"
        )
    return "\n".join(lines + caution(dataset, settings.train_size))


def beside(settings: Settings, folders: Sequence[Path], test: Patterns) -> str:
    """What the authors of a recipe report beside what ours gave, as text.

    Args:
        settings: of a recipe.
        folders: of its finished runs, one a seed.
        test: what the accuracy of each class is counted on.
    """
    recipe = RECIPES[settings.recipe]
    found = 100 - curves(folders, "test_error_percent").mean(axis=0)
    runs = f" (mean of {len(folders)} seeds)" if len(folders) > 1 else ""
    line = (
        f"{settings.recipe_title()}: accuracy reported {recipe.reported:.2f} %, "
        f"ours {found[-1]:.2f} %{runs}"
    )
    # A pass of theirs was over all patterns, or as many as the recipe says.
    theirs = recipe.settings.get("pass_size", paper.TRAINING_PATTERNS)
    ours = settings.pass_size or settings.train_size
    # The fastest pass is what other work on the machine disturbs least.
    seconds = float(curves(folders, "seconds").min()) * theirs / ours
    scaled = "" if theirs == ours else f" for {theirs:,} patterns"
    if recipe.seconds is None:
        line += f"; our fastest pass {seconds:.1f} s{scaled}, no time was reported"
    else:
        line += (
            f"; reported {recipe.seconds:.0f} s a pass, our fastest {seconds:.1f} s{scaled}: "
            f"{recipe.seconds / seconds:.0f} times as fast, on another machine"
        )
    tables = []
    if recipe.curve:
        tables.append(("pass", range(1, len(found) + 1), recipe.curve, found))
    if recipe.digits:
        right = np.mean([_by_class(folder, test) for folder in folders], axis=0)
        tables.append(("class", range(paper.CLASSES), recipe.digits, right))
    lines = [line]
    for what, columns, reported, own in tables:
        for name, values in ((what, columns), ("reported, %", reported), ("ours, %", own)):
            form = "7d" if values is columns else "7.2f"
            lines.append(f"  {name:12}" + "".join(f"{value:{form}}" for value in values))
    return "\n".join(lines)


def _by_class(folder: Path, test: Patterns) -> Array:
    """Accuracy on each class in percent, (10,), of a finished run."""
    answers = evaluation.answers(LeNet5.load(folder / "weights.npz"), test)
    matrix = evaluation.confusion(answers, test.labels)
    with np.errstate(invalid="ignore"):  # a class that is not there has none
        found: Array = 100 * np.diag(matrix) / matrix.sum(axis=1)
    return found
