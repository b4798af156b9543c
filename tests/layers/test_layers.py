"""Every layer: its gradients, its curvature, and the layer in loops that it must agree with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import check
import numpy as np
import pytest
import reference
from check import Array

from lenet1998.layers.activations import Squash
from lenet1998.layers.convolution import Convolution
from lenet1998.layers.full import Full
from lenet1998.layers.layer import Layer
from lenet1998.layers.rbf import RBF
from lenet1998.layers.subsampling import Subsampling
from lenet1998.paper import TABLE_1

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Case:
    """A layer under test, the shape of one pattern for it, and its twin in loops."""

    make: Callable[[], Layer]
    shape: Shape
    twin: Callable[[Any], reference.Layer]
    names: tuple[str, ...] = ()


def convolution(
    shape: Shape, maps_out: int, size: int, table: Sequence[Sequence[int]] | None = None
) -> Case:
    maps_in = shape[-1]
    reads = table or [range(maps_in)] * maps_out
    return Case(
        lambda: Convolution("C", maps_in, maps_out, size, table),
        shape,
        lambda layer: reference.Convolution(layer.kernel, layer.bias, reads),
        ("kernel", "bias"),
    )


def subsampling(shape: Shape) -> Case:
    return Case(
        lambda: Subsampling("S", shape[-1]),
        shape,
        lambda layer: reference.Subsampling(layer.coefficient, layer.bias),
        ("coefficient", "bias"),
    )


def full(shape: Shape, units_out: int) -> Case:
    return Case(
        lambda: Full("F", shape[-1], units_out),
        shape,
        lambda layer: reference.Full(layer.weights, layer.bias),
        ("weights", "bias"),
    )


def rbf(shape: Shape, classes: int) -> Case:
    codes = np.random.default_rng(7).choice([-1.0, 1.0], size=(classes, shape[-1]))
    return Case(lambda: RBF("R", codes), shape, lambda layer: reference.RBF(codes))


SMALL = {
    "convolution": convolution((6, 5, 2), 3, 3),
    "convolution, Table I": convolution((6, 7, 6), 16, 5, TABLE_1),
    "convolution, small table": convolution((4, 5, 3), 4, 2, [(1,), (2, 0), (0, 1, 2), (2,)]),
    "convolution, one map in": convolution((6, 7, 1), 3, 3),
    "convolution, one map in and out": convolution((4, 4, 1), 1, 2),
    "convolution, 1x1 output": convolution((5, 5, 3), 7, 5),
    "convolution, 1x3 output": convolution((5, 7, 3), 2, 5),
    "convolution, 3x1 output": convolution((7, 5, 2), 3, 5),
    "convolution, 1x1 kernel": convolution((3, 2, 3), 2, 1),
    "convolution, 1x1 output, table": convolution((3, 3, 3), 2, 3, [(0, 2), (1,)]),
    "sub-sampling": subsampling((4, 6, 3)),
    "sub-sampling, one map": subsampling((2, 4, 1)),
    "sub-sampling, odd sizes": subsampling((5, 7, 2)),
    "full": full((1, 1, 6), 4),
    "full, a map": full((2, 3, 5), 2),
    "squash": Case(Squash, (3, 2, 4), lambda layer: reference.Squash()),
    "RBF": rbf((1, 1, 7), 4),
    "RBF, a map": rbf((2, 3, 5), 3),
}
PAPER = {
    "C1": convolution((32, 32, 1), 6, 5),
    "S2": subsampling((28, 28, 6)),
    "C3": convolution((14, 14, 6), 16, 5, TABLE_1),
    "S4": subsampling((10, 10, 16)),
    "C5": convolution((5, 5, 16), 120, 5),
    "F6": full((1, 1, 120), 84),
    "OUTPUT": rbf((1, 1, 84), 10),
}
LARGER = {
    "C1, 36x41": convolution((36, 41, 1), 2, 5),
    "C3, 14x16": convolution((14, 16, 6), 16, 5, TABLE_1),
    "C5, 7x6": convolution((7, 6, 16), 9, 5),
}
TRAINABLE = {name: case for name, case in SMALL.items() if case.names}
CONVOLUTIONS = {name: case for name, case in SMALL.items() if "kernel" in case.names}


def cases(table: dict[str, Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", table.values(), ids=table.keys())


def dtypes() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("dtype", [np.float32, np.float64])


def made(case: Case, dtype: Any = np.float64) -> Layer:
    """The layer on storage of its own, with parameters drawn about 0."""
    layer = case.make()
    parameters = np.random.default_rng(5).normal(0, 0.5, layer.parameter_count).astype(dtype)
    layer.bind(parameters, np.zeros_like(parameters), np.zeros_like(parameters))
    return layer


def drawn(shape: Sequence[int], seed: int, dtype: Any = np.float64) -> Array:
    return np.random.default_rng(seed).normal(size=tuple(shape)).astype(dtype)


def inputs(case: Case, n: int, seed: int = 1, dtype: Any = np.float64) -> Array:
    return drawn((n, *case.shape), seed, dtype)


def outputs(layer: Layer, case: Case, n: int, seed: int = 2, dtype: Any = np.float64) -> Array:
    """Something to propagate backwards: of the output's shape, none of it 0."""
    d = drawn((n, *layer.output_shape(case.shape)), seed)
    return (np.sign(d) * (0.1 + np.abs(d))).astype(dtype)


