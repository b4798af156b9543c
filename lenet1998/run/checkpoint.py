"""Nothing lost: a run's whole state in one file, to go on from with the same bits.

A checkpoint is written after every pass and, on Ctrl-C or SIGTERM, within one; a run that was
killed goes on from the last.  It holds the parameters, what the optimizer remembers, the order, the
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
from ..learning.optimizers import Optimizer
from ..learning.training import PassResult, State
from ..network.lenet5 import LeNet5

FILE = "checkpoint.npz"


def save(
    path: str | os.PathLike[str],
    network: LeNet5,
    optimizer: Optimizer,
    state: State,
    results: Sequence[PassResult],
    run: dict[str, Any],
) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        results: of the passes that ended.
        run: what the run is of, as JSON has it; `load` compares it.

    Raises:
        OSError: the disk is full or may not be written.
    """
    arrays = _moving(network, optimizer)
    arrays["permutation"] = state.permutation
    if state.steps is not None:
        arrays["steps"] = state.steps
    place = {name: getattr(state, name) for name in _PLACE}
    arrays["state"] = np.array(
        json.dumps(
            {
                "run": run,
                "place": place,
                "random": state.rng.bit_generator.state,
                "results": [asdict(result) for result in results],
            }
        )
    )
    arrays["sha256"] = np.array(_digest(arrays))
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load(
    path: str | os.PathLike[str],
    network: LeNet5,
    optimizer: Optimizer,
    state: State,
    run: dict[str, Any],
) -> list[PassResult]:
    """Put network, optimizer and state where the checkpoint has them; return the results so far.

    Args:
        run: what the run is of; a checkpoint of another run is refused.

    Raises:
        InputError: the file is missing, cut short, changed, or another run's; nothing is touched
            then.
    """
    moving = _moving(network, optimizer)
    names, largest = [*moving, "permutation", "state", "sha256"], LARGEST_ARRAYS
    arrays = read_arrays(path, names, ["steps"], largest + 2 * state.permutation.nbytes)
    if str(arrays.pop("sha256")) != _digest(arrays):
        raise InputError(
            f"{path}: damaged, its SHA-256 is not that of its content: remove it, and the run "
            "begins anew"
        )
    steps, order, rng = arrays.get("steps"), arrays["permutation"], np.random.default_rng()
    try:
        found = json.loads(str(arrays["state"]))
        other, place = found["run"] != run, found["place"]
        rng.bit_generator.state = found["random"]
        results = [
            PassResult(**{**one, "rates": {k: tuple(v) for k, v in one["rates"].items()}})
            for one in found["results"]
        ]
        sound = (
            all(type(place[name]) is type(getattr(state, name)) for name in _PLACE)
            and place["number"] == len(results) + 1
            and place["done"] >= 0
            and (steps is None or steps.shape == network.parameters.shape)
            and order.dtype.kind == "i"
            and np.array_equal(np.sort(order), np.arange(len(state.permutation)))
            and all(arrays[k].shape == values.shape for k, values in moving.items())
            and all(np.isfinite(arrays[k]).all() for k in moving)
        )
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        other = sound = False
    if other:
        raise InputError(
            f"{path}: of another run than the config.json beside it, or of another version of this "
            "package: put back what was changed, or remove it, and the run begins anew"
        )
    if not sound:
        raise InputError(f"{path}: no checkpoint of ours: remove it, and the run begins anew")
    for name, values in moving.items():
        values[...] = arrays[name]
    state.permutation, state.steps = order, steps
    state.rng.bit_generator.state = rng.bit_generator.state
    for name in _PLACE:
        setattr(state, name, place[name])
    return results


_PLACE = ("number", "done", "wrong", "loss", "seconds")  # of a State, besides its arrays


def _moving(network: LeNet5, optimizer: Optimizer) -> dict[str, NDArray[Any]]:
    """Every array that learning changes, by the name it has in the file."""
    return {
        **{f"network/{name}": values for name, values in network.saved().items()},
        **{f"optimizer/{name}": values for name, values in optimizer.state().items()},
    }


def _digest(arrays: dict[str, NDArray[Any]]) -> str:
    """SHA-256 over names, types, shapes and contents: swapped arrays differ too."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        found.update(values.tobytes())
    return found.hexdigest()
