"""Bad input: pictures of handwriting."""

import gzip
import struct

import numpy as np
import pytest
from bad_input import HTML, NO_FILE, PNG, Make, Refused, Table, header, holds, idx, instead, nothing
from pictures import chunk, jpeg, png

TABLE = Table()
row = TABLE.row

SIDES = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
JPEG_7 = jpeg(np.pad(np.full((50, 20), 255, np.uint8), 20))
HUGE = PNG[:8] + chunk(b"IHDR", SIDES) + chunk(b"IEND", b"")
RULED = np.full((200, 300), 255)
RULED[20::40] = 100
WIDE = np.full((60, 90), 255)
WIDE[20:40, 20:70] = 0
WANTED = "expected a PNG or JPEG picture or an IDX file of images"
BAD_PICTURES = {
    "empty": (b"", f"empty, {WANTED}"),
    "JPEG without a size": (b"\xff\xd8\xff\xe0" + bytes(40), "a damaged JPEG picture"),
    "JPEG cut": (JPEG_7[:-200], "a damaged JPEG picture: save it again"),
    "JPEG of 65535 x 65535": (
        JPEG_7.replace(struct.pack(">HH", 90, 60), b"\xff" * 4),
        "65535 x 65535 pixels, expected 1 to 64 megapixels: scale it down",
    ),
    "GIF": (b"GIF89a" + bytes(40), "a GIF picture"),
    "BMP": (b"BM" + bytes(40), "a BMP picture"),
    "TIFF": (b"II*\0" + bytes(40), "a TIFF picture"),
    "WebP": (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP perhaps"),
    "PDF": (b"%PDF-1.4", "a PDF document"),
    "zip": (b"PK\x03\x04" + bytes(40), "a zip archive or weights"),
    "HTML": (HTML, "an HTML page"),
    "SVG": (b"\n <svg/>", "an HTML page"),
    "text": (b"a text\n", f"not PNG, JPEG or IDX (begins with 61 20 74 65), {WANTED}"),
    "cut in its magic": (PNG[:5], "not PNG, JPEG or IDX"),
    "cut in its header": (PNG[:20], "cut short"),
    "half of it": (PNG[: len(PNG) // 2], "cut short"),
    "without its last byte": (PNG[:-1], "cut short"),
    "no IHDR": (PNG.replace(b"IHDR", b"IHDQ"), "damaged PNG"),
    "no header": (PNG[:8] + PNG[33:], "damaged PNG"),
    "no pixels": (PNG[:33] + chunk(b"IEND", b""), "damaged PNG"),
    "no deflate": (PNG[:33] + chunk(b"IDAT", bytes(30)) + chunk(b"IEND", b""), "damaged PNG"),
    "three bits": (PNG[:24] + bytes((3, 0)) + PNG[26:], "damaged PNG"),
    "60000 x 60000": (HUGE, "60000 x 60000 pixels, expected 1 to 64 megapixels"),
    "0 x 0": (PNG[:16] + bytes(8) + PNG[24:], "0 x 0 pixels"),
    "no ink": (png(np.zeros((9, 9), int)), "no ink: nothing differs from the background"),
    "only the lines of a page": (png(RULED), "no ink except the lines of the page"),
    "two digits that touch": (png(WIDE), "much wider than high, several digits that touch perhaps"),
    "noise": (
        png((np.random.default_rng(0).random((300, 300)) < 0.1).astype(int), 1),
        "separate marks",
    ),
    "IDX of floats": (b"\0\0\x0d\x03" + bytes(12), "data type 0x0d, expected 0x08"),
    "IDX of labels": (idx(np.zeros(2)), "holds uint8 (2,), expected images (N, h, w)"),
    "IDX of none": (header(0, 0, 0), "holds uint8 (0, 0, 0), expected images"),
    "IDX of too many": (header(10_001, 1, 1) + bytes(10_001), "10,001 images, expected at most"),
    "IDX of 65 MB": (gzip.compress(header(1, 65_000_000, 1)), "absurd size"),
    "IDX of 4 GB": (header(1, 65535, 65535), "absurd size"),
    "IDX cut": (header(1, 3, 3) + b"abc", "truncated"),
    "IDX without ink": (idx(np.zeros((2, 9, 9))), "[0]: no ink"),
    "gzip of a text": (gzip.compress(b"a text\n"), "not an IDX file"),
    "gzip cut": (gzip.compress(bytes(40))[:-12], "truncated gzip data"),
}
for what, (content, says) in BAD_PICTURES.items():
    row(f"picture: {what}", holds("a.png", content), "--predict a.png", "lenet1998: a.png", says)
row("picture: missing", nothing, "--predict a.png", "a.png: cannot be read (No such", WANTED)
row("picture: no name", nothing, ["--predict", ""], "argument FILE", "not the name of a file")
for what, says in NO_FILE.items():
    row(f"picture: {what}", instead("a.png", what), "--predict a.png", "a.png", says)
for name in ("a\nb.png", "a\tb\x1b[2J.png", "a\0b.png", "a\udcffb.png"):
    says = name.encode("unicode_escape").decode()
    row(f"picture: named {name!r}", nothing, ["--predict", name], f"{says}: cannot be read")
row("picture: long name", nothing, ["--predict", "a" * 5000], "aaa: cannot be read")
row("pictures: two of them", holds("a.png", HTML), "--predict a.png b.png", "a.png: ", "; b.png: ")
row(
    "states: there already",
    nothing,
    "--predict digit.png --states digit",
    "--states digit: exists already",
)
row(
    "states: another kind of picture",
    nothing,
    "predict digit.png --states s.jpg",
    "--states s.jpg: the picture is a PNG",
)
row("states: no name", nothing, ["--predict", "digit.png", "--states", ""], "--states", "no name")
row("states: below a file", nothing, "--predict digit.png --states digit/s.png", "digit")


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_pictures_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error
