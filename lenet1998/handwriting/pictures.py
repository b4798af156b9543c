"""Read pictures of digits: PNG, JPEG and IDX files in, grey levels out."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..data import idx
from ..files import AnyPath, InputError, did_you_mean_path, opened
from .headers import JPEG, PNG, Header, jpeg_header, png_header

MOST_PIXELS = 64_000_000  # of a file; larger ones are refused before they are decoded
MOST_IMAGES = 10_000  # of an IDX file
LONGEST_SIDE = 2000  # pixels; larger pictures are scaled down while they are read
EXPECTED = "expected a PNG or JPEG picture or an IDX file of images"
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue
OTHER_FORMATS = {  # first bytes of the files that people are likely to give
    b"GIF8": "a GIF picture",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"RIFF": "a RIFF file, WebP perhaps",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or weights",
}


class Picture(NamedTuple):
    """An image of a file.

    Attributes:
        source: the file's name, with the index in an IDX file.
        image: grey (h, w), black 0 to white 1.
        single: whether the image holds one digit by its format, as in an IDX file.
    """

    source: str
    image: NDArray[np.float32]
    single: bool


def read(path: AnyPath) -> Iterator[Picture]:
    """The images of a PNG or JPEG file (one) or an IDX file (any number).

    The format is known by the content, not by the name; IDX files may be compressed by gzip.
    Colours become their luminance.  Transparent parts show white paper, or black paper when the ink
    is light.  A photograph is turned as its camera says, and scaled down to 2000 pixels.

    Raises:
        InputError: a file that is missing, damaged, of another format, of more than 64 megapixels
            or of more than 10,000 images.
    """
    path = Path(path)
    try:
        with opened(path) as file:
            start = file.read(16)
        if start.startswith((PNG, JPEG)):
            yield Picture(str(path), _read_picture(path, start.startswith(PNG)), single=False)
            return
    except OSError as error:
        near = did_you_mean_path(path) if isinstance(error, FileNotFoundError) else ""
        raise InputError(f"{path}: cannot be read ({error.strerror}), {EXPECTED}{near}") from None
    if not start:
        raise InputError(f"{path}: empty, {EXPECTED}")
    for magic, what in OTHER_FORMATS.items():
        if start.startswith(magic):
            raise InputError(f"{path}: {what}, {EXPECTED}: convert it to PNG")
    if not start.lstrip().startswith((b"\0\0", b"\x1f\x8b", b"<")):  # IDX, gzip, an HTML page
        begin = start[:4].hex(" ")
        raise InputError(f"{path}: not PNG, JPEG or IDX (begins with {begin}), {EXPECTED}")
    images = idx.read_idx(path, largest=MOST_PIXELS)
    if images.ndim != 3 or 0 in images.shape:
        raise InputError(f"{path}: holds {images.dtype} {images.shape}, expected images (N, h, w)")
    if len(images) > MOST_IMAGES:
        raise InputError(f"{path}: {len(images):,} images, expected at most {MOST_IMAGES:,}")
    for index, image in enumerate(images):
        yield Picture(f"{path}[{index}]", _levels(image), single=True)


def _levels(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The grey levels 0 to 1 of an image of an IDX file, scaled down to LONGEST_SIDE."""
    factor = -(-max(image.shape) // LONGEST_SIDE)
    if factor == 1:
        return np.divide(image, 255, dtype=np.float32)
    levels = (
        np.divide(image[None, top : top + 64 * factor], 255, dtype=np.float32)
        for top in range(0, len(image), 64 * factor)
    )
    return np.concatenate([_reduced(band, factor)[0] for band in levels])


def _read_picture(path: Path, is_png: bool) -> NDArray[np.float32]:
    """The grey image (h, w) of a PNG or JPEG file of any kind, 0 to 1."""
    kind = "PNG" if is_png else "JPEG"
    header = png_header(path) if is_png else jpeg_header(path)
    width, height = header.width, header.height
    if not (width and height and width * height <= MOST_PIXELS):
        raise InputError(
            f"{path}: {width} x {height} pixels, expected 1 to {MOST_PIXELS // 10**6} megapixels: "
            "scale it down"
        )
    from ..canvas import matplotlib  # slow to import and only needed here

    damaged = InputError(f"{path}: a damaged {kind} picture: save it again")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of matters that do not touch the pixels
            pixels = matplotlib.image.imread(file, format=kind.lower()).reshape(height, width, -1)
        return _turned(_grey(pixels, header), header.orientation)
    except MemoryError:
        raise InputError(
            f"{path}: not enough memory for {width} x {height} pixels: scale it down"
        ) from None
    except OSError as error:
        raise (error if error.errno else damaged) from None  # Pillow's own have no number
    except Exception:  # a damaged picture fails in a dozen ways
        raise damaged from None


def _grey(pixels: NDArray[Any], header: Header) -> NDArray[np.float32]:
    """Pixels (h, w, samples) as grey levels 0 to 1, scaled down to LONGEST_SIDE."""
    if pixels.dtype != np.uint8 and pixels.shape[2] == 1 and pixels.max() > 1:
        # matplotlib takes 2 and 4 bits that Pillow has stretched to 8.
        pixels *= (2**header.depth - 1) / 255
    factor = -(-max(header.width, header.height) // LONGEST_SIDE)
    bands = [
        _reduced(np.stack(_ink_and_cover(pixels[top : top + 64 * factor], header)), factor)
        for top in range(0, len(pixels), 64 * factor)
    ]
    covered: NDArray[np.float32]
    covered, cover = np.concatenate(bands, axis=1)  # grey levels times opacity, opacity
    # On white paper, unless the ink stands out more on black paper.
    on_white, on_black = float((cover - covered).max()), float(covered.max())
    if cover.min() == 1 or on_white >= on_black:
        covered += 1 - cover
    return covered


def _ink_and_cover(
    pixels: NDArray[Any], header: Header
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Grey levels times opacity, and opacity, of pixels (h, w, samples)."""
    colours = pixels.shape[2]
    if pixels.dtype == np.uint8:
        pixels = pixels / np.float32(255)
    levels = 255 if colours > 1 else 2**header.depth - 1  # Pillow cuts 16-bit colours to 8
    grey = pixels[..., :3] @ LUMINANCE if colours > 1 else pixels[..., 0]
    opaque = np.ones_like(grey)
    if colours == 4:
        opaque = pixels[..., 3]
    elif header.transparent:  # one grey level or colour stands for transparent
        colour = np.frombuffer(header.transparent[: 2 * colours], ">u2")
        if header.depth == 16 and colours > 1:
            colour = colour >> 8
        opaque = (np.rint(pixels * levels) != colour).any(axis=2).astype(np.float32)
    return grey * opaque, opaque


def _reduced(images: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Images (n, h, w) as the averages of blocks of `factor` x `factor` pixels."""
    for axis in (1, 2):
        size = images.shape[axis]
        starts = np.arange(0, size, factor)
        counts = np.minimum(factor, size - starts).astype(np.float32)
        sums = np.add.reduceat(images, starts, axis=axis)
        images = sums / (counts[:, None] if axis == 1 else counts)
    return images


def _turned(image: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    """The image upright, by the orientation 1 to 8 of its EXIF data."""
    if orientation in (2, 4, 5, 7):  # mirrored
        image = image[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(image, turns))
