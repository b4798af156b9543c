"""How a command ends: one line and a status, whenever it is interrupted and whatever is missing."""

import gzip
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from bad_input import header
from matplotlib.image import imsave

import reproduce
from lenet1998.cli import commands

SCRIPT = str(Path(reproduce.__file__).resolve())
SMALL = "--dataset printed --train-size 100 --test-size 50 --passes 1 --quiet"
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shells and signals")


def shell(line: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of the shell, in which $R stands for `python reproduce.py`."""
    without = {k: v for k, v in os.environ.items() if k != "LENET1998_DATA"}
    return subprocess.run(
        ["sh", "-c", line.replace("$R", f"'{sys.executable}' '{SCRIPT}'")],
        cwd=cwd, env={**without, **environment}, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("error", [MemoryError(), MemoryError("Unable to allocate 9 GiB\nfor x")])
def test_no_memory_is_one_line(error: MemoryError, monkeypatch, capsys) -> None:
    def fails(args: object) -> None:
        raise error

    monkeypatch.setattr(commands, "run", fails)
    assert reproduce.main(["summary"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("lenet1998: memory ran out") and said.count("\n") == 1


@posix
@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [40, 100, 160, 250])
@pytest.mark.parametrize("flags", ["summary", f"{SMALL} --seeds 2 --jobs 2"])
def test_no_command_ends_in_a_traceback_for_want_of_memory(
    megabytes: int, flags: str, tmp_path: Path
) -> None:
    done = shell(f"ulimit -v {megabytes}000; exec $R {flags}", tmp_path)
    assert done.returncode in (0, 2), done.stderr
    assert done.stderr.count("\n") == (1 if done.returncode else 0), done.stderr
    assert megabytes > 40 or done.returncode == 2, "NumPy needs more than that"


@pytest.fixture(scope="module")
def large_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small files of much memory."""
    folder = tmp_path_factory.mktemp("large")
    ink = np.zeros((4096, 4096, 4), np.uint8)
    ink[..., 3] = 255
    ink[1000:3000, 2000:2100, :3] = 255
    imsave(folder / "colours.png", ink)
    with gzip.open(folder / "large.gz", "wb") as file:
        file.write(header(1, 8000, 8000) + np.kron(ink[::64, ::64, 0], np.ones((125, 125))).astype(
            np.uint8
        ).tobytes())  # fmt: skip
    with gzip.open(folder / "absurd.gz", "wb") as file:
        file.write(header(1_000_000, 32, 31))
        for _ in range(100):
            file.write(bytes(9_920_000))
    imsave(folder / "a.png", np.eye(28), cmap="gray")
    return folder


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ("predict colours.png large.gz a.png", 0),
        ("predict absurd.gz a.png", 2),
        ("predict --string absurd.gz large.gz colours.png", 2),
        ("page page.html", 0),
        (f"{SMALL} --patterns distorted --out run", 0),
        (f"{SMALL} --seeds 2 --jobs 2 --out set", 0),
        ("experiment cost --out cost", 0),
    ],
)
def test_commands_within_one_gigabyte(flags: str, status: int, large_pictures: Path) -> None:
    done = shell(f"ulimit -v 1000000; exec $R {flags}", large_pictures)
    assert done.returncode == status, done.stderr
    assert done.stderr.count("\n") == (1 if status else 0), done.stderr
    if "a.png" in flags:
        assert any(line.startswith("a.png ") for line in done.stdout.splitlines()), "no answer"


@posix
@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("flags", ["summary", f"{SMALL} --out run", "predict a.png"])
def test_closed_streams_are_no_mistake(closed: str, flags: str, tmp_path: Path) -> None:
    imsave(tmp_path / "a.png", np.eye(28), cmap="gray")
    done = shell(f"exec $R {flags} {closed}", tmp_path)
    assert done.returncode == 0 and not done.stderr, done.stderr
    if "--out" in flags:
        names = sorted(path.name for path in (tmp_path / "run").iterdir())
        assert names == ["config.json", "figure5.png", "metrics.csv", "weights.npz"]
        assert (tmp_path / "run" / "config.json").read_text().startswith("{")


