"""What every layer must do, checked the same way for all of them.

A `Case` is a layer with its twin in loops (reference.py).  Each `check_...` function fails with an
AssertionError that prints both numbers.  test_contract.py runs every check on every case.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import check
import numpy as np
import reference
from check import Array

from lenet1998.layers.activations import Negative, ReLU, Sigmoid, Squash, Tanh
from lenet1998.layers.batch_norm import BatchNorm
from lenet1998.layers.convolution import Convolution
from lenet1998.layers.full import Full
from lenet1998.layers.layer import Layer
from lenet1998.layers.maps import Crop, Twice
from lenet1998.layers.pooling import AveragePool, MaxPool
from lenet1998.layers.rbf import RBF, LearnedRBF
from lenet1998.layers.subsampling import Subsampling
from lenet1998.paper import TABLE_1

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Case:
    """A layer under test.

    Attributes:
        make: makes the layer.
        shape: of one pattern for it.
        twin: makes the layer in loops with the parameters of this one.
        names: of its arrays of parameters, in the layer and in the twin.
        training: whether it is tested in training mode.
    """

    make: Callable[[], Layer]
    shape: Shape
    twin: Callable[[Any], reference.Layer]
    names: tuple[str, ...] = ()
    training: bool = False


# --- The cases --------------------------------------------------------------------------------


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


def learned_rbf(shape: Shape, classes: int) -> Case:
    codes = np.random.default_rng(7).choice([-1.0, 1.0], size=(classes, shape[-1]))
    return Case(
        lambda: LearnedRBF("R", codes),
        shape,
        lambda layer: reference.LearnedRBF(layer.codes),
        ("codes",),
    )


def pooling(make: Any, twin: Any, shape: Shape) -> Case:
    return Case(lambda: make("S", shape[-1]), shape, lambda layer: twin())


def batch_norm(shape: Shape, training: bool) -> Case:
    return Case(
        lambda: BatchNorm("B", shape[-1]),
        shape,
        lambda layer: reference.BatchNorm(
            layer.gain, layer.shift, None if training else layer.running.copy()
        ),
        ("gain", "shift"),
        training,
    )


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
    "max pooling": pooling(MaxPool, reference.MaxPool, (4, 6, 3)),
    "max pooling, one map": pooling(MaxPool, reference.MaxPool, (2, 4, 1)),
    "max pooling, odd sizes": pooling(MaxPool, reference.MaxPool, (5, 7, 2)),
    "average pooling": pooling(AveragePool, reference.AveragePool, (4, 6, 3)),
    "average pooling, one map": pooling(AveragePool, reference.AveragePool, (2, 4, 1)),
    "average pooling, odd sizes": pooling(AveragePool, reference.AveragePool, (5, 7, 2)),
    "full": full((1, 1, 6), 4),
    "full, a map": full((2, 3, 5), 2),
    "crop": Case(lambda: Crop(2), (7, 6, 3), lambda layer: reference.Crop(2)),
    "crop nothing": Case(lambda: Crop(0), (3, 2, 1), lambda layer: reference.Crop(0)),
    "maps twice": Case(Twice, (3, 2, 4), lambda layer: reference.Twice()),
    "squash": Case(Squash, (3, 2, 4), lambda layer: reference.Squash()),
    "ReLU": Case(ReLU, (3, 2, 4), lambda layer: reference.ReLU()),
    "tanh": Case(Tanh, (3, 2, 4), lambda layer: reference.Tanh()),
    "sigmoid": Case(Sigmoid, (3, 2, 4), lambda layer: reference.Sigmoid()),
    "negative": Case(Negative, (1, 1, 10), lambda layer: reference.Negative()),
    "batch normalisation": batch_norm((3, 4, 2), False),
    "batch normalisation, 1x1": batch_norm((1, 1, 5), False),
    "batch normalisation, training": batch_norm((3, 4, 2), True),
    "batch normalisation, training, one map": batch_norm((2, 3, 1), True),
    "RBF": rbf((1, 1, 7), 4),
    "RBF, a map": rbf((2, 3, 5), 3),
    "RBF that learns": learned_rbf((1, 1, 7), 4),
    "RBF that learns, a map": learned_rbf((2, 3, 5), 3),
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


# --- What the checks are made of ----------------------------------------------------------------


def drawn(shape: Sequence[int], seed: int, dtype: Any = np.float64) -> Array:
    """Numbers about 0, none of them near it: a kink of ReLU would spoil differences."""
    d = np.random.default_rng(seed).normal(size=tuple(shape))
    return (d + np.copysign(0.05, d)).astype(dtype)


def made(case: Case, dtype: Any = np.float64, seed: int = 5) -> Layer:
    """The layer on storage of its own, with parameters and a state about 0."""
    layer = case.make()
    layer.set_training(case.training)
    size = layer.parameter_count
    layer.bind(drawn((size,), seed, dtype), *np.zeros((2, size), dtype))
    for array in layer.state().values():
        array[...] = np.abs(drawn(array.shape, 6))
    return layer


def inputs(case: Case, n: int, seed: int = 1, dtype: Any = np.float64) -> Array:
    return drawn((n, *case.shape), seed, dtype)


def outputs(case: Case, n: int, seed: int = 2, dtype: Any = np.float64) -> Array:
    """Something to propagate backwards, of the output's shape."""
    return drawn((n, *case.make().output_shape(case.shape)), seed, dtype)


