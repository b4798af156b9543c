"""Whatever the bytes of a file, its reader gives a valid result or an InputError, and soon.

LENET1998_FUZZ=20000 python -m pytest tests/test_fuzz.py  reads so many inputs a reader, others each
time; without the variable a few hundred, always the same.
"""

import gzip
import io
import json
import os
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, currently_in_test_context, event, example, given, settings
from hypothesis import strategies as st
from pictures import PALETTE, RGBA, chunk, jpeg, png

from lenet1998 import files, paper
from lenet1998.data import bitmaps
from lenet1998.data.idx import LARGEST_IDX, read_idx, read_images, read_labels
from lenet1998.files import InputError
from lenet1998.handwriting import pictures
from lenet1998.handwriting.headers import JPEG, PNG
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run.config import read_config
from lenet1998.run.settings import Settings

MANY = os.environ.get("LENET1998_FUZZ")


def fuzz(default: int) -> settings:
    """So many inputs, none of them for longer than seconds; nothing is kept on disk."""
    return settings(
        max_examples=int(MANY or default),
        deadline=timedelta(seconds=10),
        derandomize=not MANY,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "file"


def tried(reader: Callable[[Path], Any], path: Path, content: bytes, bound: int) -> Any:
    """What the reader gives, None where it refuses; never more memory than `bound` bytes."""
    path.write_bytes(content)
    tracemalloc.start()
    try:
        found = reader(path)
    except InputError as error:
        found = None
        assert str(error).startswith(str(path)) and "\n" not in str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < bound, f"{peak:,} bytes allocated, at most {bound:,} are promised"
    if currently_in_test_context():
        event("refused" if found is None else "read")  # for --hypothesis-show-statistics
    return found


# --- Inputs ------------------------------------------------------------------------------------

HOSTILE = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 1]


@st.composite
def mutated(draw: st.DrawFn, valid: Sequence[bytes]) -> bytes:
    """A valid file after a few changes: bits, bytes, blocks, fields of its headers."""
    content = bytearray(draw(st.sampled_from(valid)))
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(("flip", "insert", "delete", "cut", "swap", "field")))
        # Headers are at the beginning and at the end.
        at = draw(st.integers(0, len(content)) | st.integers(0, min(100, len(content))))
        at = draw(st.sampled_from((at, len(content) - at)))
        size = draw(st.sampled_from((1, 2, 4, 8, 60)))
        if kind == "flip" and content:
            content[at % len(content)] ^= draw(st.integers(1, 255))
        elif kind == "insert":
            content[at:at] = draw(st.binary(max_size=size))
        elif kind == "delete":
            del content[at : at + size]
        elif kind == "cut":
            del content[at:]
        elif kind == "swap":
            to = draw(st.integers(0, len(content)))
            block = content[at : at + size]
            content[at : at + size] = content[to : to + len(block)]
            content[to : to + len(block)] = block
        elif kind == "field":
            number, order = draw(st.sampled_from(HOSTILE)), draw(st.sampled_from(("big", "little")))
            width = min(size, 8)
            field = (number % 2 ** (8 * width)).to_bytes(width, order)  # type: ignore[arg-type]
            content[at : at + width] = field
    return bytes(content)


def idx(shape: tuple[int, ...], body: bytes | None = None) -> bytes:
    """An IDX file; without `body`, one with the data that its header promises."""
    body = random.Random(0).randbytes(int(np.prod(shape))) if body is None else body
    return struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape) + body


IDX = [idx((3,)), idx((2, 28, 28)), idx((0, 28, 28), b""), idx((2, 3, 4)), idx((1,) * 32)]
HEADERS = st.builds(
    lambda sizes, body: struct.pack(f">4B{len(sizes)}I", 0, 0, 8, len(sizes), *sizes) + body,
    st.lists(st.sampled_from([n for n in HOSTILE if n < 2**32]) | st.integers(0, 9), max_size=6),
    st.binary(max_size=300),
)
RAW = st.binary(max_size=600) | mutated(IDX) | HEADERS


def member(header: str, body: bytes, version: int = 1, length: int | None = None) -> bytes:
    """An .npy file with this header; `length` is what it says of the header's length."""
    text = header.encode("utf-8", "replace")
    said = len(text) if length is None else length
    length_field = struct.pack("<H", said % 2**16) if version == 1 else struct.pack("<I", said)
    return b"\x93NUMPY" + bytes((version, 0)) + length_field + text + body


