"""A digit that shifts, turns, scales and gathers noise, with every layer's state."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from .. import figures
from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..data.transformations import TRANSFORMATIONS
from ..network.lenet5 import LeNet5
from ..run.yardstick import caution

ANIMATED = 4  # the class whose first test pattern moves


def animation(network: LeNet5, weights: str, test: Patterns, into: Path) -> str:
    """A test pattern that shifts, turns, scales and gathers noise, and every layer's state."""
    index = int(np.argmax(test.labels == ANIMATED)) if ANIMATED in test.labels else 0
    rng = np.random.default_rng(0)
    shown = frames(test.x([index]), rng)
    figures.animate(network, shown, into / "animation.gif")
    answers = [int(network.predict(x)[0]) for x, _ in shown]
    right = sum(answer == test.labels[index] for answer in answers)
    title = TITLES[test.dataset]
    head = f"{title}, test pattern {index}, a {test.labels[index]}, weights {weights}"
    return "\n".join(
        [f"{head}: {right} of {len(shown)} frames are read as it", *caution(test.dataset)]
    )


# Transformation, the amounts it goes to and back from, and how a frame calls it.
PARTS = (
    ("horizontal shift", (5.0, -5.0), "moved right by {:.0f} pixels"),
    ("vertical shift", (4.0, -4.0), "moved down by {:.0f} pixels"),
    ("rotation", (35.0, -35.0), "turned by {:.0f} degrees"),
    ("scale", (1.5, 0.6), "scaled by {:.2f}"),
    ("noise", (0.15,), "{:.0%} of the pixels inverted"),
)
STEPS = 4  # frames from one end of a part to the next


def frames(x: Array, rng: np.random.Generator, steps: int = STEPS) -> list[tuple[Array, str]]:
    """The frames of the animation, and what each shows.

    Args:
        x: one input (1, 32, 32, 1).
        rng: of the noise.
        steps: frames from one end of a part to the next.
    """
    found = [(x, "as it is")] * 4
    for name, ends, title in PARTS:
        change = TRANSFORMATIONS[name]
        stops = [change.neutral, *ends, change.neutral]
        for start, stop in pairwise(stops):
            for amount in np.linspace(start, stop, steps + 1)[1:].tolist():
                found.append((change.change(x, amount, rng), title.format(amount)))
    return found
