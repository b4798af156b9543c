"""What all tests share: NumPy on one thread, good inputs of every kind, and how bad ones end."""

import os
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before any test imports NumPy: threads slow small products

import pytest

pytest.register_assert_rewrite("bad_input", "check", "layer_contract", "pictures", "reference")

import lenet1998.figures  # noqa: F401  # fills the cache of matplotlib before any test

# isort: split
from bad_input import Make, Refused, files, good, holds, one_line, run

from lenet1998.data import datasets, idx
from lenet1998.data.catalogue import MIRRORS


@pytest.fixture
def own_data(tmp_path: Path) -> None:
    """Two data sets of one's own in the folders a and b: the same images, other labels."""
    train, test = (patterns.subset(60) for patterns in datasets.load_printed())
    for name, labels in (("a", train.labels), ("b", train.labels[::-1])):
        (tmp_path / name).mkdir()
        for kind, patterns, own in (("train", train, labels), ("t10k", test, test.labels)):
            idx.write_idx(tmp_path / name / f"{kind}-images-idx3-ubyte", patterns.images)
            idx.write_idx(tmp_path / name / f"{kind}-labels-idx1-ubyte", own)


@pytest.fixture
def good_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with good inputs of every kind; no data elsewhere, no network."""
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


@pytest.fixture
def refused(
    good_inputs: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Refused:
    """Runs a row of a table: status 2, one line, nothing written; returns the line."""

    def check(make: Make, words: list[str]) -> str:
        make(monkeypatch)
        before = files(good_inputs)
        assert run(words) == 2
        error = capfd.readouterr().err
        one_line(error)
        assert error[:-1].isprintable()
        assert files(good_inputs) == before
        return error

    return check
