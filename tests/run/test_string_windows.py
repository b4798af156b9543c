"""A run on windows of strings: its errors, its checkpoint, and what it leaves."""

import csv
import itertools
from pathlib import Path

import pytest

import reproduce
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run.stop import StopOnSignal

FLAGS = [
    *("--dataset", "printed", "--train-size", "300", "--test-size", "100", "--passes", "2"),
    *("--patterns", "windows", "--weights", "distortions", "--quiet"),
]


def test_a_run_on_windows_stopped_and_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reproduce.main([*FLAGS, "--out", "whole"]) == 0
    assert "windows, with digits-and-space, from distortions" in capsys.readouterr().out
    blocks = itertools.count()
    with monkeypatch.context() as patch:
        patch.setattr(StopOnSignal, "__call__", lambda self: next(blocks) == 8)
        assert reproduce.main([*FLAGS, "--out", "run"]) == 130
    assert reproduce.main(["resume", "run", "--quiet"]) == 0
    whole, again = (LeNet5.load(Path(name) / "weights.npz") for name in ("whole", "run"))
    assert whole.sha256() == again.sha256() and whole.classes == 11
    with open("run/metrics.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [sum(int(row[f"test_errors_{c}"]) for c in range(11)) for row in rows] == [
        round(float(row["test_error_percent"])) for row in rows
    ]
