"""Pictures in, answers out: what is read, how it is prepared (III-A), what is refused."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import GREY, GREY_ALPHA, PALETTE, RGB, RGBA, SAMPLES, chunk, png

from lenet1998.data import datasets, idx, printed
from lenet1998.data.fitting import CENTRE, resampling_matrix
from lenet1998.files import InputError
from lenet1998.handwriting.answers import Answer, predict, states, text
from lenet1998.handwriting.pictures import read
from lenet1998.handwriting.preparation import prepare, prepare_page
from lenet1998.learning.criterion import MAP
from lenet1998.learning.optimizers import SGD
from lenet1998.learning.schedules import paper_schedule
from lenet1998.learning.training import Trainer
from lenet1998.network.lenet5 import LeNet5

Array = NDArray[Any]


def read_all(path: Path) -> list[Array]:
    """The images of a file, without their sources."""
    return [picture.image for picture in read(path)]


def read_bytes(folder: Path, content: bytes, name: str = "a.png") -> Array:
    """The one image of a file with this content."""
    (folder / name).write_bytes(content)
    ((source, image, single),) = read(folder / name)
    assert not single
    assert source == str(folder / name)
    assert image.dtype == np.float32 and image.ndim == 2
    return image


def check_refused(message: str, function: Callable[..., object], *args: Any) -> None:
    """Call, and require an InputError of one line that says `message`."""
    with pytest.raises(InputError) as caught:
        function(*args)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def digit(height: int = 28, width: int = 28) -> Array:
    """A lopsided 7 in the middle half of an image: float, ink 1, paper 0."""
    image = np.zeros((height, width))
    top, left, bottom, right = height // 4, width // 4, 3 * height // 4, 3 * width // 4
    image[top : top + max(height // 16, 1), left:right] = 1
    image[top:bottom, right - max(width // 12, 1) : right] = 1
    return image


def extent(image: Array) -> tuple[int, int]:
    """Height and width of what is not 0."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


def centre(image: Array) -> tuple[float, float]:
    """Row and column of the centre of mass."""
    mass = image.astype(float) / image.sum()
    along = np.arange(len(image))
    return float(mass.sum(axis=1) @ along), float(mass.sum(axis=0) @ along)


# --- PNG ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_png_of_every_depth(tmp_path: Path, depth: int) -> None:
    most = 2**depth - 1
    levels = np.array([[0, most // 3, most], [most // 2, 0, 1]])
    image = read_bytes(tmp_path, png(levels, depth))
    assert image == pytest.approx(levels / most, abs=1e-6)


def test_a_dark_grey_png_of_two_bits_is_dark(tmp_path: Path) -> None:
    """No white in it that would tell the scale."""
    image = read_bytes(tmp_path, png(np.array([[0, 1], [1, 0]]), 2))
    assert image == pytest.approx(np.array([[0, 1 / 3], [1 / 3, 0]]), abs=1e-6)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("colour", [RGB, RGBA])
def test_colours_become_their_luminance(tmp_path: Path, depth: int, colour: int) -> None:
    most = 2**depth - 1
    levels = np.full((1, 5, SAMPLES[colour]), most)  # opaque
    levels[0, :, :3] = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0]]) * most
    image = read_bytes(tmp_path, png(levels, depth, colour))
    assert image == pytest.approx(np.array([[0.299, 0.587, 0.114, 1, 0]]), abs=1e-6)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("colour", [GREY_ALPHA, RGBA])
