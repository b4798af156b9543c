"""Nothing is lost: a run that was stopped, killed or starved of disk ends with the same bits."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reproduce
from lenet1998 import LeNet5
from lenet1998.data import datasets
from lenet1998.data.augmentation import training_patterns
from lenet1998.data.patterns import Patterns
from lenet1998.files import InputError
from lenet1998.learning.state import PassResult, Stopped, TrainingState
from lenet1998.learning.training import Trainer
from lenet1998.run import checkpoint
from lenet1998.run.config import surroundings
from lenet1998.run.settings import choose
from lenet1998.run.stop import StopOnSignal

SCRIPT = str(Path(reproduce.__file__).resolve())
SMALL = ["--dataset", "printed", "--train-size", "300", "--test-size", "60", "--quiet"]

# What a checkpoint must hold differs: state of the optimizer, running averages, order, copies.
DESIGNS: dict[str, dict[str, Any]] = {
    "1998": {},
    "shuffled": {"order": "shuffled", "step_sizes": "parameter", "pass_size": 70},
    "distorted": {"patterns": "distorted"},
    "noisy": {"patterns": "noisy"},
    "replacement": {"order": "replacement"},
    "momentum": {"optimizer": "momentum", "schedule": "constant", "batch_size": 7},
    "batch norm, Adam": {
        "output": "softmax", "batch_norm": True, "optimizer": "adam", "schedule": "constant",
        "batch_size": 16, "order": "shuffled", "input_range": "standard",
    },
}  # fmt: skip


@cache
def printed() -> tuple[Patterns, Patterns]:
    return datasets.load_printed()


class Training:
    """A small training on the printed digits, in its parts."""

    def __init__(self, chosen: dict[str, Any]) -> None:
        self.settings = choose({"dataset": "printed", "passes": 3, "train_size": 120, **chosen})
        train, test = printed()
        self.learned = training_patterns(self.settings.patterns, train.subset(120), 0)
        self.test = test.subset(30)
        self.network = self.settings.network()
        self.optimizer = self.settings.make_optimizer(self.network)
        self.trainer = Trainer(
            self.network, self.settings.make_criterion(), self.optimizer, self.settings.etas(),
            step_sizes=self.settings.per(), order=self.settings.order,
            batch_size=self.settings.batch_size, pass_size=self.settings.pass_size or 120,
            progress=False,
        )  # fmt: skip
        self.state = TrainingState.initial(len(self.learned), 0)
        self.results: list[PassResult] = []

    def go(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Learn to the end, or until `stop`."""
        self.trainer.should_stop = stop
        for result in self.trainer.passes(self.learned, self.test, self.state):
            self.results.append(result)

    def save(self, path: Path) -> None:
        checkpoint.save(path, self.trainer, self.state, self.results, {"a": 1})

    def load(self, path: Path) -> None:
        self.results = checkpoint.load(path, self.trainer, self.state, {"a": 1})

    def bits(self) -> list[bytes]:
        """Everything that learning changes."""
        arrays = [*self.network.saved().values(), *self.optimizer.state().values()]
        return [values.tobytes() for values in arrays]

    def told(self) -> list[PassResult]:
        """The results without the time, which never is the same."""
        return [replace(result, seconds=0.0) for result in self.results]


@pytest.mark.parametrize("name", DESIGNS)
def test_a_training_that_stops_and_goes_on_has_the_same_bits(name: str, tmp_path: Path) -> None:
    """Stopped at every block of every pass in turn, each time by new objects."""
    whole, path = Training(DESIGNS[name]), tmp_path / "checkpoint.npz"
    whole.go()
    assert len(whole.results) == 3
    parts, stops = Training(DESIGNS[name]), 0
    for _ in count():
        asked = iter([False])  # one block, then stop
        try:
            parts.go(lambda asked=asked: next(asked, True))
            break
        except Stopped:
            stops += 1
        parts.save(path)
        parts = Training(DESIGNS[name])
        parts.load(path)
    assert stops >= 3
    assert parts.bits() == whole.bits()
    assert parts.told() == whole.told()


