"""The modern parts: values by their formulas, gradients, curvature, batches and buffers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import check
import numpy as np
import pytest
from check import Array

from lenet1998 import InputError
from lenet1998.layers.activations import Negative, ReLU, Sigmoid, Tanh
from lenet1998.layers.batch_norm import BatchNorm
from lenet1998.layers.convolution import Convolution
from lenet1998.layers.full import Full
from lenet1998.layers.layer import Layer
from lenet1998.layers.pooling import AveragePool, MaxPool
from lenet1998.learning.criterion import MAP, CrossEntropy
from lenet1998.network.network import Network

EPSILON = 1e-5
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Case:
    """A layer under test, the shape of one pattern for it, and its output by the textbook."""

    make: Callable[[], Layer]
    shape: Shape
    formula: Callable[[Any, Array], Array]
    learning: bool = False


def pooled(x: Array, of_four: Callable[[Array], Any]) -> Array:
    """A number for each 2x2 inputs of a map, one at a time."""
    n, height, width, maps = x.shape
    y = np.zeros((n, height // 2, width // 2, maps))
    for i, row, column, m in np.ndindex(*y.shape):
        y[i, row, column, m] = of_four(
            x[i, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2, m].astype(float)
        )
    return y


def normalised(layer: Any, x: Array) -> Array:
    """Batch normalisation, one map at a time."""
    y = np.zeros(x.shape)
    for m in range(x.shape[-1]):
        values = x[..., m].astype(float)
        mean, variance = layer.running[:, m]
        if layer.training:
            mean, variance = values.mean(), values.var()
        y[..., m] = layer.gain[m] * (values - mean) / np.sqrt(variance + EPSILON) + layer.shift[m]
    return y


def pooling(make: type[MaxPool] | type[AveragePool], shape: Shape) -> Case:
    of_four: Any = np.max if make is MaxPool else np.mean
    return Case(lambda: make("S", shape[-1]), shape, lambda layer, x: pooled(x, of_four))


def batch_norm(shape: Shape, learning: bool) -> Case:
    return Case(lambda: BatchNorm("B", shape[-1]), shape, normalised, learning)


CASES = {
    "ReLU": Case(ReLU, (3, 2, 4), lambda layer, x: np.where(x > 0, x, 0.0)),
    "tanh": Case(Tanh, (3, 2, 4), lambda layer, x: np.tanh(x.astype(float))),
    "sigmoid": Case(Sigmoid, (3, 2, 4), lambda layer, x: 1 / (1 + np.exp(-x.astype(float)))),
    "negative": Case(Negative, (1, 1, 10), lambda layer, x: -x),
    "max pooling": pooling(MaxPool, (4, 6, 3)),
    "max pooling, one map": pooling(MaxPool, (2, 4, 1)),
    "max pooling, odd sizes": pooling(MaxPool, (5, 7, 2)),
    "average pooling": pooling(AveragePool, (4, 6, 3)),
    "average pooling, one map": pooling(AveragePool, (2, 4, 1)),
    "average pooling, odd sizes": pooling(AveragePool, (5, 7, 2)),
    "batch normalisation": batch_norm((3, 4, 2), False),
    "batch normalisation, 1x1": batch_norm((1, 1, 5), False),
    "batch normalisation, learning": batch_norm((3, 4, 2), True),
    "batch normalisation, learning, one map": batch_norm((2, 3, 1), True),
}
APART = {name: case for name, case in CASES.items() if not case.learning}  # pattern by pattern
NORMS = {name: case for name, case in CASES.items() if name.startswith("batch")}


def cases(table: dict[str, Case] = CASES) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", table.values(), ids=table.keys())


def dtypes() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("dtype", [np.float32, np.float64])


def drawn(shape: tuple[int, ...], seed: int, dtype: Any = np.float64) -> Array:
    """Numbers about 0.3, none of which is 0."""
    d = np.random.default_rng(seed).normal(0.3, 1.0, shape)
    return (d + np.copysign(0.05, d)).astype(dtype)


def bound(layer: Layer, seed: int = 5, dtype: Any = np.float64) -> Layer:
    """The layer on storage of its own, with parameters, and running averages that are not 0, 1."""
    layer.bind(
        drawn((layer.parameter_count,), seed, dtype), *np.zeros((2, layer.parameter_count), dtype)
    )
    if isinstance(layer, BatchNorm):
        layer.running[:] = [drawn((layer.maps,), 6), np.square(drawn((layer.maps,), 7))]
    return layer


def made(case: Case, dtype: Any = np.float64) -> Layer:
    layer = case.make()
    layer.set_training(case.learning)
    return bound(layer, dtype=dtype)


def inputs(case: Case, n: int, seed: int = 1, dtype: Any = np.float64) -> Array:
    return drawn((n, *case.shape), seed, dtype)


def outputs(case: Case, n: int, seed: int = 2, dtype: Any = np.float64) -> Array:
    """Something to propagate backwards, of the output's shape."""
    return drawn((n, *case.make().output_shape(case.shape)), seed, dtype)


