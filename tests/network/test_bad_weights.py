"""Bad input: files of weights."""

import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bad_input import (
    NO_ARCHIVES,
    NO_FILE,
    Make,
    Refused,
    Table,
    changed,
    gone,
    holds,
    instead,
    nothing,
    npy,
    pickled,
)

from lenet1998.network.design import Design
from lenet1998.network.lenet5 import LeNet5

TABLE = Table()
row = TABLE.row

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


def with_member(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> Make:
    """The good weights with a member C1.npy that NumPy would not have written."""

    def make(patch: pytest.MonkeyPatch) -> None:
        with zipfile.ZipFile("w.npz") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile("w.npz", "w", method) as archive:
            for name, own in {**members, "C1.npy": content}.items():
                archive.writestr(name, own)

    return make


def doubled(patch: pytest.MonkeyPatch) -> None:
    """The good weights with a second C1.npy."""
    with zipfile.ZipFile("w.npz", "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("C1.npy", archive.read("C1.npy"))


def encrypted(content: bytes) -> bytes:
    """An archive whose directory says that everything needs a password."""
    found = bytearray(content)
    at = found.find(b"PK\1\2")
    while at >= 0:
        found[at + 8] |= 1
        at = found.find(b"PK\1\2", at + 4)
    return bytes(found)


row("weights: a member twice", doubled, READ, *NO_WEIGHTS, "an array is there twice")
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
    message = "w.npz: a folder without" if what == "folder" else "w.npz: cannot be read ("
    row(f"weights: {what}", instead("w.npz", what), READ, message, says)
row(
    "weights: of another database",
    lambda patch: LeNet5(design=Design(network="lenet1")).save("w.npz"),
    READ,
    "w.npz: a network of the 16x16 database, which this command does not make",
)
row(
    "weights: experiment",
    gone("w.npz"),
    "--experiment rejection --data data --weights w.npz",
    "w.npz: no such weights file",
)
for name in ("a\nb.npz", "\x1b[31m.npz", "a\0b", "ü" * 99 + ".npz"):
    command = ["--predict", "digit", "--reject-below", "1", "--weights", name]
    says = "no such weights file" if name.isprintable() else "is not the name of a file"
    row(f"weights: named {name!r}", nothing, command, says)
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
    ('{"activation": "gelu"}', "activation is 'gelu'"), ('{"colour": "red"}', "colour"),
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
for text, says in (
    (b"{", "not JSON"),
    (b"[1]", "not a JSON object"),
    (b"{}", "reject_below is None"),
    (b'{"reject_below": NaN}', "reject_below is nan"),
    (b'{"reject_below": "5"}', "expected a number"),
    (b" " * 100_001, "too long"),
):
    row(
        f"weights: margin {says}",
        holds("rejection.json", text),
        "--predict digit --weights w.npz",
        "rejection.json: ",
        says,
        "run the experiment rejection again",
    )


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_weights_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error
