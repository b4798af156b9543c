"""Bad input: IDX files, folders of data, downloads, the bitmaps of figure 3."""

import gzip
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_input import (
    HTML,
    NO_FILE,
    Make,
    Refused,
    Table,
    given,
    gone,
    header,
    holds,
    idx,
    instead,
    nothing,
)

from lenet1998.data import bitmaps, datasets
from lenet1998.data.catalogue import FILES as DATA_FILES
from lenet1998.data.catalogue import MIRRORS

TABLE = Table()
row = TABLE.row

# --- IDX files ---------------------------------------------------------------------------------

CUBE = header(2, 3, 4) + bytes(24)
DOWNLOAD = "an HTML page, not data: a download went wrong; delete it"
BAD_IDX = {
    "empty": ("", b"", "begins with nothing"),
    "another format": (
        "", b"PK\x03\x04" + bytes(20), "not an IDX file: begins with 50 4b 03 04, expected",
    ),
    "HTML": ("", HTML, DOWNLOAD),
    "HTML named gz": (".gz", HTML, DOWNLOAD),
    "HTML in gzip": (".gz", gzip.compress(HTML), DOWNLOAD),
    "XML named gz": (".gz", b"\n <?xml version='1.0'?><Error/>", "an HTML page"),
    "raw named gz": (".gz", CUBE, "named .gz but not compressed by gzip"),
    "gzip cut in its trailer": (".gz", gzip.compress(CUBE)[:-3], "truncated gzip data"),
    "gzip cut in its data": (".gz", gzip.compress(CUBE)[:12], "truncated gzip data"),
    "gzip of a wrong CRC": (".gz", gzip.compress(CUBE)[:-8] + bytes(8), "damaged gzip data"),
    "gzip damaged": (".gz", gzip.compress(CUBE)[:10] + b"\xff" * 30, "damaged gzip data"),
    "gzip and more": (".gz", gzip.compress(CUBE) + b"more", "damaged gzip data"),
    "floats": ("", b"\0\0\x0d\x01" + bytes(12), "data type 0x0d, expected 0x08 (unsigned byte)"),
    "no dimensions": ("", b"\0\0\x08\x00", "0 dimensions, expected 1 to 32"),
    "33 dimensions": ("", b"\0\0\x08\x21" + bytes(200), "33 dimensions, expected 1 to 32"),
    "cut in its header": ("", CUBE[:9], "truncated in its header"),
    "cut": ("", CUBE[:-1], "truncated: 23 bytes of data, expected 24"),
    "cut in gzip": (".gz", gzip.compress(CUBE[:-1]), "truncated: 23 bytes of data, expected 24"),
    "trailing byte": ("", CUBE + b"\0", "trailing bytes after the 24"),
    "trailing byte in gzip": (".gz", gzip.compress(CUBE + b"\0"), "trailing bytes after the 24"),
    "gzip that goes on": (".gz", gzip.compress(CUBE + bytes(2**24), 1), "trailing bytes after"),
    "4 billion a side": ("", header(*[2**32 - 1] * 3), "claims an absurd size"),
    "4 billion images": ("", header(2**32 - 1, 28, 28), "claims an absurd size"),
    "none of 4 billion": ("", header(0, 2**32 - 1, 2**32 - 1), "claims an absurd size"),
    "900 MB": ("", header(900_000_000) + bytes(99), "promises 900,000,000 bytes"),
    "900 MB in gzip": (".gz", gzip.compress(header(900_000_000)), "promises 900,000,000 bytes"),
}  # fmt: skip
TRAIN, LABELS = "data/train-images-idx3-ubyte", "data/t10k-labels-idx1-ubyte"


def replaced(name: str, end: str, content: bytes) -> Make:
    """A file of the data folder, perhaps as .gz, with other content."""

    def make(patch: pytest.MonkeyPatch) -> None:
        gone(name)(patch)
        holds(name + end, content)(patch)

    return make


for what, (end, content, says) in BAD_IDX.items():
    for name in (TRAIN, LABELS):
        make = replaced(name, end, content)
        row(f"{Path(name).name}: {what}", make, "--data data", Path(name).name, says)
