"""metrics.csv: a row for each pass of a run, finished or not."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..arrays import Array
from ..files import InputError, write_csv
from ..learning.state import PassResult


def write_metrics(folder: Path, dataset: str, results: Sequence[PassResult]) -> None:
    """Write metrics.csv of these passes, whole or not at all."""
    rows: list[dict[str, object]] = []
    for result in results:
        row: dict[str, object] = {
            "dataset": dataset,
            "pass": result.number,
            "eta": result.eta,
            "training_error_percent": f"{result.training_error_percent:.4f}",
            "test_error_percent": f"{result.test_error_percent:.4f}",
            "loss": f"{result.loss:.6g}",
        }
        for layer, (smallest, largest) in result.rates.items():
            row[f"{layer}_smallest_rate"] = f"{smallest:.4g}"
            row[f"{layer}_largest_rate"] = f"{largest:.4g}"
        row |= {f"test_errors_{c}": count for c, count in enumerate(result.test_errors)}
        row["seconds"] = f"{result.seconds:.2f}"
        rows.append(row)
    head = list(rows[-1])  # passes before a resumption may be of an earlier version
    write_csv(folder / "metrics.csv", head, [[row.get(name, "") for name in head] for row in rows])


def passes(folder: Path) -> list[dict[str, str]]:
    """The rows of a run's metrics.csv; none when the file is missing or damaged."""
    try:
        with open(folder / "metrics.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error):
        return []


def read_results(folder: Path) -> list[PassResult]:
    """The results of a run's passes, as its metrics.csv has rounded them.

    Raises:
        InputError: it is missing, damaged, or lacks a pass.
    """
    path, results = folder / "metrics.csv", []
    try:
        for number, row in enumerate(passes(folder), 1):
            low, high = "_smallest_rate", "_largest_rate"
            layers = [name.removesuffix(low) for name in row if name.endswith(low)]
            wrong = [name for name in row if name.startswith("test_errors_") and row[name]]
            found = PassResult(
                number,
                float(row["eta"]),
                float(row["training_error_percent"]),
                float(row["test_error_percent"]),
                float(row["loss"]),
                {one: (float(row[one + low]), float(row[one + high])) for one in layers},
                float(row["seconds"]),
                tuple(int(row[name]) for name in wrong),
            )
            numbers = found.eta, found.training_error_percent, found.test_error_percent, found.loss
            if int(row["pass"]) != number or not np.isfinite([*numbers, found.seconds]).all():
                raise ValueError(f"row {number}")
            results.append(found)
    except (LookupError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not the passes of a run ({error}): remove this run") from None
    return results


def curves(folders: Sequence[Path], column: str) -> Array:
    """A column of metrics.csv of runs of equal length, (runs, passes)."""
    try:
        return np.array([[float(row[column]) for row in passes(folder)] for folder in folders])
    except (LookupError, TypeError, ValueError):
        raise InputError(
            f"{folders[0].parent}: a run's metrics.csv holds no {column}: remove that run's folder"
        ) from None
