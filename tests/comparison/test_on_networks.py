"""Trained networks as methods; local learning and K-NN on their last layer; boosting."""

import numpy as np
import pytest

from lenet1998 import InputError, LeNet5
from lenet1998.comparison import boosted
from lenet1998.comparison.boosted import Boosted, Chosen, choose, disagree, half_wrong
from lenet1998.comparison.last_layer import LastLayerNeighbours, Local, local_sums
from lenet1998.comparison.neighbours import closest
from lenet1998.comparison.trained import Trained, connections, states
from lenet1998.data import datasets
from lenet1998.data.augmentation import Distorted
from lenet1998.data.databases import in_field
from lenet1998.data.patterns import Patterns
from lenet1998.learning import evaluation
from lenet1998.learning.state import TrainingState
from lenet1998.network.design import Design
from lenet1998.run.learn import make_trainer
from lenet1998.run.settings import Settings

SETTINGS = Settings(
    "printed", passes=3, train_size=400, patterns="distorted", design=Design(network="lenet4")
)


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = datasets.load_printed()
    return train.subset(400), test.subset(150)


@pytest.fixture(scope="module")
def lenet4(printed: tuple[Patterns, Patterns]) -> LeNet5:
    """LeNet-4 after three passes over 400 distorted digits."""
    network = SETTINGS.network()
    trainer = make_trainer(SETTINGS, network, 400, quiet=True)
    state = TrainingState.initial(800, 0)
    for _ in range(SETTINGS.passes):
        trainer.train_pass(Distorted(printed[0], 0, 2), state)
        state.next_pass()
    return network


# --- A trained network -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lenet5", "lenet1", "20x20-300-10"])
def test_a_network_answers_with_its_version_of_the_database(
    name: str, printed: tuple[Patterns, Patterns]
) -> None:
    network = LeNet5(3, design=Design(network=name))
    method = Trained(network, quiet=True)
    method.fit(printed[0].images, printed[0].labels)
    expected = evaluation.penalties(network, in_field(printed[1], network.design.database))
    np.testing.assert_allclose(method.scores(printed[1].images), -expected, rtol=1e-6)
    with pytest.raises(InputError, match=r"expected grey levels \(n, 28, 28\)"):
        method.scores(np.zeros((2, 16, 16), np.uint8))


def test_the_counts_of_figures_11_and_12() -> None:
    """785 x 1000 + 1001 x 10 and so on; LeNet-5's connections are those of II-B."""
    for name, operations, variables in (
        ("28x28-1000-10", 795_010, 795_010),
        ("28x28-300-100-10", 266_610, 266_610),
        ("28x28-500-150-10", 469_160, 469_160),
        ("20x20-300-10", 123_310, 123_310),
        ("lenet1", 98_442, 2_578),
        ("lenet4", 258_306, 16_998),
        ("lenet5", 340_908, 60_000),
    ):
        method = Trained(LeNet5(design=Design(network=name)))
        assert (method.multiply_accumulates, method.variables) == (operations, variables)


@pytest.mark.parametrize("layer", ["C1", "S4", "C5", "F6"])
def test_states_are_squashed_and_those_of_the_network(
    layer: str, printed: tuple[Patterns, Patterns]
) -> None:
    network = LeNet5(seed=2)
    images = printed[1].images[:19]
    expected = network.states(images)[layer].reshape(19, -1)
    np.testing.assert_allclose(states(network, images, layer), expected, atol=1e-6)
    with pytest.raises(InputError, match="no layer F7: choose C1, S2, C3, S4, C5, F6, OUTPUT"):
        states(network, images, "F7")


# --- On the last layer -------------------------------------------------------------------------


def test_the_closest_are_the_closest() -> None:
    rng = np.random.default_rng(0)
    known, asked = rng.normal(size=(50, 4)), rng.normal(size=(7, 4))
    distances = ((asked[:, None] - known) ** 2).sum(axis=2)
    for near, row in zip(closest(known, asked, 5), distances, strict=True):
        assert sorted(near) == sorted(row.argsort()[:5])


def test_neighbours_on_the_last_layer(lenet4: LeNet5, printed: tuple[Patterns, Patterns]) -> None:
    """The answer is the vote of the three nearest states of C5."""
    train, test = printed
    method = LastLayerNeighbours(lenet4, quiet=True)
    method.fit(train.images, train.labels)
    assert method.layer == "C5" and LastLayerNeighbours(LeNet5()).layer == "F6"
    known, asked = states(lenet4, train.images, "C5"), states(lenet4, test.images, "C5")
    distances = ((asked[:, None] - known) ** 2).sum(axis=2)
    order = distances.argsort(axis=1)[:, :3]
    for answer, near in zip(method.predict(test.images), train.labels[order], strict=True):
        assert answer == max(near, key=near.tolist().count)
    assert method.variables == 400 * 120 + 104 + 16 + 1516 + 32 + 14_120
    assert method.multiply_accumulates == 400 * 120 + 258_306 - 1210
    wide = LastLayerNeighbours(lenet4, "S4", quiet=True)
    wide.fit(train.images, train.labels)
    assert wide.variables == 400 * 400 + 104 + 16 + 1516 + 32  # the 400 of figure 12


