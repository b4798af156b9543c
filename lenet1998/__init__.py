"""LeNet-5 exactly as published in 1998, in NHWC NumPy, trained one pattern at a time."""

from .data import load, load_fashion_mnist, load_mnist, load_printed
from .files import InputError
from .network.lenet5 import LeNet5
from .version import __version__

__all__ = [
    "InputError",
    "LeNet5",
    "__version__",
    "load",
    "load_fashion_mnist",
    "load_mnist",
    "load_printed",
]
