"""Figures 9 to 12: every method of section III, ours beside the paper's.

comparison.csv keeps what is in it: a method that has its row is not measured again.  So the
experiment goes on after a kill, and from a table that was copied into the folder of the results.
"""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import numpy as np
from matplotlib.figure import Figure

from .. import paper
from ..comparison.catalogue import BARS, Bar, Plan
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.bars import Pair
from ..figures.comparison import (
    Panel,
    Point,
    bars_of_methods,
    error_against_cost,
    figure8_by_methods,
)
from ..figures.methods import legend
from ..files import InputError, save_figure
from ..network.lenet5 import LeNet5
from ..run.metrics import curves
from ..run.settings import Settings, choose
from ..run.yardstick import caution, comparable
from .experiment import Experiment, Request
from .measuring import One, Table, measure

ORDER = [bar.name for bar in BARS]
FILES = (*Table.FILES, "figure9.png", "figure10.png", "figures11-12.png", "error-against-cost.png",
         "figure8-methods.png")  # fmt: skip


def run(request: Request) -> str:
    """Measure the methods that have no row yet, the quickest first; write the table and pictures.

    A method that cannot be measured here, or that diverges, is left out, and the text says why; one
    that --only names is an error.

    Raises:
        InputError: a method of --only cannot be measured, the table is of other patterns, or the
            networks cannot be trained (`Request.train_networks`).
        FloatingPointError: a network or a method of --only diverged.
    """
    table = Table(request.into, request.train, request.test, request.settings.passes)
    names = request.only.split(",") if request.only else [bar.key for bar in BARS]
    asked = [bar for bar in BARS if bar.key in names]
    left_out = {bar.name: bar.missing for bar in asked if bar.missing}
    if request.only and left_out:
        name, why = next(iter(left_out.items()))
        raise InputError(f"{name} cannot be measured ({why}): leave it out of --only")
    waiting = sorted(
        (bar for bar in asked if not bar.missing and bar.name not in table.rows),
        key=lambda bar: bar.minutes,
    )
    kept = [bar.name for bar in asked if bar.name in table.rows]
    if kept:
        print(f"measured before, in {table.path}: {', '.join(kept)}")
    _measure_all(waiting, request, table, left_out)
    reasons = {**{bar.name: bar.missing for bar in BARS if bar.missing}, **left_out}
    if table.rows:
        draw(table, request.train, request.test, reasons, request.into)
    given = request.settings
    lines = [text(table, given), *(f"{name}: {why}" for name, why in left_out.items())]
    return "\n".join(lines + caution(given.dataset, given.train_size))


def _measure_all(
    waiting: Sequence[Bar], request: Request, table: Table, left_out: dict[str, str]
) -> None:
    """Measure these methods one after the other; each has its row as soon as it is measured."""
    started, done, total = monotonic(), 0.0, sum(bar.minutes for bar in waiting)
    runs: dict[Settings, Path] = {}
    for number, bar in enumerate(waiting):
        left = ""
        if done:
            minutes = (monotonic() - started) / done * (total - done) / 60
            left = f", about {minutes:.0f} min left" if minutes >= 1 else ", less than 1 min left"
        print(f"{number + 1} of {len(waiting)}: {bar.name}{left}", flush=True)
        if not bar.make:
            _train(bar, waiting[number + 1 :], runs, request)
        try:
            found = _measure(bar, runs, request)
        except (InputError, FloatingPointError) as error:
            if request.only:
                raise
            left_out[bar.name] = str(error)
            print(f"left out: {error}", flush=True)
        else:
            table.add(bar.name, found, ORDER)
        done += bar.minutes


def _train(bar: Bar, later: Sequence[Bar], runs: dict[Settings, Path], request: Request) -> None:
    """Make the runs of a network that are lacking, and those of later ones beside them."""
    new = [one for one in settings(bar, request) if one not in runs]
    if new:
        for other in later:  # of the next networks too, if several runs may go on at a time
            if len(new) < request.jobs and not other.make:
                new += [one for one in settings(other, request) if one not in (*runs, *new)]
        runs.update(zip(new, request.train_networks(new), strict=True))


