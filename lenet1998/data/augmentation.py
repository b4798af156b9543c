"""Training patterns made on demand: distorted copies (III-B) and noisy ones (III-E)."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import paper
from .distortion import invert, random_affine, warp
from .patterns import Patterns

TRAINED_ON = ("original", "distorted", "noisy")


class Copies:
    """Patterns, each of them in several copies that are made when they are asked for.

    Stands where `Patterns` stand in training: `len`, `labels`, `dataset` and `x`.  Copy number c of
    pattern i is pattern c * N + i.  The same seed gives the same copies, in whatever order they are
    asked for, and they take no memory.

    Args:
        patterns: the N originals.
        seed: of what the copies are changed by.
        copies: of each pattern.
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
        self.change(x[..., 0], index)
        return x

    def change(self, x: NDArray[Any], index: NDArray[np.intp]) -> None:
        """Make the copies `index` (n,) of their originals x (n, 32, 32), in place."""
        raise NotImplementedError


class Distorted(Copies):
    """The patterns and nine distorted copies of each (III-B): 540,000 beside MNIST's 60,000."""

    COPIES = paper.DISTORTED_PATTERNS // paper.TRAINING_PATTERNS

    def __init__(self, patterns: Patterns, seed: int, copies: int = 1 + COPIES) -> None:
        super().__init__(patterns, seed, copies)
        # The stream 2 keeps the copies apart from the weights and from the order.
        changed = len(self) - len(patterns)
        self.affine = random_affine(changed, np.random.default_rng([seed, 2]))

    def change(self, x: NDArray[Any], index: NDArray[np.intp]) -> None:
        """Warp all but the originals, which are copy 0."""
        copy = index - len(self.patterns)
        changed = copy >= 0
        x[changed] = warp(x[changed], self.affine[copy[changed]], paper.BACKGROUND)


class Noisy(Copies):
    """Ten copies of each pattern with each pixel inverted with probability 0.1 (III-E)."""

    def __init__(self, patterns: Patterns, seed: int, copies: int = 1 + Distorted.COPIES) -> None:
        super().__init__(patterns, seed, copies)

    def change(self, x: NDArray[Any], index: NDArray[np.intp]) -> None:
        """Invert pixels; every copy has a generator of its own."""
        chance = np.empty(x.shape, np.float32)
        for one, number in zip(chance, index, strict=True):
            np.random.default_rng([self.seed, 2, int(number)]).random(out=one, dtype=np.float32)
        x[...] = invert(x, chance < paper.NOISE_PROBABILITY)


def trained_on(what: str, patterns: Patterns, seed: int) -> Patterns | Copies:
    """The training patterns themselves ("original"), or "distorted" or "noisy" copies of them."""
    if what == "original":
        return patterns
    return {"distorted": Distorted, "noisy": Noisy}[what](patterns, seed)
