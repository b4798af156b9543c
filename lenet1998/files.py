"""How the package fails on bad input, and how it writes files so that nothing is lost."""

import csv
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class InputError(ValueError):
    """Something a user gave is wrong; the message says what, where and what to do, in one line.

    `reproduce.py` prints the message alone and ends with exit status 2.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """The text with what cannot be printed escaped: names of files may hold line ends."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """A file opened to read its bytes.

    Raises OSError also for what is no regular file: a pipe would be waited for, a device need not
    end.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "not a regular file"
        raise OSError(errno.EINVAL, what, str(path))
    try:
        return path.open("rb")
    except ValueError as error:  # a zero byte in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from None


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Give an OSError of the block, a full disk say, the name of the file when it has none."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well.

    A crash, an exception or a full disk leaves an older `path` as it was and no partial file.
    The temporary name keeps the suffix of `path`, since NumPy and matplotlib look at it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with naming(path):
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())  # or a power cut could leave the new name without content
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp makes private files
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_figure(figure: "Figure", path: str | os.PathLike[str]) -> None:
    """Write a picture as PNG, whole or not at all."""
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150, format="png")


def write_csv(
    path: str | os.PathLike[str], head: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Write a table as CSV, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
