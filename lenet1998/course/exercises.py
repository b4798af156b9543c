"""Exercises of the notebooks: an answer of any type is read, checked and answered in one line.

A check cell states what kind of answer it wants, which answers are right, and a hint:

>>> check("twelve", Number(), lambda value: value == 12, "Right", "3 x 4")
This is not a number, as far as can be read from str 'twelve'. Please give a number.
>>> check(12, Number(), lambda value: value == 12, "Right", "3 x 4")
Right
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

LONGEST = 40  # characters of an answer that are quoted


class Kind(Protocol):
    """A kind of answer: its name, and how it is read."""

    @property
    def name(self) -> str:
        """What to give, such as "a number"."""

    def read(self, answer: Any) -> Any:
        """The answer in a form that can be compared; ValueError or TypeError where it is not."""


@dataclass(frozen=True)
class Number:
    """A finite number from `low` to `high`; `whole` accepts whole numbers only."""

    whole: bool = False
    low: float = -np.inf
    high: float = np.inf

    @property
    def name(self) -> str:
        name = "a whole number" if self.whole else "a number"
        if np.isfinite([self.low, self.high]).all():
            name += f" from {self.low:g} to {self.high:g}"
        return name

    def read(self, answer: Any) -> float | int:
        value = float(_numbers(answer).reshape(()))
        if not self.low <= value <= self.high or (self.whole and value != round(value)):
            raise ValueError
        return round(value) if self.whole else value


@dataclass(frozen=True)
class Numbers:
    """An array of finite numbers; a None in `shape` stands for any length.

    A tuple, a list and an array are the same; so is a set where the order does not matter.
    """

    name: str
    shape: tuple[int | None, ...]

    def read(self, answer: Any) -> NDArray[np.float64]:
        values = _numbers(sorted(answer) if isinstance(answer, (set, frozenset)) else answer)
        if len(values.shape) != len(self.shape):
            raise ValueError
        if any(want not in (None, got) for want, got in zip(self.shape, values.shape, strict=True)):
            raise ValueError
        return values


@dataclass(frozen=True)
class Choice:
    """One of some words, in upper or lower case."""

    words: Sequence[str]

    @property
    def name(self) -> str:
        return "one of " + ", ".join(f'"{word}"' for word in self.words)

    def read(self, answer: Any) -> str:
        if not isinstance(answer, str):
            raise TypeError
        return {word.lower(): word for word in self.words}[answer.strip().lower()]


def check(
    answer: Any,
    kind: Kind,
    correct: Callable[[Any], Any],
    right: str | Callable[[Any], str],
    hint: str | Callable[[Any], str],
) -> None:
    """Print one line about an answer: not given yet, not readable, right, or not yet right.

    Args:
        answer: what the student wrote, of any type; None and ... count as not answered.
        kind: what kind of answer is wanted.
        correct: whether the answer, read by `kind`, is right.
        right: the text for a right answer, or a function that makes it from the answer.
        hint: the text for a wrong answer, or such a function.
    """
    if answer is None or answer is Ellipsis:
        print(f"Not answered yet: please give {kind.name} in the cell above.")
        return
    try:
        value = kind.read(answer)
    except (ValueError, TypeError, KeyError, OverflowError):
        print(
            f"This is not {kind.name}, as far as can be read from {_quoted(answer)}. "
            f"Please give {kind.name}."
        )
        return
    if bool(np.all(correct(value))):
        print(right if isinstance(right, str) else right(value))
    else:
        text = hint if isinstance(hint, str) else hint(value)
        print(f"Not yet. {text}")


def _numbers(answer: Any) -> NDArray[np.float64]:
    """Finite numbers as an array; text that looks like a number is not one."""
    values = np.asarray(answer)
    if values.dtype.kind not in "biuf":
        raise TypeError
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError
    return values


def _quoted(answer: Any) -> str:
    """The type and the beginning of an answer, for a message."""
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape}"
    text = repr(answer).replace("\n", " ")
    return f"{type(answer).__name__} {text[:LONGEST]}" + ("..." if len(text) > LONGEST else "")
