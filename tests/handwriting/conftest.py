"""What the tests of `draw` share."""

from typing import Any

import matplotlib
import pytest


@pytest.fixture
def pyplot() -> Any:
    """pyplot without windows, also where there is a display."""
    import matplotlib.pyplot as plt

    before = matplotlib.rcParams["backend"]
    plt.switch_backend("agg")
    yield plt
    plt.close("all")
    matplotlib.rcParams["backend"] = before