def passes(layer: Layer, x: Array, d: Array) -> list[Array]:
    """Copies of all that the three passes give; d serves as gradient and, squared, as curvature."""
    out = layer.forward(x).copy()
    gradient_in, gradient = layer.backward(d).copy(), layer.gradient.copy()
    curvature_in, curvature = layer.second_backward(d * d).copy(), layer.curvature.copy()
    return [out, gradient_in, gradient, curvature_in, curvature]


def by_name(layer: Layer, case: Case, flat: Array) -> dict[str, Array]:
    """A flat vector of the layer (say its gradient) as the arrays that the layer has names for."""
    flat, parameters = flat.copy(), layer.parameters.copy()
    layer.parameters[:] = flat
    layer.forward(inputs(case, 1, dtype=layer.dtype))
    named = {name: getattr(layer, name).copy() for name in case.names}
    layer.parameters[:] = parameters
    layer.forward(inputs(case, 1, dtype=layer.dtype))
    return named


def assert_close(ours: Array, expected: Array, what: str, dtype: Any = np.float64) -> None:
    """Equal to rounding, measured against the largest number of the array."""
    largest = float(np.abs(expected).max(initial=0.0))
    tolerance = (2e-6 if dtype == np.float32 else 1e-13) * max(largest, 1.0)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=tolerance, err_msg=what)


# --- Derivatives by central differences ------------------------------------------------------


@cases(SMALL | LARGER)
def test_gradient_of_the_input(case: Case) -> None:
    layer, x = made(case), inputs(case, 2)
    d = outputs(layer, case, 2)
    layer.forward(x)
    dE_dx = layer.backward(d).copy()
    places = None
    if x.size > 1000:  # of a large input the corners and some more
        _, height, width, maps = x.shape
        rng = np.random.default_rng(3)
        places = [tuple(rng.integers(x.shape)) for _ in range(60)]
        places += [(1, y, x, m) for y in (0, height - 1) for x in (0, width - 1) for m in (0, -1)]
        places = [(n, y, x, m % maps) for n, y, x, m in places]
    check.assert_gradient(lambda x: np.vdot(d, layer.forward(x)), x, dE_dx, places=places)


@cases(TRAINABLE)
@pytest.mark.parametrize("which", [0, 1], ids=["weights", "bias"])
def test_gradient_of_each_parameter(case: Case, which: int) -> None:
    """The named parameter is moved through the flat vector, wherever the layer keeps it."""
    layer, x = made(case), inputs(case, 2)
    d = outputs(layer, case, 2)
    layer.forward(x)
    layer.backward(d)
    gradient, parameters = layer.gradient.copy(), layer.parameters.copy()
    numbered = by_name(layer, case, np.arange(1.0, layer.parameter_count + 1))[case.names[which]]
    mine = numbered[numbered > 0].astype(int) - 1  # places of this parameter in the flat vector
    assert len(mine)

    def E(values: Array) -> Any:
        layer.parameters[:] = parameters
        layer.parameters[mine] = values
        return np.vdot(d, layer.forward(x))

    check.assert_gradient(E, parameters[mine], gradient[mine], case.names[which])


