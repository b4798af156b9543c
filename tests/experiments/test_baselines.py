"""What the experiment leaves, and its pictures."""

import csv
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from lenet1998 import paper
from lenet1998.comparison.neighbours import nearest
from lenet1998.data import datasets
from lenet1998.data.deslanting import centre_and_slant, deslant
from lenet1998.data.patterns import Patterns
from lenet1998.experiments import baselines
from lenet1998.figures.methods import deslanted, figure9
from lenet1998.files import InputError

METHODS = ["Linear", "[deslant] Linear", "K-NN Euclidean", "[deslant] K-NN Euclidean"]


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = datasets.load_printed()
    return train.subset(600), test.subset(200)


def bar(tilt: float, width: float = 3) -> np.ndarray:
    """A bar of 14 rows that leans `tilt` pixels to the right a row, its edges grey, (1, 28, 28)."""
    image = np.zeros((28, 28))
    for row in range(7, 21):
        middle = 13.5 + tilt * (row - 13.5)
        for column in range(28):
            low, high = max(middle - width / 2, column - 0.5), min(middle + width / 2, column + 0.5)
            image[row, column] = 255 * max(0.0, high - low)
    return image[None]


def test_run_leaves_table_csv_and_picture(
    printed: tuple[Patterns, Patterns], tmp_path: Path, request_with
) -> None:
    train, test = printed[0].subset(300), printed[1].subset(100)
    table = baselines.run(request_with(train=train, test=test))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(baselines.EXPERIMENT.files)
    with open(tmp_path / "baselines.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["method"] for row in rows] == METHODS
    assert [float(row["paper_percent"]) for row in rows] == [12.0, 8.4, 5.0, 2.4]
    assert {row["dataset"] for row in rows} == {"printed"}

    answers = [train.labels[near] for near in nearest(train.images, test.images, 3)]
    majority = [
        max(near.tolist(), key=lambda c: (near.tolist().count(c), c == near[0])) for near in answers
    ]
    error = 100 * np.mean(np.array(majority) != test.labels)
    assert float(rows[2]["ours_percent"]) == pytest.approx(error)
    for row in rows:
        assert 0 < float(row["ours_percent"]) < 40

    lines = table.splitlines()
    assert "printed digits, 300 training patterns" in lines[0]
    for line, row in zip(lines[1:5], rows, strict=True):
        assert line.startswith(row["method"] + " ")
        assert line.split()[-4:] == [
            row["method"].split()[-1],
            f"{float(row['ours_percent']):.2f}",
            "%",
            "-",  # of other data the paper says nothing
        ]
    assert "not MNIST" in lines[5]
    assert imread(tmp_path / "figure9.png").shape[0] > 800
    errors = {row["method"]: float(row["ours_percent"]) for row in rows}
    whole = train.images[:1].repeat(60_000, axis=0), train.labels[:1].repeat(60_000)
    mnist = baselines.table(errors, Patterns(*whole, "mnist")).splitlines()
    for line, percent in zip(mnist[1:5], ("12.0 %", "8.4 %", "5.0 %", "2.4 %"), strict=True):
        assert line.endswith(percent)


def texts(figure: Figure) -> list[str]:
    """Everything that is written into the axes of a figure."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_figure_9_has_every_method_of_the_paper_and_ours_beside() -> None:
    ours = {"Linear": 11.25, "LeNet-5": 0.931}
    figure = figure9(ours, "printed digits")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(paper.FIGURE_9)
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    expected = []
    for name, error in paper.FIGURE_9.items():
        expected += [error, ours[name]] if name in ours else [error]
    assert [bar.get_width() for bar in bars] == expected
    written = texts(figure)
    assert written[:3] == ["12.0", "11.25", "8.4"] and written[-4:-2] == ["0.95", "0.93"]
    tops = sorted(bar.get_y() for bar in bars)
    assert np.diff(tops).min() > bars[0].get_height() - 1e-9  # no bar over another
    legend = axes.get_legend()
    assert legend is not None
    assert [t.get_text() for t in legend.get_texts()] == ["paper (MNIST)", "ours (printed digits)"]


def test_figure_9_knows_no_other_method() -> None:
    with pytest.raises(InputError, match="no method 'LeNet-6'"):
        figure9({"LeNet-6": 0.1}, "MNIST")


def test_the_picture_of_deslanting_shows_upright_axes() -> None:
    images = np.concatenate([bar(0.5), bar(-0.3)])
    figure = deslanted(images, deslant(images), centre_and_slant(images), "printed digits")
    assert len(figure.axes) == 4
    leaning = []
    for axes in figure.axes:
        x, y = np.asarray(axes.lines[0].get_xydata()).T
        leaning.append((x[1] - x[0]) / (y[1] - y[0]))
    assert leaning == pytest.approx([0.5, -0.3, 0, 0], abs=0.01)
    shown = np.array(figure.axes[2].images[0].get_array())
    assert np.array_equal(shown[4:24, 4:24], deslant(images)[0])
    with pytest.raises(InputError, match="at least one"):
        deslanted(images[:0], images[:0], (images[:0],) * 3, "printed digits")