def _measure(bar: Bar, runs: dict[Settings, Path], request: Request) -> list[One]:
    """The results of a method, one for each seed; one alone where no seed matters."""
    train, test, passes = request.train, request.test, request.settings.passes
    if bar.make:
        seeds = list(request.seeds) if bar.seeded else [request.seeds[0]]
        plans = [Plan(seed, passes, request.quiet) for seed in seeds]
        return [measure(bar.make(plan), bar.database, train, test) for plan in plans]
    found = []
    for one in settings(bar, request):
        network = LeNet5.load(runs[one] / "weights.npz")
        method = bar.on(network, one, request.quiet)
        # Other work on the machine slows the fastest pass least.
        before = one.passes * float(curves([runs[one]], "seconds").min())
        found.append(measure(method, bar.database, train, test, before))
    return found


def settings(bar: Bar, request: Request) -> list[Settings]:
    """The settings of a network's runs, one for each seed."""
    given = request.settings
    about = {"dataset": given.dataset, "train_size": given.train_size,
             "test_size": given.test_size, "passes": given.passes}  # fmt: skip
    return [choose({**about, **bar.settings, "seed": seed}) for seed in request.seeds]


def text(table: Table, given: Settings) -> str:
    """The table as text, with the paper's errors where they compare."""
    compared = comparable(given.dataset, given.train_size)
    head = f"{TITLES[given.dataset]}, {given.train_size:,} training patterns"
    lines = [
        f"{head:40}{'error':>8}{'paper':>8}{'reject':>8}{'MAC/1000':>12}{'variables/1000':>16}"
    ]
    for name in table.rows:
        error, rejected = (table.number(name, f"{what}_percent") for what in ("error", "rejected"))
        costs = [
            table.number(name, column) or 0 for column in ("multiply_accumulates", "variables")
        ]
        theirs = paper.FIGURE_9.get(name) if compared else None
        lines.append(
            f"{name:40}{error:8.2f}{'-' if theirs is None else f'{theirs:g}':>8}"
            f"{'-' if rejected is None else f'{rejected:.1f}':>8}"
            f"{costs[0] / 1000:12,.0f}{costs[1] / 1000:16,.0f}"
        )
    shared = {name: table.number(name, "figure_8") for name in table.rows}
    if any(value is not None for value in shared.values()):
        lines += ["", f"of the {len(paper.FIGURE_8)} patterns of figure 8 each method misreads:"]
        lines += [
            f"{name:40}{value:8.0f}, with the paper's answer "
            f"{table.number(name, 'figure_8_same_answer'):.0f}"
            for name, value in shared.items()
            if value is not None
        ]
        lines.append(everybody(table))
    return "\n".join(lines)


def everybody(table: Table) -> str:
    """Which errors of 1998 are errors of every method that we measured, as a sentence."""
    wrong = misread(table)
    methods = len(table.answers)
    return (
        f"all {methods} methods misread {np.sum(wrong == methods)} of these patterns, more than "
        f"half of them {np.sum(2 * wrong > methods)}, none {np.sum(wrong == 0)}"
    )


def misread(table: Table) -> np.ndarray:
    """How many methods misread each pattern of figure 8, (82,)."""
    right = table.test.labels
    return np.array(
        [sum(one[i] != right[i] for one in table.answers.values()) for i in paper.FIGURE_8]
    )


