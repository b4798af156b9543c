"""Every input that the package reads, against every way in which it can be wrong.

The tables stand beside the tests of what reads the input: `data/test_bad_data.py`,
`network/test_bad_weights.py`, `handwriting/test_bad_pictures.py`, `run/test_bad_runs.py`,
`cli/test_bad_flags.py` and `cli/test_bad_results.py`.  A row is a name, what makes the files, the
command line, and what the message must say.  Each table is one test, on the fixture `refused` of
`conftest.py`: status 2, exactly one line on stderr, and nothing written.
"""

import json
import os
import shlex
import shutil
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import png

import reproduce
from lenet1998.data.patterns import Patterns
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run.config import identity, surroundings
from lenet1998.run.settings import Settings

Make = Callable[[pytest.MonkeyPatch], object]
Refused = Callable[[Make, list[str]], str]


class Table:
    """Rows of mistakes: parameters (make, words, says) of a test."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def row(self, what: str, make: Make, command: str | list[str], *says: str) -> None:
        """Add a row; the command may be a list where a shell would not do."""
        words = shlex.split(command) if isinstance(command, str) else command
        self.rows.append(pytest.param(make, words, says, id=what))


# --- What makes the files ----------------------------------------------------------------------
# Each works in an empty folder that holds good inputs of every kind: see `conftest.good_inputs`.


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
    files["digit.png"] = files["line.png"] = files["page.png"] = PNG
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


# --- Contents that several readers refuse --------------------------------------------------------

HTML = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>"
PNG = png(np.repeat([[0, 0, 255, 0, 0]], 9, axis=0))
NAMES = ("C1", "S2", "C3", "S4", "C5", "F6")


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


TEXTS = {f"{name}_npy": b"text" for name in NAMES}
NO_ARCHIVES = {
    "empty": b"", "a text": b"these are no weights\n", "a table": b"0.000000e+00\n" * 3,
    "HTML": HTML, "an array alone": npy(np.zeros(60_000, np.float32)),
    "a pickle alone": pickled(np.array([{"a": 1}], dtype=object)),
    "an array that claims 4 billion": npy(np.zeros(3), shape=(2**32,)),
    "texts": zipped(**dict.fromkeys(NAMES, b"text")), "texts named .npy": zipped(**TEXTS),
    "an empty archive": zipped(), "17 MB": bytes(17 * 2**20), "a tar": b"ustar" * 200,
}  # fmt: skip


# --- Running -------------------------------------------------------------------------------------


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


def one_line(error: str, *says: str) -> None:
    """Require one line that says this."""
    assert error.startswith("lenet1998: ") and error.count("\n") == 1 and error.endswith("\n")
    for part in says:
        assert part in error