def passes(layer: Layer, x: Array, d: Array) -> dict[str, Array]:
    """Copies of all that the three passes give; d is the gradient and, squared, the curvature."""
    result = {"output": layer.forward(x).copy()}
    result["gradient of the input"] = layer.backward(d).copy()
    result["gradient"] = layer.gradient.copy()
    result["curvature of the input"] = layer.second_backward(d * d).copy()
    result["curvature"] = layer.curvature.copy()
    return result


def by_name(layer: Layer, case: Case, flat: Array) -> dict[str, Array]:
    """A flat vector of the layer (say its gradient) as the arrays that the layer has names for."""
    parameters = layer.parameters.copy()
    layer.parameters[:] = flat
    named = {name: getattr(layer, name).copy() for name in case.names}
    layer.parameters[:] = parameters
    return named


def assert_close(ours: Array, expected: Array, what: str, dtype: Any = np.float64) -> None:
    """Equal to rounding, measured against the largest number of the array."""
    largest = float(np.abs(expected).max(initial=0.0))
    tolerance = (4e-6 if dtype == np.float32 else 1e-13) * max(largest, 1.0)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=tolerance, err_msg=what)


def assert_same_passes(ours: dict[str, Array], expected: dict[str, Array], what: str) -> None:
    for name, array in ours.items():
        assert_close(array, expected[name], f"{name}, {what}")


# --- The checks -----------------------------------------------------------------------------------


def check_against_the_loops(case: Case, n: int = 2, dtype: Any = np.float64) -> None:
    """Value, gradient and curvature are those of the twin in float64."""
    layer, x, d = made(case, dtype), inputs(case, n, dtype=dtype), outputs(case, n, dtype=dtype)
    twin = case.twin(layer)
    ours = passes(layer, x, d)
    assert_close(ours["output"], twin.forward(x.astype(float)), "forward", dtype)
    for what, (named, expected) in {
        "gradient": twin.backward(d.astype(float)),
        "curvature": twin.second_backward((d * d).astype(float)),
    }.items():
        assert_close(ours[f"{what} of the input"], expected, f"{what} of the input", dtype)
        for name, array in by_name(layer, case, ours[what]).items():
            assert_close(array, named[name], f"{what} of {name}", dtype)


