"""How the package fails on bad input, and how it writes files so that nothing is lost."""

import csv
import errno
import io
import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AnyPath = str | os.PathLike[str]

LARGEST_JSON = 100_000  # bytes; a config.json has 2,000
LARGEST_ARRAYS = 2**24  # bytes, of a file of weights and of its arrays; ours have 0.5 MB
MOST_ARRAYS = 100


class InputError(ValueError):
    """Input that cannot be used; the message says what, where and what to do, in one line.

    The command prints the message alone and ends with exit status 2.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """The text with unprintable characters escaped: file names may hold line ends."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one is nearest to, in its spelling or as a part; else "".

    Another number is no mistake of typing: lenet2 is not lenet5.
    """
    digits = re.findall(r"\d", word)
    same = (name for name in known if not digits or re.findall(r"\d", name) == digits)
    folded = {name.casefold(): name for name in same}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.7)
    if not near and len(word) > 2:
        near = [name for name in folded if word.casefold() in name]
    return folded[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about a name that is not known: "; did you mean ...?", or ""."""
    near = nearest(word, known)
    return f"; did you mean {near}?" if near else ""


def did_you_mean_path(path: AnyPath) -> str:
    """The end of a message about a file that does not exist: the nearest name in its folder."""
    path = Path(path)
    with suppress(OSError, ValueError):
        if near := nearest(path.name, sorted(one.name for one in path.parent.iterdir())):
            return f"; did you mean {path.parent / near}?"
    return ""


def package_folder() -> Path:
    """The folder of the package itself, which holds the shipped weights."""
    return Path(str(resources.files("lenet1998")))


def opened(path: AnyPath) -> BinaryIO:
    """Open a regular file to read its bytes.

    Raises OSError for anything else: reading a pipe could block, and a device may have no end.
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
def naming(path: AnyPath) -> Iterator[None]:
    """Add the file's name to an OSError of the block, such as a full disk, that has none."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


@contextmanager
def replacing(path: AnyPath) -> Iterator[Path]:
    """Yield a temporary path in the same folder, and rename it to `path` when the block succeeds.

    After a crash, an exception or a full disk, an older `path` is unchanged and there is no partial
    file.  The temporary name has the suffix of `path`, because NumPy and matplotlib look at it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(
            suffix=path.suffix, prefix=f".{path.stem}-", dir=path.parent
        )
    except OSError as error:  # it names the temporary file
        raise OSError(error.errno, error.strerror, str(path)) from None
    os.close(handle)
    temporary = Path(name)
    try:
        with naming(path):
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())  # or a power cut could leave the new name without content
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp makes private files
        _rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _rename(temporary: Path, path: Path) -> None:
    """Rename a file; on Windows wait for up to a second while another process has `path` open."""
    for _ in range(20 if sys.platform == "win32" else 0):
        try:
            os.replace(temporary, path)
        except PermissionError:
            sleep(0.05)
        else:
            return
    os.replace(temporary, path)


def quoted(path: AnyPath) -> str:
    """A path as one word of a command line of this system."""
    text = str(path)
    return subprocess.list2cmdline([text]) if sys.platform == "win32" else shlex.quote(text)


def save_figure(figure: "Figure", path: AnyPath) -> None:
    """Write a picture as PNG, whole or not at all."""
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150, format="png")


def write_csv(path: AnyPath, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as CSV, whole or not at all."""
    with replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def read_json(path: AnyPath, advice: str) -> dict[str, Any]:
    """Read a JSON file that holds one object.

    Args:
        path: of the file.
        advice: what to do when it cannot be read, for the message.

    Raises:
        InputError: the file cannot be read, is longer than LARGEST_JSON, or holds something else.
    """
    try:
        with opened(path) as file:
            content = file.read(LARGEST_JSON + 1)
        if len(content) > LARGEST_JSON:
            raise ValueError("too long")
        values = json.loads(content.decode("utf-8"))
    except OSError as error:
        near = did_you_mean_path(path) if isinstance(error, FileNotFoundError) else ""
        raise InputError(f"{path}: cannot be read ({error.strerror}): {advice}{near}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}): {advice}") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: not a JSON object: {advice}")
    return values


def read_arrays(
    path: AnyPath,
    names: Iterable[str],
    optional: Iterable[str] = (),
    largest: int = LARGEST_ARRAYS,
) -> dict[str, NDArray[Any]]:
    """Read the named arrays of an .npz file.

    Headers are not trusted: a file of more than `largest` bytes, or whose arrays would have more,
    is refused before the arrays are read.  At most 5 times `largest` bytes of memory are used.

    Args:
        path: of the file.
        names: arrays that must be there.
        optional: arrays that are read when they are there.
        largest: bytes.

    Raises:
        InputError: the file cannot be read, is damaged, or lacks one of `names`.
    """
    try:
        with opened(path) as file:
            content = file.read(largest + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: no such weights file{did_you_mean_path(path)}") from None
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}), expected saved weights"
        ) from None
    try:
        # Python keeps a record of each member, many times as large as its entry in the file.
        if len(content) > largest or content.count(b"PK\1\2") > MOST_ARRAYS:
            raise ValueError("too large")
        with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
            if sum(member.file_size for member in archive.infolist()) > largest:
                raise ValueError(f"arrays of more than {largest:,} bytes")
            warnings.simplefilter("error")  # NumPy warns of headers that it has to guess at
            there = archive.namelist()
            if len(set(there)) != len(there):
                raise ValueError("an array is there twice")
            wanted = [*names, *(name for name in optional if f"{name}.npy" in there)]
            return {name: _array(archive, archive.getinfo(f"{name}.npy")) for name in wanted}
    except MemoryError:
        raise
    except Exception as error:  # a damaged archive fails in a dozen ways
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"{path}: cannot be read as saved weights ({reason}): cut short or another file?"
        ) from None


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """The array of a member; ValueError unless it is a plain array of the size that it states."""
    # NumPy writes no others, and LZMA takes as much memory as its header states.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{member.filename} is compressed in another way than NumPy does it")
    with archive.open(member) as file:
        content = file.read(member.file_size)  # no more than stated, whatever it expands to
    stream = io.BytesIO(content)
    headers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    shape, by_columns, dtype = headers[npy.read_magic(stream)](stream)
    there = len(content) - stream.tell()
    if dtype.hasobject:
        raise ValueError(f"{member.filename} holds Python objects")
    if math.prod(shape) * dtype.itemsize != there:
        raise ValueError(f"{member.filename} is {dtype} {shape} in {there:,} bytes")
    array = np.frombuffer(content, dtype, offset=stream.tell())
    if dtype.kind == "U":
        array.tolist()  # fails when the bytes are not text
    return array.reshape(shape, order="F" if by_columns else "C").copy()


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
