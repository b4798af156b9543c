"""ablation-runs.csv: a row for each finished run of the ablation, with its wrong test patterns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..data.patterns import Patterns
from ..files import InputError, did_you_mean
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.metrics import read_results
from ..run.settings import Settings
from .experiment import Request
from .run_table import DRAW, Rows, RunTable, check_numbers, place_of, waiting
from .setups import Setup

TABLE = "ablation-runs.csv"
TEST, TRIAL, TIME = "test set", "held out", "nothing"  # what a row's network was tested on
PREFIXES = {TEST: "", TRIAL: "held-out-", TIME: "time-"}  # of the runs' names in the table
HEAD = (
    "run", "dataset", "network", "training_patterns", "tested_on", "test_patterns", "passes",
    "learning_rate", "schedule", "seed", "errors_percent", "seconds", "microseconds_a_pattern",
    "wrong_patterns",
)  # fmt: skip
EMPTY = ("errors_percent", "seconds", "microseconds_a_pattern", "wrong_patterns")  # in some rows


@dataclass(frozen=True)
class Run:
    """A run of the table.

    Attributes:
        errors: on the test set or the held-out patterns after each pass in percent, (passes,);
            shorter where the training diverged.
        wrong: whether the last answer to each test pattern is wrong, (test patterns,); all False
            for held-out patterns.
    """

    errors: Array
    wrong: NDArray[np.bool_]


class AblationRuns:
    """The runs of a request: those that the table has, and the training of others.

    Attributes:
        request: of the experiment.
        table: a row for each run.  A run is known by its settings; those trained to choose a rate
            are kept apart.

    Raises:
        InputError: the file is not an ablation-runs.csv.
    """

    def __init__(self, request: Request) -> None:
        path, shared = place_of(request, TABLE)
        self.request = request
        self.table = RunTable(path, shared, HEAD, _check, f"an {TABLE} of experiment ablation")

    def selected(self, setups: Sequence[Setup]) -> list[Setup]:
        """The setups whose label matches `--networks`; none with `--only table`."""
        if self.request.only == DRAW:
            return []
        pattern = self.request.networks.casefold()
        return [one for one in setups if fnmatchcase(one.label.casefold(), pattern)]

    def check_selection(self, setups: Sequence[Setup]) -> None:
        """Raise InputError when `--networks` matches none of these setups."""
        if self.request.only != DRAW and not self.selected(setups):
            labels = [one.label for one in setups]
            advice = did_you_mean(self.request.networks, labels) or f"; give {labels[-1]!r} or '*'"
            raise InputError(f"--networks {self.request.networks!r}: no such network{advice}")

    def train(
        self,
        wanted: Sequence[tuple[Setup, Settings]],
        train: Patterns | None = None,
        held_out: Patterns | None = None,
    ) -> None:
        """Make the runs that the table lacks; each is added as soon as it is finished.

        Args:
            train: the training patterns; by default those of the request.
            held_out: tested on instead of the test set; such a run may diverge.
        """
        what = TEST if held_out is None else TRIAL
        labels = {self._name(one, what): setup.label for setup, one in wanted}

        def add(one: Settings, folder: Path) -> None:
            label = labels[self._name(one, what)]
            self._add(label, one, what, _results(folder, self.request.test, what))

        lacking = waiting(
            [one for _, one in wanted],
            self.table,
            lambda one: self._name(one, what),
            lambda one: f"{labels[self._name(one, what)]}, seed {one.seed}",
        )
        if lacking:
            self.request.train_networks(lacking, train, held_out, held_out is not None, add)

    def add_time(self, setup: Setup, one: Settings, microseconds: float) -> None:
        """Add the time of a training pattern; an older one is replaced, whatever its seed."""
        self._add(setup.label, one, TIME, {"microseconds_a_pattern": f"{microseconds:.2f}"})

    def of(self, one: Settings, what: str = TEST) -> dict[int, Run]:
        """The runs of these settings, by their seed.

        Args:
            one: settings with any seed.
            what: TEST or TRIAL.
        """
        found = {}
        for (row,) in self.table.of(self._name(one, what)):
            wrong = np.zeros(int(row["test_patterns"]), bool)
            wrong[_numbers(row["wrong_patterns"])] = True
            errors = np.array([float(text) for text in row["errors_percent"].split()])
            found[int(row["seed"])] = Run(errors, wrong)
        return found

    def time_of(self, one: Settings) -> float:
        """Microseconds a training pattern; NaN where they have not been measured."""
        (row,) = self.table.runs.get(self._name(one, TIME), [{}])
        return float(row.get("microseconds_a_pattern") or "nan")

    def _name(self, one: Settings, what: str) -> str:
        if what == TIME:  # of any seed
            one = replace(one, seed=0)
        return PREFIXES[what] + self.request.run_name(one)

    def _add(self, label: str, one: Settings, what: str, results: Mapping[str, str]) -> None:
        rate = one.etas()[0]
        given = (
            one.dataset, label, one.train_size, what, one.test_size, one.passes, f"{rate:.6g}",
            one.schedule, one.seed,
        )  # fmt: skip
        name = self._name(one, what)
        row = {"run": name, **dict(zip(HEAD[1:], map(str, given), strict=False))}
        self.table.add(name, [{**row, **dict.fromkeys(EMPTY, ""), **results}])


def by_seed(runs: Mapping[int, Run]) -> dict[int, float]:
    """The error of the last pass of each run in percent."""
    return {seed: float(run.errors[-1]) for seed, run in runs.items()}


def seeds_in(groups: Sequence[Mapping[int, Run]]) -> list[int]:
    """The seeds that all of these groups of runs have."""
    return sorted(set.intersection(*(set(group) for group in groups))) if groups else []


def _results(folder: Path, test: Patterns, what: str) -> dict[str, str]:
    """What a finished run leaves in the table."""
    results = read_results(folder)
    found = {
        "errors_percent": " ".join(f"{one.test_error_percent:g}" for one in results),
        "seconds": f"{sum(one.seconds for one in results):.1f}",
    }
    if what == TEST:
        answers = evaluation.answers(LeNet5.load(folder / "weights.npz"), test)
        wrong = np.flatnonzero(answers != test.labels)
        found["wrong_patterns"] = " ".join(map(str, wrong.tolist()))
    return found


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split()]


def _check(rows: Rows) -> None:
    """Raise ValueError or LookupError unless a run has one row whose numbers fit together."""
    row = rows[0]
    if len(rows) > 1:
        raise ValueError(f"{row['run']} is there twice")
    check_numbers(row, ("learning_rate", "seconds", "microseconds_a_pattern"), EMPTY)
    count, wrong = int(row["test_patterns"]), _numbers(row["wrong_patterns"])
    errors = [float(text) for text in row["errors_percent"].split()]
    if not np.isfinite(errors).all() or int(row["seed"]) < 0:
        raise ValueError("not finite")
    if row["tested_on"] not in PREFIXES or not row["run"].startswith(PREFIXES[row["tested_on"]]):
        raise ValueError("tested on something else")
    if any(not 0 <= one < count for one in wrong):
        raise ValueError("no such pattern")
    complete = len(errors) == int(row["passes"])
    if (row["tested_on"] == TEST and not complete) or len(errors) > int(row["passes"]):
        raise ValueError("not as many errors as passes")