def passes(layer: Layer, x: Array, d: Array) -> list[Array]:
    """Copies of all that the three passes give; d serves as gradient and, squared, as curvature."""
    out = layer.forward(x).copy()
    gradient_in, gradient = layer.backward(d).copy(), layer.gradient.copy()
    curvature_in, curvature = layer.second_backward(d * d).copy(), layer.curvature.copy()
    return [out, gradient_in, gradient, curvature_in, curvature]


def assert_close(ours: Array, expected: Array, what: str, dtype: Any = np.float64) -> None:
    """Equal to rounding, measured against the largest number of the array."""
    largest = float(np.abs(expected).max(initial=0.0))
    tolerance = (4e-6 if dtype == np.float32 else 1e-13) * max(largest, 1.0)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=tolerance, err_msg=what)


# --- Values and derivatives ------------------------------------------------------------------


@cases()
@dtypes()
@pytest.mark.parametrize("n", [1, 3])
def test_output_is_the_formula(case: Case, dtype: Any, n: int) -> None:
    layer, x = made(case, dtype), inputs(case, n, dtype=dtype)
    expected = case.formula(layer, x)
    assert_close(layer.forward(x), expected, "forward", dtype)


@cases()
@pytest.mark.parametrize("n", [1, 2])
def test_gradient_of_the_input(case: Case, n: int) -> None:
    layer, x, d = made(case), inputs(case, n), outputs(case, n)
    layer.forward(x)
    dE_dx = layer.backward(d).copy()
    check.assert_gradient(lambda x: np.vdot(d, layer.forward(x)), x, dE_dx)


@cases(NORMS)
def test_gradient_of_the_parameters(case: Case) -> None:
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    layer.forward(x)
    layer.backward(d)
    gradient = layer.gradient.copy()

    def E(parameters: Array) -> Any:
        layer.parameters[:] = parameters
        return np.vdot(d, layer.forward(x))

    check.assert_gradient(E, layer.parameters.copy(), gradient, "parameters")


@cases(APART)
def test_curvature_of_the_input(case: Case) -> None:
    layer, x, h = made(case), inputs(case, 2), np.square(outputs(case, 2))
    layer.forward(x)
    d2E_dx2 = layer.second_backward(h).copy()
    expected = check.gauss_newton(layer.forward, x, h)
    np.testing.assert_allclose(d2E_dx2, expected, rtol=1e-6, atol=1e-8)


@cases(NORMS)
def test_curvature_of_the_parameters(case: Case) -> None:
    layer, x, h = made(case), inputs(case, 2), np.square(outputs(case, 2))
    layer.forward(x)
    layer.second_backward(h)
    curvature = layer.curvature.copy()

    def y(parameters: Array) -> Array:
        layer.parameters[:] = parameters
        return layer.forward(x)

    expected = check.gauss_newton(y, layer.parameters.copy(), h)
    np.testing.assert_allclose(curvature, expected, rtol=1e-6, atol=1e-8)


# --- Batches and buffers ---------------------------------------------------------------------


@cases()
def test_single_precision_agrees_with_double(case: Case) -> None:
    x, d = inputs(case, 3, dtype=np.float32), outputs(case, 3, dtype=np.float32)
    single = passes(made(case, np.float32), x, d)
    double = passes(made(case), x.astype(float), d.astype(float))
    for ours, expected in zip(single, double, strict=True):
        assert ours.dtype == np.float32
        assert expected.dtype == np.float64
        assert_close(ours, expected, "float32", np.float32)


