"""Every layer keeps the contract; a layer with a wrong derivative does not pass."""

import re
from collections.abc import Callable
from typing import Any

import layer_contract as contract
import numpy as np
import pytest
from check import Array
from layer_contract import LARGER, PAPER, SMALL, Case

from lenet1998.layers.layer import Layer


def cases(table: dict[str, Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", table.values(), ids=table.keys())


def dtypes() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("dtype", [np.float32, np.float64])


TRAINABLE = {name: case for name, case in SMALL.items() if case.names}
SEPARATE = {name: case for name, case in SMALL.items() if not case.training}  # pattern by pattern
# The second pass of the RBF takes another quantity (test_particular.py); that of batch
# normalisation in training mode treats mean and variance as constants.
GAUSS_NEWTON = {name: case for name, case in SEPARATE.items() if not name.startswith("RBF")}


@cases(SMALL)
@dtypes()
@pytest.mark.parametrize("n", [1, 3])
def test_three_passes_agree_with_the_loops(case: Case, n: int, dtype: Any) -> None:
    contract.check_against_the_loops(case, n, dtype)


@cases(PAPER | LARGER)
@dtypes()
def test_layers_of_the_paper_and_larger_inputs_agree_with_the_loops(case: Case, dtype: Any) -> None:
    contract.check_against_the_loops(case, 1, dtype)


@cases(SMALL | LARGER)
def test_gradient_of_the_input(case: Case) -> None:
    contract.check_gradient_of_the_input(case)


@cases(TRAINABLE)
def test_gradient_of_the_parameters(case: Case) -> None:
    contract.check_gradient_of_the_parameters(case)


@cases(GAUSS_NEWTON)
def test_curvature(case: Case) -> None:
    contract.check_curvature(case)


@cases(SEPARATE | PAPER)
@dtypes()
def test_many_are_one_by_one(case: Case, dtype: Any) -> None:
    contract.check_many_are_one_by_one(case, dtype)


@cases(SMALL | PAPER)
@dtypes()
def test_types_and_shapes(case: Case, dtype: Any) -> None:
    contract.check_types_and_shapes(case, dtype)


@cases(TRAINABLE | {"C3": PAPER["C3"]})
def test_every_parameter_has_one_place(case: Case) -> None:
    contract.check_every_parameter_has_one_place(case)


@cases(SMALL)
@pytest.mark.parametrize(
    "check",
    [
        contract.check_inputs_do_not_mix,
        contract.check_an_input_changed_in_place_is_read_again,
        contract.check_backward_takes_any_layout,
        contract.check_new_parameters_are_used_at_once,
        contract.check_what_is_given_is_not_written_into,
        contract.check_buffers_are_reused,
    ],
    ids=lambda check: check.__name__.removeprefix("check_"),
)
def test_buffers(check: Callable[[Case], None], case: Case) -> None:
    check(case)


# --- A wrong derivative is caught ---------------------------------------------------------------


def planted(layer: Layer, method: str, change: Callable[[Layer, Array], None]) -> Layer:
    """The layer with a pass that spoils what the right one computed."""
    right = getattr(layer, method)

    def wrong(d: Array) -> Array:
        result = right(d).copy()
        change(layer, result)
        return result

    setattr(layer, method, wrong)
    return layer


def spoil_input(layer: Layer, result: Array) -> None:
    result[0, 0, 0, 0] += 0.001


def spoil_gradient(layer: Layer, result: Array) -> None:
    layer.gradient[-1] += 0.001


def spoil_curvature(layer: Layer, result: Array) -> None:
    layer.curvature[-1] += 0.001


BOTH_NUMBERS = r"-?\d+\.\d+[\s\S]*-?\d+\.\d+"


@cases(SMALL)
def test_a_wrong_gradient_of_the_input_is_caught(case: Case) -> None:
    layer = planted(contract.made(case), "backward", spoil_input)
    with pytest.raises(AssertionError, match=r"x\[0, 0, 0, 0\]: " + BOTH_NUMBERS):
        contract.check_gradient_of_the_input(case, layer)


@cases(TRAINABLE)
def test_a_wrong_gradient_of_a_parameter_is_caught(case: Case) -> None:
    layer = planted(contract.made(case), "backward", spoil_gradient)
    where = re.escape(f"parameters[{layer.parameter_count - 1}]: ")
    with pytest.raises(AssertionError, match=where + BOTH_NUMBERS):
        contract.check_gradient_of_the_parameters(case, layer)


@cases({name: case for name, case in GAUSS_NEWTON.items() if case.names})
def test_a_wrong_curvature_is_caught(case: Case) -> None:
    for change in (spoil_input, spoil_curvature):
        layer = planted(contract.made(case), "second_backward", change)
        with pytest.raises(AssertionError, match=BOTH_NUMBERS):
            contract.check_curvature(case, layer)
