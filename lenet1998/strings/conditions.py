"""The conditions in which strings are read: what VII-B trains for, and what goes beyond it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .. import paper
from ..data.patterns import Patterns
from .readers import Reader
from .samples import Sample, StringRules, sample_strings
from .scoring import Score, score

PLAIN = StringRules()
MAIN: Mapping[str, StringRules] = {
    "clean": PLAIN,
    "10 % noise": replace(PLAIN, noise=paper.NOISE_PROBABILITY),
    "jitter 4": replace(PLAIN, jitter=4),
    "gaps -4 to -1": replace(PLAIN, gaps=(-4, -1)),
    "gaps -1 to 16": replace(PLAIN, gaps=(-1, 16)),
    "gaps 5 to 16": replace(PLAIN, gaps=(5, 16)),
    "1s 8 px apart": StringRules((2, 3), jitter=0, digits=(1,), distances=(8, 8)),
}
CLEAN, NOISY = list(MAIN)[:2]
CURVES: Mapping[str, Mapping[float, StringRules]] = {
    "noise": {n: replace(PLAIN, noise=n) for n in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2)},
    "jitter": {n: replace(PLAIN, jitter=n) for n in (0, 1, 2, 3, 4, 5, 6)},
    "gap": {n: replace(PLAIN, gaps=(n, n)) for n in (-6, -4, -2, -1, 0, 2, 4, 8, 12, 16)},
    "length": {n: replace(PLAIN, length=(n, n)) for n in (1, 2, 4, 6, 8, 12, 16)},
}


@dataclass(frozen=True)
class Measured:
    """A score with what was measured.

    Attributes:
        seed: of the network's training.
        reader: name of the reader.
        varied: what distinguishes the strings: a key of `CURVES`, or "" for those of `MAIN`.
        value: the value of it, or the key of `MAIN`.
    """

    seed: int
    reader: str
    varied: str
    value: str
    score: Score


@dataclass(frozen=True)
class Strings:
    """The strings that readers are measured on.

    Attributes:
        patterns: that they are made of.
        count: of each condition.
        seed: of the strings.
    """

    patterns: Patterns
    count: int
    seed: int

    def samples(self, rules: StringRules = PLAIN) -> list[Sample]:
        """The strings of these rules."""
        return sample_strings(self.patterns, self.count, self.seed, rules)

    def score(self, reader: Reader, rules: StringRules = PLAIN) -> Score:
        """How well a reader reads them."""
        return score(self.samples(rules), reader)

    def main(self, reader: Reader, name: str, seed: int) -> Iterator[Measured]:
        """Scores in the main conditions; 1s side by side only where the patterns have 1s."""
        for value, rules in MAIN.items():
            if set(rules.digits) <= set(self.patterns.labels.tolist()):
                yield Measured(seed, name, "", value, self.score(reader, rules))

    def curves(self, reader: Reader, name: str, seed: int) -> Iterator[Measured]:
        """Scores by noise, jitter, gap and length, on a quarter of the strings each."""
        few = replace(self, count=max(1, self.count // 4))
        for varied, amounts in CURVES.items():
            for amount, rules in amounts.items():
                yield Measured(seed, name, varied, f"{amount:g}", few.score(reader, rules))

    def compare(self, readers: Mapping[str, Reader], seed: int) -> Iterator[Measured]:
        """Scores of several readers on clean and on noisy strings."""
        for name, reader in readers.items():
            for value in (CLEAN, NOISY):
                yield Measured(seed, name, "", value, self.score(reader, MAIN[value]))