@cases(APART)
@dtypes()
def test_batch_of_many_is_many_batches_of_one(case: Case, dtype: Any) -> None:
    """States pattern by pattern; gradients and curvatures are sums over the patterns."""
    n = 4
    layer, x = made(case, dtype), inputs(case, n, dtype=dtype)
    d = outputs(case, n, dtype=dtype)
    many = passes(layer, x, d)
    ones = [passes(layer, x[i : i + 1], d[i : i + 1]) for i in range(n)]
    out, gradient_in, gradient, curvature_in, curvature = zip(*ones, strict=True)
    joined = [np.concatenate(out), np.concatenate(gradient_in), sum(gradient)]
    joined += [np.concatenate(curvature_in), sum(curvature)]
    for ours, expected in zip(many, joined, strict=True):
        assert_close(ours, expected, "many against one by one", dtype)


@cases()
def test_alternating_batches_and_layouts_do_not_mix(case: Case) -> None:
    layer, three = made(case), inputs(case, 3)
    planes = np.moveaxis(drawn((3, case.shape[2], *case.shape[:2]), 14), 1, 3)  # no NHWC in memory
    cut_out = drawn((3, *(side + 2 for side in case.shape)), 16)[:, 1:-1, 1:-1, 1:-1]
    others = [inputs(case, 2), three, planes, cut_out, three[1:], inputs(case, 6)[::2], three]
    for seed, x in enumerate([three, *others, np.asfortranarray(three)]):
        d = outputs(case, len(x), seed)
        expected = passes(made(case), x.copy("C"), d)
        for given in (d, np.asfortranarray(d), np.repeat(d, 2, axis=0)[::2]):
            for ours, right in zip(passes(layer, x, given), expected, strict=True):
                assert_close(ours, right, f"input {seed}")
            layer.bind(layer.parameters, layer.gradient, layer.curvature)
            bound(layer)


@cases()
@pytest.mark.parametrize("planes", [False, True])
def test_an_input_changed_in_place_is_read_again(case: Case, planes: bool) -> None:
    layer, x, d = made(case), inputs(case, 3), outputs(case, 3)
    if planes:
        x = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 3, 1)), 1, 3)
    passes(layer, x, d)
    x[...] = inputs(case, 3, seed=20)
    fresh = made(case)
    if isinstance(layer, BatchNorm) and isinstance(fresh, BatchNorm):
        fresh.running[:] = layer.running
    for ours, expected in zip(passes(layer, x, d), passes(fresh, x.copy(), d), strict=True):
        assert_close(ours, expected, "changed in place")


@cases(NORMS)
def test_changed_parameters_and_new_storage_are_used_at_once(case: Case) -> None:
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    before = passes(layer, x, d)
    old = layer.gradient
    bound(layer, seed=30)
    bound_anew = passes(layer, x, 3 * d)
    np.testing.assert_array_equal(old, before[2])
    fresh = made(case)
    fresh.parameters[:] = drawn((layer.parameter_count,), 30)
    for ours, expected in zip(bound_anew, passes(fresh, x, 3 * d), strict=True):
        assert_close(ours, expected, "after bind")


@cases()
def test_passes_write_into_none_of_what_they_are_given(case: Case) -> None:
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    parameters, copies = layer.parameters.copy(), [x.copy(), d.copy()]
    layer.parameters.flags.writeable = False
    x.flags.writeable = d.flags.writeable = False
    passes(layer, x, d)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(d, copies[1])
    np.testing.assert_array_equal(layer.parameters, parameters)


@cases()
def test_buffers_are_the_same_at_every_call(case: Case) -> None:
    """Nothing is allocated: the layer above makes its views of a state once."""
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    first = layer.forward(x), layer.backward(d)
    assert layer.forward(x) is first[0]
    assert layer.backward(d) is first[1]
    assert not np.shares_memory(*first)


@cases()
def test_shape_of_the_output_is_foretold(case: Case) -> None:
    layer = made(case)
    assert layer.forward(inputs(case, 2)).shape == (2, *layer.output_shape(case.shape))


# --- Particular layers -----------------------------------------------------------------------


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
        layer = made(Case(make, (1, 1, 5), lambda layer, x: x), dtype)
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(layer.forward(x).ravel(), np.array(values, dtype))
            np.testing.assert_array_equal(layer.backward(np.ones_like(x)).ravel(), slopes)


