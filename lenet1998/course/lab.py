"""Small live runs: the laboratory exercises train a few thousand patterns with any settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..data.augmentation import patterns_to_test, training_patterns
from ..data.patterns import Patterns
from ..learning.state import PassResult
from ..learning.training import Trainer
from ..network.lenet5 import LeNet5
from ..run.settings import choose

GUESSING = 90.0  # test error in percent of one answer in ten


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


def compare(
    training: Patterns,
    test: Patterns,
    settings: Mapping[str, Mapping[str, Any]],
    passes: int = 2,
    seeds: Sequence[int] = (0,),
) -> dict[str, float]:
    """Train with several settings and print the test error of each, one line a setting.

    Args:
        training, test, passes: as in `learn`.
        settings: name -> the settings that differ from the paper's.
        seeds: the error is the mean over these.

    Returns:
        name -> mean test error in percent after the last pass; 90, the error of guessing, where
        learning diverged.
    """
    errors = {}
    width = max(map(len, settings))
    for name, changed in settings.items():
        found = [_last_error(training, test, passes, seed, changed) for seed in seeds]
        errors[name] = sum(found) / len(found)
        each = f" ({', '.join(f'{error:.1f}' for error in found)})" if len(found) > 1 else ""
        print(f"{name:{width}}  {errors[name]:5.1f} % test error{each}")
    return errors


def _last_error(
    training: Patterns, test: Patterns, passes: int, seed: int, changed: Mapping[str, Any]
) -> float:
    try:
        return learn(training, test, passes, seed, **changed)[1][-1].test_error_percent
    except FloatingPointError:
        return GUESSING


def verdict(new: float, old: float, within: float) -> str:
    """Whether a number is "lower" than an old one, "higher", or "equal" within a difference."""
    if abs(new - old) <= within:
        return "equal"
    return "lower" if new < old else "higher"