def test_a_stopped_network_answers_and_stays_as_it_is() -> None:
    """Batch normalisation takes its running averages, and leaves them."""
    run, asked = Training(DESIGNS["batch norm, Adam"]), iter([False, False])
    with pytest.raises(Stopped):
        run.go(lambda: next(asked, True))
    before, answers = run.bits(), run.network.predict(run.test.images)
    assert run.bits() == before
    one_by_one = [run.network.predict(image) for image in run.test.images]
    np.testing.assert_array_equal(answers, one_by_one)


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    run, path = Training({}), tmp_path / "checkpoint.npz"
    run.save(path)
    with pytest.raises(InputError, match=r"checkpoint\.npz: belongs to another run .* version"):
        checkpoint.load(path, run.trainer, run.state, {"a": 2})
    with pytest.raises(InputError, match="no such"):
        run.load(tmp_path / "none.npz")


def test_damaged_checkpoints_are_refused_and_touch_nothing(tmp_path: Path) -> None:
    """Cut, flipped, swapped, doubled: an InputError, or what was saved to the bit."""
    saved, path = Training({"optimizer": "adam", "batch_size": 8}), tmp_path / "checkpoint.npz"
    asked = iter([False, False])
    with pytest.raises(Stopped):
        saved.go(lambda: next(asked, True))
    saved.save(path)
    good, rng = path.read_bytes(), random.Random(0)
    n = len(good)

    def damaged() -> bytes:
        kind, at, to = rng.randrange(4), rng.randrange(n), rng.randrange(n)
        size = rng.choice([1, 2, 64, 5000])
        if kind == 0:
            return good[:at]
        if kind == 1:
            return good[:at] + bytes(b ^ rng.randrange(1, 256) for b in good[at : at + size]) + (
                good[at + size :]
            )  # fmt: skip
        if kind == 2:
            block = good[at : at + size]
            return good[:to] + block + good[to + len(block) :]
        return good[:at] + good[at + size :]

    refused = 0
    for _ in range(150):
        path.write_bytes(damaged())
        run = Training({"optimizer": "adam", "batch_size": 8})
        before = run.bits()
        try:
            run.load(path)
        except InputError as error:
            refused += 1
            assert str(error).startswith(str(path)) and "\n" not in str(error)
            assert run.bits() == before and run.state.number == 1 and run.state.done == 0
        else:  # a byte of the archive that nobody reads
            assert run.bits() == saved.bits() and run.told() == saved.told()
    assert refused > 120


def test_arrays_that_changed_places_are_noticed(tmp_path: Path) -> None:
    """Whole members of the archive under each other's names: each has a right CRC."""
    run, path = Training({"optimizer": "adam", "batch_size": 8}), tmp_path / "checkpoint.npz"
    run.save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    mean, square = "optimizer/mean", "optimizer/square"
    arrays[mean] = arrays[mean] + 1
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="damaged, its SHA-256"):
        run.load(path)
    arrays[mean], arrays[square] = arrays[square], arrays[mean] - 1
    np.savez(path, **arrays)
    run.load(path)  # both are 0 again: nothing changed
    arrays["network/C1"], arrays["network/S2"] = arrays["network/S2"], arrays["network/C1"]
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="damaged, its SHA-256"):
        run.load(path)


# --- Signals ---------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_and_a_second_one_ends(number: int) -> None:
    own = signal.signal(number, signal.default_int_handler)  # a shell may have it ignored
    try:
        with StopOnSignal() as stop:
            assert not stop()
            os.kill(os.getpid(), number)
            assert stop()
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)  # a third one does nothing
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, own)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with StopOnSignal():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


# --- The command -----------------------------------------------------------------------------


def bits(run: Path) -> bytes:
    return LeNet5.load(run / "weights.npz").parameters.tobytes()