@pytest.mark.parametrize("name", ["max pooling, odd sizes", "average pooling, odd sizes"])
def test_pooling_leaves_out_an_odd_last_row_and_column(name: str) -> None:
    case = CASES[name]
    layer, x, d = made(case), inputs(case, 1), outputs(case, 1)
    out, gradient_in, *_ = passes(layer, x, d)
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
    layer = made(pooling(MaxPool, (2, 2, 1)))
    layer.forward(np.array(four, float)[None, ..., None])
    expected = np.zeros((2, 2))
    expected[winner] = 3.0
    d: Array = np.full((1, 1, 1, 1), 3.0)
    np.testing.assert_array_equal(layer.backward(d)[0, ..., 0], expected)
    np.testing.assert_array_equal(layer.second_backward(d)[0, ..., 0], expected)


def norm(maps: int = 3, learning: bool = True, dtype: Any = np.float64) -> BatchNorm:
    """A layer as a network begins with it."""
    layer = BatchNorm("B", maps)
    layer.bind(*np.zeros((3, layer.parameter_count), dtype))
    layer.initialise(np.random.default_rng(0), "he")
    layer.set_training(learning)
    return layer


def test_batch_normalisation_begins_as_the_identity() -> None:
    layer, x = norm(learning=False), drawn((2, 4, 5, 3), 1)
    np.testing.assert_allclose(layer.forward(x), x / np.sqrt(1 + EPSILON), rtol=1e-14)
    np.testing.assert_array_equal(layer.parameters, [1, 1, 1, 0, 0, 0])


@pytest.mark.parametrize("n", [1, 3])
@dtypes()
def test_learned_from_each_map_has_mean_0_and_variance_1(n: int, dtype: Any) -> None:
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


def test_curvature_while_learning_treats_the_statistics_as_constants() -> None:
    """It is that of a layer which has the batch's mean and variance as its running ones."""
    case = CASES["batch normalisation, learning"]
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    fixed = made(CASES["batch normalisation"])
    assert isinstance(fixed, BatchNorm)
    values = x.reshape(-1, x.shape[-1])
    fixed.running[:] = values.mean(axis=0), values.var(axis=0)
    learned, constant = passes(layer, x, d), passes(fixed, x, d)
    for i in (0, 2, 3, 4):  # all but the gradient of the input
        assert_close(learned[i], constant[i], f"{i}")
    assert np.abs(learned[1] - constant[1]).max() > 0.01


def test_backward_goes_by_the_forward_it_follows() -> None:
    case = CASES["batch normalisation, learning"]
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    layer.forward(x)
    expected = layer.backward(d).copy()
    layer.set_training(False)
    np.testing.assert_array_equal(layer.backward(d), expected)


def test_a_single_value_cannot_be_learned_from() -> None:
    layer, x = norm(), drawn((1, 1, 1, 3), 1)
    with pytest.raises(InputError, match=r"^B: .*larger batches$"):
        layer.forward(x)
    np.testing.assert_array_equal(layer.running, [[0] * 3, [1] * 3])
    layer.set_training(False)
    assert np.isfinite(layer.forward(x)).all()


def test_a_map_without_variance_stays_finite() -> None:
    layer, x = norm(), np.full((2, 3, 3, 3), 7.0)
    out = passes(layer, x, drawn(x.shape, 1))
    assert all(np.isfinite(part).all() for part in out)
    np.testing.assert_array_equal(out[0], 0)


# --- Cross-entropy ---------------------------------------------------------------------------

CLASSES = 10


def penalties(n: int, seed: int = 0, dtype: Any = np.float64) -> Array:
    """Penalties of either sign."""
    return np.random.default_rng(seed).normal(0, 2, (n, 1, 1, CLASSES)).astype(dtype)


def labels(n: int) -> Array:
    return np.random.default_rng(3).integers(CLASSES, size=n)


def softmax(y: Array) -> Array:
    """exp(-y) over its sum, (n, classes)."""
    e = np.exp(-y.astype(float).reshape(len(y), -1))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


