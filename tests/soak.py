"""Disturb runs of random settings for a stated time: nothing may be lost.

    python tests/soak.py --minutes 30

Each trial trains a small network on the printed digits undisturbed, and once more while it is
killed, stopped, resumed twice at a time, starved of disk, or while bits of its files flip.  In the
end the disturbed run has the bits of the other one, or a command refused in one line with status 2.
"""

import argparse
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).resolve().parent.parent / "reproduce.py"
# Each line adds one of its settings, or none.
CHOICES = [
    ["--optimizer adam", "--optimizer momentum", "--optimizer rmsprop", "--step-sizes parameter"],
    ["--batch-size 2", "--batch-size 16", "--batch-size 64"],
    ["--order shuffled"],
    ["--pass-size 70", "--pass-size 333"],
    ["--patterns distorted", "--patterns noisy"],
    ["--activation tanh", "--activation relu"],
    ["--subsampling average", "--subsampling max"],
    ["--connections full"],
    ["--batch-norm --batch-size 8"],
    ["--criterion mle", "--output softmax"],
    ["--schedule constant", "--schedule step --step-at 2", "--schedule cosine"],
    ["--input-range unit", "--input-range standard"],
]


class Fault(Exception):
    """The run lost something, or a command ended in another way than it should."""


def random_settings(rng: random.Random) -> list[str]:
    """Flags of a small run that ends in a few seconds."""
    words: dict[str, str] = {}
    for choices in CHOICES:
        if rng.random() < 0.25:
            for flag, *value in map(str.split, rng.choice(choices).split("--")[1:]):
                words.setdefault(f"--{flag}", *(value or [""]))
    sizes = {
        "--train-size": rng.randrange(100, 500), "--test-size": 50,
        "--passes": rng.randrange(2, 6), "--seed": rng.randrange(1000),
    }  # fmt: skip
    words.update({flag: str(value) for flag, value in sizes.items()})
    return [word for pair in words.items() for word in pair if word]


class Trial:
    """One run in a folder of its own, and what is done to it."""

    def __init__(self, base: Path, rng: random.Random) -> None:
        self.base, self.rng = base, rng
        self.flags = ["--dataset", "printed", "--quiet", *random_settings(rng)]
        self.run = base / "run"
        self.log: list[str] = []

    def start(self, *words: str, prepare: Callable[[], None] | None = None) -> "Process":
        """Start a command."""
        self.log.append(shlex.join(words))
        return Process(self.base, words, prepare)

    def first(self, **options: Callable[[], None]) -> "Process":
        return self.start(*self.flags, "--out", "run", **options)

    def resume(self) -> "Process":
        """Continue the run; start it again where it had not begun."""
        if (self.run / "config.json").exists():
            return self.start("resume", "run", "--quiet")
        shutil.rmtree(self.run, ignore_errors=True)
        return self.first()

    def whole(self) -> bool:
        """The undisturbed run; whether its settings go together and it did not diverge."""
        process = self.start(*self.flags, "--out", "whole")
        status = process.end(0, 1, 2)
        self.seconds = process.seconds
        return status == 0

    def wait(self, process: "Process") -> None:
        """Let a process run for a random part of the time that the undisturbed run took."""
        until = time.monotonic() + self.rng.uniform(0, self.seconds)
        while time.monotonic() < until and process.alive():
            time.sleep(0.005)

    def finish(self) -> None:
        """Bring the run to its end and compare it with the undisturbed one."""
        process = self.resume()
        if process.end(0, 2) == 2 and not self.ended():
            raise Fault(f"not resumed: {process.said}")
        self.compare()

    def ended(self) -> bool:
        return self.there("run") == self.there("whole")

    def there(self, run: str) -> list[str]:
        """What is in the folder of a run."""
        return sorted(path.name for path in (self.base / run).iterdir())

    def compare(self) -> None:
        """Raise where a file of the two runs differs."""
        if not self.ended():
            raise Fault(f"files {self.there('run')}")
        ours, theirs = (np.load(self.base / name / "weights.npz") for name in ("run", "whole"))
        if ours.files != theirs.files or any(
            ours[name].tobytes() != theirs[name].tobytes() for name in ours.files
        ):
            raise Fault("other weights")
        rows = [
            [line.rsplit(",", 1)[0] for line in (self.base / name / "metrics.csv").open()]
            for name in ("run", "whole")
        ]
        if rows[0] != rows[1]:
            raise Fault(f"other metrics: {rows}")


