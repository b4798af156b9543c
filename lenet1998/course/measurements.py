"""Full measurements on MNIST that the notebooks compare their small live runs with.

`measurements.csv` holds test errors of the last pass, measured on all 60,000 training and 10,000
test patterns: "sharing" with the training loop of notebook 02, the others with `reproduce.py`.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import NamedTuple

from .. import paper
from ..files import InputError


class Measurement(NamedTuple):
    """One line of the file: test error in percent, over several seeds."""

    setting: str
    passes: int
    seeds: int
    mean: float
    low: float
    high: float


def measured(topic: str) -> list[Measurement]:
    """The measurements of a topic, such as "codes", in the order of the file.

    Raises:
        InputError: another topic.
    """
    path = resources.files("lenet1998.course") / "measurements.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    found = [
        Measurement(
            row["setting"],
            int(row["passes"]),
            int(row["seeds"]),
            *(float(row[name]) for name in ("mean", "low", "high")),
        )
        for row in rows
        if row["topic"] == topic
    ]
    if not found:
        topics = ", ".join(dict.fromkeys(row["topic"] for row in rows))
        raise InputError(f"nothing was measured on {topic!r}: choose one of {topics}")
    return found


def full_measurement(topic: str) -> str:
    """The measurements of a topic as a table: mean and range of the test error in percent."""
    found = measured(topic)
    width = max(len(row.setting) for row in found)
    lines = [f"MNIST, {paper.TRAINING_PATTERNS:,} patterns: test error in percent ({topic})"]
    lines.append(f"{'':{width}}  mean   lowest  highest  seeds  passes")
    lines += [
        f"{row.setting:{width}}  {row.mean:4.2f} {row.low:8.2f} {row.high:8.2f} {row.seeds:6} "
        f"{row.passes:7}"
        for row in found
    ]
    return "\n".join(lines)


def method_errors() -> dict[str, float]:
    """Our test error in percent of the methods of figure 9, on MNIST, by the paper's names.

    The other methods are those of `lenet1998 experiment comparison`, one seed each; LeNet-5 is the
    mean of several seeds.
    """
    path = resources.files("lenet1998") / "experiments" / "comparison.csv"
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    errors = {
        row["method"]: float(row["error_percent"])
        for row in rows
        if row["method"] in paper.FIGURE_9  # the file has two more
    }
    for row in measured("LeNet-5"):
        errors[row.setting] = row.mean
    return errors


def learning_curve(name: str) -> tuple[list[float], list[float]]:
    """Training and test error in percent of each pass of a run whose weights are shipped.

    Args:
        name: "1998", "distortions" or "noise".
    """
    path = resources.files("lenet1998") / "pretrained" / name / "metrics.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    training, test = (
        [float(row[f"{part}_error_percent"]) for row in rows] for part in ("training", "test")
    )
    return training, test


def wrong_answers(name: str) -> dict[int, int]:
    """MNIST's misread test patterns: index (0-based) -> wrong answer.

    Args:
        name: "paper" for figure 8, "1998" or "distortions" for the shipped weights.
    """
    path = resources.files("lenet1998.course") / "misclassified.csv"
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    return {int(row["test_index"]): int(row[name]) for row in rows if row[name] != row["right"]}
