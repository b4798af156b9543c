"""Settings that contradict each other, or that have no effect with others.

A setting that belongs to certain values of one other says so where it is declared (`needs`); the
rules here are on more than that.
"""

from collections.abc import Mapping
from typing import Any

from ..data.augmentation import WINDOW_KINDS
from ..fields import flag_name
from ..files import InputError
from ..network.design import DIGITS_AND_SPACE


def check_together(values: Mapping[str, Any]) -> None:
    """Check the settings of a run against each other.

    Args:
        values: every setting by name, with the parts of the network.

    Raises:
        InputError: two contradict each other, or one has no effect.
    """
    output, criterion = values["output"], values["criterion"]
    if (output == "softmax") != (criterion == "cross-entropy"):
        raise InputError(
            f"--output {output} does not go with --criterion {criterion}: softmax takes "
            "cross-entropy, rbf takes map or mle"
        )
    patterns, codes = values["patterns"], values["codes"]
    if (patterns in WINDOW_KINDS) != (codes == DIGITS_AND_SPACE):
        raise InputError(
            f"--codes {codes} does not go with --patterns {patterns}: {DIGITS_AND_SPACE} goes with "
            f"{' and '.join(WINDOW_KINDS)}"
        )
    for flag, given, owner in (
        ("several --learning-rate belong", len(values["learning_rate"]) > 1
         and values["schedule"] != "step", "--schedule step"),
        ("--schedule step belongs", values["schedule"] == "step" and not values["step_at"]
         and len(values["learning_rate"]) == 1,
         "--step-at"),
        ("--warmup-from belongs", values["warmup_from"] and not values["warmup"],
         "--warmup above 0"),
        ("--flat-warmup belongs", values["flat_warmup"] and not values["warmup"],
         "--warmup above 0"),
        ("--plain-norm-steps belongs", values["plain_norm_steps"]
         and not (values["momentum"] and values["batch_norm"]), "--batch-norm and --momentum"),
        ("--sum-gradients belongs", values["sum_gradients"] and values["batch_size"] == 1,
         "--batch-size above 1"),
        ("--quarter-curvature belongs", values["quarter_curvature"]
         and values["optimizer"] != "sdlm", "--optimizer sdlm"),
    ):  # fmt: skip
        if given:
            raise InputError(f"{flag} to {owner}: without it, it has no effect")


def check_weights(
    own: Mapping[str, Any], wanted: Mapping[str, Any], chosen: Mapping[str, Any]
) -> None:
    """Check what was chosen for a run that trains on from given weights.

    Args:
        own: the parts of the weights' network, by name.
        wanted: the settings of a variant or a recipe, with the chosen ones over them.
        chosen: the settings that the user chose; None stands for "not chosen".

    Raises:
        InputError: another part than the network has, or a setting of the initial weights.
    """
    for name in ("init", "initial_bias"):
        if chosen.get(name) is not None:
            raise InputError(f"{flag_name(name)} has no effect with --weights; remove it")
    for name, part in own.items():
        if name != "codes" and wanted.get(name, part) != part:
            what = "the variant or recipe" if chosen.get(name) is None else flag_name(name)
            raise InputError(
                f"--weights {wanted['weights']}: a network with {name} {part}, not {wanted[name]}; "
                f"remove {what}"
            )
