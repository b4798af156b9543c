"""1998 against modern: what each part is worth, in errors, time and parameters.

The other parts of the experiment are in choosing.py, factorial.py and less_data.py.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.ablation import Row, learning_curves, overview
from ..files import save_figure, write_csv
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.metrics import curves
from ..run.yardstick import caution
from . import choosing, factorial, less_data
from .choosing import not_chosen, with_chosen_rate
from .experiment import Experiment, Request
from .setups import Setup, alone, ladder, settings, today
from .setups import factorial as all_combinations
from .statistics import LEVEL, holm, mcnemar, smallest_difference
from .timing import ROUNDS, microseconds

FILES = ("ablation.csv", "ablation-curves.csv", "ablation.png", "learning-curves.png")
GOAL = 1.0  # percent of errors; how many passes does a network take to reach it?
CURVES = ("1998", "as trained today", "1998, distortions", "as trained today, distortions")


def run(request: Request) -> str:
    """Run all parts, or the one that --only names; with --choose choose their rates instead."""
    if request.choose:
        setups = {"ladder": compared(), "factorial": all_combinations(), "less-data": today()[:1]}
        wanted = [
            setup for part, some in setups.items() if request.only in ("", part) for setup in some
        ]
        return choosing.run(request, wanted)
    parts = {"ladder": run_ladder, "factorial": factorial.run, "less-data": less_data.run}
    texts = [part(request) for name, part in parts.items() if request.only in ("", name)]
    given = request.settings
    return "\n".join(["\n\n".join(texts), *caution(given.dataset, given.train_size)])


def compared() -> list[Setup]:
    """The networks of the table: 1998, the ladder, each change alone, and as trained today."""
    return [*ladder(), *alone(), *today()]


def run_ladder(request: Request) -> str:
    """Train every network with every seed, and time each; write the tables and the pictures."""
    given, seeds = request.settings, request.seeds
    setups = compared()
    common = {
        "dataset": given.dataset,
        "train_size": given.train_size,
        "test_size": given.test_size,
        "passes": given.passes,
    }
    wanted = {
        setup.label: [
            settings(setup, **common, **with_chosen_rate(setup, given.passes), seed=seed)
            for seed in seeds
        ]
        for setup in setups
    }
    # Those of the main question first, should the command be stopped.
    first = sorted(setups, key=lambda setup: setup.group not in ("1998", "today"))
    folders = request.train_networks([one for setup in first for one in wanted[setup.label]])
    by_label = {
        setup.label: folders[i * len(seeds) : (i + 1) * len(seeds)] for i, setup in enumerate(first)
    }
    times = microseconds([wanted[setup.label][0] for setup in setups], request.train,
                         quiet=request.quiet)  # fmt: skip
    runs = [(setup, by_label[setup.label]) for setup in setups]
    rows = results(runs, times, request.test, given.train_size)
    title = f"{TITLES[given.dataset]}, pass {given.passes}"
    by_pass = {setup.name: curves(by_label[setup.label], "test_error_percent") for setup in setups}
    into = request.into
    _write(into / FILES[0], given.dataset, rows)
    _write_curves(into / FILES[1], given.dataset, by_pass, seeds)
    save_figure(overview(rows, f"LeNet-5, 1998 against modern: {title}"), into / FILES[2])
    shown = {name: by_pass[name] for name in CURVES}
    picture = learning_curves(shown, f"1998 against modern: {TITLES[given.dataset]}")
    save_figure(picture, into / FILES[3])
    note = f"us: microseconds of the fastest of {ROUNDS} passes, one network at a time, in turn."
    return "\n".join([table(rows, title, len(request.test)), note, *not_chosen(setups)])


def results(
    runs: Sequence[tuple[Setup, Sequence[Path]]],
    times: Sequence[float],
    test: Patterns,
    pass_size: int,
) -> list[Row]:
    """Collect the results of finished runs.

    Args:
        runs: setups, the 1998 network first, each with the folders of its runs, one for each seed.
        times: microseconds a pattern, one for each setup.
        test: patterns of McNemar's test.
        pass_size: patterns of a pass.
    """
    wrong = [wrong_answers(folders, test) for _, folders in runs]
    p = holm([mcnemar(other, wrong[0]) for other in wrong[1:]])
    rows = []
    for i, (setup, folders) in enumerate(runs):
        errors = curves(folders, "test_error_percent")
        reached = np.flatnonzero(errors.mean(axis=0) <= GOAL)
        passes = int(reached[0]) + 1 if len(reached) else None
        rows.append(
            Row(
                setup.name,
                setup.group,
                errors[:, -1],
                times[i],
                LeNet5.load(folders[0] / "weights.npz").parameters.size,
                p[i - 1] if i else math.nan,
                smallest_difference(wrong[i], wrong[0], LEVEL / len(p)) if i else math.nan,
                passes,
                passes and passes * pass_size * times[i] / 1e6,
            )
        )
    return rows


def wrong_answers(folders: Sequence[Path], test: Patterns) -> NDArray[np.bool_]:
    """Whether each network's answer to each pattern is wrong, (runs, n)."""
    networks = (LeNet5.load(folder / "weights.npz") for folder in folders)
    return np.array([evaluation.answers(one, test) != test.labels for one in networks])


