"""The learning rate and its schedule, chosen for each network on patterns held out of training.

First the rate, with the cosine schedule; then the schedule, at that rate.
"""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import write_csv
from ..run.settings import Settings
from ..run.variants import RATES
from .ablation_runs import TRIAL, AblationRuns, Run, seeds_in
from .experiment import Request
from .setups import Setup, settings

TABLE = "choosing.csv"
HELD_OUT = 1 / 6  # of the training patterns: the last 10,000 of 60,000
FACTORS = (0.5, 1, 2, 4)  # of the usual rate of the optimizer
MOST_RATES = 7  # when the best one is the smallest or the largest, more are tried
FIRST = "cosine"  # the schedule with which the rate is chosen
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
        errors: in percent, one for each seed that every choice has; NaN where the training
            diverged.
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


def next_choices(setup: Setup, found: Sequence[Trial]) -> list[Choice]:
    """What is tried after these trials; nothing when they are complete.

    Four rates with the cosine schedule; then, as long as the best rate is the smallest or the
    largest, half or twice of it; then the other schedules at the best rate.  Appendix C's method
    takes the paper's schedule, which falls in steps, as its "step".

    Args:
        found: the trials so far.
    """
    optimizer = setup.changed.get("optimizer", "sdlm")
    if not found:
        return [Choice(RATES[optimizer] * factor, FIRST) for factor in FACTORS]
    chosen, rates = best(found), {trial.choice.rate for trial in found}
    if chosen is None or len(found) > len(rates):  # all diverged, or the schedules were tried
        return []
    rate = chosen.choice.rate
    if len(rates) < MOST_RATES and rate in (min(rates), max(rates)):
        return [Choice(rate / 2 if rate == min(rates) else 2 * rate, FIRST)]
    return [Choice(rate, name) for name in ("constant", "paper" if optimizer == "sdlm" else "step")]


def hold_out(train: Patterns) -> tuple[Patterns, Patterns]:
    """The patterns to train on, and the last sixth, on which the rates are compared.

    Raises:
        InputError: there are fewer than two patterns.
    """
    last = max(1, round(HELD_OUT * len(train)))
    first = train.subset(len(train) - last)
    return first, Patterns(train.images[-last:], train.labels[-last:], train.dataset)


def run(runs: AblationRuns, setups: Sequence[Setup]) -> str:
    """Try every choice for every setup; write choosing.csv of all that the table has.

    The runs have the passes of the setup's trials unless the user chooses another number.  The
    test set is not read.

    Args:
        setups: those whose method is the paper's are left out.
    """
    request = runs.request
    train, held_out = hold_out(request.train)
    data: dict[str, Any] = {
        "dataset": train.dataset,
        "train_size": len(train),
        "test_size": len(held_out),
    }
    unique = {setup.label: setup for setup in setups if not setup.method_of_1998}
    common = {
        label: {**data, "passes": request.chosen.get("passes") or setup.trial_passes}
        for label, setup in unique.items()
    }

    def attempt(setup: Setup, choices: Sequence[Choice]) -> None:
        given = common[setup.label]
        wanted = [
            (setup, settings(setup, **given, **choice.settings(given["passes"]), seed=seed))
            for choice in choices
            for seed in request.seeds
        ]
        runs.train(wanted, train, held_out)

    for setup in runs.selected(list(unique.values())):
        print(f"choosing the rate of {setup.label}")
        trials_of(runs, setup, common[setup.label], partial(attempt, setup))
    found, missing = [], []
    for setup in unique.values():
        trials = trials_of(runs, setup, common[setup.label])
        found += trials
        missing += [] if trials else [setup.label]
    if not found:
        return ""
    _write(request.into / TABLE, common, found)
    lines = [f"Not finished: {name}" for name in missing[:3]]
    lines += [f"and {len(missing) - 3} more"] * (len(missing) > 3)
    return "\n".join([table(found, common), *lines])


def trials_of(
    runs: AblationRuns,
    setup: Setup,
    common: Mapping[str, Any],
    attempt: Callable[[Sequence[Choice]], None] | None = None,
) -> list[Trial]:
    """The trials of a setup in the table; none unless every choice has been tried.

    Args:
        common: settings of all its trials.
        attempt: makes the trials that the table lacks.
    """
    tried: list[Choice] = []
    found: list[Trial] = []
    while more := next_choices(setup, found):
        if attempt:
            attempt(more)
        tried += more
        found = _trials(runs, setup, common, tried)
        if not found:
            return []
    return found


