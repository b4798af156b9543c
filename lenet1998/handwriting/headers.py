"""What the headers of PNG and JPEG files say, read before the pixels are decoded."""

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..files import InputError

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a frame's header
_ORIENTATION = 0x0112  # tag of EXIF


class Header(NamedTuple):
    """What the header of a picture says.

    Attributes:
        width, height: pixels, as they are stored.
        depth: bits of a sample.
        orientation: 1 to 8, as EXIF has it; 1 is upright.
        transparent: content of PNG's chunk tRNS, the level or colour that is transparent.
    """

    width: int
    height: int
    depth: int = 8
    orientation: int = 1
    transparent: bytes = b""


def png_header(path: Path) -> Header:
    """The header of a PNG file.

    Raises:
        InputError: the file is cut short or does not begin with its header.
    """
    chunks: dict[bytes, bytes] = {}  # of each the first 13 bytes, the length of a header
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
    width, height, depth = struct.unpack(">IIB", chunks[b"IHDR"][:9])
    return Header(width, height, depth, transparent=chunks.get(b"tRNS", b""))


def jpeg_header(path: Path) -> Header:
    """The header of a JPEG file, with the orientation of its EXIF data.

    Raises:
        InputError: the file ends before its size is known, or is not made of segments.
    """
    orientation = 1
    with path.open("rb") as file:
        file.seek(2)
        while True:
            marker, body = _segment(file)
            if marker == 0xE1 and body.startswith(b"Exif\0\0"):
                orientation = _orientation(body[6:])
            elif marker in _FRAMES and len(body) >= 5:
                height, width = struct.unpack(">HH", body[1:5])
                return Header(width, height, body[0], orientation)
            elif marker is None:
                raise InputError(f"{path}: a damaged JPEG picture: save or copy it again")


def _segment(file: BinaryIO) -> tuple[int | None, bytes]:
    """Marker and content of the next segment of a JPEG file; None where there is none."""
    head = file.read(4)
    while len(head) == 4 and head[0] == head[1] == 0xFF:  # fill bytes
        head = head[1:] + file.read(1)
    if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:  # the pixels begin
        return None, b""
    length = int.from_bytes(head[2:], "big")
    return head[1], file.read(max(length - 2, 0))


def _orientation(tiff: bytes) -> int:
    """The orientation 1 to 8 in EXIF data; 1 where they hold none."""
    order = "<" if tiff.startswith(b"II") else ">"
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(first + 2, first + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:  # a damaged or shortened part of the header
        pass
    return 1
