"""The mistakes, and two readings, that are settings, and what a recipe has without each of them.

`experiment systems --only without-NAME` trains the recipe without that one, so that its cost can be
measured; one that is `test_only` is measured by the recipe's own run.  README.md beside this file
tells all of them.
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
        test_only: switching it off changes how the test error is measured, not what is learned.
    """

    recipe: str
    off: Mapping[str, Any]
    test_only: bool = False


SLIPS = {
    "flat-warmup": Slip("sigmoid-softmax", {"flat_warmup": False}),
    "sigmoid-first": Slip("sigmoid-softmax", {"pool_first": True}),  # a reading
    "batch-statistics": Slip("batchnorm-fashion", {"batch_statistics": False}),
    "plain-norm-steps": Slip("batchnorm-fashion", {"plain_norm_steps": False}),
    "adam-twice": Slip("relu-maxpool-adam", {"optimizer": "adam"}),
    "replacement": Slip("relu-maxpool-adam", {"order": "shuffled"}),
    "first-9000": Slip("relu-avgpool-momentum", {"test_size": 10_000}, test_only=True),
    "quarter-curvature": Slip("sdlm-avgpool", {"quarter_curvature": False}),
    "lost-bias": Slip("sdlm-avgpool", {"lost_bias": False}),
    "bias-curvature": Slip("sdlm-avgpool", {"step_sizes": "layer-weights"}),  # a reading
}


def settings_of(recipe: str, without: str = "") -> dict[str, Any]:
    """The settings of a recipe, without one of its mistakes if `without` names it."""
    return {**RECIPES[recipe].settings, **(SLIPS[without].off if without else {})}
