"""The check cells of the notebooks read any answer and say one kind line."""

from typing import Any

import numpy as np
import pytest

from lenet1998.course.exercises import Choice, Kind, Number, Numbers, check

STRANGE: tuple[Any, ...] = (
    *("12", "", [], [[1], [2, 3]], {}, {1: 2}, set(), {"a"}, object(), lambda: 3, 1j, b"3"),
    *(float("nan"), float("inf"), True, -1, 10**400, np.zeros((3, 0)), np.array("x")),
    *((1, 2, 3), np.zeros((2, 2)), [None], slice(3), range(4), int, "C1", np.float32(3)),
)
KINDS: tuple[Kind, ...] = (
    Number(),
    Number(whole=True, low=0, high=9),
    Numbers("a pair of numbers", (2,)),
    Numbers("5 rows of 5 numbers", (5, 5)),
    Numbers("a list of numbers", (None,)),
    Choice(("C1", "S2")),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_any_answer_gets_one_line(kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    for answer in STRANGE:
        check(answer, kind, lambda value: False, "Right", "a hint")
        said = capsys.readouterr().out
        assert said.count("\n") == 1
        assert said.startswith((f"This is not {kind.name}", "Not yet. a hint"))


def said(capsys: pytest.CaptureFixture[str], answer: Any, kind: Kind, right: Any) -> str:
    check(answer, kind, lambda value: np.array_equal(value, right), "Right", "a hint")
    return capsys.readouterr().out


@pytest.mark.parametrize("answer", [None, ...])
def test_no_answer_yet(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, answer, Number(), 3) == (
        "Not answered yet: please give a number in the cell above.\n"
    )


@pytest.mark.parametrize(
    ("answer", "kind", "right"),
    [
        (3, Number(), 3),
        (np.float32(0.5), Number(), 0.5),
        (np.array(4), Number(whole=True), 4),
        (4.0, Number(whole=True), 4),
        ([1, 2], Numbers("a pair", (2,)), (1, 2)),
        ((1, 2), Numbers("a pair", (2,)), (1, 2)),
        ({3, 1}, Numbers("a list", (None,)), (1, 3)),
        (np.eye(5), Numbers("5 rows of 5 numbers", (5, 5)), np.eye(5)),
        (" f6 ", Choice(("C5", "F6")), "F6"),
    ],
)
def test_a_right_answer(
    answer: Any, kind: Kind, right: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, answer, kind, right) == "Right\n"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (2.5, Number(whole=True)),
        (10, Number(low=0, high=9)),
        ([1, 2, 3], Numbers("a pair", (2,))),
        ([[1, 2]], Numbers("a pair", (2,))),
        ("C2", Choice(("C1", "S2"))),
    ],
)
def test_an_answer_of_another_kind_is_told_what_is_wanted(
    answer: Any, kind: Kind, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, answer, kind, answer).endswith(f"Please give {kind.name}.\n")


def test_messages_can_depend_on_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    for answer, expected in ((4, "4 it is\n"), (5, "Not yet. 5 is too many\n")):
        check(
            answer,
            Number(),
            lambda value: value == 4,
            lambda value: f"{value:g} it is",
            lambda value: f"{value:g} is too many",
        )
        assert capsys.readouterr().out == expected
