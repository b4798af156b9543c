"""One table: every input that the package reads, against every way in which it can be wrong.

A row is a name, what makes the files, the command line, and what the message must say.  Every row
must end with status 2, exactly one line on stderr, and nothing written.  To add an input, add rows.
"""

import csv
import errno
import gzip
import json
import os
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pytest
from pictures import chunk, png

import reproduce
from lenet1998.cli import flags
from lenet1998.data import bitmaps, datasets
from lenet1998.data.catalogue import FILES as DATA_FILES
from lenet1998.data.catalogue import MIRRORS
from lenet1998.data.patterns import Patterns
from lenet1998.learning.training import State
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run import checkpoint
from lenet1998.run.checkpoint import FILE
from lenet1998.run.config import identity, surroundings
from lenet1998.run.folder import FILES
from lenet1998.run.settings import Settings

Make = Callable[[pytest.MonkeyPatch], object]
TABLE: list[Any] = []


def row(what: str, make: Make, command: str | list[str], *says: str) -> None:
    """A row of the table; the command may be a list where a shell would not do."""
    words = shlex.split(command) if isinstance(command, str) else command
    TABLE.append(pytest.param(make, words, says, id=what))


# --- What makes the files ----------------------------------------------------------------------
# Each works in an empty folder that holds good inputs of every kind: see `folder`.


def nothing(patch: pytest.MonkeyPatch) -> None:
    """The good inputs as they are."""


def given(**environment: str) -> Make:
    """The good inputs, and variables of the environment."""
    return lambda patch: [patch.setenv(*item) for item in environment.items()]


def holds(name: str, content: bytes) -> Make:
    """A file with this content."""

    def make(patch: pytest.MonkeyPatch) -> None:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)

    return make


def changed(name: str, change: Callable[[bytes], bytes]) -> Make:
    """One of the good files, otherwise."""
    return lambda patch: Path(name).write_bytes(change(Path(name).read_bytes()))


def gone(name: str) -> Make:
    """One of the good files or folders is missing."""

    def make(patch: pytest.MonkeyPatch) -> None:
        shutil.rmtree(name) if Path(name).is_dir() else Path(name).unlink()

    return make


def instead(name: str, what: str) -> Make:
    """Something that is no readable file in the place of a file."""

    def make(patch: pytest.MonkeyPatch) -> None:
        path = Path(name)
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        if what == "folder":
            path.mkdir()
        elif what == "loop":
            try:
                path.symlink_to(path.name)
            except OSError:
                pytest.skip("no symbolic links here")
        elif what == "pipe":
            if not hasattr(os, "mkfifo"):
                pytest.skip("no named pipes here")
            os.mkfifo(path)
        elif what == "forbidden":
            path.write_bytes(b"secret")
            path.chmod(0)
            if os.access(path, os.R_OK):
                pytest.skip("permissions do not bind this user")

    return make


NO_FILE = {
    "folder": "a folder",
    "loop": "cannot be read",
    "pipe": "not a regular file",
    "forbidden": "Permission denied",
}


@cache
def good() -> dict[str, bytes]:
    """Every kind of input, small and right: name -> content."""
    rng = np.random.default_rng(0)
    files = {}
    for name, n in (("train", 12), ("t10k", 10)):
        images = rng.integers(0, 256, (n, 28, 28), np.uint8)
        labels = np.arange(n, dtype=np.uint8) % 10
        files[f"data/{name}-images-idx3-ubyte"] = idx(images)
        files[f"data/{name}-labels-idx1-ubyte"] = idx(labels)
    ink = np.zeros((2, 28, 28), np.uint8)
    ink[:, 5:23, 12:16] = 255
    files["digit"] = idx(ink)
    files["digit.png"] = PNG
    weights = BytesIO()
    np.savez_compressed(weights, **LeNet5(seed=9).saved())  # type: ignore[arg-type]
    files["w.npz"] = weights.getvalue()
    config = identity(Settings("printed", passes=2, train_size=30, test_size=9), ["a", "b"])
    files["run/config.json"] = json.dumps({**config, **surroundings()}).encode()
    files["run/metrics.csv"] = b"dataset,pass\nprinted,1\n"
    files["begun/config.json"] = json.dumps({**begun(files)[1], **surroundings()}).encode()
    return files


def begun(files: dict[str, bytes]) -> tuple[Settings, dict[str, Any]]:
    """A run on the files of the data folder that has not come to its first pass: what it is of."""
    settings = Settings("custom", passes=1, train_size=12, test_size=10)
    sums = [
        Patterns(
            np.frombuffer(files[f"data/{name}-images-idx3-ubyte"], np.uint8)[16:].reshape(
                -1, 28, 28
            ),
            np.frombuffer(files[f"data/{name}-labels-idx1-ubyte"], np.uint8)[8:],
            "custom",
        ).sha256()
        for name in ("train", "t10k")
    ]
    return settings, identity(settings, sums)


