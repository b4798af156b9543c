"""What a recipe is: the settings of a course project, and the numbers that its report gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """A published course project, as settings that train it again.

    Attributes:
        system: name of the project; a project may have several recipes.
        settings: names of Settings -> values, where they are not the paper's.
        reported: accuracy on the test set at the end, percent.
        seconds: reported time of a pass.
        help: what sets it apart, for the list of recipes.
        dataset: "mnist" or "fashion-mnist".
        curve: reported accuracy after each pass, percent; empty if the report gives none.
        digits: reported accuracy on each class, percent; empty if the report gives none.
        training: reported accuracy on training patterns, percent, by pass.
        losses: reported mean loss, by pass.
        rates: reported learning rate of each layer, by pass; empty if the report gives none.
    """

    system: str
    settings: dict[str, Any]
    reported: float
    seconds: float
    help: str
    dataset: str = "mnist"
    curve: tuple[float, ...] = ()
    digits: tuple[float, ...] = ()
    training: Mapping[int, float] = field(default_factory=dict)
    losses: Mapping[int, float] = field(default_factory=dict)
    rates: Mapping[int, Mapping[str, float]] = field(default_factory=dict)


def for_passes(settings: Mapping[str, Any], passes: int | None) -> dict[str, Any]:
    """The settings of a recipe for another number of passes; None: its own.

    A warm-up that would take all of them leaves the last one.
    """
    found = dict(settings)
    if "warmup" in found and passes:
        found["warmup"] = min(found["warmup"], passes - 1)
        if not found["warmup"]:
            del found["warmup"], found["warmup_from"], found["flat_warmup"]
    return found
