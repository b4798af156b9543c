"""Bad input: results that cannot be written, and output that nobody takes."""

import csv
import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pytest
from bad_input import Make, Refused, Table, files, holds, instead, nothing, one_line, run

import reproduce

TABLE = Table()
row = TABLE.row

TRAINED = "--data data --passes 1 --quiet"
for command in (TRAINED, f"{TRAINED} --seeds 2", "experiment cost"):
    row(f"out: below a file: {command}", nothing, f"{command} --out digit/below", "digit")
row(
    "out: a file", nothing, f"{TRAINED} --out digit", "digit: is not a folder; choose another --out"
)
row("out: seeds, a file", nothing, f"{TRAINED} --seeds 2 --out digit", "digit")
row("out: there already", nothing, f"{TRAINED} --out run", "run: holds config.json already")
row(
    "out: experiment there already",
    holds("run/cost.csv", b""),
    "experiment cost --out run",
    "run: holds cost.csv already; choose",
)
row("page: a folder that cannot be", nothing, "page digit/x.html", "digit")
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


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_results_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error


WRITING = [
    TRAINED,
    f"{TRAINED} --seeds 2",
    f"{TRAINED} --experiment training-size",
    f"{TRAINED} --experiment ablation",
    "experiment cost",
    "experiment cost --out new",
    "--predict digit.png --states new/s.png",
]


@pytest.mark.parametrize("command", WRITING)
def test_results_that_may_not_be_written(
    command: str, good_inputs: Path, monkeypatch, capfd
) -> None:
    """Root may write anywhere, so the system's answer is given here."""

    def refuses(path: Any, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system", os.fspath(path))

    before = files(good_inputs)
    monkeypatch.setattr(Path, "mkdir", refuses)
    assert run(shlex.split(command)) == 2
    one_line(capfd.readouterr().err, ": Read-only file system")
    assert files(good_inputs) == before


@pytest.mark.parametrize(
    ("command", "where", "writes", "named"),
    [
        (TRAINED, Path, "write_text", "config.json"),
        (TRAINED, np, "savez_compressed", "weights.npz"),
        (TRAINED, csv, "writer", "metrics.csv"),
        (TRAINED, matplotlib.figure.Figure, "savefig", "figure5.png"),
        ("experiment cost", csv, "writer", "cost.csv"),
        ("experiment cost", matplotlib.figure.Figure, "savefig", "figures11-12.png"),
        ("--predict digit.png --states s.png", matplotlib.figure.Figure, "savefig", "s.png"),
        (TRAINED, os, "fsync", "config.json"),
    ],
)
def test_a_full_disk_is_told_with_the_file(
    command: str, where: Any, writes: str, named: str, good_inputs: Path, monkeypatch, capfd
) -> None:
    """Whatever writes: one line that names the file, no half of it, nothing of another name."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = files(good_inputs)
    monkeypatch.setattr(where, writes, full)
    assert run(shlex.split(command)) == 2
    one_line(capfd.readouterr().err, f"{named}: No space left on device")
    new = [path for path in good_inputs.rglob("*") if str(path) not in before]
    assert not [path for path in new if path.name.startswith(".")]
    assert not [path for path in new if path.name == named and path.stat().st_size]


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.parametrize("command", ["summary", "experiment cost"])
def test_output_to_a_full_disk(command: str, good_inputs: Path) -> None:
    script = Path(reproduce.__file__).resolve()
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, str(script), *shlex.split(command)], stdout=full, text=True,
            stderr=subprocess.PIPE, check=False, env={**os.environ, "PYTHONUNBUFFERED": ""},
        )  # fmt: skip
    assert done.returncode == 2
    one_line(done.stderr, "the output: No space left on device")


def test_the_good_inputs_are_good(good_inputs: Path) -> None:
    """Else the rows above would be wrong for another reason than they say."""
    assert run(shlex.split("--predict digit --reject-below 1 --weights w.npz --states s.png")) == 0
    assert run(shlex.split("--predict digit digit.png")) == 0
    assert run(shlex.split(f"{TRAINED} --out new")) == 0
    assert run(shlex.split("predict digit.png")) == 0
    assert run(shlex.split("experiment cost")) == 0