def _trials(
    runs: AblationRuns, setup: Setup, common: Mapping[str, Any], choices: Sequence[Choice]
) -> list[Trial]:
    """These trials; none unless each has been made with the same seed."""
    groups = [
        runs.of(settings(setup, **common, **choice.settings(common["passes"]), seed=0), TRIAL)
        for choice in choices
    ]
    seeds = seeds_in(groups)
    return [
        Trial(setup, choice, [last_error(group[seed], common["passes"]) for seed in seeds])
        for choice, group in zip(choices, groups, strict=True)
        if seeds
    ]


def last_error(run: Run, passes: int) -> float:
    """The error of the last pass of a run in percent; NaN when it diverged before."""
    return float(run.errors[-1]) if len(run.errors) == passes else math.nan


def best(trials: Sequence[Trial]) -> Trial | None:
    """The trial with the smallest mean error; of equals the first, with the smallest rate.

    None if training diverged with every choice.
    """
    found = min(trials, key=lambda trial: trial.mean)
    return None if math.isinf(found.mean) else found


def table(found: Sequence[Trial], common: Mapping[str, dict[str, Any]]) -> str:
    """The choice of each setup as text.

    Args:
        common: settings of all trials of a setup, by its label.
    """
    data = common[found[0].setup.label]
    lines = [
        f"Chosen on {data['test_size']:,} held-out patterns, {TITLES[data['dataset']]}, "
        f"training on {data['train_size']:,}:",
        f"{'':46}{'passes':>6}{'rate':>9}  {'schedule':9}{'error':>8}",
    ]
    ends = False
    for label, trials in by_setup(found).items():
        chosen = best(trials)
        if chosen is None:
            lines.append(f"{label[:45]:46}diverged with every rate: none is chosen")
            continue
        rates = [trial.choice.rate for trial in trials]
        end = chosen.choice.rate in (min(rates), max(rates))
        ends = ends or end
        lines.append(
            f"{label[:45]:46}{common[label]['passes']:6}{chosen.choice.rate:9.3g}  "
            f"{chosen.choice.schedule:9}{chosen.mean:6.2f} %{' *' if end else ''}"
        )
    return "\n".join([*lines, *(["* the end of the grid"] if ends else [])])


def by_setup(found: Sequence[Trial]) -> dict[str, list[Trial]]:
    """The trials of each setup, by its label."""
    groups: dict[str, list[Trial]] = {}
    for trial in found:
        groups.setdefault(trial.setup.label, []).append(trial)
    return groups


def _write(path: Path, common: Mapping[str, Any], found: Sequence[Trial]) -> None:
    """Write choosing.csv, a row for each choice; the column `chosen` marks the best with 1."""
    chosen = [best(trials) for trials in by_setup(found).values()]
    seeds = range(max(len(trial.errors) for trial in found))
    head = ["dataset", "training_patterns", "held_out_patterns", "passes", "network",
            "learning_rate", "schedule", "chosen", *(f"error_{i}" for i in seeds)]  # fmt: skip
    given = ("dataset", "train_size", "test_size", "passes")
    rows = [
        (*(common[trial.setup.label][name] for name in given), trial.setup.label,
         f"{trial.choice.rate:.6g}", trial.choice.schedule, int(trial in chosen),
         *(f"{error:.4f}" for error in trial.errors), *[""] * (len(seeds) - len(trial.errors)))
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


def settings_of(setup: Setup, request: Request, passes: int, seed: int, **given: Any) -> Settings:
    """The settings of a run with the chosen rate, on the data of a request.

    Args:
        given: settings over those of the request.
    """
    data = {name: getattr(request.settings, name) for name in ("dataset", "train_size",
                                                               "test_size")}  # fmt: skip
    about = {**data, "passes": passes, "seed": seed}
    return settings(setup, **{**about, **with_chosen_rate(setup, passes), **given})


def not_chosen(setups: Sequence[Setup]) -> list[str]:
    """A line of text on the setups without a chosen rate; no line where all have one."""
    known = chosen_rates()
    names = [one.name for one in setups if not one.method_of_1998 and one.label not in known]
    if not names:
        return []
    said = "; ".join(names) if len(names) <= 3 else f"{len(names)} networks"
    return [f"With the usual rate, not one chosen on held-out patterns: {said}."]
