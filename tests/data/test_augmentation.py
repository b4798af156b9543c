"""Distorted and noisy training patterns, made on demand."""

import numpy as np
import pytest

from lenet1998 import paper
from lenet1998.data import distortion
from lenet1998.data.augmentation import Augmented, Distorted, Noisy, training_patterns
from lenet1998.data.datasets import load_printed
from lenet1998.data.patterns import Patterns
from lenet1998.files import InputError
from lenet1998.learning.criterion import MAP
from lenet1998.learning.optimizers import SGD
from lenet1998.learning.training import Trainer
from lenet1998.network.lenet5 import LeNet5

N = 30


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    return load_printed()[0].subset(N)


@pytest.mark.parametrize("kind", [Distorted, Noisy])
def test_ten_copies_with_their_labels(kind: type[Augmented], patterns: Patterns) -> None:
    copies = kind(patterns, 0)
    assert len(copies) == 10 * N
    assert copies.x(np.arange(len(copies))).shape == (10 * N, 32, 32, 1)
    for copy in range(10):
        np.testing.assert_array_equal(copies.labels[copy * N : (copy + 1) * N], patterns.labels)
    assert copies.dataset == "printed"


@pytest.mark.parametrize("kind", [Distorted, Noisy])
def test_a_copy_does_not_depend_on_when_it_is_asked_for(
    kind: type[Augmented], patterns: Patterns
) -> None:
    index = np.array([299, 4, 31, 4, 150])
    together = kind(patterns, 3).x(index)
    again = kind(patterns, 3)
    for place in (2, 0, 4, 3, 1):
        np.testing.assert_array_equal(again.x(index[place : place + 1])[0], together[place])
    other = kind(patterns, 4).x(index)
    changed = [0, 2, 4]
    assert all((other[place] != together[place]).any() for place in changed)


def test_the_first_copy_is_the_original(patterns: Patterns) -> None:
    copies = Distorted(patterns, 0)
    np.testing.assert_array_equal(copies.x(np.arange(N)), patterns.x())
    for copy in range(1, 10):
        x = copies.x(np.arange(copy * N, (copy + 1) * N))
        assert (x != patterns.x()).any(axis=(1, 2, 3)).all(), "every copy moves"


def test_distorted_copies_are_warps_with_the_ranges_of_figure_7(patterns: Patterns) -> None:
    copies = Distorted(patterns, 5)
    index = np.array([N + 7, 5 * N + 2])
    expected = distortion.warp(
        patterns.x([7, 2])[..., 0], copies.affine[index - N], paper.BACKGROUND
    )
    np.testing.assert_array_equal(copies.x(index)[..., 0], expected)


def test_no_two_copies_have_the_same_noise(patterns: Patterns) -> None:
    """Each copy has a part of the random stream of its own, whatever was asked for before."""
    black = Patterns(np.zeros_like(patterns.images), patterns.labels, "custom")
    noisy = Noisy(black, 0)
    inverted = noisy.x(np.arange(len(noisy)))[..., 0] > 0.5
    alike = np.corrcoef(inverted.reshape(len(noisy), -1))
    assert np.abs(alike - np.eye(len(noisy))).max() < 0.3  # the largest of 45,000 pairs
    shifted = np.corrcoef(inverted.reshape(-1)[1:], inverted.reshape(-1)[:-1])[0, 1]
    assert abs(shifted) < 0.01


def test_a_tenth_of_the_pixels_is_inverted(patterns: Patterns) -> None:
    x, noisy = patterns.x(np.arange(N)), Noisy(patterns, 0).x(np.arange(N))
    changed = x != noisy
    assert changed.mean() == pytest.approx(0.1, abs=0.006)  # 3.5 deviations
    inverted = paper.BACKGROUND + paper.FOREGROUND - x
    np.testing.assert_allclose(noisy[changed], inverted[changed], atol=1e-6)
    assert (changed[0] != changed[1]).any()


def test_what_to_learn_from_by_name(patterns: Patterns) -> None:
    assert training_patterns("original", patterns, 1) is patterns
    assert isinstance(training_patterns("distorted", patterns, 1), Distorted)
    noisy = training_patterns("noisy", patterns, 1)
    assert isinstance(noisy, Noisy) and noisy.seed == 1
    with pytest.raises(InputError, match="patterns 'sketched' are not known: choose original"):
        training_patterns("sketched", patterns, 1)


class Asked(Distorted):
    """Notes which copies are asked for, a pattern's worth of them at a time."""

    def __init__(self, patterns: Patterns) -> None:
        super().__init__(patterns, 0)
        self.seen: list[int] = []

    def augment(self, x: "np.ndarray", index: "np.ndarray") -> None:  # type: ignore[type-arg]
        super().augment(x, index)
        self.seen += index.tolist()


@pytest.mark.parametrize("order", ["constant", "shuffled"])
def test_twenty_passes_show_each_copy_twice(order: str, patterns: Patterns) -> None:
    """III-B: the session keeps its length, so that each pattern is seen about twice."""
    few = patterns.subset(6)
    asked = Asked(few)
    test = load_printed()[1].subset(5)
    passes = 20
    network = LeNet5()
    trainer = Trainer(
        network, MAP(), SGD(network.parameters.size), [1e-5] * passes,
        order=order, pass_size=6, progress=False,
    )  # fmt: skip
    results = list(trainer.passes(asked, test))
    assert len(results) == passes
    # Before each pass the curvature looks at all 60 (fewer than 500), then 6 are learned from.
    step = len(asked) + 6
    learned = [asked.seen[i * step + len(asked) : (i + 1) * step] for i in range(passes)]
    halves = [np.concatenate(half) for half in (learned[:10], learned[10:])]
    for half in halves:
        assert sorted(half.tolist()) == list(range(60))
    assert (order == "constant") == bool((halves[0] == halves[1]).all())
