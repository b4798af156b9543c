"""Fully connected networks with one or two hidden layers (III-C.5, III-C.6)."""

from .. import paper
from ..layers.activations import Activation
from ..layers.convolution import Convolution
from ..layers.full import Full
from ..layers.layer import Layer
from ..layers.maps import Crop

# Name, as figure 9 has it -> side of the input and units of the hidden layers.
HIDDEN = {
    "28x28-300-10": (paper.IMAGE_SIZE, (300,)),
    "28x28-1000-10": (paper.IMAGE_SIZE, (1000,)),
    "28x28-300-100-10": (paper.IMAGE_SIZE, (300, 100)),
    "28x28-500-150-10": (paper.IMAGE_SIZE, (500, 150)),
    "20x20-300-10": (paper.BOX_SIZE, (300,)),
}


def layers(name: str, act: type[Activation]) -> list[Layer]:
    """The layers up to ten squashed units.

    The text has 1000 and 150 hidden units where figures 9, 11 and 12 have 500 and 150 (figure 12
    counts 469 thousand variables for it, as 500 and 150 do); here it is 500.

    Args:
        name: one of `HIDDEN`.
        act: the activation.
    """
    size, units = HIDDEN[name]
    first, *others = *units, paper.CLASSES
    made: list[Layer] = [
        Crop((paper.INPUT_SIZE - size) // 2),
        Convolution("F1", 1, first, size),  # a full connection: its neighbourhood is the field
        act(),
    ]
    below = first
    for number, above in enumerate(others, 2):
        made += [Full(f"F{number}", below, above), act()]
        below = above
    return made
