"""Where the paper leaves a choice: our reading of it, and what the others give.

A reading is a setting, or another way to measure the curvature of appendix C.  The table keeps
every run that is finished, so that the experiment goes on after a kill.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import paper
from ..data.catalogue import TITLES
from ..figures.readings import Row, readings
from ..files import InputError, save_figure
from ..layers.layer import Layer
from ..layers.rbf import RBF
from ..layers.readings import FourConnections, MAPCurvatureRBF
from ..layers.subsampling import Subsampling
from ..learning.criterion import Criterion
from ..learning.readings import OwnCurvatureMAP, SamePatternsTrainer
from ..learning.state import PassResult
from ..learning.training import Trainer
from ..network.network import Network
from ..run.learn import make_trainer
from ..run.settings import Settings, choose
from ..run.yardstick import caution, comparable
from .experiment import Experiment, Request
from .run_table import DRAW, Rows, RunTable, check_numbers, check_passes, place_of

HEAD = ("run", "dataset", "reading", "seed", "pass", "training_error_percent", "test_error_percent",
        "smallest_rate", "largest_rate", "seconds")  # fmt: skip


def _four_connections(layer: Layer) -> Layer:
    return FourConnections(layer.name, layer.maps) if isinstance(layer, Subsampling) else layer


def _own_curvature(layer: Layer) -> Layer:
    return MAPCurvatureRBF(layer.name, layer.codes) if isinstance(layer, RBF) else layer


@dataclass(frozen=True)
class Reading:
    """One reading.

    Attributes:
        title: for tables and pictures.
        settings: what it changes, by name.
        layer: gives a layer of the network, or the one that stands in its place.
        criterion: takes the place of the settings' one while the curvature is estimated.
        trainer: trains the network.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    layer: Callable[[Layer], Layer] | None = None
    criterion: type[Criterion] | None = None
    trainer: type[Trainer] = Trainer


OURS = "ours"
READINGS = {
    OURS: Reading("the readings taken"),
    "criterion-curvature": Reading(
        "the curvature of eq. 9 is its own", layer=_own_curvature, criterion=OwnCurvatureMAP
    ),
    "coefficient-curvature": Reading(
        "a coefficient is the weight of four connections", layer=_four_connections
    ),
    "same-patterns": Reading(
        f"the curvature of the same {paper.CURVATURE_PATTERNS} patterns",
        trainer=SamePatternsTrainer,
    ),
    "parameter-steps": Reading("a step for each parameter", {"step_sizes": "parameter"}),
    "eq-8": Reading("eq. 8", {"criterion": "mle"}),
    "j-4": Reading("j = 4", {"rubbish_penalty": 4.0}),
    "j-30": Reading("j = 30", {"rubbish_penalty": 30.0}),
    "whole-penalties": Reading("penalties not halved", {"penalty_scale": 1.0}),
    "first-weights": Reading(f"first weights within {paper.INIT_RANGE:g}/F", {"init": "paper"}),
    "shuffled": Reading("a new order each pass", {"order": "shuffled"}),
}


def run(request: Request) -> str:
    """Train what readings.csv lacks; draw what it has, and return its numbers as text.

    `--only NAME` trains one reading, `--only table` nothing.

    Raises:
        InputError: the file is not a readings.csv, or has no run of these settings.
    """
    path, shared = place_of(request, "readings.csv")
    table = RunTable(path, shared, HEAD, _check, "a readings.csv of experiment readings")
    wanted = [] if request.only == DRAW else [request.only] if request.only else list(READINGS)
    for seed in request.seeds:
        for name in wanted:
            given = settings(name, seed, request)
            run_name = name_of(name, given, request)
            if run_name in table.runs:
                print(f"{name}, seed {seed}: finished before, in {path}", flush=True)
            else:
                print(f"{name}, seed {seed}", flush=True)
                results = list(learn(READINGS[name], given, request))
                table.add(run_name, rows_of(run_name, name, given, results))
    found = {}
    for name in READINGS:
        given = settings(name, request.seeds[0], request)
        if runs := table.of(name_of(name, given, request)):
            found[name] = runs
    if not found:
        raise InputError(f"{path}: has no run of these passes and data; train some")
    title = f"The open choices, {TITLES[request.train.dataset]}"
    rows = [Row(READINGS[name].title, *errors(runs), name == OURS) for name, runs in found.items()]
    compared = comparable(request.train.dataset, len(request.train))
    save_figure(readings(rows, title, compared), request.into / "readings.png")
    return "\n".join([text(found), *caution(request.train.dataset, len(request.train))])


