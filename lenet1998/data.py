"""Patterns by name: IDX files, a folder or a download in; `(N, 32, 32, 1)` NHWC out."""

import gzip
import hashlib
import math
import os
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray
from tqdm import tqdm

from . import paper, printed
from .files import InputError, opened, replacing

AnyPath = str | os.PathLike[str]

DATASETS = ("auto", "mnist", "fashion-mnist", "printed")
TITLES = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "printed": "printed digits",
    "custom": "custom data",
}
FILES = (  # images and labels of the training set, then of the test set
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
MIRRORS = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    "fashion-mnist": ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",),
}
SHA256 = {  # of the decompressed files, in the order of FILES: mirrors compress differently
    "mnist": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    "fashion-mnist": (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}
CONNECT_SECONDS = 6.0  # for a mirror's first answer: without a network, fall back within seconds
STALL_SECONDS = 20.0  # without a single byte, once the data flow
LARGEST_DOWNLOAD = 64 * 2**20  # bytes; the largest file is 47 MB even when decompressed
LARGEST_IDX = 2**30  # bytes; an IDX file that claims more than that is refused
_GZIP_RATIO = 1032  # deflate cannot compress any further
_CHUNK = 2**18


class DownloadError(InputError):
    """A data set could not be downloaded; the message lists every mirror and its reason."""


# --- Patterns ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Patterns:
    """Images and their labels: `images` uint8 (N, 28, 28), 255 is ink; `labels` uint8 (N,).

    `dataset` is "mnist", "fashion-mnist", "printed" or "custom": reports carry it.  Raises
    `InputError` when shapes or types are wrong or the counts differ.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    dataset: str

    def __post_init__(self) -> None:
        size = paper.IMAGE_SIZE
        if self.images.dtype != np.uint8 or self.images.shape[1:] != (size, size):
            raise InputError(
                f"images are {_describe(self.images)}, expected uint8 (N, {size}, {size})"
            )
        if self.labels.dtype != np.uint8 or self.labels.ndim != 1:
            raise InputError(f"labels are {_describe(self.labels)}, expected uint8 (N,)")
        if len(self.images) != len(self.labels):
            raise InputError(
                f"{len(self.images)} images but {len(self.labels)} labels: expected one label "
                "an image"
            )
        if (self.labels >= paper.CLASSES).any():
            raise InputError(f"labels reach {self.labels.max()}, expected 0 to {paper.CLASSES - 1}")

    def __len__(self) -> int:
        """The number of patterns N."""
        return len(self.labels)

    def sha256(self) -> str:
        """Of images and labels together, to tell whether two runs saw the same patterns."""
        both = _digest(self.images) + _digest(self.labels)
        return hashlib.sha256(both.encode()).hexdigest()

    def subset(self, n: int) -> "Patterns":
        """The first `n` patterns; raises `InputError` when there are fewer."""
        if not 1 <= n <= len(self):
            raise InputError(f"{n} patterns asked for, expected 1 to {len(self)}")
        return Patterns(self.images[:n], self.labels[:n], self.dataset)

    def x(
        self,
        index: slice | Sequence[int] | NDArray[Any] = slice(None),
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """The chosen patterns as the network takes them: (n, 32, 32, 1), -0.1 to 1.175."""
        return normalise(self.images[index], dtype)


def normalise(
    images: NDArray[np.uint8], dtype: DTypeLike = np.float32, out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Grey levels to the input of II-B: background (0) to -0.1, ink (255) to 1.175, linearly.

    `images` is uint8 (n, 28, 28), extended to 32x32 with background, or (n, 32, 32); one image
    without its first axis counts as n = 1.  Returns (n, 32, 32, 1) of `dtype`, in `out` when
    given.  Raises `InputError` for other types and shapes.
    """
    small, large = paper.IMAGE_SIZE, paper.INPUT_SIZE
    if images.dtype != np.uint8 or images.ndim not in (2, 3):
        raise InputError(
            f"images are {_describe(images)}, expected uint8 (n, {small}, {small}) with 0 for "
            "background and 255 for ink"
        )
    block = images.reshape(-1, *images.shape[-2:])
    if block.shape[1:] == (small, small):
        edge = (large - small) // 2
        padded = np.zeros((len(block), large, large), np.uint8)
        padded[:, edge:-edge, edge:-edge] = block
        block = padded
    elif block.shape[1:] != (large, large):
        raise InputError(
            f"images are {_describe(images)}, expected {small}x{small} or {large}x{large} pixels"
        )
    if out is None:
        out = np.empty((*block.shape, 1), dtype)
    # dtype= names the loop: NumPy 1 would multiply uint8 by a float scalar in half precision.
    scale = (paper.FOREGROUND - paper.BACKGROUND) / 255
    np.multiply(block, scale, out=out[..., 0], dtype=out.dtype)
    out += out.dtype.type(paper.BACKGROUND)
    return out


# --- By name -----------------------------------------------------------------------------------


def load(
    dataset: str = "auto",
    folder: AnyPath | None = None,
    download: bool = True,
    progress: bool = True,
    warn: Callable[[str], None] | None = None,
) -> tuple[Patterns, Patterns]:
    """Training and test patterns of "mnist", "fashion-mnist", "printed" or "auto".

    The files are read from `folder`, else from the environment variable LENET1998_DATA (each
    is the data set's folder, or one that holds it as `mnist` or `fashion-mnist`), else from the
    user's cache folder, else they are downloaded into it, unless `download` is false.
    "auto" is MNIST; only when it is nowhere and cannot be downloaded either does it become the
    printed digits, and `warn` gets the reason in one line (without `warn`: a Python warning).

    The content is checked by SHA-256.  Files of one's own are read from `folder` under "auto"
    only; their `Patterns.dataset` is "custom".  Raises `InputError` when a folder lacks files,
    when files are damaged or another data set's, and `DownloadError` when every mirror fails.
    """
    if dataset not in DATASETS:
        raise InputError(f"no data set {dataset!r}: expected one of {', '.join(DATASETS)}")
    if dataset == "printed":
        if folder is not None:
            raise InputError(
                f"the printed digits are made, not read: leave out the folder {folder}"
            )
        return load_printed()
    name = "mnist" if dataset == "auto" else dataset
    if folder is not None:
        return _from_folder(name, Path(folder), "the data folder", own=dataset == "auto")
    if os.environ.get("LENET1998_DATA"):
        given = Path(os.environ["LENET1998_DATA"])
        return _from_folder(name, given, "the folder of LENET1998_DATA")
    try:
        return _from_cache(name, download, progress)
    except DownloadError as error:
        if dataset != "auto":
            raise
        reason = f"NO MNIST, so these are the {TITLES['printed']} of the package itself: {error}"
        if warn is None:
            warnings.warn(reason, stacklevel=2)
        else:
            warn(reason)
        return load_printed()


def load_mnist(folder: AnyPath | None = None) -> tuple[Patterns, Patterns]:
    """MNIST (III-A): 60,000 training and 10,000 test patterns; see `load`."""
    return load("mnist", folder)


def load_fashion_mnist(folder: AnyPath | None = None) -> tuple[Patterns, Patterns]:
    """Fashion-MNIST: 60,000 training and 10,000 test patterns; see `load`."""
    return load("fashion-mnist", folder)


def load_printed() -> tuple[Patterns, Patterns]:
    """Digits printed from the bitmaps of figure 3, always the same ones; see `printed.py`."""
    train, test = printed.training_digits(), printed.test_digits()
    return Patterns(*train, "printed"), Patterns(*test, "printed")


def cache_folder(dataset: str) -> Path:
    """Where downloads of a data set are kept, as the operating system would have it."""
    try:
        home = Path.home()
    except RuntimeError:  # an account without a home
        home = Path(tempfile.gettempdir())
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "lenet1998" / dataset


def _from_cache(dataset: str, may_download: bool, progress: bool) -> tuple[Patterns, Patterns]:
    """Both sets from the cache folder, downloaded when they are not there and may be."""
    cache = cache_folder(dataset)
    if not all(_spelled(cache, file) for file in FILES):
        if not may_download:
            raise DownloadError(
                f"{TITLES[dataset]} is not in {cache} and no download was asked for; "
                + _by_hand(dataset)
            )
        download(dataset, cache, progress=progress)
    return _from_folder(dataset, cache, "the cache folder")


def _from_folder(
    dataset: str, folder: Path, what: str, own: bool = False
) -> tuple[Patterns, Patterns]:
    """Both sets from a folder; `own` says that data other than the named set are allowed."""
    if not folder.is_dir():
        raise InputError(f"{folder}: {what} does not exist or is not a folder")
    if not any(_spelled(folder, file) for file in FILES) and (folder / dataset).is_dir():
        folder = folder / dataset
    missing = [file for file in FILES if not _spelled(folder, file)]
    if missing:
        raise InputError(
            f"{folder}: {what} lacks {', '.join(missing)} (with or without .gz); expected the "
            f"four IDX files of {TITLES[dataset]} in it or in its folder {dataset}"
        )
    paths = [cast(Path, _spelled(folder, file)) for file in FILES]
    arrays = [read_images(path) if "images" in path.name else read_labels(path) for path in paths]
    matches = [_matches(dataset, *one) for one in zip(FILES, paths, arrays, strict=True)]
    if not all(matches):
        if not own:
            path = paths[matches.index(False)]
            raise InputError(
                f"{path}: not the content of {TITLES[dataset]} (SHA-256 differs); delete it and "
                "download it again, or read data of your own with --data and --dataset auto"
            )
        dataset = "custom"
    for first in (0, 2):
        images, labels = len(arrays[first]), len(arrays[first + 1])
        if images != labels:
            raise InputError(
                f"{paths[first + 1]}: {labels} labels for the {images} images beside it; expected "
                "one label an image"
            )
    return Patterns(arrays[0], arrays[1], dataset), Patterns(arrays[2], arrays[3], dataset)


def _spelled(folder: Path, file: str) -> Path | None:
    """A file of FILES in a folder in any of its spellings, or None."""
    names = (name + end for name in (file, file.replace("-idx", ".idx")) for end in ("", ".gz"))
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _matches(dataset: str, file: str, path: Path, array: NDArray[np.uint8]) -> bool:
    """Whether the content is the data set's; raises `InputError` when it is another known one."""
    digest = _digest(array)
    if digest == SHA256[dataset][FILES.index(file)]:
        return True
    for other, digests in SHA256.items():
        if digest in digests:
            content = f"{FILES[digests.index(digest)]} of {TITLES[other]}"
            hint = "" if other == dataset else f" (--dataset {other} reads that)"
            raise InputError(
                f"{path}: its content is {content}, expected {file} of {TITLES[dataset]}{hint}"
            )
    return False


# --- IDX files ---------------------------------------------------------------------------------


def read_idx(path: AnyPath) -> NDArray[np.uint8]:
    """The array of an IDX file of unsigned bytes, compressed by gzip or not.

    Raises `InputError` for a file that is missing, not IDX or not of unsigned bytes, truncated,
    or followed by more bytes than its dimensions say.  Its header alone makes nothing be allocated:
    beside 2 MB it takes as many bytes as the file can hold, 1,032 times its length in gzip, and
    never more than LARGEST_IDX.
    """
    return _read_idx(Path(path), str(path))


def write_idx(path: AnyPath, array: NDArray[np.uint8]) -> None:
    """Write an IDX file of unsigned bytes, gzip-compressed when the name ends in `.gz`.

    The same array gives the same bytes.  Raises `InputError` when it is not uint8.
    """
    path = Path(path)
    if array.dtype != np.uint8 or array.ndim == 0:
        raise InputError(f"{path}: cannot write {_describe(array)}, expected an array of uint8")
    content = _header(array.shape) + array.tobytes()
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def read_images(path: AnyPath) -> NDArray[np.uint8]:
    """Images of an IDX file: uint8 (N, 28, 28), N at least 1, 255 is ink.

    Raises `InputError` as `read_idx` does, and for other dimensions.
    """
    images = read_idx(path)
    size = paper.IMAGE_SIZE
    if images.ndim == 1:
        raise InputError(
            f"{path}: labels file ({_describe(images)}) given where images were expected: swapped?"
        )
    if images.shape[1:] != (size, size) or len(images) == 0:
        raise InputError(f"{path}: holds {_describe(images)}, expected images (N, {size}, {size})")
    return images


def read_labels(path: AnyPath, classes: int = paper.CLASSES) -> NDArray[np.uint8]:
    """Labels of an IDX file: uint8 (N,), N at least 1, each less than `classes`.

    Raises `InputError` as `read_idx` does, for other dimensions and for a label out of range.
    """
    labels = read_idx(path)
    if labels.ndim == 3:
        raise InputError(
            f"{path}: images file ({_describe(labels)}) given where labels were expected: swapped?"
        )
    if labels.ndim != 1 or len(labels) == 0:
        raise InputError(f"{path}: holds {_describe(labels)}, expected labels (N,)")
    wrong = np.flatnonzero(labels >= classes)
    if wrong.size:
        raise InputError(
            f"{path}: label {labels[wrong[0]]} at index {wrong[0]}, expected 0 to {classes - 1}"
        )
    return labels


def _read_idx(path: Path, name: str) -> NDArray[np.uint8]:
    """`read_idx`, with the name to use in messages."""
    try:
        with opened(path) as file:
            head = file.read(512)
            file.seek(0)
            if head[:2] == b"\x1f\x8b":
                stream = cast(BinaryIO, gzip.GzipFile(fileobj=file))
                return _parse_idx(stream, name, path.stat().st_size * _GZIP_RATIO)
            _refuse_html(head, name)
            if path.suffix == ".gz":
                raise InputError(
                    f"{name}: named .gz but not compressed by gzip; expected gzip data (rename it "
                    "if it is plain IDX)"
                )
            return _parse_idx(file, name, path.stat().st_size)
    except EOFError:
        raise InputError(f"{name}: truncated gzip data; delete it and download it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{name}: damaged gzip data ({error}); delete it and download it again"
        ) from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror}); expected a file") from None


