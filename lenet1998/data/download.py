"""Download the data sets: HTTPS only, bounded in size and time, checked by SHA-256."""

import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..files import AnyPath, InputError, replacing
from .catalogue import FILES, MIRRORS, SHA256, TITLES, find_file
from .idx import CHUNK, content_sha256, read_idx

CONNECT_SECONDS = 6.0  # until a mirror answers: without a network, give up soon
STALL_SECONDS = 20.0  # without a single byte, once a mirror has answered
SLOWEST = 20_000  # bytes per second on average; slower mirrors are given up
LARGEST_DOWNLOAD = 64 * 2**20  # bytes; the largest file is 47 MB even when decompressed


class DownloadError(InputError):
    """A data set could not be downloaded; the message lists every mirror and its reason."""


def download(
    dataset: str,
    folder: AnyPath,
    mirrors: Sequence[str] | None = None,
    progress: bool = True,
) -> None:
    """Download the missing ones of a data set's four files.

    A file gets its final name only after the SHA-256 of its content has been checked.

    Args:
        dataset: "mnist" or "fashion-mnist".
        folder: where the files go.
        mirrors: addresses that end in `/`, tried in this order; default: `MIRRORS`.
        progress: whether to show a progress bar.

    Raises:
        DownloadError: every mirror failed; the message gives the reason of each.
    """
    folder = Path(folder)
    mirrors = MIRRORS[dataset] if mirrors is None else mirrors
    for file, sha256 in zip(FILES, SHA256[dataset], strict=True):
        if find_file(folder, file):
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
                + manual_download(dataset)
            )


def manual_download(dataset: str) -> str:
    """What to do when a data set cannot be downloaded, for messages."""
    files = ", ".join(f"{file}.gz" for file in FILES)
    return f"by hand: put {files} into a folder and name it by --data or LENET1998_DATA"


def _fetch(url: str, path: Path, sha256: str, progress: bool) -> None:
    """Download one file from one mirror to `path`; a failure leaves no file behind."""
    with _open(url) as response, replacing(path) as temporary:
        length = int(response.headers.get("Content-Length") or 0)
        seconds = STALL_SECONDS + min(length or LARGEST_DOWNLOAD, LARGEST_DOWNLOAD) / SLOWEST
        deadline = time.monotonic() + seconds
        bar = tqdm(
            total=length or None, desc=path.name, unit="B", unit_scale=True, disable=not progress
        )
        with bar, temporary.open("wb") as file:
            received = 0
            while chunk := _next_bytes(response):
                received += len(chunk)
                if time.monotonic() > deadline:
                    raise TimeoutError(f"too slow: {received:,} bytes in {seconds:.0f} s")
                if received > LARGEST_DOWNLOAD:
                    raise InputError(f"oversize: more than {LARGEST_DOWNLOAD:,} bytes")
                file.write(chunk)
                bar.update(len(chunk))
        if received < length:
            raise InputError(f"truncated: {received:,} bytes, expected {length:,}")
        content = read_idx(temporary, "the answer", largest=LARGEST_DOWNLOAD)
        if content_sha256(content) != sha256:
            raise InputError("the content is another one: its SHA-256 differs")


def _next_bytes(response: Any) -> bytes:
    """The bytes that have arrived, at most CHUNK; b"" at the end."""
    try:
        return bytes(response.read1(CHUNK))
    except TimeoutError:
        raise TimeoutError(f"no byte for {STALL_SECONDS:g} s") from None


def _open(url: str) -> Any:
    """Open an address; give up after CONNECT_SECONDS."""
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

    # In a thread: the name look-up has no time limit, and each address of a host has its own.
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
    """Whether an address is HTTP on this machine, as the tests' mirrors are."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")


def _reason(error: Exception) -> str:
    """Why a mirror failed, in one line."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code} {error.reason}"
    text = str(error.reason if isinstance(error, urllib.error.URLError) else error)
    return " ".join(text.split()) or type(error).__name__
