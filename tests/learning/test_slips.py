"""How course projects learn where they differ from the usual way, by hand and against it."""

import math

import numpy as np
import pytest

from lenet1998 import InputError
from lenet1998.data.datasets import load_printed
from lenet1998.learning import evaluation, sdlm
from lenet1998.learning.criterion import MLE
from lenet1998.learning.optimizers import SGD, Adam, Momentum, TwiceCorrectedAdam
from lenet1998.learning.schedules import quarter_cosine
from lenet1998.learning.state import TrainingState
from lenet1998.learning.training import Trainer
from lenet1998.network.design import Design
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.network import GROUP
from lenet1998.run.recipes import RECIPES
from lenet1998.run.settings import choose


def test_the_flat_warm_up_and_the_quarter_of_a_cosine() -> None:
    """The rates of the report: 0.1 five times, 0.4 in pass 6, 0.02512 in pass 30."""
    etas = quarter_cosine(30, 0.4, 5, 0.1, flat=True)
    assert etas[:6] == pytest.approx([0.1] * 5 + [0.4])
    assert etas[-1] == pytest.approx(0.02512, abs=1e-5)
    assert etas[17] == pytest.approx(0.4 * math.cos(math.pi / 2 * 12 / 25))
    assert RECIPES["sigmoid-softmax"].settings["flat_warmup"]
    assert choose({}, RECIPES["sigmoid-softmax"].settings).etas() == etas
    risen = quarter_cosine(30, 0.4, 5, 0.1)
    assert risen[:5] == pytest.approx([0.1, 0.16, 0.22, 0.28, 0.34]) and risen[5:] == etas[5:]
    assert quarter_cosine(2, 0.8) == pytest.approx([0.8, 0.8 * math.cos(math.pi / 4)])
    for wrong in ((3, 0.4, 3, 0.1), (3, 0.4, 1, 0.0), (3, 0.0)):
        with pytest.raises(InputError):
            quarter_cosine(*wrong)


def test_adam_corrected_twice_starts_with_small_steps() -> None:
    """The report's ratios to Adam's step: 0.316 at step 1, 0.152 at step 12, 0.309 at step 100."""
    twice, once = TwiceCorrectedAdam(1, np.float64), Adam(1, np.float64)
    ratios = []
    for _ in range(100):
        a, b = np.zeros(1), np.zeros(1)
        twice.update(a, np.ones(1), 0.001)
        once.update(b, np.ones(1), 0.001)
        ratios.append(float(a[0] / b[0]))
    assert ratios[0] == pytest.approx(0.316, abs=0.001)
    assert ratios[11] == pytest.approx(0.152, abs=0.001) == min(ratios)
    assert ratios[99] == pytest.approx(0.309, abs=0.001)


def test_momentum_leaves_some_parameters_plain_steps() -> None:
    mixed, momentum, plain = Momentum(4, plain=[slice(1, 3)]), Momentum(4), SGD(4)
    weights = [np.zeros(4, np.float32) for _ in range(3)]
    for step in range(3):
        for w, optimizer in zip(weights, (mixed, momentum, plain), strict=True):
            optimizer.update(w, np.arange(1, 5, dtype=np.float32) + step, 0.1)
    np.testing.assert_array_equal(weights[0][[0, 3]], weights[1][[0, 3]])
    np.testing.assert_allclose(weights[0][1:3], weights[2][1:3], rtol=1e-6)


def test_the_sum_of_the_gradients_is_so_many_times_their_mean() -> None:
    train = load_printed()[0].subset(10)
    weights = []
    for summed, eta in ((True, 0.001), (False, 0.005)):
        network = LeNet5(seed=1)
        optimizer = SGD(network.parameters.size)
        trainer = Trainer(network, MLE(), optimizer, [eta], step_sizes=None, batch_size=5,
                          sum_gradients=summed)  # fmt: skip
        trainer.train_pass(train, TrainingState.initial(10, 0))
        weights.append(network.parameters)
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-6)


def test_batches_with_replacement_repeat_and_miss_patterns() -> None:
    train = load_printed()[0].subset(200)
    network = LeNet5(seed=1)
    trainer = Trainer(network, MLE(), SGD(network.parameters.size), [1e-4, 1e-4],
                      step_sizes=None, order="replacement", batch_size=50)  # fmt: skip
    state = TrainingState.initial(200, 0)
    drawn = []
    for _ in range(2):
        trainer.train_pass(train, state)
        drawn.append(state.permutation.copy())
        state.next_pass()
    for order in drawn:
        assert order.shape == (200,) and order.min() >= 0 and order.max() < 200
        assert 0.55 < len(set(order.tolist())) / 200 < 0.72  # 1 - 1/e is 0.63
    assert (drawn[0] != drawn[1]).any()


