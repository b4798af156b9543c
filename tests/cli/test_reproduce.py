"""The command line: what a run leaves behind, and how each mistake ends."""

import csv
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

import reproduce
from lenet1998 import LeNet5, paper
from lenet1998.data import datasets, idx
from lenet1998.data.catalogue import MIRRORS
from lenet1998.learning import evaluation
from lenet1998.learning.criterion import MAP
from lenet1998.learning.state import TrainingState
from lenet1998.learning.training import Trainer
from lenet1998.run.config import identity, write_config
from lenet1998.run.folder import free_folder
from lenet1998.run.settings import Settings

SMALL = ["--dataset", "printed", "--train-size", "150", "--test-size", "80", "--passes", "2"]
RATE_LAYERS = ("C1", "S2", "C3", "S4", "C5", "F6")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, an empty cache, no data and no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LENET1998_DATA", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    closed = ("http://127.0.0.1:9/",)  # the discard port: nothing listens
    monkeypatch.setattr("lenet1998.data.download.MIRRORS", dict.fromkeys(MIRRORS, closed))
    return tmp_path


def rows_of(run: Path) -> list[dict[str, str]]:
    with open(run / "metrics.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_run_leaves_its_four_files_and_the_table(folder, capsys) -> None:
    assert reproduce.main([*SMALL, "--seed", "3"]) == 0
    run = folder / "runs" / "printed-passes=2-train-size=150-test-size=80-3"
    assert sorted(p.name for p in run.iterdir()) == [
        "config.json",
        "figure5.png",
        "metrics.csv",
        "weights.npz",
    ]
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    assert config["settings"]["dataset"] == "printed" and config["settings"]["seed"] == 3
    assert config["settings"]["step_sizes"] == "layer" and config["settings"]["passes"] == 2
    assert config["versions"]["numpy"] == np.__version__
    assert config["environment"]["OPENBLAS_NUM_THREADS"] == "1"

    rows = rows_of(run)
    assert [row["pass"] for row in rows] == ["1", "2"]
    assert [float(row["eta"]) for row in rows] == [0.0005, 0.0005]
    for row in rows:
        assert row["dataset"] == "printed"
        assert float(row["seconds"]) > 0 and float(row["loss"]) > 0
        for layer in RATE_LAYERS:
            low, high = (float(row[f"{layer}_{end}_rate"]) for end in ("smallest", "largest"))
            assert 0 < low <= high < 0.0005 / paper.MU

    network = LeNet5.load(run / "weights.npz")
    test = datasets.load_printed()[1].subset(80)
    assert float(rows[-1]["test_error_percent"]) == pytest.approx(
        evaluation.error_percent(network, test)
    )
    with np.load(run / "weights.npz") as weights:
        assert str(weights["dataset"]) == "printed"

    picture = imread(run / "figure5.png")
    assert picture.shape[0] > 400 and picture[..., :3].std() > 0.05

    printed = capsys.readouterr().out
    assert f"{float(rows[-1]['test_error_percent']):.2f} %" in printed
    assert "2.23 %" not in printed and "60,000" in printed
    assert "2 to 3 days" not in printed, "the paper's time is that of 20 passes over 60,000"
    assert max(map(len, printed.splitlines())) <= 80
    assert "not MNIST" in printed and "printed digits" in printed


def test_parameter_step_sizes_differ_within_a_layer(folder) -> None:
    assert reproduce.main([*SMALL, "--step-sizes", "parameter", "--out", "run", "--quiet"]) == 0
    row = rows_of(folder / "run")[0]
    assert float(row["C1_smallest_rate"]) < 0.9 * float(row["C1_largest_rate"])


def test_settings_reach_the_training(folder, monkeypatch) -> None:
    whole, seen = Trainer.passes, {}

    def recording(self, patterns, test, state):
        seen.update(trainer=self, train=len(patterns), test=len(test))
        seen["permutation"] = state.permutation.copy()
        return whole(self, patterns, test, state)

    monkeypatch.setattr(Trainer, "passes", recording)
    flags = "--criterion mle --order shuffled --step-sizes parameter --seed 7 --penalty-scale 1"
    assert reproduce.main([*SMALL, *flags.split()]) == 0
    trainer = seen["trainer"]
    assert not isinstance(trainer.criterion, MAP) and trainer.criterion.scale == 1.0
    assert (seen["train"], seen["test"], trainer.etas) == (150, 80, [0.0005, 0.0005])
    assert (trainer.order, trainer.step_sizes, trainer.seed) == ("shuffled", "parameter", 7)
    assert np.array_equal(seen["permutation"], TrainingState.initial(150, 7).permutation)
    assert reproduce.main([*SMALL, "--rubbish-penalty", "4"]) == 0
    criterion = seen["trainer"].criterion
    assert isinstance(criterion, MAP) and criterion.j == 4.0


def test_auto_without_data_and_network_prints_digits_and_says_so(folder, capsys) -> None:
    assert reproduce.main([*SMALL[2:], "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "!!!!!!!!" in out and "NO MNIST" in out and "127.0.0.1" in out
    (run,) = (folder / "runs").iterdir()
    assert run.name.startswith("printed-") and rows_of(run)[0]["dataset"] == "printed"


def test_auto_reads_mnist_where_it_is(folder, capsys) -> None:
    """Four files of somebody's own in an explicit folder: read, and reported as custom."""
    own = folder / "own"
    own.mkdir()
    for patterns, name in zip(datasets.load_printed(), ("train", "t10k"), strict=True):
        idx.write_idx(own / f"{name}-images-idx3-ubyte.gz", patterns.images[:60])
        idx.write_idx(own / f"{name}-labels-idx1-ubyte", patterns.labels[:60])
    flags = ["--data", str(own), "--passes", "1", "--out", "run", "--quiet"]
    assert reproduce.main(flags) == 0
    assert rows_of(folder / "run")[0]["dataset"] == "custom"
    assert "NO MNIST" not in capsys.readouterr().out


def test_an_interrupted_run_keeps_its_passes(folder, monkeypatch, capsys) -> None:
    whole = Trainer.passes

    def interrupted(*args):
        yield next(whole(*args))
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "passes", interrupted)
    assert reproduce.main([*SMALL, "--out", "run", "--quiet"]) == 130
    assert [row["pass"] for row in rows_of(folder / "run")] == ["1"]
    assert LeNet5.load(folder / "run" / "weights.npz").parameters.any()
    assert (
        "interrupted; saved: 1 pass; continue with: lenet1998 resume run" in capsys.readouterr().err
    )
    assert imread(folder / "run" / "figure5.png")[..., :3].std() > 0.05


def test_interrupted_before_the_first_pass_ends(folder, monkeypatch, capsys) -> None:
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "train_pass", interrupted)
    assert reproduce.main([*SMALL, "--out", "run", "--quiet"]) == 130
    assert "saved: 0 passes; continue with: lenet1998 resume run" in capsys.readouterr().err


def test_a_full_disk_names_the_file_and_keeps_the_passes(folder, monkeypatch, capsys) -> None:
    whole, saved = np.savez_compressed, []

    def full_at_the_second(file, **arrays):
        saved.append(1)
        if len(saved) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(file, **arrays)

    monkeypatch.setattr(np, "savez_compressed", full_at_the_second)
    assert reproduce.main([*SMALL, "--out", "run", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert "weights.npz" in error and "No space left" in error and error.count("\n") == 1
    assert len(rows_of(folder / "run")) == 1
    assert LeNet5.load(folder / "run" / "weights.npz").parameters.any()
    assert sorted(p.name for p in (folder / "run").iterdir()) == [
        "checkpoint.npz",
        "config.json",
        "metrics.csv",
        "weights.npz",
    ]


def test_a_disk_full_from_the_beginning_leaves_the_folder_free(folder, monkeypatch, capsys) -> None:
    def full(self, *args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        assert reproduce.main([*SMALL, "--out", "run", "--quiet"]) == 2
    assert "run/config.json: No space left" in capsys.readouterr().err.replace(os.sep, "/")
    assert reproduce.main([*SMALL, "--out", "run", "--quiet"]) == 0


def test_runs_at_the_same_time_get_folders_of_their_own(folder) -> None:
    first, second = (free_folder(folder / "runs" / "name") for _ in range(2))
    assert (first.name, second.name) == ("name", "name-2")
    run = identity(Settings("printed"), [])
    write_config(first, run)
    with pytest.raises(FileExistsError):
        write_config(first, run)


def test_other_data_are_not_taken_for_a_finished_run(folder, own_data, capsys) -> None:
    """Two data sets of one's own with the same counts: the second is learned too."""
    for name in ("a", "b"):
        flags = ["--data", name, "--passes", "1", "--seeds", "2", "--quiet", "--out", "set"]
        assert reproduce.main(flags) == 0
    assert "finished before" not in capsys.readouterr().out


def test_a_second_run_leaves_the_first_alone(folder, capsys) -> None:
    assert reproduce.main([*SMALL, "--quiet"]) == 0
    assert reproduce.main([*SMALL, "--quiet"]) == 0
    first, second = sorted((folder / "runs").iterdir())
    assert second.name == first.name + "-2"
    # Same seed, same machine: the same weights to the bit.
    a, b = (LeNet5.load(run / "weights.npz").parameters for run in (first, second))
    assert np.array_equal(a, b)
    before = (first / "metrics.csv").read_bytes()
    assert reproduce.main([*SMALL, "--out", str(first)]) == 2
    assert "already; choose another --out" in capsys.readouterr().err
    assert (first / "metrics.csv").read_bytes() == before


def test_seeds_side_by_side(folder, capsys) -> None:
    """Two seeds in processes of their own give the bits of single runs; a second call runs none."""
    assert reproduce.main([*SMALL, "--seed", "1", "--quiet"]) == 0
    assert reproduce.main([*SMALL, "--seeds", "2", "--jobs", "2", "--out", "set", "--quiet"]) == 0
    names = sorted(path.name for path in (folder / "set").iterdir())
    name = "printed-passes=2-train-size=150-test-size=80"
    assert names == [f"{name}-0", f"{name}-0-to-1", f"{name}-1"]
    alone = LeNet5.load(folder / "runs" / f"{name}-1" / "weights.npz").parameters
    assert np.array_equal(alone, LeNet5.load(folder / "set" / names[2] / "weights.npz").parameters)

    together = folder / "set" / names[1]
    with open(together / "seeds.csv", newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    last = [float(rows_of(folder / "set" / n)[-1]["test_error_percent"]) for n in names[::2]]
    assert [float(row["test_error_percent"]) for row in found] == pytest.approx(last)
    assert {row["dataset"] for row in found} == {"printed"}
    assert imread(together / "figure5.png")[..., :3].std() > 0.05
    assert f"{np.mean(last):.2f} %" in capsys.readouterr().out

    before = (folder / "set" / names[0] / "metrics.csv").stat().st_mtime_ns
    assert reproduce.main([*SMALL, "--seeds", "2", "--out", "set", "--quiet"]) == 0
    assert capsys.readouterr().out.count("finished before") == 2
    assert (folder / "set" / names[0] / "metrics.csv").stat().st_mtime_ns == before
    # An unfinished run is not taken for a finished one.
    rows = (folder / "set" / names[0] / "metrics.csv").read_text().splitlines(keepends=True)
    (folder / "set" / names[0] / "metrics.csv").write_text("".join(rows[:-1]))
    assert reproduce.main([*SMALL, "--seeds", "2", "--out", "set", "--quiet"]) == 0
    assert len(rows_of(folder / "set" / f"{name}-0-2")) == 2


@pytest.mark.slow
def test_runs_as_a_script_from_another_folder(tmp_path) -> None:
    script = Path(reproduce.__file__).resolve()
    environment = {k: v for k, v in os.environ.items() if k != "LENET1998_DATA"}
    done = subprocess.run(
        [sys.executable, str(script), *SMALL, "--quiet", "--out", "run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "figure5.png").exists() and "Traceback" not in done.stderr


def test_a_run_trains_on_from_weights(folder, capsys) -> None:
    """The first pass begins where the weights are; config.json repeats the run."""
    flags = "--weights one/weights.npz --schedule constant --learning-rate 1e-9 --out two --quiet"
    assert reproduce.main([*SMALL, "--out", "one", "--quiet"]) == 0
    assert reproduce.main([*SMALL, *flags.split()]) == 0
    one, two = (LeNet5.load(folder / name / "weights.npz") for name in ("one", "two"))
    assert 0 < np.abs(one.parameters - two.parameters).max() < 1e-4
    out = capsys.readouterr().out.replace("\n", " ")
    assert "from one/weights.npz" in out, "the paper's errors are not those of such a run"
    assert reproduce.main(["--config", "two/config.json", "--out", "three", "--quiet"]) == 0
    three = LeNet5.load(folder / "three" / "weights.npz")
    assert np.array_equal(two.parameters, three.parameters)
    one.parameters += 1
    one.save(folder / "one" / "weights.npz")
    assert reproduce.main(["--config", "two/config.json", "--out", "four", "--quiet"]) == 2
    assert "one/weights.npz: not the weights" in capsys.readouterr().err


def test_a_quick_experiment_takes_the_patterns_that_are_there(own_data, folder, capsys) -> None:
    flags = ["--quick", "--only", "pairwise", "--quiet"]
    assert reproduce.main(["experiment", "comparison", *flags, "--data", "a"]) == 0
    assert reproduce.main(["experiment", "comparison", *flags, "--dataset", "printed"]) == 0
    out = capsys.readouterr().out
    assert "custom data: 60 training" in out and "printed digits: 1,500 training" in out


@pytest.mark.parametrize(("out", "stays"), [(".", True), ("own", True), ("new", False)])
def test_an_error_leaves_no_empty_folder_but_the_users_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys, out: str, stays: bool
) -> None:
    (folder / "empty" / "own").mkdir(parents=True)
    monkeypatch.chdir(folder / "empty" / ("own" if out == "." else ""))
    flags = ["--dataset", "printed", "--train-size", "2", "--quiet", "--out", out]
    assert reproduce.main(["experiment", "baselines", *flags]) == 2
    assert "k is 3" in capsys.readouterr().err
    assert Path(out).is_dir() is stays