def curvature_cases() -> dict[str, Case]:
    return {name: case for name, case in SMALL.items() if not name.startswith("RBF")}


@cases(curvature_cases())
def test_curvature_of_the_input(case: Case) -> None:
    layer, x = made(case), inputs(case, 2)
    h = np.square(outputs(layer, case, 2))
    layer.forward(x)
    layer.backward(h)
    d2E_dx2 = layer.second_backward(h).copy()
    expected = check.gauss_newton(layer.forward, x, h)
    np.testing.assert_allclose(d2E_dx2, expected, rtol=1e-6, atol=1e-8)


@cases(TRAINABLE)
def test_curvature_of_the_parameters(case: Case) -> None:
    layer, x = made(case), inputs(case, 2)
    h = np.square(outputs(layer, case, 2))
    layer.forward(x)
    layer.second_backward(h)
    curvature = layer.curvature.copy()

    def a(parameters: Array) -> Array:
        layer.parameters[:] = parameters
        return layer.forward(x)

    expected = check.gauss_newton(a, layer.parameters.copy(), h)
    np.testing.assert_allclose(curvature, expected, rtol=1e-6, atol=1e-8)


@cases({name: case for name, case in SMALL.items() if name.startswith("RBF")})
def test_curvature_of_the_rbf(case: Case) -> None:
    """Gauss-Newton linearises the residuals x - w: E = sum of slope * r^2 has d2E/dr2 = 2 slope.

    The penalties are quadratic in x, so that this is the exact second derivative too.
    """
    layer, x = made(case), inputs(case, 1)
    slope = np.square(outputs(layer, case, 1))
    layer.forward(x)
    d2E_dx2 = layer.second_backward(slope).copy()
    codes = case.twin(layer).codes  # type: ignore[union-attr]
    h = np.repeat(2 * slope[..., None], codes.shape[1], axis=-1)
    residuals = check.gauss_newton(lambda x: x[..., None, :] - codes, x, h)
    np.testing.assert_allclose(d2E_dx2, residuals, rtol=1e-7)
    for place in np.ndindex(*x.shape):
        exact = check.second_derivative(lambda x: np.vdot(slope, layer.forward(x)), x, place, 0.1)
        assert d2E_dx2[place] == pytest.approx(exact, rel=1e-9)


# --- Against the loops -----------------------------------------------------------------------


def assert_agrees(case: Case, n: int, dtype: Any) -> None:
    layer, x = made(case, dtype), inputs(case, n, dtype=dtype)
    d = outputs(layer, case, n, dtype=dtype)
    out, gradient_in, gradient, curvature_in, curvature = passes(layer, x, d)
    twin = case.twin(layer)
    x64, d64 = x.astype(float), d.astype(float)
    assert_close(out, twin.forward(x64), "forward", dtype)
    named, expected = twin.backward(d64)
    assert_close(gradient_in, expected, "backward", dtype)
    for name, array in by_name(layer, case, gradient).items():
        assert_close(array, named[name], f"gradient of {name}", dtype)
    named, expected = twin.second_backward((d * d).astype(float))
    assert_close(curvature_in, expected, "second_backward", dtype)
    for name, array in by_name(layer, case, curvature).items():
        assert_close(array, named[name], f"curvature of {name}", dtype)


@cases(SMALL)
@dtypes()
@pytest.mark.parametrize("n", [1, 3])
def test_three_passes_agree_with_the_loops(case: Case, n: int, dtype: Any) -> None:
    assert_agrees(case, n, dtype)


@cases(PAPER)
@dtypes()
def test_layers_of_the_paper_agree_with_the_loops(case: Case, dtype: Any) -> None:
    assert_agrees(case, 1, dtype)


@cases(LARGER)
def test_larger_inputs_agree_with_the_loops(case: Case) -> None:
    assert_agrees(case, 1, np.float64)


# --- Batches and buffers ---------------------------------------------------------------------


