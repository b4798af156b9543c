"""The whole network against PyTorch's autograd, in float64: outputs, gradients and curvature.

`python -m pytest tests/benchmarks` runs it and ends with the largest differences and with what the
diagonal recursion of eq. 25 to 27 loses beside the true Gauss-Newton diagonal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from lenet1998 import LeNet5, load_printed, paper
from lenet1998.layers.activations import Squash
from lenet1998.layers.batch_norm import BatchNorm
from lenet1998.learning.criterion import MAP, MLE, Criterion, CrossEntropy
from lenet1998.network.design import Design

from .peers import Array

torch = pytest.importorskip("torch")  # before what is written in it
from . import autograd  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # other people's deprecations are not ours
TOLERANCE = 1e-9
TRAINED = -1  # in place of a seed: the shipped weights, on printed digits
CRITERIA = {
    "eq. 8": MLE(),
    "eq. 8, penalty scale 1": MLE(scale=1.0),
    "eq. 9": MAP(),
    "eq. 9, penalty scale 1": MAP(scale=1.0),
    "eq. 9, penalty scale 0.05": MAP(scale=0.05),  # all classes and the rubbish in one balance
    "eq. 9, j 80": MAP(j=80.0),  # the classes alone
}
MODERN = Design(connections="full", subsampling="max", activation="relu", output="softmax")
DESIGNS = {
    "modern": MODERN,
    "modern, batch norm": replace(MODERN, batch_norm=True),
    "average, tanh, one-of-n": Design(subsampling="average", activation="tanh", codes="one-of-n"),
    "sigmoid, softmax": Design(activation="sigmoid", output="softmax"),
}


class Case(NamedTuple):
    """A network of ours and its peer, with patterns for both."""

    network: LeNet5
    x: Array
    labels: Array
    design: Design
    p: Any
    their_x: Any
    their_labels: Any

    def ours(self, criterion: Criterion) -> tuple[Array, Array]:
        """Penalties (n, 10) and E (n,); leaves gradient and curvature in the network."""
        y = self.network.forward(self.x)
        E = criterion.forward(y, self.labels).copy()
        self.network.backward(criterion.backward(y, self.labels))
        self.network.second_backward(criterion.second_backward(y, self.labels))
        return y.reshape(len(self.x), -1).copy(), E

    def theirs(self, criterion: Criterion, made: list[autograd.Step]) -> tuple[Array, Array, Array]:
        """Penalties, E and the gradient summed over the patterns."""
        p = self.p.clone().requires_grad_()
        y = autograd.outputs(made, p, self.their_x)
        E = energy(criterion, y, self.their_labels)
        (gradient,) = torch.autograd.grad(E.sum(), p)
        return y.detach().numpy(), E.detach().numpy(), gradient.numpy()

    def top(self, criterion: Criterion, i: int) -> tuple[list[autograd.Step], Any]:
        """The steps below what is taken as quadratic, and E's Hessian there for pattern i.

        With RBF units that is F6's state (under eq. 8), with the softmax its sums.
        """
        made, label = autograd.steps(self.design, self.running()), self.their_labels[i : i + 1]
        if self.design.output == "softmax":
            last, below = autograd.plain(lambda y: y), made
        else:
            last, below = made[-1], made[:-1]
        state = autograd.outputs(below, self.p, self.their_x[i : i + 1])[0]

        def E(x: Any) -> Any:
            return energy(criterion, last.f(x[:0], x[None]), label)[0]

        return below, torch.func.hessian(E)(state)

    def running(self) -> dict[str, Any]:
        """The running averages of our batch normalisations, by name."""
        norms = [layer for layer in self.network.layers if isinstance(layer, BatchNorm)]
        return {layer.name: torch.tensor(layer.running) for layer in norms}


def energy(criterion: Criterion, y: Any, labels: Any) -> Any:
    """E of each pattern by the criterion of that name and its constants."""
    if isinstance(criterion, CrossEntropy):
        return autograd.cross_entropy(y, labels)
    if isinstance(criterion, MAP):
        return autograd.eq_9(y, labels, criterion.scale, criterion.j)
    return autograd.eq_8(y, labels, criterion.scale)


def case(seed: int, n: int, design: Design = Design()) -> Case:  # noqa: B008, it is frozen
    """Random weights and biases that neither leave the squashes linear nor saturate them all."""
    rng = np.random.default_rng(max(seed, 0))
    labels = rng.integers(paper.CLASSES, size=n)
    if seed == TRAINED:
        network = LeNet5.pretrained("1998", dtype=np.float64)
        x = load_printed()[0].x(slice(n), np.float64)
    else:
        network = LeNet5(seed, np.float64, design=design)
        network.parameters[:] += rng.normal(0.0, 0.07, network.parameters.shape)
        for layer in network.layers:
            if isinstance(layer, BatchNorm):
                layer.running[:] = rng.uniform(0.2, 0.6, layer.running.shape)
        x = rng.uniform(paper.BACKGROUND, paper.FOREGROUND, (n, *network.input_shape))
    theirs = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    p = torch.tensor(network.parameters)
    return Case(network, x, labels, design, p, torch.tensor(theirs), torch.tensor(labels))


# --- Differences, kept for the table at the end ------------------------------------------------

LARGEST: dict[str, float] = {}
TABLE: list[str] = []


@pytest.fixture(autouse=True, scope="module")
def tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print the largest differences and the table of ratios behind the last test."""
    yield
    lines = [f"{what:44}{difference:10.1e}" for what, difference in LARGEST.items()]
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n\nlargest relative differences from autograd", *lines, *TABLE, sep="\n")


