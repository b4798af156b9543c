"""The processes that make runs: on this machine, or those of a Dask cluster."""

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from ..files import InputError
from .stop import ignoring_signals
from .worker import start

SECONDS_TO_CONNECT = 10
ADVICE = "finished passes are saved; give the same command with --resume"


@dataclass(frozen=True)
class Workers:
    """Processes that make runs.

    Attributes:
        executor: takes the runs.
        slots: the number of runs that it can make at the same time, now.
    """

    executor: Executor
    slots: Callable[[], int]


@contextmanager
def local(jobs: int) -> Iterator[Workers]:
    """Processes of this machine; when the block fails they save what they have and end.

    Raises:
        InputError: a process was killed.
    """
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=start) as pool:
        try:
            yield Workers(pool, lambda: jobs)
        except BrokenProcessPool:
            raise InputError(
                f"a run was killed, perhaps because memory ran out: {ADVICE}"
            ) from None
        except BaseException:
            with ignoring_signals():
                for process in list(pool._processes.values()):
                    process.terminate()
                pool.shutdown(wait=True)
            raise


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """The workers of a Dask cluster; a run whose worker is lost is made by another one.

    When the block fails, runs that a worker has started go on to their end there.

    Args:
        address: of the scheduler, such as tcp://10.0.0.1:8786.

    Raises:
        InputError: Dask is not installed, no scheduler answers, or a run has lost several workers.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise InputError(
            "--scheduler needs Dask: python -m pip install 'lenet1998[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"--scheduler {address}: no Dask scheduler answers ({error})") from None
    with client, warnings.catch_warnings():
        # The patterns travel with every run: a worker that is lost takes nothing along.
        warnings.filterwarnings("ignore", "Sending large graph")
        try:
            # Twice the threads: no worker waits for its next run.
            yield Workers(client.get_executor(), lambda: 2 * sum(client.nthreads().values()))
        except KilledWorker as error:
            raise InputError(
                f"--scheduler {address}: a run has lost several workers ({error}): {ADVICE}"
            ) from None
