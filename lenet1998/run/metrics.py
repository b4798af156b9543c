"""metrics.csv of finished and unfinished runs."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..arrays import Array
from ..files import InputError


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