def check_gradient_of_the_input(case: Case, layer: Layer | None = None, n: int = 2) -> None:
    """dE/dx for E = sum of d * output, by central differences."""
    layer = layer or made(case)
    x, d = inputs(case, n), outputs(case, n)
    layer.forward(x)
    dE_dx = layer.backward(d).copy()
    places = None
    if x.size > 1000:  # of a large input the corners and some more
        _, height, width, maps = x.shape
        rng = np.random.default_rng(3)
        places = [tuple(rng.integers(x.shape)) for _ in range(60)]
        places += [(1, i, j, m) for i in (0, height - 1) for j in (0, width - 1) for m in (0, -1)]
        places = [(i, y, x, m % maps) for i, y, x, m in places]
    check.assert_gradient(lambda x: np.vdot(d, layer.forward(x)), x, dE_dx, places=places)


def check_gradient_of_the_parameters(case: Case, layer: Layer | None = None) -> None:
    """dE/dw in the flat vector, by central differences."""
    layer = layer or made(case)
    x, d = inputs(case, 2), outputs(case, 2)
    layer.forward(x)
    layer.backward(d)
    gradient, parameters = layer.gradient.copy(), layer.parameters.copy()

    def E(values: Array) -> Any:
        layer.parameters[:] = values
        return np.vdot(d, layer.forward(x))

    check.assert_gradient(E, parameters, gradient, "parameters")


def check_curvature(case: Case, layer: Layer | None = None) -> None:
    """Of input and parameters: (J*J)^T h with the Jacobian J by central differences."""
    layer = layer or made(case)
    x, h = inputs(case, 2), np.square(outputs(case, 2))
    layer.forward(x)
    d2E_dx2, curvature = layer.second_backward(h).copy(), layer.curvature.copy()
    expected = check.gauss_newton(layer.forward, x, h)
    np.testing.assert_allclose(d2E_dx2, expected, rtol=1e-6, atol=1e-8, err_msg="of the input")
    if not layer.parameter_count:
        return

    def a(parameters: Array) -> Array:
        layer.parameters[:] = parameters
        return layer.forward(x)

    expected = check.gauss_newton(a, layer.parameters.copy(), h)
    np.testing.assert_allclose(curvature, expected, rtol=1e-6, atol=1e-8, err_msg="of parameters")


def check_many_are_one_by_one(case: Case, dtype: Any = np.float64) -> None:
    """States pattern by pattern; gradients and curvatures are sums over the patterns."""
    n = 4
    layer, x, d = made(case, dtype), inputs(case, n, dtype=dtype), outputs(case, n, dtype=dtype)
    many = passes(layer, x, d)
    ones = [passes(layer, x[i : i + 1], d[i : i + 1]) for i in range(n)]
    for name, array in many.items():
        parts = [one[name] for one in ones]
        joined = sum(parts) if name in ("gradient", "curvature") else np.concatenate(parts)
        assert_close(array, np.asarray(joined), f"{name}, many against one by one", dtype)


def alternating_inputs(case: Case) -> dict[str, Array]:
    """Inputs one after the other that a layer which keeps buffers or views could mix up."""
    three, one = inputs(case, 3, seed=11), inputs(case, 1, seed=12)
    planes = np.moveaxis(drawn((3, case.shape[2], *case.shape[:2]), 14), 1, 3)  # not NHWC in memory
    return {
        "three": three,
        "one": one,
        "three again": three,
        "three others": inputs(case, 3, seed=18),
        "two": three[:2],
        "two others": three[1:],
        "backwards": inputs(case, 3, seed=13)[::-1, ::-1, ::-1, ::-1],
        "planes": planes,
        "every second": inputs(case, 6, seed=15)[::2],
        "cut out": drawn((3, *(side + 2 for side in case.shape)), 16)[:, 1:-1, 1:-1, 1:-1],
        "Fortran order": np.asfortranarray(inputs(case, 3, seed=17)),
        "three at last": three,
    }