def rows(run: Path) -> list[list[str]]:
    """metrics.csv without the seconds."""
    lines = (run / "metrics.csv").read_text(encoding="utf-8").splitlines()
    return [line.split(",")[:-1] for line in lines]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_stopped_within_a_pass_and_resumed(folder, monkeypatch, capsys) -> None:
    """As Ctrl-C does it, which only asks; twice."""
    flags = [*SMALL, "--passes", "2", "--seed", "5"]
    assert reproduce.main([*flags, "--out", "whole"]) == 0
    blocks = count()
    with monkeypatch.context() as patch:
        patch.setattr(StopOnSignal, "__call__", lambda self: next(blocks) in (2, 9))
        assert reproduce.main([*flags, "--out", "run"]) == 130
        said = capsys.readouterr().err
        assert "interrupted; saved: 0 passes and 100 patterns of pass 1; continue with" in said
        assert "continue with: lenet1998 resume run" in said
        assert reproduce.main(["--resume", "run", "--quiet"]) == 130
        assert (folder / "run" / "checkpoint.npz").exists()
        assert "saved: 1 pass and 100 patterns of pass 2" in capsys.readouterr().err
    assert reproduce.main(["--resume", "run", "--quiet"]) == 0
    assert "resuming in pass 2, after 100 of its patterns" in capsys.readouterr().out
    assert bits(folder / "run") == bits(folder / "whole")
    assert rows(folder / "run") == rows(folder / "whole")
    assert sorted(p.name for p in (folder / "run").iterdir()) == sorted(
        p.name for p in (folder / "whole").iterdir()
    )
    assert reproduce.main(["--resume", "run", "--quiet"]) == 2
    assert "this run has ended" in capsys.readouterr().err


def test_asked_while_the_folder_is_prepared(folder, monkeypatch, capsys) -> None:
    """The folder holds all that is needed to go on."""
    own = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    real = surroundings

    def interrupted() -> dict[str, Any]:
        signal.raise_signal(signal.SIGINT)
        return real()

    flags = [*SMALL, "--passes", "1", "--out", "run"]
    try:
        with monkeypatch.context() as patch:
            patch.setattr("lenet1998.run.config.surroundings", interrupted)
            assert reproduce.main(flags) == 130
    finally:
        signal.signal(signal.SIGINT, own)
    assert "saved: 0 passes; continue with: lenet1998 resume run" in capsys.readouterr().err
    assert reproduce.main(["--resume", "run", "--quiet"]) == 0


def test_asked_behind_the_last_pattern(folder, monkeypatch, capsys) -> None:
    """It stops all the same: a process of a set would begin with the next run else."""
    flags = [*SMALL, "--passes", "2"]
    blocks = count()
    with monkeypatch.context() as patch:
        patch.setattr(StopOnSignal, "__call__", lambda self: next(blocks) == 12)
        assert reproduce.main([*flags, "--out", "run"]) == 130
    assert "saved: 2 passes; continue with: lenet1998 resume run" in capsys.readouterr().err
    assert reproduce.main(["--resume", "run", "--quiet"]) == 0
    assert reproduce.main([*flags, "--out", "whole"]) == 0
    assert bits(folder / "run") == bits(folder / "whole")
    assert rows(folder / "run") == rows(folder / "whole")


def test_resume_finds_the_run_of_the_same_flags(folder, monkeypatch, capsys) -> None:
    flags = [*SMALL, "--passes", "2"]
    assert reproduce.main([*flags, "--resume"]) == 2
    assert "no interrupted run of these settings" in capsys.readouterr().err
    blocks = count()
    with monkeypatch.context() as patch:
        patch.setattr(StopOnSignal, "__call__", lambda self: next(blocks) == 8)
        assert reproduce.main(flags) == 130
    assert reproduce.main([*SMALL, "--passes", "3", "--resume"]) == 2, "another run"
    assert reproduce.main([*flags, "--resume"]) == 0
    (run,) = (folder / "runs").iterdir()
    assert reproduce.main([*flags, "--out", "whole"]) == 0
    assert bits(run) == bits(folder / "whole")