def zipped(
    members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, claims: int | None = None
) -> bytes:
    """A zip archive; `claims` is the size that it gives for what all its members expand to."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    found = bytearray(file.getvalue())
    if claims is not None:
        for mark, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
            at = found.find(mark)
            while at >= 0:
                found[at + place : at + place + 4] = struct.pack("<I", claims)
                at = found.find(mark, at + 4)
    return bytes(found)


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def saved(design: str = "") -> bytes:
    """Weights that are all 0, and so a small file."""
    network, file = LeNet5(), io.BytesIO()
    arrays: dict[str, Any] = {name: np.zeros_like(v) for name, v in network.saved().items()}
    if design:
        arrays["design"] = np.array(design)
    np.savez_compressed(file, **arrays)
    return file.getvalue()


WEIGHTS = [saved(), saved('{"activation": "relu"}')]
MEMBERS = members_of(WEIGHTS[0])
DESCR = st.sampled_from(
    ["'<f4'", "'>f8'", "'<f2'", "'<c8'", "'<i4'", "'|O'", "'<U1'", "'<U40'", "'|S9'", "'|V4'", "''",
     "'<M8[s]'", "[('a', '<f4')]", "('<f4', (2000000000,))", "[('a', '|O')]", "'\\d'", "0", "None"]
)  # fmt: skip
SHAPE = st.lists(st.sampled_from([-1, 0, 1, 2, 12, 156, *HOSTILE]), max_size=4).map(tuple).map(str)
HEADER = st.builds(
    "{{'descr': {}, 'fortran_order': {}, 'shape': {}}}".format,
    DESCR,
    st.sampled_from(["False", "True", "0"]),
    SHAPE | st.sampled_from(["(156,)", "(156L,)", "()", "(" * 300, "-" * 3000 + "1", "(1e9,)"]),
) | st.text(max_size=60)


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Weights with one member that has another header, body, compression or size."""
    body = draw(st.binary(max_size=80) | st.integers(0, 700).map(bytes))
    other = member(
        draw(HEADER), body, draw(st.sampled_from((1, 1, 2, 3))),
        draw(st.none() | st.sampled_from(HOSTILE[:9])),
    )  # fmt: skip
    name = draw(st.sampled_from([*MEMBERS, "design.npy", "C1"]))
    method = draw(st.sampled_from((8, 8, zipfile.ZIP_STORED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)))
    claims = draw(st.none() | st.sampled_from(HOSTILE[:9]))
    return zipped({**MEMBERS, name: other}, method, claims)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.sampled_from([*HOSTILE, 10**400, "relu", "softmax", "adam", "step", "map"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)  # fmt: skip
PARTS = st.sampled_from(["connections", "activation", "output", "codes", "batch_norm", "a\nb", ""])
DESIGN_TEXTS = (
    st.dictionaries(PARTS, JSON, max_size=3).map(json.dumps)
    | JSON.map(json.dumps)
    | st.text(max_size=40)
    | st.integers(0, 100_000).map(lambda n: "[" * n)
)
DESIGNS = DESIGN_TEXTS.map(
    lambda text: zipped(
        {**MEMBERS, "design.npy": member(f"{{'descr': '<U{len(text)}', 'fortran_order': False, "
                                         "'shape': ()}", text.encode("utf-32-le", "surrogatepass"))}
    )
)  # fmt: skip

STEPS = Settings("printed", schedule="step", learning_rate=(0.1, 0.2), step_at=(3,))
CONFIG: dict[str, Any] = {
    "settings": STEPS.as_json(),
    "data_sha256": ["a", "b"],
    "versions": {"lenet1998": "0"},
}  # fmt: skip
CONFIGS = st.builds(
    lambda name, value, where: json.dumps(
        {**CONFIG, "settings": {**CONFIG["settings"], name: value}} if where
        else {**CONFIG, name: value}
    ).encode(),
    st.sampled_from([*CONFIG["settings"], *CONFIG, "colour"]),
    JSON | st.lists(JSON, max_size=3),
    st.booleans(),
)  # fmt: skip
BITMAP = b"#######\n" * 6 + b".......\n" * 6
PICTURES = [
    png(np.arange(6).reshape(2, 3)),
    png(np.arange(24).reshape(2, 3, 4), colour=RGBA),
    png(np.array([[0, 1, 1, 0]]), 1, PALETTE, chunk(b"PLTE", bytes(6))),
]


# --- Readers -----------------------------------------------------------------------------------


def check_idx(path: Path, content: bytes, decompressed: Callable[[], bytes], most: int) -> None:
    found = tried(read_idx, path, content, 2 * 2**20 + min(most, LARGEST_IDX))
    if found is not None:  # nothing of the file was left out
        assert found.dtype == np.uint8
        assert decompressed() == idx(found.shape, found.tobytes())
    for reader, low in ((read_images, 3), (read_labels, 1)):
        special = tried(reader, path, content, 2 * 2**20 + min(most, LARGEST_IDX))
        assert special is None or (special.ndim == low and len(special) > 0)


@fuzz(150)
@given(RAW)
def test_idx(path: Path, content: bytes) -> None:
    if content[:2] != b"\x1f\x8b":
        check_idx(path, content, lambda: content, len(content))


@fuzz(150)
@given(
    st.binary(max_size=300).map(lambda rest: b"\x1f\x8b\x08" + rest)
    | mutated([gzip.compress(one) for one in IDX])
    | RAW.map(gzip.compress)
    | st.builds(lambda a, b: gzip.compress(a) + gzip.compress(b), mutated(IDX), st.binary())
)
def test_idx_in_gzip(path: Path, content: bytes) -> None:
    if content[:2] == b"\x1f\x8b":
        check_idx(path, content, lambda: gzip.decompress(content), 1032 * len(content))


@fuzz(150)
@given(
    st.binary(max_size=200)
    | st.text("#.\r\n\ufeffx", max_size=200).map(str.encode)
    | mutated([BITMAP, b"\xef\xbb\xbf" + BITMAP.replace(b"\n", b"\r\n"), BITMAP[:-1]])
)
def test_bitmap(path: Path, content: bytes) -> None:
    found = tried(bitmaps.read_bitmap, path, content, 2**17)
    if found is not None:
        assert np.shape(found) == (paper.CODE_HEIGHT, paper.CODE_WIDTH)
        assert set(np.ravel(found)) <= {paper.CODE_ON, paper.CODE_OFF}


@fuzz(150)
@given(st.binary(max_size=300) | mutated(WEIGHTS) | archives() | DESIGNS)
@example(zipped({**MEMBERS, "design.npy": member("{'descr': '<U1', 'fortran_order': False, "
                                                 "'shape': ()}", b"\xff" * 4)}))  # fmt: skip
def test_weights(path: Path, content: bytes) -> None:
    found = tried(LeNet5.load, path, content, 5 * files.LARGEST_ARRAYS)
    if found is not None:
        assert np.isfinite(found.parameters).all()
        assert found.penalties(np.zeros((28, 28), np.uint8)).shape == (1, 10)


@fuzz(100)
@given(st.binary(max_size=200) | mutated([json.dumps(CONFIG).encode()]) | CONFIGS)
def test_config(path: Path, content: bytes) -> None:
    found = tried(read_config, path, content, 100 * files.LARGEST_JSON)
    if found is not None:
        chosen = found[0]
        assert Settings.from_json(chosen.as_json()) == chosen
        assert len(chosen.etas()) == chosen.passes


@fuzz(100)
@given(
    st.binary(max_size=200).map(lambda rest: PNG + rest)
    | st.binary(max_size=200).map(lambda rest: JPEG + rest)
    | mutated([*PICTURES, jpeg(np.arange(0, 240, 10, np.uint8).reshape(4, 6), 6)])
)
def test_picture(path: Path, content: bytes) -> None:
    found = tried(lambda path: list(pictures.read(path)), path, content, 2**30)
    if found is not None:
        assert all(one.image.ndim == 2 and np.isfinite(one.image).all() for one in found)


# --- Claims ------------------------------------------------------------------------------------

FLOATS = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,)}"


