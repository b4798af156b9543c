"""Every experiment of reproduce.py, small, on the printed digits."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread, imsave

import lenet1998
import reproduce
from lenet1998 import InputError, figures, paper
from lenet1998.data import datasets
from lenet1998.data.transformations import TRANSFORMATIONS
from lenet1998.experiments import animation, cost, learning_curve, reports, training_size
from lenet1998.experiments.catalogue import EXPERIMENTS
from lenet1998.figures import errors, learning
from lenet1998.figures.found import boxes_on_page
from lenet1998.figures.robustness import robustness_curves
from lenet1998.files import save_figure
from lenet1998.learning import evaluation
from lenet1998.learning.state import PassResult
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.weights import PRETRAINED
from lenet1998.run import report
from lenet1998.run.recipes import RECIPES
from lenet1998.run.settings import Settings

SMALL = ["--dataset", "printed", "--train-size", "120", "--test-size", "60"]
FEW_TESTS = ["--dataset", "printed", "--test-size", "60"]  # of what reads no training patterns


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check_pictures(folder: Path, files: tuple[str, ...]) -> None:
    """Every file is there; no picture is blank."""
    for name in files:
        path = folder / name
        assert path.is_file(), name
        if name.endswith(".png"):
            picture = imread(path)
            assert min(picture.shape[:2]) > 200 and picture[..., :3].std() > 0.03, name


@pytest.mark.parametrize("name", [n for n, one in EXPERIMENTS.items() if not one.trains])
def test_an_experiment_without_training(name: str, folder: Path, capsys) -> None:
    quiet = ["--quiet"] if EXPERIMENTS[name].reads_patterns else []
    small = SMALL if EXPERIMENTS[name].fits else FEW_TESTS if quiet else []
    flags = [*small, "--experiment", name, *quiet, "--out", "here"]
    assert reproduce.main(flags) == 0
    check_pictures(folder / "here", EXPERIMENTS[name].files)
    printed = capsys.readouterr().out
    if name != "cost":
        assert "not MNIST" in printed and "printed digits" in printed
    # A second time it does not overwrite.
    assert reproduce.main(flags) == 2
    assert "holds" in capsys.readouterr().err


def test_training_size(folder: Path, capsys) -> None:
    arguments = [*SMALL, "--experiment", "training-size", "--passes", "1", "--seeds", "2"]
    assert reproduce.main([*arguments, "--quiet"]) == 0
    (into,) = (folder / "runs").glob("training-size-*")
    check_pictures(into, EXPERIMENTS["training-size"].files)
    rows = rows_of(into / "training-size.csv")
    assert [(r["training_patterns"], r["seed"]) for r in rows] == [
        (size, seed) for size in ("30", "60", "120") for seed in ("0", "1")
    ]
    assert all(0 <= float(r["test_error_percent"]) <= 100 for r in rows)
    assert "not MNIST" in capsys.readouterr().out
    # The runs are finished: a second time they are not learned again.
    assert reproduce.main([*arguments, "--quiet"]) == 0
    assert capsys.readouterr().out.count("finished before") == 6


def test_eq_1_is_fitted_to_the_gaps() -> None:
    exact = {size: 40 * size**-0.7 for size in (1_000, 4_000, 9_000)}
    found = training_size.fit_gap(exact)
    assert found == pytest.approx((0.7, 40, 1))
    theirs = {
        size: paper.FIGURE_6_TEST[size] - paper.FIGURE_6_TRAINING[size]
        for size in paper.FIGURE_6_TEST
    }
    assert list(theirs.values()) == pytest.approx([1.63, 0.83, 0.59])
    fitted = training_size.fit_gap(theirs)
    assert fitted is not None and 0.5 < fitted.alpha < 1
    # Of three points at equal distances the slope is that between the first and the last.
    assert fitted.alpha == pytest.approx(np.log(1.63 / 0.59) / np.log(4))
    assert training_size.fit_gap({100: 1.0}) is None
    assert training_size.fit_gap({100: 1.0, 200: 0.0}) is None
    lines = training_size.gap_lines(exact, compared=True)
    assert "ours" in lines[0] and "alpha 0.70, each within a factor of 1.00" in lines[0]
    assert "paper: test minus training error 1.63, 0.83, 0.59 %, alpha 0.73" in lines[1]
    assert training_size.gap_lines({100: 1.0}, compared=False) == []


def test_distortions(folder: Path, capsys) -> None:
    arguments = [*SMALL, "--experiment", "distortions", "--passes", "2", "--quiet"]
    assert reproduce.main(arguments) == 0
    (into,) = (folder / "runs").iterdir()
    config = json.loads((into / "config.json").read_text())
    assert config["settings"]["patterns"] == "distorted"
    check_pictures(into, ("figure5.png", "figure7.png"))
    first = LeNet5.load(into / "weights.npz").parameters
    assert reproduce.main([*arguments, "--seeds", "2", "--out", "again"]) == 0
    summary = next((folder / "again").glob("*-to-1"))
    check_pictures(summary, EXPERIMENTS["distortions"].files)
    # The same seed learned from the same distortions, and the other from others.
    runs = sorted(path.parent for path in (folder / "again").glob("*/weights.npz"))
    zero, one = (LeNet5.load(run / "weights.npz").parameters for run in runs)
    assert np.array_equal(zero, first) and not np.array_equal(one, first)
    printed = capsys.readouterr().out
    assert "distorted" in printed and "finished before" not in printed


def test_noisy_patterns_are_learned_from(folder: Path) -> None:
    assert reproduce.main([*SMALL, "--patterns", "noisy", "--passes", "1", "--quiet"]) == 0
    (into,) = (folder / "runs").iterdir()
    config = json.loads((into / "config.json").read_text())
    assert config["settings"]["patterns"] == "noisy"


def test_weights_of_any_run(folder: Path, capsys) -> None:
    LeNet5(seed=3).save("mine.npz", "printed")
    arguments = [*FEW_TESTS, "--experiment", "misclassified", "--weights"]
    assert reproduce.main([*arguments, "mine.npz"]) == 0
    test = datasets.load_printed()[1].subset(60)
    wrong = int((evaluation.answers(LeNet5(seed=3), test) != test.labels).sum())
    assert f"{wrong} of 60 test patterns" in capsys.readouterr().out
    (into,) = (folder / "runs").iterdir()
    rows = rows_of(into / "misclassified.csv")
    assert len(rows) == wrong
    assert [r["right"] for r in rows] == sorted(r["right"] for r in rows)
    assert reproduce.main([*arguments, "missing.npz"]) == 2
    assert "missing.npz: no such weights file" in capsys.readouterr().err


def test_multiply_accumulates_are_those_of_the_weights(tmp_path: Path, request_with) -> None:
    """By hand: outputs times inputs of each unit; C3 reads 60 maps in all (Table I)."""
    cost.run(request_with())
    found = {r["layer"]: int(r["multiply-accumulates"]) for r in rows_of(tmp_path / "cost.csv")}
    expected = {
        "C1": 28 * 28 * 6 * 25,
        "S2": 14 * 14 * 6 * 4,
        "C3": 10 * 10 * 60 * 25,
        "S4": 5 * 5 * 16 * 4,
        "C5": 400 * 120,
        "F6": 120 * 84,
        "OUTPUT": 84 * 10,
    }
    assert found == {**expected, "total": sum(expected.values())}


def test_other_methods_cost_what_figure_12_says() -> None:
    found = cost.other_methods()
    for name in ("28x28-1000-10", "28x28-300-100-10", "28x28-500-150-10"):
        assert round(found[name] / 1000) == paper.FIGURE_12[name]
    assert found["Linear, 20x20"] == 401 * 10


@pytest.mark.parametrize("name", PRETRAINED)
def test_shipped_weights(name: str) -> None:
    network = LeNet5.pretrained(name)
    assert network.parameters.shape == (paper.TRAINABLE_PARAMETERS,)
    place = Path(lenet1998.__file__).with_name("pretrained") / name
    files = ["config.json", "metrics.csv", "rejection.json", "weights.npz"]
    assert sorted(f.name for f in place.iterdir()) == files
    assert (place / "weights.npz").stat().st_size < 300_000
    with np.load(place / "weights.npz", allow_pickle=False) as weights:
        assert str(weights["dataset"]) == "mnist"
    rows = rows_of(place / "metrics.csv")
    assert len(rows) == paper.PASSES and rows[-1]["dataset"] == "mnist"


needs_mnist = pytest.mark.skipif(
    not os.environ.get("LENET1998_DATA"), reason="no folder with MNIST is named"
)


@needs_mnist
@pytest.mark.parametrize("name", PRETRAINED)
def test_shipped_weights_have_the_error_of_their_run(name: str) -> None:
    """All of MNIST's test set, in a second."""
    place = Path(lenet1998.__file__).with_name("pretrained") / name
    whole = float(rows_of(place / "metrics.csv")[-1]["test_error_percent"])
    test = datasets.load_mnist()[1]
    error = evaluation.error_percent(LeNet5.pretrained(name), test)
    assert error == pytest.approx(whole, abs=0.02)  # two patterns, for another BLAS


