"""The numbers of experiment systems as text of at most 80 columns."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np

from ..figures.systems import System
from ..run.recipes import RECIPES
from ..run.recipes.slips import SLIPS
from .reports import other_data, result
from .systems_table import Part, column

FIRST = 3  # pass from which a curve is compared: single runs without a seed start anywhere


def text(parts: Sequence[Part]) -> str:
    """Accuracies and times of all recipes; distances of curves and rates; what mistakes cost."""
    recipes = [part for part in parts if not part.without]
    lines = []
    if recipes:
        others = any(other_data(RECIPES[part.recipe], part.settings) for part in recipes)
        lines.append(table([result(part.settings, part.runs) for part in recipes], not others))
    lines += _distances(recipes) + _rates(recipes) + costs(parts)
    return "\n".join(lines)


def table(found: Sequence[System], comparable: bool = True) -> str:
    """The accuracies and the times of all recipes.

    Args:
        comparable: whether the reported numbers are of the same data; otherwise they are left out.
    """
    lines = [f"{'recipe':26}{'reported':>10}{'ours':>9}{'spread':>17}{'s a pass':>10}{'ours':>8}"]
    for one in found:
        spread = f"{min(one.ours):.2f} to {max(one.ours):.2f}" if len(one.ours) > 1 else ""
        accuracy = f"{one.reported:.2f} %" if comparable else "-"
        seconds = f"{one.reported_seconds:g}" if comparable else "-"
        lines.append(
            f"{one.name:26}{accuracy:>10}{np.mean(one.ours):7.2f} %{spread:>17}"
            f"{seconds:>10}{one.seconds:8.1f}"
        )
    what = (
        "Accuracy on the test set after the last pass, as reported and ours (mean); then the "
        "seconds of a pass, as reported and our fastest, on different machines."
    )
    if not comparable:
        what += "  These are other data: the reported numbers do not compare."
    return "\n".join([*lines, fill(what, 80)])


def _distances(recipes: Sequence[Part]) -> list[str]:
    """The largest distance of each mean curve from the reported one."""
    lines = []
    for part in recipes:
        curve = np.array(RECIPES[part.recipe].curve)
        if other_data(RECIPES[part.recipe], part.settings):
            continue
        ours = column(part.runs, "test_percent").mean(axis=0)[: len(curve)]
        if len(ours) >= FIRST and len(curve):
            gap = np.abs(ours - curve[: len(ours)])[FIRST - 1 :]
            worst = int(gap.argmax())
            lines.append(f"{part.recipe:26}{gap[worst]:10.2f}  in pass {worst + FIRST}")
    head = f"\nLargest distance from the reported curve, from pass {FIRST} on, points:"
    return [head, *lines] if lines else []


def _rates(recipes: Sequence[Part]) -> list[str]:
    """Our learning rates of the layers as multiples of the reported ones."""
    lines = []
    for part in recipes:
        if other_data(RECIPES[part.recipe], part.settings):
            continue
        for number, layers in RECIPES[part.recipe].rates.items():
            ours = {layer: column(part.runs, f"{layer}_rate") for layer in layers}
            ratios = [
                f"{layer} {np.median(ours[layer][:, number - 1]) / rate:.2f}"
                for layer, rate in layers.items()
                if ours[layer].shape[1] >= number
            ]
            if ratios:
                lines.append(f"{part.recipe}, pass {number}: {', '.join(ratios)}")
    return ["\nRates as multiples of the reported ones, median of seeds:", *lines] * bool(lines)


def costs(parts: Sequence[Part]) -> list[str]:
    """What each mistake costs: the accuracy with it and without it, by the same seeds."""
    lines = []
    recipes = {part.recipe: part.runs for part in parts if not part.without}
    for part in (part for part in parts if part.without):
        by_seed = {rows[0]["seed"]: float(rows[-1]["test_percent"]) for rows in part.runs}
        both = {rows[0]["seed"]: float(rows[-1]["test_percent"])
                for rows in recipes.get(part.recipe, []) if rows[0]["seed"] in by_seed}  # fmt: skip
        if not both:
            mean = np.mean(list(by_seed.values()))
            lines += [f"{part.without:20}{'-':>8}{mean:10.2f}",
                      f"  the table lacks {part.recipe} with the same seed"]  # fmt: skip
            continue
        mended = [by_seed[seed] for seed in both]
        gain = np.array(mended) - list(both.values())
        spread = f"{gain.min():+.2f} to {gain.max():+.2f}" if len(gain) > 1 else ""
        lines.append(
            f"{part.without:20}{np.mean(list(both.values())):8.2f}{np.mean(mended):10.2f}"
            f"{gain.mean():+9.2f}{spread:>18}{len(gain):7d}"
        )
        short = [rows for rows in part.runs if int(rows[-1]["pass"]) < part.settings.passes]
        if short and not SLIPS[part.without].test_only:
            lines.append(f"  {len(short)} of {len(part.runs)} diverged before the last pass")
    head = f"\n{'mistake':20}{'with, %':>8}{'without':>10}{'gain':>9}{'':18}{'seeds':>7}"
    return [head, *lines] if lines else []
