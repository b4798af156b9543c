"""Section VII-C: a network for strings learns whole strings, eq. 17 over the composed graph.

It starts from a network that has learned windows (VII-B).  Each string is one update: the gradient
of E = C_cforw - C_forw goes back through the columns of penalties into the wide network, so that
the network learns what the reader needs, and not what each window shows.
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
from .graph import discriminative_error, discriminative_forward
from .samples import Sample, StringRules, sample_string

ETAS = (5e-5, 5e-5, 2e-5, 1e-5)  # reading: of the four passes over strings
STRINGS_A_PASS = 20_000
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


def string_gradient(network: Network, x: Array, text: str) -> float:
    """E of eq. 17 for a string, and dE/dw of every parameter into `network.gradient`.

    Args:
        x: the string's field, (1, 32, width, 1).
        text: its digits.

    Returns:
        E; the gradient is 0 where the string has more characters than the columns can show, and E
        is infinite.
    """
    y = network.forward(x)
    scale = paper.PENALTY_SCALE
    error, slope = discriminative_forward(scale * y[0, 0], digits_of(text))
    if not np.isfinite(error):
        network.gradient[:] = 0
        return error
    network.backward((scale * slope).astype(network.dtype)[None, None])
    return error


def learn_string(network: Network, sample: Sample, steps: Array) -> float:
    """One update by eq. 18; return E before it, 0 for a string that does not fit.

    A string that is right beyond doubt is not learned.
    """
    y = network.forward(sample.x)
    error = discriminative_error(paper.PENALTY_SCALE * y[0, 0], digits_of(sample.text))
    if not np.isfinite(error):
        return 0.0
    if error >= _SMALL:
        string_gradient(network, sample.x, sample.text)
        network.parameters -= steps * network.gradient
    return error


def digits_of(text: str) -> list[int]:
    """The digits of a text."""
    return [int(digit) for digit in text]
