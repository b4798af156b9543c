"""Anybody's handwriting: PNG or IDX files in, prepared as III-A does, answers out.

One digit an image, of any size, dark on light or light on dark.  The paper should show along the
border, and nothing but the digit should be drawn on it.
"""

import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import data, paper
from .files import InputError, opened
from .layer import Array
from .lenet5 import LeNet5

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AnyPath = str | os.PathLike[str]

LARGEST_SIDE = 4096  # pixels; larger images are refused before they are read
EXPECTED = "expected a PNG picture or an IDX file of images"
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue
PNG = b"\x89PNG\r\n\x1a\n"
OTHER_FORMATS = {  # how the files begin that people are likely to give
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"RIFF": "a RIFF file, WebP perhaps",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or weights",
}

# What tells ink from paper.  The threshold is four times what 80 % of the border keep within, five
# standard deviations of even noise, but neither below nor above these parts of the ink's strength:
# below lie the ripples of pictures that once were JPEG, above a stroke would lose its own edge.
BORDER_SHARE = 0.8
NOISE_FACTOR = 4.0
THRESHOLDS = (0.05, 0.5)
LEAST_CONTRAST = 0.1  # of black against white; below it there is nothing to read
STRAY_INK = 0.002  # part of the ink that the box leaves out on each side: dust
# The pixel that the centre of mass is in.  III-A says the centre, which lies between two pixels;
# in MNIST both coordinates, counted from 0, spread evenly from 13.5 to 14.5.
CENTRE = paper.IMAGE_SIZE // 2

BEST = 3  # penalties told of each answer
BLOCK = 1000  # images prepared before they are answered
MOST_DRAWN = 40  # images whose states make one picture


# --- Files -------------------------------------------------------------------------------------


def read(path: AnyPath) -> list[NDArray[np.float32]]:
    """The images of a PNG (one) or IDX file (any number): grey (h, w), black 0 to white 1.

    The content counts, not the name; IDX files may be compressed by gzip.  Of a PNG's colours the
    luminance is taken, and what is transparent shows white paper.  Raises `InputError` for a file
    that is missing, damaged or of another format, and for sides above 4096 pixels.
    """
    return [image for _, image in _read(path)]


def _read(path: AnyPath) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The images of a file, each with its source: the file's name, and the index in an IDX file."""
    path = Path(path)
    try:
        with opened(path) as file:
            start = file.read(16)
        if start.startswith(PNG):
            yield str(path), _read_png(path)
            return
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}), {EXPECTED}") from None
    if not start:
        raise InputError(f"{path}: empty, {EXPECTED}")
    for magic, what in OTHER_FORMATS.items():
        if start.startswith(magic):
            raise InputError(f"{path}: {what}, {EXPECTED}: convert it to PNG")
    if not start.lstrip().startswith((b"\0\0", b"\x1f\x8b", b"<")):  # IDX, gzip, an HTML page
        begin = start[:4].hex(" ")
        raise InputError(f"{path}: neither PNG nor IDX (begins with {begin}), {EXPECTED}")
    images = data.read_idx(path)
    if images.ndim != 3 or 0 in images.shape:
        raise InputError(f"{path}: holds {images.dtype} {images.shape}, expected images (N, h, w)")
    _check_size(path, images.shape[2], images.shape[1])
    for index, image in enumerate(images):
        yield f"{path}[{index}]", image / np.float32(255)


def _check_size(path: Path, width: int, height: int) -> None:
    """InputError unless both sides are within 1 and LARGEST_SIDE."""
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise InputError(
            f"{path}: {width} x {height} pixels, expected 1 to {LARGEST_SIDE} a side: scale it down"
        )