def test_transparent_is_paper(tmp_path: Path, depth: int, colour: int) -> None:
    most = 2**depth - 1
    levels = np.zeros((1, 3, SAMPLES[colour]), int)  # black
    levels[0, :, -1] = 0, most // 3, most  # that shows ever more
    image = read_bytes(tmp_path, png(levels, depth, colour))
    assert image == pytest.approx(np.array([[1, 2 / 3, 0]]), abs=1e-6)


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palette_with_and_without_transparency(tmp_path: Path, depth: int) -> None:
    levels = np.array([[0, 1, 1, 0]])
    palette = chunk(b"PLTE", bytes((0, 0, 0, 0, 255, 0)))  # black, green
    image = read_bytes(tmp_path, png(levels, depth, PALETTE, palette))
    assert image == pytest.approx(np.array([[0, 0.587, 0.587, 0]]), abs=1e-6)
    palette += chunk(b"tRNS", b"\0")  # the black one
    image = read_bytes(tmp_path, png(levels, depth, PALETTE, palette))
    # Green stands out more on black paper than on white.
    assert image == pytest.approx(np.array([[0, 0.587, 0.587, 0]]), abs=1e-6)
    green = chunk(b"PLTE", bytes((0, 0, 0, 0, 100, 0))) + chunk(b"tRNS", b"\0")
    image = read_bytes(tmp_path, png(levels, depth, PALETTE, green))
    dark = 0.587 * 100 / 255
    assert image == pytest.approx(np.array([[1, dark, dark, 1]]), abs=1e-6)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_grey_level(tmp_path: Path, depth: int) -> None:
    most = 2**depth - 1
    transparent = chunk(b"tRNS", struct.pack(">H", 0))
    image = read_bytes(tmp_path, png(np.array([[0, most, 0]]), depth, GREY, transparent))
    assert np.array_equal(image, [[0, 1, 0]])  # white ink shows on black paper
    transparent = chunk(b"tRNS", struct.pack(">H", most))
    image = read_bytes(tmp_path, png(np.array([[0, most, 0]]), depth, GREY, transparent))
    assert np.array_equal(image, [[0, 1, 0]])


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_colour(tmp_path: Path, depth: int) -> None:
    most = 2**depth - 1
    levels = np.array([[[most, 0, 0], [most, 0, most], [0, 0, 0]]])
    transparent = chunk(b"tRNS", struct.pack(">HHH", most, 0, 0))
    image = read_bytes(tmp_path, png(levels, depth, RGB, transparent))
    assert image == pytest.approx(np.array([[1, 0.413, 0]]), abs=1e-6)


def test_matplotlibs_own_png(tmp_path: Path) -> None:
    from matplotlib.image import imsave

    imsave(tmp_path / "a.png", digit(), cmap="gray", vmin=0, vmax=1)
    (image,) = read_all(tmp_path / "a.png")
    assert image == pytest.approx(digit(), abs=1e-6)


def test_the_content_counts_not_the_name(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, png(np.full((2, 3), 255)), "a-idx3-ubyte.gz").shape == (2, 3)
    idx.write_idx(tmp_path / "b", np.full((1, 2, 3), 255, np.uint8))
    (tmp_path / "b").rename(tmp_path / "b.png")
    assert [image.shape for image in read_all(tmp_path / "b.png")] == [(2, 3)]


def test_large_pictures_are_scaled_down(tmp_path: Path) -> None:
    levels = np.zeros((30, 4001), int)
    levels[:, 3:6] = 255
    image = read_bytes(tmp_path, png(levels))
    assert image.shape == (10, 1334)
    assert image[:, :3] == pytest.approx(np.tile([0, 1, 0], (10, 1)))
    one_row = read_bytes(tmp_path, png(np.zeros((1, 4096), int), 1))
    assert one_row.shape == (1, 1366)


# --- IDX ---------------------------------------------------------------------------------------


def test_large_images_are_scaled_down_as_pictures_are(tmp_path: Path) -> None:
    levels = np.zeros((1, 200, 4001), np.uint8)
    levels[:, :, 3:6] = 255
    idx.write_idx(tmp_path / "t-images-idx3-ubyte", levels)
    (picture,) = read(tmp_path / "t-images-idx3-ubyte")
    np.testing.assert_array_equal(picture.image, read_bytes(tmp_path, png(levels[0].astype(int))))