def test_unknown_weights_are_refused() -> None:
    with pytest.raises(InputError, match=r"'2012'.*1998, distortions, noise"):
        LeNet5.pretrained("2012")


# matplotlib would take it for a formula; and a byte of a name that is no character.
PATH = "runs/$\\x{$\udcff"


@pytest.mark.parametrize(
    "picture",
    [
        lambda: learning.figure5([3.0], [4.0], f"MNIST, from {PATH}"),
        lambda: learning.figure6({100: [4.0]}, {100: [3.0]}, f"MNIST, from {PATH}", True),
        lambda: errors.figure8(np.zeros((1, 28, 28)), np.zeros(1), np.ones(1), PATH, [None]),
        lambda: errors.figure10(np.zeros(1), np.ones(1), None, PATH),
        lambda: errors.confusion_matrix(np.full((10, 10), 2), PATH),
        lambda: boxes_on_page(np.zeros((40, 60)), [], PATH),
        lambda: robustness_curves(
            {name: [(1.0, 90.0)] for name in TRANSFORMATIONS}, None, 9, "MNIST", PATH
        ),
    ],
)
def test_a_path_in_a_title_is_no_formula(picture: Callable[[], Figure], tmp_path: Path) -> None:
    save_figure(picture(), tmp_path / "picture.png")
    assert imread(tmp_path / "picture.png")[..., :3].std() > 0.01


