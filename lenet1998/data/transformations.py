"""Section III-E: the transformations of characters, by amount."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..files import InputError
from . import distortion

_RIM = 16  # places on the rim of the disc that widens or thins a stroke
Change = Callable[[Array, float, np.random.Generator], Array]


class Transformation(NamedTuple):
    """One way to change characters.

    Attributes:
        change: takes normalised inputs (n, 32, 32, 1), an amount and a random generator; returns
            a new array.
        amounts: the amounts that are measured, in ascending order.
        label: axis label with the unit.
        claim: the range in which III-E claims accurate recognition, or None.
        neutral: the one of `amounts` that changes nothing.
    """

    change: Change
    amounts: tuple[float, ...]
    label: str
    claim: tuple[float, float] | None
    neutral: float


def scale(x: Array, amount: float, rng: np.random.Generator) -> Array:
    """Scale by the factor `amount` about the centre of the field; `rng` is not used.

    Raises:
        InputError: `amount` is not above 0.
    """
    if not amount > 0:
        raise InputError(f"a character cannot be scaled by {amount:g}: give a factor above 0")
    return _affine(x, np.eye(2) / amount)


def vertical_shift(x: Array, amount: float, rng: np.random.Generator) -> Array:
    """Move down by `amount` pixels, up when it is negative; `rng` is not used."""
    return _affine(x, np.eye(2), (amount, 0))


def horizontal_shift(x: Array, amount: float, rng: np.random.Generator) -> Array:
    """Move right by `amount` pixels, left when it is negative; `rng` is not used."""
    return _affine(x, np.eye(2), (0, amount))


def rotation(x: Array, amount: float, rng: np.random.Generator) -> Array:
    """Rotate by `amount` degrees anticlockwise about the centre; `rng` is not used."""
    turn = math.radians(amount)
    cos, sin = math.cos(turn), math.sin(turn)
    return _affine(x, np.array([[cos, sin], [-sin, cos]]))  # rows run down: the inverse turn


def stroke_width(x: Array, amount: float, rng: np.random.Generator) -> Array:
    """Widen strokes by `amount` pixels, or thin them when it is negative; `rng` is not used.

    Grey dilation (the maximum under a disc) or erosion (the minimum), with radius |amount| / 2
    because a stroke changes on both sides.  Values between pixels are interpolated bilinearly, so
    a straight edge moves by exactly the radius.
    """
    extreme = np.maximum if amount > 0 else np.minimum
    out = _field(x).copy()
    for row, column in _disc(abs(amount) / 2):
        extreme(out, _affine(x, np.eye(2), (row, column))[..., 0], out=out)
    return out[..., None]


def _disc(radius: float) -> list[tuple[float, float]]:
    """Places where the extremes of a bilinear surface under a disc can lie: rim and pixels."""
    if radius == 0:
        return []
    turns = np.arange(_RIM) * (2 * math.pi / _RIM)
    rim = [(radius * math.sin(turn), radius * math.cos(turn)) for turn in turns]
    whole = range(-math.floor(radius), math.floor(radius) + 1)
    return rim + [(r, c) for r in whole for c in whole if 0 < math.hypot(r, c) < radius]


def noise(x: Array, amount: float, rng: np.random.Generator) -> Array:
    """Salt and pepper noise: invert each pixel with probability `amount`.

    With the same generator state, a larger probability inverts the same pixels and more.

    Raises:
        InputError: `amount` is not between 0 and 1.
    """
    if not 0 <= amount <= 1:
        raise InputError(f"{amount:g} is not a probability: give 0 to 1")
    _field(x)
    return distortion.invert(x, rng.random(x.shape, np.float32) < amount)


def _field(x: Array) -> Array:
    """The (n, H, W) of inputs (n, H, W, 1); InputError for anything else."""
    if x.ndim != 4 or x.shape[3] != 1 or x.dtype.kind != "f":
        raise InputError(f"inputs are {x.dtype} {x.shape}, expected normalised floats (n, H, W, 1)")
    return x[..., 0]


def _affine(x: Array, matrix: NDArray[np.float64], shift: Any = (0, 0)) -> Array:
    """Resample about the centre of the field.

    `matrix` maps the output's places, relative to the centre plus `shift`, to the input's places,
    relative to the centre.
    """
    field = _field(x)
    centre = (np.array(field.shape[1:]) - 1) / 2
    offset = centre - matrix @ (centre + shift)
    one = np.column_stack([matrix, offset])
    maps = np.broadcast_to(one, (len(x), 2, 3))
    return distortion.warp(field, maps, paper.BACKGROUND)[..., None]


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    """low, low + step, ..., high, rounded to decimal fractions."""
    return tuple(round(low + i * step, 6) for i in range(round((high - low) / step) + 1))


_HALF = paper.ROBUST_SHIFT * paper.BOX_SIZE  # the character is as tall as its box
TRANSFORMATIONS = {
    "scale": Transformation(
        scale,
        _steps(0.4, 1, 0.05) + _steps(1.1, 2.5, 0.1),
        "scale (factor)",
        (1 / paper.ROBUST_SCALE, paper.ROBUST_SCALE),
        1.0,
    ),
    "vertical shift": Transformation(
        vertical_shift, _steps(-14, 14, 1), "vertical shift (pixels, + down)", (-_HALF, _HALF), 0.0
    ),
    "horizontal shift": Transformation(
        horizontal_shift, _steps(-14, 14, 1), "horizontal shift (pixels, + right)", None, 0.0
    ),
    "rotation": Transformation(
        rotation,
        _steps(-90, 90, 5),
        "rotation (degrees, + anticlockwise)",
        (-paper.ROBUST_ROTATION, paper.ROBUST_ROTATION),
        0.0,
    ),
    "stroke width": Transformation(
        stroke_width, _steps(-2, 3, 0.25), "change of the stroke's width (pixels)", None, 0.0
    ),
    "noise": Transformation(
        noise, _steps(0, 0.5, 0.025), "probability that a pixel is inverted", None, 0.0
    ),
}
