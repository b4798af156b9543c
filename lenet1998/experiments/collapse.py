"""II-C: RBF codes that learn collapse with eq. 8 and do not with eq. 9."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..arrays import Array
from ..data.catalogue import TITLES
from ..figures.collapse import Course, collapse
from ..files import save_figure, write_csv
from ..layers.rbf import LearnedRBF
from ..run.learn import make_trainer
from ..run.settings import Settings
from ..run.yardstick import caution
from .experiment import Experiment, Request

NAMES = {"mle": "eq. 8", "map": "eq. 9"}


class Row(NamedTuple):
    """A pass with one criterion and one seed; distances are squared and of two codes."""

    criterion: str
    seed: int
    number: int
    loss: float
    error: float
    smallest: float
    mean: float


def run(request: Request) -> str:
    """Train with both criteria and codes that learn; write collapse.csv and collapse.png.

    The file has a row for each pass as soon as it has ended.  The rate is constant, so that what
    the criterion wants shows, and not that the steps end.
    """
    rows: list[Row] = []
    for seed in request.seeds:
        for criterion in NAMES:
            for row in learn(criterion, seed, request):
                rows.append(row)
                _write(request.into / "collapse.csv", request.train.dataset, rows)
    courses = {name: Course(*means(criterion, rows).T) for criterion, name in NAMES.items()}
    title = f"LeNet-5 with codes that learn, {TITLES[request.train.dataset]}"
    save_figure(collapse(courses, title), request.into / "collapse.png")
    return "\n".join([table(rows, title), *caution(request.train.dataset, len(request.train))])


def learn(criterion: str, seed: int, request: Request) -> Iterator[Row]:
    """The passes of a network whose codes start from the bitmaps and learn."""
    given = request.settings
    settings: Settings = replace(
        given,
        seed=seed,
        design=replace(given.design, learned_codes=True),
        criterion=criterion,
        schedule="constant",
    )
    network = settings.network()
    layer = network.layers[-1]
    assert isinstance(layer, LearnedRBF)
    trainer = make_trainer(settings, network, len(request.train), request.quiet)
    for result in trainer.passes(request.train, request.test):
        distances = squared_distances(layer.codes)
        yield Row(
            criterion, seed, result.number, result.loss, result.test_error_percent,
            float(distances.min()), float(distances.mean()),
        )  # fmt: skip


def means(criterion: str, rows: Sequence[Row]) -> Array:
    """Loss, error, smallest and mean distance of each pass, the mean of the seeds, (passes, 4)."""
    own = [row for row in rows if row.criterion == criterion]
    passes = max(row.number for row in own)
    found: Array = np.array([row[3:] for row in own]).reshape(-1, passes, 4).mean(axis=0)
    return found


def squared_distances(codes: Array) -> Array:
    """||a - b||^2 of each two of the codes (classes, units), (pairs,)."""
    first, second = np.triu_indices(len(codes), 1)
    found: Array = ((codes[first] - codes[second]) ** 2).sum(axis=1)
    return found


def table(rows: Sequence[Row], title: str) -> str:
    """First and last pass with each criterion, the mean of the seeds, as text."""
    lines = [
        title,
        f"{'':8}{'pass':>6}{'loss':>10}{'test error':>12}{'nearest codes':>16}{'all, mean':>12}",
    ]
    for criterion, name in NAMES.items():
        found = means(criterion, rows)
        for number in sorted({1, len(found)}):
            loss, error, smallest, mean = found[number - 1]
            lines.append(
                f"{name:8}{number:6}{loss:10.3g}{error:10.2f} %{smallest:16.3g}{mean:12.3g}"
            )
    lines.append("Distances are squared, of two codes; between two bitmaps of figure 3 it is 4 for")
    lines.append("each pixel in which they differ.")
    return "\n".join(lines)


def _write(path: Path, dataset: str, rows: Sequence[Row]) -> None:
    head = ["dataset", "criterion", "seed", "pass", "loss", "test_error_percent", "nearest_codes",
            "mean_of_codes"]  # fmt: skip
    write_csv(
        path,
        head,
        [
            (dataset, row.criterion, row.seed, row.number, f"{row.loss:.6g}", f"{row.error:.4f}",
             f"{row.smallest:.6g}", f"{row.mean:.6g}")
            for row in rows
        ],
    )  # fmt: skip


EXPERIMENT = Experiment(
    name="collapse",
    section="II-C",
    help="codes that learn, with eq. 8 and with eq. 9",
    files=("collapse.csv", "collapse.png"),
    run=run,
    trains=True,
    in_turn=True,
    takes=("passes", "seed"),
    quick=True,
)
