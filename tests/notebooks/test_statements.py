"""The numbers that the text of the notebooks states, each computed again."""

import csv
import json
import os
import re
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lenet1998
from lenet1998 import LeNet5, paper
from lenet1998.course import clearest, learn, learning_curve, measured, wrong_answers
from lenet1998.data import datasets
from lenet1998.data.bitmaps import load_bitmaps
from lenet1998.data.patterns import Patterns
from lenet1998.learning.criterion import MAP, MLE
from lenet1998.learning.sdlm import estimate_curvature

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
MNIST = os.environ.get("LENET1998_DATA", "")
needs_mnist = pytest.mark.skipif(not MNIST, reason="LENET1998_DATA does not name MNIST's folder")


@pytest.fixture(scope="module")
def mnist() -> tuple[Patterns, Patterns]:
    return datasets.load("mnist", download=False)


@pytest.fixture(scope="module")
def network() -> LeNet5:
    return LeNet5.pretrained("1998")


def curvature(network: LeNet5, x: NDArray[np.floating], labels: NDArray[np.uint8]) -> NDArray:
    return estimate_curvature(network, MAP(), [(x, labels.astype(int))])


def cells_of(number: str) -> list[Any]:
    (path,) = NOTEBOOKS.glob(f"{number}*.ipynb")
    return list(json.loads(path.read_text("utf-8"))["cells"])


def stored_text(number: str) -> str:
    """All text cells of a notebook."""
    cells = cells_of(number)
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def stored_output(number: str) -> str:
    """All text that a notebook printed when it was last executed on MNIST, as it is stored."""
    outputs = [output for cell in cells_of(number) for output in cell.get("outputs", [])]
    return "".join(line for output in outputs for line in output.get("text", []))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("solutions/lab1", "92 digits|at 55 degrees|19.2 %|19.3 %|19.7 %|14.3 %"),
        ("solutions/lab2", "14.2 %|14.4 %|14.8 %|13.1 %|45.9 %|1.2 %|0.14|0.28"),
        ("solutions/lab3", "74 units set to 0:   2.3 %|70 % of C5 set to 0:   1.6 %|11.8 %|0.49 %"),
        ("solutions/lab4", "16.0 %|12.1 %|median margin 57, right penalty 10|margin 37|1e-2"),
        ("solutions/lab5", "required 7.1, our largest 1.9|38.8 %|11.2 %|6.2 %|5.3 %|10.3 %"),
        ("solutions/lab6", "41.4 %|20.1 %|15.6 %|26.9 %|gap  10.9|gap   6.0|6.2 %|8 components|53"),
        ("solutions/lab6", "swept  96 % right, cut  92 %|swept  66 % right, cut   0 %"),
        ("03-S2", "S2 0.80|S2 0.87"),
        ("08-loss", "wrong 74%|wrong 29%"),
        ("11-training", "0.90, 0.75, 0.89, 0.97, 0.50, 0.95"),
        ("13-generalisation", "training 0.13 %, test 0.92 %|29 of the 35"),
        ("13-generalisation", "training  2.80 %, test  8.80 %|training 12.30 %, test  9.40 %"),
        ("14-other-methods", "20.3 %|6.8 %|8.8 %|6.5 %"),
        ("15-strings", "strings                        94 % right|at empty columns    29 % right"),
        ("16-atlas", "a = 0.988|shows 47%"),
    ],
)
def test_numbers_of_small_runs_in_the_text_are_those_that_were_printed(
    name: str, numbers: str
) -> None:
    said = stored_output(name)
    assert not [number for number in numbers.split("|") if number not in said]