def _parse_idx(stream: BinaryIO, name: str, available: int) -> NDArray[np.uint8]:
    """Header and data of an IDX stream that cannot hold more than `available` bytes."""
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        _refuse_html(start + stream.read(508), name)
        raise InputError(
            f"{name}: not an IDX file: begins with {start.hex(' ') or 'nothing'}, expected "
            "00 00 08 and the number of dimensions"
        )
    if start[2] != 8:
        raise InputError(f"{name}: data type 0x{start[2]:02x}, expected 0x08 (unsigned byte)")
    if not 1 <= start[3] <= 32:  # NumPy 1's own limit
        raise InputError(f"{name}: {start[3]} dimensions, expected 1 to 32")
    sizes = stream.read(4 * start[3])
    if len(sizes) < 4 * start[3]:
        raise InputError(f"{name}: truncated in its header, expected {start[3]} dimensions")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    total = math.prod(shape)
    if math.prod(max(size, 1) for size in shape) > LARGEST_IDX:
        raise InputError(
            f"{name}: claims an absurd size, {' x '.join(map(str, shape))} bytes; expected at "
            f"most {LARGEST_IDX:,}"
        )
    if total > available:
        raise InputError(
            f"{name}: truncated: its header promises {total:,} bytes of data, expected no more "
            f"than the {available:,} that a file of this length can hold"
        )
    data = np.empty(total, np.uint8)
    filled = 0
    while filled < total:
        chunk = stream.read(min(_CHUNK, total - filled))
        if not chunk:
            raise InputError(
                f"{name}: truncated: {filled:,} bytes of data, expected {total:,} by its header"
            )
        data[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
        filled += len(chunk)
    if stream.read(1):
        raise InputError(f"{name}: trailing bytes after the {total:,} expected by its header")
    return data.reshape(shape)


def _refuse_html(head: bytes, name: str) -> None:
    """Raise `InputError` when the first bytes of a file are those of an HTML or XML page."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise InputError(
            f"{name}: an HTML page, not data: a download went wrong; delete it and download again"
        )


def _header(shape: tuple[int, ...]) -> bytes:
    """The header of an IDX file of unsigned bytes."""
    return bytes((0, 0, 8, len(shape))) + np.array(shape, ">u4").tobytes()


def _digest(array: NDArray[np.uint8]) -> str:
    """SHA-256 of the decompressed IDX file of an array."""
    digest = hashlib.sha256(_header(array.shape))
    digest.update(np.ascontiguousarray(array).reshape(-1).data)
    return digest.hexdigest()


def _describe(array: NDArray[Any]) -> str:
    """Type and shape of an array, for messages."""
    return f"{array.dtype} {array.shape}"


# --- Download ----------------------------------------------------------------------------------


def download(
    dataset: str,
    folder: AnyPath,
    mirrors: Sequence[str] | None = None,
    progress: bool = True,
) -> None:
    """Download those of the four files of "mnist" or "fashion-mnist" that `folder` lacks.

    `mirrors` are addresses that end in `/`, tried in turn (default: `MIRRORS`).  A file gets
    its name only after the SHA-256 of its decompressed content was right.  Raises
    `DownloadError`, naming each mirror and why it failed.
    """
    folder = Path(folder)
    mirrors = MIRRORS[dataset] if mirrors is None else mirrors
    for file, sha256 in zip(FILES, SHA256[dataset], strict=True):
        if _spelled(folder, file):
            continue
        reasons = []
        for mirror in mirrors:
            try:
                _fetch(f"{mirror}{file}.gz", folder / f"{file}.gz", sha256, progress)
                break
            except (OSError, HTTPException, ValueError) as error:
                reasons.append(f"{mirror} ({_reason(error)})")
        else:
            raise DownloadError(
                f"{TITLES[dataset]} could not be downloaded: {file}.gz from {', '.join(reasons)}; "
                + _by_hand(dataset)
            )


def _by_hand(dataset: str) -> str:
    """How to get the files without this module."""
    files = ", ".join(f"{file}.gz" for file in FILES)
    return f"by hand: put {files} into a folder and name it by --data or LENET1998_DATA"


def _fetch(url: str, path: Path, sha256: str, progress: bool) -> None:
    """One file from one mirror to `path`; nothing is left behind when anything is wrong."""
    with _open(url) as response, replacing(path) as temporary:
        length = int(response.headers.get("Content-Length") or 0)
        bar = tqdm(
            total=length or None, desc=path.name, unit="B", unit_scale=True, disable=not progress
        )
        with bar, temporary.open("wb") as file:
            received = 0
            while chunk := response.read(_CHUNK):
                received += len(chunk)
                if received > LARGEST_DOWNLOAD:
                    raise InputError(f"oversize: more than {LARGEST_DOWNLOAD:,} bytes")
                file.write(chunk)
                bar.update(len(chunk))
        if received < length:
            raise InputError(f"truncated: {received:,} bytes, expected {length:,}")
        if _digest(_read_idx(temporary, "the answer")) != sha256:
            raise InputError("the content is another one: its SHA-256 differs")


def _open(url: str) -> Any:
    """Open an address; gives up after CONNECT_SECONDS, however many addresses a host has."""
    _refuse_insecure(url)
    opener = urllib.request.build_opener(_Redirect)
    outcome: list[Any] = []

    def connect() -> None:
        try:
            outcome.append(opener.open(url, timeout=STALL_SECONDS))
        except Exception as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            outcome.append(error)

    # A thread, since neither name look-up nor one time limit an address can be bounded otherwise.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(CONNECT_SECONDS)
    if not outcome:
        raise TimeoutError(f"no answer within {CONNECT_SECONDS:g} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


class _Redirect(urllib.request.HTTPRedirectHandler):
    """Follows redirections to secure addresses only."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        try:
            _refuse_insecure(newurl, local=_local(req.full_url))
        except InputError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_insecure(url: str, local: bool = True) -> None:
    """Raise `InputError` unless an address is HTTPS or, if `local`, one of this machine."""
    if not (urllib.parse.urlsplit(url).scheme == "https" or (local and _local(url))):
        raise InputError(f"{url} is not an HTTPS address")


def _local(url: str) -> bool:
    """Whether an address is HTTP of this machine: the tests' mirrors are."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")


def _reason(error: Exception) -> str:
    """Why a mirror failed, in one line."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    text = str(error.reason if isinstance(error, urllib.error.URLError) else error)
    return " ".join(text.split()) or type(error).__name__
