"""The learning rate and its schedule, chosen for each network on patterns held out of training."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import InputError, write_csv
from ..run.metrics import passes as passes_of
from ..run.settings import Settings
from ..run.variants import RATES
from .experiment import Request
from .setups import Setup, settings

TABLE = "choosing.csv"
HELD_OUT = 1 / 6  # of the training patterns: the last 10,000 of 60,000
PASSES = 5
FACTORS = (0.5, 1, 2, 4)  # of the usual rate of the optimizer
SCHEDULES = ("constant", "step", "cosine")
STEPS = (0.6, 0.85)  # of the passes, after which "step" divides the rate by 10


@dataclass(frozen=True)
class Choice:
    """A learning rate with its schedule.

    Attributes:
        rate: of the first pass.
        schedule: "constant", "step", "cosine", or "paper".
    """

    rate: float
    schedule: str

    def settings(self, passes: int) -> dict[str, Any]:
        """The settings of a run of this number of passes."""
        at = {1 + math.floor(share * passes) for share in STEPS}
        steps = tuple(sorted(number for number in at if 2 <= number <= passes))
        rate = {"learning_rate": (self.rate,)}
        if self.schedule != "step":
            return {**rate, "schedule": self.schedule}
        # One pass has no room for a step.
        return {**rate, "schedule": "step" if steps else "constant", "step_at": steps}


@dataclass(frozen=True)
class Trial:
    """A choice with its error on the held-out patterns.

    Attributes:
        errors: in percent, one for each seed; NaN where the training diverged.
    """

    setup: Setup
    choice: Choice
    errors: list[float]

    @property
    def mean(self) -> float:
        """The mean of the seeds; infinite where one diverged."""
        return math.inf if any(map(math.isnan, self.errors)) else math.fsum(self.errors) / len(
            self.errors
        )  # fmt: skip


def grid(setup: Setup) -> list[Choice]:
    """The choices of a setup: four rates, each with three schedules.

    Appendix C's method takes the paper's schedule, which falls in steps, as its "step".
    """
    optimizer = setup.changed.get("optimizer", "sdlm")
    names = ("constant", "paper", "cosine") if optimizer == "sdlm" else SCHEDULES
    return [Choice(RATES[optimizer] * factor, name) for factor in FACTORS for name in names]


def hold_out(train: Patterns) -> tuple[Patterns, Patterns]:
    """The patterns to train on, and the last sixth, on which the rates are compared.

    Raises:
        InputError: there are fewer than two patterns.
    """
    last = max(1, round(HELD_OUT * len(train)))
    first = train.subset(len(train) - last)
    return first, Patterns(train.images[-last:], train.labels[-last:], train.dataset)


def run(request: Request, setups: Sequence[Setup]) -> str:
    """Try every choice for every setup; write choosing.csv after each setup.

    The runs have five passes unless the user chooses another number.  The test set is not read.

    Args:
        setups: those whose method is the paper's are left out.
    """
    train, held_out = hold_out(request.train)
    passes: int = request.chosen.get("passes") or PASSES
    common = {
        "dataset": train.dataset,
        "train_size": len(train),
        "test_size": len(held_out),
        "passes": passes,
    }
    unique = {setup.label: setup for setup in setups if not setup.method_of_1998}
    found: list[Trial] = []
    for setup in unique.values():
        print(f"choosing the rate of {setup.label}")
        choices = grid(setup)
        wanted = [
            settings(setup, **common, **choice.settings(passes), seed=seed)
            for choice in choices
            for seed in request.seeds
        ]
        folders = request.train_networks(wanted, train, held_out, may_diverge=True)
        errors = [last_error(*pair) for pair in zip(folders, wanted, strict=True)]
        seeds = len(request.seeds)
        found += [
            Trial(setup, choice, errors[i * seeds : (i + 1) * seeds])
            for i, choice in enumerate(choices)
        ]
        _write(request.into / TABLE, common, found)
    return table(found, common)


def last_error(folder: Path, settings: Settings) -> float:
    """The error of the last pass of a run in percent; NaN when it diverged before."""
    rows = passes_of(folder)
    return float(rows[-1]["test_error_percent"]) if len(rows) == settings.passes else math.nan


def best(trials: Sequence[Trial]) -> Trial:
    """The trial with the smallest mean error; of equals the first, with the smallest rate.

    Raises:
        InputError: every choice diverged.
    """
    found = min(trials, key=lambda trial: trial.mean)
    if math.isinf(found.mean):
        raise InputError(f"{found.setup.label}: training diverged with every learning rate")
    return found


def table(found: Sequence[Trial], common: dict[str, Any]) -> str:
    """The choice of each setup as text."""
    lines = [
        f"Chosen on {common['test_size']:,} held-out patterns, {TITLES[common['dataset']]}, "
        f"after {common['passes']} passes over {common['train_size']:,}:",
        f"{'':46}{'rate':>9}  {'schedule':9}{'error':>8}",
    ]
    ends = False
    for trials in by_setup(found).values():
        chosen = best(trials)
        rates = [trial.choice.rate for trial in trials]
        end = chosen.choice.rate in (min(rates), max(rates))
        ends = ends or end
        lines.append(
            f"{chosen.setup.label[:45]:46}{chosen.choice.rate:9.3g}  {chosen.choice.schedule:9}"
            f"{chosen.mean:6.2f} %{' *' if end else ''}"
        )
    return "\n".join([*lines, *(["* the end of the grid"] if ends else [])])


def by_setup(found: Sequence[Trial]) -> dict[str, list[Trial]]:
    """The trials of each setup, by its label."""
    groups: dict[str, list[Trial]] = {}
    for trial in found:
        groups.setdefault(trial.setup.label, []).append(trial)
    return groups


def _write(path: Path, common: dict[str, Any], found: Sequence[Trial]) -> None:
    """Write choosing.csv, a row for each choice; the column `chosen` marks the best with 1."""
    chosen = [best(trials) for trials in by_setup(found).values()]
    seeds = range(len(found[0].errors))
    head = ["dataset", "training_patterns", "held_out_patterns", "passes", "network",
            "learning_rate", "schedule", "chosen", *(f"error_{i}" for i in seeds)]  # fmt: skip
    given = [common[name] for name in ("dataset", "train_size", "test_size", "passes")]
    rows = [
        (*given, trial.setup.label, f"{trial.choice.rate:.6g}", trial.choice.schedule,
         int(trial in chosen), *(f"{error:.4f}" for error in trial.errors))
        for trial in found
    ]  # fmt: skip
    write_csv(path, head, rows)


def chosen_rates() -> dict[str, Choice]:
    """The choices that the package ships, by the setup's label."""
    path = resources.files("lenet1998.experiments") / TABLE
    if not path.is_file():
        return {}
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    return {
        row["network"]: Choice(float(row["learning_rate"]), row["schedule"])
        for row in rows
        if row["chosen"] == "1"
    }


def with_chosen_rate(setup: Setup, passes: int) -> dict[str, Any]:
    """The settings of a setup's chosen rate; none for the paper's method or without a choice."""
    choice = chosen_rates().get(setup.label)
    return {} if setup.method_of_1998 or choice is None else choice.settings(passes)


def not_chosen(setups: Sequence[Setup]) -> list[str]:
    """A line of text on the setups without a chosen rate; no line where all have one."""
    known = chosen_rates()
    names = [one.name for one in setups if not one.method_of_1998 and one.label not in known]
    if not names:
        return []
    said = "; ".join(names) if len(names) <= 3 else f"{len(names)} networks"
    return [f"With the usual rate, not one chosen on held-out patterns: {said}."]
