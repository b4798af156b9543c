"""The page as a file: whole, small, without references to others, of the weights that are given."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenet1998 import InputError, LeNet5, paper
from lenet1998.cli import commands
from lenet1998.network.design import Design
from lenet1998.page.build import Training, beside_shipped, page, shipped, write_page

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 1_500_000  # bytes


def test_the_page_is_one_small_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lenet5.html"
    write_page(path)
    content = path.read_bytes()
    assert len(content) < LARGEST
    text = content.decode()
    assert not re.search(r"(src|href)=[\"'](?!data:)", text)
    assert not re.search(r"https?://|//cdn|@import|url\(", text)
    assert "default-src 'none'" in text
    assert f"{paper.TRAINABLE_PARAMETERS:,} trainable parameters" in text


def test_weights_of_ones_own_stand_first_and_fit_in(tmp_path: Path) -> None:
    trainings = beside_shipped("mine", LeNet5(seed=4), None)
    assert [training.name for training in trainings] == ["mine", "distortions", "1998", "noise"]
    write_page(tmp_path / "own.html", trainings)
    assert (tmp_path / "own.html").stat().st_size < LARGEST


def names(path: Path) -> list[str]:
    """The trainings of a page, in their order."""
    return re.findall(r'"name":"([^"]*)"', path.read_text(encoding="utf-8"))


def training(path: Path) -> Any:
    """What the page at `path` has of the weights that it begins with."""
    found = re.search(r'<script id="data".*?>(.*?)</script>', path.read_text(encoding="utf-8"))
    assert found
    return json.loads(found[1])["trainings"][0]


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lenet5.html"
    commands.run(["page", str(path)])
    assert path.read_text(encoding="utf-8") == page(shipped())
    assert str(path) in capsys.readouterr().out
    with pytest.raises(InputError, match="a folder is there"):
        (tmp_path / "folder.html").mkdir()
        commands.run(["page", str(tmp_path / "folder.html")])
    commands.run(["page", str(path), "--weights", "noise"])
    assert names(path) == ["noise", "distortions", "1998"]


@pytest.mark.parametrize("margin", [None, 0.0, 4.5])
def test_the_command_writes_a_page_of_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], margin: float | None
) -> None:
    run, path = tmp_path / "my run", tmp_path / "own.html"
    run.mkdir()
    network = LeNet5(seed=6)
    network.save(run / "weights.npz", "fashion-mnist")
    if margin is not None:
        (run / "rejection.json").write_text(f'{{"reject_below": {margin}}}')
    for weights in (run / "weights.npz", run):
        commands.run(["page", str(path), "--weights", str(weights)])
        assert names(path) == ["my run", "distortions", "1998", "noise"]
        first = training(path)
        assert first["title"] == "weights of your own, trained on Fashion-MNIST"
        assert first["rejectBelow"] == margin
        kernel = np.frombuffer(base64.b64decode(first["arrays"]["C3"]["kernel"]), "<f4")
        assert np.array_equal(kernel, network.layer("C3").kernel.ravel())
        said = capsys.readouterr().out
        wanted = f"experiment rejection --weights '{weights}' --dataset fashion-mnist\n"
        assert ("No answer is rejected" in said and wanted in said) == (margin is None)


def test_a_weights_file_gives_the_page_its_name(tmp_path: Path) -> None:
    LeNet5(seed=6).save(tmp_path / "ours.npz")
    commands.run(["page", str(tmp_path / "a.html"), "--weights", str(tmp_path / "ours.npz")])
    assert names(tmp_path / "a.html")[0] == "ours"
    assert training(tmp_path / "a.html")["title"] == "weights of your own"


def test_the_page_in_the_notebooks_is_the_one_that_the_package_makes() -> None:
    committed = (ROOT / "notebooks" / "lenet5.html").read_text(encoding="utf-8")
    assert committed == page(shipped()), (
        "make it anew: python -m lenet1998 page notebooks/lenet5.html"
    )


def test_an_older_page_stays_when_a_new_one_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / "lenet5.html"
    path.write_text("older")
    with pytest.raises(InputError, match="at least one"):
        write_page(path, [])
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_another_design_is_refused() -> None:
    network = LeNet5(design=Design(activation="tanh"))
    with pytest.raises(InputError, match=r"'mine'.*activation"):
        page([Training("mine", "", network, 10.0)])


def test_words_of_a_training_cannot_end_the_data() -> None:
    text = page([Training("</script><b>", "", LeNet5(), 10.0)])
    assert "</script><b>" not in text


def test_weights_of_ones_own_are_in_the_page() -> None:
    one, other = (LeNet5(seed=seed) for seed in (1, 2))
    assert not np.array_equal(one.parameters, other.parameters)
    assert page([Training("a", "", one, 10.0)]) != page([Training("a", "", other, 10.0)])
