"""The shipped weights `strings`, and whatever a picture of a string may hold."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from bad_input import run
from pictures import jpeg, png

import lenet1998
from lenet1998.cli.strings import CONFIDENCE, is_rejected
from lenet1998.data import datasets
from lenet1998.data.composing import compose
from lenet1998.data.datasets import load_printed
from lenet1998.data.idx import write_idx
from lenet1998.data.patterns import scale_levels
from lenet1998.files import InputError
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.weights import STRINGS
from lenet1998.strings.columns import column_penalties
from lenet1998.strings.conditions import MAIN, Strings
from lenet1998.strings.cost import windows
from lenet1998.strings.readers import replicated
from lenet1998.strings.reading import read_string

PLACE = Path(lenet1998.__file__).with_name("pretrained") / STRINGS
_, TEST = load_printed()
needs_mnist = pytest.mark.skipif(
    not os.environ.get("LENET1998_DATA"), reason="no folder with MNIST is named"
)


def test_the_files(shipped: LeNet5) -> None:
    names = ["config.json", "metrics.csv", "strings.json", "weights.npz"]
    assert sorted(path.name for path in PLACE.iterdir()) == names
    assert (PLACE / "weights.npz").stat().st_size < 300_000
    assert shipped.classes == 11 and shipped.dataset == "mnist"
    with open(PLACE / "metrics.csv", newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 20
    assert shipped.sha256() in (PLACE / "strings.json").read_text(encoding="utf-8")


def test_wide_and_separate_outputs_agree(shipped: LeNet5) -> None:
    worst = 0.0
    for noise in ("clean", "10 % noise"):
        for one in Strings(TEST, 20, 1).samples(MAIN[noise]):
            wide = column_penalties(shipped, one.x)
            alone = shipped.outputs(windows(one.x)).reshape(wide.shape)
            worst = max(worst, float(np.abs(wide - alone).max()))
    assert worst <= 1e-4


@needs_mnist
def test_strings_of_mnist(shipped: LeNet5) -> None:
    """Bounds that are well below what `experiment strings` measures on 2,000 strings."""
    _, test = datasets.load_mnist()
    strings = Strings(test, 150, 3)
    least = {"clean": 75, "10 % noise": 60, "jitter 4": 70, "gaps -4 to -1": 40,
             "gaps -1 to 16": 75, "gaps 5 to 16": 75, "1s 8 px apart": 70}  # fmt: skip
    found = {one.value: one.score.right for one in strings.main(replicated(shipped), "", 0)}
    assert found.keys() == least.keys()
    assert all(found[name] >= least[name] for name in least), found


@needs_mnist
def test_strings_that_are_read_right_are_accepted(shipped: LeNet5) -> None:
    _, test = datasets.load_mnist()
    readings = [(one, read_string(shipped, one.x)) for one in Strings(test, 60, 4).samples()]
    right = [reading for one, reading in readings if reading.text == one.text]
    assert len(right) > 40
    assert np.mean([is_rejected(reading, CONFIDENCE) for reading in right]) < 0.25


@needs_mnist
def test_single_digits_of_mnist(shipped: LeNet5) -> None:
    _, test = datasets.load_mnist()
    some = test.subset(2000)
    assert np.mean(shipped.predict(some.images) != some.labels) < 0.04


def test_single_digits_want_other_weights(good_inputs: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert run(["predict", "digit.png", "--weights", STRINGS]) == 2
    assert "a network for strings" in capsys.readouterr().err
    with pytest.raises(InputError, match="expected 1998, distortions, noise, strings"):
        LeNet5.pretrained("string")


# --- Whatever a picture holds: one line of the table, or one line that says what is wrong --------


def digits(count: int, width: int = 0) -> np.ndarray:
    """A field (32, width) with the first test patterns."""
    shown = np.arange(count) % len(TEST)
    field, _ = compose(TEST.images[shown], np.full(count - 1, 3), np.full(count, 2))
    return field[:, :width] if width else field


def smear() -> np.ndarray:
    x = np.linspace(-1, 1, 160)
    return np.clip(300 * np.exp(-8 * (x**2 + np.linspace(-1, 1, 60)[:, None] ** 2)), 0, 255)


def photograph() -> np.ndarray:
    """Dark strokes in rows on uneven paper, as the photograph of a page of text has them."""
    rng = np.random.default_rng(0)
    page = 200 + 40 * np.linspace(0, 1, 400)[:, None] * np.ones(600) + rng.normal(0, 6, (400, 600))
    for top in range(30, 370, 34):
        for left in range(30, 560, 12):
            if rng.random() < 0.85:
                page[top : top + 16, left : left + 2] = 40
                page[top + int(rng.integers(0, 14)), left : left + 8] = 50
    return np.clip(page, 0, 255)


PICTURES = {
    "a blank": (np.zeros((60, 160)), "no ink: nothing differs"),
    "a blank of 32 rows": (np.zeros((32, 64)), "no ink: the image is blank"),
    "a smear": (smear(), None),
    "half a digit": (np.pad(digits(1)[:, :17], ((9, 9), (20, 0))), None),
    "31 pixels wide": (digits(1)[:, 2:33], "31 pixels wide, expected 32 or more"),
    "a photograph of text": (photograph(), None),
}


@pytest.mark.parametrize("name", PICTURES)
def test_an_answer_or_a_reason_in_one_line(  # type: ignore[no-untyped-def]
    name: str, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    levels, reason = PICTURES[name]
    shown = np.rint(levels).astype(np.uint8)
    Path("a.png").write_bytes(jpeg(shown) if "photo" in name else png(255 - shown.astype(int)))
    status = run(["predict", "--string", "a.png"])
    printed = capsys.readouterr()
    if status == 0:
        assert reason is None
        _, row, *notes = printed.out.splitlines()
        assert row.startswith("a.png") and notes[1].startswith("Weights strings.")
        rejected = row.split()[4]
        assert rejected == "yes", row  # none of these is a string of digits
    else:
        assert status == 2 and printed.out == "" and len(printed.err.splitlines()) == 1
        assert printed.err.startswith("lenet1998: a.png: ") and (reason or "") in printed.err


def test_a_field_of_20000_pixels(  # type: ignore[no-untyped-def]
    shipped: LeNet5, tmp_path: Path, capsys, monkeypatch
) -> None:
    """The network reads it; files so wide are scaled down while they are read, and refused."""
    monkeypatch.chdir(tmp_path)
    field = digits(1200)
    assert field.shape[1] > 20_000
    field = np.ascontiguousarray(field[:, :20_000])
    assert 700 < len(read_string(shipped, scale_levels(field)).text) < 1300
    write_idx("wide", field[None])
    Path("wide.png").write_bytes(png(255 - field.astype(int)))
    for name in ("wide", "wide.png"):
        assert run(["predict", "--string", name]) == 2
        printed = capsys.readouterr()
        assert len(printed.err.splitlines()) == 1 and "cut it into shorter pieces" in printed.err
    write_idx("narrow", field[None, :, :1996])
    assert run(["predict", "--string", "narrow"]) == 0
    row = capsys.readouterr().out.splitlines()[1].split()
    assert 70 < len(row[1]) < 130 and row[4] == "yes"
