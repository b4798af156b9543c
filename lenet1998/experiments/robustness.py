"""Section III-E and figure 13: how far characters may change before they are misread."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .. import paper
from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..data.transformations import TRANSFORMATIONS, Change
from ..files import save_figure, write_csv
from ..network.lenet5 import LeNet5
from ..run.yardstick import caution

SEED = 1998  # of the noise and of the digits of figure 13
LEVELS = (90.0, 50.0)  # percent right whose ranges the table gives
_BLOCK = 500  # patterns changed at a time
Curves = dict[str, list[tuple[float, float]]]


def accuracies(network: LeNet5, test: Patterns, quiet: bool = False) -> Curves:
    """Percent of right answers to the test patterns for each amount of each transformation.

    Every amount of noise inverts pixels by the same random numbers: the curve falls for the
    noise, not for the luck of the draw.
    """
    return _accuracies([network], test, quiet)[0]


def _accuracies(networks: list[LeNet5], test: Patterns, quiet: bool) -> list[Curves]:
    """`accuracies` of several networks, which read the same changed patterns."""
    curves: list[Curves] = [{name: [] for name in TRANSFORMATIONS} for _ in networks]
    total = sum(len(t.amounts) for t in TRANSFORMATIONS.values())
    with tqdm(total=total, desc="robustness", disable=quiet or None, dynamic_ncols=True) as bar:
        for name, transformation in TRANSFORMATIONS.items():
            for amount in transformation.amounts:
                rights = _right(networks, test, transformation.change, amount)
                for curve, right in zip(curves, rights, strict=True):
                    curve[name].append((amount, right))
                bar.set_postfix_str(f"{name} {amount:g}: {rights[0]:.1f} %", refresh=False)
                bar.update()
    return curves


def _right(networks: list[LeNet5], test: Patterns, change: Change, amount: float) -> list[float]:
    """Percent of each network's answers to the changed test patterns that are right."""
    rng = np.random.default_rng(SEED)
    right = np.zeros(len(networks), int)
    for start in range(0, len(test), _BLOCK):
        block = slice(start, start + _BLOCK)
        x = change(test.x(block), amount, rng)
        right += [np.count_nonzero(n.predict(x) == test.labels[block]) for n in networks]
    return [100.0 * float(count) / len(test) for count in right]


def holds(
    curve: list[tuple[float, float]], neutral: float, percent: float
) -> tuple[float, float] | None:
    """The measured amounts around the neutral one up to which at least `percent` are right.

    None when not even the neutral amount reaches it.  Beyond the first amount that does not,
    nothing counts, even if the curve rises again.
    """
    place = [amount for amount, _ in curve].index(neutral)
    if curve[place][1] < percent:
        return None
    low = high = place
    while low > 0 and curve[low - 1][1] >= percent:
        low -= 1
    while high < len(curve) - 1 and curve[high + 1][1] >= percent:
        high += 1
    return curve[low][0], curve[high][0]


class Examples(NamedTuple):
    """Changed test patterns for figure 13, n of them.

    Attributes:
        x: (n, 32, 32, 1), float32.
        labels: the digits that they are, (n,).
        titles: what was done to each.
        noisy: whether it is salt-and-pepper noise that was done, (n,).
    """

    x: Array
    labels: NDArray[np.uint8]
    titles: list[str]
    noisy: list[bool]


# What is done to the digits 0, 1 ... 9, 0, 1 of figure 13; the noise last.
_EXAMPLES: tuple[tuple[tuple[str, float], ...], ...] = (
    (("scale", 1.4),),
    (("scale", 0.6),),
    (("vertical shift", -5.0),),
    (("horizontal shift", 4.0),),
    (("rotation", paper.ROBUST_ROTATION),),
    (("rotation", -paper.ROBUST_ROTATION),),
    (("stroke width", 2.0),),
    (("stroke width", -1.0),),
    (("scale", 0.7), ("rotation", 20.0), ("vertical shift", 3.0)),
    (("noise", paper.NOISE_PROBABILITY),),
    (("noise", 0.2),),
    (("noise", 0.3),),
)


def _said(name: str, amount: float) -> str:
    """What a transformation does to a digit, in words."""
    size = f"{abs(amount):g}"
    forms = {
        "scale": f"scaled by {size}",
        "vertical shift": f"moved {'down' if amount > 0 else 'up'} {size} pixels",
        "horizontal shift": f"moved {'right' if amount > 0 else 'left'} {size} pixels",
        "rotation": f"turned {size}° {'anticlockwise' if amount > 0 else 'clockwise'}",
        "stroke width": f"strokes {size} px {'thicker' if amount > 0 else 'thinner'}",
        "noise": f"{100 * amount:g} % of the pixels inverted",
    }
    return forms[name]