def _read_png(path: Path) -> NDArray[np.float32]:
    """The grey image (h, w) of a PNG file of any kind, 0 to 1."""
    chunks = _png_chunks(path)
    header = chunks[b"IHDR"]
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    _check_size(path, width, height)
    from matplotlib.image import imread  # slow to import and only needed here

    damaged = InputError(f"{path}: a damaged PNG picture: save it again")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of matters that do not touch the pixels
            pixels = imread(file, format="png").reshape(height, width, -1)
    except OSError as error:
        raise (error if error.errno else damaged) from None  # Pillow's own have no number
    except Exception:  # a damaged picture fails in a dozen ways
        raise damaged from None
    depth, colours = header[8], pixels.shape[2]
    levels = 255 if colours > 1 else 2**depth - 1  # Pillow cuts 16-bit colours to 8
    if colours == 1 and pixels.max() > 1:
        pixels *= levels / 255  # matplotlib takes 2 and 4 bits that Pillow has stretched to 8
    grey = pixels[..., :3] @ LUMINANCE if colours > 1 else pixels[..., 0]
    if colours == 4:
        opaque = pixels[..., 3]
    elif b"tRNS" in chunks:  # one grey level or colour stands for transparent
        colour = np.frombuffer(chunks[b"tRNS"][: 2 * colours], ">u2")
        if depth == 16 and colours > 1:
            colour = colour >> 8
        opaque = (np.rint(pixels * levels) != colour).any(axis=2).astype(np.float32)
    else:
        return grey
    return grey * opaque + (1 - opaque)


def _png_chunks(path: Path) -> dict[bytes, bytes]:
    """The chunks of a PNG file by name, only the first 13 bytes of each: what a header has.

    Raises `InputError` when the file is cut short or does not begin with its header.
    """
    chunks: dict[bytes, bytes] = {}
    place, size = len(PNG), path.stat().st_size
    with path.open("rb") as file:
        while b"IEND" not in chunks:
            file.seek(place)
            head = file.read(8 + 13)
            length, name = int.from_bytes(head[:4], "big"), head[4:8]
            place += 12 + length
            if place > size:
                raise InputError(f"{path}: a PNG picture that is cut short: save or copy it again")
            if not chunks and (name != b"IHDR" or length != 13):
                raise InputError(f"{path}: a damaged PNG picture: save it again")
            chunks[name] = head[8 : 8 + length]
    return chunks


# --- Preparation (III-A) -----------------------------------------------------------------------


def prepare(image: NDArray[Any]) -> NDArray[np.uint8]:
    """An image as MNIST's are (III-A): uint8 (28, 28), 0 is background and 255 ink.

    The digit is scaled to fit a 20x20 box, its aspect ratio kept, with grey levels from the
    anti-aliasing, and moved by whole pixels until its centre of mass lies in pixel (14, 14).

    `image` is grey (h, w), floats from 0 to 1 or uint8, ink darker or lighter than the paper.
    Raises `InputError` for another shape, for numbers that are not finite, and without any ink.
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.size == 0 or (image.dtype != np.uint8 and image.dtype.kind != "f"):
        raise InputError(
            f"image is {image.dtype} {image.shape}, expected grey levels (h, w), floats or uint8"
        )
    glyph = _fitted(_boxed(image / 255.0 if image.dtype == np.uint8 else image.astype(np.float64)))
    levels = np.rint(255 * glyph).astype(np.uint8)
    rows, columns = (levels.sum(axis=axis, dtype=np.int64) for axis in (1, 0))
    top, left = (
        CENTRE - round(float(sums @ np.arange(len(sums)) / sums.sum())) for sums in (rows, columns)
    )
    size = paper.IMAGE_SIZE  # of the frame too: what lies outside the field falls into it
    framed = np.zeros((3 * size, 3 * size), np.uint8)
    framed[size + top :, size + left :][: len(rows), : len(columns)] = levels
    return framed[size : 2 * size, size : 2 * size].copy()


def _boxed(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ink alone, cut out of the image: (h, w), 0 where there is paper."""
    if not np.isfinite(image).all():
        raise InputError("image holds numbers that are not finite")
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    background = np.median(border)  # the commoner shade
    ink = image - background
    if -ink.min() > ink.max():
        ink = -ink
    contrast = ink.max()
    if contrast < LEAST_CONTRAST:
        raise InputError(
            f"no ink: nothing differs from the background by {LEAST_CONTRAST:.0%} of black to white"
        )
    noise = np.quantile(np.abs(border - background), BORDER_SHARE)
    lowest, highest = (part * contrast for part in THRESHOLDS)
    ink[ink <= np.clip(NOISE_FACTOR * noise, lowest, highest)] = 0
    return ink[_extent(ink.sum(axis=1)), _extent(ink.sum(axis=0))]


def _extent(sums: NDArray[np.float64]) -> slice:
    """The rows or columns that hold the ink but for the stray parts at both ends."""
    cumulated = np.cumsum(sums)
    limits = np.array([STRAY_INK, 1 - STRAY_INK]) * cumulated[-1]
    first, last = np.searchsorted(cumulated, limits)
    return slice(int(first), int(last) + 1)


