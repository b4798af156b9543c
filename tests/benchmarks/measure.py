"""The measurements: gradients compared, then rounds in which the peers take turns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np

from lenet1998 import LeNet5, paper
from lenet1998.data.patterns import Patterns
from lenet1998.learning import sdlm
from lenet1998.learning.criterion import MAP

from . import cpp
from .peers import OURS, PASS_BLOCK, PEERS, Array
from .workers import Failed, Worker

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-4  # largest difference of a layer's gradient, relative, norm-wise
FORWARD = (1, 16, 64, 256, 1000)  # batch sizes
TRAIN = (16, 64, 256)
ETA = 0.0001  # III-B: a rate of the middle of learning
PAUSE = 0.03  # seconds for the last peer's threads to go to sleep
GROWING = (OURS, "PyTorch")
PEERS_GROW_TO = 16000  # patterns

Rounds = dict[str, list[float]]


@dataclass(frozen=True)
class Extent:
    """How much is measured; the default values are the default run."""

    rounds: int = 9
    online: int = 500  # patterns a round
    batched: int = 1024  # patterns a round, at least one batch
    passes: int = 3  # rounds of the whole pass
    pass_slice: int = 2000  # patterns of it that a peer goes through
    imports: int = 7
    patterns: tuple[int, ...] = (1000, 2000, 4000, 8000, 16000, 32000, 60000)
    batch: tuple[int, ...] = (1, 4, 16, 64, 256, 1000)
    width: tuple[int, ...] = (32, 48, 64, 96, 128, 192, 256, 512)


QUICK = Extent(
    rounds=3,
    online=100,
    batched=256,
    passes=1,
    pass_slice=500,
    imports=3,
    patterns=(250, 500, 1000, 2000),
    batch=(1, 16, 64, 256),
    width=(32, 64, 128, 256),
)


def shorter(extent: Extent) -> Extent:
    """Less of it for many threads: on a busy machine they wait long for each other."""
    return replace(
        extent,
        rounds=min(extent.rounds, 5),
        online=min(extent.online, 200),
        passes=1,
        pass_slice=min(extent.pass_slice, 1000),
    )


class Bench:
    """All measurements on one set of patterns; `missing` fills with peers and their reasons."""

    def __init__(self, training: Patterns, extent: Extent, say: Callable[[str], None]) -> None:
        self.training, self.extent, self.say = training, extent, say
        self.missing: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        network = LeNet5(seed=1)
        self.parameters, self.slices = network.parameters.copy(), network.slices
        first = training.subset(min(1024, len(training)))
        self.images, self.labels = first.images, first.labels
        part = slice(paper.CURVATURE_PATTERNS)
        blocks = [(first.x(part), first.labels[part].astype(np.intp))]
        self.steps = sdlm.step_sizes(network, sdlm.estimate_curvature(network, MAP(), blocks), ETA)

    def start(self, name: str, threads: str) -> Worker | None:
        """A worker with weights and patterns; None, and a line why, where the peer is missing."""
        try:
            worker = Worker(name, threads)
            worker.ask("start", self.parameters, self.steps, self.images, self.labels)
        except Failed as error:
            self.miss(name, error)
            return None
        self.versions |= worker.versions
        return worker

    def miss(self, name: str, error: Failed) -> None:
        self.missing[name] = str(error)
        self.say(f"{name} is not measured: {error}")

    def take_turns(
        self, workers: Sequence[Worker | cpp.TinyDNN], rounds: int, what: str, *arguments: Any
    ) -> Rounds:
        """Ask all in turn, A B C A B C ..., after one untimed time each."""
        seconds: Rounds = {}
        able: list[Worker | cpp.TinyDNN] = []
        for worker in workers:
            try:
                worker.ask(what, *arguments)
            except Failed as error:
                self.miss(f"{worker.name} ({what} {arguments[:2]})", error)
            else:
                able.append(worker)
                seconds[worker.name] = []
        for _ in range(rounds):
            for worker in able:
                sleep(PAUSE)
                seconds[worker.name].append(worker.ask(what, *arguments))
        return seconds

    def with_threads(self, threads: str) -> dict[str, Any]:
        """Every case at one setting of the threads, "1" or "default"."""
        self.say(f"threads: {threads}; starting the peers")
        workers = [w for name in PEERS if (w := self.start(name, threads)) is not None]
        found: dict[str, Any] = {"gradients": self.compare(workers)}
        workers = [w for w in workers if w.name not in self.missing]
        library = [w for w in workers if PEERS[w.name][2] != "patches"]
        extent = self.extent if threads == "1" else shorter(self.extent)
        self.say("online step")
        online = self.take_turns(workers, extent.rounds, "time", "online", extent.online, 1)
        cases = [{"what": "online", "size": 1, "seconds": online}]
        if threads == "1":
            found["cpp"] = self.cpp_step(workers)
        found["memory"] = {worker.name: worker.ask("memory") for worker in workers}
        for what, sizes in (("forward", FORWARD), ("train", TRAIN)):
            for size in sizes:
                self.say(f"{what}, batch {size}")
                times = max(1, extent.batched // size)
                seconds = self.take_turns(library, extent.rounds, "time", what, size, times)
                cases.append({"what": what, "size": size, "seconds": seconds})
        found["cases"] = cases
        self.say("curvature estimate")
        ours = [worker for worker in workers if worker.name == OURS]
        patterns = paper.CURVATURE_PATTERNS
        found["curvature"] = self.take_turns(ours, extent.rounds, "curvature", patterns)
        self.say("whole pass")
        found["pass"] = self.whole_pass(workers, extent)
        for worker in workers:
            worker.close()
        return found

    def cpp_step(self, workers: list[Worker]) -> Rounds:
        """Ours and tiny-dnn's online step in turn; empty where tiny-dnn cannot be compiled."""
        self.say(f"online step of {cpp.NAME}: compiling")
        try:
            program = cpp.TinyDNN()
        except Failed as error:
            self.miss(cpp.NAME, error)
            return {}
        turns = [*(worker for worker in workers if worker.name == OURS), program]
        extent = self.extent
        found = self.take_turns(turns, extent.rounds, "time", "online", extent.online, 1)
        program.close()
        return found

    def compare(self, workers: list[Worker]) -> dict[str, dict[str, float]]:
        """Largest relative difference to our gradient of any layer; SystemExit when too large."""
        self.say("comparing the gradients")
        found: dict[str, dict[str, float]] = {}
        ours: dict[str, Array] = {}
        for worker in workers:
            for kind, patterns in (("online", 1), ("batch", TRAIN[0])):
                try:
                    gradient = worker.ask("gradient", patterns, kind == "online")
                except Failed as error:
                    self.miss(worker.name, error)
                    worker.close()
                    break
                if worker.name == OURS:
                    ours[kind] = gradient
                    continue
                for layer, part in self.slices.items():
                    difference = np.linalg.norm(gradient[part] - ours[kind][part])
                    relative = float(difference / np.linalg.norm(ours[kind][part]))
                    if not relative <= TOLERANCE:
                        raise SystemExit(
                            f"{worker.name} has another gradient ({kind}, {layer}: {relative:.1e} "
                            f"relative, at most {TOLERANCE:g}): nothing is timed"
                        )
                    worst = found.setdefault(worker.name, {})
                    worst[kind] = max(worst.get(kind, 0.0), relative)
        return found

    def whole_pass(self, workers: list[Worker], extent: Extent) -> dict[str, Any]:
        """Seconds for all patterns; a peer goes through a slice and its time is scaled up."""
        every = len(self.training)
        patterns = {w.name: min(every, extent.pass_slice) for w in workers}
        patterns[OURS] = every
        seconds: Rounds = {worker.name: [] for worker in workers}
        for worker in workers:  # one block, untimed: compilers see its shape
            worker.ask("whole_pass", self.images[:PASS_BLOCK], self.labels[:PASS_BLOCK])
        for _ in range(extent.passes):
            for worker in workers:
                n = patterns[worker.name]
                images, labels = self.training.images[:n], self.training.labels[:n]
                sleep(PAUSE)
                took = worker.ask("whole_pass", images, labels)
                seconds[worker.name].append(took * every / n)
        return {"of": every, "patterns": patterns, "seconds": seconds}

    def growth(self, threads: str) -> dict[str, dict[str, list[Any]]]:
        """[size, seconds, peak MB] against patterns, batch and width, each in a fresh process."""
        found: dict[str, dict[str, list[Any]]] = {}
        for what in ("patterns", "batch", "width"):
            self.say(f"growth with {what}")
            found[what] = {}
            for name in GROWING:
                if name in self.missing or (worker := self.start(name, threads)) is None:
                    continue
                rows = []
                for size in getattr(self.extent, what):
                    if what == "patterns" and name != OURS and size > PEERS_GROW_TO:
                        continue
                    times = max(1, 256 // size) if what == "batch" else 10
                    rows.append([size, *worker.ask("grow", what, size, times)])
                worker.close()
                found[what][name] = rows
        return found

    def imports(self) -> Rounds:
        """Seconds to import a module in a fresh interpreter, the modules taking turns."""
        self.say("imports")
        modules = [m for m in ("numpy", "lenet1998", "torch", "jax") if find_spec(m)]
        code = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
        seconds: Rounds = {module: [] for module in modules}
        for number in range(self.extent.imports + 1):
            for module in modules:
                command = [sys.executable, "-c", code.format(module)]
                done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
                if number:  # the first time reads the disk
                    seconds[module].append(float(done.stdout))
        return seconds
