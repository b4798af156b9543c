"""Where weights are, and the margin to reject below that belongs to them."""

import hashlib
import os
from pathlib import Path

from ..files import AnyPath, InputError, nearest, package_folder, read_json

PRETRAINED = ("1998", "distortions", "noise")  # folders of the shipped weights of single digits
STRINGS = "strings"  # and of those for strings of digits (VII)
SHIPPED = "distortions"  # default weights: the paper's best LeNet-5
REJECTION_FILE = "rejection.json"  # the margin to reject below, in the same folder as the weights


def weights_path(weights: AnyPath) -> Path:
    """The file of some weights.

    Args:
        weights: the name of shipped weights, a weights file, or the folder of a run.

    Raises:
        InputError: a folder without weights, or a name that is nearly one of the shipped weights.
    """
    if weights in (*PRETRAINED, STRINGS):
        return package_folder() / "pretrained" / str(weights) / "weights.npz"
    path = Path(weights)
    if (near := nearest(str(weights), (*PRETRAINED, STRINGS))) and not os.path.lexists(path):
        raise InputError(f"{weights}: no such weights; did you mean {near}?")
    if path.is_dir() and not os.path.lexists(path / "weights.npz"):
        raise InputError(f"{weights}: a folder without weights.npz; give the folder of a run")
    return path / "weights.npz" if (path / "weights.npz").is_file() else path


def rejection_margin(weights: AnyPath) -> float | None:
    """The margin below which an answer of these weights is rejected; None when it is not known.

    `experiment rejection` finds the margin, in units of eq. 7, that leaves 0.5 % of errors on the
    test set.  It is read from rejection.json in the folder of the weights, which names by SHA-256
    the file that the margin was found for; other weights in the folder have none.

    Args:
        weights: as in `weights_path`.

    Raises:
        InputError: rejection.json is damaged.
    """
    owner = weights_path(weights)
    path = owner.with_name(REJECTION_FILE)
    if not path.exists():
        return None
    advice = "delete it, or run the experiment rejection again"
    record = read_json(path, advice)
    margin = record.get("reject_below")
    if not isinstance(margin, int | float) or not 0 <= margin < 1e9:
        raise InputError(f"{path}: reject_below is {margin!r}, expected a number from 0: {advice}")
    if "weights_sha256" in record:
        return float(margin) if record["weights_sha256"] == file_sha256(owner) else None
    return float(margin) if owner.name == "weights.npz" else None  # of a run, or shipped


def file_sha256(path: Path) -> str:
    """SHA-256 of a file; "" of none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
