"""Layers with the curvature that other readings of the paper give them (`experiment readings`).

Each differs from its parent in the second pass alone: it computes and learns the same, with other
steps.
"""

import numpy as np

from .. import paper
from ..arrays import Array
from .rbf import RBF
from .subsampling import Subsampling


class FourConnections(Subsampling):
    """A sub-sampling layer whose coefficient is one weight that four connections share.

    Eq. 23 sums over the connections that share a weight: the curvature of a coefficient then has
    the sum of the four squared inputs in place of the square of their sum.
    """

    def second_backward(self, d2E_da2: Array) -> Array:
        """d2E/dcoefficient2 = sum of d2E/da2 * (sum of the four squared inputs)."""
        d2E_dx2 = super().second_backward(d2E_da2)
        squares = (np.square(self.held.upper) + np.square(self.held.lower)).sum(axis=-2)
        self.curvature[: self.maps] = (d2E_da2 * squares).sum(axis=(0, 1, 2))
        return d2E_dx2


class MAPCurvatureRBF(RBF):
    """RBF units whose second pass is that of eq. 9 itself; `learning.readings.OwnCurvatureMAP`.

    Args:
        scale: what the criterion multiplies the penalties by.
    """

    def __init__(self, name: str, codes: Array, scale: float = paper.PENALTY_SCALE) -> None:
        super().__init__(name, codes)
        self.scale = scale

    def second_backward(self, p: Array) -> Array:
        """The second derivative of eq. 9 by each state of F6, exactly.

        With E = s y[D] + log(exp(-j) + sum over i of exp(-s y[i])), y[i] = sum of d[i, k]^2 and
        d[i, k] = x[k] - codes[i, k], the posterior of class i is p[i] = exp(-s y[i]) / (the sum in
        the logarithm), and

            d2E/dx[k]2 = 2 s (1 - sum of p[i])
                         + sum of p[i] (2 s d[i, k])^2 - (sum of p[i] 2 s d[i, k])^2

        It is never negative, since the posteriors add up to less than 1.

        Args:
            p: posteriors, (n, h, w, classes).
        """
        b, s = self.held, self.scale
        slopes = 2 * s * b.difference  # (n, h, w, classes, units)
        mean = np.matmul(p[..., None, :], slopes)[..., 0, :]
        square = np.matmul(p[..., None, :], np.square(slopes))[..., 0, :]
        rest = 2 * s * (1 - p.sum(axis=-1, keepdims=True))
        b.dE_dx[...] = np.maximum(rest + square - np.square(mean), 0)  # rounding
        return b.dE_dx
