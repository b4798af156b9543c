"""Appendix C: the stochastic diagonal Levenberg-Marquardt method.

Every parameter has a step eps_k = eta / (mu + h_kk) (eq. 21), h_kk the diagonal of the Gauss-Newton
Hessian, averaged over a few hundred patterns before each pass (eq. 23 to 27).  By default a layer
shares the step of its largest h_kk.
"""

from collections.abc import Iterable

import numpy as np

from .. import paper
from ..arrays import Array, Labels
from ..files import InputError
from ..network.network import Network
from .criterion import Criterion

STEP_SIZES = ("layer", "parameter", "global", "layer-sum", "layer-weights")
ABOUT_STEP_SIZES = (  # for the help
    "for each layer (by its largest curvature), for each parameter, global (for all), or for each "
    "layer by its summed curvature: layer-sum, layer-weights (without its biases)"
)


def estimate_curvature(
    network: Network, criterion: Criterion, blocks: Iterable[tuple[Array, Labels]]
) -> Array:
    """h_kk of every parameter, averaged over the patterns of `blocks` (eq. 24).

    Args:
        blocks: pairs of inputs (n, h, w, maps) and right classes (n,), a block at a time.

    Returns:
        (parameters,), not negative: eq. 23 sums over the connections that share a weight.
    """
    total = np.zeros_like(network.curvature)
    patterns = 0
    for x, labels in blocks:
        network.second_backward(criterion.second_backward(network.forward(x), labels))
        total += network.curvature
        patterns += len(labels)
    return total / patterns


def step_sizes(
    network: Network, curvature: Array, eta: float, rule: str = "layer", mu: float = paper.MU
) -> Array:
    """eps_k = eta / (mu + h_kk) (eq. 21), one for each parameter, (parameters,).

    Args:
        rule: "layer" gives a layer the step of its largest h_kk (reading; it gives the paper's
            learning curve), "parameter" gives each parameter its own, as the paper's text, "global"
            gives all the step of the largest h_kk of all, "layer-sum" divides by a layer's summed
            h_kk, which is too small to learn at the paper's eta, and "layer-weights" by that of
            its weights, without the biases (a course project, `run/recipes/sdlm_avgpool.py`).

    Raises:
        InputError: unknown rule.
    """
    if rule not in STEP_SIZES:
        raise InputError(f"step sizes {rule!r} are not known: choose {', '.join(STEP_SIZES)}")
    steps = np.zeros(network.parameters.shape, network.dtype)
    weights = np.where(network.biases(), 0, curvature)  # the curvature of the weights alone
    for part in network.slices.values():
        h = curvature[part]
        h_of = {
            "layer": h.max(),
            "parameter": h,
            "global": curvature.max(),
            "layer-sum": h.sum(),
            "layer-weights": weights[part].sum(),
        }
        steps[part] = eta / (mu + h_of[rule])
    return steps


def rates(network: Network, steps: Array) -> dict[str, tuple[float, float]]:
    """The smallest and the largest step of each layer, as the paper gives them for pass 1."""
    return {
        name: (float(steps[part].min()), float(steps[part].max()))
        for name, part in network.slices.items()
    }
