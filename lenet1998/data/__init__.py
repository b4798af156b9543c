"""Images and output codes in, 32x32 inputs out."""

from .catalogue import TITLES
from .datasets import load, load_fashion_mnist, load_mnist, load_printed
from .idx import read_idx, read_images, read_labels, write_idx
from .patterns import Patterns, normalise

__all__ = [
    "TITLES",
    "Patterns",
    "load",
    "load_fashion_mnist",
    "load_mnist",
    "load_printed",
    "normalise",
    "read_idx",
    "read_images",
    "read_labels",
    "write_idx",
]
