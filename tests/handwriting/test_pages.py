"""Photographs and pages: JPEG, transparent backgrounds, several digits, lines, uneven light."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import GREY_ALPHA, RGBA, jpeg, png

from lenet1998 import InputError, LeNet5
from lenet1998.data.distortion import random_affine, warp
from lenet1998.data.printed import smooth_digits
from lenet1998.handwriting.answers import predict
from lenet1998.handwriting.pictures import read
from lenet1998.handwriting.preparation import prepare, prepare_page

Array = NDArray[Any]


@pytest.fixture(scope="module")
def network() -> LeNet5:
    return LeNet5.pretrained("distortions")


def digit(label: int, scale: int = 6) -> Array:
    """The ink of a digit of strokes, 0 to 1, (28 scale, 28 scale)."""
    strokes = {
        0: [(6, 9, 22, 11), (6, 17, 22, 19), (4, 10, 6, 18), (22, 10, 24, 18)],
        1: [(4, 13, 24, 16)],
        4: [(4, 8, 15, 10), (13, 8, 15, 20), (4, 17, 24, 19)],
        7: [(4, 8, 6, 20), (4, 18, 24, 20)],
    }
    image = np.zeros((28, 28))
    for top, left, bottom, right in strokes[label]:
        image[top:bottom, left:right] = 1
    return np.kron(image, np.ones((scale, scale)))


def page(ink: Array, rng: np.random.Generator) -> Array:
    """A grey page with some grain, 0 to 1, with dark ink on it."""
    return np.clip(0.8 - 0.65 * ink + rng.normal(0, 0.01, ink.shape), 0, 1)


def levels(image: Array) -> Array:
    return np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)


def answers(network: LeNet5, folder: Path, content: bytes) -> list[int]:
    (folder / "a").write_bytes(content)
    return [one.answer for one in predict(network, folder / "a")]


def distance(a: Array, b: Array) -> float:
    """Mean difference of two prepared images, which may be centred in neighbouring pixels."""
    places = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return min(float(np.abs(np.roll(a, at, (0, 1)).astype(int) - b).mean()) for at in places)


# --- JPEG --------------------------------------------------------------------------------------


def test_a_photograph_is_read(network: LeNet5, tmp_path: Path) -> None:
    image = levels(page(np.pad(digit(7), 40), np.random.default_rng(0)))
    assert answers(network, tmp_path, jpeg(image)) == [7]
    assert answers(network, tmp_path, jpeg(np.stack([image, image, image], axis=2))) == [7]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_camera_says(orientation: int, tmp_path: Path) -> None:
    upright = np.zeros((24, 40), np.uint8)
    upright[:8, :8], upright[:8, 32:] = 255, 120  # one corner white, the next one grey
    stored = {  # EXIF: which edges of the upright picture the first row and column are
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: upright.T[::-1],
        7: upright.T[::-1, ::-1],
        8: upright.T[:, ::-1],
    }[orientation]
    (tmp_path / "a.jpg").write_bytes(jpeg(stored, orientation))
    ((_, image, _),) = read(tmp_path / "a.jpg")
    assert image.shape == upright.shape
    assert np.abs(image - upright / 255).max() < 0.1


# --- Transparency ------------------------------------------------------------------------------


@pytest.mark.parametrize("ink", [0, 255, 200])
def test_ink_on_a_transparent_background(ink: int, tmp_path: Path) -> None:
    """Dark or light, it is the same digit; also where the transparent pixels are white."""
    shape = digit(4)
    expected = prepare(shape)
    grey_alpha = np.stack([np.full(shape.shape, ink), 255 * shape], axis=2).astype(int)
    white = np.full((*shape.shape, 4), 255)
    white[..., :3] -= np.rint((255 - ink) * shape).astype(int)[..., None]
    white[..., 3] = 255 * shape
    for content in (png(grey_alpha, 8, GREY_ALPHA), png(white, 8, RGBA)):
        (tmp_path / "a.png").write_bytes(content)
        ((_, image, _),) = read(tmp_path / "a.png")
        assert np.abs(prepare(image).astype(int) - expected).max() <= 1


def test_dark_ink_on_a_white_card_with_transparent_corners(tmp_path: Path) -> None:
    card = np.full((168, 168, 2), 255)
    card[..., 0] -= (255 * digit(4)).astype(int)
    card[:20, :20, 1] = card[-20:, -20:, 1] = 0
    (tmp_path / "a.png").write_bytes(png(card, 8, GREY_ALPHA))
    ((_, image, _),) = read(tmp_path / "a.png")
    assert np.array_equal(prepare(image), prepare(digit(4)))


# --- Several digits ----------------------------------------------------------------------------


def test_digits_of_a_picture_are_answered_one_by_one(network: LeNet5, tmp_path: Path) -> None:
    """Line by line, from left to right, though they do not stand at the same height."""
    rows = [[4, 7, 1], [0, 4]]
    ink = np.zeros((460, 640))
    for i, row in enumerate(rows):
        for j, label in enumerate(row):
            top, left = 40 + 210 * i + 12 * (j % 2), 30 + 200 * j
            ink[top : top + 168, left : left + 168] = digit(label)
    content = png(levels(page(ink, np.random.default_rng(1))).astype(int))
    (tmp_path / "a.png").write_bytes(content)
    found = predict(network, [tmp_path / "a.png"])
    assert [one.answer for one in found] == [4, 7, 1, 0, 4]
    assert found[1].source == f"{tmp_path / 'a.png'} (2 of 5)"
    for one, label in zip(prepare_page(ink), [4, 7, 1, 0, 4], strict=True):
        assert np.array_equal(one, prepare(digit(label)))


def test_parts_of_a_digit_are_one_digit() -> None:
    """A bar that is not joined, a stroke broken across, and specks of dust."""
    ink = np.pad(digit(7), 40)
    ink[40 + 40 : 40 + 46] = 0  # between the bar of the 7 and its leg
    ink[40 + 90 : 40 + 94] = 0  # through the leg
    assert len(prepare_page(ink)) == 1
    dusty = ink.copy()
    dusty[5:8, 5:8] = dusty[230:234, 20:23] = 1
    (cleaned,) = prepare_page(dusty)
    assert np.array_equal(cleaned, prepare(ink))


def test_an_idx_image_is_one_digit_whatever_it_shows(network: LeNet5, tmp_path: Path) -> None:
    from lenet1998.data import write_idx

    two = np.zeros((1, 28, 28), np.uint8)
    two[0, 5:20, 4:8] = two[0, 5:20, 18:22] = 255
    write_idx(tmp_path / "a", two)
    assert len(predict(network, [tmp_path / "a"])) == 1
    assert len(prepare_page(two[0])) == 2


def test_one_digit_is_one_digit() -> None:
    """Distorted digits of figure 3: neither torn apart nor refused."""
    maps = random_affine(100, np.random.default_rng(5))
    digits = np.clip(3 * (warp(np.tile(smooth_digits(), (10, 1, 1)), maps, 0) - 0.3), 0, 1)
    whole = 0
    for image in digits:
        with suppress(InputError):
            whole += len(prepare_page(np.kron(image, np.ones((4, 4))))) == 1
    assert whole >= 97


# --- The page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("slope", [0.0, 0.02, -0.03])
def test_lines_of_a_page_are_removed(network: LeNet5, squared: bool, slope: float) -> None:
    """Also slanted ones that cross the digit."""
    rng = np.random.default_rng(2)
    for label in (0, 1, 4, 7):
        ink = np.pad(digit(label), 60)
        y, x = np.indices(ink.shape)
        lines = (y + slope * x) % 36 < 2
        if squared:
            lines |= (x - slope * y) % 36 < 2
        image = page(np.maximum(ink, 0.4 * lines), rng)
        (prepared,) = prepare_page(image)
        assert network.predict(prepared) == label
        assert distance(prepared, prepare(ink)) < 12


def test_uneven_light_changes_little(network: LeNet5) -> None:
    rng = np.random.default_rng(3)
    for label in (0, 1, 4, 7):
        ink = np.pad(digit(label), 60)
        y, x = np.indices(ink.shape) / ink.shape[0]
        image = page(ink, rng) * (1 - 0.5 * x * y - 0.2 * y)
        (prepared,) = prepare_page(image)
        assert network.predict(prepared) == label
        assert distance(prepared, prepare(ink)) < 12


def test_a_corner_in_glaring_light_is_no_ink(network: LeNet5) -> None:
    """Where the camera's white is reached, paper is darker than the light would make it."""
    rng = np.random.default_rng(3)
    for label in (1, 7):
        ink = np.pad(digit(label), ((150, 150), (220, 220)))
        y, x = (np.linspace(0, 1, n) for n in ink.shape)
        light = 0.6 + 0.4 * x + 0.25 * y[:, None]
        image = levels(light * (1 - 0.8 * ink) + rng.normal(0, 0.01, ink.shape))
        assert np.mean(image == 255) > 0.05
        (prepared,) = prepare_page(image)
        assert network.predict(prepared) == label


def test_one_path_is_one_path(network: LeNet5, tmp_path: Path) -> None:
    """The letters of a name are no paths."""
    path = tmp_path / "a.png"
    path.write_bytes(png((255 * digit(7)).astype(int)))
    assert predict(network, str(path)) == predict(network, path) == predict(network, [path])
    with pytest.raises(InputError, match="cannot be read"):
        predict(network, str(tmp_path / "none.png"))


def test_without_a_margin_nothing_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png((255 * digit(7)).astype(int)))
    (one,) = predict(LeNet5(), [tmp_path / "a.png"])
    assert not one.rejected
    (one,) = predict(LeNet5(), [tmp_path / "a.png"], 1e9)
    assert one.rejected
