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
            of each pass, lies beside it as .json, written first.
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
        there = LeNet5.load(path) if path.exists() else found
        # A kill may have come between the record of the last pass and its weights.
        last = [known.get("sha256"), known.get("sha256_before")]
        if begun.items() <= known.items() and there.sha256() in last:
            made = len(known["errors"]) - last.index(there.sha256())
            found, errors = there, known["errors"][:made]
    passes = learn_strings(found, patterns, seed, strings=strings, first=len(errors) + 1)
    bar = tqdm(passes, f"strings, seed {seed}", len(ETAS), initial=len(errors),
               unit=" passes", disable=quiet or None, dynamic_ncols=True)  # fmt: skip
    before = found.sha256()
    for one in bar:
        errors.append(one.error)
        after = found.sha256()
        whole = {**begun, "errors": errors, "sha256_before": before, "sha256": after}
        with replacing(record) as temporary:
            temporary.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
        found.save(path, patterns.dataset)
        before = after
    return found
