"""Figure 9: the linear classifier and the K nearest neighbours, plain and deslanted."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..comparison.linear import Linear
from ..comparison.method import Method
from ..comparison.neighbours import Neighbours
from ..data.catalogue import TITLES
from ..data.deslanting import centre_and_slant, deslant
from ..data.patterns import Patterns
from ..figures.methods import deslanted, figure9
from ..files import save_figure, write_csv
from ..run.yardstick import caution, comparable, percent
from .experiment import Experiment, Request


def run(request: Request) -> str:
    """Train and test both methods; write baselines.csv, figure9.png and deslanted.png.

    Raises:
        InputError: there are fewer training patterns than neighbours.
        OSError: a file cannot be written.
    """
    train, test, into = request.train, request.test, request.into
    errors = measure(train, test, request.quiet)
    write_csv(
        into / "baselines.csv",
        ["dataset", "training_patterns", "method", "ours_percent", "paper_percent"],
        [
            (train.dataset, len(train), method, f"{error:.4f}", paper.FIGURE_9[method])
            for method, error in errors.items()
        ],
    )
    title = TITLES[train.dataset]
    if len(train) < paper.TRAINING_PATTERNS:
        title += f", {len(train):,} training patterns"
    save_figure(figure9(errors, title), into / "figure9.png")
    images = test.images[np.unique(test.labels, return_index=True)[1]]  # the first of each class
    picture = deslanted(images, deslant(images), centre_and_slant(images), TITLES[test.dataset])
    save_figure(picture, into / "deslanted.png")
    return table(errors, train)


def measure(train: Patterns, test: Patterns, quiet: bool = False) -> dict[str, float]:
    """Test error in percent of each method, named and ordered as in `paper.FIGURE_9`."""
    errors: dict[str, float] = {}
    for prefix, a, b in (
        ("", train.images, test.images),
        ("[deslant] ", deslant(train.images), deslant(test.images)),
    ):
        methods: dict[str, Method] = {
            "Linear": Linear(quiet=quiet),
            "K-NN Euclidean": Neighbours(quiet=quiet),
        }
        for name, method in methods.items():
            method.fit(a, train.labels)
            errors[prefix + name] = _error_percent(method.predict(b), test)
    return {method: errors[method] for method in paper.FIGURE_9 if method in errors}


def table(errors: Mapping[str, float], train: Patterns) -> str:
    """The errors in percent, ours and the paper's, as text."""
    head = f"test error, {TITLES[train.dataset]}, {len(train):,} training patterns"
    compared = comparable(train.dataset, len(train))
    lines = [f"{head:52}{'ours':>10}{'paper':>10}"]
    for method, error in errors.items():
        reported = paper.FIGURE_9[method] if compared else None
        lines.append(f"{method:52}{error:8.2f} %{percent(reported):>10}")
    if compared:
        lines.append(
            "Nearest neighbours in grey levels have a smaller error here than in the paper; no "
            "reading of III-C explains it."
        )
    return "\n".join(lines + caution(train.dataset, len(train)))


def _error_percent(answers: NDArray[np.intp], test: Patterns) -> float:
    """Share of wrong answers in percent."""
    return 100.0 * float(np.mean(answers != test.labels))


EXPERIMENT = Experiment(
    name="baselines",
    section="III-C, figure 9",
    help="linear classifier and nearest neighbours",
    files=("baselines.csv", "figure9.png", "deslanted.png"),
    run=run,
    fits=True,
)
