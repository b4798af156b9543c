"""PNG and JPEG pictures to test the readers of pictures with."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6  # PNG's colour types
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk with its length and its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(levels: NDArray[Any], depth: int = 8, colour: int = GREY, more: bytes = b"") -> bytes:
    """A PNG of whole numbers (h, w) or (h, w, samples); `more` are chunks before the pixels."""
    height, width = levels.shape[:2]
    assert levels.size == height * width * SAMPLES[colour]
    bits = levels.reshape(height, -1, 1) >> np.arange(depth - 1, -1, -1) & 1
    rows = np.packbits(bits.reshape(height, -1).astype(np.uint8), axis=1)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
            more,
            chunk(b"IDAT", zlib.compress(lines)),
            chunk(b"IEND", b""),
        )
    )


def jpeg(levels: NDArray[Any], orientation: int = 1) -> bytes:
    """A JPEG of uint8 (h, w) or (h, w, 3), with the orientation in its EXIF data."""
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, levels, cmap="gray", vmin=0, vmax=255, format="jpeg", pil_kwargs={"quality": 95})
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0" + struct.pack(">2sHIH", b"MM", 42, 8, 1) + entry + bytes(4)
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif
    content = file.getvalue()
    return content[:2] + segment + content[2:]