def check_inputs_do_not_mix(case: Case) -> None:
    """Other batch sizes and memory layouts in turn: each as on a new layer."""
    layer = made(case)
    for seed, (what, x) in enumerate(alternating_inputs(case).items()):
        d = outputs(case, len(x), seed=seed)
        fresh = made(case)
        for name, array in fresh.state().items():
            array[...] = layer.state()[name]
        expected = passes(fresh, np.array(x, order="C"), d)
        assert_same_passes(passes(layer, x, d), expected, what)


def check_an_input_changed_in_place_is_read_again(case: Case) -> None:
    """The same array object with new numbers in it, as a loop over a buffer gives it."""
    for kind in ("three", "backwards", "planes"):
        layer, x, d = made(case), alternating_inputs(case)[kind], outputs(case, 3)
        passes(layer, x, d)
        x[...] = inputs(case, 3, seed=20)
        fresh = made(case)
        for name, array in fresh.state().items():
            array[...] = layer.state()[name]
        assert_same_passes(passes(layer, x, d), passes(fresh, x.copy(), d), kind)


def check_backward_takes_any_layout(case: Case) -> None:
    layer, x, d = made(case), inputs(case, 3), outputs(case, 3)
    planes = np.moveaxis(np.ascontiguousarray(np.moveaxis(d, 3, 1)), 1, 3)
    every_second = np.repeat(d, 2, axis=0)[::2]
    expected = passes(layer, x, d)
    for other in (planes, every_second, np.asfortranarray(d)):
        layer = made(case)
        assert_same_passes(passes(layer, x, other), expected, "layout of the gradient")


def check_new_parameters_are_used_at_once(case: Case) -> None:
    """Changed in place, and after `bind`: nothing of the old ones is left."""
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    passes(layer, x, d)
    layer.parameters *= -0.3
    moved = made(case)
    moved.parameters *= -0.3
    for name, array in moved.state().items():
        array[...] = layer.state()[name]
    assert_same_passes(passes(layer, x, d), passes(moved, x, d), "after an update")
    old, kept = layer.gradient, layer.gradient.copy()
    layer.bind(drawn((layer.parameter_count,), 30), *np.zeros((2, layer.parameter_count)))
    fresh = made(case, seed=30)
    for name, array in layer.state().items():
        array[...] = fresh.state()[name]
    assert_same_passes(passes(layer, x, 3 * d), passes(fresh, x, 3 * d), "after bind")
    np.testing.assert_array_equal(old, kept)


def check_what_is_given_is_not_written_into(case: Case) -> None:
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    layer.parameters.flags.writeable = x.flags.writeable = d.flags.writeable = False
    passes(layer, x, d)


def check_buffers_are_reused(case: Case) -> None:
    """Nothing is allocated: the layer above makes its views of a state once."""
    layer, x, d = made(case), inputs(case, 2), outputs(case, 2)
    state, gradient = layer.forward(x), layer.backward(d)
    assert layer.forward(x) is state
    assert layer.backward(d) is gradient
    assert not np.shares_memory(state, gradient)


def check_types_and_shapes(case: Case, dtype: Any) -> None:
    layer, x, d = made(case, dtype), inputs(case, 2, dtype=dtype), outputs(case, 2, dtype=dtype)
    result = passes(layer, x, d)
    for name, array in result.items():
        assert array.dtype == dtype, name
    for array in layer.state().values():
        assert array.dtype == dtype
    assert result["output"].shape == (2, *layer.output_shape(case.shape))
    for what in ("gradient", "curvature"):
        assert result[f"{what} of the input"].shape == x.shape


def check_every_parameter_has_one_place(case: Case) -> None:
    """The named arrays hold each number of the flat vector once, and zeros."""
    layer = made(case)
    numbers = np.arange(1.0, layer.parameter_count + 1)
    named = by_name(layer, case, numbers)
    found = np.concatenate([array[array != 0].ravel() for array in named.values()])
    np.testing.assert_array_equal(np.sort(found), numbers)
