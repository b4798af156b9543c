"""Figure 5: training and test error after each pass, for one seed or for several."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..figures.learning import figure5
from ..files import save_figure, write_csv
from ..run.learn import learn
from ..run.metrics import curves
from ..run.settings import Settings
from ..run.yardstick import caution, paper_errors, percent, whole_passes
from .experiment import Experiment, Request
from .reports import comparison


def run(request: Request) -> str:
    """Train one network for each seed; write seeds.csv and figure5.png over several seeds.

    With one seed the files are those of the run itself, and the run prints its own table.
    """
    settings = request.settings
    if len(request.seeds) == 1:
        learn(
            settings, request.into, request.train, request.test, request.quiet, request.verbose,
            request.keep,
        )  # fmt: skip
        folders, lines = [request.into], []
    else:
        folders = request.train_networks([replace(settings, seed=seed) for seed in request.seeds])
        lines = [summary(folders, request.seeds, settings, request.into)]
    if settings.recipe:
        lines.append(comparison(settings, folders, request.test))
    return "\n".join(lines)


def summary(folders: Sequence[Path], seeds: Sequence[int], settings: Settings, into: Path) -> str:
    """Write seeds.csv and figure5.png, the mean and the range of the seeds; return the table.

    Args:
        folders: of the finished runs, one for each seed.
        settings: of the runs; the seed is ignored.
    """
    dataset, title = settings.dataset, settings.title()
    test = curves(folders, "test_error_percent")
    training = curves(folders, "training_error_percent")
    write_csv(
        into / "seeds.csv",
        ["dataset", "seed", "training_error_percent", "test_error_percent"],
        [
            (dataset, seed, f"{a:.4f}", f"{b:.4f}")
            for seed, a, b in zip(seeds, training[:, -1], test[:, -1], strict=True)
        ],
    )
    picture = figure5(training, test, title, settings.patterns, whole_passes(settings))
    save_figure(picture, into / "figure5.png")
    lines = [f"LeNet-5, {title}, seeds {', '.join(map(str, seeds))}, pass {test.shape[1]}"]
    paper_test, paper_training = paper_errors(settings)
    for what, values, reported in (
        ("test error", test[:, -1], paper_test),
        ("training error", training[:, -1], paper_training),
    ):
        theirs = "" if reported is None else f"; paper {percent(reported)}"
        lines.append(
            f"{what:16} {values.mean():.2f} % (standard deviation {values.std(ddof=1):.2f}, "
            f"{values.min():.2f} to {values.max():.2f}){theirs}"
        )
    return "\n".join(lines + caution(dataset, settings.train_size))


EXPERIMENT = Experiment(
    name="learning-curve",
    section="III-B, figure 5",
    help="error of each pass",
    files=("seeds.csv", "figure5.png"),
    run=run,
    trains=True,
    one_run=True,
)
