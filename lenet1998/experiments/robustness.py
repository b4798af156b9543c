"""Section III-E and figure 13: how far characters may change before they are misread."""

from collections.abc import Sequence
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
from ..figures.robustness import Curves, robustness_curves
from ..figures.states import figure13
from ..files import save_figure, write_csv
from ..network.lenet5 import LeNet5
from ..run.yardstick import caution, comparable
from .experiment import Experiment, Request

SEED = 1998  # of the noise and of the digits of figure 13
LEVELS = (90.0, 50.0)  # percent right whose ranges the table gives
_BLOCK = 500  # patterns changed at a time
Curve = Sequence[tuple[float, float]]  # amounts of a transformation and percent right


def run(request: Request) -> str:
    """Measure; write robustness.csv, robustness.png and figure13.png.

    The network trained with noise (each pixel inverted with probability 0.1) is compared with the
    network of the request, unless it is the same, and reads the noisy digits of figure 13.
    """
    test, network, into = request.test, request.network, request.into
    noisy = None if request.weights == "noise" else LeNet5.pretrained("noise")
    title, name = TITLES[test.dataset], f"LeNet-5, weights {request.weights}"
    networks = [network] if noisy is None else [network, noisy]
    curves, *more = measure(networks, test, request.quiet)
    noisy_curves = more[0] if more else None
    _write(into / "robustness.csv", test, curves, noisy_curves)
    picture = robustness_curves(curves, noisy_curves, len(test), title, name)
    save_figure(picture, into / "robustness.png")

    shown = examples(test, np.random.default_rng(SEED))
    readers = [noisy if noise and noisy is not None else network for noise in shown.noisy]
    titles = [
        text + (", network trained with noise" if reader is noisy else "")
        for text, reader in zip(shown.titles, readers, strict=True)
    ]
    layers = read(readers, shown.x)
    save_figure(figure13(shown.x, layers, titles, shown.labels, title), into / "figure13.png")
    return table(curves, noisy_curves, test, name, network.dataset)


def measure(networks: Sequence[LeNet5], test: Patterns, quiet: bool = False) -> list[Curves]:
    """Percent of right answers for each amount of each transformation, one result a network.

    All networks read the same changed patterns.  All amounts of noise use the same random numbers,
    so that differences between amounts are not due to chance.
    """
    curves: list[dict[str, list[tuple[float, float]]]] = [
        {name: [] for name in TRANSFORMATIONS} for _ in networks
    ]
    total = sum(len(t.amounts) for t in TRANSFORMATIONS.values())
    with tqdm(total=total, desc="robustness", disable=quiet or None, dynamic_ncols=True) as bar:
        for name, transformation in TRANSFORMATIONS.items():
            for amount in transformation.amounts:
                rights = _right(networks, test, transformation.change, amount)
                for curve, right in zip(curves, rights, strict=True):
                    curve[name].append((amount, right))
                bar.set_postfix_str(f"{name} {amount:g}: {rights[0]:.1f} %", refresh=False)
                bar.update()
    return list(curves)


def _right(
    networks: Sequence[LeNet5], test: Patterns, change: Change, amount: float
) -> list[float]:
    """Percent of each network's answers to the changed test patterns that are right."""
    rng = np.random.default_rng(SEED)
    right = np.zeros(len(networks), int)
    for start in range(0, len(test), _BLOCK):
        block = slice(start, start + _BLOCK)
        x = change(test.x(block), amount, rng)
        right += [np.count_nonzero(n.predict(x) == test.labels[block]) for n in networks]
    return [100.0 * float(count) / len(test) for count in right]


def holds(curve: Curve, neutral: float, percent: float) -> tuple[float, float] | None:
    """The smallest and the largest amount between which at least `percent` are right.

    The range contains the neutral amount and ends before the first measured amount on either side
    that falls below `percent`.  None when the neutral amount itself falls below it.
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
        x: inputs (n, 32, 32, 1), float32.
        labels: right classes (n,).
        titles: the change of each.
        noisy: whether the change is salt-and-pepper noise, (n,).
    """

    x: Array
    labels: NDArray[np.uint8]
    titles: list[str]
    noisy: list[bool]


# The changes of the digits 0, 1 ... 9, 0, 1 of figure 13; noise comes last.
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


def _in_words(name: str, amount: float) -> str:
    """A change in words."""
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


def examples(test: Patterns, rng: np.random.Generator) -> Examples:
    """Changed random test patterns, one for each row of figure 13, whatever their answers are.

    They are the digits 0, 1 ... 9, 0, 1; any pattern replaces a digit that the test set lacks.
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
        titles.append(", ".join(_in_words(*change) for change in changes))
        noisy.append(changes[0][0] == "noise")
    return Examples(np.concatenate(x), np.array(labels), titles, noisy)


def read(networks: Sequence[LeNet5], x: Array) -> dict[str, Array]:
    """The states of n inputs (n, 32, 32, 1), as `LeNet5.states`, each by its own network."""
    found = [network.states(one) for network, one in zip(networks, x, strict=True)]
    return {name: np.concatenate([states[name] for states in found]) for name in found[0]}


def table(
    curves: Curves,
    noisy_curves: Curves | None,
    test: Patterns,
    network: str = "LeNet-5",
    learned: str = "",
) -> str:
    """The ranges of each transformation and network, with the paper's claims on MNIST, as text.

    Args:
        curves, noisy_curves: of the network and of the one trained with noise.
        test: the patterns.
        network: its name.
        learned: the data set that it has learned; "" when it is not known.
    """
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
            if transformation.claim is not None and comparable(test.dataset):
                low, high = transformation.claim
                claim = f"{low:g} to {high:g}"
                at_ends = f"{dict(curve)[low]:.1f} %, {dict(curve)[high]:.1f} %"
            line = f"{name if row == 0 else '':18}{which:{wide}}{cells}{claim:>16}{at_ends:>20}"
            lines.append(line.rstrip())
    lines += [
        "* the last amount measured.  Shifts and stroke widths are in pixels; a digit is "
        f"{paper.BOX_SIZE} pixels tall,",
        f"and ink outside the {paper.INPUT_SIZE}x{paper.INPUT_SIZE} field is lost.",
    ]
    if comparable(test.dataset):
        lines.append(
            "The paper's ranges are estimates, for a network trained with noise on "
            f"{paper.NOISE_PROBABILITY:.0%} of the pixels."
        )
        lines.append(
            f"Its factor of {paper.ROBUST_SCALE:g} in scale may be that from the smallest to the "
            "largest."
        )
    return "\n".join(lines + caution(test.dataset, learned=learned))


def _range(found: tuple[float, float] | None, curve: Curve) -> str:
    """A range as text; a star marks the last amount measured."""
    if found is None:
        return "never"
    ends = curve[0][0], curve[-1][0]
    return " to ".join(f"{a:g}{'*' * (a == end)}" for a, end in zip(found, ends, strict=True))


def _write(path: Path, test: Patterns, curves: Curves, noisy_curves: Curves | None) -> None:
    """Write robustness.csv, one row for each amount of each transformation."""
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


EXPERIMENT = Experiment(
    name="robustness",
    section="III-E, figure 13",
    help="right answers to shifted, turned, scaled and noisy digits",
    files=("robustness.csv", "robustness.png", "figure13.png"),
    run=run,
    reads_weights=True,
)
