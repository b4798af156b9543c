"""The distortions of III-B: their ranges, and the resampling against a plain loop."""

import math

import numpy as np
import pytest

from lenet1998.data import distortion
from lenet1998.files import InputError

IDENTITY = np.array([[1.0, 0, 0], [0, 1, 0]])


def images(n: int = 4, height: int = 9, width: int = 7, dtype: type = np.float64) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.1, 1.175, (n, height, width)).astype(dtype)


def moved(rows: float, columns: float, n: int = 4) -> np.ndarray:
    """The map that shows every pixel `rows` lower and `columns` further right."""
    affine = np.repeat(IDENTITY[None], n, axis=0)
    affine[:, :, 2] = -rows, -columns
    return affine


def plain_warp(image: np.ndarray, affine: np.ndarray, background: float) -> np.ndarray:
    """One image, one pixel after the other."""
    height, width = image.shape

    def pixel(row: int, column: int) -> float:
        inside = 0 <= row < height and 0 <= column < width
        return float(image[row, column]) if inside else background

    out = np.empty_like(image)
    for r in range(height):
        for c in range(width):
            y, x = affine @ np.array([r, c, 1.0])
            top, left = math.floor(y), math.floor(x)
            v, u = y - top, x - left
            out[r, c] = (
                pixel(top, left) * (1 - v) * (1 - u)
                + pixel(top, left + 1) * (1 - v) * u
                + pixel(top + 1, left) * v * (1 - u)
                + pixel(top + 1, left + 1) * v * u
            )
    return out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_identity_changes_no_bit(dtype: type) -> None:
    before = images(dtype=dtype)
    after = distortion.warp(before, moved(0, 0), -0.1)
    assert after.dtype == dtype
    assert np.array_equal(after, before)
    assert not np.shares_memory(after, before)


def test_whole_pixels_move_down_and_right_and_background_comes_in() -> None:
    before = images()
    after = distortion.warp(before, moved(2, 1), -0.1)
    assert np.array_equal(after[:, 2:, 1:], before[:, :-2, :-1])
    assert (after[:, :2] == -0.1).all() and (after[:, :, :1] == -0.1).all()


@pytest.mark.parametrize("turn", [True, False], ids=["turned", "rows stay rows"])
@pytest.mark.parametrize("n", [1, 33, 70])
def test_against_the_plain_loop(n: int, turn: bool) -> None:
    """Maps that turn or shear, stretch and leave the field, over more than one block."""
    rng = np.random.default_rng(n)
    before = images(n)
    affine = IDENTITY + rng.uniform(-0.6, 0.6, (n, 2, 3))
    affine[:, :, 2] += rng.uniform(-5, 5, (n, 2))
    if not turn:
        affine[:, 0, 1] = 0
    expected = [plain_warp(i, a, 0.25) for i, a in zip(before, affine, strict=True)]
    assert np.abs(distortion.warp(before, affine, 0.25) - expected).max() < 1e-12
    single = distortion.warp(before.astype(np.float32), affine, 0.25)
    assert np.abs(single - expected).max() < 1e-5


def test_far_outside_the_field_everything_is_background() -> None:
    for rows, columns in ((1e6, 0), (-1e6, 0), (0, 1e6), (0, -1e6)):
        assert (distortion.warp(images(), moved(rows, columns), -0.1) == -0.1).all()


def test_no_images() -> None:
    assert distortion.warp(images(0), moved(0, 0, 0), 0).shape == (0, 9, 7)


def test_the_ranges_of_figure_7() -> None:
    """Translation, scale, squeeze and shear, taken back out of the maps, fill their ranges."""
    n = 20_000
    affine = distortion.random_affine(n, np.random.default_rng(1))
    assert affine.shape == (n, 2, 3)
    forward = np.linalg.inv(affine[:, :, :2])  # input to output
    place = np.array([26, 15.5])
    shift = np.einsum("nij,nj->ni", forward, place - affine[:, :, 2]) - place
    rows, columns = forward[:, 0, 0], forward[:, 1, 1]
    assert (forward[:, 0, 1] == 0).all()  # the shear is horizontal: rows stay rows
    found = {
        "down": (shift[:, 0], -2, 2),
        "right": (shift[:, 1], -2, 2),
        "scale": (np.sqrt(rows * columns), 0.72, 1.30),
        "squeeze": (rows / columns, 0.90, 1.10),
        "shear": (forward[:, 1, 0] / columns, -0.15, 0.15),
    }
    for name, (values, low, high) in found.items():
        near = 0.01 * (high - low)
        assert low - 1e-9 <= values.min() < low + near, name
        assert high - near < values.max() <= high + 1e-9, name
        assert abs(values.mean() - (low + high) / 2) < near, name
    together = np.corrcoef([values for values, _, _ in found.values()])
    assert np.abs(together - np.eye(5)).max() < 0.05  # drawn independently


def test_a_seed_gives_the_same_distortions() -> None:
    first, again, other = (
        distortion.random_affine(3, np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert not np.isclose(first, other).all(axis=(1, 2)).any()


def test_wrong_input() -> None:
    with pytest.raises(InputError, match=r"uint8 \(4, 9, 7\), expected floats \(n, H, W\)"):
        distortion.warp(images().astype(np.uint8), moved(0, 0), 0)
    with pytest.raises(InputError, match=r"expected floats \(n, H, W\)"):
        distortion.warp(images()[0], moved(0, 0), 0)
    with pytest.raises(InputError, match=r"maps are \(3, 2, 3\), expected \(4, 2, 3\)"):
        distortion.warp(images(), moved(0, 0, 3), 0)