def test_the_animation_begins_as_it_is_and_changes() -> None:
    x = datasets.load_printed()[1].x([0])
    shown = animation.inputs(x, np.random.default_rng(0), steps=2)
    np.testing.assert_array_equal(shown[0][0], x)
    assert {"moved right by 5 pixels", "scaled by 0.60", "15% of the pixels inverted"} <= {
        title for _, title in shown
    }
    assert sum(bool((frame != x).any()) for frame, _ in shown) > 10
    with pytest.raises(InputError, match="needs frames"):
        figures.animate([])


def digit_png(path: Path, index: int) -> int:
    """A printed digit as a picture, dark on light, three times as large; its class."""
    test = datasets.load_printed()[1]
    imsave(path, 255 - np.kron(test.images[index], np.ones((3, 3))), cmap="gray", vmin=0, vmax=255)
    return int(test.labels[index])


def test_predict(folder: Path, capsys) -> None:
    digit_png(folder / "a.png", 0)
    digit_png(folder / "b.png", 1)
    assert reproduce.main(["--predict", "a.png", "b.png", "--states", "s.png"]) == 0
    printed = capsys.readouterr().out
    assert "a.png" in printed and "b.png" in printed and "margins below 4.8" in printed
    assert imread(folder / "s.png")[..., :3].std() > 0.05
    assert "weights distortions, which have learned mnist" in printed.lower()
    # It overwrites nothing, and writes no PNG under another name.
    before = (folder / "a.png").read_bytes()
    for flags, said in (
        (["--states", "a.png"], "a.png: exists already"),
        (["--states", ""], "no name"),
        (["--states", "x.jpg"], "x.jpg: the picture is a PNG"),
    ):
        assert reproduce.main(["--predict", "a.png", *flags]) == 2
        assert said in capsys.readouterr().err
    assert (folder / "a.png").read_bytes() == before
    assert not (folder / "x.jpg").exists()


