"""The pool of processes: signals at every moment, and processes that are killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import reproduce
from lenet1998.files import InputError
from lenet1998.run.stop import StopOnSignal, deferring_signals
from lenet1998.run.workers import local

SCRIPT = Path(reproduce.__file__).resolve()
SMALL = ["--dataset", "printed", "--train-size", "200", "--test-size", "50", "--passes", "1"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
LONG = 100  # seconds that a task takes that nobody stops

# What a process of the pool does while it starts: Python imports this first.
SLOW_START = """
import sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    open("starting", "w").close()
    time.sleep(2)
"""


@posix
@pytest.mark.slow
def test_ctrl_c_while_the_processes_start_is_one_line(tmp_path: Path) -> None:
    """A terminal sends it to all of them."""
    (tmp_path / "sitecustomize.py").write_text(SLOW_START)
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), *SMALL, "--seeds", "2", "--jobs", "2", "--out", "set"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    while not (tmp_path / "starting").exists():
        assert process.poll() is None
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130 and said.count("lenet1998: ") == 1, said
    assert "Traceback" not in said and said.endswith("give the same command with --resume\n")


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_stopped_pool_ends_between_runs_too(size: int) -> None:
    """While a process starts, imports or waits; and while a run is half-way in the pipe to it."""
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), local(1) as workers:
        first = workers.executor.submit(time.sleep, LONG)
        for _ in range(3):
            workers.executor.submit(len, bytes(size))
        while not first.running():
            time.sleep(0.01)
        raise KeyboardInterrupt
    assert time.monotonic() - started < LONG


@posix
@pytest.mark.slow
def test_a_killed_process_ends_the_pool_in_one_line() -> None:
    started = time.monotonic()
    with pytest.raises(InputError, match="a run was killed"), local(2) as workers:
        tasks = [workers.executor.submit(time.sleep, LONG) for _ in range(2)]
        workers.executor.submit(len, bytes(1_000_000))
        os.kill(next(iter(workers.executor._processes)), signal.SIGKILL)
        tasks[0].result()
    assert time.monotonic() - started < LONG


def test_a_process_that_cannot_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor.submit", broken)
    with pytest.raises(InputError, match=r"cannot be started \(Broken pipe\)"), local(1) as some:
        some.executor.submit(len, b"")


@posix
def test_a_process_of_a_pool_ends_behind_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second signal, which the broken pool sends, takes nothing of what is saved."""
    ended: list[bool] = []
    monkeypatch.setattr(StopOnSignal, "end", lambda: ended.append(True))
    with StopOnSignal() as stop:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert stop() and not ended
    assert ended == [True]
    with StopOnSignal():
        pass
    assert ended == [True]


@posix
def test_signals_wait_until_a_process_is_made() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    own = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    done = False
    try:
        with pytest.raises(KeyboardInterrupt), deferring_signals():
            assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
            os.kill(os.getpid(), signal.SIGINT)
            done = True
    finally:
        signal.signal(signal.SIGINT, own)
    assert done and signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