def check(what: str, ours: Array, theirs: Array, each: bool = True, where: str = "") -> None:
    """Fail unless ours is theirs to 1e-9: each number, or all relative to the largest of theirs.

    Numbers that can cancel, as those of a gradient, are not known to 1e-9 of themselves.
    """
    assert ours.shape == theirs.shape, what
    gap = np.abs(ours - theirs)
    # Where nothing differs 0 over 0 is no difference: units that are off have 0 on both sides.
    size = np.where(gap == 0, 1.0, np.abs(theirs)) if each else np.abs(theirs).max()
    with np.errstate(divide="ignore"):
        difference = float(np.max(gap / size))
    LARGEST[what] = float(np.maximum(LARGEST.get(what, 0.0), difference))
    assert difference < TOLERANCE, f"{what} {where}: {difference:.1e}"


def check_layers(what: str, network: LeNet5, ours: Array, theirs: Array, each: bool = True) -> None:
    """`check` layer by layer: the largest number of the network would hide the small layers."""
    assert ours.shape == theirs.shape, what
    for name, part in network.slices.items():
        check(what, ours[part], theirs[part], each, name)


# --- Outputs and gradients ---------------------------------------------------------------------


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA.keys())
@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("seed", [0, 1, 2, TRAINED])
def test_penalties_criterion_and_gradient(seed: int, n: int, criterion: Criterion) -> None:
    it = case(seed, n)
    y, E = it.ours(criterion)
    their_y, their_E, gradient = it.theirs(criterion, autograd.steps(it.design))
    check("penalties", y, their_y)
    check("E", E, their_E)
    check_layers("dE/dw, of a layer's largest", it.network, it.network.gradient, gradient, False)


@pytest.mark.parametrize("seed", [0, 1, 2, TRAINED])
def test_squashes_are_neither_linear_nor_saturated(seed: int) -> None:
    """Else the comparison would say little: tanh^2 of the units is about 0 or about 1 then."""
    it = case(seed, 5)
    it.network.forward(it.x)
    squashes = [layer for layer in it.network.layers if isinstance(layer, Squash)]
    means = [np.mean((layer.held.x / paper.SQUASH_A) ** 2) for layer in squashes]
    assert len(means) == 6
    assert 0.02 < min(means) < max(means) < 0.8, means


@pytest.mark.parametrize("learning", [False, True], ids=["reading", "learning"])
@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
def test_later_parts(design: Design, n: int, learning: bool) -> None:
    """Only batch normalisation learns otherwise than it reads; the others shall not."""
    it = case(3, n, design)
    running = it.running()
    it.network.set_training(learning)
    criterion = CrossEntropy() if design.output == "softmax" else MAP(scale=0.05)
    y, E = it.ours(criterion)
    made = autograd.steps(design, None if learning else running)
    their_y, their_E, gradient = it.theirs(criterion, made)
    check("later parts: outputs, of the largest", y, their_y, each=False)
    check("later parts: E", E, their_E)
    what = "later parts: dE/dw, of a layer's largest"
    check_layers(what, it.network, it.network.gradient, gradient, False)
    x = it.their_x
    for step, w in zip(made, autograd.cut(made, it.p), strict=True):
        if step.name in running:
            moved = autograd.moved(running[step.name], x) if learning else running[step.name]
            check("later parts: running averages", it.running()[step.name].numpy(), moved.numpy())
        x = step.f(w, x)


