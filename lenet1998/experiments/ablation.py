"""1998 against modern: what each part is worth, in errors, time and parameters.

The other parts of the experiment are in choosing.py, factorial.py and less_data.py.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..data.catalogue import TITLES
from ..figures.ablation import Row, learning_curves, overview
from ..files import InputError, save_figure, write_csv
from ..run.yardstick import caution
from . import choosing, factorial, less_data
from .ablation_runs import TABLE, AblationRuns, Run, seeds_in
from .choosing import not_chosen, settings_of
from .experiment import Experiment, Request
from .run_table import DRAW
from .setups import ORIGINAL, Setup, alone, ladder, today
from .setups import factorial as all_combinations
from .statistics import LEVEL, holm, mcnemar, smallest_difference
from .timing import ROUNDS, microseconds

FILES = ("ablation.csv", "ablation-curves.csv", "ablation.png", "learning-curves.png")
TIMES = "times"  # the part that leaves no trained network
GOAL = 1.0  # percent of errors; how many passes does a network take to reach it?
CURVES = ("1998", "as trained today", "1998, distortions", "as trained today, distortions")
Found = Mapping[Setup, Mapping[int, Run]]  # the runs of each setup, by their seed


def run(request: Request) -> str:
    """Train what the table of runs lacks, draw what it has, and return its numbers as text.

    All parts, or the one that --only names; with --choose choose their rates instead.  `--only
    table` trains nothing and draws all parts.

    Raises:
        InputError: the file is not a table of such runs, it has none of these settings, or no
            network matches --networks.
    """
    runs = AblationRuns(request)
    setups = {"ladder": compared(), TIMES: compared(), "factorial": all_combinations(),
              "less-data": less_data.SETUPS}  # fmt: skip
    asked = [part for part in setups if request.only in ("", part, DRAW)]
    wanted = [setup for part in asked for setup in setups[part]]
    runs.check_selection([one for one in wanted if not (request.choose and one.method_of_1998)])
    if request.choose:
        texts = [choosing.run(runs, wanted)]
    else:
        train = {"ladder": train_ladder, TIMES: measure_times, "factorial": factorial.train,
                 "less-data": less_data.train}  # fmt: skip
        draw = {"ladder": draw_ladder, "factorial": factorial.draw, "less-data": less_data.draw}
        for part in asked:
            train[part](runs)
        texts = [draw[part](runs) for part in asked if part in draw]
        if request.only == TIMES:
            texts.append(draw_ladder(runs) or f"The times are in {runs.table.path}.")
    texts = [text for text in texts if text]
    if not texts and request.only in (DRAW, ""):
        raise InputError(
            f"{runs.table.path}: has no finished part with these settings and data; train one, or "
            "give another --table"
        )
    given = request.settings
    return "\n".join(["\n\n".join(texts), *caution(given.dataset, given.train_size)])


def compared() -> list[Setup]:
    """The networks of the table: 1998, the ladder, each change alone, and as trained today."""
    return [*ladder(), *alone(), *today()]


def train_ladder(runs: AblationRuns) -> None:
    """Train every network of the comparison with every seed."""
    request = runs.request
    # Those of the main question first, should the command be stopped.
    setups = sorted(compared(), key=lambda setup: setup.group not in ("1998", "today"))
    runs.train(
        [
            (setup, settings_of(setup, request, request.settings.passes, seed))
            for setup in runs.selected(setups)
            for seed in request.seeds
        ]
    )


def measure_times(runs: AblationRuns) -> None:
    """Time these networks in turn; the times replace those that the table has."""
    request, setups = runs.request, runs.selected(compared())
    wanted = [
        settings_of(setup, request, request.settings.passes, request.settings.seed)
        for setup in setups
    ]
    times = microseconds(wanted, request.train, quiet=request.quiet) if wanted else []
    for setup, one, time in zip(setups, wanted, times, strict=True):
        runs.add_time(setup, one, time)


def draw_ladder(runs: AblationRuns) -> str:
    """Write the tables and the pictures of the networks that the table has; return the text."""
    request = runs.request
    given, into = request.settings, request.into
    wanted = {setup: settings_of(setup, request, given.passes, 0) for setup in compared()}
    found = {setup: runs.of(one) for setup, one in wanted.items()}
    found = {setup: by_seed for setup, by_seed in found.items() if by_seed}
    if not found:
        return ""
    rows = results(found, {setup: runs.time_of(one) for setup, one in wanted.items()},
                   {setup: wanted[setup].network().parameters.size for setup in found},
                   given.train_size)  # fmt: skip
    title = f"{TITLES[given.dataset]}, pass {given.passes}"
    _write(into / FILES[0], given.dataset, rows)
    _write_curves(into / FILES[1], given.dataset, found)
    save_figure(overview(rows, f"LeNet-5, 1998 against modern: {title}"), into / FILES[2])
    curves = {one.name: np.array([run.errors for run in runs.values()])
              for one, runs in found.items()}  # fmt: skip
    shown = {name: curves[name] for name in CURVES if name in curves}
    if shown:
        picture = learning_curves(shown, f"1998 against modern: {TITLES[given.dataset]}")
        save_figure(picture, into / FILES[3])
    note = f"us: microseconds of the fastest of {ROUNDS} passes, one network at a time, in turn."
    return "\n".join([table(rows, title, len(request.test)), note, *not_chosen(list(found))])


def results(
    found: Found,
    times: Mapping[Setup, float],
    parameters: Mapping[Setup, int],
    pass_size: int,
) -> list[Row]:
    """The results of each network.

    The test against the 1998 network takes the seeds that both have.

    Args:
        found: the runs; the 1998 network first, if it is there.
        times: microseconds a pattern; NaN where they have not been measured.
        parameters: number of trainable parameters.
        pass_size: patterns of a pass.
    """
    wrong = {}  # of each network and of the 1998 one, with the same seeds
    for setup, runs in found.items():
        original = found.get(ORIGINAL, {})
        seeds = [] if setup is ORIGINAL else seeds_in([runs, original])
        if seeds:
            wrong[setup] = (
                np.array([runs[seed].wrong for seed in seeds]),
                np.array([original[seed].wrong for seed in seeds]),
            )
    p = dict(zip(wrong, holm([mcnemar(*both) for both in wrong.values()]), strict=True))
    rows = []
    for setup, runs in found.items():
        errors = np.array([run.errors for run in runs.values()])
        reached = np.flatnonzero(errors.mean(axis=0) <= GOAL)
        passes = int(reached[0]) + 1 if len(reached) else None
        known = passes is not None and not math.isnan(times[setup])
        rows.append(
            Row(
                setup.name,
                setup.group,
                errors[:, -1],
                times[setup],
                parameters[setup],
                p.get(setup, math.nan),
                smallest_difference(*wrong[setup], LEVEL / len(p)) if setup in p else math.nan,
                passes,
                passes * pass_size * times[setup] / 1e6 if passes and known else None,
                list(runs),
            )
        )
    return rows


def table(rows: Sequence[Row], title: str, patterns: int) -> str:
    """The results as text.

    Args:
        rows: the 1998 network first.
        title: the data set and the passes.
        patterns: number of test patterns.
    """
    counts = sorted({len(row.errors) for row in rows})
    said = " to ".join(map(str, counts[:: max(1, len(counts) - 1)]))
    lines = [
        f"LeNet-5, 1998 against modern, {title}, {said} {'seed' if counts == [1] else 'seeds'}: "
        "test error in percent",
        f"{'':31}{'mean':>6}{'range':>15}{'p':>9}{'could show':>12}",
    ]
    for row in rows:
        e = row.errors
        spread = f"{e.min():.2f} to {e.max():.2f}" if len(e) > 1 else ""
        p = "" if math.isnan(row.p) else "< 1e-6" if row.p < 1e-6 else f"{row.p:.2g}"
        least = "" if math.isnan(row.p) else "-" if math.isnan(row.smallest) else (
            f"{row.smallest:.2f}")  # fmt: skip
        lines.append(f"{row.name:31}{e.mean():6.2f}{spread:>15}{p:>9}{least:>12}")
    tests = sum(not math.isnan(row.p) for row in rows)
    lines += [
        "p: McNemar's exact test against the 1998 network, paired by seed and pattern,",
        f"after Holm's correction for {tests} comparisons.  could show: the smallest",
        f"difference that would be significant on {patterns:,} patterns.",
        "",
        f"{'':31}{'us a pattern':>13}{'parameters':>12}{f'passes to {GOAL:g} %':>15}{'seconds':>9}",
    ]
    for row in rows:
        passes = "-" if row.passes is None else f"{row.passes}"
        seconds = "-" if row.seconds is None else f"{row.seconds:.0f}"
        time = "-" if math.isnan(row.microseconds) else f"{row.microseconds:.1f}"
        lines.append(f"{row.name:31}{time:>13}{row.parameters:12,}{passes:>15}{seconds:>9}")
    return "\n".join(lines)


def _write(path: Path, dataset: str, rows: Sequence[Row]) -> None:
    """Write ablation.csv, one row for each network."""
    seeds = sorted({seed for row in rows for seed in row.seeds})
    head = ["dataset", "network", "group", "microseconds_a_pattern", "parameters", "holm_p",
            "could_show", "passes_to_goal", "seconds_to_goal",
            *(f"error_{seed}" for seed in seeds)]  # fmt: skip
    lines: list[list[object]] = []
    for row in rows:
        errors = dict(zip(row.seeds, (f"{error:.4f}" for error in row.errors), strict=True))
        lines.append(
            [dataset, row.name, row.group, f"{row.microseconds:.2f}", row.parameters,
             f"{row.p:.4g}", f"{row.smallest:.4f}", row.passes or "",
             f"{row.seconds:.1f}" if row.seconds else "", *(errors.get(one, "") for one in seeds)]
        )  # fmt: skip
    write_csv(path, head, lines)


def _write_curves(path: Path, dataset: str, found: Found) -> None:
    """Write ablation-curves.csv, the test error of every pass, seed and network."""
    rows = [
        (dataset, setup.name, seed, number, f"{error:.4f}")
        for setup, runs in found.items()
        for seed, one in runs.items()
        for number, error in enumerate(one.errors, 1)
    ]
    write_csv(path, ["dataset", "network", "seed", "pass", "test_error_percent"], rows)


EXPERIMENT = Experiment(
    name="ablation",
    section="not in the paper",
    help="what each part of 1998 is worth against the modern one",
    files=(TABLE, *FILES, *factorial.FILES, *less_data.FILES),
    run=run,
    trains=True,
    several=True,
    takes=("passes", "seed"),
    quick=True,
    parts=("ladder", TIMES, "factorial", "less-data", DRAW),
    about_parts="ladder (one change after the other, and each alone), times (of the same "
    "networks), factorial (five changes in all combinations), less-data (fewer training "
    f"patterns), or {DRAW}: train nothing",
    chooses=True,
    table=True,
    named=True,
)