@pytest.mark.parametrize(
    ("name", "stated", "printed", "difference"),
    [
        ("solutions/lab1", r"Up to (\d+) degrees", r"at (\d+) degrees", -5),
        ("solutions/lab1", r"(\d+) % on 500 digits", r"(\d+\.\d) % errors", 0),
        ("solutions/lab6", r"\*\*(\d+)\*\* of 120 units", r"\n196\n0\.988\n(\d+)\n", 0),
        ("solutions/lab6", r"\*\*(\d+) %\*\* of 100 strings", r"10 % noise +swept +(\d+) %", 0),
        ("06-C5", r"all weights it is (\d\.\d) %", r" 0 % of C5 set to 0: +(\d\.\d) %", 0),
        ("13-generalisation", r"error falls to (\d\.\d\d) %", r"training (\d\.\d\d) %, test", 0),
        ("15-strings", r"it read (\d+) of 100", r"weights strings +(\d+) % right", 0),
        ("15-strings", r"(\d+) % of the strings were right", r"empty columns +(\d+) % right", 0),
    ],
)
def test_the_text_states_what_a_cell_printed(
    name: str, stated: str, printed: str, difference: int
) -> None:
    (in_text,) = re.findall(stated, stored_text(name))
    found = re.search(printed, stored_output("solutions/lab3" if name == "06-C5" else name))
    assert found is not None
    decimals = len(in_text.partition(".")[2])
    assert float(in_text) == round(float(found[1]) + difference, decimals)


def test_02_what_sharing_is_worth_in_the_small_run() -> None:
    shared, not_shared = re.findall(r"(\d+\.\d) %, \d+\.\d %\n", stored_output("02"))
    assert (round(float(shared)), round(float(not_shared))) == (28, 46)


def test_10_a_chosen_rate_is_as_good_as_steps_by_curvature() -> None:
    rows = re.findall(r"loss x  1 +\S+ +\S+ +(\d+\.\d)", stored_output("10"))
    assert rows == ["11.5", "11.4"]


def test_00_the_choices_that_the_paper_leaves_open() -> None:
    config = Path(lenet1998.__file__).parent / "pretrained" / "1998" / "config.json"
    settings = json.loads(config.read_text("utf-8"))["settings"]
    assert [settings[name] for name in ("step_sizes", "init", "criterion")] == [
        *("layer", "lecun", "map")
    ]


@needs_mnist
def test_01_mean_and_variance(mnist: tuple[Patterns, Patterns]) -> None:
    field = mnist[0].x(slice(10_000))
    assert field.mean(dtype=float) == pytest.approx(0.03, abs=0.005)
    assert field.var(dtype=float) == pytest.approx(0.12, abs=0.005)


def test_01_the_largest_variance_that_is_possible() -> None:
    ends = np.array([paper.BACKGROUND, paper.FOREGROUND])
    assert ends.var() == pytest.approx(0.41, abs=0.005)
    share = -ends[0] / (ends[1] - ends[0])  # of ink, where the mean is 0
    assert share * ends[1] ** 2 + (1 - share) * ends[0] ** 2 == pytest.approx(0.1175)


def test_05_how_many_inputs_turn_the_and_and_the_or_map_positive(network: LeNet5) -> None:
    s4 = network.layer("S4")
    sums = np.arange(-4, 5, 2)  # of 0 to 4 inputs that are on
    first = [
        int((s4.coefficient[m] * sums + s4.bias[m] > 0).argmax())
        for m in (s4.bias.argmin(), s4.bias.argmax())
    ]
    assert first == [3, 2]


@needs_mnist
def test_05_what_a_shift_changes_with_and_without_learning(
    mnist: tuple[Patterns, Patterns], network: LeNet5
) -> None:
    x = mnist[1].x(slice(200))
    names = ("C1", "S2", "C3", "S4", "C5", "F6")
    found = []
    for net in (network, LeNet5(seed=0)):
        before, after = net.states(x), net.states(np.roll(x, 1, axis=2))
        found.append(
            [
                np.sqrt(
                    ((after[n] - before[n]) ** 2).sum()
                    / ((before[n] - before[n].mean(axis=0)) ** 2).sum()
                )
                for n in names
            ]
        )
    assert found[0] == pytest.approx([0.77, 0.71, 0.68, 0.55, 0.36, 0.20], abs=0.006)
    assert found[1] == pytest.approx([0.78, 0.65, 0.68, 0.56, 0.57, 0.58], abs=0.006)