def test_local_sums_are_those_of_ridge_regression() -> None:
    """Against the normal equations of the weights and the bias, which is not damped."""
    rng = np.random.default_rng(1)
    u, t = rng.normal(size=(3, 12, 5)), rng.normal(size=(3, 12, 10))
    found = local_sums(u, t, 0.3)
    for i in range(3):
        r = 0.3 * (u[i] ** 2).sum(axis=1).mean()
        inputs = np.hstack([u[i], np.ones((12, 1))])
        damping = r * np.diag([1.0] * 5 + [0.0])
        weights = np.linalg.solve(inputs.T @ inputs + damping, inputs.T @ t[i])
        np.testing.assert_allclose(found[i], weights[-1], atol=1e-9)
    assert np.isfinite(local_sums(np.zeros((1, 4, 5)), t[:1, :4], 0.3)).all()  # equal states


def test_local_learning_reads_as_well_as_the_network(
    lenet4: LeNet5, printed: tuple[Patterns, Patterns]
) -> None:
    train, test = printed
    answers = {}
    for name, method in {
        "network": Trained(lenet4),
        "local": Local(lenet4, count=40),
        "all": Local(lenet4),
    }.items():
        method.quiet = True
        method.fit(train.images, train.labels)
        answers[name] = float(np.mean(method.predict(test.images) != test.labels))
    assert answers["local"] <= answers["network"] + 0.02 < 0.6
    assert answers["all"] <= answers["network"] + 0.02
    assert method.used == 200


# --- Boosting ----------------------------------------------------------------------------------


def test_chosen_patterns_are_those_of_the_source(printed: tuple[Patterns, Patterns]) -> None:
    source = Distorted(printed[0], 4, 3)
    chosen = Chosen(source, np.array([900, 5, 411]))
    assert len(chosen) == 3 and chosen.dataset == "printed"
    assert chosen.labels.tolist() == printed[0].labels[[100, 5, 11]].tolist()
    assert np.array_equal(chosen.x(np.array([0])), source.x(np.array([900])))


def test_what_the_later_networks_learn(lenet4: LeNet5, printed: tuple[Patterns, Patterns]) -> None:
    """Half wrong under the first; the first two disagree; never an undistorted pattern."""
    source = Distorted(printed[0], 1, 6)
    second = choose(source, [lenet4], half_wrong, 100, quiet=True)
    assert len(second) == len(set(second)) == 100 and second.min() >= 400

    def answers(network: LeNet5, numbers: np.ndarray) -> np.ndarray:
        return evaluation.answers(network, Chosen(source, numbers))

    wrong = answers(lenet4, second) != source.labels[second]
    assert wrong.sum() == 50
    other = LeNet5(1, design=Design(network="lenet4"))
    third = choose(source, [lenet4, other], disagree, 60, quiet=True)
    assert len(third) == 60 and (answers(lenet4, third) != answers(other, third)).all()
    # More are wanted than there are: as many wrong ones as right ones are left.
    few = choose(Distorted(printed[0].subset(20), 1, 2), [lenet4], half_wrong, 1000, quiet=True)
    assert len(few) % 2 == 0 and len(few) < 40


def test_outputs_are_added_where_the_first_doubts(
    lenet4: LeNet5, printed: tuple[Patterns, Patterns]
) -> None:
    train, test = printed
    method = Boosted(lenet4, SETTINGS, copies=5, quiet=True)
    method.fit(train.images, train.labels)
    one, two, three = (evaluation.penalties(network, test) for network in method.networks)
    margins = evaluation.margins(one)
    doubt = margins < method.threshold
    assert 0 < doubt.sum() < len(test)
    expected = np.where(doubt[:, None], (one + two + three) / 3, one)
    np.testing.assert_allclose(method.scores(test.images), -expected, rtol=1e-5)
    # On the training patterns: 1.75 networks a pattern.
    asked = evaluation.margins(evaluation.penalties(lenet4, train)) < method.threshold
    assert 1 + 2 * asked.mean() == pytest.approx(1.75, abs=0.02)
    assert method.variables == 3 * 16_998
    # Counted on the patterns that were read.
    assert method.multiply_accumulates == round((1 + 2 * doubt.mean()) * 258_306)
    assert all(0 < learned <= 400 for learned in method.learned)
    # The sum of the units' outputs has the same order as minus the sum of the penalties.
    outputs = np.zeros((5, 10))
    for network in method.networks:
        outputs += states(network, test.images[:5], "F6")
    total = (one + two + three)[:5]
    assert np.array_equal(outputs.argsort(axis=1), (-total).argsort(axis=1))


def test_a_first_network_without_errors(
    printed: tuple[Patterns, Patterns], lenet4: LeNet5, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boosted, "choose", lambda *_: np.empty(0, np.intp))
    with pytest.raises(InputError, match="none of 400 distorted patterns is hard enough for netw"):
        Boosted(lenet4, SETTINGS, copies=2).fit(printed[0].images, printed[0].labels)


def test_connections_leave_out_codes_that_are_not_needed() -> None:
    counts = LeNet5(design=Design(network="lenet4")).count()
    assert connections(LeNet5(design=Design(network="lenet4"))) == sum(
        count.connections for name, count in counts.items() if name != "OUTPUT"
    )
