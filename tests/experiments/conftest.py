"""A request as `reproduce.py` makes it, with what a test chooses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lenet1998.data.datasets import load_printed
from lenet1998.experiments.experiment import Request
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run.settings import Settings


@pytest.fixture
def request_with(tmp_path: Path) -> Callable[..., Request]:
    """Make a request on the printed digits, all in one folder."""

    def make(**chosen: Any) -> Request:
        train, test = load_printed()
        chosen = {
            "train": train,
            "test": test,
            "full": (len(train), len(test)),
            "network": LeNet5(seed=1),
            "weights": "1998",
            "settings": Settings("printed"),
            "seeds": range(1),
            "jobs": 1,
            "quiet": True,
            "resume": False,
            "runs": tmp_path,
            "into": tmp_path,
            **chosen,
        }
        return Request(**chosen)

    return make
