"""Import matplotlib whatever MPLBACKEND says.

Import this module before matplotlib.  matplotlib cannot be imported where MPLBACKEND names a
backend that is not installed, and Jupyter sets it for all its child processes.  Pictures need no
backend, since Agg draws them; only the window of `draw` needs one.
"""

import os
import sys
from contextlib import suppress

_backend = "" if "matplotlib" in sys.modules else os.environ.pop("MPLBACKEND", "")

import matplotlib  # noqa: E402
import matplotlib.image  # noqa: E402

if _backend:
    os.environ["MPLBACKEND"] = _backend
    with suppress(ValueError):
        matplotlib.rcParams["backend"] = _backend

__all__ = ["matplotlib"]