def table(rows: Sequence[Row], title: str, patterns: int) -> str:
    """The results as text.

    Args:
        rows: the 1998 network first.
        title: the data set and the passes.
        patterns: number of test patterns.
    """
    seeds = len(rows[0].errors)
    lines = [
        f"LeNet-5, 1998 against modern, {title}, {seeds} {'seed' if seeds == 1 else 'seeds'}: "
        "test error in percent",
        f"{'':31}{'mean':>6}{'range':>15}{'p':>9}{'could show':>12}",
    ]
    for row in rows:
        e = row.errors
        spread = f"{e.min():.2f} to {e.max():.2f}" if seeds > 1 else ""
        p = "" if row is rows[0] else "< 1e-6" if row.p < 1e-6 else f"{row.p:.2g}"
        least = "" if row is rows[0] else "-" if math.isnan(row.smallest) else f"{row.smallest:.2f}"
        lines.append(f"{row.name:31}{e.mean():6.2f}{spread:>15}{p:>9}{least:>12}")
    lines += [
        "p: McNemar's exact test against the 1998 network, paired by seed and pattern,",
        f"after Holm's correction for {len(rows) - 1} comparisons.  could show: the smallest",
        f"difference that would be significant on {patterns:,} patterns.",
        "",
        f"{'':31}{'us a pattern':>13}{'parameters':>12}{f'passes to {GOAL:g} %':>15}{'seconds':>9}",
    ]
    for row in rows:
        passes = "-" if row.passes is None else f"{row.passes}"
        seconds = "-" if row.seconds is None else f"{row.seconds:.0f}"
        lines.append(
            f"{row.name:31}{row.microseconds:13.1f}{row.parameters:12,}{passes:>15}{seconds:>9}"
        )
    return "\n".join(lines)


def _write(path: Path, dataset: str, rows: Sequence[Row]) -> None:
    """Write ablation.csv, one row for each network."""
    head = ["dataset", "network", "group", "microseconds_a_pattern", "parameters", "holm_p",
            "could_show", "passes_to_goal", "seconds_to_goal",
            *(f"error_{i}" for i in range(len(rows[0].errors)))]  # fmt: skip
    write_csv(
        path,
        head,
        [
            (dataset, row.name, row.group, f"{row.microseconds:.2f}", row.parameters,
             f"{row.p:.4g}", f"{row.smallest:.4f}", row.passes or "",
             f"{row.seconds:.1f}" if row.seconds else "", *(f"{e:.4f}" for e in row.errors))
            for row in rows
        ],
    )  # fmt: skip


def _write_curves(
    path: Path, dataset: str, by_pass: Mapping[str, Array], seeds: Sequence[int]
) -> None:
    """Write ablation-curves.csv, the test error of every pass, seed and network."""
    rows = [
        (dataset, name, seed, number, f"{error:.4f}")
        for name, errors in by_pass.items()
        for seed, curve in zip(seeds, errors, strict=True)
        for number, error in enumerate(curve, 1)
    ]
    write_csv(path, ["dataset", "network", "seed", "pass", "test_error_percent"], rows)


EXPERIMENT = Experiment(
    name="ablation",
    section="not in the paper",
    help="what each part of 1998 is worth against the modern one",
    files=(*FILES, *factorial.FILES, *less_data.FILES),
    run=run,
    trains=True,
    several=True,
    takes=("passes", "seed"),
    quick=True,
    parts=("ladder", "factorial", "less-data"),
    about_parts="ladder (one change after the other, and each alone), factorial (five changes in "
    "all combinations), less-data (fewer training patterns)",
    chooses=True,
)