def name_of(name: str, given: Settings, request: Request) -> str:
    """The name of a reading's run in the table."""
    return f"{name}-{request.run_name(given)}"


def settings(name: str, seed: int, request: Request) -> Settings:
    """The settings of a reading on the data of a request."""
    given = request.settings
    about = {"dataset": given.dataset, "train_size": given.train_size,
             "test_size": given.test_size, "passes": given.passes}  # fmt: skip
    return choose({**about, **READINGS[name].settings, "seed": seed})


def learn(reading: Reading, given: Settings, request: Request) -> Iterator[PassResult]:
    """The passes of a network with this reading."""
    network: Network
    if reading.layer is None:
        network = given.network()
    else:
        size, rng = paper.INPUT_SIZE, np.random.default_rng(given.seed)
        layers = [reading.layer(layer) for layer in given.design.layers()]
        network = Network(layers, (size, size, 1), rng=rng, init=given.init)
    trainer = make_trainer(given, network, len(request.train), request.quiet, kind=reading.trainer)
    if reading.criterion is not None:
        trainer.criterion = reading.criterion()
    yield from trainer.passes(request.train, request.test)


def rows_of(run: str, name: str, given: Settings, results: Sequence[PassResult]) -> Rows:
    """The rows of a finished run, one for each pass."""
    rows = []
    for result in results:
        smallest, largest = zip(*result.rates.values(), strict=True)
        rows.append(
            {
                "run": run, "dataset": given.dataset, "reading": name, "seed": str(given.seed),
                "pass": str(result.number),
                "training_error_percent": f"{result.training_error_percent:.4f}",
                "test_error_percent": f"{result.test_error_percent:.4f}",
                "smallest_rate": f"{min(smallest):.4g}", "largest_rate": f"{max(largest):.4g}",
                "seconds": f"{result.seconds:.2f}",
            }
        )  # fmt: skip
    return rows


def errors(runs: Sequence[Rows]) -> tuple[list[float], list[float]]:
    """Test errors of the first and of the last pass, one for each seed, in percent."""
    first, last = ([float(rows[i]["test_error_percent"]) for rows in runs] for i in (0, -1))
    return first, last


def text(found: Mapping[str, Sequence[Rows]]) -> str:
    """The errors of each reading and its rates of pass 1, as text."""
    widest = max(len(READINGS[name].title) for name in found) + 2
    lines = [f"{'':{widest}}{'pass 1':>8}{'last':>8}  {'rates of pass 1':18}  last, by seed"]
    for name, runs in found.items():
        first, last = errors(runs)
        rates = [
            [float(rows[0][f"{end}_rate"]) for rows in runs] for end in ("smallest", "largest")
        ]
        span = f"{min(rates[0]):.2g} to {max(rates[1]):.2g}"
        seeds = " ".join(f"{error:.2f}" for error in last)
        lines.append(
            f"{READINGS[name].title:{widest}}{np.mean(first):8.2f}{np.mean(last):8.2f}"
            f"  {span:18}  {seeds}"
        )
    low, high = paper.FIRST_PASS_RATES
    return "\n".join([*lines, f"Test errors in percent.  The paper's rates: {low:g} to {high:g}."])


def _check(rows: Rows) -> None:
    """Raise ValueError unless these are the passes of a run."""
    for row in rows:
        check_numbers(row, HEAD[3:])
    check_passes(rows)


EXPERIMENT = Experiment(
    name="readings",
    section="where the paper leaves a choice",
    help="the open choices: the readings taken and others",
    files=("readings.csv", "readings.png"),
    run=run,
    trains=True,
    in_turn=True,
    takes=("passes", "seed"),
    parts=(*READINGS, DRAW),
    about_parts=f"one reading ({', '.join(READINGS)}), or {DRAW}: train nothing",
    table=True,
)