# --- Curvature ---------------------------------------------------------------------------------


class Curved(NamedTuple):
    """A case and what the recursion met in it: for each pattern every step, last first."""

    it: Case
    criteria: list[Criterion]
    visits: list[list[autograd.Visit]]


CURVED = {
    "seed 0": (0, 1, 0.5, Design()),
    "seed 1": (1, 3, 0.5, Design()),
    "seed 2, penalty scale 1": (2, 1, 1.0, Design()),
    "trained": (TRAINED, 2, 0.5, Design()),
    **{name: (3, 1, 1.0, design) for name, design in DESIGNS.items()},
}


@pytest.fixture(scope="module", params=CURVED.values(), ids=list(CURVED))
def curved(request: pytest.FixtureRequest) -> Curved:
    seed, n, scale, design = request.param
    it = case(seed, n, design)
    softmax = design.output == "softmax"
    criteria: list[Criterion] = [CrossEntropy()] if softmax else [MLE(scale), MAP(scale=scale)]
    visits = []
    for i in range(n):
        below, H = it.top(criteria[0], i)
        h = H.diagonal()[None]
        visits.append(autograd.recursion(below, it.p, it.their_x[i : i + 1], h))
    return Curved(it, criteria, visits)


def test_curvature_is_the_recursion_with_squared_jacobians(curved: Curved) -> None:
    """Eq. 25 to 27, layer by layer; eq. 9 has the curvature of eq. 8 (reading)."""
    summed = [sum(v.h_w for v in same) for same in zip(*curved.visits, strict=True)]
    theirs = torch.cat(summed[::-1]).numpy()
    network = curved.it.network
    for criterion in curved.criteria:
        network.curvature[:] = np.nan
        curved.it.ours(criterion)
        check_layers("curvature, eq. 25 to 27", network, network.curvature, theirs)


def test_shared_weights_sum_over_their_connections(curved: Curved) -> None:
    """Eq. 23; a sub-sampling coefficient is one connection, from the sum of four (reading)."""
    network = curved.it.network
    curved.it.ours(curved.criteria[0])
    shared = [same for same in zip(*curved.visits, strict=True) if same[0].step.size]
    assert {same[0].step.name for same in shared} >= {"C1", "C3", "C5"}
    for same in shared:
        theirs = sum(autograd.over_connections(visit) for visit in same).numpy()
        ours = network.curvature[network.slices[same[0].step.name]]
        check("curvature over connections, eq. 23", ours, theirs)


RATIOS = {
    "random": (0, 20, Design(), ("C5", "F6")),
    "trained": (TRAINED, 20, Design(), ("C5", "F6")),
    "modern": (3, 5, MODERN, ("OUTPUT",)),
}


@pytest.mark.parametrize("title", RATIOS)
def test_curvature_is_gauss_newton_where_that_is_exact(title: str) -> None:
    """Eq. 8 has a diagonal Hessian in F6's state, so that the recursion loses nothing as long as
    a weight moves one unit only: in F6 and, on one position, in C5.  That of the softmax is not
    diagonal: there the output layer alone is exact.
    """
    seed, n, design, exact = RATIOS[title]
    it = case(seed, n, design)
    criterion = CrossEntropy() if design.output == "softmax" else MLE()
    it.ours(criterion)
    assert set(exact) <= set(it.network.slices)
    true = np.zeros_like(it.network.curvature)
    for i in range(n):
        below, H = it.top(criterion, i)
        true += autograd.gauss_newton(below, it.p, it.their_x[i : i + 1], H).numpy()
    if not TABLE:
        TABLE.append("\ndiagonal of eq. 25 to 27 over the true Gauss-Newton diagonal")
        TABLE.append(f"{'':24}{'of the sums':>14}{'of the largest':>16}{'median':>10}")
    for name, part in it.network.slices.items():
        ours, theirs = it.network.curvature[part], true[part]
        if name in exact:
            check("curvature, true Gauss-Newton where exact", ours, theirs, where=name)
        alive = theirs > 0
        ratios = (
            ours.sum() / theirs.sum(),
            ours.max() / theirs.max(),
            np.median(ours[alive] / theirs[alive]),
        )
        title_and_name = f"{title}, {name}"
        TABLE.append(f"{title_and_name:24}{ratios[0]:14.3f}{ratios[1]:16.3f}{ratios[2]:10.3f}")
