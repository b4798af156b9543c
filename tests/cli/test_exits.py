"""How a command ends: one line and a status, whenever it is interrupted and whatever is missing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
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
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_it_starts(number: int, tmp_path: Path) -> None:
    """In the import of NumPy, where an exception may come out as another one."""
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text(
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


@pytest.mark.slow
def test_a_package_that_is_missing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tqdm.py").write_text("raise ImportError('no tqdm here')\n")
    done = subprocess.run(
        [sys.executable, SCRIPT, "summary"], cwd=tmp_path, text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "lenet1998: cannot start: no tqdm here\n")
