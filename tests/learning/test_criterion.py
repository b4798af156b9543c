"""Eq. 8 and eq. 9: values, gradients, curvature, and penalties of any size."""

from collections.abc import Callable
from typing import Any

import check
import numpy as np
import pytest
from check import Array

from lenet1998 import InputError
from lenet1998.layers.rbf import RBF
from lenet1998.learning.criterion import MAP, MLE, Criterion, CrossEntropy

CLASSES, UNITS = 10, 84
SCALE, J = 0.5, 10.0  # the readings: penalties halved, j of eq. 9 on the halved penalties
CRITERIA = {
    "eq. 8": MLE,
    "eq. 8, whole": lambda: MLE(scale=1.0),
    "eq. 9": MAP,
    "eq. 9, whole": lambda: MAP(j=2.0, scale=1.0),
    "eq. 9, large j": lambda: MAP(j=45.0),
}


def criteria() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("make", CRITERIA.values(), ids=CRITERIA.keys())


def eq8(y: Array, label: int, scale: float = SCALE) -> float:
    """E = scale y_D, for one pattern."""
    return float(scale * np.float64(y[label]))


def eq9(y: Array, label: int, scale: float = SCALE, j: float = J) -> float:
    """E = scale y_D + log(exp(-j) + sum of exp(-scale y_i)), for one pattern."""
    exponents = [-j, *(-scale * np.asarray(y, np.float64))]
    return float(scale * np.float64(y[label]) + np.logaddexp.reduce(exponents))


def direct(criterion: Criterion, y: Array, label: int) -> float:
    """The formula of the criterion for the penalties (classes,) of one pattern."""
    if isinstance(criterion, MAP):
        return eq9(y, label, criterion.scale, criterion.j)
    return eq8(y, label, criterion.scale)


def penalties(n: int, seed: int = 0, dtype: Any = np.float64) -> Array:
    """Penalties about as large as those of recognised digits: the log term counts."""
    y = np.random.default_rng(seed).uniform(0.5, 30, size=(n, 1, 1, CLASSES))
    return y.astype(dtype)


def labels(n: int, seed: int = 3) -> Array:
    return np.random.default_rng(seed).integers(CLASSES, size=n)


def test_readings_are_the_defaults() -> None:
    assert MLE().scale == MAP().scale == SCALE
    assert MAP().j == J


@criteria()
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_is_the_formula(make: Callable[[], Criterion], dtype: Any) -> None:
    criterion, y, right = make(), penalties(5, dtype=dtype), labels(5)
    E = criterion.forward(y, right)
    assert E.shape == (5,)
    assert E.dtype == dtype
    expected = [direct(criterion, y[i, 0, 0], right[i]) for i in range(5)]
    np.testing.assert_allclose(E, expected, rtol=0, atol=1e-5 if dtype == np.float32 else 1e-13)


def test_value_by_hand() -> None:
    y = np.full((1, 1, 1, CLASSES), 2.0)
    y[..., 4] = 6.0
    right = np.array([4])
    assert MLE().forward(y, right) == pytest.approx(3.0, rel=1e-15)
    log = np.log(np.exp(-10) + 9 * np.exp(-1) + np.exp(-3))
    assert MAP().forward(y, right) == pytest.approx(3.0 + log, rel=1e-14)


@criteria()
def test_gradient_by_central_differences(make: Callable[[], Criterion]) -> None:
    criterion, y, right = make(), penalties(4), labels(4)
    dE_dy = criterion.backward(y, right).copy()
    check.assert_gradient(lambda y: criterion.forward(y, right).sum(), y, dE_dy, "y")


def near_codes(n: int) -> tuple[RBF, Array, Array]:
    """An RBF layer with close codes, and states between them: several classes share eq. 9."""
    rng = np.random.default_rng(4)
    codes = np.ones((CLASSES, UNITS))
    codes[:, :8] = rng.choice([-1.0, 1.0], size=(CLASSES, 8))
    rbf = RBF("OUTPUT", codes)
    rbf.bind(*np.zeros((3, 0)))
    return rbf, codes[labels(n)][:, None, None] + rng.normal(0, 0.3, (n, 1, 1, UNITS)), labels(n, 5)


