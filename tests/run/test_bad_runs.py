"""Bad input: a run's config.json, metrics.csv and checkpoint."""

import hashlib
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_input import (
    NO_ARCHIVES,
    NO_FILE,
    Make,
    Refused,
    Table,
    begun,
    changed,
    gone,
    good,
    holds,
    instead,
    nothing,
    run,
)

from lenet1998.learning.state import TrainingState
from lenet1998.learning.training import Trainer
from lenet1998.run import checkpoint
from lenet1998.run.checkpoint import FILE
from lenet1998.run.folder import RESULTS

TABLE = Table()
row = TABLE.row

CONFIG = Path("run") / "config.json"


def config(**fields: Any) -> Make:
    """The good config.json with other fields, and other settings where a field is `settings`."""

    def change(content: bytes) -> bytes:
        found = json.loads(content)
        settings = {**found["settings"], **fields.get("settings", {})}
        return json.dumps({**found, **fields, "settings": settings}).encode()

    return changed(str(CONFIG), change)


BAD_CONFIGS = {
    "empty": (b"", "not JSON"),
    "cut": (b'{"settings": {"da', "not JSON"),
    "no text": (b"\xff\xfe", "not JSON"),
    "nested without end": (b"[" * 90_000, "not JSON"),
    "200 kB": (b" " * 200_000, "too long"),
    "a list": (b"[1]", "not a JSON object"),
    "a number": (b"1", "not a JSON object"),
    "an empty object": (b"{}", "lacks one of settings, data_sha256, versions"),
    "no data": (b'{"settings": {"dataset": "mnist"}}', "lacks one of settings"),
    "settings of a list": (b'{"settings": [], "data_sha256": []}', "lacks one of settings"),
    "versions of a list": (
        b'{"settings": {}, "data_sha256": [], "versions": []}', "lacks one of settings",
    ),
    "no data set": (
        b'{"settings": {}, "data_sha256": [], "versions": {}}', "no settings with a dataset",
    ),
}  # fmt: skip
for command in ("--config run/config.json", "resume run"):
    for what, (content, says) in BAD_CONFIGS.items():
        row(f"{command}: {what}", holds(str(CONFIG), content), command, f"{CONFIG}: ", says)
    row(f"{command}: missing", gone(str(CONFIG)), command, f"{CONFIG}: cannot be read (No such")
    for what, says in NO_FILE.items():
        row(f"{command}: {what}", instead(str(CONFIG), what), command, f"{CONFIG}: cannot", says)
    row(f"{command}: other data", nothing, command, f"{CONFIG}: this run used other data (SHA-256")
BAD_SETTINGS: dict[str, tuple[Any, str]] = {
    "dataset": ("cifar", "dataset is 'cifar': expected one of mnist"),
    "passes": (0, "passes is 0: expected a whole number from 1 to 10000"),
    "train_size": (10**400, "expected a whole number from 1 to 1000000000"),
    "seed": (1.5, "seed is 1.5: expected a whole number"),
    "batch_norm": (1, "batch_norm is 1: expected True or False"),
    "activation": ("gelu", "activation is 'gelu': expected one of squash"),
    "order": (["shuffled"], "order is ('shuffled',): expected one of constant"),
    "criterion": (None, "criterion is None: expected one of map"),
    "learning_rate": ([], "learning_rate is (): expected a number"),
    "momentum": (float("nan"), "momentum is nan: expected a number from 0 to 0.9999"),
    "weight_decay": (float("inf"), "weight_decay is inf: expected a number from 0 to 10"),
    "step_at": ([2.5], "step_at is (2.5,): expected a whole number"),
    "warmup": ({}, "warmup is {}: expected a whole number"),
    "colour": ("red", "the setting 'colour' is not known"),
    "a\nb": (1, r"the setting 'a\nb' is not known"),
}
for name, (value, says) in BAD_SETTINGS.items():
    make = config(settings={name: value})
    row(f"config: {name} {str(value)[:9]}", make, "--config run/config.json", f"{CONFIG}: ", says)
row(
    "config: a far step",
    config(settings={"schedule": "step", "step_at": [10**9]}),
    "--config run/config.json",
    "step_at is (1000000000,): expected a whole number from 2 to 10000",
)
row("config: no name", nothing, ["--config", ""], "cannot be read (a folder)")
row(
    "config: own data",
    config(settings={"dataset": "custom"}),
    "--config run/config.json",
    "this run used your own files: give their folder with --data",
)
row(
    "config: other own data",
    config(settings={"dataset": "custom", "train_size": 12, "test_size": 10}),
    "--config run/config.json --data data",
    "this run used other data (SHA-256 differs)",
)
row(
    "config: too many patterns",
    config(settings={"dataset": "custom"}),
    "--config run/config.json --data data",
    "--train-size 30: custom data has 12 patterns",
)
row(
    "resume: no folder",
    nothing,
    "resume nowhere",
    "nowhere: no such folder: give the folder of a run",
)
row("resume: a set", nothing, "resume .", "contains runs but is not one: give the folder of one")
row("resume: a file", nothing, "resume digit", "cannot be read (")
row("resume: no run", nothing, "--data data --passes 1 --resume", "no interrupted run")


