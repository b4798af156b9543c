"""The versions of the database (III-A) against plain loops: deslanting, 16x16."""

import numpy as np
import pytest

from lenet1998.data import datasets
from lenet1998.data.databases import shrink, version
from lenet1998.data.deslanting import centre_and_slant, deslant
from lenet1998.data.patterns import Patterns
from lenet1998.files import InputError


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = datasets.load_printed()
    return train.subset(600), test.subset(200)


def bar(tilt: float, width: float = 3) -> np.ndarray:
    """A bar of 14 rows that leans `tilt` pixels to the right a row, its edges grey, (1, 28, 28)."""
    image = np.zeros((28, 28))
    for row in range(7, 21):
        middle = 13.5 + tilt * (row - 13.5)
        for column in range(28):
            low, high = max(middle - width / 2, column - 0.5), min(middle + width / 2, column + 0.5)
            image[row, column] = 255 * max(0.0, high - low)
    return image[None]


@pytest.mark.parametrize("tilt", [-0.6, -0.25, 0.0, 0.4])
def test_a_slanted_bar_becomes_upright(tilt: float) -> None:
    before = bar(tilt)
    after = deslant(before)
    assert centre_and_slant(before)[2] == pytest.approx(tilt, abs=0.01)
    assert centre_and_slant(after)[2] == pytest.approx(0, abs=1e-6)
    assert after.shape == (1, 20, 20) and after.dtype == np.float32
    assert after.sum() == pytest.approx(before.sum(), rel=1e-6)
    ink = np.flatnonzero(after[0].sum(axis=0) > 0.01)
    assert ink[-1] - ink[0] < 6  # three columns and grey edges, where the bar leant over up to 9
    # Every row of it is in one place.
    assert np.ptp(after[0, 3:17] @ np.arange(20) / after[0, 3:17].sum(axis=1)) < 0.02


def test_moments_of_any_blob_are_upright_afterwards() -> None:
    """Far enough from the edges nothing is lost: mass and centre stay, the mixed moment goes."""
    rng = np.random.default_rng(0)
    images = np.zeros((50, 28, 28))
    images[:, 9:19, 11:17] = rng.uniform(0, 255, (50, 10, 6)) ** 2
    before, after = centre_and_slant(images), centre_and_slant(deslant(images))
    assert np.ptp(before[2]) > 0.1
    assert np.abs(after[2]).max() < 1e-6
    for axis in (0, 1):
        np.testing.assert_allclose(after[axis] + 4, before[axis], atol=1e-5)


