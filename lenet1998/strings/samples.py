"""Strings of single characters, made to measure how well strings are read."""

from dataclasses import dataclass

import numpy as np

from .. import paper
from ..arrays import Array
from ..data.composing import boxes, compose, follow
from ..data.distortion import invert
from ..data.patterns import Patterns, scale_levels
from ..files import InputError


@dataclass(frozen=True)
class StringRules:
    """How strings are made.

    Attributes:
        length: smallest and largest number of characters.
        gaps: smallest and largest gap between neighbouring boxes, in pixels (VII-B).
        jitter: largest vertical shift of a character, in pixels.
        noise: share of the pixels that are inverted.
        digits: the only ones that occur; empty for all.
        distances: smallest and largest distance of neighbouring middles, in pixels, which then
            decide the gaps; None: the gaps decide.
    """

    length: tuple[int, int] = (3, 8)
    gaps: tuple[int, int] = paper.STRING_GAPS
    jitter: int = 2
    noise: float = 0.0
    digits: tuple[int, ...] = ()
    distances: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Sample:
    """A string whose characters are known.

    Attributes:
        x: as a network takes it, (1, 32, width, 1), -0.1 to 1.175.
        text: its digits.
        shown: index of each character in the patterns, (length,).
        middles: column of each character's middle, (length,).
    """

    x: Array
    text: str
    shown: Array
    middles: Array


def sample_strings(
    patterns: Patterns, count: int, seed: int, rules: StringRules | None = None
) -> list[Sample]:
    """Random strings of the patterns' characters; the same seed gives the same strings.

    Args:
        patterns: single characters.
        count: strings to make.
    """
    rng = np.random.default_rng([seed, 4])
    return [sample_string(patterns, rng, rules or StringRules()) for _ in range(count)]


def sample_string(patterns: Patterns, rng: np.random.Generator, rules: StringRules) -> Sample:
    """One random string of the patterns' characters.

    Raises:
        InputError: the patterns have none of the digits.
    """
    top = (paper.INPUT_SIZE - paper.IMAGE_SIZE) // 2
    length = int(rng.integers(*rules.length, endpoint=True))
    if rules.digits:
        chosen = np.flatnonzero(np.isin(patterns.labels, rules.digits))
        if not len(chosen):
            raise InputError(f"no pattern is a {' or '.join(map(str, rules.digits))}: give others")
        shown = rng.choice(chosen, length)
    else:
        shown = rng.integers(0, len(patterns), length)
    gaps = rng.integers(*(rules.distances or rules.gaps), length - 1, endpoint=True)
    if rules.distances:
        box = boxes(patterns.images[shown])
        gaps = gaps - follow(box[:-1], box[1:], np.zeros_like(gaps))
    rows = top + rng.integers(-rules.jitter, rules.jitter, length, endpoint=True)
    field, middles = compose(patterns.images[shown], gaps, rows)
    x = scale_levels(field)[None, ..., None]
    if rules.noise:
        x = invert(x, rng.random(x.shape) < rules.noise)
    text = "".join(str(label) for label in patterns.labels[shown])
    return Sample(x, text, shown, middles)