def test_07_constant_units_and_what_is_near_to_O() -> None:
    codes = load_bitmaps().reshape(96, 84)
    digits = codes[16:26]
    assert (digits == digits[0]).all(axis=0).sum() == 14
    pixels = (codes[:, None] != codes).sum(axis=2)
    row = pixels[ord("O") - 32]
    nearer = {chr(32 + k) for k in range(96) if 0 < row[k] < row[ord("0") - 32]}
    assert nearer == set("BDNPQUo") and row[ord("0") - 32] == 10
    assert row[ord("N") - 32] == row[ord("U") - 32] == 7
    capitals, small = (load_bitmaps()[first : first + 26] for first in (33, 65))
    barred = (capitals[:, 1:] == small[:, 1:]).all(axis=(1, 2)) & (capitals[:, 0] > 0).any(axis=1)
    assert {chr(65 + k) for k in np.flatnonzero(barred)} >= set("OCSUVWXZ") and barred.sum() == 17


@needs_mnist
def test_07_what_a_threshold_on_the_smallest_penalty_accepts(
    mnist: tuple[Patterns, Patterns], network: LeNet5
) -> None:
    threshold = np.quantile(network.penalties(mnist[1].images).min(axis=1), 0.99)
    capitals = np.zeros((26, 28, 28), np.uint8)
    ink = load_bitmaps()[33:59] > 0
    capitals[:, 2:26, 7:21] = 255 * ink.repeat(2, axis=1).repeat(2, axis=2)
    assert (network.penalties(capitals).min(axis=1) <= threshold).sum() == 21
    fashion = Path(MNIST).parent / "fashion-mnist"
    if fashion.is_dir():
        _, clothes = datasets.load("fashion-mnist", folder=fashion)
        accepted = network.penalties(clothes.images).min(axis=1) <= threshold
        assert accepted.mean() == pytest.approx(0.73, abs=0.01)


@pytest.mark.parametrize(("j", "bend"), [(10.0, 5.0), (2.0, 2.0)])
def test_08_eq_9_rises_from_the_smaller_of_the_wrong_penalty_and_j(j: float, bend: float) -> None:
    def slope(right: float) -> float:
        penalties = np.array([right, 5.0] + 8 * [60.0]).reshape(1, 1, 1, 10)
        return float(MAP(j, scale=1.0).backward(penalties, np.array([0])).flat[0])

    assert slope(bend - 3) < 0.1 < 0.45 < slope(bend) < 0.55 < 0.9 < slope(bend + 3)


@needs_mnist
@pytest.mark.slow
def test_09_the_share_of_the_exact_diagonal(mnist: tuple[Patterns, Patterns]) -> None:
    x, labels = mnist[0].x(slice(30), np.float64), mnist[0].labels[:30].astype(int)
    expected = {
        "untrained": {"C1": 0.12, "C3": 0.42, "C5": 1.0, "F6": 1.0},
        "1998": {"C1": 0.07, "C3": 0.45, "C5": 1.0, "F6": 1.0},
    }
    for name, shares in expected.items():
        net = (
            LeNet5.pretrained(name, np.float64)
            if name == "1998"
            else LeNet5(seed=0, dtype=np.float64)
        )
        exact = np.zeros(net.parameters.size)
        for pattern in x:
            net.forward(pattern[None])
            for unit in np.eye(paper.F6_UNITS).reshape(-1, 1, 1, 1, paper.F6_UNITS):
                d = unit
                for layer in reversed(net.layers[:-1]):
                    d = layer.backward(d)
                exact += net.gradient**2 / len(x)
        ratio = estimate_curvature(net, MLE(), [(x, labels)]) / exact
        found = {layer: np.median(ratio[net.slices[layer]]) for layer in shares}
        assert found == pytest.approx(shares, abs=0.015)


