"""Section VII: whole strings of digits, read without cutting them apart."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .. import paper
from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.strings import string_curves
from ..files import save_figure, write_csv
from ..learning.evaluation import error_percent
from ..network.lenet5 import LeNet5
from ..network.weights import SHIPPED, STRINGS
from ..run.yardstick import caution
from ..strings import readers
from ..strings.conditions import CLEAN, CURVES, MAIN, NOISY, PLAIN, Measured, Strings
from ..strings.cost import connections, milliseconds, separate_connections
from ..strings.learned import learned_strings
from ..strings.samples import StringRules, sample_strings
from ..strings.scoring import Score
from . import string_figures
from .experiment import Experiment, Request

SEED = 1998  # of the strings of test digits
CHOOSING_SEED = 1997  # of strings of training digits
MOST = 2000  # strings of a condition; a fifth as many as there are digits
BLANKS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # penalties of a blank column that are tried
LEARNED = "learned windows, then strings"
WINDOWS = "learned windows"
FROM_SCRATCH = ", from scratch"
ONLY = "shipped"  # the part that trains nothing
TIMED = 8  # characters of the strings whose cost is measured
FILES = ("strings.csv", "strings-cost.csv", "strings.png", *string_figures.FILES)


def run(request: Request) -> str:
    """Train a network for each seed and read strings of test digits with it.

    Each network learns windows (VII-B), then whole strings (VII-C).  Writes strings.csv,
    strings-cost.csv, the pictures, and the weights strings-SEED.npz.  `--only shipped` trains
    nothing and reads with the shipped weights.  `--from-scratch` starts from random weights.
    """
    train, test, into = request.train, request.test, request.into
    strings = Strings(test, min(MOST, max(1, len(test) // 5)), SEED)
    found: list[Measured] = []
    networks = _shipped() if request.only == ONLY else _trained(request)
    for name, by_seed in networks.items():
        for seed, network in by_seed.items():
            found += strings.main(readers.replicated(network), name, seed)
    learned = list(networks[name].values())
    first = found[0].seed
    found += strings.compare(other_readers(learned[0], train, test), first)
    found += strings.curves(readers.replicated(learned[0]), name, first)
    costs = cost(learned[0], test)
    _write(into / FILES[0], test, found)
    write_csv(into / FILES[1], ("what", "value", "unit"), costs)
    save_figure(picture(found, test), into / FILES[2])
    string_figures.draw(learned[0], test, SEED, into)
    alone = [error_percent(network, test) for network in learned]
    warning = caution(test.dataset, len(train))
    if request.only == ONLY:
        warning = caution(test.dataset, learned=learned[0].dataset)
    return "\n".join([*table(found, alone, costs, strings), *warning])


Networks = dict[str, dict[int, LeNet5]]  # name of the reader -> seed -> network


def _shipped() -> Networks:
    """The shipped weights alone."""
    return {f"weights {STRINGS}": {0: LeNet5.pretrained(STRINGS)}}


def _trained(request: Request) -> Networks:
    """A network for each seed, after it learned windows, and after it learned strings too."""
    wanted = [replace(request.settings, seed=seed) for seed in request.seeds]
    folders = request.train_networks(wanted)
    windows, learned = dict[int, LeNet5](), dict[int, LeNet5]()
    for seed, folder in zip(request.seeds, folders, strict=True):
        windows[seed] = LeNet5.load(folder / "weights.npz")
        path = request.into / f"strings-{seed}.npz"
        passes = windows[seed], request.train, seed, _a_pass(request.train), path, request.quiet
        learned[seed] = learned_strings(*passes)
    begun = "" if request.settings.weights else FROM_SCRATCH
    return {WINDOWS + begun: windows, LEARNED + begun: learned}


def _a_pass(train: Patterns) -> int:
    """Strings of a pass: a sixth as many as there are patterns, 10,000 of MNIST."""
    return max(1, len(train) // 6)


def other_readers(network: LeNet5, train: Patterns, test: Patterns) -> dict[str, readers.Reader]:
    """What the network is compared with, by name.

    Args:
        network: one that learned strings, for the reader without the transducer.
        train: the penalty of a blank column is chosen on strings of these.
        test: single characters, of which the strings are made.
    """
    shipped = LeNet5.pretrained(SHIPPED)
    few = Strings(train, 200, CHOOSING_SEED)
    scores = {blank: few.score(readers.over_the_field(shipped, blank)).right for blank in BLANKS}
    best = max(scores, key=lambda blank: scores[blank])
    return {
        "the same without the transducer": readers.without_grammar(network),
        f"weights {SHIPPED}, cut at empty columns": readers.cut_apart(shipped),
        f"weights {SHIPPED} over the field, blank {best:g}": readers.over_the_field(shipped, best),
        f"weights {SHIPPED} at the true middles": readers.at_the_middles(shipped),
        f"weights {SHIPPED}, each digit alone": readers.one_by_one(shipped, test),
    }


def cost(network: LeNet5, test: Patterns) -> list[tuple[str, str, str]]:
    """Connections and time of a string of 8 digits: name, value, unit."""
    rules = StringRules((TIMED, TIMED))
    samples = sample_strings(test, 20, SEED, rules)
    width = round(float(np.mean([one.x.shape[2] for one in samples])) / 4) * 4
    same = [replace(one, x=_as_wide(one.x, width)) for one in samples]
    together, apart = connections(network, width), separate_connections(network, width)
    rows = [
        (f"width of a string of {TIMED}", f"{width}", "pixels"),
        ("connections of the network over the field", f"{together:,}", ""),
        ("connections of one network a column", f"{apart:,}", ""),
        ("times fewer", f"{apart / together:.2f}", ""),
    ]
    return rows + [(name, f"{t:.3f}", "ms") for name, t in milliseconds(network, same).items()]


def _as_wide(x: Array, width: int) -> Array:
    """A field (1, 32, w, 1) cut or filled with paper to a width."""
    out = np.full((1, paper.INPUT_SIZE, width, 1), paper.BACKGROUND, x.dtype)
    part = x[:, :, :width]
    out[:, :, : part.shape[2]] = part
    return out


def picture(found: Sequence[Measured], test: Patterns) -> Figure:
    """The scores of the first seed by noise, jitter, gap and length, and of all readers."""
    curves = {
        varied: [(float(one.value), one.score) for one in found if one.varied == varied]
        for varied in CURVES
    }
    first = found[0].seed
    bars = [(one.reader, one.score) for one in found
            if (one.seed, one.varied, one.value) == (first, "", CLEAN)]  # fmt: skip
    ours = {one.reader for one in found if one.value not in (CLEAN, NOISY)}
    return string_curves(curves, bars, ours, f"{TITLES[test.dataset]}: whole strings read right")


def table(
    found: Sequence[Measured],
    alone: Sequence[float],
    costs: Sequence[tuple[str, str, str]],
    strings: Strings,
) -> list[str]:
    """The results as lines of text.

    Args:
        found: every score.
        alone: error on single test digits in percent, of each seed.
        costs: as `cost` gives them.
        strings: that were read.
    """
    seeds = sorted({one.seed for one in found})
    said = "mean and range of the seeds" if len(seeds) > 1 else "95 % bounds of the bootstrap"
    title = TITLES[strings.patterns.dataset].removesuffix(" digits")
    lengths, gaps = ("{} to {}".format(*ends) for ends in (PLAIN.length, PLAIN.gaps))
    lines = [
        f"{strings.count:,} strings of {lengths} {title} test digits for each line, boxes {gaps} "
        "pixels apart, unless said",
        f"otherwise; seeds {', '.join(map(str, seeds))}; {said}",
        f"{'':48}{'whole strings right, %':>22}{'edits for 100 digits':>26}",
    ]
    ours = dict.fromkeys(one.reader for one in found if one.value not in (CLEAN, NOISY))
    for reader in ours:
        lines.append(reader)
        own = [one for one in found if one.reader == reader and not one.varied]
        for value in MAIN:
            scores = [one.score for one in own if one.value == value]
            lines += [_line(f"  {value}", scores)] if scores else []
    lines.append(f"other readers, seed {seeds[0]}")
    for one in found:
        if one.reader not in ours:
            name = one.reader if one.value == CLEAN else f"  {one.value}"
            lines.append(_line(f"  {name}", [one.score]))
    errors = " ".join(f"{error:.2f}" for error in alone)
    lines.append(f"single test digits, eleven classes: wrong {errors} %")
    lines += [f"{name}: {value} {unit}".rstrip() for name, value, unit in costs]
    return lines


def _line(name: str, scores: Sequence[Score]) -> str:
    """A line of the table."""
    return f"{name:48}{_cell(scores, 'right'):>22}{_cell(scores, 'edits'):>26}"


def _cell(scores: Sequence[Score], what: str) -> str:
    """A mean with its range over the seeds, or with its bounds where there is one seed."""
    values = [getattr(one, what) for one in scores]
    bounds = (min(values), max(values))
    if len(scores) == 1:
        bounds = getattr(scores[0], f"{what}_range")
    digits = 1 if what == "right" else 2
    mean, low, high = (f"{x:.{digits}f}" for x in (np.mean(values), *bounds))
    return f"{mean} ({low} to {high})"


def _write(path: Path, test: Patterns, found: Sequence[Measured]) -> None:
    """Write strings.csv, a row for each score."""
    head = ["dataset", "seed", "reader", "varied", "value", "strings", "right_percent",
            "right_low", "right_high", "edits_per_100", "edits_low", "edits_high"]  # fmt: skip
    rows = []
    for one in found:
        s = one.score
        numbers = (s.right, *s.right_range, s.edits, *s.edits_range)
        cells = [f"{number:.3f}" for number in numbers]
        rows.append((test.dataset, one.seed, one.reader, one.varied, one.value, s.strings, *cells))
    write_csv(path, head, rows)


EXPERIMENT = Experiment(
    name="strings",
    section="VII, figures 22 to 25",
    help="strings of digits, read without cutting them apart",
    files=FILES,
    run=run,
    trains=True,
    scratch=True,
    takes=("passes", "seed"),
    fixed={"patterns": "varied-windows", "weights": SHIPPED},
    quick=True,
    parts=(ONLY,),
    about_parts=f"{ONLY}: train nothing, read with the shipped weights",
)