def many_members(size: int) -> bytes:
    """An archive that is nothing but a directory."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", *[0] * 11, 1, *[0] * 6) + b"a"
    listed = entry * (size // len(entry))
    return listed + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, len(listed), 0, 0)


def bombs() -> dict[str, tuple[Callable[[Path], Any], bytes, int]]:
    """Files that claim, or expand to, far more than their readers promise to take."""
    small, large = 2 * 2**20, 5 * files.LARGEST_ARRAYS
    full = {**MEMBERS, "C1.npy": member(FLOATS % 2**25, bytes(2**27))}
    return {
        "4 billion images": (read_images, idx((2**32 - 1, 28, 28), b""), small),
        "4 billion labels, gz": (read_labels, gzip.compress(idx((2**32 - 1,), b"")), small),
        "900 MB": (read_idx, idx((900_000_000,), bytes(99)), small),
        "900 MB, gz": (read_idx, gzip.compress(idx((900_000_000,), b"")), small),
        "gzip goes on": (read_idx, gzip.compress(idx((3,)) + bytes(2**27), 1), small),
        "npy of 4 billion floats": (LeNet5.load, member(FLOATS % 2**32, b""), large),
        "npz of 4 billion floats": (
            LeNet5.load, zipped({**MEMBERS, "C1.npy": member(FLOATS % 2**32, b"")}), large,
        ),
        "npz of a long header": (
            LeNet5.load, zipped({**MEMBERS, "C1.npy": member("", b"", 2, 2**32 - 1)}), large,
        ),
        "npz that expands": (LeNet5.load, zipped(full), large),
        "npz that expands and says no": (
            LeNet5.load, zipped(full, claims=2000), large,
        ),
        "npz of many members": (LeNet5.load, many_members(2**23), large),
        "a long file": (LeNet5.load, bytes(2**25), large),
        "a long bitmap": (bitmaps.read_bitmap, b"#" * 2**23, 2**17),
        "a long config": (read_config, b" " * 2**25, 100 * files.LARGEST_JSON),
    }  # fmt: skip


def test_claims_are_refused_before_anything_is_allocated(path: Path) -> None:
    for name, (reader, content, bound) in bombs().items():
        assert tried(reader, path, content, bound) is None, name
