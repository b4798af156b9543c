"""1998 against today with fewer training patterns: where does which network win?"""

from ..arrays import Array
from ..data.catalogue import TITLES
from ..figures.less_data import less_data
from ..files import save_figure, write_csv
from ..run.metrics import curves
from ..run.settings import Settings
from .choosing import not_chosen, with_chosen_rate
from .experiment import Request
from .setups import MODERN, ORIGINAL, Setup, settings

FILES = ("less-data.csv", "less-data.png")
SHARES = (1 / 60, 1 / 12, 1 / 4, 1.0)  # 1,000, 5,000, 15,000 and 60,000 of 60,000 patterns
SHORTEST_PASS = 1 / 4  # of the whole set: with fewer patterns a pass goes through them repeatedly
SETUPS = (ORIGINAL, MODERN)


def run(request: Request) -> str:
    """Train both networks on the first patterns; write less-data.csv and less-data.png.

    A pass has at least a quarter of the whole set's patterns, so that few patterns are learned as
    often as both networks need.
    """
    given = request.settings
    found: dict[str, dict[int, Array]] = {setup.name: {} for setup in SETUPS}
    for size in sizes(given.train_size):
        print(f"{size:,} training patterns")
        wanted = [
            setting_for(setup, request, size, seed) for setup in SETUPS for seed in request.seeds
        ]
        folders = request.train_networks(wanted, request.train.subset(size))
        errors = curves(folders, "test_error_percent")[:, -1].reshape(len(SETUPS), -1)
        for setup, row in zip(SETUPS, errors, strict=True):
            found[setup.name][size] = row
    write_csv(
        request.into / FILES[0],
        ["dataset", "network", "training_patterns", "seed", "test_error_percent"],
        [
            (given.dataset, name, size, seed, f"{error:.4f}")
            for name, by_size in found.items()
            for size, errors in by_size.items()
            for seed, error in zip(request.seeds, errors, strict=True)
        ],
    )
    title = f"{TITLES[given.dataset]}, pass {given.passes}"
    save_figure(less_data(found, f"Fewer training patterns: {title}"), request.into / FILES[1])
    return "\n".join([table(found, title), *not_chosen(SETUPS)])


def sizes(available: int) -> list[int]:
    """1,000, 5,000, 15,000 and 60,000 patterns, or the same shares of fewer."""
    return sorted({max(1, round(share * available)) for share in SHARES})


def setting_for(setup: Setup, request: Request, size: int, seed: int) -> Settings:
    """The settings of a network that learns the first `size` patterns."""
    given = request.settings
    shortest = round(SHORTEST_PASS * given.train_size)
    return settings(
        setup,
        dataset=given.dataset,
        train_size=size,
        test_size=given.test_size,
        passes=given.passes,
        pass_size=shortest if size < shortest else None,
        seed=seed,
        **with_chosen_rate(setup, given.passes),
    )


def table(found: dict[str, dict[int, Array]], title: str) -> str:
    """Mean and range of the errors as text.

    Args:
        found: name of a network -> number of training patterns -> errors in percent.
        title: the data set and the passes.
    """
    lines = [f"Fewer training patterns, {title}: test error in percent, mean and range"]
    lines.append(f"{'patterns':>10}" + "".join(f"{name:>26}" for name in found))
    for size in next(iter(found.values())):
        cells = [
            f"{e.mean():.2f} ({e.min():.2f} to {e.max():.2f})"
            for e in (errors[size] for errors in found.values())
        ]
        lines.append(f"{size:10,}" + "".join(f"{cell:>26}" for cell in cells))
    return "\n".join(lines)
