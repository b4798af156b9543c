"""LeNet-4 (III-C.8): 4 first maps, 8 of S2, 16 of C3, 120 units, 10 outputs."""

from .. import paper
from ..layers.activations import Activation
from ..layers.convolution import Convolution
from ..layers.full import Full
from ..layers.layer import Layer
from ..layers.maps import Twice
from ..layers.subsampling import Subsampling

C1_MAPS, C3_MAPS, UNITS = 4, 16, 120  # III-C.8
S2_MAPS = 2 * C1_MAPS

# Which maps of S2 each map of C3 sees, 60 connections: twelve maps see four, four maps see three.
TABLE = (
    *((m, (m + 1) % 8, (m + 2) % 8, (m + 3) % 8) for m in range(8)),
    *((m, m + 1, (m + 4) % 8, (m + 5) % 8) for m in range(4)),
    *((m, (m + 3) % 8, (m + 6) % 8) for m in range(0, 8, 2)),
)
# Which maps of S4 each unit of C5 sees: two units of three see five, the third sees four.
UNIT_TABLE = tuple(
    tuple((unit + 3 * i) % C3_MAPS for i in range(5 if unit % 3 else 4)) for unit in range(UNITS)
)


def layers(act: type[Activation]) -> list[Layer]:
    """The layers up to ten squashed units; 16,998 parameters, 258,306 connections.

    The paper gives the maps and the units, "about 17,000" parameters and "about 260,000"
    connections.  They do not add up: 16 maps of 5x5 and 120 units make 48,120 parameters alone.
    Reading: the input is LeNet-5's, 32x32, and C3 has 60 connections of maps as LeNet-5's has,
    since 260,000 connections need both; each of the 120 units then sees 4 or 5 of the 16 maps.
    """
    k = paper.KERNEL_SIZE
    return [  # state (height, width, maps) and parameters
        Convolution("C1", 1, C1_MAPS, k),  # 28 x 28 x 4, 104
        act(),
        Twice(),
        Subsampling("S2", S2_MAPS),  # 14 x 14 x 8, 16
        act(),
        Convolution("C3", S2_MAPS, C3_MAPS, k, TABLE),  # 10 x 10 x 16, 1,516
        act(),
        Subsampling("S4", C3_MAPS),  # 5 x 5 x 16, 32
        act(),
        Convolution("C5", C3_MAPS, UNITS, k, UNIT_TABLE),  # 1 x 1 x 120, 14,120
        act(),
        Full("F6", UNITS, paper.CLASSES),  # 1 x 1 x 10, 1,210
        act(),
    ]
