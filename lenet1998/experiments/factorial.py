"""Which parts of 1998 need each other: all 32 combinations of five changes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..arrays import Array
from ..data.catalogue import TITLES
from ..figures.factorial import interactions
from ..files import save_figure, write_csv
from .ablation_runs import AblationRuns, by_seed, seeds_in
from .choosing import not_chosen, settings_of
from .setups import FACTORS, factorial
from .statistics import Effect, effects

FILES = ("factorial.csv", "effects.csv", "interactions.png")
MOST_SEEDS = 3
# Beyond which one of 15 effects is significant at 0.05, by Student's t: 3.05 with three seeds
# (62 degrees of freedom), 3.18 with two (31).
STANDARD_ERRORS = 3.2
COLLAPSE = 10  # a training that ends at so many times its smallest error, and at so many percent


def train(runs: AblationRuns) -> None:
    """Train the 32 networks with at most three seeds and half of the passes."""
    setups, passes = runs.selected(factorial()), _passes(runs)
    if not setups:
        return
    print(f"factorial: {len(setups)} networks, {passes} {'pass' if passes == 1 else 'passes'}")
    runs.train(
        [
            (setup, settings_of(setup, runs.request, passes, seed))
            for seed in runs.request.seeds[:MOST_SEEDS]
            for setup in setups
        ]
    )


def draw(runs: AblationRuns) -> str:
    """Write factorial.csv, effects.csv and interactions.png of the seeds with all 32 networks.

    The effects leave out a training that collapsed, unless the network's others did so too.

    Returns:
        The effects as text; of an unfinished factorial how many networks there are.
    """
    setups, passes, request = factorial(), _passes(runs), runs.request
    groups = [runs.of(settings_of(setup, request, passes, 0)) for setup in setups]
    seeds = seeds_in(groups)
    dataset, into = request.settings.dataset, request.into
    if not seeds:
        there = sum(bool(group) for group in groups)
        return f"Factorial: {there} of {len(setups)} networks trained." if there else ""
    errors = np.array([[by_seed(group)[seed] for seed in seeds] for group in groups])
    failed = np.array([[collapsed(group[seed].errors) for seed in seeds] for group in groups])
    failed[failed.all(axis=1)] = False
    responses = np.where(failed, np.nan, errors).reshape(*[2] * len(FACTORS), len(seeds))
    found = effects(responses)
    write_csv(
        into / FILES[0],
        ["dataset", *FACTORS, *(f"error_{seed}" for seed in seeds)],
        [
            (dataset, *(int(factor in setup.label.split(" + ")) for factor in FACTORS),
             *(f"{error:.4f}" for error in row))
            for setup, row in zip(setups, errors, strict=True)
        ],
    )  # fmt: skip
    _write_effects(into / FILES[1], found)
    title = f"{TITLES[dataset]}, pass {passes}"
    picture = interactions(
        [(name_of(effect), effect.size, effect.error) for effect in found],
        FACTORS,
        np.nanmean(responses, axis=-1),
        f"Which parts of 1998 need each other: {title}",
        STANDARD_ERRORS,
    )
    save_figure(picture, into / FILES[2])
    left_out = [
        f"Left out, its training collapsed: {setups[i].label}, seed {seeds[j]}, "
        f"{errors[i, j]:.1f} %"
        for i, j in np.argwhere(failed)
    ]
    return "\n".join([table(found, responses, title), *left_out, *not_chosen(setups)])


def collapsed(errors: Array) -> bool:
    """Whether a training forgot what it had learned.

    Args:
        errors: after each pass in percent, (passes,).
    """
    return bool(errors[-1] > COLLAPSE * max(1.0, errors.min()))


def _passes(runs: AblationRuns) -> int:
    """Half of the passes of the request."""
    return (runs.request.settings.passes + 1) // 2


def name_of(effect: Effect) -> str:
    """The names of an effect's factors."""
    names = list(FACTORS)
    return " x ".join(names[factor] for factor in effect.factors)


def table(found: Sequence[Effect], responses: Array, title: str) -> str:
    """The effects as text.

    Args:
        found: main effects and interactions.
        responses: errors in percent, (2, ..., 2, seeds); NaN for those left out.
        title: the data set and the passes.
    """
    count = responses.shape[-1]
    seeds = "1 seed" if count == 1 else f"{count} seeds"
    lines = [
        f"Factorial of five changes, {title}, {seeds}: mean error {np.nanmean(responses):.2f} %",
        f"{'effect on the error, in points':46}{'size':>8}{'std. error':>12}",
    ]
    for effect in found:
        mark = " *" if stands_out(effect) else ""
        error = "-" if np.isnan(effect.error) else f"{effect.error:.3f}"
        lines.append(f"{name_of(effect):46}{effect.size:+8.3f}{error:>12}{mark}")
    lines.append(
        f"* beyond {STANDARD_ERRORS} standard errors, as {len(found)} comparisons require.\n"
        "Below 0 an effect lowers the error.  An interaction is half of the difference that one\n"
        "change makes to the effect of the other."
    )
    return "\n".join(lines)


def stands_out(effect: Effect) -> bool:
    """Whether an effect is beyond STANDARD_ERRORS; False with one seed."""
    return bool(abs(effect.size) > STANDARD_ERRORS * effect.error)


def _write_effects(path: Path, found: Sequence[Effect]) -> None:
    """Write effects.csv, a row for each effect."""
    rows = [(name_of(effect), f"{effect.size:.4f}", f"{effect.error:.4f}") for effect in found]
    write_csv(path, ["effect", "points", "standard_error"], rows)
