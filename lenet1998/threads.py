"""One thread for NumPy's matrix products: those of one pattern are too small to share."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

VARIABLES = (  # read once, when NumPy is imported
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@contextmanager
def one_thread() -> Iterator[None]:
    """Context manager: NumPy's OpenBLAS uses one thread; print advice where that cannot be set."""
    found = openblas()
    if found is None:
        if (os.cpu_count() or 1) > 1 and not any(name in os.environ for name in VARIABLES):
            print(f"To train faster, start Python with {VARIABLES[0]}=1 or {VARIABLES[1]}=1.")
        yield
        return
    number, set_number = found
    before = number()
    set_number(1)
    try:
        yield
    finally:
        set_number(before)


@cache
def openblas() -> tuple[Callable[[], Any], Callable[[int], Any]] | None:
    """The functions that get and set the number of threads of the OpenBLAS in NumPy's wheel."""
    import numpy as np

    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            try:
                library = ctypes.CDLL(str(path))  # the one that NumPy has loaded
            except OSError:
                continue
            for name in ("scipy_openblas_{}64_", "openblas_{}64_", "openblas_{}"):
                getter = getattr(library, name.format("get_num_threads"), None)
                setter = getattr(library, name.format("set_num_threads"), None)
                if getter is not None and setter is not None:
                    return getter, setter
    return None
