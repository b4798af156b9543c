"""Pictures of digits: PNG and IDX files in, grey levels out."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data import idx
from ..files import AnyPath, InputError, opened

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


def read(path: AnyPath) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The images of a PNG file (one) or an IDX file (any number), each with its source.

    The format is known by the content, not by the name; IDX files may be compressed by gzip.
    Colours become their luminance, and transparent parts show white paper.

    Yields:
        The source, which is the file's name with the index in an IDX file; and the image, grey
        (h, w), black 0 to white 1.

    Raises:
        InputError: a file that is missing, damaged or of another format, and sides above 4096
            pixels.
    """
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
    images = idx.read_idx(path)
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
    from ..canvas import matplotlib  # slow to import and only needed here

    damaged = InputError(f"{path}: a damaged PNG picture: save it again")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of matters that do not touch the pixels
            pixels = matplotlib.image.imread(file, format="png").reshape(height, width, -1)
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
    on_white: NDArray[np.float32] = grey * opaque + (1 - opaque)
    return on_white


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