def test_against_a_plain_loop_over_more_than_a_block(
    printed: tuple[Patterns, Patterns], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet1998.data.deslanting._BLOCK", 7)
    images = printed[0].images[:20]
    found = deslant(images)
    for image, after in zip(images.astype(float), found, strict=True):
        mass = image.sum()
        row = sum(r * image[r].sum() for r in range(28)) / mass
        column = sum(c * image[:, c].sum() for c in range(28)) / mass
        mixed = vertical = 0.0
        for r in range(28):
            for c in range(28):
                mixed += image[r, c] * (r - row) * (c - column)
                vertical += image[r, c] * (r - row) ** 2
        for r in range(4, 24):
            places = np.arange(4, 24) + mixed / vertical * (r - row)
            expected = np.interp(places, np.arange(-1, 29), np.pad(image[r], 1))
            np.testing.assert_allclose(after[r - 4], expected, atol=2e-3)


def test_what_cannot_be_slanted_is_only_cropped() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[1, 10, 6:20] = 200  # a row
    images[2, 10:20, 12:15] = 90  # upright already
    assert np.array_equal(deslant(images), images[:, 4:24, 4:24])
    assert centre_and_slant(images)[2].tolist() == [0, 0, 0]
    assert deslant(images[:0]).shape == (0, 20, 20)


def test_ink_may_leave_the_field_but_does_not_come_back() -> None:
    """Two heavy pixels shear a field of faint ink by six pixels a row."""
    images = np.zeros((1, 28, 28))
    images[0, 12, 5] = images[0, 15, 23] = 1e6
    images[0, [4, 8, 19, 22]] = 1e-3  # all columns, the first and the last too
    assert centre_and_slant(images)[2] == pytest.approx(6, abs=1e-5)
    after = deslant(images)[0]
    for row, column in ((12, 14), (15, 14)):
        assert after[row - 4, column - 4] == pytest.approx(1e6, rel=1e-4)
    shift = 6 * (np.array([4, 8, 19, 22]) - 13.5)
    for row, moved in zip((4, 8, 19, 22), shift, strict=True):
        places = np.arange(4, 24) + moved
        expected = 1e-3 * ((places > 0) & (places < 27))
        np.testing.assert_allclose(after[row - 4], expected, atol=1e-7)


def test_the_scale_of_the_grey_levels_does_not_matter(printed: tuple[Patterns, Patterns]) -> None:
    images = printed[0].images[:10]
    np.testing.assert_allclose(deslant(images / 255), deslant(images) / 255, atol=1e-6)


def test_images_that_cannot_be_deslanted() -> None:
    with pytest.raises(InputError, match=r"float64 \(2, 20, 20\), expected grey .*\(n, 28, 28\)"):
        deslant(np.zeros((2, 20, 20)))
    with pytest.raises(InputError, match=r"expected grey levels \(n, height, width\)"):
        centre_and_slant(np.zeros((28, 28)))
    for wrong in (-0.1, np.nan, np.inf):
        with pytest.raises(InputError, match="negative or not finite"):
            deslant(np.full((1, 28, 28), wrong))


# --- 16x16 ---------------------------------------------------------------------------------------


def test_a_block_of_ink_keeps_its_place_and_its_mean() -> None:
    """The 20x20 box around the middle of the ink becomes 16x16: each side of 5 becomes 4."""
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 4:24, 4:14] = 200  # the left half of the box, wherever the box is
    images[0, 4:24, 23] = 1  # its last column
    images[1, 0:10, 18:28] = 200  # in a corner: the middle is at (5, 23), the box goes beyond
    small = shrink(images)
    assert small.shape == (2, 16, 16) and small.dtype == np.float32
    np.testing.assert_allclose(small[0, :, :8], 200, rtol=1e-5)
    np.testing.assert_allclose(small[0, :, 8:15], 0, atol=1e-5)
    np.testing.assert_allclose(small[0, :, 15], 0.8, rtol=1e-5)  # four fifths of it
    assert np.array_equal(small[1] > 100, np.pad(np.ones((8, 8), bool), 4))


def test_areas_are_averaged(printed: tuple[Patterns, Patterns]) -> None:
    """Against a plain loop: each pixel is cut into 4x4, and 5x5 of these make a small one."""
    images = printed[0].images[:5]
    for image, small in zip(images, shrink(images), strict=True):
        rows, columns = np.nonzero(image)
        top = (rows.min() + rows.max() + 1 - 20) // 2
        left = (columns.min() + columns.max() + 1 - 20) // 2
        for r in range(16):
            for c in range(16):
                total = 0.0
                for y in range(5 * r, 5 * r + 5):
                    for x in range(5 * c, 5 * c + 5):
                        row, column = top + y // 4, left + x // 4
                        inside = 0 <= row < 28 and 0 <= column < 28
                        total += float(image[row, column]) if inside else 0.0
                assert small[r, c] == pytest.approx(total / 25, rel=1e-5, abs=1e-4)


def test_what_has_no_ink_and_what_is_no_image_of_the_database() -> None:
    assert not shrink(np.zeros((1, 28, 28))).any()
    assert shrink(np.zeros((0, 28, 28))).shape == (0, 16, 16)
    with pytest.raises(InputError, match=r"expected grey levels \(n, 28, 28\)"):
        shrink(np.zeros((1, 20, 20)))


def test_the_three_databases(printed: tuple[Patterns, Patterns]) -> None:
    images = printed[0].images[:3]
    assert version(images, "regular") is images
    assert np.array_equal(version(images, "deslanted"), deslant(images))
    assert np.array_equal(version(images, "16x16"), shrink(images))