def ended(patch: pytest.MonkeyPatch) -> None:
    """Everything that a run leaves is there."""
    for name in RESULTS:
        if name != "config.json":
            (Path("run") / name).write_bytes(b"pass\n1\n2\n")


row("resume: ended", ended, "resume run", "run has ended")


# --- Checkpoints ---------------------------------------------------------------------------------

RESUME = "resume begun --data data --quiet"
CHECKPOINT = str(Path("begun") / FILE)


def digest(arrays: dict[str, Any]) -> str:
    """SHA-256 over names, types, shapes and contents, as `run/checkpoint.py` says."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        values = np.atleast_1d(arrays[name])
        found.update(f"{name} {values.dtype.str} {values.shape}\n".encode() + values.tobytes())
    return found.hexdigest()


def saved(change: Callable[[Any, Any], object], end: str = "") -> Make:
    """A checkpoint with other arrays or another state, and a digest that is right for them."""

    def make(patch: pytest.MonkeyPatch) -> None:
        settings, identity = begun(good())
        network = settings.network()
        optimizer = settings.make_optimizer(network)
        trainer = Trainer(network, settings.make_criterion(), optimizer, settings.etas())
        checkpoint.save(CHECKPOINT, trainer, TrainingState.initial(12, 0), [], identity)
        with np.load(CHECKPOINT) as archive:
            arrays = dict(archive)
        told = json.loads(str(arrays.pop("state")))
        del arrays["sha256"]
        change(arrays, told)
        arrays["state"] = np.array(json.dumps(told) + end)
        np.savez(CHECKPOINT, **arrays, sha256=np.array(digest(arrays)))

    return make


def result(**fields: Any) -> Callable[[Any, Any], object]:
    """One finished pass, with these fields changed."""
    good = {
        "number": 1, "eta": 0.1, "training_error_percent": 1.0, "test_error_percent": 1.0,
        "loss": 1.0, "rates": {"C1": [0.1, 0.2]}, "seconds": 1.0,
    }  # fmt: skip

    def change(arrays: Any, told: Any) -> None:
        told["place"]["number"] = 2
        told["results"] = [{**good, **fields}]

    return change


for what, content in NO_ARCHIVES.items():
    row(f"checkpoint: {what}", holds(CHECKPOINT, content), RESUME, f"{CHECKPOINT}: cannot be read")
for what, says in NO_FILE.items():
    if what != "loop":  # which is as good as no checkpoint
        row(f"checkpoint: {what}", instead(CHECKPOINT, what), RESUME, f"{CHECKPOINT}: cannot", says)
for what, make in {
    "no JSON": saved(lambda arrays, told: None, "{"),
    "deep JSON": saved(lambda arrays, told: None, "[" * 100_000),
    "no state": saved(lambda arrays, told: told.clear()),
    "another run": saved(lambda arrays, told: told.update(run={})),
    "no place": saved(lambda arrays, told: told.update(place=[])),
    "a place of text": saved(lambda arrays, told: told["place"].update(number="one")),
    "no random numbers": saved(lambda arrays, told: told.update(random={})),
    "other random numbers": saved(lambda arrays, told: told["random"].update(state="x")),
    "results without sense": saved(lambda arrays, told: told.update(results=[{"rates": 1}])),
    "another order": saved(lambda arrays, told: arrays.update(permutation=np.full(12, 99))),
    "a short order": saved(lambda arrays, told: arrays.update(permutation=np.arange(3))),
    "an order of floats": saved(lambda arrays, told: arrays.update(permutation=np.ones(12))),
    "another shape": saved(lambda arrays, told: arrays.update({"network/C1": np.zeros(3)})),
    "short steps": saved(lambda arrays, told: arrays.update(steps=np.zeros(3))),
    "steps of text": saved(lambda arrays, told: arrays.update(steps=np.full(60_000, "a"))),
    "whole weights": saved(lambda arrays, told: arrays.update({"network/C1": np.ones(156, int)})),
    "double weights": saved(lambda arrays, told: arrays.update({"network/C1": np.ones(156)})),
    "done without steps": saved(lambda arrays, told: told["place"].update(done=5)),
    "wrong without done": saved(lambda arrays, told: told["place"].update(wrong=5)),
    "more done than there are": saved(
        lambda arrays, told: (
            told["place"].update(done=99),
            arrays.update(steps=np.ones(60_000, np.float32)),
        )
    ),
    "a loss of NaN": saved(lambda arrays, told: told["place"].update(loss=float("nan"))),
    "a result of text": saved(result(loss="x")),
    "a result without rates": saved(result(rates={})),
    "rates of text": saved(result(rates={"C1": ["a", "b"]})),
    "a result of another pass": saved(result(number="1")),
    "errors of text": saved(result(test_errors=["x"])),
    "no C3": saved(lambda arrays, told: arrays.pop("network/C3")),
    "NaN": saved(lambda arrays, told: arrays["network/C1"].fill(np.nan)),
}.items():
    row(f"checkpoint: {what}", make, RESUME, f"{CHECKPOINT}: ")


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_runs_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error


def test_an_unchanged_checkpoint_is_good(good_inputs: Path, monkeypatch) -> None:
    """Else the rows above would be wrong for another reason than they say."""
    saved(lambda arrays, told: None)(monkeypatch)
    assert run(shlex.split(RESUME)) == 0
