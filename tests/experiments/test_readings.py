"""The open choices: other curvatures, and the table that keeps finished runs."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from lenet1998.data import bitmaps, datasets
from lenet1998.experiments import readings
from lenet1998.experiments.experiment import Request
from lenet1998.experiments.run_table import RunTable
from lenet1998.files import InputError, write_csv
from lenet1998.layers.readings import FourConnections, MAPCurvatureRBF
from lenet1998.layers.subsampling import Subsampling
from lenet1998.learning.criterion import MAP
from lenet1998.learning.readings import OwnCurvatureMAP, SamePatternsTrainer
from lenet1998.learning.state import PassResult, TrainingState
from lenet1998.learning.training import Trainer
from lenet1998.run.learn import make_trainer
from lenet1998.run.settings import choose


@pytest.fixture
def small(request_with: Callable[..., Request]) -> Request:
    """300 printed digits, two passes."""
    train, test = datasets.load_printed()
    settings = choose({"dataset": "printed", "train_size": 300, "test_size": 100, "passes": 2})
    return request_with(train=train.subset(300), test=test.subset(100), settings=settings)


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_curvature_of_eq_9_is_its_second_difference(scale: float) -> None:
    rng = np.random.default_rng(3)
    codes = bitmaps.digit_codes()
    labels = np.arange(6)
    x = (codes[labels] * 0.9 + 0.4 * rng.standard_normal((6, 84)))[:, None, None]
    layer, loss = MAPCurvatureRBF("OUTPUT", codes, scale), MAP(scale=scale)
    layer.bind(*(np.zeros(0) for _ in range(3)))

    def energy(k: int, step: float) -> np.ndarray:
        moved = x.copy()
        moved[..., k] += step
        found: np.ndarray = loss.forward(layer.forward(moved), labels).copy()
        return found

    h = 1e-3
    expected = np.stack(
        [(energy(k, h) - 2 * energy(k, 0) + energy(k, -h)) / h**2 for k in range(84)], axis=1
    )
    own = OwnCurvatureMAP(scale=scale)
    found = layer.second_backward(own.second_backward(layer.forward(x), labels))
    np.testing.assert_allclose(found[:, 0, 0], expected, rtol=1e-4, atol=1e-6)
    assert found.min() >= 0


def test_four_connections_sum_the_squares() -> None:
    rng = np.random.default_rng(4)
    x, d = rng.standard_normal((3, 4, 4, 2)), rng.random((3, 2, 2, 2))
    found = {}
    for kind in (Subsampling, FourConnections):
        layer = kind("S2", 2)
        layer.bind(rng.standard_normal(4), np.zeros(4), np.zeros(4))
        layer.forward(x)
        layer.second_backward(d)
        found[kind] = layer.curvature.copy()
    fields = x.reshape(3, 2, 2, 2, 2, 2)  # n, row, its two lines, column, its two, map
    squares = (d * np.square(fields).sum(axis=(2, 4))).sum(axis=(0, 1, 2))
    np.testing.assert_allclose(found[FourConnections][:2], squares)
    np.testing.assert_array_equal(found[FourConnections][2:], found[Subsampling][2:])
    assert not np.allclose(found[Subsampling][:2], squares)


def test_same_patterns_in_every_pass(small: Request) -> None:
    kinds = {}
    for kind in (Trainer, SamePatternsTrainer):
        trainer = make_trainer(small.settings, small.settings.network(), 1000, True, kind=kind)
        state = TrainingState.initial(1000, 0)
        kinds[kind] = [trainer._draw_sample(1000, state) for _ in range(2)]
    np.testing.assert_array_equal(kinds[Trainer][0], kinds[SamePatternsTrainer][0])
    np.testing.assert_array_equal(*kinds[SamePatternsTrainer])
    assert not np.array_equal(*kinds[Trainer])


def test_a_replaced_layer_starts_from_the_same_weights(small: Request) -> None:
    passes = {
        name: list(readings.learn(readings.READINGS[name], small.settings, small))
        for name in (readings.OURS, "criterion-curvature", "coefficient-curvature")
    }
    ours, criterion, coefficient = passes.values()
    # At the start all penalties are much larger than j: eq. 9 has the curvature of eq. 8.
    assert criterion[0].rates["F6"] == pytest.approx(ours[0].rates["F6"], rel=1e-3)
    assert criterion[1].rates["F6"][0] > 1.001 * ours[1].rates["F6"][0]
    assert coefficient[0].rates["C5"] == ours[0].rates["C5"]  # nothing else is another
    assert coefficient[0].rates["S4"][0] > 1.05 * ours[0].rates["S4"][0]


def test_finished_runs_are_kept_and_drawn(
    small: Request, capsys: pytest.CaptureFixture[str]
) -> None:
    text = readings.run(small)
    with open(small.into / "readings.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["reading"] for row in rows} == set(readings.READINGS)
    assert len(rows) == 2 * len(readings.READINGS)
    ours = [row for row in rows if row["reading"] == readings.OURS]
    assert f"{float(ours[1]['test_error_percent']):.2f}" in text.splitlines()[1]
    assert imread(small.into / "readings.png")[..., :3].std() > 0.03
    capsys.readouterr()
    assert readings.run(small) == text
    printed = capsys.readouterr().out
    assert printed.count("finished before") == len(readings.READINGS)


def test_each_own_data_set_is_trained(small: Request, capsys: pytest.CaptureFixture[str]) -> None:
    """Both have as many patterns; a run on a data set with a name is called as its folder."""
    ours, given = readings.OURS, {"train_size": 100, "test_size": 50, "passes": 1}
    one = choose({"dataset": "printed", **given})
    assert readings.name_of(ours, one, small) == f"{ours}-{one.folder_name(small.full)}"
    own = replace(small, only=ours, full=(100, 50), settings=choose({"dataset": "custom", **given}))
    train, test = (replace(data, dataset="custom") for data in (small.train, small.test))
    texts = []
    for part in (train[:100], train[100:200]):
        texts.append(readings.run(replace(own, train=part, test=test[:50])))
        assert "finished before" not in capsys.readouterr().out
    assert texts[0] != texts[1]
    assert readings.run(replace(own, train=train[:100], test=test[:50])) == texts[0]
    assert "finished before" in capsys.readouterr().out


def test_a_run_that_is_in_the_file_twice_is_refused(small: Request) -> None:
    results = [PassResult(1, 5e-4, 9.0, 8.0, 1.0, {"C1": (1e-4, 1e-3)}, 1.0)]
    (row,) = readings.rows_of("ours-x-0", readings.OURS, small.settings, results)
    write_csv(small.into / "readings.csv", readings.HEAD, 2 * [list(row.values())])
    with pytest.raises(InputError, match=r"readings\.csv: not a .* \(ours-x-0 is there twice\): "):
        readings.run(small)


def test_nothing_to_draw_is_an_error(request_with: Callable[..., Request]) -> None:
    with pytest.raises(InputError, match=r"readings\.csv.*has no run"):
        readings.run(request_with(only="table"))


def test_runs_that_were_removed_from_the_file_stay_away(tmp_path: Path) -> None:
    """A command that is still running does not write them back, and keeps those of others."""
    path = tmp_path / "readings.csv"
    tables = [
        RunTable(path, True, ("run", "seed"), lambda rows: None, "a table of this test")
        for _ in range(2)
    ]
    tables[0].add("old-1", [{"run": "old-1", "seed": "1"}])
    tables[1].add("other-1", [{"run": "other-1", "seed": "1"}])
    path.write_text(
        "".join(line for line in path.read_text().splitlines(True) if "old" not in line)
    )
    tables[0].add("new-1", [{"run": "new-1", "seed": "1"}])
    assert list(RunTable(path, True, ("run", "seed"), lambda rows: None, "").runs) == [
        "new-1", "other-1",
    ]  # fmt: skip
