"""The paper's experiments of section III, each with a table, a CSV file and a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import evaluation, figures, paper
from .copies import Distorted
from .data import TITLES, Patterns
from .files import save_figure, write_csv
from .lenet5 import LeNet5
from .report import caution
from .seeds import curves
from .settings import Settings

# What each experiment writes, beside the runs of those that train.
FILES = {
    "learning-curve": ("seeds.csv", "figure5.png"),
    "training-size": ("training-size.csv", "figure6.png"),
    "distortions": ("seeds.csv", "figure5.png", "figure7.png"),
    "misclassified": ("misclassified.csv", "figure8.png"),
    "rejection": ("rejection.csv", "figure10.png"),
    "cost": ("cost.csv", "figures11-12.png"),
    "robustness": ("robustness.csv", "robustness.png", "figure13.png"),
    "baselines": ("baselines.csv", "figure9.png", "deslanted.png"),
    "confusion": ("confusion.csv", "confusion.png"),
    "animation": ("animation.gif",),
    "ablation": ("ablation.csv", "ablation-ladder.png", "ablation-time.png"),
}
LEARNING = ("learning-curve", "training-size", "distortions", "ablation")  # these train networks
ANIMATED = 4  # the class whose first test pattern moves
SIZES = (0.25, 0.5, 1.0)  # figure 6: 15,000, 30,000 and 60,000 of 60,000 patterns


# --- Experiments that train --------------------------------------------------------------------


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


def figure7(train: Patterns, seed: int, into: Path) -> None:
    """Figure 7, from the same training patterns where there are so many: ten of each digit."""
    chosen = np.array(paper.FIGURE_7_PATTERNS)
    if len(train) <= chosen.max() or (train.labels[chosen] != np.arange(paper.CLASSES)).any():
        present = np.unique(train.labels)
        chosen = np.array([int(np.argmax(train.labels == digit)) for digit in present])
    shown = Patterns(train.images[chosen], train.labels[chosen], train.dataset)
    copies = Distorted(shown, seed, copies=11)
    x = copies.x(np.arange(len(copies)))
    x = x.reshape(11, len(chosen), *x.shape[1:3])
    picture = figures.figure7(x[0], x[1:].swapaxes(0, 1), TITLES[train.dataset])
    save_figure(picture, into / "figure7.png")


# --- Experiments on a trained network ------------------------------------------------------------


def misclassified(network: LeNet5, weights: str, test: Patterns, into: Path) -> str:
    """Figure 8: every misclassified test pattern, sorted by right class, then by answer."""
    title = TITLES[test.dataset]
    y = evaluation.penalties(network, test)
    answers, margins = y.argmin(axis=1), evaluation.margins(y)
    wrong = np.flatnonzero(answers != test.labels)
    wrong = wrong[np.lexsort((answers[wrong], test.labels[wrong]))]
    write_csv(
        into / "misclassified.csv",
        ["dataset", "weights", "pattern", "right", "answer", "margin"],
        [
            (test.dataset, weights, i, test.labels[i], answers[i], f"{margins[i]:.4g}")
            for i in wrong
        ],
    )
    head = f"{len(wrong)} of {len(test):,} test patterns of {title} are misclassified"
    picture = figures.figure8(
        test.images[wrong],
        test.labels[wrong],
        answers[wrong],
        f"{head} by the weights {weights}: right → answer",
    )
    save_figure(picture, into / "figure8.png")
    percent = 100 * len(wrong) / len(test)
    return "\n".join(
        [
            f"{head} by the weights {weights}: {percent:.2f} %",
            f"paper, figure 8: {paper.MISCLASSIFIED} of {paper.TEST_PATTERNS:,}, by the network "
            "of the distortions",
            *caution(test.dataset),
        ]
    )


def rejection(network: LeNet5, weights: str, test: Patterns, into: Path) -> str:
    """Figure 10: error on the rest against the share of patterns that are rejected."""
    title = TITLES[test.dataset]
    y = evaluation.penalties(network, test)
    wrong = y.argmin(axis=1) != test.labels
    rejected, error, margins = evaluation.rejection(evaluation.margins(y), wrong)
    at = evaluation.smallest_rejection(rejected, error)
    write_csv(
        into / "rejection.csv",
        ["dataset", "weights", "rejected_percent", "error_percent", "smallest_margin_kept"],
        [
            (test.dataset, weights, f"{r:.2f}", f"{e:.4f}", f"{m:.6g}")
            for r, e, m in zip(rejected, error, margins, strict=True)
        ],
    )
    share = None if at is None else float(rejected[at])
    head = f"LeNet-5, {title}, weights {weights}"
    picture = figures.figure10(rejected, error, share, f"{head}: rejecting doubtful patterns")
    save_figure(picture, into / "figure10.png")
    lines = [f"{head}: error without rejection {error[0]:.2f} %"]
    if at is None:
        lines.append(f"an error of {paper.REJECTION_ERROR} % is not reached by rejecting")
    elif at == 0:
        lines.append(f"that is {paper.REJECTION_ERROR} % or less without rejecting any")
    else:
        lines.append(
            f"reject {share:.2f} % for {error[at]:.2f} % error on the rest: margins below "
            f"{margins[at]:.3g}"
        )
    lines += [
        f"paper, figure 10: {name:26} {value:4.1f} %" for name, value in paper.FIGURE_10.items()
    ]
    return "\n".join(lines + caution(test.dataset))


def confusion(network: LeNet5, weights: str, test: Patterns, into: Path) -> str:
    """How often each digit got each answer, and the error of each digit."""
    title = TITLES[test.dataset]
    matrix = evaluation.confusion(evaluation.answers(network, test), test.labels)
    classes = range(len(matrix))
    write_csv(
        into / "confusion.csv",
        ["dataset", "weights", "right", *(f"answer_{c}" for c in classes), "error_percent"],
        [(test.dataset, weights, c, *matrix[c], f"{_error(matrix[c], c):.4f}") for c in classes],
    )
    wrong = matrix.sum() - np.trace(matrix)
    head = f"LeNet-5, {title}, weights {weights}: {wrong} of {matrix.sum():,} wrong"
    save_figure(figures.confusion_matrix(matrix, head), into / "confusion.png")
    lines = [head, "right  " + "".join(f"{c:6}" for c in classes) + "   error"]
    lines += [
        f"{c:5}  " + "".join(f"{count:6}" for count in matrix[c]) + f"{_error(matrix[c], c):6.1f} %"
        for c in classes
    ]
    return "\n".join(lines + caution(test.dataset))


def _error(row: NDArray[np.intp], right: int) -> float:
    """Percent of a row of the confusion matrix that is wrong; nan for a class without patterns."""
    return 100.0 * float(row.sum() - row[right]) / row.sum() if row.sum() else float("nan")


def animation(network: LeNet5, weights: str, test: Patterns, into: Path) -> str:
    """A test pattern that shifts, turns, scales and gathers noise, and every layer's state."""
    index = int(np.argmax(test.labels == ANIMATED)) if ANIMATED in test.labels else 0
    rng = np.random.default_rng(0)
    shown = figures.frames(test.x([index]), rng)
    figures.animate(network, shown, into / "animation.gif")
    answers = [int(network.predict(x)[0]) for x, _ in shown]
    right = sum(answer == test.labels[index] for answer in answers)
    title = TITLES[test.dataset]
    head = f"{title}, test pattern {index}, a {test.labels[index]}, weights {weights}"
    return "\n".join(
        [f"{head}: {right} of {len(shown)} frames are read as it", *caution(test.dataset)]
    )


