"""Train LeNet-5 as published in 1998 and set the result beside the paper's (III-B, III-C).

    python reproduce.py

Section III-B of the paper, in this order: the network, the criterion, 20 passes with the paper's
schedule, the errors.  What else can be asked for is in `lenet1998/commands.py`.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

# One pattern's products are too small to share among threads; set before NumPy is imported.
for name in ("OPENBLAS_NUM", "MKL_NUM", "OMP_NUM", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{name}_THREADS", "1")

from lenet1998 import InputError
from lenet1998.cli.commands import run
from lenet1998.cli.flags import parse
from lenet1998.data.augmentation import training_patterns
from lenet1998.data.patterns import Patterns
from lenet1998.experiments.systems import comparison
from lenet1998.files import one_line
from lenet1998.learning import training
from lenet1998.learning.training import State, Stopped
from lenet1998.run import checkpoint
from lenet1998.run.checkpoint import FILE
from lenet1998.run.report import Report
from lenet1998.run.settings import Settings
from lenet1998.run.stop import Stop


def learn(settings: Settings, folder: Path, train: Patterns, test: Patterns, quiet: bool) -> None:
    """One run: section III-B, then III-C, with everything it leaves in `folder`."""
    # II-B, II-C: the network and the criterion.
    network, criterion = settings.network(), settings.make_criterion()

    # III-B: the passes.
    learned = training_patterns(settings.patterns, train, settings.seed)
    optimizer = settings.make_optimizer(network)
    state = State.first(len(learned), settings.seed)
    begun, saved = (folder / "config.json").exists(), folder / FILE
    with Stop() as stop:
        report = Report(folder, settings, [train.sha256(), test.sha256()], begun)
        if saved.exists():
            report.results = checkpoint.load(saved, network, optimizer, state, report.identity)
            print(
                f"{folder}: goes on in pass {state.number}, behind {state.done:,} of its patterns"
            )
        passes = training.train(
            network,
            criterion,
            learned,
            test,
            settings.etas(),
            per=settings.per(),
            order=settings.order,
            size=settings.pass_size or len(train),
            quiet=quiet,
            optimizer=optimizer,
            batch=settings.batch_size,
            state=state,
            stop=stop,
        )
        try:
            for result in passes:
                report.add(result, network)
                checkpoint.save(saved, network, optimizer, state, report.results, report.identity)
                print(report.line(), flush=True)
            if stop():  # behind the last pattern
                raise Stopped
        except KeyboardInterrupt as asked:
            if isinstance(asked, Stopped):  # else the state may be half-way
                checkpoint.save(saved, network, optimizer, state, report.results, report.identity)
            raise KeyboardInterrupt(report.interrupted()) from None

    # III-C: the result beside the paper's.
    report.draw()
    saved.unlink(missing_ok=True)
    print("\n" + report.table(network))
    if settings.recipe:
        print(comparison(settings, [folder], test))


def main(arguments: list[str] | None = None) -> int:
    args = parse(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # names that the terminal's letters lack
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        run(args, learn)
        sys.stdout.flush()
    except InputError as error:
        print(f"reproduce.py: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # a full disk, a folder that may not be written
        if not isinstance(error, BrokenPipeError):  # then whoever read the output has gone
            reason = one_line(f"{error.filename or 'the output'}: {error.strerror or error}")
            print(f"reproduce.py: {reason}", file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:  # Python would try again and complain
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 2
    except FloatingPointError as error:
        print(f"reproduce.py: learning diverged: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        print(f"\nreproduce.py: {str(interrupt) or 'interrupted'}", file=sys.stderr)
        return 130
    return 0


def interrupt(number: int, frame: object) -> NoReturn:
    """SIGTERM ends a run as Ctrl-C does: with nothing half-written."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    sys.exit(main())
