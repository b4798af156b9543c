"""Sections VI and VII-A: which sequences of classes are strings, and the penalties of their paths.

Every column of outputs has an arc for each class, the blank among them, with its penalty: the "SDNN
output graph" of figure 24.  It is composed with a transducer, here a `Grammar`, that says which
sequences of arcs are strings:

    string = blank*  ( c+ blank+ )*  c*          c one of the ten digits

so that the same digit in neighbouring columns is one character, and two characters lie at least one
blank column apart.  The composed graph has a node for each column and state, so that every path
through it is a sequence of states, one a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..data.windows import BLANK


@dataclass(frozen=True, eq=False)
class Grammar:
    """A transducer: states that each read one class, and which state may follow which.

    Attributes:
        reads: class that each state reads, (states,).
        follows: whether state j may follow state i in the next column, (states, states).
        starts, ends: whether a string may start or end in a state, (states,).
    """

    reads: NDArray[np.intp]
    follows: NDArray[np.bool_]
    starts: NDArray[np.bool_]
    ends: NDArray[np.bool_]


@cache
def any_string() -> Grammar:
    """The transducer of all strings: a digit is followed by itself or by the blank."""
    follows = np.eye(BLANK + 1, dtype=bool)
    follows[:, BLANK] = follows[BLANK] = True
    everywhere = np.ones(BLANK + 1, bool)
    return Grammar(np.arange(BLANK + 1), follows, everywhere, everywhere)


def one_string(digits: Sequence[int]) -> Grammar:
    """The transducer of one string: blank* d+ blank+ d+ ... blank*.

    Its states are blank, d1, blank, d2, blank ... in this order.
    """
    states = 2 * len(digits) + 1
    reads = np.full(states, BLANK, np.intp)
    reads[1::2] = digits
    follows = np.eye(states, dtype=bool) | np.eye(states, k=1, dtype=bool)
    starts = np.arange(states) < 2
    return Grammar(reads, follows, starts, starts[::-1])


def _closed(allowed: NDArray[np.bool_]) -> Array:
    """0 where a transition is allowed, infinity elsewhere: penalties of the transducer's arcs."""
    return np.where(allowed, 0.0, np.inf)


