"""The experiment of section VII-D, small, on the printed digits."""

import csv
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

import reproduce
from lenet1998.data.datasets import load_printed
from lenet1998.data.patterns import Patterns
from lenet1998.experiments import finding
from lenet1998.experiments.finding import FILES, page_picture
from lenet1998.strings.page_sweep import Digit
from lenet1998.strings.pages import CURVES, MAIN

FLAGS = ["experiment", "find-digits", "--dataset", "printed", "--test-size", "30", "--out", "here"]


def test_the_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    # Found without a network: the experiment is tested here, the sweep elsewhere.
    monkeypatch.setattr(finding, "find_digits", lambda network, ink: [Digit(3, 5.0, 0.5, 60, 60)])
    assert reproduce.main(FLAGS) == 0
    into = tmp_path / "here"
    assert {path.name for path in into.iterdir()} >= set(FILES)
    with open(into / "found.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows if not row["varied"]] == list(MAIN)
    for varied, amounts in CURVES.items():
        assert [r["value"] for r in rows if r["varied"] == varied] == [f"{a:g}" for a in amounts]
    for row in rows:
        counts = [int(row[name]) for name in ("right", "mislabelled", "missed")]
        assert sum(counts) == int(row["digits"]) and row["pages"] == "1"
        assert counts[0] + counts[1] + int(row["false"]) == 1
    for name in FILES[1:]:
        assert imread(into / name)[..., :3].std() > 0.03, name
    printed = capsys.readouterr().out
    assert "12 strokes alone" in printed and "height 100 pixels" in printed
    assert "A page of 400 x 400 pixels takes" in printed and "not MNIST" in printed


def test_its_weights_learned_mnist(request_with, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Whatever is read; the number of training patterns does not matter."""
    monkeypatch.setattr(finding, "find_digits", lambda network, ink: [])
    monkeypatch.setattr(finding, "conditions", lambda: [("", "plain", finding.PLAIN)])
    monkeypatch.setattr(finding, "finding_curves", lambda *given: Figure())
    test = load_printed()[1].subset(30)
    says = "The weights have learned MNIST; these patterns are printed digits."
    assert says in finding.run(request_with(test=test))
    as_mnist = Patterns(test.images, test.labels, "mnist")
    text = finding.run(request_with(train=as_mnist, test=as_mnist))
    assert "earned" not in text and "not MNIST" not in text


def drawn(figure: Figure) -> dict[str, set[str]]:
    """The kinds of box and the labels of a page that was drawn."""
    (axes,) = figure.axes
    boxes = [one for one in axes.patches if isinstance(one, Rectangle)]
    return {
        "styles": {f"{one.get_edgecolor()}{one.get_linestyle()}" for one in boxes},
        "labels": {text.get_text() for text in axes.texts if text.get_text()},
    }


def test_a_page_with_its_boxes() -> None:
    ink = np.zeros((80, 120))
    true = [Digit(1, 0.0, 1.0, 20, 20), Digit(2, 0.0, 1.0, 20, 60), Digit(3, 0.0, 1.0, 60, 60)]
    found = [Digit(1, 4.0, 1.0, 21, 20), Digit(7, 4.0, 1.0, 20, 61)]
    known = drawn(page_picture(ink, found, "page", true))
    assert known["labels"] == {"1", "7"} and len(known["styles"]) == 3  # right, wrong, missed
    assert len(drawn(page_picture(ink, found, "page"))["styles"]) == 1
    figure = page_picture(ink, [], "nothing")
    assert drawn(figure) == {"styles": set(), "labels": set()}
    assert figure.axes[0].get_title(loc="left") == "nothing"
