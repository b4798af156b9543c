"""More passes on a finished run: the bits of one run of all passes."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reproduce
from lenet1998.files import InputError
from lenet1998.learning.state import PassResult
from lenet1998.run import folder as folders
from lenet1998.run.metrics import read_results, write_metrics

SMALL = ["--dataset", "printed", "--train-size", "60", "--test-size", "30", "--quiet"]
KINDS = {
    "1998": "",
    "shuffled": "--order shuffled --pass-size 25",
    "replacement": "--order replacement",
    "noisy": "--patterns noisy",
    "momentum": "--optimizer momentum --batch-size 7",
    "batch norm, Adam": "--variant modern --batch-norm --order shuffled",
}


def train(words: str, passes: int, out: str) -> int:
    return reproduce.main([*SMALL, *words.split(), "--passes", str(passes), "--out", out])


def told(folder: str) -> list[dict[str, str]]:
    """metrics.csv without the times."""
    with open(Path(folder) / "metrics.csv", newline="", encoding="utf-8") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def arrays(folder: str, name: str) -> dict[str, bytes]:
    with np.load(Path(folder) / name) as file:
        return {key: file[key].tobytes() for key in file.files}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_more_passes_give_the_bits_of_one_run(kind: str, capsys) -> None:
    assert train(KINDS[kind], 3, "whole") == 0
    assert train(KINDS[kind], 1, "parts") == 0
    assert reproduce.main(["resume", "parts", "--passes", "2", "--quiet"]) == 0
    assert reproduce.main(["resume", "parts", "--passes", "3", "--quiet"]) == 0
    assert "parts: resuming in pass 3\n" in capsys.readouterr().out
    names = sorted(path.name for path in Path("parts").iterdir())
    assert names == sorted(path.name for path in Path("whole").iterdir())
    assert ("optimizer.npz" in names) == (kind in ("momentum", "batch norm, Adam"))
    for name in ("weights.npz", "optimizer.npz"):
        if name in names:
            assert arrays("parts", name) == arrays("whole", name)
    assert told("parts") == told("whole") and len(told("parts")) == 3
    configs = [json.loads(Path(one, "config.json").read_bytes()) for one in ("parts", "whole")]
    assert configs[0] == configs[1]


def test_a_longer_run_that_is_stopped_goes_on(monkeypatch, capsys) -> None:
    assert train("", 2, "whole") == 0
    assert train("", 1, "parts") == 0
    with monkeypatch.context() as patch:
        patch.setattr("lenet1998.run.stop.StopOnSignal.__call__", lambda self: True)
        assert reproduce.main(["resume", "parts", "--passes", "2", "--quiet"]) == 130
    assert reproduce.main(["resume", "parts", "--passes", "3", "--quiet"]) == 2
    assert "parts: not complete yet" in capsys.readouterr().err
    assert reproduce.main(["resume", "parts", "--quiet"]) == 0
    assert arrays("parts", "weights.npz") == arrays("whole", "weights.npz")


def test_a_kill_between_checkpoint_and_config(monkeypatch, capsys) -> None:
    """The same command goes on."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    assert train("", 2, "whole") == 0
    assert train("", 1, "parts") == 0
    command = ["resume", "parts", "--passes", "2", "--quiet"]
    with monkeypatch.context() as patch:
        patch.setattr("lenet1998.run.longer.replace_config", killed)
        assert reproduce.main(command) == 130
    assert Path("parts/checkpoint.npz").exists()
    assert reproduce.main(command) == 0, capsys.readouterr().err
    assert arrays("parts", "weights.npz") == arrays("whole", "weights.npz")


def refused(words: str, says: str, capsys) -> None:
    """Require one line that says this, and no change in the folder."""
    before = {path: path.read_bytes() for path in Path("run").iterdir()}
    assert reproduce.main(words.split()) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1
    assert {path: path.read_bytes() for path in Path("run").iterdir()} == before


def test_what_is_refused(capsys) -> None:
    assert train("", 2, "run") == 0
    for passes in (1, 2):
        says = f"--passes {passes}: run has made 2; give a larger number"
        refused(f"resume run --passes {passes}", says, capsys)
    refused("resume run", "this run has ended; --passes N adds passes", capsys)
    shutil.rmtree("run")
    assert train("--schedule cosine", 2, "run") == 0
    says = "the rates of --schedule cosine depend on the number of passes"
    refused("resume run --passes 3", says, capsys)


def changed(change: dict[str, Any]) -> None:
    """Change arrays of the run's optimizer.npz."""
    path = Path("run/optimizer.npz")
    with np.load(path) as file:
        there = {name: file[name] for name in file.files}
    np.savez(path, **{**there, **change})


def test_the_optimizer(capsys) -> None:
    assert train("--optimizer momentum", 1, "run") == 0
    good = Path("run/optimizer.npz").read_bytes()
    velocity = np.zeros(60_000, np.float32)
    for change, says in (
        ({"weights_sha256": np.array("0")}, "of other weights than weights.npz; remove it"),
        ({"velocity": velocity[1:]}, "velocity is float32 (59999,), not of this run"),
        ({"velocity": velocity.astype(float)}, "velocity is float64"),
        ({"velocity": velocity + np.nan}, "velocity holds numbers that are not finite"),
    ):
        Path("run/optimizer.npz").write_bytes(good)
        changed(change)
        refused("resume run --passes 2", says, capsys)
    Path("run/optimizer.npz").unlink()  # as in a run of an earlier version
    Path("run/rejection.json").write_text('{"reject_below": 3}', encoding="utf-8")
    assert reproduce.main(["resume", "run/config.json", "--passes", "2", "--quiet"]) == 0
    assert not Path("run/rejection.json").exists()  # of the weights before
    assert "run: no optimizer.npz: the averages start at 0" in capsys.readouterr().out
    assert Path("run/optimizer.npz").exists()


def test_weights_of_another_network(capsys) -> None:
    assert train("", 1, "run") == 0
    assert train("--activation relu", 1, "other") == 0
    shutil.copy("other/weights.npz", "run/weights.npz")
    refused("resume run --passes 2", "weights.npz is of another network", capsys)


def test_the_results_of_metrics(tmp_path: Path) -> None:
    one = PassResult(1, 0.1, 2.5, 1.25, 0.5, {"C1": (0.1, 0.2), "F6": (0.3, 0.3)}, 1.5, (1, 0, 2))
    write_metrics(tmp_path, "printed", [one])
    assert read_results(tmp_path) == [one]
    text = (tmp_path / "metrics.csv").read_text(encoding="utf-8")
    for wrong in (text.replace("1.25", "x"), text.replace("loss", "lost"), text + "printed,2\n",
                  text.replace("printed,1", "printed,2"), text.replace("1.50", "nan")):  # fmt: skip
        assert wrong != text
        (tmp_path / "metrics.csv").write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match=r"metrics\.csv: not the passes of a run"):
            read_results(tmp_path)


def test_an_optimizer_file_counts_as_a_result() -> None:
    """--out refuses a folder that holds one."""
    assert "optimizer.npz" in folders.FILES and "optimizer.npz" not in folders.RESULTS
