"""Figure 10: error on the test patterns that are not rejected."""

import json
from pathlib import Path
from textwrap import fill

from .. import paper
from ..data.catalogue import TITLES
from ..figures.errors import figure10
from ..files import replacing, save_figure, write_csv
from ..learning import evaluation
from ..network.weights import PRETRAINED, REJECTION_FILE, file_sha256, weights_path
from ..run.yardstick import caution, comparable
from .experiment import Experiment, Request


def run(request: Request) -> str:
    """Write rejection.csv and figure10.png: the error on the rest by the share rejected."""
    test, weights = request.test, request.weights
    y = evaluation.penalties(request.network, test)
    wrong = y.argmin(axis=1) != test.labels
    rejected, error, margins = evaluation.rejection(evaluation.margins(y), wrong)
    at = evaluation.smallest_rejection(rejected, error)
    write_csv(
        request.into / "rejection.csv",
        ["dataset", "weights", "rejected_percent", "error_percent", "smallest_margin_kept"],
        [
            (test.dataset, weights, f"{r:.2f}", f"{e:.4f}", f"{m:.6g}")
            for r, e, m in zip(rejected, error, margins, strict=True)
        ],
    )
    share = None if at is None else float(rejected[at])
    head = f"LeNet-5, {TITLES[test.dataset]}, weights {weights}"
    picture = figure10(rejected, error, share, f"{head}: rejecting doubtful patterns")
    save_figure(picture, request.into / "figure10.png")
    lines = [fill(f"{head}: error without rejection {error[0]:.2f} %", 80)]
    if at is None:
        lines.append(f"rejection does not reach an error of {paper.REJECTION_ERROR} %")
    elif at == 0:
        lines.append(f"that is at most {paper.REJECTION_ERROR} % without any rejection")
    else:
        lines.append(
            f"reject {share:.2f} % for {error[at]:.2f} % error on the rest: margins below "
            f"{margins[at]:.3g}"
        )
    if at is not None and weights not in PRETRAINED:
        if why := _no_margin(request):
            lines.append(f"predict does not reject below this margin: {why}")
        else:
            kept = _keep(float(margins[at]) if at else 0.0, float(error[at]), request)
            lines += ["predict rejects below this margin from now on; it is in", f"  {kept}"]
    if comparable(test.dataset):
        lines += [
            f"paper, figure 10: {name:26} {value:4.1f} %" for name, value in paper.FIGURE_10.items()
        ]
    return "\n".join(lines + caution(test.dataset, learned=request.network.dataset))


def _no_margin(request: Request) -> str:
    """Why a margin of these patterns is none for `predict`; "" if it is one."""
    test, full = request.test, request.full[1]
    if request.network.dataset not in ("", test.dataset):
        return f"it is of {TITLES[test.dataset]}"
    return "" if len(test) == full else f"it is of {len(test):,} of {full:,} patterns"


def _keep(margin: float, error: float, request: Request) -> Path:
    """Write the margin into the folder of the weights, where `predict` looks for it."""
    weights = weights_path(request.weights)
    record = {
        "dataset": request.test.dataset,
        "test_patterns": len(request.test),
        "error_percent": round(error, 4),
        "reject_below": round(margin, 6),
        "weights_sha256": file_sha256(weights),
    }
    path = weights.with_name(REJECTION_FILE)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return path


EXPERIMENT = Experiment(
    name="rejection",
    section="III-C, figure 10",
    help="error when doubtful patterns are rejected",
    files=("rejection.csv", "figure10.png"),
    run=run,
    reads_weights=True,
)
