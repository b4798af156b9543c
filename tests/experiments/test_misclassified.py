"""Figure 8: which errors of ours the paper's network made too."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lenet1998 import LeNet5, paper
from lenet1998.data import datasets
from lenet1998.experiments import misclassified
from lenet1998.experiments.experiment import Request
from lenet1998.experiments.misclassified import is_the_papers_test_set, overlap
from lenet1998.figures.errors import figure8

REAL = os.environ.get("LENET1998_DATA")


def test_overlap_counts_errors_and_equal_answers() -> None:
    first, second, *_ = paper.FIGURE_8
    answer = paper.FIGURE_8[first]
    other = (paper.FIGURE_8[second] + 1) % 10
    found = overlap({first: answer, second: other, 0: 3, 1: 4})
    assert found == (4, 2, 1, 4 * 82 / 10_000)
    assert "2 of these 4 are among the 82 of figure 8, 1 with the same answer" in found.sentence()
    assert overlap(paper.FIGURE_8) == (82, 82, 82, pytest.approx(0.6724))
    assert overlap({}) == (0, 0, 0, 0)


def test_figure_8s_indices_belong_to_the_whole_test_set() -> None:
    printed = datasets.load_printed()[1]
    assert not is_the_papers_test_set(printed)


def test_frames_mark_the_papers_errors() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    labels = answers = np.array([1, 2, 3])
    figure = figure8(images, labels, answers, "three", [None, 2, 7])
    frames = [
        [patch.get_linewidth() for patch in axes.patches if isinstance(patch, Rectangle)]
        for axes in figure.axes
    ]
    assert [len(one) for one in frames] == [0, 1, 1] and frames[1] > frames[2]
    assert not any(axes.patches for axes in figure8(images, labels, answers, "none known").axes)


@pytest.mark.skipif(not REAL, reason="LENET1998_DATA does not name MNIST's folder")
def test_the_shipped_network_shares_about_half_of_its_errors(
    tmp_path: Path, request_with: Callable[..., Request]
) -> None:
    """Chance would give 0.6 of them."""
    train, test = datasets.load_mnist()
    network = LeNet5.pretrained("distortions")
    text = misclassified.run(
        request_with(train=train, test=test, network=network, weights="distortions")
    )
    with open(tmp_path / "misclassified.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    shared = [row for row in rows if row["paper_answer"]]
    same = [row for row in shared if row["paper_answer"] == row["answer"]]
    assert 25 <= len(shared) <= 45 and len(same) >= 25
    assert f"{len(shared)} of these {len(rows)} are among the 82" in text
    assert f"{len(same)} with the same answer; chance would give 0.6" in text