@pytest.mark.parametrize("name", ["t-images-idx3-ubyte", "t-images-idx3-ubyte.gz"])
@pytest.mark.parametrize("shape", [(3, 28, 28), (2, 5, 9), (1, 1, 1)])
def test_idx_of_any_size(tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    idx.write_idx(tmp_path / name, array)
    sources, images, single = zip(*read(tmp_path / name), strict=True)
    assert all(single)
    assert sources == tuple(f"{tmp_path / name}[{i}]" for i in range(shape[0]))
    assert [image.dtype for image in images] == [np.float32] * shape[0]
    assert np.stack(images) == pytest.approx(array / 255, abs=1e-6)


# --- Bad files ---------------------------------------------------------------------------------

GOOD = png((digit(9, 11) * 255).astype(int))


def test_a_png_cut_anywhere_or_changed_anywhere(tmp_path: Path) -> None:
    """It is refused, or read when the change does not matter; nothing else is raised."""
    path = tmp_path / "a.png"
    for place in range(len(GOOD)):
        path.write_bytes(GOOD[:place])
        check_refused(str(path), read_all, path)
        changed = bytearray(GOOD)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        try:
            assert read_all(path)[0].ndim == 2
        except InputError as error:
            assert str(error).startswith(str(path)) and "\n" not in str(error)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    check_refused("cannot be read (No such file or directory)", read_all, tmp_path / "none.png")
    check_refused("cannot be read (a folder), expected a PNG or JPEG picture", read_all, tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    check_refused("not a regular file", read_all, tmp_path / "pipe")


# --- Preparation -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(28, 28), (200, 300), (61, 37), (12, 10), (400, 28)])
def test_both_polarities_and_any_contrast_give_the_same_image(size: tuple[int, int]) -> None:
    image = digit(*size)
    expected = prepare(image)
    assert expected.shape == (28, 28) and expected.dtype == np.uint8
    assert expected.max() == 255
    for other in (1 - image, 0.9 - 0.3 * image, 0.2 + 0.15 * image):
        assert np.abs(prepare(other).astype(int) - expected).max() <= 1  # of rounding


def test_bytes_and_floats_give_the_same_image() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (30, 40), np.uint8)
    assert np.array_equal(prepare(levels), prepare(levels / 255))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((80, 40), (20, 10)), ((40, 80), (10, 20)), ((5, 10), (10, 20)), ((100, 1), (20, 1))],
)
def test_the_box_and_the_aspect_ratio(size: tuple[int, int], expected: tuple[int, int]) -> None:
    image = prepare(np.pad(np.ones(size), 30))
    assert extent(image) == expected


def test_a_width_of_not_whole_pixels() -> None:
    """30 x 40 is fitted as 15 x 20; 31 x 40 as 15.5 x 20, the last row half as strong."""
    assert extent(prepare(np.pad(np.ones((30, 40)), 20))) == (15, 20)
    image = prepare(np.pad(np.ones((31, 40)), 20))
    rows = image[image.any(axis=1)][:, 14]
    assert rows.tolist() == [255] * 15 + [128]


@pytest.mark.parametrize("seed", range(20))
def test_the_centre_of_mass_lies_in_pixel_14(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = np.zeros((90, 120))
    for _ in range(5):
        top, left, height, width = rng.integers((5, 5, 1, 1), (60, 80, 25, 35))
        image[top : top + height, left : left + width] = rng.uniform(0.3, 1)
    row, column = centre(prepare(image))
    assert abs(row - 14) <= 0.5 + 1e-9 and abs(column - 14) <= 0.5 + 1e-9


def test_shrinking_averages_exactly() -> None:
    """Blocks of 3x3 of a pattern, and then the pattern itself."""
    pattern = np.random.default_rng(1).uniform(0.2, 1, (20, 14))
    small, large = (np.pad(p, 10) for p in (pattern, np.kron(pattern, np.ones((3, 3)))))
    expected = np.rint(255 * pattern / pattern.max())
    for image in (small, large):
        prepared = prepare(image)
        assert np.array_equal(prepared[prepared.any(axis=1)][:, prepared.any(axis=0)], expected)


def test_shrinking_by_a_broken_factor_against_a_plain_loop() -> None:
    matrix = resampling_matrix(27, 20 / 27)
    ink = np.random.default_rng(2).uniform(0, 1, 27)
    fine = np.repeat(ink, 20)  # 20 parts of each pixel; an output pixel covers 27 of them
    expected = [fine[27 * i : 27 * (i + 1)].mean() for i in range(20)]
    assert matrix.shape == (20, 27)
    assert matrix @ ink == pytest.approx(np.array(expected), abs=1e-12)


def test_enlarging_is_linear() -> None:
    matrix = resampling_matrix(5, 4.0)
    assert matrix.shape == (20, 5)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(20))
    ramp = matrix @ np.arange(5.0)
    places = (np.arange(20) + 0.5) / 4 - 0.5
    assert ramp == pytest.approx(np.clip(places, 0, 4))
    assert resampling_matrix(3, 1.5).sum(axis=1) == pytest.approx(np.array([1] * 4 + [0.5]))


def test_images_like_mnists_come_back_unchanged() -> None:
    """20 pixels high, ink 255, the centre of mass in pixel 14 already."""
    rng = np.random.default_rng(3)
    image = np.zeros((28, 28), np.uint8)
    image[4:14, 8:21] = rng.integers(100, 200, (10, 13))
    image[14:24, 8:21] = rng.integers(130, 256, (10, 13))
    image[23, 14] = 255
    assert [round(place) for place in centre(image)] == [14, 14]
    assert np.array_equal(prepare(image), image)


