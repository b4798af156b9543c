"""What single layers do beyond the contract: absent connections, odd sizes, training mode ..."""

from typing import Any

import check
import numpy as np
import pytest
import reference
from check import Array
from layer_contract import (
    PAPER,
    SMALL,
    Case,
    assert_close,
    assert_same_passes,
    convolution,
    drawn,
    inputs,
    made,
    outputs,
    passes,
    pooling,
)
from test_contract import cases, dtypes

from lenet1998 import InputError
from lenet1998.layers.activations import Negative, ReLU, Sigmoid, Tanh
from lenet1998.layers.batch_norm import BatchNorm
from lenet1998.layers.convolution import Convolution
from lenet1998.layers.full import Full
from lenet1998.layers.pooling import AveragePool, MaxPool
from lenet1998.layers.rbf import RBF
from lenet1998.learning.criterion import CrossEntropy
from lenet1998.network.network import Network
from lenet1998.paper import TABLE_1

CONVOLUTIONS = {name: case for name, case in SMALL.items() if "kernel" in case.names}
EPSILON = 1e-5  # of batch normalisation


@cases({name: case for name, case in (CONVOLUTIONS | PAPER).items() if case.shape[2] == 1})
def test_an_image_with_a_new_axis_is_read_right(case: Case) -> None:
    """NumPy gives `x[..., None]` the stride 0 on its last axis, and calls it contiguous."""
    layer, image = made(case), inputs(case, 2)[..., 0]
    d = outputs(case, 2)
    expected = passes(layer, inputs(case, 2), d)
    assert_same_passes(passes(layer, image[..., None], d), expected, "x[..., None]")


@cases({name: case for name, case in SMALL.items() if name.startswith("RBF")})
def test_curvature_of_the_rbf(case: Case) -> None:
    """Gauss-Newton linearises the residuals x - w: E = sum of slope * r^2 has d2E/dr2 = 2 slope.

    The penalties are quadratic in x, so that this is the exact second derivative too.
    """
    layer, x = made(case), inputs(case, 1)
    slope = np.square(outputs(case, 1))
    layer.forward(x)
    d2E_dx2 = layer.second_backward(slope).copy()
    codes = case.twin(layer).codes  # type: ignore[union-attr]
    h = np.repeat(2 * slope[..., None], codes.shape[1], axis=-1)
    residuals = check.gauss_newton(lambda x: x[..., None, :] - codes, x, h)
    np.testing.assert_allclose(d2E_dx2, residuals, rtol=1e-7)
    for place in np.ndindex(*x.shape):
        exact = check.second_derivative(lambda x: np.vdot(slope, layer.forward(x)), x, place, 0.1)
        assert d2E_dx2[place] == pytest.approx(exact, rel=1e-9)


@cases(CONVOLUTIONS)
def test_first_layer_has_the_same_parameter_gradient(case: Case) -> None:
    """Nobody reads the gradient of the image; leaving it out must change nothing else."""
    usual, first, x = made(case), made(case), inputs(case, 2)
    first.wants_input_gradient = False
    d = outputs(case, 2)
    passes(usual, x, d)
    passes(first, x, d)
    assert_close(first.gradient, usual.gradient, "gradient")
    assert_close(first.curvature, usual.curvature, "curvature")


@pytest.mark.parametrize("table", [TABLE_1, [(5,), (0, 3), (1, 2, 4)]], ids=["Table I", "small"])
def test_absent_connections_stay_zero_and_are_no_parameters(table: list[tuple[int, ...]]) -> None:
    case = convolution((6, 6, 6), len(table), 5, table)
    layer, x = made(case), inputs(case, 1)
    d = outputs(case, 1)
    absent = [(c, m) for m, sources in enumerate(table) for c in range(6) if c not in sources]
    assert absent
    assert layer.parameter_count == 25 * sum(map(len, table)) + len(table)
    for _ in range(3):
        passes(layer, x, d)
        layer.parameters -= 0.01 * layer.gradient
        layer.forward(x)
        kernel = layer.kernel  # type: ignore[attr-defined]
        for c, m in absent:
            assert not kernel[:, :, c, m].any()
        assert np.count_nonzero(kernel) == 25 * sum(map(len, table))


def test_sub_sampling_leaves_out_an_odd_last_row_and_column() -> None:
    case = SMALL["sub-sampling, odd sizes"]
    layer, x = made(case), inputs(case, 1)
    d = outputs(case, 1)
    result = passes(layer, x, d)
    out, gradient_in = result["output"], result["gradient of the input"]
    x[:, -1], x[:, :, -1] = 100.0, 100.0
    np.testing.assert_array_equal(layer.forward(x), out)
    assert not gradient_in[:, -1].any() and not gradient_in[:, :, -1].any()
    assert gradient_in[:, :-1, :-1].all()


def test_squash_is_one_at_one() -> None:
    """Appendix A: f(1) = 1 and f(-1) = -1, to the four digits that A and S have."""
    layer = made(SMALL["squash"])
    x = np.array([-1e3, -1.0, 0.0, 1.0, 1e3]).reshape(1, 1, 1, 5)
    np.testing.assert_allclose(layer.forward(x).ravel(), [-1.7159, -1, 0, 1, 1.7159], atol=1e-4)