def test_resume_from_within_the_folder_and_of_the_folder_of_out(
    folder, monkeypatch, capsys
) -> None:
    """ "." is a folder like others, and the same command with --resume finds its own --out."""
    flags = [*SMALL, "--passes", "2", "--out", "run"]
    blocks = count()
    with monkeypatch.context() as patch:
        patch.setattr(StopOnSignal, "__call__", lambda self: next(blocks) in (2, 5))
        assert reproduce.main(flags) == 130
        assert reproduce.main([*flags, "--resume"]) == 130
    with monkeypatch.context() as patch:
        patch.chdir(folder / "run")
        assert reproduce.main(["--resume", ".", "--quiet"]) == 0
    assert "resuming in pass 1, after 200 of its patterns" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["run"]


def metrics_of(run: Path) -> list[str]:
    """The lines of metrics.csv and, before there is a row, one for its head."""
    return (run / "metrics.csv").read_text(encoding="utf-8").splitlines() or ["head"]


@pytest.mark.slow
def test_killed_at_ten_random_moments(tmp_path: Path) -> None:
    """SIGKILL, then --resume, for ten runs: each ends with the bits of one nobody disturbed."""
    environment = {k: v for k, v in os.environ.items() if k != "LENET1998_DATA"}

    def start(*flags: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, SCRIPT, *flags, "--quiet"],
            cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    flags = ["--dataset", "printed", "--train-size", "400", "--test-size", "60", "--passes", "8"]
    assert start(*flags, "--out", "whole").wait() == 0
    rng, within = random.Random(1998), 0
    for i in range(10):
        run = tmp_path / str(i)
        process = start(*flags, "--out", run.name)
        # From when it takes its folder on: what is killed before has nothing to resume.
        while not (run / "config.json").exists():
            time.sleep(0.002)
        passes = rng.randrange(8)
        while len(metrics_of(run)) < 1 + passes and process.poll() is None:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.1))  # a pass takes about as long
        process.kill()
        process.wait()
        within += process.returncode != 0
        if process.returncode == 0:  # faster than the first: it has ended
            assert bits(run) == bits(tmp_path / "whole")
            continue
        again = start("--resume", run.name)
        assert again.wait() in (0, 2)  # 2 where it was killed when all was done
        assert bits(run) == bits(tmp_path / "whole"), f"run {i}"
        assert rows(run) == rows(tmp_path / "whole")
        assert not [p.name for p in run.iterdir() if p.name == "checkpoint.npz"]
    assert within >= 5, "too few were killed while they learned"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM kills there")
