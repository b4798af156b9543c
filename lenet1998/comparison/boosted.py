"""III-C.9: three LeNet-4, each of which learns from what the ones before are bad at."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from tqdm import tqdm

from .. import paper
from ..arrays import Array
from ..data.augmentation import Distorted
from ..data.patterns import Patterns, PatternSource
from ..files import InputError
from ..learning.evaluation import margins as margins_of
from ..learning.state import TrainingState
from ..network.lenet5 import LeNet5
from ..run.learn import make_trainer
from ..run.settings import Settings
from .method import Method, blocks
from .trained import connections, inputs

COPIES = 40  # copies of each training pattern to choose from, itself the first, at most
BLOCK = 500  # patterns that are read at a time


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some patterns of a source, by their numbers (`patterns.PatternSource`)."""

    source: PatternSource
    numbers: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The classes (n,)."""
        return self.source.labels[self.numbers]

    @property
    def dataset(self) -> str:
        """The data set's name."""
        return self.source.dataset

    def x(self, index: NDArray[np.intp], dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The patterns `index` as inputs (n, 32, 32, 1)."""
        return self.source.x(self.numbers[index], dtype)


class Boosted(Method):
    """Three networks whose outputs are added; the later ones are asked where the first doubts.

    The paper fixes that the second network learns from distorted patterns of which the first one
    gets half right, that the third learns from new ones on which the first two disagree, that the
    outputs are added, and that the later ones are not asked where the first is confident, for 1.75
    times the cost of a network on average.

    It leaves the rest open.  Readings: the first network learned from distorted patterns too; the
    later ones learn as it did, each from as many patterns as there are training patterns, or from
    fewer if 39 distorted copies of each do not hold so many.  The first is in doubt where its
    margin, the second smallest penalty minus the smallest, is among the smallest 37.5 % on the
    training patterns: two more networks for these make 1.75.  The score is minus the mean penalty
    of the networks asked; for units with the targets +1 and -1 the sum of the penalties falls as
    that of the outputs grows.

    Args:
        first: trained; it reads images of 28x28 pixels.
        settings: of the run that trained it; the later ones have the next two seeds.
        copies: distorted copies to choose from, the pattern itself as the first.
        quiet: no progress bars.

    Raises:
        InputError: by `fit`, no distorted pattern is hard enough for a later network.

    Attributes:
        networks: the three, trained.
        learned: how many patterns the second and the third learned from.
        threshold: the margin below which the first is in doubt.
        read, doubted: patterns read since it learned, and those on which the first was in doubt.
    """

    def __init__(
        self, first: LeNet5, settings: Settings, copies: int = COPIES, quiet: bool = False
    ) -> None:
        self.first, self.settings, self.copies, self.quiet = first, settings, copies, quiet

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        train = Patterns(images, labels.astype(np.uint8), self.settings.dataset)
        self.networks = [self.first]
        self.learned: list[int] = []
        for accept in (half_wrong, disagree):
            seed = self.settings.seed + len(self.networks)
            source = Distorted(train, seed, self.copies)
            chosen = choose(source, self.networks, accept, len(train), self.quiet)
            if not len(chosen):
                raise InputError(
                    f"none of {len(source) - len(train):,} distorted patterns is hard enough for "
                    f"network {len(self.networks) + 1} of the three: train the first for fewer "
                    "passes"
                )
            self.learned.append(len(chosen))
            self.networks.append(self._trained(Chosen(source, chosen), seed))
        share = (paper.BOOSTED_COST - 1) / 2
        margins = [margins_of(self._penalties(self.first, images[b])) for b in blocks(len(images))]
        self.threshold = float(np.quantile(np.concatenate(margins), share))
        self.read = self.doubted = 0

    def _trained(self, patterns: Chosen, seed: int) -> LeNet5:
        """A network that has learned from these patterns."""
        settings = replace(self.settings, seed=seed, train_size=len(patterns))
        network = settings.network()
        trainer = make_trainer(settings, network, len(patterns), self.quiet)
        state = TrainingState.initial(len(patterns), seed)
        for _ in range(settings.passes):
            trainer.train_pass(patterns, state)
            state.next_pass()
        return network

    @staticmethod
    def _penalties(network: LeNet5, images: NDArray[Any]) -> Array:
        penalties: Array = network.outputs(inputs(network, images)).reshape(len(images), -1)
        return penalties

    def score(self, images: NDArray[Any]) -> Array:
        found = self._penalties(self.first, images)
        doubt = margins_of(found) < self.threshold
        self.read, self.doubted = self.read + len(images), self.doubted + int(doubt.sum())
        if doubt.any():
            asked = images[doubt]
            for network in self.networks[1:]:
                found[doubt] += self._penalties(network, asked)
            found[doubt] /= len(self.networks)
        return -found

    @property
    def variables(self) -> int:
        """The parameters of the three."""
        return sum(int(network.parameters.size) for network in self.networks)

    @property
    def multiply_accumulates(self) -> int:
        """The average of the patterns read so far: two networks more for each in doubt.

        Raises:
            InputError: none has been read.
        """
        if not self.read:
            raise InputError("the average cost of an answer: read some patterns first")
        asked = 1 + (len(self.networks) - 1) * self.doubted / self.read
        return round(asked * connections(self.first))


def half_wrong(answers: Array, labels: NDArray[np.uint8]) -> tuple[Array, Array]:
    """Which patterns the first network gets wrong, and which right: equally many are chosen.

    Args:
        answers: of each network, (networks, n).
        labels: right classes (n,).
    """
    wrong = answers[0] != labels
    return wrong, ~wrong


def disagree(answers: Array, labels: NDArray[np.uint8]) -> tuple[Array]:
    """On which patterns the first two networks disagree; arguments as `half_wrong`."""
    return (answers[0] != answers[1],)


def choose(
    source: Distorted,
    networks: list[LeNet5],
    accept: Callable[[Array, NDArray[np.uint8]], tuple[Array, ...]],
    wanted: int,
    quiet: bool = False,
) -> NDArray[np.intp]:
    """The numbers of the first distorted patterns that are accepted, equally many of each kind.

    Args:
        source: its first copy of each pattern, which is not distorted, is left out.
        networks: those that answer.
        accept: the kinds: whether each pattern is of this kind, (n,) each.
        wanted: how many patterns in all.
        quiet: no progress bar.
    """
    found: list[list[int]] = []
    originals = len(source.patterns)
    share = wanted
    with tqdm(
        total=wanted,
        desc=f"patterns for network {len(networks) + 1}",
        disable=quiet or None,
        dynamic_ncols=True,
    ) as bar:
        for start in range(originals, len(source), BLOCK):
            numbers = np.arange(start, min(start + BLOCK, len(source)))
            x = source.x(numbers)
            answers = np.stack([one.outputs(x).reshape(len(x), -1).argmin(axis=1)
                                for one in networks])  # fmt: skip
            kinds = accept(answers, source.labels[numbers])
            found = found or [[] for _ in kinds]
            share = max(1, wanted // len(kinds))
            for kind, here in zip(found, kinds, strict=True):
                kind += numbers[here][: share - len(kind)].tolist()
            ready = min(map(len, found))
            bar.update(ready * len(found) - bar.n)
            if ready == share:
                break
    few = min(map(len, found), default=0)
    return np.array([number for kind in found for number in kind[:few]], np.intp)
