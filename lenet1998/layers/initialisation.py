"""Rules for the initial weights: appendix A, and those that came after."""

import numpy as np
from numpy.typing import ArrayLike

from .. import paper
from ..arrays import Array, Shape
from ..files import InputError

INITS = ("lecun", "paper", "xavier", "he", "he-out", "normal", "normal-1", "normal-0.01")
ABOUT_INITS = (  # for the help
    f"uniform in lecun (1/sqrt(fan-in)), paper ({paper.INIT_RANGE:g}/fan-in) and xavier; normal "
    "with deviation sqrt(2/fan-in) in he, sqrt(2/fan-out) in he-out, 0.1 in normal, 1 in normal-1, "
    "0.01 in normal-0.01"
)

DEVIATIONS = {"normal": 0.1, "normal-1": 1.0, "normal-0.01": 0.01}


def initial_weights(
    rng: np.random.Generator, rule: str, fan_in: ArrayLike, fan_out: ArrayLike, shape: Shape
) -> Array:
    """Draw the initial weights of units with `fan_in` inputs that feed `fan_out` units each.

    Args:
        rule: "lecun", uniform within 1/sqrt(fan_in), is what the authors' libraries do and the
            default reading; "paper" is uniform within 2.4/fan_in, appendix A read literally;
            "xavier" uniform within sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010); "he"
            N(0, 2/fan_in) and "he-out" N(0, 2/fan_out) (He and others 2015); "normal" N(0, 0.1^2),
            "normal-1" N(0, 1) and "normal-0.01" N(0, 0.01^2), whatever the fan-in.
        fan_in, fan_out: numbers, or arrays that broadcast against `shape`.

    Raises:
        InputError: unknown rule.
    """
    fan_in, fan_out = np.asarray(fan_in, float), np.asarray(fan_out, float)
    if rule in ("he", "he-out"):
        return rng.normal(0.0, np.sqrt(2.0 / (fan_in if rule == "he" else fan_out)), shape)
    if rule in DEVIATIONS:
        return rng.normal(0.0, DEVIATIONS[rule], shape)
    if rule not in INITS:
        raise InputError(f"init {rule!r} is not known: choose {', '.join(INITS)}")
    bounds = {
        "lecun": paper.INIT_LECUN / np.sqrt(fan_in),
        "paper": paper.INIT_RANGE / fan_in,
        "xavier": np.sqrt(6.0 / (fan_in + fan_out)),
    }
    return rng.uniform(-bounds[rule], bounds[rule], shape)
