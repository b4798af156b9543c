"""The methods of section III measured, kept, and drawn beside the paper's."""

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.image import imread

from lenet1998 import paper
from lenet1998.comparison import catalogue
from lenet1998.comparison.linear import Linear
from lenet1998.comparison.neighbours import Neighbours
from lenet1998.comparison.support import SupportVectors
from lenet1998.data import datasets
from lenet1998.data.patterns import Patterns
from lenet1998.experiments import comparison, measuring
from lenet1998.experiments.comparison import everybody, misread
from lenet1998.experiments.experiment import Request
from lenet1998.experiments.measuring import Table, measure
from lenet1998.figures.bars import Pair
from lenet1998.figures.comparison import Panel, Point, bars_of_methods, error_against_cost
from lenet1998.figures.style import OTHERS, OURS, PAPER
from lenet1998.files import InputError, write_csv
from lenet1998.run.settings import choose

Make = Callable[..., Request]


@pytest.fixture
def small(request_with: Make, tmp_path: Path) -> Make:
    """A request on few printed digits."""
    train, test = datasets.load_printed()
    train, test = train.subset(300), test.subset(60)
    settings = choose({"dataset": "printed", "train_size": 300, "test_size": 60, "passes": 1})

    def make(**chosen) -> Request:
        into = tmp_path / "results"
        into.mkdir(exist_ok=True)
        return request_with(train=train, test=test, full=(5000, 1000), settings=settings,
                            into=into, **chosen)  # fmt: skip

    return make


def rows(request: Request) -> dict[str, dict[str, str]]:
    with open(request.into / "comparison.csv", newline="", encoding="utf-8") as file:
        return {row["method"]: row for row in csv.DictReader(file)}


def test_methods_are_added_one_by_one_and_kept(small: Make, capsys) -> None:
    first = small(only="k-nn-euclidean,deslant-linear", seeds=range(2))
    text = comparison.run(first)
    assert re.findall(r"^\d of 2: (.*?)(?:,|$)", capsys.readouterr().out, re.M) == [
        "[deslant] Linear", "K-NN Euclidean",
    ]  # fmt: skip
    found = rows(first)
    assert list(found) == ["[deslant] Linear", "K-NN Euclidean"]  # in the paper's order
    assert [row["seeds"] for row in found.values()] == ["2", "1"]  # neighbours have no seed
    kept = found["K-NN Euclidean"]
    method = Neighbours(quiet=True)
    method.fit(first.train.images, first.train.labels)
    wrong = method.predict(first.test.images) != first.test.labels
    assert float(kept["error_percent"]) == pytest.approx(100 * wrong.mean(), abs=1e-3)
    assert kept["multiply_accumulates"] == kept["variables"] == str(300 * 784)
    assert kept["paper_error_percent"] == "5" and kept["paper_variables"] == ""
    assert "These are printed digits, not MNIST" in text and "K-NN Euclidean   " in text

    again = small(only="k-nn-euclidean,pairwise,16x16-lenet-1,lenet-4-k-nn,lenet-4", jobs=2)
    comparison.run(again)
    out = capsys.readouterr().out
    assert "measured before" in out and "1 of 4: Pairwise" in out
    found = rows(again)
    assert found["K-NN Euclidean"] == kept
    order = [bar.name for bar in catalogue.BARS if bar.name in found]
    assert list(found) == order and len(order) == 6
    assert found["[16x16] LeNet-1"]["variables"] == "2578"
    assert float(found["LeNet-4"]["training_seconds"]) > 0
    pictures = set(comparison.FILES) - {*Table.FILES, "figure8-methods.png"}
    for name in pictures:  # figure 8's patterns are MNIST's
        assert imread(again.into / name)[..., :3].std() > 0.03, name
    assert {path.name for path in again.into.iterdir()} == {*pictures, "comparison.csv"}
    # The networks of a method were trained once for all that use them.
    assert len(list(again.runs.glob("printed-*"))) == 2


