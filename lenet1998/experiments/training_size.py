"""Figure 6: errors by the number of training patterns."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import figures, paper
from ..files import save_figure, write_csv
from ..run.metrics import curves
from ..run.settings import Settings
from ..run.yardstick import caution

SIZES = (0.25, 0.5, 1.0)  # figure 6: 15,000, 30,000 and 60,000 of 60,000 patterns


def sizes(available: int) -> list[int]:
    """The numbers of training patterns of figure 6, or the same parts of fewer patterns."""
    return sorted({max(1, round(part * available)) for part in SIZES})


def training_size(runs: Mapping[int, Sequence[Path]], settings: Settings, into: Path) -> str:
    """Figure 6: errors of the last pass for each number of training patterns.

    Args:
        runs: number of training patterns -> the folders of its runs, one a seed.
        settings: of the runs, with the first seed.
    """
    # The paper's are of unchanged MNIST patterns after whole sessions.
    beside = settings.title() == "MNIST" and settings.passes >= paper.PASSES
    columns = "test_error_percent", "training_error_percent"
    test, training = (
        {size: curves(folders, column)[:, -1] for size, folders in runs.items()}
        for column in columns
    )
    rows: list[tuple[object, ...]] = []
    lines = [f"LeNet-5, {settings.title()}, pass {settings.passes}: errors in percent"]
    lines.append(f"{'patterns':>10}  {'test':>20} {'paper':>6}  {'training':>20} {'paper':>6}")
    for size in runs:
        cells = []
        for ours, theirs in (
            (test[size], paper.FIGURE_6_TEST),
            (training[size], paper.FIGURE_6_TRAINING),
        ):
            spread = f" ({ours.min():.2f} to {ours.max():.2f})" if len(ours) > 1 else ""
            known = f"{theirs[size]:.2f}" if beside and size in theirs else "-"
            cells.append(f"{f'{ours.mean():.2f}{spread}':>20} {known:>6}")
        lines.append(f"{size:10,}  " + "  ".join(cells))
        rows += [
            (settings.dataset, size, settings.seed + i, f"{a:.4f}", f"{b:.4f}")
            for i, (a, b) in enumerate(zip(test[size], training[size], strict=True))
        ]
    write_csv(into / "training-size.csv", ["dataset", "training_patterns", "seed", *columns], rows)
    save_figure(figures.figure6(test, training, settings.title(), beside), into / "figure6.png")
    return "\n".join(lines + caution(settings.dataset))