def test_weights_of_ones_own_reject_once_their_margin_is_known(folder: Path, capsys) -> None:
    digit_png(folder / "a.png", 0)
    network = LeNet5.pretrained("distortions")
    Path("run").mkdir()
    network.save("run/weights.npz", "fashion-mnist")
    read = ["--predict", "a.png", "--weights", "run"]
    assert reproduce.main(read) == 0
    printed = capsys.readouterr().out
    assert "No answer is rejected" in printed and "Their classes are clothes" in printed
    assert "experiment rejection --weights run --dataset fashion-mnist\n" in printed
    # The margin is kept if it is of the whole test set of the data that the network learned.
    flags = ["--experiment", "rejection", "--dataset", "printed", "--weights", "run", "--out"]
    assert reproduce.main([*flags, "other"]) == 0
    printed = capsys.readouterr().out
    assert "weights have learned Fashion-MNIST; these patterns are printed digits" in printed
    assert "paper, figure 10" not in printed
    assert "predict does not reject below this margin: it is of printed digits\n" in printed
    network.save("run/weights.npz", "printed")
    assert reproduce.main([*flags, "few", "--test-size", "200"]) == 0
    said = "predict does not reject below this margin: it is of 200 of 1,000 patterns\n"
    assert said in capsys.readouterr().out
    assert not Path("run/rejection.json").exists()
    assert reproduce.main([*flags, "whole"]) == 0
    assert f"it is in\n  {Path('run/rejection.json')}" in capsys.readouterr().out
    kept = json.loads(Path("run/rejection.json").read_text())
    assert (kept["dataset"], kept["test_patterns"]) == ("printed", 1000)
    assert kept["error_percent"] <= paper.REJECTION_ERROR
    assert reproduce.main(read) == 0
    assert f"margins below {kept['reject_below']:.4g}" in capsys.readouterr().out
    assert reproduce.main([*read, "--reject-below", "2"]) == 0
    assert "margins below 2." in capsys.readouterr().out
    # The margin is of that file: not of others in its folder, nor of what is saved there later.
    LeNet5(seed=1).save("run/other.npz")
    assert reproduce.main([*read[:-1], "run/other.npz"]) == 0
    assert "No answer is rejected" in capsys.readouterr().out
    LeNet5(seed=1).save("run/weights.npz")
    assert reproduce.main(read) == 0
    assert "No answer is rejected" in capsys.readouterr().out


def test_one_bad_picture_does_not_lose_the_other_answers(folder: Path, capsys) -> None:
    digit_png(folder / "a.png", 0)
    (folder / "bad.png").write_bytes(b"<html>no picture</html>")
    assert reproduce.main(["--predict", "bad.png", "a.png", "missing.png"]) == 2
    out, err = capsys.readouterr()
    assert "a.png" in out and "margins below" in out
    assert "bad.png" in err and "missing.png" in err and err.count("\n") == 1
    assert reproduce.main(["--predict", "bad.png"]) == 2
    assert capsys.readouterr().out == ""