@cases(SMALL | PAPER)
@dtypes()
def test_batch_of_many_is_many_batches_of_one(case: Case, dtype: Any) -> None:
    """States pattern by pattern; gradients and curvatures are sums over the patterns."""
    n = 4
    layer, x = made(case, dtype), inputs(case, n, dtype=dtype)
    d = outputs(layer, case, n, dtype=dtype)
    many = passes(layer, x, d)
    ones = [passes(layer, x[i : i + 1], d[i : i + 1]) for i in range(n)]
    out, gradient_in, gradient, curvature_in, curvature = zip(*ones, strict=True)
    joined = [np.concatenate(out), np.concatenate(gradient_in), sum(gradient)]
    joined += [np.concatenate(curvature_in), sum(curvature)]
    for ours, expected in zip(many, joined, strict=True):
        assert_close(ours, expected, "many against one by one", dtype)


def alternating_inputs(case: Case) -> list[tuple[str, Array]]:
    """Inputs one after the other that a layer which keeps buffers or views could mix up."""
    three, one = inputs(case, 3, seed=11), inputs(case, 1, seed=12)
    backwards = inputs(case, 3, seed=13)[::-1, ::-1, ::-1, ::-1]
    planes = np.moveaxis(drawn((3, case.shape[2], *case.shape[:2]), 14), 1, 3)  # not NHWC in memory
    every_second = inputs(case, 6, seed=15)[::2]
    cut_out = drawn((3, *(side + 2 for side in case.shape)), 16)[:, 1:-1, 1:-1, 1:-1]
    fortran = np.asfortranarray(inputs(case, 3, seed=17))
    return [
        ("three", three),
        ("one", one),
        ("three again", three),
        ("three others", inputs(case, 3, seed=18)),
        ("a slice of one", three[1:2]),
        ("a slice of another", three[2:3]),
        ("two", three[:2]),
        ("backwards", backwards),
        ("planes", planes),
        ("every second", every_second),
        ("cut out", cut_out),
        ("Fortran order", fortran),
        ("three at last", three),
    ]


@cases(SMALL)
def test_alternating_batches_do_not_mix(case: Case) -> None:
    layer = made(case)
    for seed, (what, x) in enumerate(alternating_inputs(case)):
        d = outputs(layer, case, len(x), seed=seed)
        fresh = passes(made(case), np.array(x, order="C"), d)
        for ours, expected in zip(passes(layer, x, d), fresh, strict=True):
            assert_close(ours, expected, what)


@cases(SMALL)
@pytest.mark.parametrize("kind", ["contiguous", "backwards", "planes"])
def test_an_input_changed_in_place_is_read_again(case: Case, kind: str) -> None:
    """The same array object with new numbers in it, as a loop over a buffer gives it."""
    layer = made(case)
    x = dict(alternating_inputs(case)).get(kind, inputs(case, 3))
    d = outputs(layer, case, 3)
    passes(layer, x, d)
    x[...] = inputs(case, 3, seed=20)
    for ours, expected in zip(passes(layer, x, d), passes(made(case), x.copy(), d), strict=True):
        assert_close(ours, expected, kind)


@cases({name: case for name, case in (CONVOLUTIONS | PAPER).items() if case.shape[2] == 1})
def test_an_image_with_a_new_axis_is_read_right(case: Case) -> None:
    """NumPy gives `x[..., None]` the stride 0 on its last axis, and calls it contiguous."""
    layer, image = made(case), inputs(case, 2)[..., 0]
    d = outputs(layer, case, 2)
    expected = passes(layer, inputs(case, 2), d)
    for ours, right in zip(passes(layer, image[..., None], d), expected, strict=True):
        assert_close(ours, right, "x[..., None]")


@cases(SMALL)
def test_backward_takes_any_layout(case: Case) -> None:
    layer, x = made(case), inputs(case, 3)
    d = outputs(layer, case, 3)
    planes = np.moveaxis(np.ascontiguousarray(np.moveaxis(d, 3, 1)), 1, 3)
    every_second = np.repeat(d, 2, axis=0)[::2]
    expected = passes(layer, x, d)
    for other in (planes, every_second, np.asfortranarray(d)):
        for ours, right in zip(passes(layer, x, other), expected, strict=True):
            assert_close(ours, right, "layout of the gradient")


