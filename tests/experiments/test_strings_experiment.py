"""The experiment of section VII, small, on the printed digits."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

import reproduce
from lenet1998.data.datasets import load_printed
from lenet1998.data.patterns import Patterns
from lenet1998.experiments import strings as experiment
from lenet1998.experiments.strings import LEARNED, WINDOWS
from lenet1998.network.lenet5 import LeNet5
from lenet1998.strings import conditions, learned
from lenet1998.strings.conditions import CURVES, MAIN
from lenet1998.strings.learned import learned_strings
from lenet1998.strings.training import ETAS

SMALL = ["--dataset", "printed", "--train-size", "150", "--test-size", "50", "--passes", "1"]
FLAGS = ["experiment", "strings", *SMALL, "--seeds", "2", "--out", "here", "--quiet"]


def test_the_experiment(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert reproduce.main(FLAGS) == 0
    (into,) = tmp_path.glob("here/strings-*-to-1")
    with open(into / "strings.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    main = [(r["seed"], r["reader"], r["value"]) for r in rows if r["reader"] in (WINDOWS, LEARNED)]
    assert set(main) >= {(s, n, v) for s in "01" for n in (WINDOWS, LEARNED) for v in MAIN}
    for varied, amounts in CURVES.items():
        assert [r["value"] for r in rows if r["varied"] == varied] == [f"{a:g}" for a in amounts]
    assert len({r["reader"] for r in rows}) == 7
    for row in rows:
        low, right, high = (float(row[f"right_{x}"]) for x in ("low", "percent", "high"))
        assert 0 <= low <= right <= high <= 100 and row["strings"] == (
            "2" if row["varied"] else "10"
        )
    costs = (into / "strings-cost.csv").read_text(encoding="utf-8")
    assert "times fewer,3.0" in costs
    for name in ("strings.png", "figure24.png", "figure25.png"):
        assert imread(into / name)[..., :3].std() > 0.03, name
    assert (into / "sliding.gif").read_bytes()[:4] == b"GIF8"
    printed = capsys.readouterr().out
    assert "10 strings of 3 to 8 printed test digits" in printed and "seeds 0, 1" in printed
    assert "printed digits, not MNIST" in printed
    # Nothing is learned a second time.
    before = (into / "strings-1.npz").read_bytes()
    monkeypatch.setattr(learned, "learn_strings", lambda *a, **k: pytest.fail("learned again")
                        if k["first"] <= len(ETAS) else iter(()))  # fmt: skip
    assert reproduce.main(FLAGS) == 0
    assert (into / "strings-1.npz").read_bytes() == before
    assert capsys.readouterr().out.count("finished before") == 2


def test_from_scratch(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    """Random first weights, beside a run that starts from shipped ones."""
    monkeypatch.chdir(tmp_path)
    few = [*FLAGS, "--seeds", "1", "--test-size", "10"]
    curves = {"length": {2.0: CURVES["length"][2]}}
    monkeypatch.setattr(conditions, "CURVES", curves)
    monkeypatch.setattr(experiment, "CURVES", curves)
    monkeypatch.setattr(experiment.string_figures, "draw", lambda *given: None)
    monkeypatch.setattr(experiment, "picture", lambda *given: Figure())
    for flags in ([], ["--from-scratch"]):
        assert reproduce.main([*few, *flags]) == 0
    printed = capsys.readouterr().out
    assert f"{LEARNED}, from scratch" in printed
    (into,) = tmp_path.glob("here/strings-from-scratch-*-to-0")
    begun = [json.loads(path.read_text(encoding="utf-8"))["settings"].get("weights", "")
             for path in tmp_path.glob("here/*/config.json")]  # fmt: skip
    assert sorted(begun) == ["", "distortions"]
    with open(into / "strings.csv", newline="", encoding="utf-8") as file:
        readers = {row["reader"] for row in csv.DictReader(file)}
    assert {f"{WINDOWS}, from scratch", f"{LEARNED}, from scratch"} <= readers
    ours, other = (
        LeNet5.load(path) for path in sorted(tmp_path.glob("here/strings-*/strings-0.npz"))
    )
    assert ours.classes == other.classes == 11 and ours.sha256() != other.sha256()


def test_the_shipped_weights_learned_mnist(request_with, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Whatever is read; the number of training patterns does not matter."""
    monkeypatch.setattr(conditions, "CURVES", {})
    monkeypatch.setattr(experiment, "other_readers", lambda *given: {})
    monkeypatch.setattr(experiment.string_figures, "draw", lambda *given: None)
    monkeypatch.setattr(experiment, "picture", lambda *given: Figure())
    test = load_printed()[1].subset(20)
    says = "The weights have learned MNIST; these patterns are printed digits."
    assert says in experiment.run(request_with(test=test, only="shipped"))
    as_mnist = Patterns(test.images, test.labels, "mnist")
    text = experiment.run(request_with(train=as_mnist, test=as_mnist, only="shipped"))
    assert "earned" not in text and "not MNIST" not in text


def test_whole_strings_go_on_where_they_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = load_printed()[0].subset(60)
    network = LeNet5.pretrained("distortions").with_codes("digits-and-space")
    whole = learned_strings(network, train, 3, 10, tmp_path / "whole.npz", quiet=True)
    assert whole.sha256() != network.sha256()

    learn, made = learned.learn_strings, []

    def stopped(*given, **named):  # type: ignore[no-untyped-def]
        for one in learn(*given, **named):
            if one.number == 3:
                raise KeyboardInterrupt
            made.append(one.number)
            yield one

    path = tmp_path / "part.npz"
    with monkeypatch.context() as patch:
        patch.setattr(learned, "learn_strings", stopped)
        with pytest.raises(KeyboardInterrupt):
            learned_strings(network, train, 3, 10, path, quiet=True)
    again = learned_strings(network, train, 3, 10, path, quiet=True)
    assert made == [1, 2] and again.sha256() == whole.sha256()
    # Another network, other digits, or weights that are not those of the record: from the start.
    other = LeNet5(seed=1, design=network.design)
    assert learned_strings(other, train, 3, 10, path, quiet=True).sha256() != whole.sha256()
    other.save(path)
    assert learned_strings(network, train, 3, 10, path, quiet=True).sha256() == whole.sha256()
    assert np.isfinite(whole.parameters).all()


@pytest.mark.parametrize("files", [1, 3])
def test_a_kill_between_two_files_of_a_pass_costs_that_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    """The record and the weights: so many of these files are written before it."""
    train = load_printed()[0].subset(60)
    network = LeNet5.pretrained("distortions").with_codes("digits-and-space")
    whole = learned_strings(network, train, 3, 5, tmp_path / "whole.npz", quiet=True)
    replace, written = os.replace, []

    def killed(*paths: Path) -> None:
        if len(written) == files:
            raise KeyboardInterrupt
        replace(*paths)
        written.append(paths)

    path, learn, first = tmp_path / "part.npz", learned.learn_strings, []
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            learned_strings(network, train, 3, 5, path, quiet=True)

    def counted(*given, **named):  # type: ignore[no-untyped-def]
        first.append(named["first"])
        return learn(*given, **named)

    monkeypatch.setattr(learned, "learn_strings", counted)
    again = learned_strings(network, train, 3, 5, path, quiet=True)
    assert first == [files // 2 + 1] and again.sha256() == whole.sha256()
    assert learned_strings(network, train, 3, 5, path, quiet=True).sha256() == whole.sha256()
    assert first[1:] == [len(learned.ETAS) + 1]  # nothing is learned again
