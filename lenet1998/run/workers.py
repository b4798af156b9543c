"""The processes that make runs: on this machine, or those of a Dask cluster."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

from ..files import InputError
from .stop import deferring_signals, ignoring_signals
from .worker import start

SECONDS_TO_CONNECT = 10
SECONDS_TO_CLOSE = 5
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
    with _Pool(jobs, get_context("spawn"), initializer=start) as pool:
        try:
            yield Workers(pool, lambda: jobs)
        except BaseException as error:
            with ignoring_signals():
                pool.end()
            if isinstance(error, BrokenProcessPool):
                raise InputError(
                    f"a run was killed, perhaps because memory ran out: {ADVICE}"
                ) from None
            raise


class _Pool(ProcessPoolExecutor):
    """A pool whose processes Ctrl-C does not reach, and which ends while it hands out work."""

    def submit(self, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Submit as usual; a new process is born with Ctrl-C blocked, until `worker.start`."""
        if sys.platform != "win32":
            from multiprocessing.resource_tracker import ensure_running

            ensure_running()  # not within the block: it unblocks Ctrl-C
        try:
            with deferring_signals():
                return super().submit(*args, **kwargs)
        except OSError as error:  # the process has ended already, or cannot be made
            raise InputError(f"a run cannot be started ({error.strerror}): {ADVICE}") from None

    def end(self) -> None:
        """Stop the processes, which save what they have, and wait until they have ended."""
        processes = list((self._processes or {}).values())
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        # The thread that writes a run into the pipe would wait for them for ever.  The thread that
        # watches the processes may close it at the same moment.
        with suppress(OSError):
            self._call_queue._reader.close()  # type: ignore[attr-defined]
        self.shutdown(wait=True)


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """The workers of a Dask cluster; a run whose worker is lost is made by another one.

    When the block fails, runs that a worker has started go on to their end there.

    Args:
        address: of the scheduler, such as tcp://10.0.0.1:8786.

    Raises:
        InputError: Dask is not installed, no scheduler answers, it has no workers, it is lost, a
            worker cannot import this package, or a run has lost several workers.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise InputError(
            "--scheduler needs Dask: python -m pip install 'lenet1998[cluster]'"
        ) from None
    logging.disable(logging.CRITICAL)  # what matters is raised
    where = f"--scheduler {address}"
    try:
        with deferring_signals():  # one that is half made prints a traceback in the end
            client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        logging.disable(logging.NOTSET)
        raise InputError(f"{where}: no Dask scheduler answers ({error})") from None
    try:
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except TimeoutError:
            raise InputError(f"{where}: it has no workers; start: dask worker {address}") from None
        with warnings.catch_warnings():
            # The patterns travel with every run: a worker that is lost takes nothing along.
            warnings.filterwarnings("ignore", "Sending large graph")
            # Twice the threads: no worker waits for its next run.
            slots = partial(_slots, client.nthreads)
            yield Workers(client.get_executor(), slots)
    except KilledWorker as error:
        raise InputError(f"{where}: a run has lost several workers ({error}): {ADVICE}") from None
    except (CancelledError, ImportError, RuntimeError, TimeoutError) as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise InputError(f"{where}: the cluster failed ({reason}): {ADVICE}") from None
    finally:
        with ignoring_signals(), suppress(Exception):  # of a scheduler that is gone
            client.close(SECONDS_TO_CLOSE)
        logging.disable(logging.NOTSET)


def _slots(threads: Callable[[], Mapping[str, int]]) -> int:
    """The runs that a cluster gets at a time; one waits there when all workers are lost."""
    return max(1, 2 * sum(threads().values()))