def _neighbours(allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The states j with allowed[i, j] of every state i, (states, most of a state).

    A row that has fewer ends with the number of states, where `_beside` has an infinite penalty.
    """
    states = len(allowed)
    found = np.full((states, int(allowed.sum(axis=1).max())), states)
    for row, choices in zip(found, allowed, strict=True):
        these = np.flatnonzero(choices)
        row[: len(these)] = these
    return found


def _beside(values: Array, neighbours: NDArray[np.intp]) -> Array:
    """The values of every state's neighbours, (states, most of a state)."""
    beside: Array = np.append(values, np.inf)[neighbours]
    return beside


def viterbi(penalties: Array, grammar: Grammar) -> tuple[NDArray[np.intp], float]:
    """The path of the smallest total penalty (eq. 10).

    v[k, j] = penalty of state j in column k + min of v[k - 1, i] over the states i before j

    Args:
        penalties: of every column, (columns, classes).

    Returns:
        The class of every column (columns,), and the total; infinite where no path has so few
        columns.
    """
    arcs = penalties[:, grammar.reads].astype(float)
    before = _neighbours(grammar.follows.T)
    states = np.arange(len(grammar.reads))
    v = arcs[0] + _closed(grammar.starts)
    came_from = np.zeros(arcs.shape, np.intp)
    for k in range(1, len(arcs)):
        through = _beside(v, before)
        best = through.argmin(axis=1)
        came_from[k] = before[states, best]
        v = through[states, best] + arcs[k]
    v = v + _closed(grammar.ends)
    path = np.empty(len(arcs), np.intp)
    path[-1] = v.argmin()
    came_from[came_from == len(states)] = 0  # no path leads there
    for k in range(len(arcs) - 1, 0, -1):
        path[k - 1] = came_from[k, path[k]]
    return grammar.reads[path], float(v.min())


def forward_penalty(penalties: Array, grammar: Grammar) -> tuple[float, Array]:
    """The forward penalty of all paths together (eq. 13, 14), and its gradient (eq. 15, 16).

    f[k, j] = penalty of state j in column k + logadd over the states i that j may follow of
    f[k - 1, i], with logadd(x) = -log(sum of exp(-x)).  Its derivative by a column's penalty of a
    class is the share of that class in that column among all paths, weighted by exp(-penalty).

    The sums are of exp(-f), scaled to 1 in each column.  Where that would lose small terms, because
    every path has an arc that is far from the best, they are taken in logarithms.

    Args:
        penalties: of every column, (columns, classes).

    Returns:
        The forward penalty, and its gradient (columns, classes); infinite with gradient 0 where
        no path has so few columns.
    """
    arcs = penalties[:, grammar.reads].astype(float)
    total, scales, f = _forward(arcs, grammar)
    if scales is None:
        return _forward_in_logarithms(penalties, grammar)
    follows = grammar.follows.astype(float)
    likely = _likelihoods(arcs)[0]
    share = np.empty_like(f)
    b = grammar.ends.astype(float)
    share[-1] = f[-1] * b
    for k in range(len(arcs) - 1, 0, -1):
        b = follows @ (b * likely[k]) / scales[k]
        share[k - 1] = f[k - 1] * b
    share /= share.sum(axis=1, keepdims=True)
    return total, _by_class(share, grammar, penalties.shape)


def forward_total(penalties: Array, grammar: Grammar) -> float:
    """The forward penalty of all paths together, as `forward_penalty` without its gradient."""
    total, scales, _ = _forward(penalties[:, grammar.reads].astype(float), grammar)
    return total if scales is not None else _forward_in_logarithms(penalties, grammar)[0]


_FAR = 500.0  # of the best arcs together: from there on terms of the sums may be lost


def _likelihoods(arcs: Array) -> tuple[Array, Array]:
    """exp(-penalty) of every arc, divided by the largest of its column; and these penalties."""
    least = arcs.min(axis=1)
    return np.exp(least[:, None] - arcs), least


def _forward(arcs: Array, grammar: Grammar) -> tuple[float, Array | None, Array]:
    """The forward penalty, the scale of each column, and the scaled sums (columns, states).

    The scales are None where the scaled sums cannot be trusted.
    """
    likely, least = _likelihoods(arcs)
    follows = grammar.follows.astype(float)
    f, scales = np.empty_like(likely), np.ones(len(likely))
    now = likely[0] * grammar.starts
    for k in range(len(likely)):
        if k:
            now = (now @ follows) * likely[k]
        scales[k] = total = now.sum()
        if not total > 0:
            return np.inf, None, f
        f[k] = now = now / total
    ends = float(now @ grammar.ends)
    if not ends > 0:
        return np.inf, None, f
    away = -float(np.log(scales).sum()) - float(np.log(ends))
    return float(least.sum()) + away, scales if away < _FAR else None, f


def _by_class(share: Array, grammar: Grammar, shape: tuple[int, ...]) -> Array:
    """The shares of the states added up by the class that they read."""
    gradient = np.zeros(shape)
    for state, read in enumerate(grammar.reads):
        gradient[:, read] += share[:, state]
    return gradient


def _forward_in_logarithms(penalties: Array, grammar: Grammar) -> tuple[float, Array]:
    """The same as `forward_penalty`, however far from the best arcs the paths are."""
    arcs = penalties[:, grammar.reads].astype(float)
    before, after = _neighbours(grammar.follows.T), _neighbours(grammar.follows)
    f, b = np.empty_like(arcs), np.empty_like(arcs)
    f[0] = arcs[0] + _closed(grammar.starts)
    b[-1] = _closed(grammar.ends)
    for k in range(1, len(arcs)):
        f[k] = arcs[k] + _logadd(_beside(f[k - 1], before))
    for k in range(len(arcs) - 1, 0, -1):
        b[k - 1] = _logadd(_beside(b[k] + arcs[k], after))
    total = float(_logadd(f[-1] + b[-1]))
    if not np.isfinite(total):
        return total, np.zeros(penalties.shape)
    return total, _by_class(np.exp(total - f - b), grammar, penalties.shape)


def _logadd(x: Array) -> Array:
    """-log(sum of exp(-x)) along the last axis; the smallest is taken out of the logarithm."""
    smallest = x.min(axis=-1, keepdims=True)
    smallest[~np.isfinite(smallest)] = 0.0
    with np.errstate(divide="ignore"):  # no path: an infinite penalty
        added: Array = smallest[..., 0] - np.log(np.exp(smallest - x).sum(axis=-1))
    return added


def discriminative_error(penalties: Array, digits: Sequence[int]) -> float:
    """E = C_cforw - C_forw of a string (eq. 17), as `discriminative_forward` without gradient."""
    right = forward_total(penalties, one_string(digits))
    return right - forward_total(penalties, any_string()) if np.isfinite(right) else np.inf


def discriminative_forward(penalties: Array, digits: Sequence[int]) -> tuple[float, Array]:
    """E = C_cforw - C_forw of a string (eq. 17), and dE/dpenalties.

    C_cforw is the forward penalty of the paths with the right string, C_forw that of all paths.
    E is 0 or more, and exp(-E) estimates the posterior probability of the string.

    Args:
        penalties: of every column, (columns, 11).
        digits: the right string.

    Returns:
        E and its gradient (columns, 11); infinite where the string has more characters than fit.
    """
    right, d_right = forward_penalty(penalties, one_string(digits))
    every, d_every = forward_penalty(penalties, any_string())
    return right - every, d_right - d_every


def string_posterior(penalties: Array, digits: Sequence[int]) -> float:
    """exp(-E) of a string (eq. 17), from 0 to 1."""
    return float(np.exp(-discriminative_error(penalties, digits)))