def idx(array: Any) -> bytes:
    """An IDX file of bytes, written here by hand."""
    array = np.asarray(array, np.uint8)
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def header(*sizes: int) -> bytes:
    """The header alone."""
    return struct.pack(f">4B{len(sizes)}I", 0, 0, 8, len(sizes), *sizes)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the good inputs; no data elsewhere, no network."""
    for name, content in good().items():
        holds(str(tmp_path / name), content)(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LENET1998_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    closed = ("http://127.0.0.1:9/",)  # the discard port: nothing listens
    monkeypatch.setattr("lenet1998.data.download.MIRRORS", dict.fromkeys(MIRRORS, closed))
    return tmp_path


# --- IDX files ---------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>"
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
    "more than labels": (np.zeros((13, 28, 28)), "12 labels for the 13 images beside it"),
    "fewer than labels": (np.zeros((11, 28, 28)), "12 labels for the 11 images beside it"),
}
for what, (array, says) in IMAGES_HOLD.items():
    row(f"images: {what}", holds(TRAIN, idx(array)), "--data data", "train-", says)
LABELS_HOLD = {
    "images": (np.zeros((10, 28, 28)), "images file (uint8 (10, 28, 28)) given where labels"),
    "pairs": (np.zeros((10, 2)), "(10, 2), expected labels (N,)"),
    "none": (np.zeros(0), "(0,), expected labels (N,)"),
    "a 10": ([0, 9, 10, 11, 0, 0, 0, 0, 0, 0], "label 10 at index 2, expected 0 to 9"),
    "a 255": ([0, 1, 2, 3, 4, 5, 6, 7, 8, 255], "label 255 at index 9, expected 0 to 9"),
    "fewer": (np.zeros(9), "9 labels for the 10 images beside it"),
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
    row(f"bitmap: {what}", bitmap(bits), "--summary", f"reproduce.py: {path}{says}", ROWS)
for what, says in NO_FILE.items():
    row(f"bitmap: {what}", bitmap_is(what), "--summary", "055.txt: cannot be read", ROWS, says)
row(
    "bitmaps: no folder",
    lambda patch: patch.setattr(bitmaps, "default_folder", lambda: Path("figure3")),
    "--dataset printed",
    "032.txt: cannot be read",
    ROWS,
)

# --- Weights -------------------------------------------------------------------------------------

READ = "--predict digit --reject-below 1 --weights w.npz"
NO_WEIGHTS = ("w.npz: cannot be read as saved weights (", "): cut short or another file?")


def weights(change: Callable[[dict[str, Any]], object]) -> Make:
    """The good weights with other arrays: `change` gets the dictionary of them."""

    def make(patch: pytest.MonkeyPatch) -> None:
        arrays = {name: array.copy() for name, array in LeNet5(seed=9).saved().items()}
        change(arrays)
        np.savez_compressed("w.npz", **arrays)

    return make


def with_array(name: str, change: Callable[[Any], Any]) -> Make:
    return weights(lambda arrays: arrays.update({name: change(arrays[name])}))


def with_value(value: float) -> Make:
    def change(array: Any) -> Any:
        array = array.astype(np.float64)
        array[100] = value
        return array

    return with_array("C5", change)


def huge(arrays: dict[str, Any]) -> None:
    """Numbers whose sums are infinite, of both signs."""
    for array in arrays.values():
        array[::2], array[1::2] = 3e38, -3e38


def zipped(**members: bytes) -> bytes:
    """An archive of these members, with _npy for .npy."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_npy", ".npy"), content)
    return file.getvalue()


def npy(array: Any, **header: Any) -> bytes:
    """An .npy file; `header` are fields that say something else."""
    file = BytesIO()
    fields = {**np.lib.format.header_data_from_array_1_0(array), **header}
    np.lib.format.write_array_header_1_0(file, fields)
    return file.getvalue() + array.tobytes()


