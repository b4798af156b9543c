"""The list of methods is figure 9's."""

import pytest

from lenet1998 import paper
from lenet1998.comparison.catalogue import BARS, Plan
from lenet1998.comparison.method import Method
from lenet1998.files import InputError
from lenet1998.run.settings import choose
from lenet1998.run.yardstick import figure9_name

BEYOND = ["LeNet-5 / Local", "LeNet-5 / K-NN"]


def test_every_bar_of_the_paper_is_there_in_its_order() -> None:
    names = [bar.name for bar in BARS]
    assert [name for name in names if name not in BEYOND] == list(paper.FIGURE_9)
    keys = {bar.key: bar.name for bar in BARS}
    assert len(keys) == len(BARS)
    assert keys["16x16-lenet-1"] == "[16x16] LeNet-1"
    for figure in (paper.FIGURE_10, paper.FIGURE_11, paper.FIGURE_12):
        assert set(figure) <= set(paper.FIGURE_9)


def test_figures_11_and_12_count_biases() -> None:
    assert paper.FIGURE_12["28x28-1000-10"] == round((785 * 1000 + 1001 * 10) / 1000)
    assert paper.FIGURE_12["28x28-300-100-10"] == round((785 * 300 + 301 * 100 + 1010) / 1000)
    both = paper.CONNECTIONS + paper.TRAINABLE_PARAMETERS
    assert paper.FIGURE_11["LeNet-5"] == round(both / 1000) == 401


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.key)
def test_a_bar_is_made_in_one_way(bar) -> None:
    if bar.missing:
        assert bar.make is None and not bar.settings
    elif bar.make:
        try:
            assert isinstance(bar.make(Plan(0, 1, True)), Method)
        except InputError as error:
            assert "scikit-learn" in str(error)
    else:
        settings = choose({"dataset": "mnist", **bar.settings})
        own = figure9_name(settings.design.network, settings.patterns)
        first = own.replace("[dist] LeNet-4", "[dist] Boosted LeNet-4")
        assert bar.name in (own, first, f"{own} / Local", f"{own} / K-NN")
        assert settings.design.database in ("regular", "16x16", "deslanted")
