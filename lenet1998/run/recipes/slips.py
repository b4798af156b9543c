"""The mistakes that are settings, and what a recipe has without each of them.

`experiment systems --only without-NAME` trains the recipe with that one mistake switched off, so
that its cost can be measured.  README.md beside this file tells all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import RECIPES


@dataclass(frozen=True)
class Slip:
    """One mistake of a project.

    Attributes:
        recipe: the recipe that has it.
        off: the settings that switch it off.
        help: what it is.
        test_only: switching it off changes how the test error is measured, not what is learned.
    """

    recipe: str
    off: Mapping[str, Any]
    help: str
    test_only: bool = False


SLIPS = {
    "flat-warmup": Slip(
        "sigmoid-softmax", {"flat_warmup": False}, "a warm-up that does not warm up"
    ),
    "batch-statistics": Slip(
        "batchnorm-fashion", {"batch_statistics": False}, "testing in training mode"
    ),
    "plain-norm-steps": Slip(
        "batchnorm-fashion", {"plain_norm_steps": False}, "gains and shifts without momentum"
    ),
    "adam-twice": Slip("relu-maxpool-adam", {"optimizer": "adam"}, "Adam corrected twice"),
    "replacement": Slip("relu-maxpool-adam", {"order": "shuffled"}, "a pass that is not a pass"),
    "first-9000": Slip(
        "relu-avgpool-momentum",
        {"test_size": 10_000},
        "the last tenth of the test set is never used",
        test_only=True,
    ),
    "quarter-curvature": Slip(
        "sdlm-avgpool", {"quarter_curvature": False}, "a square that was forgotten"
    ),
    "lost-bias": Slip("sdlm-avgpool", {"lost_bias": False}, "a bias that is never used"),
    "bias-curvature": Slip(
        "sdlm-avgpool", {"step_sizes": "layer-weights"}, "a layer's curvature has its biases'"
    ),
}


def settings_of(recipe: str, without: str = "") -> dict[str, Any]:
    """The settings of a recipe, without one of its mistakes if `without` names it."""
    return {**RECIPES[recipe].settings, **(SLIPS[without].off if without else {})}
