"""Eq. 17 through the wide network: its gradient, and what a network learns from it."""

import copy

import numpy as np
import pytest

from lenet1998.arrays import Array
from lenet1998.data.datasets import load_printed
from lenet1998.network.design import DIGITS_AND_SPACE, Design
from lenet1998.network.lenet5 import LeNet5
from lenet1998.strings.graph import any_string, forward_total, one_string
from lenet1998.strings.reading import read_string
from lenet1998.strings.samples import StringRules, sample_strings
from lenet1998.strings.scoring import score
from lenet1998.strings.training import ANCHOR, learn_string, learn_strings, string_gradient

TRAIN, TEST = load_printed()


def what_is_learned(network: LeNet5, x: Array, text: str, anchor: float) -> float:
    """E + anchor C_cforw, by the graph's own functions."""
    penalties = 0.5 * network.forward(x)[0, 0]
    right = forward_total(penalties, one_string([int(digit) for digit in text]))
    return (1 + anchor) * right - forward_total(penalties, any_string())


@pytest.mark.parametrize("anchor", [0.0, ANCHOR])
@pytest.mark.parametrize("length", [1, 3])
def test_the_gradient_of_every_layer(length: int, anchor: float) -> None:
    """By central differences, in float64, for some parameters of each layer."""
    network = LeNet5(seed=3, dtype=np.float64, design=Design(codes=DIGITS_AND_SPACE))
    (sample,) = sample_strings(TRAIN, 1, length, StringRules((length, length)))
    x = sample.x.astype(np.float64)
    error = string_gradient(network, x, sample.text, anchor)
    assert error == pytest.approx(what_is_learned(network, x, sample.text, 0.0))
    gradient = network.gradient.copy()
    rng = np.random.default_rng(0)
    for name, part in network.slices.items():
        for k in rng.integers(part.start, part.stop, 6):
            before, ends = network.parameters[k], []
            for step in (1e-6, -1e-6):
                network.parameters[k] = before + step
                ends.append(what_is_learned(network, x, sample.text, anchor))
            network.parameters[k] = before
            difference = (ends[0] - ends[1]) / 2e-6
            assert gradient[k] == pytest.approx(difference, rel=1e-4, abs=1e-6), name


def test_a_string_that_does_not_fit_teaches_nothing(reader: LeNet5) -> None:
    network = copy.deepcopy(reader)
    (sample,) = sample_strings(TRAIN, 1, 0, StringRules((1, 1)))
    narrow = sample.x[:, :, :32]
    assert string_gradient(network, narrow, "12") == np.inf
    assert not network.gradient.any()


def test_a_string_that_is_right_beyond_doubt_teaches_nothing(reader: LeNet5) -> None:
    network = copy.deepcopy(reader)
    samples = sample_strings(TRAIN, 30, 4, StringRules((1, 2), gaps=(8, 16)))
    errors = {string_gradient(network, one.x, one.text, 0.0): network.gradient.any()
              for one in samples}  # fmt: skip
    assert any(errors.values()) and not all(errors.values())
    assert max(e for e, learns in errors.items() if not learns) < 0.01
    assert min(e for e, learns in errors.items() if learns) >= 0.01


def test_the_anchor_keeps_the_penalties_small(reader: LeNet5) -> None:
    samples = sample_strings(TRAIN, 30, 2)
    found = {}
    for anchor in (0.0, 1.0):
        network = copy.deepcopy(reader)
        for one in samples:
            string_gradient(network, one.x, one.text, anchor)
            network.parameters -= np.float32(1e-5) * network.gradient
        found[anchor] = np.mean([read_string(network, one.x).penalty for one in samples])
    assert found[1.0] < found[0.0]


def test_an_update_makes_the_string_likelier(reader: LeNet5) -> None:
    network = copy.deepcopy(reader)
    steps = np.full(network.parameters.shape, 1e-5, np.float32)
    samples = sample_strings(TRAIN, 20, 1, StringRules((3, 5), noise=0.1))
    worst = max(samples, key=lambda one: string_gradient(network, one.x, one.text))
    before = learn_string(network, worst, steps)
    assert 1e-4 < string_gradient(network, worst.x, worst.text) < before


def test_strings_are_read_better_after_two_passes(reader: LeNet5) -> None:
    network = copy.deepcopy(reader)
    samples = sample_strings(TEST, 100, 2, StringRules(noise=0.1, jitter=4))
    before = score(samples, lambda one: read_string(network, one.x).text, 10)
    results = list(learn_strings(network, TRAIN, 0, (1e-4, 5e-5), strings=300))
    after = score(samples, lambda one: read_string(network, one.x).text, 10)
    assert [one.number for one in results] == [1, 2]
    assert results[1].error < results[0].error
    assert after.edits < before.edits


def test_the_same_seed_learns_the_same(reader: LeNet5) -> None:
    found = []
    for seed in (1, 1, 2):
        network = copy.deepcopy(reader)
        list(learn_strings(network, TRAIN.subset(200), seed, (1e-4,), strings=20))
        found.append(network.sha256())
    assert found[0] == found[1] != found[2]
