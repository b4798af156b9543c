"""LeNet-1 (III-C.7): a 16x16 image in the middle of a 28x28 field."""

from .. import paper
from ..layers.activations import Activation
from ..layers.convolution import Convolution
from ..layers.layer import Layer
from ..layers.maps import Crop
from ..layers.subsampling import Subsampling

# Which maps of S2 each map of C3 sees: 20 connections, as the paper's reference [35] counts them.
TABLE = ((0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1), (2,), (2, 3), (2, 3), (3,), (2, 3), (2, 3))


def layers(act: type[Activation]) -> list[Layer]:
    """The layers up to ten squashed units; 2,578 parameters, 98,442 connections.

    The paper gives the input, "about 2,600" parameters and "about 100,000" multiply-adds, and
    refers to [35] for the rest.  Reading: the network of [35], with these exact counts.
    """
    k = paper.KERNEL_SIZE
    return [  # state (height, width, maps) and parameters
        Crop((paper.INPUT_SIZE - paper.IMAGE_SIZE) // 2),  # 28 x 28 x 1
        Convolution("C1", 1, 4, k),  # 24 x 24 x 4, 104
        act(),
        Subsampling("S2", 4),  # 12 x 12 x 4, 8
        act(),
        Convolution("C3", 4, len(TABLE), k, TABLE),  # 8 x 8 x 12, 512
        act(),
        Subsampling("S4", len(TABLE)),  # 4 x 4 x 12, 24
        act(),
        Convolution("F5", len(TABLE), paper.CLASSES, 4),  # 1 x 1 x 10, 1,930
        act(),
    ]
