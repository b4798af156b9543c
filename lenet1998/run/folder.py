"""The folders of runs: how they are made, chosen and found again."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from ..files import InputError, nearest
from ..version import __version__
from . import checkpoint, optimizer, steps
from .config import read_config
from .metrics import passes
from .settings import Settings

RESULTS = ("config.json", "metrics.csv", "weights.npz", "figure5.png")  # of every finished run
# All that a run may write; the checkpoint is removed when the run is complete.
FILES = (*RESULTS, "figure7.png", optimizer.FILE, checkpoint.FILE, steps.FILE)


def free_folder(folder: Path) -> Path:
    """Make the folder, or the first of folder-2, folder-3, ... that does not exist."""
    folder.parent.mkdir(parents=True, exist_ok=True)  # here: it fails where a link leads nowhere
    free, number = folder, 2
    while True:
        try:
            free.mkdir()
            return free
        except FileExistsError:  # another run's, perhaps one that has just started
            free, number = folder.with_name(f"{folder.name}-{number}"), number + 1


def chosen_folder(folder: Path, files: Sequence[str] = FILES) -> Path:
    """The folder that a user chose for results; it is made if it does not exist.

    Args:
        files: names of the files that will be written; by default those of a run.

    Raises:
        InputError: it is not a folder, or it holds one of these files.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is not a folder; choose another --out")
    for name in files:
        if (folder / name).exists():
            raise InputError(f"{folder}: holds {name} already; choose another --out or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folders_named(base: Path, name: str) -> list[Path]:
    """The entries of `base` whose names start with `name`, sorted."""
    return sorted(base.glob(f"{glob.escape(name)}*"))


def existing_run(folder: Path) -> Path:
    """The folder of a run, as a user gives it.

    Raises:
        InputError: no such folder; it names the nearest run there or in `runs`.
    """
    if not os.path.lexists(folder):
        for base in (folder.parent, folder.parent / "runs"):
            names = [path.parent.name for path in base.glob("*/config.json")]
            if near := nearest(folder.name, sorted(names)):
                raise InputError(f"{folder}: no such folder; did you mean {base / near}?")
        raise InputError(f"{folder}: no such folder: give the folder of a run")
    return folder


def find_run(
    folders: Sequence[Path], settings: Settings, sha256: list[str], ended: bool
) -> Path | None:
    """The first folder with a run of these settings, patterns and package version, or None.

    Args:
        ended: look for a finished run; otherwise for an interrupted one.
    """
    for folder in folders:
        try:
            there, config = read_config(folder / "config.json")
        except InputError:
            continue
        same = there == settings and config["data_sha256"] == sha256
        version = config["versions"].get("lenet1998")
        if same and version == __version__ and finished(folder, settings) is ended:
            return folder
    return None


def finished(folder: Path, settings: Settings) -> bool:
    """Whether a run of these settings is complete: it has all files and no checkpoint."""
    complete = all((folder / name).exists() for name in RESULTS)
    unfinished = (folder / checkpoint.FILE).exists()
    return complete and not unfinished and len(passes(folder)) == settings.passes
