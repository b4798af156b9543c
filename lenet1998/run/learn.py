"""One run, sections III-B and III-C: network, criterion, data, passes, errors."""

from pathlib import Path

from ..data.augmentation import training_patterns
from ..data.patterns import Patterns
from ..learning.training import Trainer
from .report import HEAD, pass_line, rates_lines, table
from .run import Run
from .settings import Settings


def learn(
    settings: Settings,
    folder: Path,
    train: Patterns,
    test: Patterns,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """Train a network and leave everything about it in `folder`; continue what is there.

    Args:
        settings: decides every number of the run.
        folder: of this run alone: empty, or with an interrupted run of these settings.
        train, test: the patterns that the settings name.
        quiet: no progress bar.
        verbose: print the learning rates of each layer too.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM; the message says how to continue.
        FloatingPointError: training diverged.
        InputError: the folder's checkpoint is damaged or of another run.
        OSError: a file cannot be written.
    """
    with Run(folder, settings, train, test) as run:
        # II-B and II-C: the network and the criterion that it minimizes.
        network, criterion = settings.network(), settings.make_criterion()

        # III-B and appendix C: the passes, each with steps from the curvature of 500 patterns.
        patterns = training_patterns(settings.patterns, train, settings.seed)
        trainer = Trainer(
            network,
            criterion,
            settings.make_optimizer(network),
            settings.etas(),
            step_sizes=settings.per(),
            order=settings.order,
            batch_size=settings.batch_size,
            pass_size=settings.pass_size or len(train),
            seed=settings.seed,
            progress=not quiet,
            should_stop=run.should_stop,
        )
        state = run.start(trainer, len(patterns))
        print(HEAD)
        for result in trainer.passes(patterns, test, state):
            run.record(result, network)
            print(pass_line(run.results, settings.passes), flush=True)
            if verbose:
                print(rates_lines(result))
        run.finish()

    # III-C: the errors, with the paper's.
    print("\n" + table(settings, run.results, network))
