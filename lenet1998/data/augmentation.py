"""Training patterns made on demand: distorted (III-B) and noisy (III-E) copies, windows (VII-B)."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import paper
from ..files import InputError
from .distortion import invert, random_affine, warp
from .patterns import Patterns, PatternSource
from .windows import VARIED, Windows

WINDOW_KINDS = ("windows", "varied-windows")  # of strings: they have an eleventh class
PATTERN_KINDS = ("original", "distorted", "noisy", *WINDOW_KINDS)


class Augmented:
    """A `PatternSource` of several changed copies of each pattern, made on demand.

    Copy c of pattern i is pattern c * N + i.  A copy depends on the seed and on its number alone,
    not on the order of the calls.  Copies are not kept in memory.

    Args:
        patterns: the N originals.
        seed: of the random changes.
        copies: number of copies of each pattern.
    """

    def __init__(self, patterns: Patterns, seed: int, copies: int) -> None:
        self.patterns, self.seed, self.copies = patterns, seed, copies
        self.dataset = patterns.dataset
        self.labels = np.tile(patterns.labels, copies)

    def __len__(self) -> int:
        return len(self.labels)

    def x(self, index: NDArray[np.intp], dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """Inputs (n, 32, 32, 1) of the chosen copies, -0.1 to 1.175; `index` (n,)."""
        x = self.patterns.x(index % len(self.patterns), dtype)
        self.augment(x[..., 0], index)
        return x

    def augment(self, x: NDArray[Any], index: NDArray[np.intp]) -> None:
        """Change the originals x (n, 32, 32) into the copies `index` (n,), in place."""
        raise NotImplementedError


class Distorted(Augmented):
    """The patterns and nine distorted copies of each (III-B): 600,000 for MNIST."""

    COPIES = paper.DISTORTED_PATTERNS // paper.TRAINING_PATTERNS

    def __init__(self, patterns: Patterns, seed: int, copies: int = 1 + COPIES) -> None:
        super().__init__(patterns, seed, copies)
        # Stream 2: independent of the weights and of the order of the patterns.
        changed = len(self) - len(patterns)
        self.affine = random_affine(changed, np.random.default_rng([seed, 2]))

    def augment(self, x: NDArray[Any], index: NDArray[np.intp]) -> None:
        """Warp every copy but copy 0, which is the original."""
        copy = index - len(self.patterns)
        changed = copy >= 0
        x[changed] = warp(x[changed], self.affine[copy[changed]], paper.BACKGROUND)


class Noisy(Augmented):
    """Ten copies of each pattern with each pixel inverted with probability 0.1 (III-E)."""

    def __init__(self, patterns: Patterns, seed: int, copies: int = 1 + Distorted.COPIES) -> None:
        super().__init__(patterns, seed, copies)
        self.stream = np.random.PCG64([seed, 2])
        self.chances = np.random.Generator(self.stream)
        self.next = 0  # the copy whose chances the stream gives next

    def augment(self, x: NDArray[Any], index: NDArray[np.intp]) -> None:
        """Invert pixels by one random stream, of which every copy has its own part."""
        chance = np.empty(x.shape, np.float32)
        draws = chance[0].size // 2  # a draw of 64 bits gives two chances
        for one, number in zip(chance, index.tolist(), strict=True):
            self.stream.advance((number - self.next) * draws % 2**128)  # its period: also back
            self.chances.random(out=one, dtype=np.float32)
            self.next = number + 1
        x[...] = invert(x, chance < paper.NOISE_PROBABILITY)


def training_patterns(kind: str, patterns: Patterns, seed: int) -> PatternSource:
    """The patterns to train on: the originals, or what is made from them.

    Args:
        kind: "original"; "distorted" or "noisy" copies; "windows" of strings as in VII-B, or
            "varied-windows" with more overlap, wider gaps and larger vertical shifts.
        patterns: the originals.
        seed: of the random changes.

    Raises:
        InputError: another kind.
    """
    if kind == "original":
        return patterns
    if kind not in PATTERN_KINDS:
        raise InputError(f"patterns {kind!r} are not known: choose {', '.join(PATTERN_KINDS)}")
    if kind in WINDOW_KINDS:
        return Windows(patterns, seed, VARIED if kind == "varied-windows" else None)
    return {"distorted": Distorted, "noisy": Noisy}[kind](patterns, seed)


def patterns_to_test(kind: str, patterns: Patterns, seed: int) -> PatternSource:
    """The patterns that the test error is measured on: one window of each, or the originals.

    Args:
        kind: as in `training_patterns`.
        patterns: the test patterns.
        seed: of the windows.
    """
    if kind not in WINDOW_KINDS:
        return patterns
    return Windows(patterns, seed, VARIED if kind == "varied-windows" else None, copies=1)
