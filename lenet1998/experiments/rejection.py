"""Figure 10: rejecting doubtful patterns."""

from pathlib import Path

from .. import figures, paper
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..files import save_figure, write_csv
from ..learning import evaluation
from ..network.lenet5 import LeNet5
from ..run.yardstick import caution


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