def test_ink_beyond_the_field_is_cut_off() -> None:
    """A heavy head with a long tail: centred by mass, the tail leaves the 28x28 pixels."""
    image = np.zeros((120, 120))
    image[10:30, 40:80] = 1
    image[30:110, 58:62] = 0.3
    prepared = prepare(image)
    assert prepared[-1].any() and extent(prepared)[0] < 20
    assert prepared.max() == 255


def test_paper_noise_shade_and_dust_change_little() -> None:
    """None of them moves or scales the digit."""
    rng = np.random.default_rng(4)
    clean = 0.85 - 0.75 * digit(200, 300)
    shade = np.linspace(-0.1, 0.1, 300) + np.linspace(-0.05, 0.05, 200)[:, None]
    dirty = clean + shade + rng.normal(0, 0.02, clean.shape)
    dirty[rng.integers(0, 200, 3), rng.integers(0, 300, 3)] = 0.1
    expected, found = prepare(clean), prepare(np.clip(dirty, 0, 1))
    assert extent(found) == extent(expected)
    assert np.abs(found.astype(int) - expected).max() < 60  # ink is lighter where paper is


def test_ink_that_touches_the_border() -> None:
    """A digit that was cut out: its paper is still the commoner shade along the border."""
    whole = digit()
    whole[12, 8:14] = 0.4  # a faint stroke that must not be lost
    image = whole[7:, 7:]
    assert image[0].any() and image[:, 0].any()
    assert np.array_equal(prepare(image), prepare(whole))


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("size", [(28, 28), (1, 1), (1, 9)])
def test_an_image_without_ink(level: float, size: tuple[int, int]) -> None:
    check_refused("no ink", prepare, np.full(size, level))


def test_paper_that_is_not_quite_even_is_no_ink() -> None:
    check_refused("differs from the background by 10%", prepare, 0.8 + 0.09 * digit())
    assert prepare(0.8 + 0.11 * digit()).any()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((2, 28, 28)), "image is float64 (2, 28, 28), expected grey levels (h, w)"),
        (np.zeros((0, 5)), "image is float64 (0, 5)"),
        (np.zeros((28, 28), int), "expected grey levels (h, w), floats or uint8"),
        (np.full((28, 28), np.nan), "not finite"),
    ],
)
def test_what_is_no_image(image: Array, message: str) -> None:
    check_refused(message, prepare, image)


# --- Answers -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network() -> LeNet5:
    """One that has learned the printed digits a little."""
    network = LeNet5(seed=1)
    patterns, test = datasets.load_printed()
    etas = paper_schedule(1)
    trainer = Trainer(network, MAP(), SGD(network.parameters.size), etas, progress=False)
    list(trainer.passes(patterns.subset(1500), test.subset(100)))
    return network


@pytest.mark.parametrize("scale", [1, 3, 7])
@pytest.mark.parametrize("ink", [0, 230])
def test_pages_are_read(network: LeNet5, tmp_path: Path, scale: int, ink: int) -> None:
    """The ten digits of figure 3, dark or light, small or large, anywhere on a larger page."""
    digits = np.clip(3 * (printed.smooth_digits() - 0.4) + 0.5, 0, 1)
    rng = np.random.default_rng(scale)
    paths = [tmp_path / f"{digit}.png" for digit in range(10)]
    for path, image in zip(paths, digits, strict=True):
        page = np.full((32 * scale + 50, 32 * scale + 90), 200.0)
        top, left = rng.integers(0, (50, 90))
        large = np.kron(image, np.ones((scale, scale)))
        page[top:, left:][: len(large), : len(large)] += (ink - 200) * large
        path.write_bytes(png(np.rint(page).astype(int)))
    answers = [one.answer for one in predict(network, paths, 0)]
    assert np.count_nonzero(np.array(answers) == np.arange(10)) >= 9