def robustness_examples(test: Patterns, rng: np.random.Generator) -> Examples:
    """Random test patterns, one for each row of figure 13, changed; none is picked for its answer.

    They are the digits 0, 1 ... 9, 0, 1 where the test patterns have them, else any.
    """
    x, labels, titles, noisy = [], [], [], []
    for row, changes in enumerate(_EXAMPLES):
        of_class = np.flatnonzero(test.labels == row % paper.CLASSES)
        index = int(rng.choice(of_class if len(of_class) else len(test)))
        changed = test.x([index])
        for name, amount in changes:
            changed = TRANSFORMATIONS[name].change(changed, amount, rng)
        x.append(changed)
        labels.append(test.labels[index])
        titles.append(", ".join(_said(*change) for change in changes))
        noisy.append(changes[0][0] == "noise")
    return Examples(np.concatenate(x), np.array(labels), titles, noisy)


def run(
    network: LeNet5,
    noisy: LeNet5 | None,
    test: Patterns,
    folder: Path,
    quiet: bool = False,
    name: str = "LeNet-5",
) -> str:
    """Measure, write robustness.csv, robustness.png and figure13.png; return the table.

    Args:
        network: reads everything.
        noisy: trained with each pixel inverted with probability 0.1; its curves stand beside
            the network's, and it reads the noise of figure 13.  None leaves it out.
        folder: where the files go; it is made where it is not there.
        name: of the network, for the picture and the table.

    Raises:
        OSError: a file cannot be written.
    """
    from ..figures.robustness import robustness_curves  # matplotlib is slow to import
    from ..figures.states import figure13

    title = TITLES[test.dataset]
    networks = [network] if noisy is None else [network, noisy]
    curves, *more = _accuracies(networks, test, quiet)
    noisy_curves = more[0] if more else None
    _write(folder / "robustness.csv", test, curves, noisy_curves)
    examples = robustness_examples(test, np.random.default_rng(SEED))
    readers = [noisy if n and noisy is not None else network for n in examples.noisy]
    titles = [
        title + (", network trained with noise" if reader is noisy else "")
        for title, reader in zip(examples.titles, readers, strict=True)
    ]
    save_figure(
        robustness_curves(curves, noisy_curves, len(test), title, name), folder / "robustness.png"
    )
    states = figure13(readers, examples.x, titles, examples.labels, title)
    save_figure(states, folder / "figure13.png")
    return table(curves, noisy_curves, test, name)


def table(
    curves: Curves, noisy_curves: Curves | None, test: Patterns, network: str = "LeNet-5"
) -> str:
    """What holds beside the paper's claims, as text, a line a transformation and network."""
    head = f"right answers to {len(test):,} {TITLES[test.dataset]} test patterns"
    measures = [f"{level:g} % right" for level in LEVELS]
    wide = max(20, len(network) + 2)
    lines = [
        head,
        f"{'':18}{'network':{wide}}"
        + "".join(f"{measure:>18}" for measure in measures)
        + f"{'paper (III-E)':>16}{'right at its ends':>20}",
    ]
    networks = [(network, curves)]
    if noisy_curves is not None:
        networks.append(("trained with noise", noisy_curves))
    for name, transformation in TRANSFORMATIONS.items():
        for row, (which, found) in enumerate(networks):
            curve = found[name]
            cells = "".join(
                f"{_range(holds(curve, transformation.neutral, level), curve):>18}"
                for level in LEVELS
            )
            claim, at_ends = "-", ""
            if transformation.claim is not None:
                low, high = transformation.claim
                claim = f"{low:g} to {high:g}"
                at_ends = f"{dict(curve)[low]:.1f} %, {dict(curve)[high]:.1f} %"
            line = f"{name if row == 0 else '':18}{which:{wide}}{cells}{claim:>16}{at_ends:>20}"
            lines.append(line.rstrip())
    lines += [
        "* the last amount measured.  Shifts and strokes are in pixels; a digit is "
        f"{paper.BOX_SIZE} tall, and what",
        f"leaves the {paper.INPUT_SIZE}x{paper.INPUT_SIZE} field is lost.  The paper's are "
        "estimates, for a network trained with",
        "distortions.",
    ]
    return "\n".join(lines + caution(test.dataset))


def _range(found: tuple[float, float] | None, curve: list[tuple[float, float]]) -> str:
    """The amounts between which a level holds; a star where the measured ones end."""
    if found is None:
        return "never"
    ends = curve[0][0], curve[-1][0]
    return " to ".join(f"{a:g}{'*' * (a == end)}" for a, end in zip(found, ends, strict=True))


def _write(path: Path, test: Patterns, curves: Curves, noisy_curves: Curves | None) -> None:
    """robustness.csv: a row an amount."""
    columns = ["dataset", "test_patterns", "transformation", "amount", "right_percent"]
    noisy = noisy_curves is not None
    rows = []
    for name, curve in curves.items():
        for row, (amount, right) in enumerate(curve):
            cells: list[object] = [test.dataset, len(test), name, f"{amount:g}", f"{right:.4f}"]
            if noisy_curves is not None:
                cells.append(f"{noisy_curves[name][row][1]:.4f}")
            rows.append(cells)
    write_csv(path, columns + ["right_percent_trained_with_noise"] * noisy, rows)