class Process:
    """A command that is running."""

    def __init__(
        self, cwd: Path, words: tuple[str, ...], prepare: Callable[[], None] | None
    ) -> None:
        def before() -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            if prepare is not None:
                prepare()

        self.words, self.started = shlex.join(words), time.monotonic()
        self.popen = subprocess.Popen(
            [sys.executable, str(SCRIPT), *words], cwd=cwd, text=True, preexec_fn=before,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={k: v for k, v in os.environ.items() if k != "LENET1998_DATA"},
        )  # fmt: skip

    def alive(self) -> bool:
        return self.popen.poll() is None

    def await_handlers(self) -> None:
        """Wait until the command answers SIGTERM itself: before its first line Python ends it."""
        about = Path(f"/proc/{self.popen.pid}/status")
        if not about.exists():  # not Linux
            time.sleep(2.0)
        while self.alive():
            caught = int(about.read_text().partition("SigCgt:")[2].split()[0], 16)
            if caught >> (signal.SIGTERM - 1) & 1:
                return
            time.sleep(0.005)

    def end(self, *statuses: int) -> int:
        """Wait for the end; raise for another status or for more than a line of messages."""
        _, said = self.popen.communicate(timeout=600)
        self.seconds, status = time.monotonic() - self.started, self.popen.returncode
        killed = status == -signal.SIGKILL
        expected = 0 if status == 0 or killed else 1
        if status not in statuses or said.count("\n") != expected or "Traceback" in said:
            raise Fault(f"{self.words}: status {status}, {said!r}")
        self.said = said
        return status

    def signal(self, number: int) -> None:
        if self.alive():
            self.popen.send_signal(number)


# --- What is done to a run -----------------------------------------------------------------------


def kill(trial: Trial) -> None:
    """SIGKILL, up to three times."""
    process = trial.first()
    for _ in range(trial.rng.randrange(3)):
        trial.wait(process)
        process.signal(signal.SIGKILL)
        process.end(0, 2, -signal.SIGKILL)
        process = trial.resume()
    trial.wait(process)
    process.signal(signal.SIGKILL)
    process.end(0, 2, -signal.SIGKILL)


def stop(trial: Trial) -> None:
    """Ctrl-C or SIGTERM, sometimes twice, up to three times."""
    process = trial.first()
    for last in [False] * trial.rng.randrange(3) + [True]:
        process.await_handlers()
        trial.wait(process)
        for _ in range(trial.rng.choice([1, 1, 2])):
            process.signal(trial.rng.choice([signal.SIGINT, signal.SIGTERM]))
            time.sleep(trial.rng.choice([0, 0.01]))
        process.end(0, 2, 130)
        if not last:
            process = trial.resume()


def resume_twice(trial: Trial) -> None:
    """Two processes continue the same run: one of them is refused, or comes too late."""
    process = trial.first()
    trial.wait(process)
    process.signal(signal.SIGKILL)
    process.end(0, -signal.SIGKILL)
    if (trial.run / "config.json").exists():
        several = [trial.resume() for _ in range(2)]
        statuses = [one.end(0, 2) for one in several]
        if statuses == [2, 2] and not trial.ended():
            raise Fault(f"both refused: {[one.said for one in several]}")


def fill_disk(trial: Trial) -> None:
    """Files may have no more than some bytes, as on a full disk."""
    import resource

    most = trial.rng.choice([0, 500, 5_000, 50_000, 200_000, 300_000, 1_000_000])

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    trial.log.append(f"at most {most} bytes a file")
    trial.first(prepare=limit).end(0, 2)


def flip_bits(trial: Trial) -> None:
    """Some bits of one file flip after a kill; what notices is removed, as its message says."""
    process = trial.first()
    while process.alive() and not (trial.run / "checkpoint.npz").exists():
        time.sleep(0.005)
    trial.wait(process)
    process.signal(signal.SIGKILL)
    process.end(0, -signal.SIGKILL)
    if trial.ended():
        return
    names = ["checkpoint.npz", "config.json", "metrics.csv", "weights.npz"]
    path = trial.run / trial.rng.choice(names)
    if not path.exists() or not (good := path.read_bytes()):
        return
    content = bytearray(good)
    for _ in range(trial.rng.choice([1, 1, 8])):
        content[trial.rng.randrange(len(content))] ^= 1 << trial.rng.randrange(8)
    path.write_bytes(content)
    trial.log.append(
        f"{path.name}: {sum(a != b for a, b in zip(good, content, strict=True))} flips"
    )
    if trial.resume().end(0, 2) == 2:
        if path.name == "config.json":  # the user puts it back
            path.write_bytes(good)
        elif path.name == "checkpoint.npz":
            path.unlink()


DISTURBANCES = [kill, stop, resume_twice, fill_disk, flip_bits]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    until = time.monotonic() + 60 * args.minutes
    done: Counter[str] = Counter()
    faults = refused = 0
    seed = args.seed
    while time.monotonic() < until:
        rng = random.Random(seed)
        disturb = rng.choice(DISTURBANCES)
        with tempfile.TemporaryDirectory() as base:
            trial = Trial(Path(base), rng)
            try:
                if not trial.whole():
                    refused += 1
                    seed += 1
                    continue
                disturb(trial)
                trial.finish()
            except Fault as fault:
                faults += 1
                print(f"FAULT, seed {seed}, {disturb.__name__}: {fault}\n  ", end="")
                print("\n  ".join(trial.log), flush=True)
        done[disturb.__name__] += 1
        seed += 1
    counts = ", ".join(f"{name} {count}" for name, count in sorted(done.items()))
    print(f"{sum(done.values())} trials ({counts}), {refused} settings refused, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
