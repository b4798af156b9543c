"""More passes on a finished run: the state after its last pass is made again, and training goes on.

What a finished run leaves is enough.  weights.npz has the parameters, optimizer.npz the averages of
an optimizer that keeps some, metrics.csv the results so far; the order of the patterns and the
random numbers follow from the seed and are drawn again.  So a run of 20 passes with 10 more ends
with the bits of a run of 30.
"""

from dataclasses import replace
from pathlib import Path

from ..data.augmentation import training_patterns
from ..data.patterns import Patterns
from ..files import InputError, quoted
from ..learning.state import TrainingState
from ..network.lenet5 import LeNet5
from ..network.weights import REJECTION_FILE
from . import checkpoint, optimizer
from .config import identity, replace_config
from .folder import FILES, finished
from .learn import make_trainer
from .lock import locked
from .metrics import read_results
from .settings import Settings


def lengthen(
    folder: Path, settings: Settings, passes: int, train: Patterns, test: Patterns
) -> Settings:
    """Turn a finished run into an unfinished one of more passes, which `learn` continues.

    Args:
        folder: of the run; it gets a checkpoint and a new config.json.
        settings: those of its config.json.
        passes: of the longer run, those that are made among them.
        train, test: its patterns.

    Returns:
        The settings of the longer run.

    Raises:
        InputError: the run is not complete or has as many passes; its learning rates would have
            been others in a longer run; a file is damaged.
    """
    check(folder, settings, passes)
    longer = replace(settings, passes=passes)
    with locked(folder, FILES):
        network = settings.network()
        trained = LeNet5.load(folder / "weights.npz")
        if trained.design != network.design:
            raise InputError(f"{folder}: weights.npz is of another network than config.json")
        optimizer.fill(network.saved(), trained.saved(), folder / "weights.npz")
        trainer = make_trainer(longer, network, len(train))
        optimizer.restore(trainer.optimizer, network, folder)
        patterns = len(training_patterns(settings.patterns, train, settings.seed))
        state = TrainingState.initial(patterns, settings.seed)
        for _ in range(settings.passes):
            trainer.skip_pass(patterns, state)
        results = read_results(folder)
        run = identity(longer, [train.sha256(), test.sha256()])
        checkpoint.save(folder / checkpoint.FILE, trainer, state, results, run)
        replace_config(folder, run)
        margin = folder / REJECTION_FILE
        if margin.exists():
            margin.unlink()  # of the weights before
            print(f"{margin}: removed, since the weights change; find the margin anew")
    return longer


def check(folder: Path, settings: Settings, passes: int) -> None:
    """Raise InputError unless the run in the folder can get so many passes (see `lengthen`)."""
    # A kill within `lengthen` leaves the checkpoint of the longer run beside the old config.json.
    killed = checkpoint.passes_of(folder / checkpoint.FILE) > settings.passes
    if not killed and not finished(folder, settings):
        raise InputError(f"{folder}: not complete yet: first continue it, without --passes")
    if passes <= settings.passes:
        raise InputError(
            f"--passes {passes}: {folder} has made {settings.passes}; give a larger number"
        )
    if replace(settings, passes=passes).etas()[: settings.passes] != settings.etas():
        raise InputError(
            f"{folder}: the rates of --schedule {settings.schedule} depend on the number of "
            f"passes; train on in a new run, with --weights {quoted(folder)}"
        )
