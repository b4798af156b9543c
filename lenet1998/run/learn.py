"""One run, sections III-B and III-C: network, criterion, data, passes, errors."""

from collections.abc import Callable, Collection
from pathlib import Path

from ..data.augmentation import patterns_to_test, training_patterns
from ..data.databases import in_field
from ..data.patterns import Patterns
from ..learning.logged import LoggedTrainer
from ..learning.training import Trainer
from ..network.network import Network
from .report import HEAD, pass_line, rates_lines, table
from .run import STEPS, Run
from .settings import Settings


def learn(
    settings: Settings,
    folder: Path,
    train: Patterns,
    test: Patterns,
    quiet: bool = False,
    verbose: bool = False,
    keep: Collection[str] = (),
) -> None:
    """Train a network and leave everything about it in `folder`; continue what is there.

    Args:
        settings: decides every number of the run.
        folder: of this run alone: empty, or with an interrupted run of these settings.
        train, test: the patterns that the settings name.
        quiet: no progress bar.
        verbose: print the learning rates of each layer too.
        keep: what the run leaves besides its usual files (`run.KEEP`).

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM; the message says how to continue.
        FloatingPointError: training diverged.
        InputError: the folder's checkpoint is damaged or of another run.
        OSError: a file cannot be written.
    """
    with Run(folder, settings, train, test, keep) as run:
        # II-B: the network, and III-A: its version of the database.
        network = settings.network()
        train, test = (in_field(one, settings.design.database) for one in (train, test))

        # III-B and appendix C: the passes, each with steps from the curvature of 500 patterns.
        patterns = training_patterns(settings.patterns, train, settings.seed)
        kind = LoggedTrainer if run.keeps(STEPS) else Trainer
        trainer = make_trainer(settings, network, len(train), quiet, run.should_stop, kind)
        state = run.start(trainer, len(patterns))
        print(HEAD)
        tested = patterns_to_test(settings.patterns, test, settings.seed)
        for result in trainer.passes(patterns, tested, state):
            run.record(result, network)
            print(pass_line(run.results, settings.passes), flush=True)
            if verbose:
                print(rates_lines(result))
        run.finish(network)

    # III-C: the errors, with the paper's.
    print("\n" + table(settings, run.results, network))


def make_trainer(
    settings: Settings,
    network: Network,
    patterns: int,
    quiet: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
    kind: type[Trainer] = Trainer,
) -> Trainer:
    """The trainer of a network with these settings.

    Args:
        patterns: number of training patterns, and of those of a pass unless the settings say it.
        quiet, should_stop: as `Trainer` has `progress` and `should_stop`.
        kind: the trainer, or one that logs.
    """
    return kind(
        network,
        settings.make_criterion(),  # II-C: what the network minimizes
        settings.make_optimizer(network),
        settings.etas(),
        step_sizes=settings.per(),
        order=settings.order,
        batch_size=settings.batch_size,
        sum_gradients=settings.sum_gradients,
        pass_size=settings.pass_size or patterns,
        seed=settings.seed,
        progress=not quiet,
        should_stop=should_stop,
    )
