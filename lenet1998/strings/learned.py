"""Networks that learned whole strings (VII-C), kept so that an interrupted training goes on."""

import copy
import json
from pathlib import Path

from tqdm import tqdm

from ..data.patterns import Patterns
from ..files import read_json, replacing
from ..network.lenet5 import LeNet5
from .training import ANCHOR, ETAS, learn_strings


def learned_strings(
    network: LeNet5, patterns: Patterns, seed: int, strings: int, path: Path, quiet: bool = False
) -> LeNet5:
    """A copy of a network after it learned whole strings, saved after each pass.

    Passes that the file holds already are not repeated.

    Args:
        network: one that has learned windows.
        patterns: that the strings are made of.
        seed: of the strings.
        strings: of a pass.
        path: of the weights, an .npz file; its record, what was learned from what and the mean E
            of each pass, lies beside it as .json.
        quiet: no progress bar.

    Raises:
        InputError: the record or the weights are damaged.
    """
    record = path.with_suffix(".json")
    begun = {"from": network.sha256(), "digits": patterns.sha256(), "seed": seed,
             "strings": strings, "etas": list(ETAS), "anchor": ANCHOR}  # fmt: skip
    found, errors = copy.deepcopy(network), list[float]()
    if record.exists():
        known = read_json(record, "delete it to learn again")
        before = LeNet5.load(path) if path.exists() else network
        if known == {**begun, "errors": known.get("errors"), "sha256": before.sha256()}:
            found, errors = before, list(known["errors"])
    passes = learn_strings(found, patterns, seed, strings=strings, first=len(errors) + 1)
    bar = tqdm(passes, f"strings, seed {seed}", len(ETAS), initial=len(errors),
               unit=" passes", disable=quiet or None, dynamic_ncols=True)  # fmt: skip
    for one in bar:
        errors.append(one.error)
        found.save(path, patterns.dataset)
        with replacing(record) as temporary:
            whole = {**begun, "errors": errors, "sha256": found.sha256()}
            temporary.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return found
