"""A set of runs on other machines: a Dask cluster, and an executor that cannot see our files."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

import reproduce
from lenet1998 import InputError, LeNet5
from lenet1998.data import datasets
from lenet1998.run.pool import several_runs
from lenet1998.run.settings import Settings, choose
from lenet1998.run.worker import MARK
from lenet1998.run.workers import Workers, cluster

SCRIPT = Path(reproduce.__file__).resolve()
SMALL = ["--dataset", "printed", "--train-size", "400", "--test-size", "60", "--quiet"]


def results(run: Path) -> tuple[bytes, list[list[str]]]:
    """The weights, and metrics.csv without the seconds."""
    with open(run / "metrics.csv", newline="", encoding="utf-8") as file:
        rows = [row[:-1] for row in csv.reader(file)]
    return LeNet5.load(run / "weights.npz").parameters.tobytes(), rows


# --- Without a shared file system --------------------------------------------------------------


class Elsewhere(Executor):
    """Makes a run at once, in a process that might as well be on another machine."""

    def __init__(self) -> None:
        self.folders: list[Path] = []

    def submit(  # type: ignore[override]
        self, function: Callable[..., Any], settings: Settings, folder: Path, *args: Any
    ) -> "Future[Any]":
        self.folders.append(folder)
        there = folder / "there"  # no such folder: what another machine sees
        done: Future[Any] = Future()
        try:
            done.set_result(function(settings, there, *args))
        except BaseException as error:
            done.set_exception(error)
        return done


@contextmanager
def elsewhere() -> Iterator[Workers]:
    yield Workers(Elsewhere(), lambda: 1)


def several(base: Path, resume: bool = False, seeds: int = 2) -> list[Path]:
    train, test = datasets.load_printed()
    wanted = [
        choose(
            {"dataset": "printed", "passes": 2, "train_size": 150, "test_size": 40, "seed": seed}
        )
        for seed in range(seeds)
    ]
    return several_runs(
        wanted, (5000, 1000), base, train.subset(150), test.subset(40), elsewhere(),
        quiet=True, resume=resume,
    )  # fmt: skip


def test_results_come_back_where_no_folder_is_shared(tmp_path: Path, capsys) -> None:
    folders = several(tmp_path / "set")
    for seed, folder in enumerate(folders):
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["config.json", "figure5.png", "metrics.csv", "weights.npz"]
        flags = ["--dataset", "printed", "--passes", "2", "--train-size", "150"]
        flags += ["--test-size", "40", "--seed", str(seed), "--quiet"]
        assert reproduce.main([*flags, "--out", str(tmp_path / str(seed))]) == 0
        assert results(folder) == results(tmp_path / str(seed))
    capsys.readouterr()
    assert several(tmp_path / "set") == folders, "nothing is made twice"
    assert capsys.readouterr().out.count("finished before") == 2


def test_an_interrupted_run_goes_on_where_no_folder_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its checkpoint travels there and is gone in the end."""
    from lenet1998.run.run import Run

    (whole,) = several(tmp_path / "whole", seeds=1)
    monkeypatch.chdir(tmp_path)
    record, made = Run.record, []

    def interrupted(self: Run, *args: Any) -> None:
        record(self, *args)
        made.append(self.folder)
        raise KeyboardInterrupt

    flags = ["--dataset", "printed", "--passes", "2", "--train-size", "150", "--test-size", "40"]
    with monkeypatch.context() as patch:
        patch.setattr(Run, "record", interrupted)
        assert reproduce.main([*flags, "--quiet", "--out", f"set/{whole.name}"]) == 130
    assert (made[0] / "checkpoint.npz").exists()
    (folder,) = several(tmp_path / "set", resume=True, seeds=1)
    assert folder.name == whole.name and results(folder) == results(whole)
    assert not (folder / "checkpoint.npz").exists() and not (folder / MARK).exists()


@pytest.mark.parametrize("may_diverge", [True, False])
def test_a_run_that_diverges_keeps_its_passes_where_no_folder_is_shared(
    tmp_path: Path, may_diverge: bool
) -> None:
    train, test = datasets.load_printed()
    wanted = choose(
        {"dataset": "printed", "passes": 3, "train_size": 150, "test_size": 40,
         "activation": "relu", "schedule": "step", "learning_rate": (1e-4, 1e3), "step_at": (2,)}
    )  # fmt: skip
    folder, ended = tmp_path / wanted.folder_name((5000, 1000)), []
    with nullcontext() if may_diverge else pytest.raises(
        FloatingPointError, match=rf"^{re.escape(str(folder))}: pass 2, pattern"
    ):  # fmt: skip
        several_runs(
            [wanted], (5000, 1000), tmp_path, train.subset(150), test.subset(40), elsewhere(),
            quiet=True, may_diverge=may_diverge, finished=lambda one, where: ended.append(where),
        )  # fmt: skip
    assert ended == [folder] * may_diverge
    assert len(results(folder)[1]) == 1 + 1  # the head and pass 1
    assert not (folder / MARK).exists()


