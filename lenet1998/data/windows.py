"""Section VII-B: the windows that a network for strings learns from, made when they are asked for.

A window shows a central character between two neighbours.  Where its middle is far from every
character, or in a gap where a character is missing, the window shows "no character": its label is
`BLANK`, and the code of that class is the space of figure 3.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import DTypeLike, NDArray

from .. import paper
from ..files import InputError
from .composing import boxes, follow, paste
from .distortion import invert
from .patterns import Patterns, normalise

BLANK = paper.CLASSES  # the label of a window without a central character
_SLOTS = 4  # characters of a window: left neighbour, the central one, two to its right
_NOISE_POOL = 2**20  # pixels; a window's noise begins at a random place of the pool


@dataclass(frozen=True)
class WindowRules:
    """How windows are made; section VII-B gives the gaps and the noise, the rest is a reading.

    Attributes:
        gaps: smallest and largest gap between neighbouring boxes, in pixels.
        offset: largest distance of a central character from the middle of its window, in pixels;
            half the distance of two columns of outputs, so that one column is always that near.
        jitter: largest vertical shift of the window and of each character, in pixels.
        blank_share: share of windows whose middle is away from every character.
        hole_share: share of windows whose central character is missing.
        alone_share: share of neighbours that are missing, as at the ends of a string.
        blank_distance: smallest distance of a blank window's middle from that of a character; at
            most half the distance of two neighbours.
        noisy_share: share of windows with salt-and-pepper noise.
        noise: share of the pixels of these that are inverted.

    Raises:
        InputError: a share outside 0 to 1, gaps in the wrong order, a distance below 0.
    """

    gaps: tuple[int, int] = paper.STRING_GAPS
    offset: int = 2
    jitter: int = 2
    blank_share: float = 0.3
    hole_share: float = 0.1
    alone_share: float = 0.1
    blank_distance: int = 5
    noisy_share: float = 0.5
    noise: float = paper.NOISE_PROBABILITY

    def __post_init__(self) -> None:
        shares = ("blank_share", "hole_share", "alone_share", "noisy_share", "noise")
        for name in shares:
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is {getattr(self, name)}: give a share from 0 to 1")
        if self.blank_share + self.hole_share > 1:
            raise InputError("blank_share and hole_share together exceed 1: give smaller shares")
        if self.gaps[0] > self.gaps[1]:
            raise InputError(f"gaps {self.gaps}: give the smallest gap first")
        for name in ("offset", "jitter", "blank_distance"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} is {getattr(self, name)}: give 0 or more pixels")


VARIED = WindowRules(gaps=(-4, 16), jitter=4)  # for strings that are tighter, wider or uneven


class Windows:
    """Windows of 32x32 pixels made from single characters; stands where `Patterns` stand.

    Window number c * N + i has pattern i of N as its central character.  The same seed gives the
    same windows, in whatever order they are asked for.  Only the choices are stored, 40 bytes a
    window.

    Args:
        patterns: N single characters, labels 0 to 9.
        seed: of every choice.
        rules: how the windows are made.
        copies: windows of each character.

    Attributes:
        labels: (copies * N,) uint8, 0 to 9, or `BLANK` for a window without a central character.
    """

    def __init__(
        self, patterns: Patterns, seed: int, rules: WindowRules | None = None, copies: int = 10
    ) -> None:
        self.patterns, self.rules = patterns, rules or WindowRules()
        self.dataset = patterns.dataset
        rng = np.random.default_rng([seed, 3])  # apart from the weights, the order and the copies
        n, rules = copies * len(patterns), self.rules
        self.boxes = boxes(patterns.images)
        self.shown = rng.integers(0, len(patterns), (n, _SLOTS), np.int32)
        self.shown[:, 1] = np.arange(n) % len(patterns)
        self.gaps = rng.integers(*rules.gaps, (n, _SLOTS - 1), np.int8, endpoint=True)
        vertical = rng.integers(-rules.jitter, rules.jitter, (n, _SLOTS), np.int8, endpoint=True)
        self.rows = vertical
        # A missing neighbour leaves its place empty; the central character is there.
        self.present = rng.random((n, _SLOTS), np.float32) >= rules.alone_share
        self.present[:, 1] = True
        kind = rng.random(n, np.float32)
        self.along = rng.random(n, np.float32)
        hole = kind >= 1 - rules.hole_share
        blank = (kind < rules.blank_share) & (self._distances(np.arange(n)) >= 2 * _NEAREST)
        self.present[hole, 1] = False
        self.blank = blank
        self.labels = np.where(hole | blank, BLANK, patterns.labels[self.shown[:, 1]])
        self.labels = self.labels.astype(np.uint8)
        self.noisy = rng.random(n, np.float32) < rules.noisy_share
        self.noise_at = rng.integers(0, _NOISE_POOL, n, np.int32)
        pool = rng.random(_NOISE_POOL + paper.INPUT_SIZE**2, np.float32)
        self._pool = pool < rules.noise

    def __len__(self) -> int:
        """The number of windows."""
        return len(self.labels)

    def x(self, index: NDArray[np.intp], dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The chosen windows as a network takes them: (n, 32, 32, 1), -0.1 to 1.175."""
        x = normalise(self.images(index), dtype)
        noisy = self.noisy[index]
        if noisy.any():
            fields = sliding_window_view(self._pool, paper.INPUT_SIZE**2)  # one from every place
            inverted = fields[self.noise_at[index[noisy]]].reshape(-1, *x.shape[1:])
            x[noisy] = invert(x[noisy], inverted)
        return x

    def images(self, index: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The grey levels of the chosen windows before the noise, (n, 32, 32), ink 255."""
        size = paper.INPUT_SIZE
        field = np.zeros((len(index), size, size), np.uint8)
        starts = self._starts(index)
        top = (size - paper.IMAGE_SIZE) // 2
        for slot in range(_SLOTS):
            near = self.present[index, slot] & (np.abs(starts[:, slot] - top) < size)
            which = index[near]
            part = field[near]
            images = self.patterns.images[self.shown[which, slot]]
            paste(part, images, top + self.rows[which, slot], starts[near, slot])
            field[near] = part
        return field

    def _starts(self, index: NDArray[np.intp]) -> NDArray[np.int64]:
        """First column of every character's image in its window, (n, 4)."""
        box = self.boxes[self.shown[index]]
        steps = follow(box[:, :-1], box[:, 1:], self.gaps[index])
        starts = np.zeros((len(index), _SLOTS), np.int64)
        starts[:, 0] = -steps[:, 0]
        starts[:, 2] = steps[:, 1]
        starts[:, 3] = steps[:, 1] + steps[:, 2]
        return starts + ((paper.INPUT_SIZE - paper.IMAGE_SIZE) // 2 - self._middle(index))[:, None]

    def _middle(self, index: NDArray[np.intp]) -> NDArray[np.int64]:
        """Columns from the central character's middle to the window's, (n,)."""
        rules, along = self.rules, self.along[index]
        centred = np.floor(along * (2 * rules.offset + 1)) - rules.offset
        distance = self._distances(index)
        nearest = np.minimum(rules.blank_distance, distance // 2)
        between = nearest + np.floor(along * (distance - 2 * nearest + 1))
        return np.where(self.blank[index], between, centred).astype(np.int64)

    def _distances(self, index: NDArray[np.intp]) -> NDArray[np.int64]:
        """Columns from the central character's middle to that of its right neighbour, (n,)."""
        box = self.boxes[self.shown[index, 1:3]]
        return follow(box[:, 0], box[:, 1], self.gaps[index, 1]).astype(np.int64)


_NEAREST = 4  # pixels: two columns of outputs lie so far apart
