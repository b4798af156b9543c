"""What learning a pattern costs: each network's pass, timed one at a time and in turn."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from ..data.augmentation import training_patterns
from ..data.patterns import Patterns
from ..learning.state import TrainingState
from ..run.learn import make_trainer
from ..run.settings import Settings

ROUNDS = 3


def microseconds(
    wanted: Sequence[Settings], train: Patterns, rounds: int = ROUNDS, quiet: bool = False
) -> list[float]:
    """The time of a pass without its test, in microseconds a pattern, for each of these settings.

    Each network learns one pass, then each the next: what slows the machine for a while slows all
    of them.  The fastest pass counts, the one least slowed by other work.

    Args:
        wanted: the settings; those of one setup for each time.
        train: the patterns of a pass.
        rounds: number of passes of each.
        quiet: no progress bar.
    """
    trainers = []
    for one in wanted:
        settings = replace(one, passes=max(rounds, one.passes))
        patterns = training_patterns(settings.patterns, train, settings.seed)
        trainer = make_trainer(settings, settings.network(), len(train), quiet=True)
        state = TrainingState.initial(len(patterns), settings.seed)
        trainers.append((trainer, patterns, state))
    seconds = np.empty((rounds, len(wanted)))
    with tqdm(total=seconds.size, desc="timing", unit=" passes", disable=quiet or None) as bar:
        for times in seconds:
            for i, (trainer, patterns, state) in enumerate(trainers):
                trainer.train_pass(patterns, state)
                times[i] = state.seconds
                state.next_pass()
                bar.update()
    fastest = 1e6 * seconds.min(axis=0) / len(train)
    return [float(time) for time in fastest]
