"""Figures 11 and 12: multiply-accumulate operations and stored variables."""

from collections.abc import Mapping, Sequence

from .. import paper
from ..comparison.trained import connections
from ..figures.cost import figures11_12
from ..files import save_figure, write_csv
from ..network.design import Design
from ..network.lenet5 import LeNet5
from ..network.multilayer import HIDDEN
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
        {**others, OURS: connections(request.network)},
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
    box = paper.BOX_SIZE**2
    return {
        "Linear, 20x20": (box + 1) * paper.CLASSES,
        "K-NN, 20x20": box * paper.TRAINING_PATTERNS,
        **{
            name: connections(LeNet5(design=Design(network=name)))
            for name, (side, _) in HIDDEN.items()
            if side == paper.IMAGE_SIZE
        },
    }


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