def test_what_cannot_be_measured_is_left_out_with_its_reason(
    small: Make, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    def unable(self) -> None:
        raise InputError("support vectors need scikit-learn")

    monkeypatch.setattr(SupportVectors, "_machine", unable)
    bars = [bar for bar in catalogue.BARS if bar.key in ("svm-poly-4", "rs-svm-poly-5", "pairwise")]
    monkeypatch.setattr(comparison, "BARS", bars)
    text = comparison.run(small())
    assert "\nleft out: support vectors need scikit-learn\n" in capsys.readouterr().out
    assert "SVM poly 4: support vectors need scikit-learn" in text
    assert "RS-SVM poly 5: not made" in text
    assert list(rows(small())) == ["Pairwise"]
    with pytest.raises(InputError, match="need scikit-learn"):
        comparison.run(small(only="svm-poly-4"))
    with pytest.raises(InputError, match="RS-SVM poly 5 cannot be measured"):
        comparison.run(small(only="rs-svm-poly-5"))


@pytest.mark.parametrize("reason", [InputError("a process was killed"), FloatingPointError("loss")])
def test_what_the_training_of_networks_raises_is_no_reason_to_leave_a_method_out(
    small: Make, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    def killed(*_: object) -> None:
        raise reason

    monkeypatch.setattr(Request, "train_networks", killed)
    bars = [bar for bar in catalogue.BARS if bar.key in ("pairwise", "lenet-4")]
    monkeypatch.setattr(comparison, "BARS", bars)
    with pytest.raises(type(reason), match=str(reason)):
        comparison.run(small())
    assert list(rows(small())) == ["Pairwise"]


def test_a_method_that_diverges_is_left_out(small: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def diverged(*_: object) -> None:
        raise FloatingPointError("the loss is nan")

    monkeypatch.setattr(Linear, "learn", diverged)
    bars = [bar for bar in catalogue.BARS if bar.key in ("linear", "k-nn-euclidean")]
    monkeypatch.setattr(comparison, "BARS", bars)
    assert "\nLinear: the loss is nan" in comparison.run(small())
    assert list(rows(small())) == ["K-NN Euclidean"]
    with pytest.raises(FloatingPointError, match="the loss is nan"):
        comparison.run(small(only="linear"))


def test_tables_of_other_runs_are_refused(small: Make) -> None:
    request = small(only="pairwise")
    comparison.run(request)
    path = request.into / "comparison.csv"
    text = path.read_text()
    path.write_text(text.replace("printed,300", "printed,400"))
    with pytest.raises(InputError, match="holds training_patterns 400, not 300"):
        comparison.run(request)
    for damaged in ("", "a,b\n1,2\n", text + "printed\n", "\0"):
        path.write_text(damaged)
        with pytest.raises(InputError, match=r"comparison\.csv: not a table"):
            comparison.run(request)


def test_tables_of_other_own_data_are_refused(small: Make) -> None:
    """They have as many patterns."""
    request = small(only="pairwise")
    own = replace(request.train, dataset="custom")
    wanted = replace(request.settings, dataset="custom", train_size=150)
    request = replace(request, settings=wanted, test=replace(request.test, dataset="custom"))
    comparison.run(replace(request, train=own[:150]))
    kept = (request.into / "comparison.csv").read_bytes()
    with pytest.raises(InputError, match=r"holds dataset custom \w{8}, not custom \w{8}: remove"):
        comparison.run(replace(request, train=own[150:]))
    comparison.run(replace(request, train=own[:150]))
    assert (request.into / "comparison.csv").read_bytes() == kept


@pytest.mark.parametrize(
    ("name", "column", "cell"),
    [("comparison.csv", "error_percent", "x"), ("comparison.csv", "variables", ""),
     ("comparison.csv", "error_percent", "nan"), ("comparison.csv", "figure_8", ""),
     ("comparison.csv", "method", "Linear"), ("figure8-answers.csv", "pattern", "y"),
     ("figure8-answers.csv", "Linear", "10"), ("figure8-answers.csv", "Linear", ""),
     ("figure8-answers.csv", "pattern", None)],
)  # fmt: skip
def test_damaged_tables(tmp_path: Path, name: str, column: str, cell: str | None) -> None:
    """A cell of the last row is another one, or that row is missing."""
    train, test = datasets.load_printed()
    train, test = Patterns(train.images[:20], train.labels[:20], "mnist"), as_mnist(test)
    table = Table(tmp_path, train, test, 1)
    right = measuring.One(0.0, 0.0, test.labels.astype(np.intp), 1, 1, 1.0, 1.0)
    for method in ("Linear", "LeNet-5"):
        table.add(method, [right], comparison.ORDER)
    with open(tmp_path / name, newline="", encoding="utf-8") as file:
        *others, last = csv.DictReader(file)
    rows = others if cell is None else [*others, {**last, column: cell}]
    write_csv(tmp_path / name, list(last), [list(row.values()) for row in rows])
    with pytest.raises(InputError, match=rf"{name}: not a table of experiment comparison \("):
        Table(tmp_path, train, test, 1)


def test_a_kill_between_the_two_files_loses_no_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The method is measured again, and without its row its answers do not count."""
    train, test = datasets.load_printed()
    train, test = Patterns(train.images[:20], train.labels[:20], "mnist"), as_mnist(test)
    right = measuring.One(0.0, 0.0, test.labels.astype(np.intp), 1, 1, 1.0, 1.0)
    Table(tmp_path, train, test, 1).add("Linear", [right], comparison.ORDER)

    def killed(path: Path, *content: object) -> None:
        monkeypatch.undo()
        write_csv(path, *content)
        raise KeyboardInterrupt

    monkeypatch.setattr(measuring, "write_csv", killed)
    with pytest.raises(KeyboardInterrupt):
        Table(tmp_path, train, test, 1).add("LeNet-5", [right], comparison.ORDER)
    table = Table(tmp_path, train, test, 1)
    assert list(table.rows) == list(table.answers) == ["Linear"]
    table.add("LeNet-5", [right], comparison.ORDER)
    again = Table(tmp_path, train, test, 1)
    assert list(again.rows) == list(again.answers) == ["Linear", "LeNet-5"]


def as_mnist(test: Patterns) -> Patterns:
    """The printed test digits, often enough to be taken for MNIST's."""
    times = paper.TEST_PATTERNS // len(test)
    return Patterns(np.tile(test.images, (times, 1, 1)), np.tile(test.labels, times), "mnist")


def test_overlap_with_figure_8(tmp_path: Path) -> None:
    train, test = datasets.load_printed()
    train, test = Patterns(train.images[:200], train.labels[:200], "mnist"), as_mnist(test)
    table = Table(tmp_path, train, test, 1)
    found = measure(Linear(passes=1, quiet=True), "regular", train, test)
    right = measuring.One(0.0, 0.0, test.labels.astype(np.intp), 1, 1, 1.0, 1.0)
    table.add("Linear", [found], comparison.ORDER)
    table.add("LeNet-5", [right], comparison.ORDER)
    patterns = list(paper.FIGURE_8)
    wrong = found.answers[patterns] != test.labels[patterns]
    same = found.answers[patterns] == list(paper.FIGURE_8.values())
    assert 0 < wrong.sum() < 82
    assert table.number("Linear", "figure_8") == wrong.sum()
    assert table.number("Linear", "figure_8_same_answer") == (wrong & same).sum()
    assert table.number("LeNet-5", "figure_8") == 0 == table.number("LeNet-5", "rejected_percent")

    again = Table(tmp_path, train, test, 1)
    assert again.rows == table.rows and again.answers == table.answers
    assert np.array_equal(misread(again), wrong.astype(int))
    assert f"half of them 0, none {82 - wrong.sum()}" in everybody(again)
    given = choose({"dataset": "mnist", "train_size": 200})
    assert f"Linear{wrong.sum():42d}, with" in comparison.text(again, given)
    comparison.draw(again, train, test, {}, tmp_path)
    assert imread(tmp_path / "figure8-methods.png").shape[0] > 500


def test_bars_and_points_are_the_numbers() -> None:
    pairs = [Pair("both", 2.0, 1.25), Pair("paper's", 3.05, None, "why not"), Pair("o", None, 0.5)]
    figure = bars_of_methods([Panel("error (%)", pairs)], ("paper", "ours"), "title")
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [2.0, 1.25, 3.05, 0.5]
    colours = [(bar.get_width(), bar.get_facecolor()) for bar in axes.patches]
    expected = [(2.0, PAPER), (1.25, OURS), (3.05, OTHERS), (0.5, OURS)]
    assert colours == [(width, to_rgba(colour)) for width, colour in expected]
    assert [text.get_text() for text in axes.texts] == ["2.0", "1.25", "3.05", "why not", "0.50"]
    thousands = bars_of_methods([Panel("n", pairs, 0.1, True)], ("paper", "ours"), "title").axes[0]
    assert thousands.get_xscale() == "log" and thousands.texts[0].get_text() == "2"

    points = [Point("a", 10, 2, True), Point("a", 30, 1, False), Point("b", 20, 3, False)]
    figure = error_against_cost(points, points[1:], ("paper", "ours"), "title")
    left, right, names = figure.axes
    shown = {(t.get_text(), *t.xy) for t in left.texts}
    assert shown == {("1", 10, 2), ("1", 30, 1), ("2", 20, 3)}
    assert len(right.texts) == 2
    dots = {(*line.get_xdata(), line.get_color()) for line in left.lines}
    assert dots >= {(10, OURS), (30, PAPER), (20, OTHERS)}
    low, high = left.get_ylim()
    assert low < 1 and high > 3 and right.get_ylim() == (low, high)
    assert [text.get_text() for text in names.texts] == ["1", "a", "2", "b"]
