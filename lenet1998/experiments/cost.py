"""Figures 11 and 12: multiply-accumulates and stored variables."""

from pathlib import Path

from .. import figures, paper
from ..files import save_figure, write_csv
from ..network.lenet5 import LeNet5


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
