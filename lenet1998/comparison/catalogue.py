"""Every bar of figure 9, in the paper's order, and what makes it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..network.lenet5 import LeNet5
from ..run.settings import Settings
from .boosted import Boosted
from .last_layer import LastLayerNeighbours, Local
from .linear import Linear
from .method import Method
from .neighbours import Neighbours
from .pairwise import Pairwise
from .quadratic import Quadratic
from .radial import Radial
from .support import SupportVectors
from .tangent import TangentDistance
from .trained import Trained


@dataclass(frozen=True)
class Plan:
    """What decides a method besides the images.

    Attributes:
        seed: of the methods that draw random numbers.
        passes: of those that learn in passes.
        quiet: no progress bars.
    """

    seed: int
    passes: int
    quiet: bool = False


def _trained(network: LeNet5, settings: Settings, quiet: bool) -> Method:
    return Trained(network, quiet)


def _nearest_states(network: LeNet5, settings: Settings, quiet: bool) -> Method:
    return LastLayerNeighbours(network, quiet=quiet)


def _local(network: LeNet5, settings: Settings, quiet: bool) -> Method:
    return Local(network, quiet=quiet)


def _boosted(network: LeNet5, settings: Settings, quiet: bool) -> Method:
    return Boosted(network, settings, quiet=quiet)


@dataclass(frozen=True)
class Bar:
    """A bar of figure 9, or one that stands beside them.

    Attributes:
        name: as in `paper.FIGURE_9`.
        database: the version of the database that `make` learns from.
        make: the untrained method; None where a network's run comes first, or for no method.
        settings: of that run, by name, where they are not the default ones.
        on: makes the method from the trained network.
        seeded: whether `make` draws random numbers.
        minutes: about how long it takes on MNIST, one core; for the time left.
        missing: why nothing makes this bar.
    """

    name: str
    database: str = "regular"
    make: Callable[[Plan], Method] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    on: Callable[[LeNet5, Settings, bool], Method] = _trained
    seeded: bool = False
    minutes: float = 1.0
    missing: str = ""

    @property
    def key(self) -> str:
        """The name in small letters for a command line: "[16x16] LeNet-1" is 16x16-lenet-1."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


def _network(
    name: str,
    minutes: float,
    on: Callable[[LeNet5, Settings, bool], Method] = _trained,
    **settings: Any,
) -> Bar:
    return Bar(name, settings=settings, on=on, minutes=minutes)


def _both(network: str, minutes: float) -> tuple[Bar, Bar]:
    """A fully connected network, and the same learned from distorted patterns."""
    return (
        _network(network, minutes, network=network),
        _network(f"[dist] {network}", 1.2 * minutes, network=network, patterns="distorted"),
    )


def _linear(plan: Plan) -> Method:
    return Linear(plan.seed, plan.passes, quiet=plan.quiet)


BARS = (
    Bar("Linear", make=_linear, seeded=True),
    Bar("[deslant] Linear", "deslanted", _linear, seeded=True),
    Bar("Pairwise", make=lambda plan: Pairwise(quiet=plan.quiet), minutes=0.2),
    Bar("K-NN Euclidean", make=lambda plan: Neighbours(quiet=plan.quiet)),
    Bar("[deslant] K-NN Euclidean", "deslanted", lambda plan: Neighbours(quiet=plan.quiet)),
    Bar("40 PCA + quadratic", make=lambda plan: Quadratic(), minutes=0.2),
    Bar("1000 RBF + linear", make=lambda plan: Radial(plan.seed), seeded=True),
    Bar(
        "[16x16] Tangent Distance", "16x16", lambda plan: TangentDistance(quiet=plan.quiet),
        minutes=3,
    ),
    Bar("SVM poly 4", make=lambda plan: SupportVectors(4), minutes=5),
    Bar("RS-SVM poly 5", missing="not made: no maintained package has reduced sets"),
    Bar(
        "[dist] V-SVM poly 9", make=lambda plan: SupportVectors(9, virtual=True, offset=1.0),
        minutes=17,
    ),
    *_both("28x28-300-10", 4),
    _network("[deslant] 20x20-300-10", 2, network="20x20-300-10"),
    *_both("28x28-1000-10", 12),
    *_both("28x28-300-100-10", 4.5),
    *_both("28x28-500-150-10", 8),
    # A step for each parameter has fewer errors on held-out patterns; for the others it has not.
    _network("[16x16] LeNet-1", 2, network="lenet1", step_sizes="parameter"),
    _network("LeNet-4", 3, network="lenet4"),
    _network("LeNet-4 / Local", 3, _local, network="lenet4"),
    _network("LeNet-4 / K-NN", 3, _nearest_states, network="lenet4"),
    _network("LeNet-5", 3),
    # The paper has these two for LeNet-4 alone.
    _network("LeNet-5 / Local", 3, _local),
    _network("LeNet-5 / K-NN", 3, _nearest_states),
    _network("[dist] LeNet-5", 3, patterns="distorted"),
    _network("[dist] Boosted LeNet-4", 30, _boosted, network="lenet4", patterns="distorted"),
)  # fmt: skip