def _fitted(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ink in a box of 20x20, its aspect ratio kept, its strongest pixel 1."""
    scale = paper.BOX_SIZE / max(ink.shape)
    rows, columns = (_resampling(size, scale) for size in ink.shape)
    glyph = rows @ ink @ columns.T
    return glyph / glyph.max()


def _resampling(size: int, scale: float) -> NDArray[np.float64]:
    """The matrix (ceil(size * scale), size) that scales a line of pixels.

    Shrunk, a pixel is the average over the area that it covers; enlarged, it is interpolated
    linearly between the centres of two.  The last one may reach beyond the end: what it shows
    there is background.
    """
    count = int(np.ceil(size * scale - 1e-9))  # 20 and a rounding error are 20
    out, into = np.arange(count)[:, None], np.arange(size)
    if scale <= 1:
        ends = np.minimum((out + 1) / scale, into + 1)
        return scale * np.maximum(ends - np.maximum(out / scale, into), 0)
    place = np.clip((out + 0.5) / scale - 0.5, 0, size - 1)
    return np.minimum(size * scale - out, 1) * np.maximum(1 - np.abs(place - into), 0)


# --- Answers -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a network makes of one image; penalties are those of eq. 7."""

    source: str  # the file, with the index in brackets when it is an IDX file
    answer: int
    penalties: tuple[tuple[int, float], ...]  # (class, penalty), the three smallest
    margin: float  # the second smallest penalty less the smallest: the score of figure 10
    rejected: bool


def judge(source: str, penalties: Array, reject_below: float) -> Answer:
    """The answer to one image with these penalties of eq. 7, (10,); rejected as in `predict`."""
    best = np.argsort(penalties, kind="stable")[:BEST]
    smallest = tuple((int(digit), float(penalties[digit])) for digit in best)
    margin = smallest[1][1] - smallest[0][1]
    return Answer(source, smallest[0][0], smallest, margin, margin < reject_below)


def predict(network: LeNet5, paths: Iterable[AnyPath], reject_below: float) -> list[Answer]:
    """The answers to all the images of some files, in their order.

    An answer is rejected when its margin, in units of eq. 7, is less than `reject_below`.  Raises
    `InputError` as `read` and `prepare` do, with the name of the file.
    """
    answers: list[Answer] = []
    images = _prepared(paths)
    while block := list(islice(images, BLOCK)):
        penalties = network.penalties(np.stack([image for _, image in block]))
        for (source, _), row in zip(block, penalties, strict=True):
            answers.append(judge(source, row, reject_below))
    return answers


def states(network: LeNet5, paths: Iterable[AnyPath]) -> "Figure":
    """Every layer's state as in figure 13, for the first 40 of the images of some files.

    Raises `InputError` as `predict` does, and when there are no images.
    """
    from .figures.states import figure13  # matplotlib is slow to import and only needed here

    drawn = list(islice(_prepared(paths), MOST_DRAWN + 1))
    if not drawn:
        raise InputError("no files to draw the states of: give PNG or IDX files")
    cut = f"the first {MOST_DRAWN}" if len(drawn) > MOST_DRAWN else ""
    sources, images = zip(*drawn[:MOST_DRAWN], strict=True)
    return figure13(network, np.stack(images), sources, data_title=cut)


def _prepared(paths: Iterable[AnyPath]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Every image of every file as `prepare` makes it, with its source."""
    for path in paths:
        for source, image in _read(path):
            try:
                yield source, prepare(image)
            except InputError as error:
                raise InputError(f"{source}: {error}") from None


def text(answers: Iterable[Answer]) -> str:
    """The answers as a table: file, answer, smallest penalties, their margin, whether to reject."""
    rows = [("file", "answer", "smallest penalties, class: penalty", "margin", "reject")]
    for one in answers:
        penalties = "  ".join(f"{digit}: {penalty:7.2f}" for digit, penalty in one.penalties)
        reject = "yes" if one.rejected else "no"
        rows.append((one.source, str(one.answer), penalties, f"{one.margin:.2f}", reject))
    a, b, c, d, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        f"{file:{a}}  {answer:>{b}}  {penalties:{c}}  {margin:>{d}}  {reject}"
        for file, answer, penalties, margin, reject in rows
    )
