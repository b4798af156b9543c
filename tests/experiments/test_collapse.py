"""Codes that learn: with eq. 8 they come together, with eq. 9 they do not (II-C)."""

import csv
import re
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.image import imread

from lenet1998.data import bitmaps, datasets
from lenet1998.experiments import collapse
from lenet1998.experiments.experiment import Request
from lenet1998.run.settings import choose


def test_eq_8_pulls_codes_together(request_with: Callable[..., Request]) -> None:
    train, test = datasets.load_printed()
    train, test = train.subset(600), test.subset(100)
    settings = choose({"dataset": "printed", "train_size": 600, "test_size": 100, "passes": 3})
    request = request_with(train=train, test=test, settings=settings, seeds=range(2))
    text = collapse.run(request)
    with open(request.into / "collapse.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["criterion"], row["seed"], row["pass"]) for row in rows] == [
        (criterion, seed, number)
        for seed in "01"
        for criterion in ("mle", "map")
        for number in "123"
    ]
    nearest = {key: [float(row["nearest_codes"]) for row in rows if row["criterion"] == key]
               for key in ("mle", "map")}  # fmt: skip
    start = collapse.squared_distances(bitmaps.digit_codes()).min()
    for seed in (slice(0, 3), slice(3, 6)):
        together, apart = nearest["mle"][seed], nearest["map"][seed]
        assert start > together[0] > together[1] > together[2]
        assert together[2] < 0.8 * apart[2]
    assert imread(request.into / "collapse.png")[..., :3].std() > 0.03
    last = [line for line in text.splitlines() if line.startswith("eq. 8")][-1].split()
    mean = np.mean([nearest["mle"][2], nearest["mle"][5]])
    assert last[2] == "3" and float(last[-2]) == pytest.approx(mean, rel=0.01)
    assert re.search("printed digits, not MNIST", text)


def test_distances_of_the_bitmaps_count_their_pixels() -> None:
    codes = bitmaps.digit_codes()
    found = collapse.squared_distances(codes)
    assert len(found) == 45
    assert found[0] == 4 * np.count_nonzero(codes[0] != codes[1])
