"""steps.csv: the loss and the error of every batch of a run (`--log-steps`)."""

import csv
from pathlib import Path

from ..files import InputError, write_csv
from ..learning.logged import LoggedTrainer

FILE = "steps.csv"
HEAD = ("patterns", "loss", "training_error_percent")


class StepLog:
    """The rows of steps.csv: how many patterns were learned by then, and what a batch gave.

    Small batches are taken together, about 50 patterns.  Loss and error are those before the
    updates.

    Args:
        folder: of the run.
        trainer: that makes it.
        learned: patterns learned before; rows that are there are kept up to these.

    Raises:
        InputError: the file that is there is damaged.
    """

    def __init__(self, folder: Path, trainer: LoggedTrainer, learned: int) -> None:
        self.path, self.trainer, self.learned = folder / FILE, trainer, learned
        self.rows = [row for row in _read(self.path) if int(row[0]) <= learned]

    def save(self) -> None:
        """Write what was learned since the last time, with all before."""
        for count, loss, error in self.trainer.blocks:
            self.learned += count
            self.rows.append([str(self.learned), f"{loss:.6g}", f"{error:.4g}"])
        self.trainer.blocks.clear()
        write_csv(self.path, HEAD, self.rows)


def _read(path: Path) -> list[list[str]]:
    """The rows of the file; none if there is none."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file)
        if tuple(head) != HEAD or any(len(row) != len(HEAD) or int(row[0]) < 1 for row in rows):
            raise ValueError("another table")
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error):
        raise InputError(f"{path}: not the steps of a run: remove it") from None
    return rows
