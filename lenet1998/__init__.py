"""LeNet-5 exactly as published in 1998, in NHWC NumPy, trained one pattern at a time.

>>> from lenet1998 import LeNet5, load_mnist
>>> train, test = load_mnist()  # doctest: +SKIP
>>> network = LeNet5()
>>> network.fit(train, test)  # doctest: +SKIP
>>> network.score(test), network.predict("digit.png")  # doctest: +SKIP
"""

from importlib import import_module

from .version import __version__

TYPE_CHECKING = False  # that of `typing`, whose import takes a while
if TYPE_CHECKING:
    from typing import Any

    from .api import LeNet5
    from .data.datasets import load, load_fashion_mnist, load_mnist, load_printed
    from .data.patterns import Patterns
    from .files import InputError
    from .network.design import Design

_MODULES = {  # where the public names are
    "Design": "network.design",
    "InputError": "files",
    "LeNet5": "api",
    "Patterns": "data.patterns",
    **dict.fromkeys(("load", "load_fashion_mnist", "load_mnist", "load_printed"), "data.datasets"),
}
_PACKAGES = (
    *("comparison", "data", "experiments", "figures", "handwriting", "layers", "learning"),
    *("network", "paper", "run"),
)
__all__ = [
    "Design",
    "InputError",
    "LeNet5",
    "Patterns",
    "__version__",
    "load",
    "load_fashion_mnist",
    "load_mnist",
    "load_printed",
]


def __getattr__(name: str) -> "Any":
    """Import a name or a sub-package when it is first used: NumPy and matplotlib take a while."""
    if name in _MODULES:
        globals()[name] = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        return globals()[name]
    if name in _PACKAGES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_PACKAGES])
