"""Figures 24 and 25 and the sliding window, for one string of the experiment `strings`."""

from pathlib import Path

from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures import graph, sdnn, sliding
from ..figures.animation import save_animation
from ..files import save_figure
from ..network.lenet5 import LeNet5
from ..strings.columns import wide_states
from ..strings.cost import windows
from ..strings.reading import read_string
from ..strings.samples import Sample, StringRules, sample_strings

FILES = ("figure24.png", "figure25.png", "sliding.gif")
SHOWN = StringRules(length=(4, 4))  # as many characters as the paper's figure 25 has


def draw(network: LeNet5, test: Patterns, seed: int, into: Path) -> None:
    """Write figure24.png, figure25.png and sliding.gif for the first string of a seed.

    Args:
        network: one that learned strings.
        test: that the string is made of.
        seed: of the string.
        into: existing folder.
    """
    (one,) = sample_strings(test, 1, seed, SHOWN)
    reading = read(network, one)
    says = f"the string {one.text} of {TITLES[test.dataset].removesuffix(' digits')} test digits"
    save_figure(graph.figure24(reading, f"Figure 24 redrawn: {says}"), into / FILES[0])
    states = wide_states(network, one.x)
    save_figure(sdnn.figure25(reading, states, f"Figure 25 redrawn: {says}"), into / FILES[1])
    slid = network.states(windows(one.x, 1))
    f6, penalties = (slid[name].reshape(len(slid[name]), -1) for name in ("F6", "OUTPUT"))
    save_animation(sliding.sliding(reading, f6, penalties), into / FILES[2])


def read(network: LeNet5, one: Sample) -> sdnn.Reading:
    """A string that was read, as the figures take it."""
    found = read_string(network, one.x)
    characters = [(c.digit, c.first, c.last) for c in found.characters]
    return sdnn.Reading(one.x[0, ..., 0], found.penalties, found.path, characters)