def test_the_sum_of_a_layers_curvature_without_its_biases() -> None:
    network = LeNet5(seed=1)
    curvature = np.arange(1, 60_001, dtype=np.float32) / 60_000
    steps = sdlm.step_sizes(network, curvature, 0.01, "layer-weights")
    biases = {"C1": 6, "S2": 6, "C3": 16, "S4": 16, "C5": 120, "F6": 84}
    for name, part in network.slices.items():
        h = curvature[part][: -biases[name]].sum()
        np.testing.assert_allclose(steps[part], 0.01 / (0.02 + h), rtol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 4])  # 1 takes the fast way of plain descent
def test_a_lost_bias_stays_and_the_rest_learns(batch_size: int) -> None:
    train = load_printed()[0].subset(60)
    network = LeNet5(seed=1, design=Design(lost_bias=True))
    other = LeNet5(seed=1, design=Design(lost_bias=True))
    other.parameters[other.biases()] = network.parameters[network.biases()] = 0.5
    other.layer("F6").bias[:] = -3.0
    for one in (network, other):
        optimizer = SGD(one.parameters.size)
        trainer = Trainer(one, MLE(), optimizer, [5e-4], batch_size=batch_size)
        trainer.train_pass(train, TrainingState.initial(60, 0))
    np.testing.assert_array_equal(network.layer("F6").bias, 0.5)
    np.testing.assert_array_equal(other.layer("F6").bias, -3.0)
    different = network.parameters != other.parameters
    assert different.sum() == 84  # nothing else depends on it
    assert (network.layer("F6").weights != LeNet5(seed=1).layer("F6").weights).any()


@pytest.mark.parametrize("patterns", [GROUP + 3, 3 * GROUP])
def test_batch_statistics_are_those_of_the_whole_test_batch(patterns: int) -> None:
    """The blocks that the evaluation reads, not the few patterns that the cache holds."""
    design = Design(batch_norm=True, batch_statistics=True)
    network, test = LeNet5(seed=4, design=design), load_printed()[1].subset(patterns)
    whole = network.forward(test.x(np.arange(patterns), np.float32)).reshape(patterns, -1).copy()
    np.testing.assert_array_equal(evaluation.penalties(network, test), whole)
    few = network.forward(test.x(np.arange(GROUP), np.float32)).reshape(GROUP, -1)
    assert np.abs(few - whole[:GROUP]).max() > 0.01  # other statistics, other penalties


def test_batch_statistics_of_every_block_of_the_evaluation() -> None:
    """The report does not give the size of its test batches; a block is one here."""
    design = Design(batch_norm=True, batch_statistics=True)
    network = LeNet5(seed=4, design=design)
    test = load_printed()[1].subset(evaluation.BLOCK + 20)
    y = evaluation.penalties(network, test)
    for start, stop in ((0, evaluation.BLOCK), (evaluation.BLOCK, len(test))):
        x = test.x(np.arange(start, stop), np.float32)
        np.testing.assert_array_equal(y[start:stop], network.forward(x).reshape(len(x), -1))


def test_only_patterns_that_are_mixed_go_through_the_layers_together() -> None:
    for design, training, mixed in (
        (Design(), True, False),
        (Design(batch_norm=True), True, True),
        (Design(batch_norm=True), False, False),
        (Design(batch_norm=True, batch_statistics=True), False, True),
    ):
        network = LeNet5(design=design)
        network.set_training(training)
        assert network.mixes_patterns is mixed


@pytest.mark.parametrize("name", RECIPES)
def test_the_initial_weights_of_a_recipe(name: str) -> None:
    """Standard deviations that the reports give; biases are equal."""
    settings = choose({"seed": 3, "recipe": name}, RECIPES[name].settings)
    network = settings.network()
    deviations = {"normal-1": 1.0, "normal-0.01": 0.01, "normal": 0.1, "he": math.sqrt(2 / 400)}
    c5 = network.layer("C5")
    assert c5.parameters[:-120].std() == pytest.approx(deviations[settings.init], rel=0.02)
    for layer in ("C1", "C3", "C5", "F6"):
        part = network.layer(layer)
        np.testing.assert_array_equal(part.bias, np.float32(settings.initial_bias))
