"""Which parts a network is made of: the 1998 ones, or what came after (the ablations)."""

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from .. import paper
from ..arrays import Array
from ..data import bitmaps
from ..fields import check, flag_name, setting
from ..files import InputError
from ..layers.activations import Activation, Negative, ReLU, Sigmoid, Squash, Tanh
from ..layers.batch_norm import BatchNorm
from ..layers.convolution import Convolution
from ..layers.full import Full
from ..layers.layer import Layer
from ..layers.pooling import AveragePool, MaxPool
from ..layers.rbf import RBF, LearnedRBF
from ..layers.slips import BatchStatisticsNorm, LostBiasFull, QuarterCurvaturePool
from ..layers.subsampling import Subsampling
from . import lenet1, lenet4, multilayer

ACTIVATIONS = {"squash": Squash, "tanh": Tanh, "sigmoid": Sigmoid, "relu": ReLU}
DIGITS_AND_SPACE = "digits-and-space"  # the codes of networks that read strings
MNIST_MEAN, MNIST_DEVIATION = 0.1307, 0.3081  # of the training set's grey levels in 0 .. 1


part = partial(setting, section="the network")
ANY_NETWORK = ("network", "activation", "input_range")  # parts that not only LeNet-5 has


@dataclass(frozen=True)
class Design:
    """The parts of a network; the defaults are the paper's.

    Raises:
        InputError: a part that is not known, or codes for an output without codes.
    """

    network: str = part(
        "lenet5",
        choices=("lenet5", "lenet1", "lenet4", *multilayer.HIDDEN),
        help="lenet5, or another one of figure 9: lenet1, lenet4, or fully connected, its name the "
        f"units of its layers: {', '.join(multilayer.HIDDEN)}",
    )
    connections: str = part(
        "table1",
        choices=("table1", "full"),
        help="maps of S2 that a map of C3 sees: table1 (some, Table I) or full (all)",
    )
    subsampling: str = part(
        "trainable",
        choices=("trainable", "average", "max"),
        help="S2 and S4: trainable (coefficient, bias, activation; II-B), average or max pooling",
    )
    activation: str = part(
        "squash",
        choices=tuple(ACTIVATIONS),
        help="squash (1.7159 tanh(2a/3), appendix A), tanh, sigmoid or relu (max(0, a))",
    )
    output: str = part(
        "rbf",
        choices=("rbf", "softmax"),
        help="rbf (ten distances to fixed codes) or softmax (of ten trained sums)",
    )
    codes: str = part(
        "bitmap",
        choices=("bitmap", "random", "one-of-n", DIGITS_AND_SPACE),
        needs=("output", "rbf"),
        help="of the RBF units: bitmap (figure 3), random, one-of-n (one +1, II-B), or "
        "digits-and-space (figure 3 and the space as an eleventh class, VII-B)",
    )
    learned_codes: bool = part(
        False, needs=("output", "rbf"), help="the codes are parameters and learn too (II-C)"
    )
    input_range: str = part(
        "paper",
        choices=("paper", "unit", "standard"),
        help=f"pixels: paper ({paper.BACKGROUND:g} to {paper.FOREGROUND:g}), unit (0 to 1), "
        "standard (mean 0, variance 1)",
    )
    batch_norm: bool = part(False, help="batch normalisation after C1 and C3")
    pool_first: bool = part(
        False,
        needs=("subsampling", "average", "max"),
        help="pooling before the activation, not after it",
    )
    # Mistakes of published course projects (layers/slips.py).
    batch_statistics: bool = part(
        False, needs=("batch_norm",), help="a slip: normalise test patterns by their own batch"
    )
    quarter_curvature: bool = part(
        False,
        needs=("subsampling", "average"),
        help="a slip: average pooling divides the curvature by 4, not by 16",
    )
    lost_bias: bool = part(False, help="a slip: F6's biases have no effect")

    def __post_init__(self) -> None:
        check(self)
        own = [name for name in self.changed() if name not in ANY_NETWORK]
        if self.network != "lenet5" and own:
            raise InputError(
                f"{flag_name(own[0])} belongs to --network lenet5, not to {self.network}: remove "
                "it, or choose --network lenet5"
            )

    @property
    def database(self) -> str:
        """Which version of the database (III-A) figure 9 gives the network."""
        return {"lenet1": "16x16", "20x20-300-10": "deslanted"}.get(self.network, "regular")

    def changed(self) -> dict[str, Any]:
        """The parts that are not the paper's."""
        parts = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}
        return {name: value for name, (value, default) in parts.items() if value != default}

    def layers(self) -> list[Layer]:
        """The layers of II-B, input first, with these parts; the input is 32 x 32 x 1."""
        k, act = paper.KERNEL_SIZE, ACTIVATIONS[self.activation]
        if self.network != "lenet5":
            # Reading: ten units with the targets +1 and -1, the squared error of eq. 8 and 9.
            return [*self._other_layers(act), RBF("OUTPUT", 2 * np.eye(paper.CLASSES) - 1)]
        f6 = LostBiasFull if self.lost_bias else Full
        table = paper.TABLE_1 if self.connections == "table1" else None
        return [  # state (height, width, maps) and parameters of the 1998 network
            Convolution("C1", 1, paper.C1_MAPS, k),  # 28 x 28 x 6, 156
            *self._norm("C1", paper.C1_MAPS),
            *self._activated_pool("S2", paper.C1_MAPS),  # 14 x 14 x 6, 12
            Convolution("C3", paper.C1_MAPS, paper.C3_MAPS, k, table),  # 10 x 10 x 16, 1,516
            *self._norm("C3", paper.C3_MAPS),
            *self._activated_pool("S4", paper.C3_MAPS),  # 5 x 5 x 16, 32
            Convolution("C5", paper.C3_MAPS, paper.C5_MAPS, k),  # 1 x 1 x 120, 48,120
            act(),
            f6("F6", paper.C5_MAPS, paper.F6_UNITS),  # 1 x 1 x 84, 10,164
            act(),
            *self._output(),  # 1 x 1 x 10, 840 fixed
        ]

    def _other_layers(self, act: type[Activation]) -> list[Layer]:
        """The layers of another network of figure 9, up to its ten units."""
        if self.network == "lenet1":
            return lenet1.layers(act)
        return lenet4.layers(act) if self.network == "lenet4" else multilayer.layers(
            self.network, act
        )  # fmt: skip

    def _norm(self, name: str, maps: int) -> list[Layer]:
        kind = BatchStatisticsNorm if self.batch_statistics else BatchNorm
        return [kind(f"{name}-norm", maps)] if self.batch_norm else []

    def _activated_pool(self, name: str, maps: int) -> list[Layer]:
        """The activation of a convolution and the pooling of its maps, in the design's order."""
        act = ACTIVATIONS[self.activation]
        if self.subsampling == "trainable":
            return [act(), Subsampling(name, maps), act()]
        average = QuarterCurvaturePool if self.quarter_curvature else AveragePool
        pool = {"average": average, "max": MaxPool}[self.subsampling](name, maps)
        return [pool, act()] if self.pool_first else [act(), pool]

    def _output(self) -> list[Layer]:
        if self.output == "rbf":
            kind = LearnedRBF if self.learned_codes else RBF
            return [kind("OUTPUT", self.output_codes())]
        # The largest sum wins; turned round, the smallest "penalty" does, as everywhere else.
        return [Full("OUTPUT", paper.F6_UNITS, paper.CLASSES), Negative()]

    def output_codes(self) -> Array:
        """The codes of the RBF units, (10, 84) or with the space (11, 84), of +1 and -1."""
        if self.codes == "bitmap":
            return bitmaps.digit_codes()
        if self.codes == DIGITS_AND_SPACE:
            return bitmaps.code_of("0123456789 ")
        if self.codes == "random":  # the same ones in every run
            signs = np.random.default_rng(1998).integers(0, 2, (paper.CLASSES, paper.F6_UNITS))
            return np.where(signs, paper.CODE_ON, paper.CODE_OFF)
        codes = np.full((paper.CLASSES, paper.F6_UNITS), paper.CODE_OFF)
        np.fill_diagonal(codes, paper.CODE_ON)
        return codes

    def offset_and_factor(self) -> tuple[float, float]:
        """Offset and factor that take the paper's input range to this design's."""
        if self.input_range == "paper":
            return 0.0, 1.0
        span = paper.FOREGROUND - paper.BACKGROUND
        mean, deviation = (0.0, 1.0) if self.input_range == "unit" else (
            MNIST_MEAN, MNIST_DEVIATION
        )  # fmt: skip
        return (-paper.BACKGROUND / span - mean) / deviation, 1.0 / (span * deviation)
