"""The global learning rate eta of each pass: the paper's, and the schedules that came after.

All return the rates of passes 1 to `passes`, and raise InputError for invalid rates and passes.
"""

import math
from collections.abc import Sequence

from .. import paper
from ..files import InputError


def paper_schedule(passes: int) -> list[float]:
    """eta of passes 1 to `passes` by III-B (`paper.SCHEDULE`).

    The paper's last rate is kept for all further passes.
    """
    etas = [eta for count, eta in paper.SCHEDULE for _ in range(count)]
    return (etas + [etas[-1]] * passes)[:passes]


def by_name(
    name: str,
    passes: int,
    rates: Sequence[float],
    step_at: Sequence[int] = (),
    warmup: int = 0,
    warmup_from: float = 0.0,
    flat_warmup: bool = False,
) -> list[float]:
    """The schedule of a name: "paper", "constant", "step", "cosine" or "quarter-cosine".

    Args:
        rates: that of the first pass; with "step" perhaps the later ones too.
        step_at: as `at` of `step_decay`.
        warmup, warmup_from: as in `cosine`.
        flat_warmup: as `flat` of `quarter_cosine`.
    """
    first = rates[0]
    if name == "paper":
        factor = first / paper.SCHEDULE[0][1]
        return [factor * eta for eta in paper_schedule(passes)]
    if name == "constant":
        return constant(passes, first)
    if name == "step":
        return step_decay(passes, rates if len(rates) > 1 else first, step_at)
    if name == "cosine":
        return cosine(passes, first, warmup, warmup_from)
    return quarter_cosine(passes, first, warmup, warmup_from, flat_warmup)


def constant(passes: int, eta: float) -> list[float]:
    """The same eta in every pass."""
    return [_rate(eta)] * passes


def step_decay(passes: int, etas: float | Sequence[float], at: Sequence[int]) -> list[float]:
    """Each rate until the next one begins: [0.4, 0.1, 0.05] with [5, 10] is 0.4 in passes 1 to 4.

    Args:
        etas: the rates, one more than `at`; or the first alone, which is divided by 10 at each.
        at: the first passes with the next rates, ascending, from 2 on.
    """
    if not isinstance(etas, Sequence):
        etas = [etas / 10**k for k in range(len(at) + 1)]
    if len(etas) != len(at) + 1:
        raise InputError(
            f"{len(etas)} learning rates for steps at passes {list(at)}: give one more"
        )
    starts = [1, *at]
    if any(later <= earlier for earlier, later in zip(starts, at, strict=False)):
        raise InputError(f"steps at passes {list(at)}: give passes from 2 on, ascending")
    ends = [*(start - 1 for start in at), max(passes, starts[-1])]
    stretches = zip(etas, starts, ends, strict=True)
    return [_rate(eta) for eta, start, end in stretches for _ in range(start, end + 1)][:passes]


def cosine(
    passes: int,
    eta: float,
    warmup_passes: int = 0,
    warmup_from: float = 0.0,
) -> list[float]:
    """Linear from `warmup_from` to eta, then half a cosine from eta towards 0.

    Pass 1 has `warmup_from` and pass `warmup_passes` + 1 has eta.  The cosine would reach 0 one
    pass after the last, so that no pass has a rate of 0.

    Args:
        warmup_passes: fewer than `passes`; 0 begins with eta.
        warmup_from: above 0 where there is a warm-up.
    """
    falling = passes - warmup_passes
    turn = [(1 + math.cos(math.pi * k / falling)) / 2 for k in range(falling)]
    return _warmup(passes, eta, warmup_passes, warmup_from) + [eta * part for part in turn]


def quarter_cosine(
    passes: int,
    eta: float,
    warmup_passes: int = 0,
    warmup_from: float = 0.0,
    flat: bool = False,
) -> list[float]:
    """Linear from `warmup_from` to eta, then eta times the first quarter of a cosine.

    It is the schedule of a course project (`run/recipes/sigmoid_softmax.py`).

    Args:
        warmup_passes, warmup_from: as in `cosine`.
        flat: the warm-up stays at `warmup_from`, the mistake of that project.
    """
    falling = passes - warmup_passes
    warmup = _warmup(passes, eta, warmup_passes, warmup_from)
    if flat:
        warmup = [warmup_from] * warmup_passes
    return warmup + [eta * math.cos(math.pi / 2 * k / falling) for k in range(falling)]


def _warmup(passes: int, eta: float, warmup_passes: int, warmup_from: float) -> list[float]:
    """The rates of a linear warm-up; InputError unless passes are left after it."""
    if not 0 <= warmup_passes < passes:
        raise InputError(
            f"a warm-up of {warmup_passes} passes does not fit into {passes}: give at most "
            f"--warmup {passes - 1}, or more --passes"
        )
    eta = _rate(eta)
    rise = eta - _rate(warmup_from) if warmup_passes else 0.0
    return [warmup_from + rise * k / warmup_passes for k in range(warmup_passes)]


def _rate(eta: float) -> float:
    """Return the rate; raise InputError unless it is above 0 and finite."""
    if not 0 < eta < math.inf:
        raise InputError(f"the learning rate is {eta:g}: it must be above 0")
    return float(eta)
