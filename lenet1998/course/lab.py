"""Small live runs: the laboratory exercises train a few thousand patterns with any settings."""

from __future__ import annotations

from typing import Any

from ..data.augmentation import patterns_to_test, training_patterns
from ..data.patterns import Patterns
from ..learning.state import PassResult
from ..learning.training import Trainer
from ..network.lenet5 import LeNet5
from ..run.settings import choose


def learn(
    training: Patterns, test: Patterns, passes: int = 2, seed: int = 0, **changed: Any
) -> tuple[LeNet5, list[PassResult]]:
    """Train a network, by default the paper's with the paper's schedule.

    A pass has as many patterns as `training`, with distorted copies too (III-B).

    Args:
        training: to train on; a few thousand patterns take seconds.
        test: the test error of each pass is measured on these.
        passes: number of passes.
        seed: of the initial weights and the order.
        changed: settings that differ from the paper's, named as the flags of `reproduce.py`, with
            underscores: `codes="random"`, `criterion="mle"`, `subsampling="max"`.

    Returns:
        The trained network and the result of each pass.

    Raises:
        InputError: a setting that does not exist, or two that contradict each other.
        FloatingPointError: learning diverged.
    """
    given = {
        "dataset": training.dataset,
        "passes": passes,
        "train_size": len(training),
        "test_size": len(test),
        "seed": seed,
    }
    settings = choose({**given, **changed})
    network = settings.network()
    trainer = Trainer(
        network,
        settings.make_criterion(),
        settings.make_optimizer(network),
        settings.etas(),
        step_sizes=settings.per(),
        order=settings.order,
        batch_size=settings.batch_size,
        pass_size=settings.pass_size or len(training),
        seed=seed,
        progress=False,
    )
    patterns = training_patterns(settings.patterns, training, seed)
    return network, list(trainer.passes(patterns, patterns_to_test(settings.patterns, test, seed)))
