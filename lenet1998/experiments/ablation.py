"""What each part of 1998 is worth: the changes to a modern network, one by one and each alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.ablation import Result, Rung, ablation_ladder, ablation_time
from ..files import save_figure, write_csv
from ..learning import evaluation
from ..learning.evaluation import mcnemar
from ..network.lenet5 import LeNet5
from ..run.metrics import curves
from ..run.settings import Settings, choose
from ..run.yardstick import caution
from .experiment import Experiment, Request

# From the 1998 network to the modern one.  Each change includes the settings that it requires.
CHANGES: dict[str, dict[str, Any]] = {
    "full C3": {"connections": "full"},
    "max pooling": {"subsampling": "max"},
    "softmax": {"output": "softmax", "criterion": "cross-entropy"},
    "ReLU": {"activation": "relu"},
    "He weights": {"init": "he"},
    "Adam, batches of 64": {"optimizer": "adam", "batch_size": 64},
}
CHOSEN = ("passes", "seed", "patterns", "order")  # settings that the user may choose
COMMON = ("dataset", "train_size", "test_size", *CHOSEN)  # those that all networks share


def run(request: Request) -> str:
    """Train every network with every seed; write ablation.csv and the two pictures."""
    steps, seeds, into = rungs(), request.seeds, request.into
    common = {name: getattr(request.settings, name) for name in COMMON}
    wanted = [settings(rung, **{**common, "seed": seed}) for rung in steps for seed in seeds]
    folders = request.train_networks(wanted)
    by_rung = [folders[i : i + len(seeds)] for i in range(0, len(folders), len(seeds))]
    found = results(list(zip(steps, by_rung, strict=True)), request.test)
    dataset, passes = request.settings.dataset, request.settings.passes
    title = f"{TITLES[dataset]}, pass {passes}"
    _write(into / "ablation.csv", dataset, found)
    save_figure(ablation_ladder(found, title), into / "ablation-ladder.png")
    save_figure(ablation_time(found, title), into / "ablation-time.png")
    return table(found, dataset, passes, request.settings.train_size)


def rungs() -> list[Rung]:
    """The 1998 network, the ladder up to the modern one, then each change alone."""
    found = [Rung("1998", True, {})]
    together: dict[str, Any] = {}
    for name, change in CHANGES.items():
        together = {**together, **change}
        found.append(Rung(name, True, together))
    # The first change of the ladder is already a change alone.
    found += [Rung(name, False, change) for name, change in list(CHANGES.items())[1:]]
    return found


def settings(rung: Rung, dataset: str, **given: Any) -> Settings:
    """The settings of a rung.

    Args:
        given: settings that all rungs share (`COMMON`).
    """
    return choose({"dataset": dataset, **rung.chosen, **given})


def results(runs: Sequence[tuple[Rung, Sequence[Path]]], test: Patterns) -> list[Result]:
    """Collect the results of finished runs.

    Args:
        runs: rungs, the 1998 network first, each with the folders of its runs, one for each seed.
    """
    found: list[Result] = []
    first: list[NDArray[np.bool_]] = []
    for rung, folders in runs:
        networks = [LeNet5.load(folder / "weights.npz") for folder in folders]
        wrong = [evaluation.answers(network, test) != test.labels for network in networks]
        first = first or wrong
        found.append(
            Result(
                rung,
                curves(folders, "test_error_percent")[:, -1],
                float(curves(folders, "seconds").min()),
                networks[0].parameters.size,
                float(np.median([mcnemar(*pair) for pair in zip(wrong, first, strict=True)])),
            )
        )
    return found


def table(
    found: Sequence[Result],
    dataset: str,
    passes: int,
    train_size: int = paper.TRAINING_PATTERNS,
) -> str:
    """The results as text.

    Args:
        found: the 1998 network first.
        passes, train_size: of all networks.
    """
    seeds = len(found[0].errors)
    lines = [
        f"LeNet-5 from 1998 to modern, {TITLES[dataset]}, pass {passes}, {seeds} "
        f"{'seed' if seeds == 1 else 'seeds'}: test error in percent",
        f"{'':30}{'mean':>7}{'spread':>16}{'s a pass':>10}{'parameters':>12}{'p':>9}",
    ]
    for result in found:
        name = result.rung.name
        if result.rung.ladder and name != "1998":
            name = f"+ {name}"
        elif not result.rung.ladder:
            name = f"{name} alone"
        e = result.errors
        spread = f"{e.min():.2f} to {e.max():.2f}" if seeds > 1 else ""
        p = "" if result is found[0] else "< 1e-6" if result.p < 1e-6 else f"{result.p:.2g}"
        lines.append(
            f"{name:30}{e.mean():7.2f}{spread:>16}{result.seconds:10.1f}"
            f"{result.parameters:12,}{p:>9}"
        )
    lines.append(
        "p: McNemar's exact test against the 1998 network of the same seed, median of the seeds;\n"
        "above 0.05 the difference is not significant on these test patterns."
    )
    return "\n".join(lines + caution(dataset, train_size))


def _write(path: Path, dataset: str, found: Sequence[Result]) -> None:
    """Write ablation.csv, one row for each network."""
    errors = [f"error_{i}" for i in range(len(found[0].errors))]
    write_csv(
        path,
        ["dataset", "network", "ladder", "seconds_a_pass", "parameters", "mcnemar_p", *errors],
        [
            (dataset, r.rung.name, r.rung.ladder, f"{r.seconds:.2f}", r.parameters, f"{r.p:.4g}",
             *(f"{e:.4f}" for e in r.errors))
            for r in found
        ],
    )  # fmt: skip


EXPERIMENT = Experiment(
    name="ablation",
    section="not in the paper",
    help="what each part of 1998 is worth against the modern one",
    files=("ablation.csv", "ablation-ladder.png", "ablation-time.png"),
    run=run,
    trains=True,
    several=True,
    takes=CHOSEN,
    quick=True,
)
