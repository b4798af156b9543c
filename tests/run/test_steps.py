"""What a single run may leave besides its usual files: steps.csv, and the weights of every pass."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lenet1998 import InputError
from lenet1998.data.datasets import load_printed
from lenet1998.files import write_csv
from lenet1998.learning.state import Stopped
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run.folder import finished
from lenet1998.run.learn import learn
from lenet1998.run.run import KEEP, Run
from lenet1998.run.settings import Settings, choose
from lenet1998.run.steps import FILE, HEAD
from tests.experiments.test_experiments import rows_of

WEIGHTS = ["weights-001.npz", "weights-002.npz"]


@pytest.fixture
def settings() -> Settings:
    return choose(
        {"dataset": "printed", "train_size": 150, "test_size": 50, "passes": 2, "batch_size": 60,
         "optimizer": "momentum", "schedule": "constant", "learning_rate": (0.01,)}
    )  # fmt: skip


def train(settings: Settings, folder: Path, **keep) -> None:
    folder.mkdir(exist_ok=True)
    training, test = load_printed()
    learn(settings, folder, training.subset(150), test.subset(50), quiet=True, **keep)


def test_the_steps_and_the_weights_of_every_pass(settings: Settings, tmp_path: Path) -> None:
    train(settings, tmp_path / "plain")
    train(settings, tmp_path / "kept", keep=KEEP)
    plain, kept = (LeNet5.load(tmp_path / name / "weights.npz") for name in ("plain", "kept"))
    np.testing.assert_array_equal(plain.parameters, kept.parameters)  # it trains the same way
    assert not (tmp_path / "plain" / FILE).exists()
    rows = rows_of(tmp_path / "kept" / FILE)
    assert [int(row["patterns"]) for row in rows] == [60, 120, 150, 210, 270, 300]
    metrics = rows_of(tmp_path / "kept" / "metrics.csv")
    for three, metric in zip((rows[:3], rows[3:]), metrics, strict=True):
        counts = np.array([60, 60, 30])
        for column in ("loss", "training_error_percent"):
            mean = np.array([float(row[column]) for row in three]) @ counts / 150
            assert mean == pytest.approx(float(metric[column]), rel=1e-3)
    first, last = (LeNet5.load(tmp_path / "kept" / name).parameters for name in WEIGHTS)
    assert (first != last).any()
    np.testing.assert_array_equal(last, kept.parameters)
    assert finished(tmp_path / "kept", settings)


def test_small_batches_are_taken_together(settings: Settings, tmp_path: Path) -> None:
    given = {**settings.values(), "batch_size": 1, "passes": 1}
    train(Settings.of(given), tmp_path / "a", keep=KEEP)
    assert [int(row["patterns"]) for row in rows_of(tmp_path / "a" / FILE)] == [50, 100, 150]


@pytest.mark.parametrize("patterns", ["original", "distorted"])
def test_an_interrupted_run_keeps_them_on(
    settings: Settings, tmp_path: Path, monkeypatch, patterns: str
) -> None:
    """Resumed without being asked to keep anything: the same rows and weights as in one go."""
    settings = Settings.of({**settings.values(), "patterns": patterns})
    train(settings, tmp_path / "whole", keep=KEEP)
    calls = iter([False] * 4 + [True] * 9)
    with monkeypatch.context() as patch:
        patch.setattr("lenet1998.run.run.StopOnSignal.__call__", lambda self: next(calls))
        with pytest.raises((KeyboardInterrupt, Stopped)):
            train(settings, tmp_path / "parts", keep=KEEP)
    stopped = rows_of(tmp_path / "parts" / FILE)
    assert [int(row["patterns"]) for row in stopped] == [60, 120, 150, 210]
    # What a killed process had written behind its checkpoint is learned again.
    rows = [list(row.values()) for row in stopped]
    write_csv(tmp_path / "parts" / FILE, HEAD, [*rows, [270, 9, 9]])
    train(settings, tmp_path / "parts")
    for name in (FILE, *WEIGHTS):
        if name == FILE:
            assert rows_of(tmp_path / "parts" / FILE) == rows_of(tmp_path / "whole" / FILE)
            continue
        parts, whole = (LeNet5.load(tmp_path / run / name) for run in ("parts", "whole"))
        np.testing.assert_array_equal(parts.parameters, whole.parameters)
    patterns = [int(row["patterns"]) for row in rows_of(tmp_path / "parts" / FILE)]
    assert all(a < b for a, b in pairwise(patterns))


@pytest.mark.parametrize("content", ["", "a,b,c\n1,2,3\n", ",".join(HEAD) + "\nx,1,2\n"])
def test_damaged_steps(settings: Settings, tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(InputError, match="not the steps of a run"):
        train(settings, tmp_path)


def test_what_a_run_keeps(settings: Settings, tmp_path: Path) -> None:
    training, test = load_printed()
    run = Run(tmp_path, settings, training, test, ("steps",))
    assert run.keeps("steps") and not run.keeps("weights")
    (tmp_path / WEIGHTS[0]).touch()
    assert run.keeps("weights")
