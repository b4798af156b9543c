"""optimizer.npz: the averages that an optimizer keeps, such as momentum's, of a finished run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Array
from ..files import InputError, read_arrays, replacing
from ..learning.optimizers import Optimizer
from ..network.lenet5 import LeNet5

FILE = "optimizer.npz"


def save(optimizer: Optimizer, network: LeNet5, folder: Path) -> None:
    """Write the state that belongs to these weights; no file for an optimizer without one.

    Raises:
        OSError: the disk is full or read-only.
    """
    arrays: dict[str, Any] = dict(optimizer.state())
    if not arrays:
        return
    arrays["weights_sha256"] = np.array(network.sha256())
    with replacing(folder / FILE) as temporary, open(temporary, "wb") as file:
        np.savez(file, **arrays)


def restore(optimizer: Optimizer, network: LeNet5, folder: Path) -> None:
    """Restore the state; where a run of an earlier version left none, print that it starts at 0.

    Raises:
        InputError: the file is damaged, or of other weights.
    """
    own, path = optimizer.state(), folder / FILE
    if not own:
        return
    if not path.exists():
        print(f"{folder}: no {FILE}: the averages start at 0, so that the result is")
        print("not that of one run of all passes")
        return
    arrays = read_arrays(path, [*own, "weights_sha256"])
    if str(arrays["weights_sha256"]) != network.sha256():
        raise InputError(f"{path}: of other weights than weights.npz; remove it to start at 0")
    fill(own, arrays, path)


def fill(own: Mapping[str, Array], arrays: Mapping[str, Array], path: Path) -> None:
    """Copy arrays of a file into those of the same names, in place.

    Raises:
        InputError: another shape or type, or values that are not finite.
    """
    for name, place in own.items():
        values = arrays[name]
        if values.shape != place.shape or values.dtype != place.dtype:
            raise InputError(f"{path}: {name} is {values.dtype} {values.shape}, not of this run")
        if not np.isfinite(values).all():
            raise InputError(f"{path}: {name} holds numbers that are not finite")
    for name, place in own.items():
        place[...] = arrays[name]
