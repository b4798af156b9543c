"""A lock on a folder that is being written; it ends with its process, however that ends."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..files import InputError

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


FILE = ".lock"


@contextmanager
def locked(
    folder: Path, files: Sequence[str], warn: Callable[[str], None] = print
) -> Iterator[None]:
    """Within the block no other process can lock the folder.

    The lock is the operating system's own: it is gone when this process ends, even when it is
    killed.  What a killed process left half-written in the folder is removed.

    Args:
        folder: an existing folder.
        files: names of the files that are written into it with `files.replacing`.
        warn: told when the folder's file system has no locks; the block is then entered without.

    Raises:
        InputError: another process has the lock.
        OSError: the folder cannot be written.
    """
    descriptor = _open_locked(folder, warn)
    try:
        if descriptor is not None:
            _remove_temporaries(folder, files)
        yield
    finally:
        if descriptor is not None:
            if sys.platform != "win32":  # there an open file cannot be removed
                (folder / FILE).unlink(missing_ok=True)
            os.close(descriptor)
            if sys.platform == "win32":
                with suppress(OSError):  # another process has opened it
                    (folder / FILE).unlink()


def _open_locked(folder: Path, warn: Callable[[str], None]) -> int | None:
    """A descriptor of the lock file, locked; None where the file system has no locks."""
    path = folder / FILE
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _take(descriptor)
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            raise InputError(
                f"{folder}: another process is writing there: wait until it ends, or choose "
                "another folder"
            ) from None
        except OSError as error:
            os.close(descriptor)
            with suppress(OSError):
                path.unlink()
            warn(
                f"{folder}: its file system has no locks ({error.strerror}); do not start a second "
                "process there"
            )
            return None
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        os.close(descriptor)  # the process before removed its file after we had opened it


def _remove_temporaries(folder: Path, files: Sequence[str]) -> None:
    """Remove the temporary files of a killed process (`files.replacing`)."""
    for name in files:
        stem, suffix = os.path.splitext(name)
        for path in folder.glob(f".{stem}-????????{suffix}"):
            with suppress(OSError):
                path.unlink()
