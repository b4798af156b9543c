"""An animation: a test pattern moves, turns, grows and gathers noise; every layer's state."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.transformations import TRANSFORMATIONS
from ..figures.animation import Frame, animate, save_animation
from ..run.yardstick import caution
from .experiment import Experiment, Request

ANIMATED = 4  # the class whose first test pattern is animated
# Transformation, the amounts it goes to and back from, and the title of a frame.
PARTS = (
    ("horizontal shift", (5.0, -5.0), "moved right by {:.0f} pixels"),
    ("vertical shift", (4.0, -4.0), "moved down by {:.0f} pixels"),
    ("rotation", (35.0, -35.0), "turned by {:.0f} degrees"),
    ("scale", (1.5, 0.6), "scaled by {:.2f}"),
    ("noise", (0.15,), "{:.0%} of the pixels inverted"),
)
STEPS = 4  # frames from one amount of a part to the next


def run(request: Request) -> str:
    """Write animation.gif; count the frames that are read correctly."""
    test, network = request.test, request.network
    index = int(np.argmax(test.labels == ANIMATED)) if ANIMATED in test.labels else 0
    shown = inputs(test.x([index]), np.random.default_rng(0))
    frames = [Frame(x[0, ..., 0], network.states(x), title) for x, title in shown]
    save_animation(animate(frames), request.into / "animation.gif")
    answers = [int(network.predict(x)[0]) for x, _ in shown]
    right = sum(answer == test.labels[index] for answer in answers)
    label = test.labels[index]
    head = (
        f"{TITLES[test.dataset]}, test pattern {index}, a {label}, weights {request.weights}: "
        f"{right} of {len(shown)} frames are read as a {label}"
    )
    return "\n".join([head, *caution(test.dataset, learned=request.network.dataset)])


def inputs(x: Array, rng: np.random.Generator, steps: int = STEPS) -> Sequence[tuple[Array, str]]:
    """The input of each frame, and what was done to it.

    Args:
        x: one input (1, 32, 32, 1).
        rng: of the noise.
        steps: frames from one amount of a part to the next.
    """
    found = [(x, "unchanged")] * 4
    for name, ends, title in PARTS:
        change = TRANSFORMATIONS[name]
        stops = [change.neutral, *ends, change.neutral]
        for start, stop in pairwise(stops):
            for amount in np.linspace(start, stop, steps + 1)[1:].tolist():
                found.append((change.change(x, amount, rng), title.format(amount)))
    return found


EXPERIMENT = Experiment(
    name="animation",
    section="not in the paper",
    help="every layer's state while a digit moves",
    files=("animation.gif",),
    run=run,
    reads_weights=True,
)