@needs_mnist
@pytest.mark.slow
def test_10_the_lower_end_of_the_rates(mnist: tuple[Patterns, Patterns]) -> None:
    x, labels = mnist[0].x(slice(500)), mnist[0].labels[:500]
    smallest = [
        paper.SCHEDULE[0][1] / (paper.MU + curvature(LeNet5(seed=seed), x, labels).max())
        for seed in range(6)
    ]
    factors = np.array(smallest) / paper.FIRST_PASS_RATES[0]
    assert factors.min() == pytest.approx(3.3, abs=0.05)
    assert factors.max() == pytest.approx(4.0, abs=0.05)


def kernel_correlations(before: LeNet5, after: LeNet5) -> list[float]:
    first, last = (net.layer("C1").kernel[:, :, 0].reshape(25, 6) for net in (before, after))
    return [float(np.corrcoef(first[:, m], last[:, m])[0, 1]) for m in range(6)]


@needs_mnist
@pytest.mark.slow
def test_11_which_kernels_of_C1_change(mnist: tuple[Patterns, Patterns]) -> None:
    trained, _ = learn(mnist[0].subset(5000), mnist[1].subset(100), passes=8)
    alike = kernel_correlations(LeNet5(seed=0), trained)
    assert [m for m in range(6) if alike[m] < 0.85] == [1, 4]
    assert min(alike[m] for m in (0, 2, 3, 5)) > 0.87


def test_11_how_far_the_kernels_of_the_full_run_move(network: LeNet5) -> None:
    alike = kernel_correlations(LeNet5(seed=0), network)
    assert (min(alike), max(alike)) == pytest.approx((0.27, 0.74), abs=0.01)


def test_12_what_the_full_measurement_says() -> None:
    ladder = {row.setting: row.mean for row in measured("one after the other")}
    alone = {row.setting: row.mean for row in measured("each change alone")}
    today = {row.setting: row.mean for row in measured("trained in other ways")}
    assert ladder["+ softmax"] > ladder["+ max pooling"]
    assert ladder["+ softmax"] - ladder["+ ReLU"] > 0.15
    adam = "Adam, batches of 64"
    assert abs(ladder["1998"] - ladder[f"+ {adam}"]) < 0.2
    assert {name for name, mean in alone.items() if mean > 1} == {"max pooling", "softmax", adam}
    names = ("as trained today", "1998", "as trained today, distortions", "1998, distortions")
    text = stored_text("12")
    said = "modern network has {:.2f} %, that of 1998 {:.2f} %", "have {:.2f} % and {:.2f} %"
    assert said[0].format(*(today[name] for name in names[:2])) in text
    assert said[1].format(*(today[name] for name in names[2:])) in text


def test_12_what_the_other_runs_say() -> None:
    """The factorial's mean errors, less data, and today's network with a rate of short trials."""
    path = resources.files("lenet1998.experiments") / "ablation-runs.csv"
    rows = [r for r in csv.DictReader(path.read_text("utf-8").splitlines())
            if r["tested_on"] == "test set"]  # fmt: skip
    last: dict[tuple[str, ...], list[float]] = {}
    for row in rows:
        key = row["network"], row["passes"], row["training_patterns"], row["learning_rate"]
        last.setdefault(key, []).append(float(row["errors_percent"].split()[-1]))
    means: dict[tuple[bool, bool], list[float]] = {}
    for (network, passes, _, _), errors in last.items():
        if passes == "10":
            kept = [error for error in errors if error < 10]  # one training collapsed
            parts = network.split(" + ")
            means.setdefault(("ReLU" in parts, "softmax" in parts), []).append(np.mean(kept))
    found = [round(np.mean(means[key]), 2) for key in ((1, 1), (1, 0), (0, 0))]
    assert all(len(group) == 8 for group in means.values())
    text = stored_text("12")
    assert (
        "{:.2f} % with both, {:.2f} % with ReLU and RBF codes, and {:.2f} %".format(*found) in text
    )
    rates = {"today": "0.002", "1998": "0.0005"}
    few = [np.mean(last[name, "20", "15000", rate]) for name, rate in rates.items()]
    assert "{:.2f} % against {:.2f} %".format(*few) in text
    assert f"had {np.mean(last['today', '20', '60000', '0.008']):.2f} % after 20" in text


