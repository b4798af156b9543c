"""A CSV file of the finished runs of an experiment, to which several processes may add theirs."""

import csv
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from ..files import InputError, write_csv
from ..run.lock import locked
from ..run.settings import Settings
from .experiment import Request

DRAW = "table"  # the value of --only that trains nothing
PATIENCE = 60.0  # seconds until another process must have written its run

Rows = list[dict[str, str]]


@dataclass
class RunTable:
    """The rows of each run of an experiment.

    A run that is there is not made again.  The runs of several processes may be added to one file
    at the same time.

    Args:
        path: of the file; it need not exist.
        shared: whether other processes may write it.
        head: names of the columns.  One is `run`: a name that ends with - and the seed.
        check: raises LookupError, TypeError or ValueError for rows of a run that are not of this
            kind.
        kind: what the file is, for the message.

    Raises:
        InputError: the file is not of this kind, or cannot be read.
    """

    path: Path
    shared: bool
    head: Sequence[str]
    check: Callable[[Rows], None]
    kind: str
    runs: dict[str, Rows] = field(init=False)

    def __post_init__(self) -> None:
        self.runs = self._read()

    def add(self, name: str, rows: Rows) -> None:
        """Add a run to the file, together with what others have added to it.

        Args:
            name: of the run.
            rows: of the run, each with all columns.
        """
        with _writing(self.path, self.shared):
            self.runs = {**self._read(), name: rows}
            # Seeds in order, whichever was made first.
            names = sorted(self.runs, key=lambda one: (base(one), seed_of(one)))
            lines = [[row[c] for c in self.head] for one in names for row in self.runs[one]]
            write_csv(self.path, self.head, lines)

    def of(self, name: str) -> list[Rows]:
        """The runs of these settings, one for each seed that is there.

        Args:
            name: of the run with any seed.
        """
        found = [one for one in self.runs if base(one) == base(name)]
        return [self.runs[one] for one in sorted(found, key=seed_of)]

    def _read(self) -> dict[str, Rows]:
        """The rows of each run in the file; none if there is no file."""
        return _by_run(read_table(self.path, self._check, self.kind, "choose another file"))

    def _check(self, head: list[str], rows: Rows) -> None:
        if head != list(self.head):
            raise ValueError("other columns")
        for name, of_run in _by_run(rows).items():
            seed_of(name)
            self.check(of_run)


def _by_run(rows: Rows) -> dict[str, Rows]:
    """The rows of each run, by its name."""
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row["run"], []).append(row)
    return found


def read_table(
    path: Path, check: Callable[[list[str], Rows], None], kind: str, advice: str
) -> Rows:
    """The rows of a CSV file; none if there is no file.

    Args:
        check: raises LookupError, TypeError or ValueError for names of columns and rows that are
            not of this kind.
        kind: what the file is, for the message.
        advice: what to do when it is not, for the message.

    Raises:
        InputError: the file is not of this kind, or cannot be read.
    """
    try:
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            head, rows = list(reader.fieldnames or ()), list(reader)
        if any(None in row or None in row.values() for row in rows):
            raise ValueError("a row is too short or too long")
        check(head, rows)
    except FileNotFoundError:
        return []
    except (OSError, LookupError, TypeError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: not {kind} ({error}): {advice}") from None
    return rows


def check_numbers(
    row: Mapping[str, str], names: Iterable[str], empty: Collection[str] = ()
) -> None:
    """Raise ValueError unless these columns of a row hold finite numbers.

    Args:
        empty: those that may be empty.
    """
    for name in names:
        if (row[name] or name not in empty) and not math.isfinite(float(row[name] or "nan")):
            raise ValueError(f"{name} is {row[name]!r}")


def check_passes(rows: Rows) -> None:
    """Raise ValueError unless each pass of a run is there once, in order."""
    numbers = [int(row["pass"]) for row in rows]
    if numbers != sorted(set(numbers)):
        raise ValueError(f"{rows[0]['run']} is there twice")


def place_of(request: Request, name: str) -> tuple[Path, bool]:
    """The path of an experiment's table, and whether other processes may write it.

    Args:
        name: of the file, where the user chose none.

    Raises:
        InputError: `--only table` draws a file that is not there.
    """
    path = request.into / name if request.table is None else request.table
    if request.only == DRAW and request.table and not path.exists():
        raise InputError(f"--table {path}: there is no such file; --only {DRAW} draws what it has")
    return path, path.parent.resolve() != request.into.resolve()


def waiting(
    wanted: Sequence[Settings],
    table: RunTable,
    name: Callable[[Settings], str],
    title: Callable[[Settings], str],
) -> list[Settings]:
    """The settings of the runs that the table lacks; a line of output for each of the others.

    Args:
        name: of a run in the table.
        title: of a run, for the output.
    """
    lacking = []
    for one in wanted:
        if name(one) in table.runs:
            print(f"{title(one)}: finished before, in {table.path}")
        else:
            lacking.append(one)
    return lacking


def base(name: str) -> str:
    """A run's name without its seed."""
    return name.rpartition("-")[0]


def seed_of(name: str) -> int:
    """The seed at the end of a run's name."""
    return int(name.rpartition("-")[2])


@contextmanager
def _writing(path: Path, shared: bool) -> Iterator[None]:
    """Within the block no other process adds to the file; wait for one that does."""
    with ExitStack() as stack:
        started = monotonic()
        while shared:
            try:
                stack.enter_context(locked(path.parent, [path.name]))
                break
            except InputError:
                if monotonic() - started > PATIENCE:
                    raise
                sleep(0.2)
        yield