@dtypes()
def test_cross_entropy_and_its_derivatives_are_the_formulas(dtype: Any) -> None:
    criterion, y, right = CrossEntropy(), penalties(5, dtype=dtype), labels(5)
    p, rows = softmax(y), np.arange(5)
    atol = 2e-6 if dtype == np.float32 else 1e-14
    E = criterion.forward(y, right)
    assert (E.shape, E.dtype) == ((5,), dtype)
    np.testing.assert_allclose(E, -np.log(p[rows, right]), atol=atol, rtol=atol)
    slopes = np.eye(CLASSES)[right] - p
    for array, expected in [
        (criterion.backward(y, right).copy(), slopes),
        (criterion.second_backward(y, right).copy(), p * (1 - p)),
    ]:
        assert (array.shape, array.dtype) == (y.shape, dtype)
        np.testing.assert_allclose(array.reshape(5, -1), expected, atol=atol)


def test_cross_entropy_by_central_differences() -> None:
    """The curvature is the exact second derivative wrt each penalty."""
    criterion, y, right = CrossEntropy(), penalties(3), labels(3)

    def E(y: Array) -> Any:
        return criterion.forward(y, right).sum()

    check.assert_gradient(E, y, criterion.backward(y, right).copy(), "y")
    curvature = criterion.second_backward(y, right).copy()
    for place in np.ndindex(*y.shape):
        exact = check.second_derivative(E, y, place, 1e-3)
        assert curvature[place] == pytest.approx(exact, rel=1e-5, abs=1e-7)


def test_cross_entropy_is_eq9_without_rubbish() -> None:
    y, right = np.abs(penalties(4)), labels(4)
    eq9 = MAP(j=80.0, scale=1.0)
    for name in ("forward", "backward"):
        ours, theirs = (getattr(c, name)(y, right).copy() for c in (CrossEntropy(), eq9))
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


@dtypes()
@pytest.mark.parametrize("others", [-1e30, -1e4, 0.0, 1e4, 1e30])
@pytest.mark.parametrize("own", [-1e30, -1e4, 0.0, 1e4, 1e30])
def test_penalties_of_any_size_and_sign(dtype: Any, others: float, own: float) -> None:
    criterion, right = CrossEntropy(), np.array([7])
    y = np.full((1, 1, 1, CLASSES), others, dtype)
    y[..., 7] = own
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        E = float(criterion.forward(y, right)[0])
        dE_dy = criterion.backward(y, right).copy()
        curvature = criterion.second_backward(y, right).copy()
    p = 1.0 if own < others else 0.1 if own == others else 0.0
    large = own - others if own > others else 0.0
    log = {1.0: 0.0, 0.1: np.log(10), 0.0: np.log(9)}[p]
    assert pytest.approx(large + log, rel=1e-6) == E
    assert dE_dy[..., 7] == pytest.approx(1 - p, abs=1e-6)
    assert curvature[..., 7] == pytest.approx(p * (1 - p), abs=1e-6)
    assert curvature.min() >= 0.0


@dtypes()
def test_cross_entropy_of_many_is_one_by_one(dtype: Any) -> None:
    criterion, y, right = CrossEntropy(), penalties(6, dtype=dtype), labels(6).astype(np.uint8)
    y.flags.writeable = right.flags.writeable = False
    results = []
    for part in [slice(0, 6), *(slice(i, i + 1) for i in range(6)), slice(0, 6)]:
        given = y[part], right[part]
        three = criterion.forward, criterion.backward, criterion.second_backward
        results.append([one(*given).copy() for one in three])
    many, *ones, again = results
    for whole, repeated, *single in zip(many, again, *ones, strict=True):
        np.testing.assert_array_equal(whole, repeated)
        np.testing.assert_allclose(np.concatenate(single), whole, rtol=1e-6, atol=1e-6)


# --- Together --------------------------------------------------------------------------------


@pytest.mark.parametrize("learning", [False, True])
@pytest.mark.parametrize("pool", [MaxPool, AveragePool])
def test_gradient_through_a_modern_network(
    pool: type[MaxPool] | type[AveragePool], learning: bool
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
        layer.set_training(learning)
    criterion, x, right = CrossEntropy(), drawn((3, 6, 6, 1), 4), labels(3)
    network.backward(criterion.backward(network.forward(x), right))

    def E(parameters: Array) -> Any:
        network.parameters[:] = parameters
        return criterion.forward(network.forward(x), right).sum()

    gradient = network.gradient.copy()
    assert np.count_nonzero(gradient) > 0.8 * gradient.size
    check.assert_gradient(E, network.parameters.copy(), gradient, "parameters")
    network.second_backward(criterion.second_backward(network.forward(x), right))
    assert network.curvature.min() >= 0 and network.curvature.max() > 0