def test_13_the_exponents_of_eq_1() -> None:
    sizes = np.array(sorted(paper.FIGURE_6_TEST))
    gaps = np.array([paper.FIGURE_6_TEST[s] - paper.FIGURE_6_TRAINING[s] for s in sizes])
    exponents = -np.diff(np.log(gaps)) / np.diff(np.log(sizes))
    assert exponents == pytest.approx([0.97, 0.49], abs=0.01)


def test_13_the_errors_that_the_paper_and_ours_share() -> None:
    theirs, ours = wrong_answers("paper"), wrong_answers("distortions")
    both = theirs.keys() & ours.keys()
    assert (len(theirs), len(ours), len(both)) == (paper.MISCLASSIFIED, 73, 35)
    assert sum(theirs[i] == ours[i] for i in both) == 29
    assert learning_curve("distortions")[1][-1] == 0.73
    assert learning_curve("1998")[0][-1] == pytest.approx(0.13, abs=0.005)


@needs_mnist
@pytest.mark.parametrize("name", ["1998", "distortions"])
def test_13_the_shipped_errors_are_those_of_the_shipped_weights(
    name: str, mnist: tuple[Patterns, Patterns]
) -> None:
    answers = LeNet5.pretrained(name).predict(mnist[1].images)
    wrong = np.flatnonzero(answers != mnist[1].labels)
    assert wrong_answers(name) == {int(i): int(answers[i]) for i in wrong}


def test_the_digit_of_the_notebooks_is_a_clear_3(network: LeNet5) -> None:
    _, test = datasets.load_printed()
    one = clearest(network, test)
    threes = np.flatnonzero(test.labels == 3)[:20]
    assert one in threes
    assert network.penalties(test.images[[one]])[0, 3] == pytest.approx(
        network.penalties(test.images[threes])[:, 3].min(), rel=1e-4
    )


@needs_mnist
@pytest.mark.slow
def test_10_what_the_recursion_leaves_out(mnist: tuple[Patterns, Patterns]) -> None:
    """The exact second derivatives of C1's weights (eq. 22) beside eq. 27, as in the notebook."""
    small, _ = learn(mnist[0].subset(1000), mnist[1].subset(200), passes=1)
    net, mle, d = LeNet5(dtype=np.float64), MLE(), 1e-3
    net.parameters[:] = small.parameters
    x, labels = mnist[0].x(slice(3), np.float64), mnist[0].labels[:3].astype(int)
    part = net.slices["C1"]
    recursion = estimate_curvature(net, mle, [(x, labels)])[part]

    def error(k: int, step: float) -> float:
        net.parameters[k] += step
        value = float(mle.forward(net.forward(x), labels).mean())
        net.parameters[k] -= step
        return value

    exact = np.array(
        [
            (error(k, d) - 2 * error(k, 0.0) + error(k, -d)) / d**2
            for k in range(part.start, part.stop)
        ]
    )
    assert exact.mean() == pytest.approx(3.7, rel=0.1)
    assert recursion.mean() == pytest.approx(0.13, rel=0.1)
    assert (recursion >= 0).all() and (exact < 0).any()


def test_14_the_fewest_errors_without_distortions() -> None:
    plain = {name: error for name, error in paper.FIGURE_9.items() if "[dist]" not in name}
    assert min(plain, key=lambda name: plain[name]) == "LeNet-5" and plain["LeNet-5"] == 0.95


def test_16_where_the_squash_bends_most() -> None:
    a = np.linspace(0, 4, 40_001)
    t = np.tanh(paper.SQUASH_S * a)
    assert a[(t * (1 - t**2)).argmax()] == pytest.approx(0.988, abs=0.001)


def test_16_the_share_of_C5_and_F6() -> None:
    share = paper.LAYERS["C5"].parameters + paper.LAYERS["F6"].parameters
    assert round(share / paper.TRAINABLE_PARAMETERS, 2) == 0.97
