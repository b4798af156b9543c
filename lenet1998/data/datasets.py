"""Load a data set by name: from a folder, the cache, a download, or the printed digits."""

import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..files import AnyPath, InputError, did_you_mean
from . import printed
from .catalogue import DATASETS, FILES, SHA256, TITLES, find_file
from .download import DownloadError, download, manual_download
from .idx import content_sha256, read_images, read_labels
from .patterns import Patterns, check_ink_to_learn


def load(
    dataset: str = "auto",
    folder: AnyPath | None = None,
    download: bool = True,
    progress: bool = True,
    warn: Callable[[str], None] | None = None,
) -> tuple[Patterns, Patterns]:
    """Load the training and the test patterns of a data set.

    The files are looked for in this order: `folder`; the folder that the environment variable
    LENET1998_DATA names; the user's cache folder.  The first two hold the four files themselves, or
    a folder `mnist` or `fashion-mnist` with them.  Otherwise the files are downloaded into the
    cache folder.  Their content is checked by SHA-256.

    Args:
        dataset: "mnist", "fashion-mnist", "printed" or "auto".  "auto" is MNIST, or the printed
            digits when MNIST is not found and cannot be downloaded.  With "auto", `folder` may
            hold other files of the same form; their `Patterns.dataset` is "custom".
        folder: the folder of the files; default: see above.
        download: whether files may be downloaded.
        progress: whether a download shows a progress bar.
        warn: called with one line when "auto" becomes the printed digits; default: a Python
            warning.

    Returns:
        Training and test patterns.

    Raises:
        InputError: another name; a folder without the files; files that are damaged or belong to
            another data set.
        DownloadError: every mirror failed.
    """
    if dataset not in DATASETS:
        near = did_you_mean(dataset, DATASETS)
        raise InputError(f"no data set {dataset!r}: expected one of {', '.join(DATASETS)}{near}")
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
    """5,000 training and 1,000 test digits, always the same ones; see `data.printed`."""
    train, test = printed.training_digits(), printed.test_digits()
    return Patterns(*train, "printed"), Patterns(*test, "printed")


def cache_folder(dataset: str) -> Path:
    """The folder for downloads of a data set, by the convention of the operating system."""
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
    """Both sets from the cache folder; missing files are downloaded if `may_download`."""
    cache = cache_folder(dataset)
    if not all(find_file(cache, file) for file in FILES):
        if not may_download:
            raise DownloadError(
                f"{TITLES[dataset]} is not in {cache} and no download was asked for; "
                + manual_download(dataset)
            )
        download(dataset, cache, progress=progress)
    return _from_folder(dataset, cache, "the cache folder")


def _from_folder(
    dataset: str, folder: Path, what: str, own: bool = False
) -> tuple[Patterns, Patterns]:
    """Both sets from a folder, which may hold other data than the named set if `own`."""
    if not folder.is_dir():
        raise InputError(f"{folder}: {what} does not exist or is not a folder")
    if not any(find_file(folder, file) for file in FILES) and (folder / dataset).is_dir():
        folder = folder / dataset
    missing = [file for file in FILES if not find_file(folder, file)]
    if missing:
        raise InputError(
            f"{folder}: {what} lacks {', '.join(missing)} (with or without .gz); expected the "
            f"four IDX files of {TITLES[dataset]} in it or in its folder {dataset}"
        )
    paths = [cast(Path, find_file(folder, file)) for file in FILES]
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
                f"{paths[first + 1]}: {labels} labels, but {images} images in {paths[first].name}; "
                "expected one label per image"
            )
    if dataset == "custom":
        for path, stack in ((paths[0], arrays[0]), (paths[2], arrays[2])):
            try:
                check_ink_to_learn(stack)
            except InputError as error:
                raise InputError(f"{path}: {error}") from None
    return Patterns(arrays[0], arrays[1], dataset), Patterns(arrays[2], arrays[3], dataset)


def _matches(dataset: str, file: str, path: Path, array: NDArray[np.uint8]) -> bool:
    """Whether the content is the data set's; raises `InputError` when it is another known one."""
    digest = content_sha256(array)
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