def cost(network: LeNet5, into: Path) -> str:
    """Figures 11 and 12: multiply-accumulates and stored variables, counted from the layers.

    The other methods are counted here from what they are (III-C), not read off the charts.
    """
    counts = network.count()
    operations = network.multiply_accumulates()
    ours = sum(operations.values())
    box, pixels = paper.BOX_SIZE**2, paper.IMAGE_SIZE**2
    others = {
        "Linear, 20x20": box * 10,
        "K-NN, 20x20": box * paper.TRAINING_PATTERNS,
        "28x28-300-10": pixels * 300 + 300 * 10,
        "28x28-1000-10": pixels * 1000 + 1000 * 10,
        "28x28-300-100-10": pixels * 300 + 300 * 100 + 100 * 10,
        "28x28-500-150-10": pixels * 500 + 500 * 150 + 150 * 10,
    }
    stored = network.parameters.size
    rows = [(name, c.connections, operations[name], c.parameters) for name, c in counts.items()]
    rows.append(("total", sum(c.connections for c in counts.values()), ours, stored))
    head = ["layer", "connections", "multiply-accumulates", "trainable parameters"]
    write_csv(into / "cost.csv", head, rows)
    picture = figures.figures11_12(
        {**others, "LeNet-5, ours, counted": ours},
        {**others, "LeNet-5, ours, counted": stored},
        (paper.MULTIPLY_ACCUMULATES, paper.STORED_VARIABLES),
    )
    save_figure(picture, into / "figures11-12.png")
    lines = [f"{'':8}{head[1]:>14}{head[2]:>24}{head[3]:>24}"]
    lines += [f"{name:8}{a:14,}{b:24,}{c:24,}" for name, a, b, c in rows]
    lines.append(
        f"{'paper':8}{paper.CONNECTIONS:14,}{f'{paper.MULTIPLY_ACCUMULATES:,} (fig. 11)':>24}"
        f"{paper.TRAINABLE_PARAMETERS:24,}"
    )
    lines.append(
        "Figure 11's count is larger than the connections of II-B; the paper does not say what "
        "else it counts."
    )
    return "\n".join(lines)