@criteria()
def test_gradient_through_the_rbf(make: Callable[[], Criterion]) -> None:
    criterion, (rbf, x, right) = make(), near_codes(2)
    dE_dx = rbf.backward(criterion.backward(rbf.forward(x), right)).copy()
    check.assert_gradient(lambda x: criterion.forward(rbf.forward(x), right).sum(), x, dE_dx)


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_curvature_of_eq8_is_exact(scale: float) -> None:
    """E = scale ||x - w_D||^2 has d2E/dx2 = 2 scale: 1 for the halved penalties."""
    criterion, (rbf, x, right) = MLE(scale), near_codes(1)
    curvature = rbf.second_backward(criterion.second_backward(rbf.forward(x), right)).copy()
    np.testing.assert_allclose(curvature, 2 * scale, rtol=1e-15)

    def E(x: Array) -> Any:
        return criterion.forward(rbf.forward(x), right).sum()

    for place in [(0, 0, 0, 0), (0, 0, 0, 50), (0, 0, 0, 83)]:
        exact = check.second_derivative(E, x, place, 1e-2)
        assert curvature[place] == pytest.approx(exact, rel=1e-8)


def exact_curvature_of_eq9(x: Array, codes: Array, scale: float, j: float) -> Array:
    """d2E/dx_k2 of the whole of eq. 9: 2 s (1 - sum p_i) + 4 s^2 (sum p_i d_ik^2 - m_k^2),

    with d_ik = x_k - w_ik, p_i = exp(-s y_i) / (exp(-j) + sum exp(-s y)), m_k = sum p_i d_ik.
    The second bracket is a variance, so that this is never negative; the right class is not in it.
    """
    d = x - codes
    y = np.square(d).sum(axis=1)
    p = np.exp(-scale * y) / (np.exp(-j) + np.exp(-scale * y).sum())
    m = p @ d
    curvature: Array = 2 * scale * (1 - p.sum()) + 4 * scale**2 * (p @ np.square(d) - m**2)
    return curvature


@pytest.mark.parametrize("j", [10.0, 30.0])
def test_curvature_of_eq9_is_that_of_eq8(j: float) -> None:
    """The reading: the log term is left out, which makes 1 for every unit of F6.

    The exact second derivative, log term and all, is another number for every unit: it falls to 0
    where the pattern is no rubbish and no unit tells its likely classes apart.
    """
    criterion, (rbf, x, right) = MAP(j), near_codes(1)
    curvature = rbf.second_backward(criterion.second_backward(rbf.forward(x), right)).copy()
    np.testing.assert_allclose(curvature, 1.0, rtol=1e-15)

    def E(x: Array) -> Any:
        return criterion.forward(rbf.forward(x), right).sum()

    closed = exact_curvature_of_eq9(x.ravel(), rbf.codes, SCALE, j)
    exact = [check.second_derivative(E, x, (0, 0, 0, k), 1e-3) for k in range(UNITS)]
    np.testing.assert_allclose(exact, closed, atol=1e-6)
    assert closed.min() >= 0.0
    assert np.abs(closed - 1.0).max() > 0.2


@criteria()
def test_curvature_is_never_negative(make: Callable[[], Criterion]) -> None:
    """Whatever the penalties, even where the gradient wrt the penalties is negative."""
    criterion, y, right = make(), penalties(50), labels(50)
    gradient = criterion.backward(y, right).copy()
    slope = criterion.second_backward(y, right)
    assert slope.min() >= 0.0
    assert slope.sum() == pytest.approx(50 * criterion.scale)
    if isinstance(criterion, MAP):
        assert gradient.min() < 0.0


LARGE = [0.0, 1e4, 1e30]


