"""The folders of runs: made, chosen, found again."""

import glob
from collections.abc import Sequence
from pathlib import Path

from ..files import InputError
from ..version import __version__
from .checkpoint import FILE
from .config import read_config
from .metrics import passes
from .settings import Settings

# What a run writes; the checkpoint goes when it has ended.
FILES = ("config.json", "metrics.csv", "weights.npz", "figure5.png", FILE)


def free_folder(folder: Path) -> Path:
    """Make the folder, or the first of folder-2, folder-3 ... that is not there yet."""
    folder.parent.mkdir(parents=True, exist_ok=True)  # here: it fails where a link leads nowhere
    found, number = folder, 2
    while True:
        try:
            found.mkdir()
            return found
        except FileExistsError:  # another run's, perhaps one that has just begun
            found, number = folder.with_name(f"{folder.name}-{number}"), number + 1


def chosen_folder(folder: Path, files: Sequence[str] = FILES) -> Path:
    """The folder that a user chose for results, made where it is not there.

    Args:
        files: that will be written; a run's by default.

    Raises:
        InputError: it is no folder, or it holds files of these names.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is not a folder; choose another --out")
    for name in files:
        if (folder / name).exists():
            raise InputError(f"{folder}: holds {name} already; choose another --out or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


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