def test_rbf_is_zero_at_its_own_code() -> None:
    case = PAPER["OUTPUT"]
    layer = made(case)
    codes = case.twin(layer).codes  # type: ignore[union-attr]
    y = layer.forward(codes.reshape(10, 1, 1, 84)).reshape(10, 10)
    expected = [[4.0 * np.count_nonzero(a != b) for b in codes] for a in codes]
    np.testing.assert_array_equal(y, expected)


def test_rbf_keeps_codes_of_its_own_in_full_precision() -> None:
    codes = drawn((3, 5), 1)
    layer = made(Case(lambda: RBF("R", codes), (1, 1, 5), lambda layer: reference.RBF(codes)))
    assert not layer.forward(codes[1].reshape(1, 1, 1, 5))[0, 0, 0, 1]
    layer.codes[:] = 0.0  # type: ignore[attr-defined]
    assert codes.all(), "the layer writes into the caller's codes"


def test_parameters_and_connections() -> None:
    for layer in (ReLU(), Tanh(), Sigmoid(), Negative()):
        assert (layer.parameter_count, layer.connections((28, 28, 6))) == (0, 0)
    for pool in (MaxPool("S2", 6), AveragePool("S2", 6)):
        assert pool.name == "S2"
        assert (pool.parameter_count, pool.connections((28, 28, 6))) == (0, 4 * 14 * 14 * 6)
    norm = BatchNorm("C1-norm", 6)
    assert (norm.name, norm.parameter_count) == ("C1-norm", 12)
    assert norm.connections((28, 28, 6)) == 2 * 28 * 28 * 6


@dtypes()
def test_activations_of_huge_sums_overflow_nowhere(dtype: Any) -> None:
    x = np.array([-1e30, -1e3, 0.0, 1e3, 1e30], dtype).reshape(1, 1, 1, 5)
    expected = {
        ReLU: ([0, 0, 0, 1e3, 1e30], [0, 0, 0, 1, 1]),
        Tanh: ([-1, -1, 0, 1, 1], [0, 0, 1, 0, 0]),
        Sigmoid: ([0, 0, 0.5, 1, 1], [0, 0, 0.25, 0, 0]),
    }
    for make, (values, slopes) in expected.items():
        layer = made(Case(make, (1, 1, 5), lambda layer: reference.Tanh()), dtype)
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(layer.forward(x).ravel(), np.array(values, dtype))
            np.testing.assert_array_equal(layer.backward(np.ones_like(x)).ravel(), slopes)


@pytest.mark.parametrize("name", ["max pooling, odd sizes", "average pooling, odd sizes"])
def test_pooling_leaves_out_an_odd_last_row_and_column(name: str) -> None:
    case = SMALL[name]
    layer, x, d = made(case), inputs(case, 1), outputs(case, 1)
    result = passes(layer, x, d)
    out, gradient_in = result["output"], result["gradient of the input"]
    x[:, -1], x[:, :, -1] = 100.0, 100.0
    np.testing.assert_array_equal(layer.forward(x), out)
    assert not gradient_in[:, -1].any() and not gradient_in[:, :, -1].any()
    np.testing.assert_allclose(gradient_in.sum(axis=(1, 2)), d.sum(axis=(1, 2)), rtol=1e-13)


@pytest.mark.parametrize(
    ("four", "winner"),
    [
        ([[2, 2], [2, 2]], (0, 0)),
        ([[1, 2], [2, 2]], (1, 0)),
        ([[1, 2], [1, 2]], (0, 1)),
        ([[2, 1], [1, 2]], (0, 0)),
        ([[0, 0], [0, 1]], (1, 1)),
    ],
    ids=str,
)
def test_one_of_equal_inputs_gets_all_the_gradient(
    four: list[list[int]], winner: tuple[int, int]
) -> None:
    layer = made(pooling(MaxPool, reference.MaxPool, (2, 2, 1)))
    layer.forward(np.array(four, float)[None, ..., None])
    expected = np.zeros((2, 2))
    expected[winner] = 3.0
    d: Array = np.full((1, 1, 1, 1), 3.0)
    np.testing.assert_array_equal(layer.backward(d)[0, ..., 0], expected)
    np.testing.assert_array_equal(layer.second_backward(d)[0, ..., 0], expected)


def norm(maps: int = 3, training: bool = True, dtype: Any = np.float64) -> BatchNorm:
    """A layer as a network begins with it."""
    layer = BatchNorm("B", maps)
    layer.bind(*np.zeros((3, layer.parameter_count), dtype))
    layer.initialise(np.random.default_rng(0), "he")
    layer.set_training(training)
    return layer


def test_batch_normalisation_begins_as_the_identity() -> None:
    layer, x = norm(training=False), drawn((2, 4, 5, 3), 1)
    np.testing.assert_allclose(layer.forward(x), x / np.sqrt(1 + EPSILON), rtol=1e-14)
    np.testing.assert_array_equal(layer.parameters, [1, 1, 1, 0, 0, 0])


