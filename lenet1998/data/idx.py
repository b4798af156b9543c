"""IDX files, the format of MNIST: read with every byte checked, and written."""

import gzip
import hashlib
import math
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import describe
from ..files import AnyPath, InputError, opened, replacing

LARGEST_IDX = 2**30  # bytes; an IDX file that claims more than that is refused
_GZIP_RATIO = 1032  # deflate cannot compress any further
CHUNK = 2**18  # bytes read at a time


def read_idx(path: AnyPath, name: str = "", largest: int = LARGEST_IDX) -> NDArray[np.uint8]:
    """The array of an IDX file of unsigned bytes, compressed by gzip or not.

    Memory is bounded by the file's length, not by its header: 2 MB, and as many bytes as the file
    can hold (1,032 times its length when compressed), at most `largest`.

    Args:
        path: of the file.
        name: of the file in messages; default: the path.
        largest: bytes of the array; larger ones are refused.

    Raises:
        InputError: a file that is missing, not IDX, not of unsigned bytes, truncated, too large, or
            followed by more bytes than its dimensions say.
    """
    path = Path(path)
    name = name or str(path)
    try:
        with opened(path) as file:
            head = file.read(512)
            file.seek(0)
            if head[:2] == b"\x1f\x8b":
                stream = cast(BinaryIO, gzip.GzipFile(fileobj=file))
                return _parse_idx(stream, name, path.stat().st_size * _GZIP_RATIO, largest)
            _refuse_html(head, name)
            if path.suffix == ".gz":
                raise InputError(
                    f"{name}: named .gz but not compressed by gzip; expected gzip data (rename it "
                    "if it is plain IDX)"
                )
            return _parse_idx(file, name, path.stat().st_size, largest)
    except EOFError:
        raise InputError(f"{name}: truncated gzip data; delete it and download it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{name}: damaged gzip data ({error}); delete it and download it again"
        ) from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror}); expected a file") from None


def write_idx(path: AnyPath, array: NDArray[np.uint8]) -> None:
    """Write an IDX file of unsigned bytes, compressed by gzip when the name ends in `.gz`.

    The same array always gives the same bytes.

    Raises:
        InputError: the array is not uint8.
    """
    path = Path(path)
    if array.dtype != np.uint8 or array.ndim == 0:
        raise InputError(f"{path}: cannot write {describe(array)}, expected an array of uint8")
    content = _header(array.shape) + array.tobytes()
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def read_images(path: AnyPath) -> NDArray[np.uint8]:
    """Images of an IDX file: uint8 (N, 28, 28), N at least 1, ink 255.

    Raises:
        InputError: as `read_idx`, and for other dimensions.
    """
    images = read_idx(path)
    size = paper.IMAGE_SIZE
    if images.ndim == 1:
        raise InputError(
            f"{path}: labels file ({describe(images)}) given where images were expected: swapped?"
        )
    if images.shape[1:] != (size, size) or len(images) == 0:
        raise InputError(f"{path}: holds {describe(images)}, expected images (N, {size}, {size})")
    return images


def read_labels(path: AnyPath) -> NDArray[np.uint8]:
    """Labels of an IDX file: uint8 (N,), N at least 1, each 0 to 9.

    Raises:
        InputError: as `read_idx`, for other dimensions, and for a label out of range.
    """
    labels = read_idx(path)
    if labels.ndim == 3:
        raise InputError(
            f"{path}: images file ({describe(labels)}) given where labels were expected: swapped?"
        )
    if labels.ndim != 1 or len(labels) == 0:
        raise InputError(f"{path}: holds {describe(labels)}, expected labels (N,)")
    wrong = np.flatnonzero(labels >= paper.CLASSES)
    if wrong.size:
        raise InputError(
            f"{path}: label {labels[wrong[0]]} at index {wrong[0]}, expected 0 to "
            f"{paper.CLASSES - 1}"
        )
    return labels


def _parse_idx(stream: BinaryIO, name: str, available: int, largest: int) -> NDArray[np.uint8]:
    """Read an IDX stream of at most `available` bytes and an array of at most `largest`."""
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        _refuse_html(start + stream.read(508), name)
        raise InputError(
            f"{name}: not an IDX file: begins with {start.hex(' ') or 'nothing'}, expected "
            "00 00 08 and the number of dimensions"
        )
    if start[2] != 8:
        raise InputError(f"{name}: data type 0x{start[2]:02x}, expected 0x08 (unsigned byte)")
    if not 1 <= start[3] <= 32:  # NumPy 1's own limit
        raise InputError(f"{name}: {start[3]} dimensions, expected 1 to 32")
    sizes = stream.read(4 * start[3])
    if len(sizes) < 4 * start[3]:
        raise InputError(f"{name}: truncated in its header, expected {start[3]} dimensions")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    total = math.prod(shape)
    if math.prod(max(size, 1) for size in shape) > largest:
        raise InputError(
            f"{name}: claims an absurd size, {' x '.join(map(str, shape))} bytes; expected at "
            f"most {largest:,}"
        )
    if total > available:
        raise InputError(
            f"{name}: truncated: its header promises {total:,} bytes of data, expected no more "
            f"than the {available:,} that a file of this length can hold"
        )
    data = np.empty(total, np.uint8)
    filled = 0
    while filled < total:
        chunk = stream.read(min(CHUNK, total - filled))
        if not chunk:
            raise InputError(
                f"{name}: truncated: {filled:,} bytes of data, expected {total:,} by its header"
            )
        data[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
        filled += len(chunk)
    if stream.read(1):
        raise InputError(f"{name}: trailing bytes after the {total:,} expected by its header")
    return data.reshape(shape)


def _refuse_html(head: bytes, name: str) -> None:
    """Raise `InputError` when the first bytes of a file are those of an HTML or XML page."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise InputError(
            f"{name}: an HTML page, not data: a download went wrong; delete it and download again"
        )


def _header(shape: tuple[int, ...]) -> bytes:
    """The header of an IDX file of unsigned bytes."""
    return bytes((0, 0, 8, len(shape))) + np.array(shape, ">u4").tobytes()


def content_sha256(array: NDArray[np.uint8]) -> str:
    """SHA-256 of the uncompressed IDX file that holds this array."""
    digest = hashlib.sha256(_header(array.shape))
    digest.update(np.ascontiguousarray(array).reshape(-1).data)
    return digest.hexdigest()
