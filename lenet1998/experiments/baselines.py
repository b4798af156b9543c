"""Figure 9: the linear classifier and K nearest neighbours, plain and deslanted."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..comparison.linear import Linear
from ..comparison.neighbours import nearest, vote
from ..data.catalogue import TITLES
from ..data.deslanting import deslant
from ..data.patterns import Patterns
from ..files import save_figure, write_csv
from ..run.yardstick import caution


def run(train: Patterns, test: Patterns, folder: Path, quiet: bool) -> str:
    """Both methods, plain and deslanted: baselines.csv, two pictures, and a table as text.

    Raises:
        InputError: fewer training patterns than neighbours.
        OSError: the disk is full or read-only.
    """
    from ..figures.methods import (
        deslanted,
        figure9,  # matplotlib is slow to import
    )

    title = TITLES[train.dataset]
    if len(train) < paper.TRAINING_PATTERNS:
        title += f", {len(train):,} training patterns"
    ours: dict[str, float] = {}
    for data, a, b in (
        ("", train.images, test.images),
        ("[deslant] ", deslant(train.images), deslant(test.images)),
    ):
        answers = Linear(a, train.labels, quiet=quiet).predict(b)
        ours[f"{data}Linear"] = _error_percent(answers, test)
        answers = vote(train.labels[nearest(a, b, quiet=quiet)])
        ours[f"{data}K-NN Euclidean"] = _error_percent(answers, test)
    ours = {method: ours[method] for method in paper.FIGURE_9 if method in ours}

    folder.mkdir(parents=True, exist_ok=True)
    write_csv(
        folder / "baselines.csv",
        ["dataset", "training_patterns", "method", "ours_percent", "paper_percent"],
        [
            (train.dataset, len(train), method, f"{error:.4f}", paper.FIGURE_9[method])
            for method, error in ours.items()
        ],
    )
    save_figure(figure9(ours, title), folder / "figure9.png")
    first = np.unique(test.labels, return_index=True)[1]
    save_figure(deslanted(test.images[first], TITLES[test.dataset]), folder / "deslanted.png")

    head = f"test error, {TITLES[train.dataset]}, {len(train):,} training patterns"
    lines = [f"{head:52}{'ours':>10}{'paper':>10}"]
    lines += [
        f"{method:52}{error:8.2f} %{paper.FIGURE_9[method]:8.1f} %"
        for method, error in ours.items()
    ]
    lines.append(
        "Neighbours in grey levels do better here than in the paper; no reading of III-C found "
        "gives its figure."
    )
    return "\n".join(lines + caution(train.dataset, len(train)))


def _error_percent(answers: NDArray[np.intp], test: Patterns) -> float:
    """Share of wrong answers in percent."""
    return 100.0 * float(np.mean(answers != test.labels))