@posix
@pytest.mark.slow
@pytest.mark.parametrize("module", ["ctypes", "numpy"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_it_starts(number: int, module: str, tmp_path: Path) -> None:
    """In an import, where an exception may come out as another one; ctypes is the first of ours."""
    (tmp_path / f"{module}.py").write_text(
        "import time\nprint('importing', flush=True)\ntime.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, SCRIPT, "summary"], cwd=tmp_path, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "importing\n"
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == "lenet1998: interrupted: give the same command again\n"


@posix
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_storm_of_signals_is_one_line(number: int, tmp_path: Path) -> None:
    """Through the training and its last message, to the end of the process."""
    process = subprocess.Popen(
        [sys.executable, SCRIPT, *SMALL.split(), "--passes", "1000", "--out", "run"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    while not (tmp_path / "run" / "checkpoint.npz").exists():
        assert process.poll() is None
        time.sleep(0.01)
    while process.poll() is None:
        process.send_signal(number)
        time.sleep(0.001)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and said.count("\n") == 1, said
    assert said.endswith("continue with: lenet1998 resume run\n")


def test_the_first_message_of_an_interrupt_is_told(monkeypatch, capsys) -> None:
    """The next signal comes while it is passed on."""

    def interrupted(words: list[str]) -> None:
        try:
            try:
                raise KeyboardInterrupt("interrupted; continue with: lenet1998 resume run")
            finally:
                signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)  # does nothing any more

    monkeypatch.setattr(commands, "run", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    assert reproduce.main(["summary"]) == 130
    assert (
        capsys.readouterr().err == "lenet1998: interrupted; continue with: lenet1998 resume run\n"
    )
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def interrupted(*_: object, **__: object) -> NoReturn:
    """Takes the place of a function: Ctrl-C while it runs."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_stopped_while_figure_7_is_drawn(error, folder, monkeypatch, capsys) -> None:
    """It is a part of the run, which goes on there."""

    def stopped(*_: object) -> NoReturn:
        raise error

    flags = [*SMALL.split(), "--patterns", "distorted", "--out", "run"]
    with monkeypatch.context() as patch:
        patch.setattr("lenet1998.run.run.save_figure7", stopped)
        assert reproduce.main(flags) == (130 if error is KeyboardInterrupt else 2)
        if error is KeyboardInterrupt:
            said = "lenet1998: interrupted; saved: 1 pass; continue with: lenet1998 resume run\n"
            assert capsys.readouterr().err == said
    assert not (folder / "run" / "figure7.png").exists()
    assert reproduce.main(["resume", "run", "--quiet"]) == 0
    assert "all 1 passes are done, finishing" in capsys.readouterr().out
    names = ["config.json", "figure5.png", "figure7.png", "metrics.csv", "weights.npz"]
    assert sorted(path.name for path in (folder / "run").iterdir()) == names


@pytest.mark.parametrize("again", [[], ["--config", "one/config.json"]])
def test_stopped_when_the_run_is_complete(again, folder, monkeypatch, capsys) -> None:
    """The message must not name a command that refuses."""
    if again:
        assert reproduce.main([*SMALL.split(), "--out", "one"]) == 0
        again += ["--quiet"]
    for module in ("training", "resume"):
        monkeypatch.setattr(f"lenet1998.cli.{module}.print_files", interrupted)
    assert reproduce.main([*(again or SMALL.split()), "--out", "run"]) == 130
    said = "lenet1998: interrupted; the run is complete, in run\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("seeds", ["1", "2"])
def test_stopped_before_the_run_has_begun(seeds, folder, monkeypatch, capsys) -> None:
    """What the line names is possible: nothing is in the way."""
    flags = [*SMALL.split(), "--out", "run", "--seeds", seeds]
    with monkeypatch.context() as patch:
        for name in ("run.Run.__enter__", "pool._run_all"):
            patch.setattr(f"lenet1998.run.{name}", interrupted)
        assert reproduce.main(flags) == 130
    said = capsys.readouterr().err
    expected = "give the same command again" if seeds == "1" else "same command with --resume"
    assert expected in said and said.count("\n") == 1
    assert reproduce.main(flags if seeds == "1" else [*flags, "--resume"]) == 0


@pytest.mark.parametrize("out", [[], ["--out", "new"]])
def test_an_experiment_without_training_is_stopped(out, folder, monkeypatch, capsys) -> None:
    flags = ["experiment", "cost", *out]
    with monkeypatch.context() as patch:
        patch.setattr("lenet1998.experiments.cost.save_figure", interrupted)
        assert reproduce.main(flags) == 130
    said = capsys.readouterr().err
    assert said.endswith("give the same command again\n") and said.count("\n") == 1
    if out:
        assert said == "lenet1998: interrupted: remove new and give the same command again\n"
        shutil.rmtree("new")
    assert reproduce.main(flags) == 0


@pytest.mark.parametrize(
    ("experiment", "where", "how"),
    [
        ("collapse", "collapse.save_figure", "give the same command again"),
        ("readings --only ours", "readings.save_figure",
         "finished runs are saved; continue with the same command"),
        ("strings --only shipped", "strings._shipped", "give the same command again"),
        ("training-size", "training_size.save_figure",
         "finished runs are saved; continue with the same command and --resume"),
    ],
)  # fmt: skip
def test_an_experiment_with_training_is_stopped(
    experiment, where, how, folder, monkeypatch, capsys
) -> None:
    """The line promises what is true: of its runs, and of --resume."""
    few = ["--dataset", "printed", "--train-size", "40", "--test-size", "20"]
    few += [] if "shipped" in experiment else ["--passes", "1"]
    flags = ["experiment", *experiment.split(), *few, "--quiet"]
    with monkeypatch.context() as patch:
        patch.setattr(f"lenet1998.experiments.{where}", interrupted)
        assert reproduce.main(flags) == 130
    assert capsys.readouterr().err == f"lenet1998: interrupted: {how}\n"
    if "shipped" not in experiment:
        assert reproduce.main([*flags, *["--resume"] * how.endswith("--resume")]) == 0
        assert ("finished before" in capsys.readouterr().out) == how.startswith("finished runs")


@pytest.mark.slow
def test_a_package_that_is_missing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tqdm.py").write_text("raise ImportError('no tqdm here')\n")
    done = subprocess.run(
        [sys.executable, SCRIPT, "summary"], cwd=tmp_path, text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "lenet1998: cannot start: no tqdm here\n")
