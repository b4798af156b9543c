"""1998 against today with fewer training patterns: where does which network win?"""

import numpy as np

from ..arrays import Array
from ..data.catalogue import TITLES
from ..figures.less_data import less_data
from ..files import save_figure, write_csv
from ..run.settings import Settings
from .ablation_runs import AblationRuns, by_seed
from .choosing import not_chosen, settings_of
from .experiment import Request
from .setups import MODERN, ORIGINAL, Setup

FILES = ("less-data.csv", "less-data.png")
SHARES = (1 / 60, 1 / 12, 1 / 4, 1.0)  # 1,000, 5,000, 15,000 and 60,000 of 60,000 patterns
SHORTEST_PASS = 1 / 4  # of the whole set: with fewer patterns a pass goes through them repeatedly
SETUPS = (ORIGINAL, MODERN)


def train(runs: AblationRuns) -> None:
    """Train both networks on the first patterns.

    A pass has at least a quarter of the whole set's patterns, so that few patterns are learned as
    often as both networks need.
    """
    request, setups = runs.request, runs.selected(SETUPS)
    for size in sizes(request.settings.train_size) if setups else []:
        print(f"{size:,} training patterns")
        wanted = [
            (setup, setting_for(setup, request, size, seed))
            for setup in setups
            for seed in request.seeds
        ]
        runs.train(wanted, request.train.subset(size))


def draw(runs: AblationRuns) -> str:
    """Write less-data.csv and less-data.png of what the table has; return the errors as text."""
    request = runs.request
    given = request.settings
    found: dict[str, dict[int, dict[int, float]]] = {}
    for setup in SETUPS:
        for size in sizes(given.train_size):
            if there := by_seed(runs.of(setting_for(setup, request, size, 0))):
                found.setdefault(setup.name, {})[size] = there
    if not found:
        return ""
    write_csv(
        request.into / FILES[0],
        ["dataset", "network", "training_patterns", "seed", "test_error_percent"],
        [
            (given.dataset, name, size, seed, f"{error:.4f}")
            for name, by_size in found.items()
            for size, errors in by_size.items()
            for seed, error in errors.items()
        ],
    )
    title = f"{TITLES[given.dataset]}, pass {given.passes}"
    errors = {
        name: {size: np.array(list(of_size.values())) for size, of_size in by_size.items()}
        for name, by_size in found.items()
    }
    save_figure(less_data(errors, f"Fewer training patterns: {title}"), request.into / FILES[1])
    return "\n".join([table(errors, title), *not_chosen(SETUPS)])


def sizes(available: int) -> list[int]:
    """1,000, 5,000, 15,000 and 60,000 patterns, or the same shares of fewer."""
    return sorted({max(1, round(share * available)) for share in SHARES})


def setting_for(setup: Setup, request: Request, size: int, seed: int) -> Settings:
    """The settings of a network that learns the first `size` patterns."""
    given = request.settings
    shortest = round(SHORTEST_PASS * given.train_size)
    pass_size = shortest if size < shortest else None
    return settings_of(setup, request, given.passes, seed, train_size=size, pass_size=pass_size)


def table(found: dict[str, dict[int, Array]], title: str) -> str:
    """Mean and range of the errors as text.

    Args:
        found: name of a network -> number of training patterns -> errors in percent.
        title: the data set and the passes.
    """
    lines = [f"Fewer training patterns, {title}: test error in percent, mean and range"]
    lines.append(f"{'patterns':>10}" + "".join(f"{name:>26}" for name in found))
    for size in sorted({size for by_size in found.values() for size in by_size}):
        cells = [
            f"{e.mean():.2f} ({e.min():.2f} to {e.max():.2f})" if len(e) else "-"
            for e in (by_size.get(size, np.empty(0)) for by_size in found.values())
        ]
        lines.append(f"{size:10,}" + "".join(f"{cell:>26}" for cell in cells))
    return "\n".join(lines)