def test_answers_in_the_order_of_files_and_images(network: LeNet5, tmp_path: Path) -> None:
    _, test = datasets.load_printed()
    idx.write_idx(tmp_path / "b.gz", test.images[:3])
    for name, image in (("c.png", test.images[3]), ("a.png", test.images[4])):
        (tmp_path / name).write_bytes(png(image.astype(int)))
    paths: list[Path | str] = [tmp_path / "c.png", str(tmp_path / "b.gz"), tmp_path / "a.png"]
    answers = predict(network, paths, reject_below=5.0)
    names = ["c.png", "b.gz[0]", "b.gz[1]", "b.gz[2]", "a.png"]
    assert [one.source for one in answers] == [str(tmp_path / name) for name in names]
    prepared = [prepare_page(test.images[3]), *([prepare(image)] for image in test.images[:3])]
    prepared.append(prepare_page(test.images[4]))
    penalties = network.penalties(np.concatenate(prepared))
    for one, row in zip(answers, penalties, strict=True):
        order = np.argsort(row)
        assert one.answer == order[0]
        assert [digit for digit, _ in one.penalties] == order[:3].tolist()
        assert [value for _, value in one.penalties] == pytest.approx(row[order[:3]], rel=1e-5)
        assert one.margin == pytest.approx(row[order[1]] - row[order[0]], rel=1e-5, abs=1e-5)
        assert one.rejected == (one.margin < 5.0)


def test_rejection_is_below_the_margin(network: LeNet5, tmp_path: Path) -> None:
    _, test = datasets.load_printed()
    idx.write_idx(tmp_path / "a", test.images[:1])
    (one,) = predict(network, [tmp_path / "a"], 0)
    assert one.margin > 0 and not one.rejected
    (same,) = predict(network, [tmp_path / "a"], one.margin)
    (above,) = predict(network, [tmp_path / "a"], np.nextafter(one.margin, np.inf))
    assert not same.rejected and above.rejected


def test_blocks_give_what_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = LeNet5(seed=0)
    idx.write_idx(tmp_path / "a", datasets.load_printed()[1].images[:7])
    whole = predict(network, [tmp_path / "a"], 1)
    monkeypatch.setattr("lenet1998.handwriting.answers.BLOCK", 3)
    parts = predict(network, [tmp_path / "a"], 1)
    assert len(parts) == 7 and [one.source for one in parts] == [one.source for one in whole]
    for part, one in zip(parts, whole, strict=True):
        assert [value for _, value in part.penalties] == pytest.approx(
            [value for _, value in one.penalties], rel=1e-4
        )


def test_an_image_without_ink_is_named(tmp_path: Path) -> None:
    images = np.stack([(255 * digit()).astype(np.uint8), np.zeros((28, 28), np.uint8)])
    idx.write_idx(tmp_path / "a", images)
    message = f"{tmp_path / 'a'}[1]: no ink"
    check_refused(message, predict, LeNet5(), [tmp_path / "a"], 0)


def test_no_files() -> None:
    assert predict(LeNet5(), [], 0) == []
    assert text([]).split()[:2] == ["file", "answer"]
    check_refused("no files", states, LeNet5(), [])


def test_the_table() -> None:
    answers = [
        Answer("seven.png", 7, ((7, 2.125), (9, 101.5), (3, 120.0)), 99.375, False),
        Answer("a.png", 1, ((1, 50.0), (4, 51.5), (0, 60.25)), 1.5, True),
    ]
    assert text(answers).split("\n") == [
        "file       answer  smallest penalties, class: penalty  margin  reject",
        "seven.png       7  7:    2.12  9:  101.50  3:  120.00   99.38  no",
        "a.png           1  1:   50.00  4:   51.50  0:   60.25    1.50  yes",
    ]


def test_the_states_are_drawn_of_the_first_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet1998.handwriting.answers.MOST_DRAWN", 2)
    idx.write_idx(tmp_path / "a", datasets.load_printed()[1].images[:3])
    figure = states(LeNet5(), [tmp_path / "a"])
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert sum(word.endswith(("a[0]", "a[1]")) for word in words) == 2
    assert not any(word.endswith("a[2]") for word in words)
    assert figure.get_suptitle().endswith("2 inputs (the first 2)")


# --- MNIST itself ------------------------------------------------------------------------------


@pytest.mark.skipif(not os.environ.get("LENET1998_DATA"), reason="LENET1998_DATA names no folder")
def test_mnist_is_centred_in_pixel_14_and_comes_back_nearly_unchanged() -> None:
    _, test = datasets.load("mnist", download=False)
    places = np.array([centre(image) for image in test.images])
    assert places.min() > 13.45 and places.max() < 14.55
    assert np.abs(places.mean(axis=0) - CENTRE).max() < 0.02
    images = test.images[:1000]
    found = np.stack([prepare(image) for image in images])
    assert np.abs(found.astype(int) - images).mean() < 0.5  # of 255
