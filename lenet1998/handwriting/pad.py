"""A pad to draw a digit on, and the network's answer to it, as numbers.

The window that shows both is in `handwriting.window`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..files import InputError
from ..network.lenet5 import LeNet5
from . import preparation
from .answers import Answer, judge
from .preparation import LEAST_CONTRAST

Point = tuple[float, float]
SIZE = 280  # pixels, side of the pad
PEN = 20.0  # pixels; like MNIST's strokes when a digit fills two thirds of the pad's height


class Pad:
    """Strokes of a round pen, and the grey image that they make.

    Points are (x, y) in pixels, x to the right and y down from the top left corner.  The pixel in
    row i and column j is the square from (j, i) to (j + 1, i + 1).  Points may lie outside the pad;
    nothing is drawn there.

    Args:
        size: height of the pad, pixels, and its width where no other is given.
        pen: diameter of the pen, pixels.
        width: of the pad, pixels; None: as its height.

    Attributes:
        image: (size, width) float64, paper 0 and ink 1, edges anti-aliased.
        strokes: the points of each stroke.
        down: whether the pen is on the pad; `extend` draws only then.

    Raises:
        InputError: a size or a pen that is not above 0; a point that is not finite.
    """

    def __init__(self, size: int = SIZE, pen: float = PEN, width: int | None = None) -> None:
        width = size if width is None else width
        if not (size > 0 and width > 0 and 0 < pen < math.inf):
            raise InputError(
                f"a pad of {width} x {size} pixels and a pen of {pen}: give numbers above 0"
            )
        self.pen = float(pen)
        self.image = np.zeros((size, width))
        self.strokes: list[list[Point]] = []
        self.down = False

    def begin(self, x: float, y: float) -> None:
        """Put the pen down: start a new stroke with a dot."""
        self._paint((x, y), (x, y))
        self.strokes.append([(x, y)])
        self.down = True

    def extend(self, x: float, y: float) -> None:
        """Continue the stroke to this point; does nothing while the pen is up."""
        if self.down:
            self._paint(self.strokes[-1][-1], (x, y))
            self.strokes[-1].append((x, y))

    def end(self) -> None:
        """Lift the pen."""
        self.down = False

    def draw(self, points: Iterable[Point]) -> None:
        """Draw a whole stroke; no points draw nothing."""
        for number, point in enumerate(points):
            if number == 0:
                self.begin(*point)
            else:
                self.extend(*point)
        self.end()

    def undo(self) -> None:
        """Remove the last stroke, even an unfinished one; does nothing on an empty pad."""
        kept = self.strokes[:-1]
        self.clear()
        for stroke in kept:
            self._paint(stroke[0], stroke[0])
            for start, stop in pairwise(stroke):
                self._paint(start, stop)
        self.strokes = kept

    def clear(self) -> None:
        """Remove all strokes."""
        self.image[...] = 0
        self.strokes = []
        self.end()

    def _paint(self, start: Point, stop: Point) -> None:
        """Ink the pixels under the pen on its way from start to stop.

        The ink of a pixel falls from 1 to 0 over one pixel at the pen's edge.
        """
        ends = np.array([start, stop], np.float64)
        if not np.isfinite(ends).all():
            raise InputError(f"a stroke from {start} to {stop}: points are finite numbers")
        reach = self.pen / 2 + 1
        low, high = np.floor(ends.min(axis=0) - reach), np.ceil(ends.max(axis=0) + reach)
        height, width = self.image.shape
        most = [width, height, width, height]
        left, top, right, bottom = np.clip([*low, *high], 0, most).astype(int).tolist()
        x, y = np.arange(left, right) + 0.5, np.arange(top, bottom)[:, None] + 0.5
        (x0, y0), (dx, dy) = ends[0], ends[1] - ends[0]
        length = math.hypot(dx, dy)
        along = ((x - x0) * dx + (y - y0) * dy) / length**2 if length else x - x
        nearest = np.clip(along, 0, 1)
        distance = np.hypot(x - x0 - nearest * dx, y - y0 - nearest * dy)
        part = self.image[top:bottom, left:right]
        np.maximum(part, np.clip(self.pen / 2 + 0.5 - distance, 0, 1), out=part)


@dataclass(frozen=True)
class Reading:
    """A network's answer to a pad.

    Attributes:
        image: (28, 28) uint8, the drawing as `handwriting.prepare` makes it (III-A).
        states: of every layer, as `LeNet5.states` gives them for one image.
        answer: the class with its margin, and whether it is rejected.
    """

    image: NDArray[np.uint8]
    states: dict[str, Array]
    answer: Answer

    @property
    def penalties(self) -> Array:
        """Those of eq. 7, (10,)."""
        return self.states["OUTPUT"].ravel()


def reading(network: LeNet5, pad: Pad, reject_below: float | None) -> Reading | None:
    """The network's answer to the pad; None while the pad has too little ink for `prepare`.

    Args:
        network: reads the pad.
        pad: with any drawing.
        reject_below: the smallest margin, in units of eq. 7, of an answer that is not rejected;
            None rejects nothing.
    """
    if pad.image.max() < LEAST_CONTRAST:
        return None
    # A border of paper: `prepare` takes the most frequent shade of the border for the background.
    image = preparation.prepare(np.pad(pad.image, 1))
    states = network.states(image)
    return Reading(image, states, judge("pad", states["OUTPUT"].ravel(), reject_below))