def test_an_interrupted_set_goes_on(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "LENET1998_DATA"}
    flags = [sys.executable, SCRIPT, *SMALL, "--passes", "6", "--seeds", "3", "--jobs", "2"]
    run = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
    whole = subprocess.run([*flags, "--out", "whole"], check=False, **run)
    assert whole.returncode == 0, whole.stderr
    process = subprocess.Popen(
        [*flags, "--out", "set"], cwd=tmp_path, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not list((tmp_path / "set").glob("*/checkpoint.npz")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)  # as Ctrl-C, which a shell may have ignored
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said, said
    assert "--resume" in said
    again = subprocess.run([*flags, "--out", "set", "--resume"], check=False, **run)
    assert again.returncode == 0, again.stderr
    runs = sorted(path.parent.name for path in (tmp_path / "whole").glob("*/weights.npz"))
    assert runs == sorted(path.parent.name for path in (tmp_path / "set").glob("*/weights.npz"))
    for name in runs:
        assert bits(tmp_path / "set" / name) == bits(tmp_path / "whole" / name)
    assert not list((tmp_path / "set").glob("*/checkpoint.npz"))


def test_a_run_that_never_began_keeps_its_name(folder, capsys) -> None:
    """A killed set leaves an empty folder for it."""
    flags = [*SMALL, "--passes", "1", "--seeds", "2", "--out", "set"]
    name = "printed-passes=1-train-size=300-test-size=60"
    (folder / "set" / f"{name}-1").mkdir(parents=True)
    assert reproduce.main([*flags, "--resume"]) == 0
    there = sorted(path.name for path in (folder / "set").iterdir())
    assert there == [f"{name}-0", f"{name}-0-to-1", f"{name}-1"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no groups of processes there")
def test_a_killed_set_leaves_no_process_behind(tmp_path: Path) -> None:
    """SIGKILL of the parent alone; every process of the set holds the pipe of its messages."""
    process = subprocess.Popen(
        [sys.executable, SCRIPT, *SMALL, "--seeds", "3", "--jobs", "2", "--out", "set"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        while not list((tmp_path / "set").glob("*/checkpoint.npz")):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.communicate(timeout=60)  # until the last of them has ended
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_full_disk_loses_nothing(at: int, folder, monkeypatch, capsys) -> None:
    """Full at the at-th checkpoint: one line, status 2; with space again it goes on."""
    flags = [*SMALL, "--passes", "3"]
    assert reproduce.main([*flags, "--out", "whole"]) == 0
    whole, written = np.savez, count(1)

    def full(file, **arrays):
        if next(written) == at:
            file.write(b"half of it")
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(file, **arrays)

    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        assert reproduce.main([*flags, "--out", "run"]) == 2
    said = capsys.readouterr().err
    assert "checkpoint.npz" in said and "No space left" in said and said.count("\n") == 1
    assert not [path for path in (folder / "run").iterdir() if path.name.startswith(".")]
    assert reproduce.main(["--resume", "run", "--quiet"]) == 0
    assert bits(folder / "run") == bits(folder / "whole")
    assert rows(folder / "run") == rows(folder / "whole")


# --- config.json -----------------------------------------------------------------------------


def test_a_run_is_repeated_from_its_config(folder, capsys) -> None:
    flags = "--passes 2 --variant modern --order shuffled --seed 3 --schedule step --step-at 2"
    assert reproduce.main([*SMALL, *flags.split(), "--out", "one"]) == 0
    assert reproduce.main(["--config", "one/config.json", "--quiet", "--out", "two"]) == 0
    assert bits(folder / "one") == bits(folder / "two")
    assert rows(folder / "one") == rows(folder / "two")
    one, two = (json.loads((folder / n / "config.json").read_text()) for n in ("one", "two"))
    assert one == two
    capsys.readouterr()
    one["versions"]["numpy"] = "1.0"
    (folder / "old.json").write_text(json.dumps(one))
    assert reproduce.main(["--config", "old.json", "--quiet", "--out", "three"]) == 0
    out = capsys.readouterr().out
    assert "'numpy': '1.0'" in out and "the last bits may differ" in out


def test_a_repeated_run_keeps_what_is_asked_for(folder) -> None:
    assert reproduce.main([*SMALL, "--passes", "1", "--out", "one"]) == 0
    again = ["--config", "one/config.json", "--log-steps", "--keep-weights", "--quiet"]
    assert reproduce.main([*again, "--out", "two"]) == 0
    one, two = ({path.name for path in (folder / name).iterdir()} for name in ("one", "two"))
    assert two - one == {"steps.csv", "weights-001.npz"}


def test_files_of_ones_own_must_be_the_same(folder, own_data, capsys) -> None:
    assert reproduce.main(["--data", "a", "--passes", "1", "--quiet", "--out", "run"]) == 0
    config = ["--config", "run/config.json", "--quiet", "--out", "again"]
    assert reproduce.main(config) == 2
    assert "give their folder with --data" in capsys.readouterr().err
    assert reproduce.main([*config, "--data", "b"]) == 2
    assert "this run used other data" in capsys.readouterr().err
    assert not (folder / "again").exists()
    assert reproduce.main([*config, "--data", "a"]) == 0
    assert bits(folder / "run") == bits(folder / "again")