@cases(SMALL)
def test_changed_parameters_are_used_by_the_next_forward(case: Case) -> None:
    layer, x = made(case), inputs(case, 1)
    d = outputs(layer, case, 1)
    passes(layer, x, d)
    moved = made(case)
    for one in (layer, moved):
        one.parameters *= -0.3
    for ours, expected in zip(passes(layer, x, d), passes(moved, x, d), strict=True):
        assert_close(ours, expected, "after an update")


@cases(SMALL)
def test_new_storage_is_used_at_once(case: Case) -> None:
    """`bind` after use: nothing of the old parameters or their buffers is left."""
    layer, x = made(case), inputs(case, 2)
    d = outputs(layer, case, 2)
    passes(layer, x, d)
    old = layer.gradient.copy(), layer.gradient
    parameters, gradient, curvature = drawn((3, layer.parameter_count), 30)
    layer.bind(parameters, gradient, curvature)
    found = passes(layer, x, 3 * d)
    fresh = made(case)
    fresh.parameters[:] = parameters
    for ours, expected in zip(found, passes(fresh, x, 3 * d), strict=True):
        assert_close(ours, expected, "after bind")
    np.testing.assert_array_equal(gradient, found[2])
    np.testing.assert_array_equal(old[1], old[0])


@cases(SMALL)
def test_passes_write_into_none_of_what_they_are_given(case: Case) -> None:
    layer, x = made(case), inputs(case, 2)
    d, h = outputs(layer, case, 2), np.square(outputs(layer, case, 2))
    parameters = layer.parameters.copy()
    copies = [array.copy() for array in (x, d, h)]
    for array in (x, d, h):
        array.flags.writeable = False
    layer.forward(x)
    layer.backward(d)
    layer.second_backward(h)
    for array, copy in zip((x, d, h), copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(layer.parameters, parameters)


@cases(SMALL | PAPER)
@dtypes()
def test_type_is_kept(case: Case, dtype: Any) -> None:
    layer = made(case, dtype)
    x, d = inputs(case, 2, dtype=dtype), outputs(layer, case, 2, dtype=dtype)
    for array in passes(layer, x, d):
        assert array.dtype == dtype
    assert layer.parameters.dtype == dtype


@cases(SMALL | PAPER)
def test_shape_of_the_output_is_foretold(case: Case) -> None:
    layer = made(case)
    assert layer.forward(inputs(case, 2)).shape == (2, *layer.output_shape(case.shape))


# --- Particular layers -----------------------------------------------------------------------


@cases(CONVOLUTIONS)
def test_first_layer_has_the_same_parameter_gradient(case: Case) -> None:
    """Nobody reads the gradient of the image; leaving it out must change nothing else."""
    usual, first, x = made(case), made(case), inputs(case, 2)
    first.wants_input_gradient = False
    d = outputs(usual, case, 2)
    passes(usual, x, d)
    passes(first, x, d)
    assert_close(first.gradient, usual.gradient, "gradient")
    assert_close(first.curvature, usual.curvature, "curvature")


@pytest.mark.parametrize("table", [TABLE_1, [(5,), (0, 3), (1, 2, 4)]], ids=["Table I", "small"])
def test_absent_connections_stay_zero_and_are_no_parameters(table: list[tuple[int, ...]]) -> None:
    case = convolution((6, 6, 6), len(table), 5, table)
    layer, x = made(case), inputs(case, 1)
    d = outputs(layer, case, 1)
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


@cases(TRAINABLE | {"C3": PAPER["C3"]})
def test_every_parameter_has_one_place(case: Case) -> None:
    layer = made(case)
    numbers = np.arange(1.0, layer.parameter_count + 1)
    named = by_name(layer, case, numbers)
    found = np.concatenate([array[array != 0].ravel() for array in named.values()])
    np.testing.assert_array_equal(np.sort(found), numbers)


def test_sub_sampling_leaves_out_an_odd_last_row_and_column() -> None:
    case = SMALL["sub-sampling, odd sizes"]
    layer, x = made(case), inputs(case, 1)
    d = outputs(layer, case, 1)
    out, gradient_in, *_ = passes(layer, x, d)
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