for name in (TRAIN, LABELS):
    for what in ("folder", "loop", "pipe"):
        row(f"{name}: a {what}", instead(name, what), "--data data", f"lacks {Path(name).name}")
row("images: forbidden", instead(TRAIN, "forbidden"), "--data data", "train-images", "Permission")

IMAGES_HOLD = {
    "labels": (np.zeros(12), "labels file (uint8 (12,)) given where images were expected: swapped"),
    "28 x 27": (np.zeros((12, 28, 27)), "(12, 28, 27), expected images (N, 28, 28)"),
    "none": (np.zeros((0, 28, 28)), "(0, 28, 28), expected images (N, 28, 28)"),
    "more than labels": (np.zeros((13, 28, 28)), "12 labels, but "),
    "fewer than labels": (np.zeros((11, 28, 28)), "12 labels, but 11 images"),
}
for what, (array, says) in IMAGES_HOLD.items():
    row(f"images: {what}", holds(TRAIN, idx(array)), "--data data", "train-", says)
LABELS_HOLD = {
    "images": (np.zeros((10, 28, 28)), "images file (uint8 (10, 28, 28)) given where labels"),
    "pairs": (np.zeros((10, 2)), "(10, 2), expected labels (N,)"),
    "none": (np.zeros(0), "(0,), expected labels (N,)"),
    "a 10": ([0, 9, 10, 11, 0, 0, 0, 0, 0, 0], "label 10 at index 2, expected 0 to 9"),
    "a 255": ([0, 1, 2, 3, 4, 5, 6, 7, 8, 255], "label 255 at index 9, expected 0 to 9"),
    "fewer": (np.zeros(9), "9 labels, but "),
}
for what, (array, says) in LABELS_HOLD.items():
    row(f"labels: {what}", holds(LABELS, idx(array)), "--data data", "t10k-labels", says)

# --- The folder of the data ----------------------------------------------------------------------

ALL = f"lacks {', '.join(DATA_FILES)}"
row("data: missing", nothing, "--data nowhere", "nowhere: the data folder does not exist")
row("data: a file", nothing, "--data digit", "digit: the data folder", "is not a folder")
row("data: a loop", instead("data", "loop"), "--data data", "data: the data folder does not exist")
row("data: empty", holds("empty/x", b""), "--data empty", ALL, "(with or without .gz)")
row("data: the parent", nothing, "--data .", "lacks train-images")
row("data: mnist empty", holds("a/mnist/x", b""), "--data a", f"{Path('a') / 'mnist'}", ALL)
for name in DATA_FILES:
    row(f"data: no {name}", gone(f"data/{name}"), "--data data", f"lacks {name} (with")
row(
    "data: half-written",
    lambda patch: Path(LABELS).rename(f"data/.{Path(LABELS).name}-x1y2"),
    "--data data",
    "data: the data folder lacks t10k-labels-idx1-ubyte (with",
)
row("data: not MNIST", nothing, "--data data --dataset mnist", "not the content of MNIST")
row("data: not Fashion", nothing, "--data data --dataset fashion-mnist", "Fashion-MNIST (SHA-256")
row("data: no name", nothing, ["--data", " "], "--data", "not the name of a folder")
row("data: line end", nothing, ["--data", "da\nta"], r"'da\nta' is not the name of a folder")
row("data: long name", nothing, ["--data", "a" * 5000], "aaa: ")
for name, says in (
    ("nowhere", "the folder of LENET1998_DATA does not exist"),
    ("digit", "the folder of LENET1998_DATA does not exist or is not"),
    ("da\nta", r"da\nta: the folder of LENET1998_DATA does not"),
    ("cache", "does not exist"),
    ("data", "not the content of MNIST"),
):
    row(f"LENET1998_DATA: {name!r}", given(LENET1998_DATA=name), "--quiet", says)


def in_cache(patch: pytest.MonkeyPatch) -> None:
    """Files of somebody's own where the downloads are."""
    shutil.copytree("data", datasets.cache_folder("mnist"))


row("cache: other files", in_cache, "--quiet", "not the content of MNIST (SHA-256 differs); delete")

# --- The download --------------------------------------------------------------------------------


def mirrors(*addresses: str) -> Make:
    """Other mirrors than the package's."""
    return lambda patch: patch.setattr(
        "lenet1998.data.download.MIRRORS", dict.fromkeys(MIRRORS, addresses)
    )


