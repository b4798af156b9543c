"""A folder that is being written is locked, for as long as its process lives."""

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import reproduce
from lenet1998.files import InputError
from lenet1998.run import lock
from lenet1998.run.lock import locked

SCRIPT = str(Path(reproduce.__file__).resolve())
SMALL = ["--dataset", "printed", "--train-size", "300", "--test-size", "60", "--quiet"]
FILES = ("weights.npz", "metrics.csv")
HOLD = """
import sys, time
from pathlib import Path
from lenet1998.run.lock import locked
with locked(Path(sys.argv[1]), ("weights.npz",)):
    print("locked", flush=True)
    time.sleep(600)
"""


def hold(folder: Path) -> "subprocess.Popen[str]":
    """A process that has locked the folder."""
    package = str(Path(SCRIPT).parent)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": package},
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "locked\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def test_a_second_lock_is_refused_in_one_line(tmp_path: Path) -> None:
    process = hold(tmp_path)
    try:
        with pytest.raises(InputError, match="another process is writing there"):
            ExitStack().enter_context(locked(tmp_path, FILES))
    finally:
        end(process)


def test_a_lock_is_gone_with_its_process_and_after_its_block(tmp_path: Path) -> None:
    end(hold(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [".lock"], "what the kill has left"
    for _ in range(2):
        with locked(tmp_path, FILES):
            pass
        assert list(tmp_path.iterdir()) == []


def test_a_killed_process_s_temporary_files_are_removed(tmp_path: Path) -> None:
    own = {".weights-x.npz", "weights.npz", ".other-abcd1234.npz", ".weights-abcd1234.csv"}
    for name in (".weights-abcd1234.npz", ".metrics-_0000abc.csv", *own):
        (tmp_path / name).touch()
    with locked(tmp_path, FILES):
        pass
    assert {path.name for path in tmp_path.iterdir()} == own


def test_a_file_system_without_locks_is_said_and_nothing_removed(tmp_path, monkeypatch) -> None:
    def none(descriptor: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_take", none)
    (tmp_path / ".weights-abcd1234.npz").touch()
    said: list[str] = []
    with locked(tmp_path, FILES, said.append):
        pass
    assert len(said) == 1 and "has no locks (No locks available)" in said[0]
    assert [path.name for path in tmp_path.iterdir()] == [".weights-abcd1234.npz"]


@pytest.mark.slow
def test_resume_of_a_living_run_is_refused(tmp_path: Path) -> None:
    """A second --resume too; the run itself ends as if nothing had happened."""

    def start(*flags: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, SCRIPT, *flags, "--quiet"], cwd=tmp_path,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    first = start(*SMALL[:-1], "--passes", "1000", "--out", "run")
    while not (tmp_path / "run" / "checkpoint.npz").exists():
        assert first.poll() is None
        time.sleep(0.01)
    rows = len((tmp_path / "run" / "metrics.csv").read_text().splitlines())
    second = start("resume", "run")
    _, said = second.communicate(timeout=120)
    assert second.returncode == 2 and said.count("\n") == 1
    assert said.startswith("lenet1998: run: another process is writing there")
    assert len((tmp_path / "run" / "metrics.csv").read_text().splitlines()) >= rows
    first.kill()
    first.communicate()
    (tmp_path / "run" / ".weights-abcd1234.npz").touch()
    third = start("resume", "run")
    time.sleep(0.2)
    while (tmp_path / "run" / ".weights-abcd1234.npz").exists():
        assert third.poll() is None
        time.sleep(0.01)
    if sys.platform != "win32":
        third.send_signal(signal.SIGTERM)
    else:
        third.kill()
    _, said = third.communicate(timeout=120)
    assert sys.platform == "win32" or (third.returncode == 130 and "resume run" in said), said