def test_a_recipe_beside_what_its_authors_report(folder: Path, capsys) -> None:
    """Two seeds of two recipes: accuracy a class and after each pass are those of the runs."""
    for name in ("relu-avgpool-momentum", "batchnorm-fashion"):
        recipe = RECIPES[name]
        flags = ["--recipe", name, *SMALL, "--seeds", "2", "--quiet", "--out", name]
        flags += ["--pass-size", "150"] if recipe.curve else ["--passes", "3"]
        assert reproduce.main(flags) == 0
        out = capsys.readouterr().out
        runs = [run for run in sorted(Path(name).iterdir()) if (run / "weights.npz").exists()]
        assert len(runs) == 2
        errors = [[float(row["test_error_percent"]) for row in rows_of(run / "metrics.csv")]
                  for run in runs]  # fmt: skip
        ours = 100 - np.mean(errors, axis=0)
        accuracy = f"{ours[-1]:.2f} %"
        assert f"{name}" in out and f"accuracy {accuracy} (mean of 2 seeds)" in " ".join(
            out.split()
        )
        assert "The report's numbers are left out" in " ".join(out.split())
        assert f"{recipe.reported:.2f}" not in out and "  reported" not in out
        settings = Settings.from_json(
            json.loads((runs[0] / "config.json").read_bytes())["settings"]
        )
        same = replace(settings, dataset=recipe.dataset, train_size=60_000)
        text = reports.comparison(same, runs, datasets.load_printed()[1])
        assert f"reported {recipe.reported:.2f} %" in " ".join(text.split())
        assert max(map(len, text.splitlines())) <= 80
        table = {
            line.split()[0]: [float(value) for value in line.split()[1:]]
            for line in text.splitlines()
            if line.startswith(("  reported ", "  ours "))
        }
        assert tuple(table["reported"]) == (recipe.curve or recipe.digits)
        expected = ours
        if recipe.digits:
            test = datasets.load_printed()[1].subset(60)
            wrong = [evaluation.answers(LeNet5.load(r / "weights.npz"), test) for r in runs]
            expected = [
                100 * np.mean([(a == test.labels)[test.labels == k].mean() for a in wrong])
                for k in range(10)
            ]
        np.testing.assert_allclose(table["ours"], expected, atol=0.006)


@pytest.mark.parametrize(("flags", "tested"), [([], 40), (["--test-size", "60"], 60)])
def test_a_recipe_tests_on_as_many_patterns_as_are_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], tested: int
) -> None:
    """Its project's number is a default."""
    monkeypatch.setitem(RECIPES["relu-avgpool-momentum"].settings, "test_size", 40)
    words = ["recipe", "relu-avgpool-momentum", *SMALL[:4], "--passes", "1", "--pass-size", "30"]
    assert reproduce.main([*words, *flags, "--quiet", "--out", "run"]) == 0
    config = json.loads((folder / "run" / "config.json").read_text(encoding="utf-8"))
    assert config["settings"]["test_size"] == tested


def test_pass_size_goes_on_where_the_pass_before_ended(folder: Path) -> None:
    """Two passes of 60 patterns are one of 120, at the same rate and without the curvature."""
    common = [*SMALL, "--optimizer", "sgd", "--schedule", "constant", "--quiet"]
    assert reproduce.main([*common, "--passes", "1", "--out", "one"]) == 0
    assert reproduce.main([*common, "--passes", "2", "--pass-size", "60", "--out", "two"]) == 0
    one, two = (LeNet5.load(folder / name / "weights.npz").parameters for name in ("one", "two"))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(("size", "compared"), [(0, True), (60_000, True), (1_000, False)])
def test_passes_of_another_length_are_not_compared(
    size: int, compared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the run's table and figure, and in those of several seeds."""
    settings, drawn = Settings("mnist", passes=20, pass_size=size), list[Figure]()
    for module in (report, learning_curve):
        monkeypatch.setattr(module, "save_figure", lambda figure, path: drawn.append(figure))
    rates = {"C1": (1e-4, 1e-3)}
    results = [PassResult(n, 5e-4, 3.0, 4.0, 1.0, rates, 1.0) for n in range(1, 21)]
    text = report.table(settings, results, LeNet5(seed=1))
    report.save_figure5(tmp_path, settings, results)
    monkeypatch.setattr(learning_curve, "curves", lambda *given: np.ones((2, 20)))
    seeds = learning_curve.summary([], range(2), settings, tmp_path)
    assert [f"{paper.TEST_ERROR} %" in one for one in (text, seeds)] == [compared] * 2
    assert ("2 to 3 days" in text) == compared
    for figure in drawn:
        labels = [str(line.get_label()) for line in figure.axes[0].lines]
        assert len(labels) == (4 if compared else 2)
        assert ("test, paper" in labels) == compared
    assert len(drawn) == 2
    assert training_size.comparable(settings) == (not size)
