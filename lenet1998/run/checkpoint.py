"""checkpoint.npz: the whole state of a training in one file, to continue with the same bits.

It is written after every pass and, on Ctrl-C or SIGTERM, within one; a run that was killed
continues from the last one.  It holds the parameters, the optimizer's state, the order, the
state of the random numbers, the place in the pass and the results so far.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import LARGEST_ARRAYS, InputError, read_arrays, replacing
from ..learning.state import PassResult, TrainingState, restore, trainable_state
from ..learning.training import Trainer

FILE = "checkpoint.npz"
PLACE = ("number", "done", "wrong", "loss", "seconds")  # fields of a TrainingState that are numbers


def save(
    path: str | os.PathLike[str],
    trainer: Trainer,
    state: TrainingState,
    results: Sequence[PassResult],
    run: dict[str, Any],
) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        results: of the finished passes.
        run: the run's `config.identity`; `load` compares it.

    Raises:
        OSError: the disk is full or read-only.
    """
    arrays = trainable_state(trainer.network, trainer.optimizer)
    arrays["permutation"] = state.permutation
    if state.steps is not None:
        arrays["steps"] = state.steps
    content = {
        "run": run,
        "place": {name: getattr(state, name) for name in PLACE},
        "random": state.rng.bit_generator.state,
        "results": [asdict(result) for result in results],
    }
    arrays["state"] = np.array(json.dumps(content))
    arrays["sha256"] = np.array(_digest(arrays))
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load(
    path: str | os.PathLike[str], trainer: Trainer, state: TrainingState, run: dict[str, Any]
) -> list[PassResult]:
    """Restore the trainer and the state from a checkpoint; return the results so far.

    Args:
        run: the run's `config.identity`; the checkpoint of another run is refused.

    Raises:
        InputError: the file is missing, cut short, changed, or of another run; trainer and state
            are unchanged then.
    """
    trainable = trainable_state(trainer.network, trainer.optimizer)
    arrays = _read(path, trainable, state)
    rng = np.random.default_rng()
    most = trainer.pass_size or len(state.permutation)  # patterns of a pass
    try:
        content = json.loads(str(arrays["state"]))
        other, place = content["run"] != run, content["place"]
        rng.bit_generator.state = content["random"]
        results = [_result(fields) for fields in content["results"]]
        valid = (
            all(type(place[name]) is type(getattr(state, name)) for name in PLACE)
            and place["number"] == len(results) + 1
            and 0 <= place["wrong"] <= place["done"] <= most
            and (place["done"] == 0 or "steps" in arrays)
            and place["loss"] < np.inf
            and _valid_arrays(arrays, trainable, trainer, state)
        )
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        other = valid = False
    if other:
        raise InputError(
            f"{path}: belongs to another run than config.json in the same folder, or to another "
            "version of this package: restore what was changed, or remove it to start again"
        )
    if not valid:
        raise InputError(f"{path}: not a checkpoint of a run: remove it to start the run again")
    restore(trainable, arrays)
    state.permutation, state.steps = arrays["permutation"], arrays.get("steps")
    state.rng.bit_generator.state = rng.bit_generator.state
    for name in PLACE:
        setattr(state, name, place[name])
    return results


def passes_of(path: str | os.PathLike[str]) -> int:
    """The passes of the run that a checkpoint is of; 0 where there is none that can be read."""
    try:
        state = json.loads(str(read_arrays(path, ["state"])["state"]))
        return int(state["run"]["settings"]["passes"])
    except (LookupError, TypeError, ValueError, RecursionError):
        return 0


def _read(
    path: str | os.PathLike[str], trainable: dict[str, NDArray[Any]], state: TrainingState
) -> dict[str, NDArray[Any]]:
    """The arrays of a checkpoint; InputError when its digest is wrong."""
    names = [*trainable, "permutation", "state", "sha256"]
    largest = LARGEST_ARRAYS + 2 * state.permutation.nbytes
    arrays = read_arrays(path, names, ["steps"], largest)
    if str(arrays.pop("sha256")) != _digest(arrays):
        raise InputError(
            f"{path}: damaged, its SHA-256 is not that of its content: remove it to start the run "
            "again"
        )
    return arrays


def _result(fields: dict[str, Any]) -> PassResult:
    """A result from its JSON, in which tuples are lists."""
    rates = {
        str(layer): (float(low), float(high)) for layer, (low, high) in fields["rates"].items()
    }
    errors = tuple(int(count) for count in fields.get("test_errors", ()))
    result = PassResult(**{**fields, "rates": rates, "test_errors": errors})
    for name in ("eta", "training_error_percent", "test_error_percent", "loss", "seconds"):
        if type(getattr(result, name)) is not float:
            raise TypeError(name)
    if type(result.number) is not int or not rates:
        raise TypeError("number")
    return result


def _valid_arrays(
    arrays: dict[str, NDArray[Any]],
    trainable: dict[str, NDArray[Any]],
    trainer: Trainer,
    state: TrainingState,
) -> bool:
    """Whether shapes, types and values are those of a training."""
    steps, permutation = arrays.get("steps"), arrays["permutation"]
    return (
        (steps is None or _alike(steps, trainer.network.parameters))
        and permutation.dtype.kind == "i"
        and permutation.shape == state.permutation.shape
        and _valid_order(permutation, trainer.order)
        and all(_alike(arrays[name], values) for name, values in trainable.items())
    )


def _valid_order(permutation: NDArray[Any], order: str) -> bool:
    """Whether every pattern is there once, or with replacement any of them."""
    if order == "replacement":
        return bool(((permutation >= 0) & (permutation < len(permutation))).all())
    return np.array_equal(np.sort(permutation), np.arange(len(permutation)))


def _alike(array: NDArray[Any], values: NDArray[Any]) -> bool:
    """Whether the array is finite and has the shape and the type of the values."""
    same = array.shape == values.shape and array.dtype == values.dtype
    return same and bool(np.isfinite(array).all())


def _digest(arrays: dict[str, NDArray[Any]]) -> str:
    """SHA-256 over names, types, shapes and contents: swapped arrays differ too."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()
