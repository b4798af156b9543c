"""One long-lived process a peer: its own threads, its own memory, asked over a pipe."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from .peers import Array, Ours, Peer, build

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NPROC": "1",  # JAX's own pool
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


class Failed(Exception):
    """A peer is not there, or could not do what it was asked."""


class Worker:
    """The parent's end: `ask` runs a function of `Served` in the peer's process."""

    def __init__(self, name: str, threads: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self.pipe, end = context.Pipe()
        self.process = context.Process(target=serve, args=(end, name, threads), daemon=True)
        with environment(threads):
            self.process.start()
        end.close()
        self.versions: dict[str, str] = self._answer()

    def ask(self, what: str, *arguments: Any) -> Any:
        """What the peer's process answers; `Failed` with the reason when it cannot."""
        self.pipe.send((what, arguments))
        return self._answer()

    def _answer(self) -> Any:
        try:
            done, answer = self.pipe.recv()
        except EOFError:
            raise Failed("its process died") from None
        if not done:
            raise Failed(answer)
        return answer

    def close(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.join()


@contextmanager
def environment(threads: str) -> Iterator[None]:
    """The variables that a new process takes its number of threads from ("1" or "default")."""
    before = dict(os.environ)
    for name, value in ONE_THREAD.items():
        if threads == "1":
            os.environ[name] = value
        else:
            os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def serve(pipe: Connection, name: str, threads: str) -> None:
    """The child's end: build the peer, then answer until the pipe is closed."""
    try:
        served = Served(build(name, 1 if threads == "1" else None))
        pipe.send((True, served.peer.versions()))
        while True:
            what, arguments = pipe.recv()
            try:
                pipe.send((True, getattr(served, what)(*arguments)))
            except Exception as error:
                pipe.send((False, one_line(error)))
    except EOFError:
        pass
    except Exception as error:  # not installed, or it cannot start here
        pipe.send((False, one_line(error)))


def one_line(error: Exception) -> str:
    """Type and first line of an error."""
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"


class Served:
    """What a worker can be asked; times are seconds by the wall clock."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def start(self, parameters: Array, steps: Array, images: Array, labels: Array) -> None:
        """Weights, step sizes and some patterns, for all that follows."""
        from lenet1998.data.patterns import normalise

        self.parameters, self.steps = parameters, steps
        self.images, self.labels = images, labels
        self.x = normalise(images)

    def gradient(self, patterns: int, online: bool) -> Array:
        """Gradient of the first patterns as an update shows it."""
        x, labels = self.x[:patterns], self.labels[:patterns]
        return self.peer.gradient(self.parameters, x, labels, online)

    def time(self, what: str, size: int, times: int) -> float:
        """Seconds a pattern: forward or train on `times` batches, or online on `size` patterns."""
        peer = self.peer
        prepared = peer.prepare(self.x[:size], self.labels[:size])
        per_update = 1 if what == "online" else size
        peer.load(self.parameters, self.steps / np.float32(per_update))
        started = perf_counter()
        if what == "online":
            peer.online(prepared)
        else:
            getattr(peer, what)(prepared, times)
        return (perf_counter() - started) / (size * times)

    def whole_pass(self, images: Array, labels: Array) -> float:
        """Seconds for every pattern once, from grey levels."""
        self.peer.load(self.parameters, self.steps)
        started = perf_counter()
        self.peer.whole_pass(images, labels)
        return perf_counter() - started

    def curvature(self, patterns: int) -> float:
        """Seconds of ours for the estimate before each pass."""
        assert isinstance(self.peer, Ours)
        self.peer.load(self.parameters, self.steps)
        started = perf_counter()
        self.peer.curvature(self.x[:patterns], self.labels[:patterns])
        return perf_counter() - started

    def grow(self, what: str, size: int, times: int) -> tuple[float, float | None]:
        """Median seconds and the peak memory so far, at one size of a growing cost."""
        peer = self.peer
        peer.load(self.parameters, self.steps / np.float32(size))
        if what == "patterns":
            many = np.arange(size) % len(self.labels)
            images, labels = self.images[many], self.labels[many]
            return self.whole_pass(images, labels), peak_memory()
        n, width = (size, self.x.shape[2]) if what == "batch" else (1, size)
        x = np.resize(self.x, (n, *self.x.shape[1:2], width, 1))
        prepared = peer.prepare(x, np.resize(self.labels, n))
        run = peer.train if what == "batch" else peer.forward
        run(prepared)
        seconds = []
        for _ in range(5):
            started = perf_counter()
            run(prepared, times)
            seconds.append((perf_counter() - started) / times)
        return float(np.median(seconds)), peak_memory()

    def memory(self) -> float | None:
        """Peak memory of this process so far."""
        return peak_memory()


def peak_memory() -> float | None:
    """Most memory this process has held so far, in MB; None where the system does not tell.

    Linux's own file comes first: there `getrusage` of a child begins at its parent's peak.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