def pickled(array: Any) -> bytes:
    file = BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def with_member(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> Make:
    """The good weights with a member C1.npy that NumPy would not have written."""

    def make(patch: pytest.MonkeyPatch) -> None:
        with zipfile.ZipFile("w.npz") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile("w.npz", "w", method) as archive:
            for name, own in {**members, "C1.npy": content}.items():
                archive.writestr(name, own)

    return make


def encrypted(content: bytes) -> bytes:
    """An archive whose directory says that everything needs a password."""
    found = bytearray(content)
    at = found.find(b"PK\1\2")
    while at >= 0:
        found[at + 8] |= 1
        at = found.find(b"PK\1\2", at + 4)
    return bytes(found)


NAMES = ("C1", "S2", "C3", "S4", "C5", "F6")
TEXTS = {f"{name}_npy": b"text" for name in NAMES}
row("weights: missing", gone("w.npz"), READ, "w.npz: no such weights file")
row(
    "weights: no name",
    nothing,
    ["--predict", "digit", "--weights", ""],
    "--weights",
    "not the name of a file",
)
row(
    "weights: shipped, misspelt",
    nothing,
    "--predict digit --reject-below 1 --weights 2012",
    "2012: no such weights file",
)
for what, says in NO_FILE.items():
    row(f"weights: {what}", instead("w.npz", what), READ, "w.npz: cannot be read (", says)
row(
    "weights: experiment",
    gone("w.npz"),
    "--experiment rejection --data data --weights w.npz",
    "w.npz: no such weights file",
)
for name in ("a\nb.npz", "\x1b[31m.npz", "ü" * 99 + ".npz"):
    command = ["--predict", "digit", "--reject-below", "1", "--weights", name]
    row(f"weights: named {name!r}", nothing, command, "no such weights file", ".npz")
row(
    "weights: zero byte in the name",
    nothing,
    ["--predict", "digit", "--reject-below", "1", "--weights", "a\0b"],
    r"a\x00b: cannot be read (embedded null byte)",
)
NO_ARCHIVES = {
    "empty": b"", "a text": b"these are no weights\n", "a table": b"0.000000e+00\n" * 3,
    "HTML": HTML, "an array alone": npy(np.zeros(60_000, np.float32)),
    "a pickle alone": pickled(np.array([{"a": 1}], dtype=object)),
    "an array that claims 4 billion": npy(np.zeros(3), shape=(2**32,)),
    "texts": zipped(**dict.fromkeys(NAMES, b"text")), "texts named .npy": zipped(**TEXTS),
    "an empty archive": zipped(), "17 MB": bytes(17 * 2**20), "a tar": b"ustar" * 200,
}  # fmt: skip
for what, content in NO_ARCHIVES.items():
    row(f"weights: {what}", holds("w.npz", content), READ, *NO_WEIGHTS)
for part in (0.001, 0.3, 0.9, 0.999):
    make = changed("w.npz", lambda whole, part=part: whole[: int(part * len(whole))])
    row(f"weights: {part:.1%} of them", make, READ, *NO_WEIGHTS)
row(
    "weights: a byte changed",
    changed("w.npz", lambda whole: whole[:5000] + b"\0\1" + whole[5002:]),
    READ,
    *NO_WEIGHTS,
)
row("weights: encrypted", changed("w.npz", encrypted), READ, *NO_WEIGHTS, "encrypted")
C1 = LeNet5(seed=9).saved()["C1"].copy()
for what, content, says in (
    ("claims 4 billion", npy(C1, shape=(2**32,)), "C1.npy is float32 (4294967296,) in 624 bytes"),
    ("claims less", npy(C1, shape=(155,)), "C1.npy is float32 (155,) in 624 bytes"),
    ("claims less than none", npy(C1, shape=(-1, -156)), ""),
    ("claims a huge type", npy(C1, descr=("<f4", (99999999,))), "in 624 bytes"),
    ("pickle", pickled(np.array([{"a": 1}] * 156, dtype=object)), "C1.npy holds Python objects"),
    ("version 9", npy(C1).replace(b"\x93NUMPY\1", b"\x93NUMPY\x09"), ""),
    ("long header", b"\x93NUMPY\2\0\xff\xff\xff\xff{}", "4294967295"),
    ("deep header", b"\x93NUMPY\1\0\xff\x0f" + b"(" * 4095, ""),
    ("Python 2", npy(C1).replace(b"(156,), }", b"(156L,),}"), "Python 2"),
    ("expands to 64 MB", npy(np.zeros(2**24, np.float32)), "arrays of more than 16,777,216 bytes"),
):
    row(f"weights: C1 {what}", with_member(content), READ, *NO_WEIGHTS, says)
for method in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
    row(
        f"weights: compression {method}",
        with_member(npy(C1), method),
        READ,
        *NO_WEIGHTS,
        "compressed in another way",
    )
OTHER = "weights of another network?"
for what, make, *says in (
    ("shorter", with_array("C3", lambda v: v[:-1]), "C3", "(1515,)", OTHER),
    ("another shape", with_array("C5", lambda v: v.reshape(-1, 120)), "C5", "(401, 120)", OTHER),
    ("longer", with_array("F6", lambda v: np.append(v, v[:1])), "F6", "(10165,)", OTHER),
    ("integers", with_array("S2", lambda v: v.astype(np.int64)), "S2", "int64", OTHER),
    ("text", with_array("S4", lambda v: v.astype(str)), "S4", "<U", OTHER),
    ("complex", with_array("S4", lambda v: v.astype(complex)), "S4", "complex128", OTHER),
    ("structured", with_array("S4", lambda v: np.zeros(32, "f4,f4")), "S4", OTHER),
    ("lacks S4", weights(lambda arrays: arrays.pop("S4")), "w.npz", "S4.npy"),
    ("NaN", with_value(np.nan), "C5 holds numbers that are not finite"),
    ("inf", with_value(np.inf), "C5 holds numbers that are not finite"),
    ("-inf", with_value(-np.inf), "C5 holds numbers that are not finite"),
    # Finite in the float64 of the file and infinite in the network's float32.
    ("1e39", with_value(1e39), "C5 holds numbers that are not finite"),
    ("signalling NaN", with_array("S2", lambda v: np.full(12, 0x7FF4 << 48).view(float)), "S2"),
    ("huge", weights(huge), "penalties are not finite: weights of a network that diverged"),
):
    row(f"weights: {what}", make, READ, *says)
UNKNOWN = "w.npz: the design of this network is not known"
for design, says in (
    ('{"activation": "gelu"}', "activation 'gelu'"), ('{"colour": "red"}', "colour"),
    ('{"codes": "random", "output": "softmax"}', "codes"), ("[1]", ""), ("{", ""), ("null", ""),
    ('{"activation": ["relu"]}', ""), ("[" * 100_000, ""), ('{"a\\nb": 1}', r"a\nb"),
):  # fmt: skip
    make = weights(lambda arrays, design=design: arrays.update(design=np.array(design)))
    row(f"weights: design {design[:40]}", make, READ, UNKNOWN, says)
row(
    "weights: design of no letters",
    weights(lambda arrays: arrays.update(design=np.frombuffer(b"\xff" * 4, "<U1"))),
    READ,
    *NO_WEIGHTS,
)
row(
    "weights: another design",
    weights(lambda arrays: arrays.update(design=np.array('{"output": "softmax"}'))),
    READ,
    "w.npz",
    "OUTPUT",
)
row(
    "weights: margin unknown",
    nothing,
    "--predict digit --weights w.npz",
    "w.npz: its margin to reject is not known; give --reject-below",
)

# --- Pictures ------------------------------------------------------------------------------------

PNG = png(np.repeat([[0, 0, 255, 0, 0]], 9, axis=0))
SIDES = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
HUGE = PNG[:8] + chunk(b"IHDR", SIDES) + chunk(b"IEND", b"")
WANTED = "expected a PNG picture or an IDX file of images"
BAD_PICTURES = {
    "empty": (b"", f"empty, {WANTED}"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(40), f"a JPEG picture, {WANTED}: convert it to PNG"),
    "GIF": (b"GIF89a" + bytes(40), "a GIF picture"),
    "BMP": (b"BM" + bytes(40), "a BMP picture"),
    "TIFF": (b"II*\0" + bytes(40), "a TIFF picture"),
    "WebP": (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP perhaps"),
    "PDF": (b"%PDF-1.4", "a PDF document"),
    "zip": (b"PK\x03\x04" + bytes(40), "a zip archive or weights"),
    "HTML": (HTML, "an HTML page"),
    "SVG": (b"\n <svg/>", "an HTML page"),
    "text": (b"a text\n", f"neither PNG nor IDX (begins with 61 20 74 65), {WANTED}"),
    "cut in its magic": (PNG[:5], "neither PNG nor IDX"),
    "cut in its header": (PNG[:20], "cut short"),
    "half of it": (PNG[: len(PNG) // 2], "cut short"),
    "without its last byte": (PNG[:-1], "cut short"),
    "no IHDR": (PNG.replace(b"IHDR", b"IHDQ"), "damaged PNG"),
    "no header": (PNG[:8] + PNG[33:], "damaged PNG"),
    "no pixels": (PNG[:33] + chunk(b"IEND", b""), "damaged PNG"),
    "no deflate": (PNG[:33] + chunk(b"IDAT", bytes(30)) + chunk(b"IEND", b""), "damaged PNG"),
    "three bits": (PNG[:24] + bytes((3, 0)) + PNG[26:], "damaged PNG"),
    "60000 x 60000": (HUGE, "60000 x 60000 pixels, expected 1 to 4096 a side"),
    "0 x 0": (PNG[:16] + bytes(8) + PNG[24:], "0 x 0 pixels"),
    "no ink": (png(np.zeros((9, 9), int)), "no ink: nothing differs from the background"),
    "IDX of floats": (b"\0\0\x0d\x03" + bytes(12), "data type 0x0d, expected 0x08"),
    "IDX of labels": (idx(np.zeros(2)), "holds uint8 (2,), expected images (N, h, w)"),
    "IDX of none": (header(0, 0, 0), "holds uint8 (0, 0, 0), expected images"),
    "IDX of 1 x 8192": (header(1, 8192, 1) + bytes(8192), "1 x 8192 pixels"),
    "IDX of 4 GB": (header(1, 65535, 65535), "absurd size"),
    "IDX cut": (header(1, 3, 3) + b"abc", "truncated"),
    "IDX without ink": (idx(np.zeros((2, 9, 9))), "[0]: no ink"),
    "gzip of a text": (gzip.compress(b"a text\n"), "not an IDX file"),
    "gzip cut": (gzip.compress(bytes(40))[:-12], "truncated gzip data"),
}
for what, (content, says) in BAD_PICTURES.items():
    row(f"picture: {what}", holds("a.png", content), "--predict a.png", "reproduce.py: a.png", says)
row("picture: missing", nothing, "--predict a.png", "a.png: cannot be read (No such", WANTED)
row("picture: no name", nothing, ["--predict", ""], "--predict", "not the name of a file")
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
    "--states digit: is there already",
)
row("states: no name", nothing, ["--predict", "digit.png", "--states", ""], "--states", "no name")
row("states: below a file", nothing, "--predict digit.png --states digit/s.png", "digit")

# --- A run's config.json, metrics.csv and checkpoint ---------------------------------------------

CONFIG = Path("run") / "config.json"


def config(**fields: Any) -> Make:
    """The good config.json with other fields, and other settings where a field is `settings`."""

    def change(content: bytes) -> bytes:
        found = json.loads(content)
        settings = {**found["settings"], **fields.get("settings", {})}
        return json.dumps({**found, **fields, "settings": settings}).encode()

    return changed(str(CONFIG), change)


BAD_CONFIGS = {
    "empty": (b"", "not JSON"),
    "cut": (b'{"settings": {"da', "not JSON"),
    "no text": (b"\xff\xfe", "not JSON"),
    "nested without end": (b"[" * 90_000, "not JSON"),
    "200 kB": (b" " * 200_000, "too long"),
    "a list": (b"[1]", "lacks one of settings, data_sha256, versions"),
    "a number": (b"1", "lacks one of settings"),
    "no data": (b'{"settings": {"dataset": "mnist"}}', "lacks one of settings"),
    "settings of a list": (b'{"settings": [], "data_sha256": []}', "lacks one of settings"),
    "versions of a list": (
        b'{"settings": {}, "data_sha256": [], "versions": []}', "lacks one of settings",
    ),
    "no data set": (
        b'{"settings": {}, "data_sha256": [], "versions": {}}', "no settings with a dataset",
    ),
}  # fmt: skip
for command in ("--config run/config.json", "--resume run"):
    for what, (content, says) in BAD_CONFIGS.items():
        row(f"{command}: {what}", holds(str(CONFIG), content), command, f"{CONFIG}: ", says)
    row(f"{command}: missing", gone(str(CONFIG)), command, f"{CONFIG}: cannot be read (No such")
    for what, says in NO_FILE.items():
        row(f"{command}: {what}", instead(str(CONFIG), what), command, f"{CONFIG}: cannot", says)
    row(f"{command}: other data", nothing, command, f"{CONFIG}: a run on other data (SHA-256")
BAD_SETTINGS: dict[str, tuple[Any, str]] = {
    "dataset": ("cifar", "dataset 'cifar' is not known"),
    "passes": (0, "passes 0 is out of range"),
    "train_size": (10**400, "out of range"),
    "seed": (1.5, "seed is 1.5, no int"),
    "batch_norm": (1, "batch_norm is 1, no bool"),
    "activation": ("gelu", "activation 'gelu' is not known"),
    "order": (["shuffled"], "order"),
    "criterion": (None, "criterion is None"),
    "learning_rate": ([], "learning_rate is empty"),
    "momentum": (float("nan"), "momentum nan is out of range"),
    "weight_decay": (float("inf"), "weight_decay inf is out of range"),
    "step_at": ([2.5], "step_at not of whole numbers"),
    "warmup": ({}, "warmup is {}, no int"),
    "colour": ("red", "the setting 'colour' is not known"),
    "a\nb": (1, r"the setting 'a\nb' is not known"),
}
for name, (value, says) in BAD_SETTINGS.items():
    make = config(settings={name: value})
    row(f"config: {name} {str(value)[:9]}", make, "--config run/config.json", f"{CONFIG}: ", says)
row(
    "config: a far step",
    config(settings={"schedule": "step", "step_at": [10**9]}),
    "--config run/config.json",
    "step_at 1000000000 is out of range",
)
row("config: no name", nothing, ["--config", ""], "cannot be read (a folder)")
row(
    "config: own data",
    config(settings={"dataset": "custom"}),
    "--config run/config.json",
    "a run on files of one's own: give their folder with --data",
)
row(
    "config: other own data",
    config(settings={"dataset": "custom", "train_size": 12, "test_size": 10}),
    "--config run/config.json --data data",
    "a run on other data (SHA-256 differs)",
)
row(
    "config: too many patterns",
    config(settings={"dataset": "custom"}),
    "--config run/config.json --data data",
    "--train-size 30: custom data has 12 patterns",
)
row("config: summary", gone(str(CONFIG)), "--config run/config.json --summary", "cannot be read")
row("resume: no folder", nothing, "--resume nowhere", "nowhere", "cannot be read (No such")
row("resume: a set", nothing, "--resume .", "holds runs, and is none: give the folder of one")
row("resume: a file", nothing, "--resume digit", "cannot be read (")
row("resume: no run", nothing, "--data data --passes 1 --resume", "no interrupted run")


def ended(patch: pytest.MonkeyPatch) -> None:
    """Everything that a run leaves is there."""
    for name in FILES[:-1]:
        if name != "config.json":
            (Path("run") / name).write_bytes(b"pass\n1\n2\n")


row("resume: ended", ended, "--resume run", "run has ended")

RESUME = "--resume begun --data data --quiet"
CHECKPOINT = str(Path("begun") / FILE)


def saved(change: Callable[[Any, Any], object], end: str = "") -> Make:
    """A checkpoint with other arrays or another state, and a digest that is right for them."""

    def make(patch: pytest.MonkeyPatch) -> None:
        settings, identity = begun(good())
        network = settings.network()
        optimizer = settings.make_optimizer(network)
        state = State.first(12, 0)
        checkpoint.save(CHECKPOINT, network, optimizer, state, [], identity)
        with np.load(CHECKPOINT) as archive:
            arrays = dict(archive)
        told = json.loads(str(arrays.pop("state")))
        del arrays["sha256"]
        change(arrays, told)
        arrays["state"] = np.array(json.dumps(told) + end)
        np.savez(CHECKPOINT, **arrays, sha256=np.array(checkpoint._digest(arrays)))

    return make


for what, content in NO_ARCHIVES.items():
    row(f"checkpoint: {what}", holds(CHECKPOINT, content), RESUME, f"{CHECKPOINT}: cannot be read")
for what, says in NO_FILE.items():
    if what != "loop":  # which is as good as no checkpoint
        row(f"checkpoint: {what}", instead(CHECKPOINT, what), RESUME, f"{CHECKPOINT}: cannot", says)
for what, make in {
    "no JSON": saved(lambda arrays, told: None, "{"),
    "deep JSON": saved(lambda arrays, told: None, "[" * 100_000),
    "no state": saved(lambda arrays, told: told.clear()),
    "another run": saved(lambda arrays, told: told.update(run={})),
    "no place": saved(lambda arrays, told: told.update(place=[])),
    "a place of text": saved(lambda arrays, told: told["place"].update(number="one")),
    "no random numbers": saved(lambda arrays, told: told.update(random={})),
    "other random numbers": saved(lambda arrays, told: told["random"].update(state="x")),
    "results without sense": saved(lambda arrays, told: told.update(results=[{"rates": 1}])),
    "another order": saved(lambda arrays, told: arrays.update(permutation=np.full(12, 99))),
    "a short order": saved(lambda arrays, told: arrays.update(permutation=np.arange(3))),
    "an order of floats": saved(lambda arrays, told: arrays.update(permutation=np.ones(12))),
    "another shape": saved(lambda arrays, told: arrays.update({"network/C1": np.zeros(3)})),
    "short steps": saved(lambda arrays, told: arrays.update(steps=np.zeros(3))),
    "no C3": saved(lambda arrays, told: arrays.pop("network/C3")),
    "NaN": saved(lambda arrays, told: arrays["network/C1"].fill(np.nan)),
}.items():
    row(f"checkpoint: {what}", make, RESUME, f"{CHECKPOINT}: ")

# --- The results ---------------------------------------------------------------------------------

TRAINED = "--data data --passes 1 --quiet"
for command in (TRAINED, f"{TRAINED} --seeds 2", "--data data --experiment cost"):
    row(f"out: below a file: {command}", nothing, f"{command} --out digit/below", "digit")
row(
    "out: a file", nothing, f"{TRAINED} --out digit", "digit: is not a folder; choose another --out"
)
row("out: seeds, a file", nothing, f"{TRAINED} --seeds 2 --out digit", "digit")
row("out: there already", nothing, f"{TRAINED} --out run", "run: holds config.json already")
row(
    "out: experiment there already",
    holds("run/cost.csv", b""),
    "--data data --experiment cost --out run",
    "run: holds cost.csv already; choose",
)
row("out: no name", nothing, ["--out", ""], "not the name of a folder")
row("runs: a file", holds("runs", b""), TRAINED, "runs")
row("runs: a loop", instead("runs", "loop"), TRAINED, "runs")


def nowhere(patch: pytest.MonkeyPatch) -> None:
    """The folder of the results is a link to what is not there."""
    try:
        Path("runs").symlink_to("nowhere", target_is_directory=True)
    except OSError:
        pytest.skip("no symbolic links here")


row("runs: a link to nowhere", nowhere, TRAINED, "runs: File exists")
row("runs: seeds, a link to nowhere", nowhere, f"{TRAINED} --seeds 2", "runs: File exists")

# --- Flags ---------------------------------------------------------------------------------------

CHOICE, WORD = "invalid choice", "expected one argument"
ABOVE, RATE = "is not a number above 0 and at most", ["0", "-1", "nan", "inf", "1e400", "one", ""]
COUNT = ["0", "-5", "two", "1.5", "nan", "", "1" * 5000]
SWITCH = "ignored explicit argument"
# Every flag: what is said of these values, one row each; "=x" is what a switch cannot take.
FLAGS: dict[str, tuple[str, list[str]]] = {
    "--experiment": (CHOICE, ["figure5", "", "COST"]),
    "--weights": ("is not the name of a file", ["", " "]),
    "--predict": ("expected at least one argument", []),
    "--draw": (SWITCH, ["=x"]),
    "--reject-below": (ABOVE, [*RATE, "1000001"]),
    "--states": (WORD, []),
    "--summary": (SWITCH, ["=x"]),
    "--dataset": (CHOICE, ["cifar", "", "MNIST", "custom"]),
    "--data": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--train-size": ("is not a whole number from 1 to", [*COUNT, "1000000001"]),
    "--test-size": ("is not a whole number from 1 to", [*COUNT, "1000000001"]),
    "--out": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--quick": (SWITCH, ["=x"]),
    "--seeds": ("is not a whole number from 1 to", [*COUNT, "1001"]),
    "--jobs": ("is not a whole number from 1 to", [*COUNT, "1001"]),
    "--quiet": (SWITCH, ["=x"]),
    "--config": (WORD, []),
    "--resume": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--variant": (CHOICE, ["2012", ""]),
    "--recipe": (CHOICE, ["none", ""]),
    "--passes": ("is not a whole number from 1 to 10000", [*COUNT, "1000000000"]),
    "--seed": ("is not a whole number from 0 to", ["-1", "x", "0.5", "", "4294967297"]),
    "--patterns": (CHOICE, ["clean"]),
    "--connections": (CHOICE, ["table2"]),
    "--subsampling": (CHOICE, ["min"]),
    "--activation": (CHOICE, ["gelu"]),
    "--output": (CHOICE, ["svm"]),
    "--codes": (CHOICE, ["7x12"]),
    "--input-range": (CHOICE, ["bytes"]),
    "--batch-norm": (SWITCH, ["=x"]),
    "--criterion": (CHOICE, ["hinge"]),
    "--rubbish-penalty": (ABOVE, [*RATE, "81"]),
    "--penalty-scale": (ABOVE, [*RATE, "1001"]),
    "--init": (CHOICE, ["zeros"]),
    "--optimizer": (CHOICE, ["lbfgs"]),
    "--step-sizes": (CHOICE, ["neuron"]),
    "--schedule": (CHOICE, ["exponential"]),
    "--learning-rate": (ABOVE, [*RATE, "1001", ",", "0.1,", "0.1,0", "0.1;0.2"]),
    "--step-at": ("is not a whole number from 2 to", ["1", "0", ",", "2,,3", "2.5", "x", "10001"]),
    "--warmup": ("is not a whole number from 1 to", [*COUNT, "10001"]),
    "--warmup-from": (ABOVE, [*RATE, "1001"]),
    "--momentum": (ABOVE, ["-1", "1", "nan", "x", ""]),
    "--weight-decay": (ABOVE, ["-1", "11", "nan", "x", ""]),
    "--batch-size": ("is not a whole number from 1 to", [*COUNT, "10001"]),
    "--pass-size": ("is not a whole number from 1 to", [*COUNT, "1000000001"]),
    "--order": (CHOICE, ["sorted"]),
}
for flag, (says, values) in FLAGS.items():
    for value in values:
        words = [flag + value] if value == "=x" else [flag, value]
        row(f"{flag} {value[:20]!r}", nothing, words, f"argument {flag}: ", says)
    if "=x" not in values and flag != "--resume":  # which may stand alone
        need = says if flag == "--predict" else WORD
        row(f"{flag} without a value", nothing, flag, f"argument {flag}: {need}")
row("no such flag", nothing, "--nonsense", "unrecognized arguments: --nonsense")
row("a word", nothing, "train", "unrecognized arguments: train")
row("a flag with a line end", nothing, ["--a\nb"], r"unrecognized arguments: --a\nb")
row("half a flag", nothing, "--se 3", "ambiguous option: --se could match")

PREDICT = "--predict digit.png"
LEARNING_FLAGS = {
    "--variant": "modern", "--recipe": "sdlm-avgpool", "--passes": "3", "--seed": "1",
    "--patterns": "noisy", "--connections": "full", "--subsampling": "max", "--activation": "relu",
    "--output": "softmax", "--codes": "random", "--input-range": "unit", "--batch-norm": "",
    "--criterion": "mle", "--rubbish-penalty": "2", "--penalty-scale": "1", "--init": "paper",
    "--optimizer": "adam", "--step-sizes": "parameter", "--schedule": "constant",
    "--learning-rate": "0.1", "--step-at": "3", "--warmup": "3", "--warmup-from": "0.1",
    "--momentum": "0.9", "--weight-decay": "0.1", "--batch-size": "2", "--pass-size": "9",
    "--order": "shuffled",
}  # fmt: skip
OTHER_FLAGS = {
    "--dataset": "printed", "--data": "data", "--train-size": "5", "--test-size": "5",
    "--out": "new", "--seeds": "2", "--jobs": "2", "--config": "run/config.json", "--resume": "run",
    "--experiment": "rejection", "--summary": "", "--quick": "", "--quiet": "",
}  # fmt: skip
for flag, value in {**LEARNING_FLAGS, **OTHER_FLAGS}.items():
    for task, says in ((PREDICT, "--predict"), ("--draw", "--draw")):
        row(
            f"{task} {flag}",
            nothing,
            f"{task} {flag} {value}",
            f"{flag} says nothing to {says}: leave it out",
        )
row(f"{PREDICT} --draw", nothing, f"{PREDICT} --draw", "--predict says nothing to --draw")
row("--draw --states", nothing, "--draw --states s.png", "--states says nothing to --draw")
row("--draw weights", nothing, "--draw --weights none.npz", "none.npz")
for flag, value in LEARNING_FLAGS.items():
    row(
        f"rejection {flag}",
        nothing,
        f"--experiment rejection {flag} {value}",
        f"{flag} says nothing to --experiment rejection: leave it out",
    )
    if flag not in ("--passes", "--seed", "--patterns", "--order"):
        row(
            f"ablation {flag}",
            nothing,
            f"--experiment ablation {flag} {value}",
            f"{flag} says nothing to --experiment ablation",
        )
    row(
        f"config {flag}",
        nothing,
        f"--config run/config.json {flag} {value}",
        f"{flag} contradicts --config, which tells all of that: leave it out",
    )
CONTRADICTIONS = {
    "--experiment cost --weights 1998": "--weights says nothing to",
    "--experiment baselines --weights 1998": "--weights says nothing to",
    "--experiment confusion --seeds 2": "--seeds says nothing to",
    "--experiment confusion --jobs 2": "--jobs says nothing to",
    "--experiment confusion --config run/config.json": "--config says nothing to",
    "--experiment confusion --resume": "--resume says nothing to",
    "--experiment confusion --summary": "--summary says nothing to",
    "--experiment confusion --quick": "--quick says nothing to",
    "--experiment distortions --patterns noisy": "--patterns says nothing to",
    "--weights 1998": "--weights says nothing to",
    "--reject-below 3": "--reject-below says nothing to",
    "--states s.png": "--states says nothing to",
    "--quick": "--quick says nothing to",
    "--variant modern --recipe sdlm-avgpool": "give one",
    "--experiment ablation --summary": "--summary says nothing to",
    "--jobs 2": "ask for at least as many with --seeds",
    "--seeds 2 --jobs 3": "ask for at least as many with --seeds",
    "--config run/config.json --resume run": "--config and --resume both tell a run: give one",
    "--config run/config.json --seeds 2": "--seeds contradicts --config",
    "--config run/config.json --dataset mnist": "--dataset contradicts --config",
    "--config run/config.json --experiment ablation": "--experiment contradicts --config",
    "--config run/config.json --train-size 9": "--train-size contradicts --config",
    "--resume run --out new": "--out contradicts --resume DIR",
    "--resume run --passes 3": "--passes contradicts --resume DIR",
    "--criterion mle --rubbish-penalty 3": "belongs to eq. 9",
    "--criterion cross-entropy": "rbf does not go with",
    "--output softmax --criterion map": "softmax does not go with --criterion map",
    "--output softmax --codes random": "codes 'random'",
    "--optimizer adam --step-sizes parameter": "belongs to --optimizer sdlm",
    "--optimizer adam --momentum 0.9": "nothing to --optimizer adam",
    "--step-at 3": "belongs to --schedule step",
    "--warmup 3": "belongs to --schedule cosine",
    "--warmup-from 0.1": "belongs to --schedule cosine",
    "--learning-rate 0.1,0.2": "belong to --schedule step",
    "--schedule step --learning-rate 0.1,0.2": "give one more",
    "--schedule step --step-at 5,3": "ascending",
    "--schedule cosine --warmup 20 --warmup-from 0.1": "does not go into",
    "--schedule cosine --warmup 3": "must be above 0",
    "--dataset printed --data data": "leave out the folder data",
    "--data data --train-size 13": "--train-size 13: custom data has 12 patterns there",
    "--data data --test-size 11": "--test-size 11: custom data has 10 patterns there",
    "--dataset printed --train-size 5001": "--train-size 5001: printed digits has 5000",
    "--dataset printed --test-size 1001": "--test-size 1001: printed digits has 1000",
    "--data data --experiment baselines --train-size 2 --out new": "k is 3: expected 1 to the 2",
}
for command, says in CONTRADICTIONS.items():
    row(command, nothing, command, says)


# --- The tests -----------------------------------------------------------------------------------


def run(words: list[str]) -> int | str | None:
    """The status with which a command ends."""
    try:
        return reproduce.main(words)
    except SystemExit as stop:  # argparse's own exit
        return stop.code


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything below a folder, with sizes and times of change; of folders the names alone."""
    found = {}
    for path in folder.rglob("*"):
        about = path.lstat()
        found[str(path)] = (0, 0) if path.is_dir() else (about.st_size, about.st_mtime_ns)
    return found


@pytest.mark.parametrize(("make", "words", "says"), TABLE)
def test_a_mistake_is_told_in_one_line_and_nothing_is_written(
    make: Make,
    words: list[str],
    says: tuple[str, ...],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    make(monkeypatch)
    before = files(folder)
    assert run(words) == 2
    error = capfd.readouterr().err
    one_line(error, *says)
    assert error[:-1].isprintable()
    assert files(folder) == before


def one_line(error: str, *says: str) -> None:
    """Require one line of reproduce.py that says this."""
    assert error.startswith("reproduce.py: ") and error.count("\n") == 1 and error.endswith("\n")
    for part in says:
        assert part in error


WRITING = [
    TRAINED,
    f"{TRAINED} --seeds 2",
    f"{TRAINED} --experiment training-size",
    f"{TRAINED} --experiment ablation",
    "--data data --experiment cost",
    "--data data --experiment cost --out new",
    "--predict digit.png --states new/s.png",
]


@pytest.mark.parametrize("command", WRITING)
def test_results_that_may_not_be_written(command: str, folder: Path, monkeypatch, capfd) -> None:
    """Root may write anywhere, so the system's answer is given here."""

    def refuses(path: Any, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system", os.fspath(path))

    before = files(folder)
    monkeypatch.setattr(Path, "mkdir", refuses)
    assert run(shlex.split(command)) == 2
    one_line(capfd.readouterr().err, ": Read-only file system")
    assert files(folder) == before


@pytest.mark.parametrize(
    ("command", "where", "writes", "named"),
    [
        (TRAINED, Path, "write_text", "config.json"),
        (TRAINED, np, "savez_compressed", "weights.npz"),
        (TRAINED, csv, "writer", "metrics.csv"),
        (TRAINED, matplotlib.figure.Figure, "savefig", "figure5.png"),
        ("--data data --experiment cost", csv, "writer", "cost.csv"),
        ("--data data --experiment cost", matplotlib.figure.Figure, "savefig", "figures11-12.png"),
        ("--predict digit.png --states s.png", matplotlib.figure.Figure, "savefig", "s.png"),
        (TRAINED, os, "fsync", "config.json"),
    ],
)
def test_a_full_disk_is_told_with_the_file(
    command: str, where: Any, writes: str, named: str, folder: Path, monkeypatch, capfd
) -> None:
    """Whatever writes: one line that names the file, no half of it, nothing of another name."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = files(folder)
    monkeypatch.setattr(where, writes, full)
    assert run(shlex.split(command)) == 2
    one_line(capfd.readouterr().err, f"{named}: No space left on device")
    new = [path for path in folder.rglob("*") if str(path) not in before]
    assert not [path for path in new if path.name.startswith(".")]
    assert not [path for path in new if path.name == named and path.stat().st_size]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("command", ["--summary", "--data data --experiment cost"])
def test_output_to_a_full_disk(command: str, folder: Path) -> None:
    script = Path(reproduce.__file__).resolve()
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, str(script), *shlex.split(command)], stdout=full, text=True,
            stderr=subprocess.PIPE, check=False, env={**os.environ, "PYTHONUNBUFFERED": ""},
        )  # fmt: skip
    assert done.returncode == 2
    one_line(done.stderr, "the output: No space left on device")


def test_every_flag_is_in_the_table() -> None:
    parser, _ = flags.make_parser()
    known = {name for action in parser._actions for name in action.option_strings}
    assert set(FLAGS) == known - {"-h", "--help"}
    told = {word.removesuffix("=x") for row in TABLE for word in row.values[1]}
    assert set(FLAGS) <= told


def test_the_good_inputs_are_good(folder: Path) -> None:
    """Else the rows above would be wrong for another reason than they say."""
    assert run(shlex.split(f"{READ} --states s.png")) == 0
    assert run(shlex.split("--predict digit digit.png")) == 0
    assert run(shlex.split(f"{TRAINED} --out new")) == 0
    assert run(shlex.split("--data data --experiment cost")) == 0
    assert run(shlex.split("--config run/config.json --summary")) == 0
