"""The measurements that the notebooks quote."""

import csv
from importlib.resources import files

import numpy as np
import pytest

from lenet1998 import paper
from lenet1998.course import full_measurement, measured, method_errors
from lenet1998.experiments import setups
from lenet1998.experiments.choosing import Choice, chosen_rates
from lenet1998.files import InputError


def test_each_mean_lies_in_its_range() -> None:
    for topic in (
        "codes",
        "criterion",
        "sharing",
        "sub-sampling",
        "one after the other",
        "each change alone",
        "trained in other ways",
        "training patterns",
        "LeNet-5",
    ):
        rows = measured(topic)
        assert len(rows) > 1
        for row in rows:
            assert 0 < row.low <= row.mean <= row.high < 100
            assert row.seeds >= 1 and row.passes >= 0
            assert (row.low == row.high) == (row.seeds == 1)


def test_1998_against_modern_is_the_table_of_runs() -> None:
    """Seeds, mean and range of the runs with the chosen rates that the package ships."""
    table = files("lenet1998.experiments") / "ablation-runs.csv"
    whole_run = str(paper.TRAINING_PATTERNS), str(paper.PASSES)
    chosen = chosen_rates()
    errors: dict[str, list[float]] = {}
    for run in csv.DictReader(table.read_text("utf-8").splitlines()):
        of = run["training_patterns"], run["passes"]
        used = Choice(float(run["learning_rate"]), run["schedule"])
        rejected = chosen.get(run["network"], used) != used
        if of == whole_run and run["tested_on"] == "test set" and not rejected:
            last = run["errors_percent"].split()[-1]
            errors.setdefault(run["network"], []).append(float(last))
    original, full_c3, *_ = ladder = setups.ladder()
    topics = {
        "one after the other": ladder,
        "each change alone": [original, full_c3, *setups.alone()],
        "trained in other ways": [original, *setups.today()],
    }
    for topic, networks in topics.items():
        for row, network in zip(measured(topic), networks, strict=True):
            found = errors[network.label]
            assert (row.seeds, row.low, row.high) == (len(found), min(found), max(found))
            assert row.mean == pytest.approx(np.mean(found), abs=0.0051)


def test_a_table_has_a_line_for_each_setting() -> None:
    lines = full_measurement("codes").splitlines()
    assert len(lines) == 2 + len(measured("codes"))
    assert lines[2].split()[:3] == ["bitmap", "(paper)", "1.28"]


def test_another_topic_is_refused() -> None:
    with pytest.raises(InputError, match="nothing was measured on 'weather': choose one of input"):
        measured("weather")


def test_methods_have_the_names_of_figure_9() -> None:
    errors = method_errors()
    assert set(errors) <= set(paper.FIGURE_9)
    assert (errors["LeNet-5"], round(errors["K-NN Euclidean"], 1)) == (0.92, 2.8)
