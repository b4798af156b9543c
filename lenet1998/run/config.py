"""config.json: the settings and data that determine a run's numbers, and its machine."""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..files import InputError, read_json, replacing
from ..threads import VARIABLES
from ..version import __version__
from .settings import Settings

# They decide how matrix products are computed, and so the last bits of every number.
BLAS_VARIABLES = ("OPENBLAS_CORETYPE", *VARIABLES)


def identity(settings: Settings, data_sha256: Sequence[str]) -> dict[str, Any]:
    """What decides a run's numbers, ready for JSON: settings, data and the package's version."""
    return {
        "settings": settings.as_json(),
        "data_sha256": list(data_sha256),
        "lenet1998": __version__,
    }


def write_config(folder: Path, run: dict[str, Any]) -> None:
    """Claim the folder for a run: write its config.json and an empty metrics.csv.

    Args:
        run: its `identity`.

    Raises:
        OSError: the folder has a metrics.csv, of another run, or cannot be written.
    """
    with open(folder / "metrics.csv", "x", encoding="utf-8"):
        pass  # the folder is taken from now on
    try:
        replace_config(folder, run)
    except OSError:
        (folder / "metrics.csv").unlink()  # without its config.json it could not be resumed
        raise


def replace_config(folder: Path, run: dict[str, Any]) -> None:
    """Write the config.json of a run, whole or not at all; `run` is its `identity`."""
    config = {"settings": run["settings"], "data_sha256": run["data_sha256"], **surroundings()}
    with replacing(folder / "config.json") as path:
        path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def surroundings() -> dict[str, Any]:
    """What the last bits depend on: versions, machine and the variables of the BLAS library."""
    return {
        "versions": {
            "lenet1998": __version__,
            **{name: version(name) for name in ("numpy", "matplotlib", "tqdm")},
            "python": platform.python_version(),
        },
        "machine": platform.platform(),
        "environment": {k: v for k, v in os.environ.items() if k in BLAS_VARIABLES},
    }


def read_config(path: str | os.PathLike[str]) -> tuple[Settings, dict[str, Any]]:
    """The settings and the whole content of a config.json.

    Raises:
        InputError: the file is missing, cut short or not valid.
    """
    advice = "give the folder of a run, or its config.json"
    found = read_json(path, advice)
    kinds = {"settings": dict, "data_sha256": list, "versions": dict}
    if not all(isinstance(found.get(k), kinds[k]) for k in kinds):
        raise InputError(f"{path}: lacks one of {', '.join(kinds)}: {advice}")
    try:
        settings = Settings.from_json(found["settings"])
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return settings, found


def differences(config: dict[str, Any]) -> list[str]:
    """One line for each difference between the environment in a config.json and this one."""
    there = {**surroundings(), **config}
    lines = []
    for name, ours in surroundings().items():
        theirs = there[name]
        if theirs != ours:
            if isinstance(ours, dict) and isinstance(theirs, dict):
                names = {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
                ours, theirs = ({key: d.get(key) for key in sorted(names)} for d in (ours, theirs))
            lines.append(f"{name}: {theirs} then, {ours} now; the last bits may differ")
    return lines
