"""Figure 5: errors by pass, mean and range of several seeds."""

from collections.abc import Sequence
from pathlib import Path

from ..files import save_figure, write_csv
from ..run.metrics import curves
from ..run.settings import Settings
from ..run.yardstick import caution, paper_errors, percent


def summarise(folders: Sequence[Path], seeds: Sequence[int], settings: Settings, into: Path) -> str:
    """Write seeds.csv and figure5.png (mean and range of the seeds); return the table as text."""
    from ..figures.learning import figure5  # matplotlib is slow to import and only needed here

    dataset, patterns = settings.dataset, settings.patterns
    title = settings.title()
    test = curves(folders, "test_error_percent")
    training = curves(folders, "training_error_percent")
    into.mkdir(parents=True, exist_ok=True)
    write_csv(
        into / "seeds.csv",
        ["dataset", "seed", "training_error_percent", "test_error_percent"],
        [
            (dataset, seed, f"{a:.4f}", f"{b:.4f}")
            for seed, a, b in zip(seeds, training[:, -1], test[:, -1], strict=True)
        ],
    )
    save_figure(figure5(training, test, title, patterns), into / "figure5.png")
    lines = [f"LeNet-5, {title}, seeds {', '.join(map(str, seeds))}, pass {test.shape[1]}"]
    paper_test, paper_training = paper_errors(settings)
    for what, values, theirs in (
        ("test error", test[:, -1], paper_test),
        ("training error on the fly", training[:, -1], paper_training),
    ):
        lines.append(
            f"{what:27} {values.mean():.2f} % (standard deviation {values.std(ddof=1):.2f}, "
            f"{values.min():.2f} to {values.max():.2f}); paper {percent(theirs)}"
        )
    return "\n".join(lines + caution(dataset, settings.train_size))