@pytest.mark.parametrize("n", [1, 3])
@dtypes()
def test_in_training_mode_each_map_has_mean_0_and_variance_1(n: int, dtype: Any) -> None:
    """A batch of one too, over its positions; also where the mean is large against the spread."""
    layer = norm(dtype=dtype)
    x = (drawn((n, 6, 5, 3), 1) * [0.5, 1, 2] + [-3.0, 0.0, 100.0]).astype(dtype)
    y = layer.forward(x).astype(float)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(y.var(axis=(0, 1, 2)), 1, atol=1e-4)


def test_running_averages_approach_those_of_the_patterns() -> None:
    layer, expected = norm(), np.array([[0.0] * 3, [1.0] * 3])
    for seed in range(4):
        x = drawn((2, 3, 4, 3), seed) * 2
        layer.forward(x)
        values = x.reshape(-1, 3)
        expected = 0.9 * expected + 0.1 * np.array(
            [values.mean(axis=0), values.var(axis=0, ddof=1)]
        )
        np.testing.assert_allclose(layer.running, expected, rtol=1e-13)
    layer.backward(x)
    layer.second_backward(x)
    layer.set_training(False)
    layer.forward(x)
    np.testing.assert_array_equal(layer.running.round(12), expected.round(12))


def test_running_averages_have_the_networks_type() -> None:
    for dtype in (np.float32, np.float64):
        layer = norm(dtype=dtype)
        layer.forward(drawn((2, 3, 3, 3), 1, dtype))
        assert layer.running.dtype == dtype
        assert layer.running.shape == (2, 3)


def test_statistics_tie_the_patterns_of_a_batch_together() -> None:
    layer, x = norm(), drawn((2, 3, 4, 3), 1)
    together = layer.forward(x).copy()
    apart = layer.forward(x[:1]).copy()
    assert np.abs(together[:1] - apart).max() > 0.05
    layer.set_training(False)
    np.testing.assert_array_equal(layer.forward(x)[:1].copy(), layer.forward(x[:1]))


def test_curvature_in_training_mode_treats_the_statistics_as_constants() -> None:
    """It is that of a layer which has the batch's mean and variance as its running ones."""
    case = SMALL["batch normalisation, training"]
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    fixed = made(SMALL["batch normalisation"])
    assert isinstance(fixed, BatchNorm)
    values = x.reshape(-1, x.shape[-1])
    fixed.running[:] = values.mean(axis=0), values.var(axis=0)
    learned, constant = passes(layer, x, d), passes(fixed, x, d)
    gradients = learned.pop("gradient of the input"), constant["gradient of the input"]
    assert_same_passes(learned, constant, "mean and variance constant")
    assert np.abs(gradients[0] - gradients[1]).max() > 0.01


def test_backward_goes_by_the_forward_it_follows() -> None:
    case = SMALL["batch normalisation, training"]
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    layer.forward(x)
    expected = layer.backward(d).copy()
    layer.set_training(False)
    np.testing.assert_array_equal(layer.backward(d), expected)


def test_a_single_value_is_refused_in_training_mode() -> None:
    layer, x = norm(), drawn((1, 1, 1, 3), 1)
    with pytest.raises(InputError, match=r"^B: .*larger batches$"):
        layer.forward(x)
    np.testing.assert_array_equal(layer.running, [[0] * 3, [1] * 3])
    layer.set_training(False)
    assert np.isfinite(layer.forward(x)).all()


def test_a_map_without_variance_stays_finite() -> None:
    layer, x = norm(), np.full((2, 3, 3, 3), 7.0)
    out = passes(layer, x, drawn(x.shape, 1))
    assert all(np.isfinite(part).all() for part in out.values())
    np.testing.assert_array_equal(out["output"], 0)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("pool", [MaxPool, AveragePool])
def test_gradient_through_a_modern_network(
    pool: type[MaxPool] | type[AveragePool], training: bool
) -> None:
    """Convolution to cross-entropy, by central differences in the flat vector."""
    layers = [
        Convolution("C1", 1, 2, 3),
        BatchNorm("C1-norm", 2),
        ReLU(),
        pool("S2", 2),
        Full("F", 2, 4),
        Sigmoid(),
        Convolution("C3", 4, 10, 2),
        Tanh(),
        Negative(),
    ]
    network = Network(layers, (6, 6, 1), np.float64, np.random.default_rng(1))
    for layer in layers:
        layer.set_training(training)
    criterion, x, right = CrossEntropy(), drawn((3, 6, 6, 1), 4), np.array([7, 0, 3])
    network.backward(criterion.backward(network.forward(x), right))

    def E(parameters: Array) -> Any:
        network.parameters[:] = parameters
        return criterion.forward(network.forward(x), right).sum()

    gradient = network.gradient.copy()
    assert np.count_nonzero(gradient) > 0.8 * gradient.size
    check.assert_gradient(E, network.parameters.copy(), gradient, "parameters")
    network.second_backward(criterion.second_backward(network.forward(x), right))
    assert network.curvature.min() >= 0 and network.curvature.max() > 0
