"""Section VII-C: a network for strings learns whole strings, eq. 17 over the composed graph.

It starts from a network that has learned windows (VII-B).  Each string is one update: the gradient
of E = C_cforw - C_forw goes back through the columns of penalties into the wide network, so that
the network learns what the reader needs, and not what each window shows.

E does not change when all penalties of a column grow by the same amount, so that nothing keeps F6
near the codes: with eq. 17 alone the penalties of the right path grow from about 10 to 130 a
column, and no longer tell what is not a digit.  Reading: a small part of C_cforw itself is added to
E (`ANCHOR`); eq. 9 has a constant rubbish class for the same reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.patterns import Patterns
from ..data.windows import Windows
from ..learning.criterion import MAP
from ..learning.sdlm import estimate_curvature, step_sizes
from ..network.network import Network
from .graph import any_string, forward_penalty, forward_total, one_string
from .samples import Sample, StringRules, sample_string

ETAS = (5e-5, 5e-5, 2e-5, 1e-5)  # reading: of the four passes over strings
STRINGS_A_PASS = 10_000
ANCHOR = 0.03  # reading: share of the right string's own penalty in what is learned
_NEAR = 2.5  # halved penalty a column of the right path up to which it is near enough to the codes
_SMALL = 1e-2  # E from which a string is learned; below, it is right with a probability of 99 %
_BLOCK = 50  # windows of the curvature's estimate at a time

# Reading: half of the strings as VII-B's windows, a fifth tighter, a fifth wider, a tenth of 1s.
MIXTURE = tuple(
    replace(rules, noise=noise)
    for rules in (
        *[StringRules((1, 8), paper.STRING_GAPS, 4)] * 5,
        *[StringRules((1, 8), (-4, -1), 4)] * 2,
        *[StringRules((1, 8), (0, 16), 4)] * 2,
        StringRules((2, 5), jitter=2, digits=(1,), distances=(8, 14)),
    )
    for noise in (0.0, paper.NOISE_PROBABILITY)
)


@dataclass(frozen=True)
class StringPass:
    """A pass over strings.

    Attributes:
        number: from 1 on.
        eta: global learning rate.
        error: mean E of eq. 17 over its strings, each before its update.
    """

    number: int
    eta: float
    error: float


def learn_strings(
    network: Network,
    patterns: Patterns,
    seed: int,
    etas: Sequence[float] = ETAS,
    strings: int = STRINGS_A_PASS,
    mixture: Sequence[StringRules] = MIXTURE,
    first: int = 1,
) -> Iterator[StringPass]:
    """Train a network in place on whole strings, one string per update; yield each pass's result.

    Args:
        network: one that has learned windows.
        patterns: the single characters that the strings are made of.
        seed: of the strings, and of the windows whose curvature sets the step of each layer.
        etas: global learning rate of each pass.
        strings: of a pass.
        mixture: the rules of the strings; each string follows one of them, drawn at random.  Those
            of digits that the patterns lack are left out.
        first: number of the pass to begin with; the network is as the pass before left it.
    """
    windows = Windows(patterns, seed)
    mixture = [rules for rules in mixture if set(rules.digits) <= set(patterns.labels.tolist())]
    for number, eta in enumerate(etas[first - 1 :], start=first):
        rng = np.random.default_rng([seed, 5, number])
        sample = rng.choice(len(windows), min(paper.CURVATURE_PATTERNS, len(windows)), False)
        blocks = (sample[i : i + _BLOCK] for i in range(0, len(sample), _BLOCK))
        curvature = estimate_curvature(
            network,
            MAP(),
            ((windows.x(i, network.dtype), windows.labels[i].astype(np.intp)) for i in blocks),
        )
        steps = step_sizes(network, curvature, eta)
        total = 0.0
        for _ in range(strings):
            rules = mixture[int(rng.integers(len(mixture)))]
            total += learn_string(network, sample_string(patterns, rng, rules), steps)
        yield StringPass(number, eta, total / strings)


def string_gradient(network: Network, x: Array, text: str, anchor: float = ANCHOR) -> float:
    """E + anchor C_cforw of a string (eq. 17), and its dE/dw into `network.gradient`.

    A string that is right beyond doubt, on a path that is near the codes, has the gradient 0.

    Args:
        x: the string's field, (1, 32, width, 1).
        text: its digits.
        anchor: share of the right string's own forward penalty; 0 is eq. 17.

    Returns:
        E alone; the gradient is 0 where the string has more characters than the columns can show,
        and E is infinite.
    """
    scale, digits = paper.PENALTY_SCALE, [int(digit) for digit in text]
    penalties = scale * network.forward(x)[0, 0]
    right = forward_total(penalties, one_string(digits))
    error = right - forward_total(penalties, any_string()) if np.isfinite(right) else np.inf
    if not np.isfinite(error) or (
        error < _SMALL and anchor * right <= anchor * _NEAR * len(penalties)
    ):
        network.gradient[:] = 0
        return error
    slope = (1 + anchor) * forward_penalty(penalties, one_string(digits))[1]
    slope -= forward_penalty(penalties, any_string())[1]
    network.backward((scale * slope).astype(network.dtype)[None, None])
    return error


def learn_string(network: Network, sample: Sample, steps: Array) -> float:
    """One update by eq. 18; return E before it, 0 for a string that does not fit."""
    error = string_gradient(network, sample.x, sample.text)
    if not np.isfinite(error):
        return 0.0
    network.parameters -= steps * network.gradient
    return error