@pytest.mark.parametrize(
    "make", [MLE, MAP, lambda: MAP(j=80.0)], ids=["eq. 8", "eq. 9", "eq. 9, j = 80"]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("others", LARGE)
@pytest.mark.parametrize("own", LARGE)
def test_penalties_of_any_size(
    make: Callable[[], Criterion], dtype: Any, others: float, own: float
) -> None:
    """With a large j every exponential may vanish: log(0) unless the largest is taken out."""
    criterion, right = make(), np.array([7])
    y = np.full((1, 1, 1, CLASSES), others, dtype)
    y[..., 7] = own
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss = float(criterion.forward(y, right)[0])
        dE_dy = criterion.backward(y, right).copy()
        slope = criterion.second_backward(y, right).copy()
    assert loss == pytest.approx(direct(criterion, y[0, 0, 0], 7), rel=1e-6, abs=1e-6)
    expected = np.zeros(CLASSES)
    expected[7] = SCALE
    np.testing.assert_array_equal(slope.ravel(), expected)
    if isinstance(criterion, MAP):
        minus = -SCALE * y.ravel().astype(float)
        expected -= SCALE * np.exp(minus - np.logaddexp.reduce([-criterion.j, *minus]))
    np.testing.assert_allclose(dE_dy.ravel(), expected, atol=1e-6)


@criteria()
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batch_is_one_by_one(make: Callable[[], Criterion], dtype: Any) -> None:
    """Also on the same criterion, with batch sizes and types in turn."""
    criterion, y, right = make(), penalties(6, dtype=dtype), labels(6)
    results = []
    for part in [slice(0, 6), *(slice(i, i + 1) for i in range(6)), slice(0, 6)]:
        given = y[part], right[part]
        passes = criterion.forward, criterion.backward, criterion.second_backward
        results.append([one(*given).copy() for one in passes])
    many, *ones, again = results
    for whole, repeated, *single in zip(many, again, *ones, strict=True):
        np.testing.assert_array_equal(whole, repeated)
        np.testing.assert_allclose(np.concatenate(single), whole, rtol=1e-6, atol=1e-6)
        assert whole.dtype == dtype


@criteria()
@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.intp])
def test_labels_of_any_integer_type(make: Callable[[], Criterion], dtype: Any) -> None:
    criterion, y, right = make(), penalties(3), labels(3)
    expected = criterion.forward(y, right).copy()
    np.testing.assert_array_equal(criterion.forward(y, right.astype(dtype)), expected)


@criteria()
def test_what_is_given_is_not_written_into(make: Callable[[], Criterion]) -> None:
    criterion, y, right = make(), penalties(3), labels(3)
    y.flags.writeable = right.flags.writeable = False
    before = y.copy(), right.copy()
    criterion.forward(y, right)
    criterion.backward(y, right)
    criterion.second_backward(y, right)
    np.testing.assert_array_equal(y, before[0])
    np.testing.assert_array_equal(right, before[1])


@pytest.mark.parametrize("j", [0.0, -1.0, 80.5, float("nan"), float("inf")])
def test_rubbish_penalty_out_of_range_is_refused(j: float) -> None:
    with pytest.raises(InputError, match="at most 80"):
        MAP(j)


# --- Cross-entropy ---------------------------------------------------------------------------


def dtypes() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("dtype", [np.float32, np.float64])


def signed_penalties(n: int, seed: int = 0, dtype: Any = np.float64) -> Array:
    """Penalties of either sign."""
    return np.random.default_rng(seed).normal(0, 2, (n, 1, 1, CLASSES)).astype(dtype)


def softmax(y: Array) -> Array:
    """exp(-y) over its sum, (n, classes)."""
    e = np.exp(-y.astype(float).reshape(len(y), -1))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


@dtypes()
def test_cross_entropy_and_its_derivatives_are_the_formulas(dtype: Any) -> None:
    criterion, y, right = CrossEntropy(), signed_penalties(5, dtype=dtype), labels(5)
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
    criterion, y, right = CrossEntropy(), signed_penalties(3), labels(3)

    def E(y: Array) -> Any:
        return criterion.forward(y, right).sum()

    check.assert_gradient(E, y, criterion.backward(y, right).copy(), "y")
    curvature = criterion.second_backward(y, right).copy()
    for place in np.ndindex(*y.shape):
        exact = check.second_derivative(E, y, place, 1e-3)
        assert curvature[place] == pytest.approx(exact, rel=1e-5, abs=1e-7)


def test_cross_entropy_is_eq9_without_rubbish() -> None:
    y, right = np.abs(signed_penalties(4)), labels(4)
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
    criterion, y = CrossEntropy(), signed_penalties(6, dtype=dtype)
    right = labels(6).astype(np.uint8)
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
