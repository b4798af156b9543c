"""LeNet-5 exactly as published in 1998, in NHWC NumPy, trained one pattern at a time."""

from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .data import load, load_fashion_mnist, load_mnist, load_printed
    from .files import InputError
    from .network.lenet5 import LeNet5

__all__ = [
    "InputError",
    "LeNet5",
    "__version__",
    "load",
    "load_fashion_mnist",
    "load_mnist",
    "load_printed",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `lenet1998.cli` must run before NumPy."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import data, files
    from .network import lenet5

    for module in (data, files, lenet5):
        if hasattr(module, name):
            globals()[name] = getattr(module, name)
    return globals()[name]