def draw(
    table: Table, train: Patterns, test: Patterns, reasons: dict[str, str], into: Path
) -> None:
    """Write the pictures; figure 8's only where the test patterns are the paper's."""
    title = TITLES[test.dataset]
    if len(train) < paper.TRAINING_PATTERNS:
        title += f", {len(train):,} training patterns"
    colours = legend(title)
    for name, picture in bars(table, reasons, title).items():
        save_figure(picture, into / name)
    save_figure(costs(table, colours, title), into / "error-against-cost.png")
    if table.answers:
        wrong = misread(table)
        order = np.argsort(-wrong, kind="stable")
        patterns = np.array(list(paper.FIGURE_8))[order]
        methods = len(table.answers)
        picture = figure8_by_methods(
            test.images[patterns], test.labels[patterns], wrong[order], methods,
            f"The {len(patterns)} patterns of figure 8 with their class, and how many of {methods} "
            "methods misread them (blue: more than half)",
        )  # fmt: skip
        save_figure(picture, into / "figure8-methods.png")


def bars(table: Table, reasons: dict[str, str], title: str) -> dict[str, Figure]:
    """Figures 9 to 12, every bar of the paper's and ours, by file name."""

    def pairs(numbers: dict[str, float], column: str, unit: float = 1) -> list[Pair]:
        found = []
        for name in ORDER:
            ours, theirs = table.number(name, column), numbers.get(name)
            twin = name.removeprefix("[dist] ")
            if unit > 1 and twin != name and twin in ORDER:
                continue  # the same network, whatever it learned from
            missing = f"{paper.REJECTION_ERROR} % not reached"
            missing = missing if name in table.rows else "not measured"
            note = reasons.get(name, missing) if theirs is not None else ""
            if theirs is not None or ours is not None:
                found.append(Pair(name, theirs, None if ours is None else ours / unit, note))
        return found

    colours = legend(title)
    thousands = {name: float(value) for name, value in paper.FIGURE_11.items()}
    variables = {name: float(value) for name, value in paper.FIGURE_12.items()}
    return {
        "figure9.png": bars_of_methods(
            [Panel("test error (%)", pairs(paper.FIGURE_9, "error_percent"))],
            colours,
            f"Figure 9: test error of each method, ours on {title}",
        ),
        "figure10.png": bars_of_methods(
            [
                Panel(
                    f"patterns to reject for {paper.REJECTION_ERROR} % error (%)",
                    pairs(paper.FIGURE_10, "rejected_percent"),
                    0.1,
                )
            ],
            colours,
            f"Figure 10: rejection, ours on {title}",
        ),
        "figures11-12.png": bars_of_methods(
            [
                Panel("multiply-accumulates of an answer, thousands",
                      pairs(thousands, "multiply_accumulates", 1000), 1, True),
                Panel("variables, thousands", pairs(variables, "variables", 1000), 1, True),
            ],
            colours,
            "Figures 11 and 12: work and memory of an answer",
        ),
    }  # fmt: skip


def costs(table: Table, colours: tuple[str, str], title: str) -> Figure:
    """Error against multiply-accumulates and against training time, the paper's and ours."""
    left, right = [], []
    for name in ORDER:
        if name in paper.FIGURE_11:
            left.append(Point(name, 1000.0 * paper.FIGURE_11[name], paper.FIGURE_9[name], False))
        error = table.number(name, "error_percent")
        work, seconds = (
            table.number(name, column) for column in ("multiply_accumulates", "training_seconds")
        )
        if error and work:
            left.append(Point(name, work, error, True))
        if error and seconds and " / " not in name:  # on a network, whose time is theirs
            right.append(Point(name, seconds, error, True))
    shortest, longest = paper.TRAINING_DAYS
    right.append(Point("LeNet-5", 86400 * (shortest + longest) / 2, paper.TEST_ERROR, False))
    return error_against_cost(
        left, right, colours,
        f"What fewer errors cost, 1998 and now, ours on {title}.  The paper gives one training "
        f"time, LeNet-5's {shortest} to {longest} days.",
    )  # fmt: skip


EXPERIMENT = Experiment(
    name="comparison",
    section="III-C",
    help="figures 9 to 12, every method, ours and the paper's",
    files=FILES,
    run=run,
    trains=True,
    several=True,
    takes=("passes", "seed"),
    quick=True,
    parts=tuple(bar.key for bar in BARS),
    some_parts=True,
    untrained=frozenset(bar.key for bar in BARS if bar.make),
)
