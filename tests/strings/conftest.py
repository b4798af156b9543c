"""Networks that have learned strings: one in two seconds, and the shipped one."""

import pytest

from lenet1998.data.augmentation import training_patterns
from lenet1998.data.datasets import load_printed
from lenet1998.learning.training import Trainer
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.weights import STRINGS
from lenet1998.run.settings import choose


@pytest.fixture(scope="session")
def reader() -> LeNet5:
    """LeNet-5 with eleven codes, after two passes over 1,500 windows from shipped weights."""
    train, test = load_printed()
    train = train.subset(1500)
    settings = choose(
        {"dataset": "printed", "patterns": "varied-windows", "weights": "distortions", "passes": 2}
    )
    network = settings.network()
    trainer = Trainer(
        network, settings.make_criterion(), settings.make_optimizer(network), settings.etas(),
        pass_size=len(train), progress=False,
    )  # fmt: skip
    list(trainer.passes(training_patterns("varied-windows", train, 0), test.subset(10)))
    return network


@pytest.fixture(scope="module")
def shipped() -> LeNet5:
    """The weights `strings`."""
    return LeNet5.pretrained(STRINGS)
