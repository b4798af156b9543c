"""The measurements that the notebooks quote."""

import pytest

from lenet1998 import paper
from lenet1998.course import full_measurement, measured, method_errors
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
            assert row.seeds > 1 or row.low == row.high


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
