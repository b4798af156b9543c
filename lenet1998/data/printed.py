"""The data set inside the package: digits printed from the bitmaps of figure 3, with noise.

Each digit is scaled into the 20x20 box, distorted as in III-B, given a random stroke width and
noise, and centred by mass in the 28x28 field, as MNIST's digits are.  It replaces MNIST on machines
without the data and without a network connection.
"""

import numpy as np
from numpy.typing import NDArray

from .. import paper
from . import bitmaps, distortion

TRAINING_DIGITS = 5_000
TEST_DIGITS = 1_000
SEED = 1998
STROKE_LEVEL = (0.25, 0.60)  # threshold on the smoothed digit: sets the stroke width
EDGE = (1.6, 4.0)  # slope of the ink at an edge: from blurred to sharp
ROUGH = 1.4  # largest amplitude of the noise per pixel, in smoothed grey levels
WEAR = 1.0  # largest amplitude of the noise in patches of 4x4 pixels, likewise
DIRT = 0.04  # largest probability that a pixel is replaced by a random grey level
Digits = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def training_digits() -> Digits:
    """Images uint8 (5000, 28, 28), ink 255, and labels uint8 (5000,); always the same."""
    return _print(TRAINING_DIGITS, stream=0)


def test_digits() -> Digits:
    """Images uint8 (1000, 28, 28), ink 255, and labels uint8 (1000,); always the same."""
    return _print(TEST_DIGITS, stream=1)


def _print(n: int, stream: int) -> Digits:
    """`n` digits in random order, with equally many of each class, from one random stream."""
    rng = np.random.Generator(np.random.PCG64([SEED, stream]))
    labels = rng.permutation(np.arange(n) % paper.CLASSES).astype(np.uint8)
    # Only +, -, *, / and sqrt from here on: the digits are the same on every machine.
    ink = distortion.warp(smooth_digits()[labels], distortion.random_affine(n, rng), 0)
    ink += _noise(rng, n, 1) * _varied(rng, n, (0, ROUGH))
    ink += _noise(rng, n, 4) * _varied(rng, n, (0, WEAR))
    ink -= _varied(rng, n, STROKE_LEVEL)
    ink *= _varied(rng, n, EDGE)
    ink += np.float32(0.5)
    np.clip(ink, 0, 1, out=ink)
    images = centred(np.rint(ink * 255).astype(np.uint8))
    dirty = rng.random(images.shape, np.float32) < _varied(rng, n, (0, DIRT))
    images[dirty] = rng.integers(0, 256, np.count_nonzero(dirty), np.uint8)
    return images, labels


def _varied(rng: np.random.Generator, n: int, limits: tuple[float, float]) -> NDArray[np.float32]:
    """One uniform random number per pattern, between the limits: (n, 1, 1)."""
    return rng.uniform(*limits, (n, 1, 1)).astype(np.float32)


def _noise(rng: np.random.Generator, n: int, patch: int) -> NDArray[np.float32]:
    """Smoothed noise of mean 0, in patches of some pixels: (n, 32, 32), within -0.5 to 0.5."""
    size = paper.INPUT_SIZE // patch
    noise = rng.random((n, size, size), np.float32) - np.float32(0.5)
    return _blur(noise.repeat(patch, axis=1).repeat(patch, axis=2))


def smooth_digits() -> NDArray[np.float32]:
    """The ten digits in the middle of the field, blurred: (10, 32, 32), 0 to 1."""
    field = np.zeros((paper.CLASSES, paper.INPUT_SIZE, paper.INPUT_SIZE), np.float32)
    for digit, code in enumerate(bitmaps.digit_codes()):
        shape = (paper.CODE_HEIGHT, paper.CODE_WIDTH)
        glyph = _scaled(_glyph((code.reshape(shape) == paper.CODE_ON).astype(np.float32)))
        top, left = ((paper.INPUT_SIZE - size) // 2 for size in glyph.shape)
        field[digit, top : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph
    return _blur(_blur(field))


def _glyph(bitmap: NDArray[np.float32]) -> NDArray[np.float32]:
    """The digit without blank edges and without the bar that figure 3 has above some digits."""
    rows = np.flatnonzero(bitmap.any(axis=1))
    gaps = np.flatnonzero(np.diff(rows) > 1)
    if gaps.size:
        rows = rows[gaps[-1] + 1 :]
    columns = np.flatnonzero(bitmap[rows].any(axis=0))
    return bitmap[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _scaled(glyph: NDArray[np.float32]) -> NDArray[np.float32]:
    """A glyph scaled by area into the 20x20 box, its aspect ratio kept."""
    shape = glyph.shape
    for axis, size in enumerate(shape):
        wanted = round(paper.BOX_SIZE * size / max(shape))
        # Exact: repeat every pixel `wanted` times, then sum each group of `size`.
        repeated = np.moveaxis(np.repeat(glyph, wanted, axis), axis, 0)
        glyph = np.moveaxis(repeated.reshape(wanted, size, -1).sum(axis=1), 0, axis)
    return glyph / np.float32(shape[0] * shape[1])


def _blur(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pixel mixed with its neighbours by 1/4, 1/2, 1/4 on both axes; zeros outside."""
    for axis in (1, 2):
        near = [slice(None)] * 3
        far = [slice(None)] * 3
        near[axis], far[axis] = slice(None, -1), slice(1, None)
        mixed = images * np.float32(0.5)
        quarter = images * np.float32(0.25)
        mixed[tuple(far)] += quarter[tuple(near)]
        mixed[tuple(near)] += quarter[tuple(far)]
        images = mixed
    return images


def centred(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The 28x28 window of each 32x32 image whose centre is nearest to the centre of mass."""
    margin, size = paper.INPUT_SIZE // 2, paper.INPUT_SIZE
    framed = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    mass = np.maximum(images.sum(axis=(1, 2), dtype=np.int64), 1)
    places = []
    for other in (2, 1):
        moment = images.sum(axis=other, dtype=np.int64) @ np.arange(size)
        first = np.rint(moment / mass - (paper.IMAGE_SIZE - 1) / 2).astype(np.int64) + margin
        places.append(first[:, None] + np.arange(paper.IMAGE_SIZE))
    rows, columns = places
    which = np.arange(len(images))[:, None, None]
    windows: NDArray[np.uint8] = framed[which, rows[:, :, None], columns[:, None, :]]
    return windows
