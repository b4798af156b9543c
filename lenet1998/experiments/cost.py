"""Figures 11 and 12: multiply-accumulate operations and stored variables."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from .. import paper
from ..figures.cost import figures11_12
from ..files import save_figure, write_csv
from .experiment import Experiment, Request

HEAD = ("layer", "connections", "multiply-accumulates", "trainable parameters")
OURS = "LeNet-5, ours, counted"


def run(request: Request) -> str:
    """Count them layer by layer; write cost.csv and figures11-12.png."""
    counts = request.network.count()
    operations = request.network.multiply_accumulates()
    total, stored = sum(operations.values()), request.network.parameters.size
    rows = [(name, c.connections, operations[name], c.parameters) for name, c in counts.items()]
    rows.append(("total", sum(c.connections for c in counts.values()), total, stored))
    write_csv(request.into / "cost.csv", HEAD, rows)
    others = other_methods()
    picture = figures11_12(
        {**others, OURS: total},
        {**others, OURS: stored},
        (paper.MULTIPLY_ACCUMULATES, paper.STORED_VARIABLES),
    )
    save_figure(picture, request.into / "figures11-12.png")
    return table(rows)


def other_methods() -> Mapping[str, int]:
    """Multiply-accumulates of other methods of III-C, computed from their description.

    Biases are counted, as in the paper.  Each of their variables is used once, so the number of
    stored variables is the same.
    """
    box, pixels = paper.BOX_SIZE**2, paper.IMAGE_SIZE**2
    return {
        "Linear, 20x20": _dense(box, 10),
        "K-NN, 20x20": box * paper.TRAINING_PATTERNS,
        "28x28-300-10": _dense(pixels, 300, 10),
        "28x28-1000-10": _dense(pixels, 1000, 10),
        "28x28-300-100-10": _dense(pixels, 300, 100, 10),
        "28x28-500-150-10": _dense(pixels, 500, 150, 10),
    }


def _dense(*sizes: int) -> int:
    """Weights and biases of fully connected layers of these sizes."""
    return sum((below + 1) * above for below, above in pairwise(sizes))


def table(rows: Sequence[tuple[str, int, int, int]]) -> str:
    """The counts of every layer as text, and the paper's."""
    lines = [f"{'':8}{HEAD[1]:>14}{HEAD[2]:>24}{HEAD[3]:>24}"]
    lines += [f"{name:8}{a:14,}{b:24,}{c:24,}" for name, a, b, c in rows]
    lines.append(
        f"{'paper':8}{paper.CONNECTIONS:14,}{f'{paper.MULTIPLY_ACCUMULATES:,} (fig. 11)':>24}"
        f"{paper.TRAINABLE_PARAMETERS:24,}"
    )
    lines.append(
        "Figure 11's count may be the connections and the parameters of II-B, "
        f"{paper.CONNECTIONS + paper.TRAINABLE_PARAMETERS:,}."
    )
    return "\n".join(lines)


EXPERIMENT = Experiment(
    name="cost",
    section="III-C, figures 11 and 12",
    help="operations and memory of an answer",
    files=("cost.csv", "figures11-12.png"),
    run=run,
    reads_patterns=False,
)