def no_names(patch: pytest.MonkeyPatch) -> None:
    """The package's own mirrors, but no name server: a machine without a network."""

    def fails(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    mirrors("https://example.invalid/", "https://other.invalid/")(patch)
    patch.setattr(socket, "getaddrinfo", fails)


BY_HAND = ("could not be downloaded", "by hand: put", "--data or LENET1998_DATA")
row("download: nobody there", nothing, "--dataset mnist", "MNIST", "127.0.0.1:9", *BY_HAND)
row("download: Fashion", nothing, "--dataset fashion-mnist", "Fashion-MNIST", *BY_HAND)
row("download: recipe", nothing, "--recipe batchnorm-fashion", "Fashion-MNIST", *BY_HAND)
row("download: no network", no_names, "--dataset mnist", "other.invalid/ (", "not known", *BY_HAND)
for address in ("http://example.invalid/", "ftp://127.0.0.1/", "file:///etc/"):
    make = mirrors(address)
    row(f"download: {address}", make, "--dataset mnist", f"{address}train", "not an HTTPS address")

# --- Bitmaps -------------------------------------------------------------------------------------


def bitmap(content: bytes | None) -> Make:
    """The bitmaps of figure 3 with another 7; None: without it."""

    def make(patch: pytest.MonkeyPatch) -> None:
        shutil.copytree(bitmaps.default_folder(), "figure3")
        patch.setattr(bitmaps, "default_folder", lambda: Path("figure3"))
        gone("figure3/055.txt")(patch)
        if content is not None:
            holds("figure3/055.txt", content)(patch)

    return make


def bitmap_is(what: str) -> Make:
    def make(patch: pytest.MonkeyPatch) -> None:
        bitmap(b"")(patch)
        instead("figure3/055.txt", what)(patch)

    return make


EMPTY_ROW = b".......\n"
BAD_BITMAPS = {
    "missing": (None, ": cannot be read (No such file or directory)"),
    "empty": (b"", ", line 1: 0 characters"),
    "no text": (b"\xff\xfe\x00\x81", ", line 1: not a text file"),
    "11 rows": (EMPTY_ROW * 11, ", line 12: the row is missing"),
    "13 rows": (EMPTY_ROW * 13, ", line 13: one row too many"),
    "trailing line end": (EMPTY_ROW * 12 + b"\n", ", line 13: one row too many"),
    "6 pixels": (EMPTY_ROW * 3 + b"......\n" + EMPTY_ROW * 8, ", line 4: 6 characters"),
    "8 pixels": (EMPTY_ROW * 3 + b"........\n" + EMPTY_ROW * 8, ", line 4: 8 characters"),
    "an x": (EMPTY_ROW * 4 + b"...x...\n" + EMPTY_ROW * 7, ", line 5: the character 'x'"),
    "a tab": (EMPTY_ROW * 4 + b"...\t...\n" + EMPTY_ROW * 7, r", line 5: the character '\t'"),
    "a zero byte": (b"\0" * 96, r", line 1: the character '\x00'"),
    "a gigabyte, nearly": (b"#" * 2**22, ", line 1: 1000 characters"),
    "a gzip": (gzip.compress(EMPTY_ROW * 12), ", line 1: not a text file"),
}
ROWS = "expected 12 rows of 7 characters # or ."
for what, (bits, says) in BAD_BITMAPS.items():
    path = str(Path("figure3") / "055.txt")
    row(f"bitmap: {what}", bitmap(bits), "--summary", f"lenet1998: {path}{says}", ROWS)
for what, says in NO_FILE.items():
    row(f"bitmap: {what}", bitmap_is(what), "--summary", "055.txt: cannot be read", ROWS, says)
row(
    "bitmaps: no folder",
    lambda patch: patch.setattr(bitmaps, "default_folder", lambda: Path("figure3")),
    "--dataset printed",
    "032.txt: cannot be read",
    ROWS,
)


row(
    "data: dark ink on a light background",
    holds("data/train-images-idx3-ubyte", idx(np.full((12, 28, 28), 255))),
    "--data data",
    "train-images-idx3-ubyte: most images have dark ink on a light background",
)


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_data_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error
