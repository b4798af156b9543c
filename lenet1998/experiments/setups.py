"""The networks of the ablation: the 1998 one, its changes, and a network as trained today."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from .. import paper
from ..run.settings import Settings, choose
from ..run.variants import VARIANTS

# From the 1998 network to a modern one.  Each change includes the settings that it requires.
CHANGES: dict[str, dict[str, Any]] = {
    "full C3": {"connections": "full"},
    "max pooling": {"subsampling": "max"},
    "softmax": {"output": "softmax", "criterion": "cross-entropy"},
    "ReLU": {"activation": "relu"},
    "He weights": {"init": "he"},
    "Adam, batches of 64": {"optimizer": "adam", "batch_size": 64},
}
# The factors of the factorial, each with the names of its 1998 and its modern level.
FACTORS: dict[str, tuple[str, str]] = {
    "max pooling": ("trainable", "max"),
    "ReLU": ("squash", "ReLU"),
    "softmax": ("RBF, eq. 9", "softmax"),
    "He weights": ("fan-in", "He"),
    "Adam, batches of 64": ("appendix C", "Adam"),
}
TODAY = "today"
DISTORTED: dict[str, Any] = {"patterns": "distorted"}


@dataclass(frozen=True)
class Setup:
    """A network with its way of learning.

    Attributes:
        name: for tables and pictures.
        group: "1998", "ladder", "alone", "today" or "factorial".
        label: unique name of the changed settings; the table of chosen rates has it.
        changed: names of settings -> values that are not the paper's.
        method_of_1998: the learning rates and their schedule are the paper's.
        trial_passes: passes of each training by which its rate is chosen.
    """

    name: str
    group: str
    label: str
    changed: dict[str, Any] = field(hash=False)
    method_of_1998: bool = False
    trial_passes: int = 5


ORIGINAL = Setup("1998", "1998", "1998", {}, method_of_1998=True)
# The rates of the networks with all changes are chosen by whole trainings, as one would today.
WHOLE = paper.PASSES
MODERN = Setup("as trained today", "today", TODAY, VARIANTS["today"], trial_passes=WHOLE)


def ladder() -> list[Setup]:
    """The 1998 network, then one change after the other."""
    names = list(CHANGES)
    steps = [changed(names[: i + 1], f"+ {name}", "ladder") for i, name in enumerate(names)]
    return [ORIGINAL, *steps]


def alone() -> list[Setup]:
    """Each change alone, but for the first one, with which the ladder begins."""
    return [changed([name], name, "alone") for name in list(CHANGES)[1:]]


def today() -> list[Setup]:
    """The network as trained today, and both it and that of 1998 with distorted patterns."""
    return [
        MODERN,
        Setup("1998, distortions", "today", "1998, distorted", DISTORTED, method_of_1998=True),
        Setup(
            "as trained today, distortions", "today", f"{TODAY}, distorted",
            {**MODERN.changed, **DISTORTED}, trial_passes=WHOLE,
        ),
    ]  # fmt: skip


def factorial() -> list[Setup]:
    """All 32 combinations of the five factors; the last factor changes fastest."""
    found = []
    for levels in product((0, 1), repeat=len(FACTORS)):
        parts = zip(FACTORS.items(), levels, strict=True)
        name = ", ".join(names[level] for (_, names), level in parts)
        here = [factor for factor, level in zip(FACTORS, levels, strict=True) if level]
        found.append(changed(here, name, "factorial"))
    return found


def changed(names: Sequence[str], name: str, group: str) -> Setup:
    """The 1998 network with some of CHANGES.

    Args:
        names: of the changes, in the order of CHANGES.
        name, group: of the setup.
    """
    values: dict[str, Any] = {}
    for change in names:
        values.update(CHANGES[change])
    trial_passes = WHOLE if len(names) == len(CHANGES) else Setup.trial_passes
    label = " + ".join(names) or "1998"
    return Setup(name, group, label, values, not names, trial_passes)


def settings(setup: Setup, **given: Any) -> Settings:
    """The settings of a setup.

    Args:
        given: settings over those of the setup, such as the data set, the passes and the rate.
    """
    return choose({**setup.changed, **given})