# --- A Dask cluster ------------------------------------------------------------------------------


def test_no_scheduler_is_one_line() -> None:
    pytest.importorskip("distributed", exc_type=ImportError)
    with pytest.raises(InputError, match="no-such-scheme://x: no Dask scheduler answers"):
        cluster("no-such-scheme://x").__enter__()


def test_without_dask_one_line_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'lenet1998\[cluster\]'"):
        cluster("tcp://127.0.0.1:9").__enter__()


class Cluster:
    """A scheduler, workers and commands, as processes in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        self.scheduler = self.dask("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = wait_for(lambda: scheduler(folder / "scheduler.json"))

    def start(self, *words: str) -> "subprocess.Popen[str]":
        environment = {k: v for k, v in os.environ.items() if k != "LENET1998_DATA"}
        environment |= {"PYTHONPATH": str(SCRIPT.parent), "OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, *words], cwd=self.folder, env=environment, text=True,
            stdout=subprocess.DEVNULL, start_new_session=True,
            stderr=subprocess.PIPE if words[0] == str(SCRIPT) else subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def dask(self, kind: str, *words: str) -> "subprocess.Popen[str]":
        where = ["--scheduler-file", "scheduler.json", "--no-dashboard"]
        return self.start("-m", f"distributed.cli.dask_{kind}", *where, *words)

    def worker(self) -> "subprocess.Popen[str]":
        return self.dask("worker", "--nthreads", "1", "--no-nanny")

    def command(self, *flags: str) -> "subprocess.Popen[str]":
        return self.start(str(SCRIPT), *SMALL, *flags, "--scheduler", self.address)

    def training(self, out: str) -> list[Path]:
        """The runs that are in training."""
        return list((self.folder / out).glob("*/checkpoint.npz"))


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed", exc_type=ImportError)
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        for process in made.processes:
            process.kill()
            process.communicate()


@pytest.mark.slow
def test_a_lost_worker_loses_no_run(dask: Cluster, tmp_path: Path) -> None:
    """Two worker processes, one of them killed while it trains: the same bits."""
    flags = ["--passes", "6", "--seeds", "4"]
    killed, _ = dask.worker(), dask.worker()
    command = dask.command(*flags, "--out", "set")
    wait_for(lambda: len(dask.training("set")) == 2)
    killed.kill()
    assert command.wait(timeout=300) == 0
    assert reproduce.main([*SMALL, *flags, "--out", str(tmp_path / "whole")]) == 0
    runs = sorted(path.parent.name for path in (tmp_path / "whole").glob("*/weights.npz"))
    assert len(runs) == 4
    assert runs == sorted(path.parent.name for path in (tmp_path / "set").glob("*/weights.npz"))
    for name in runs:
        assert results(tmp_path / "set" / name) == results(tmp_path / "whole" / name)
        assert not list((tmp_path / "set" / name).glob(".*"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_what_goes_wrong_with_a_cluster_is_one_line(dask: Cluster) -> None:
    """No workers; Ctrl-C, again and again; a scheduler that dies."""
    flags = ["--passes", "9", "--seeds", "3", "--out", "set"]
    command = dask.command(*flags)
    _, said = command.communicate(timeout=300)
    assert command.returncode == 2 and said.count("\n") == 1
    assert f"{dask.address}: it has no workers; start: dask worker {dask.address}" in said
    dask.worker(), dask.worker()
    command = dask.command(*flags)
    wait_for(lambda: len(dask.training("set")) == 2)
    for _ in range(5):
        os.killpg(command.pid, signal.SIGTERM)
        time.sleep(0.02)
    _, said = command.communicate(timeout=60)
    assert command.returncode == 130 and said.count("\n") == 1, said
    assert said.endswith("give the same command with --resume\n")
    flags[-1] = "other"
    command = dask.command(*flags)
    wait_for(lambda: len(dask.training("other")) == 2)
    dask.scheduler.kill()
    _, said = command.communicate(timeout=120)
    assert command.returncode == 2 and said.count("\n") == 1, said
    assert "the cluster failed" in said and "with --resume" in said


def scheduler(file: Path) -> str:
    """The address in a scheduler file; "" before it is written."""
    try:
        text = file.read_text()
        return text[text.index("tcp://") : text.index('"', text.index("tcp://"))]
    except (OSError, ValueError):
        return ""


def wait_for(what: Callable[[], Any]) -> Any:
    """The first true value."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")
