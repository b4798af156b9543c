"""IDX files good and bad, folders, the download (against a server on this machine), MNIST."""

import gzip
import hashlib
import http.server
import io
import os
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenet1998 import paper
from lenet1998.data import datasets, download, idx
from lenet1998.data.catalogue import FILES
from lenet1998.data.download import DownloadError
from lenet1998.data.patterns import Patterns, normalise
from lenet1998.files import InputError

REAL = os.environ.get("LENET1998_DATA")
MIRRORS = dict(download.MIRRORS)
NEEDS_MNIST = pytest.mark.skipif(not REAL, reason="LENET1998_DATA does not name MNIST's folder")
HTML = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>"


@pytest.fixture(autouse=True)
def nothing_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No data of this machine, an empty cache and no network."""
    monkeypatch.delenv("LENET1998_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}/"  # nobody answers there
    monkeypatch.setattr(
        "lenet1998.data.download.MIRRORS", {"mnist": (nowhere,), "fashion-mnist": (nowhere,)}
    )


def arrays(seed: int = 0, train: int = 30, test: int = 20) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    return tuple(
        rng.integers(0, high, shape, np.uint8)
        for n in (train, test)
        for high, shape in ((256, (n, 28, 28)), (10, n))
    )


def fill(folder: Path, content: tuple[np.ndarray, ...], end: str = ".gz") -> Path:
    for file, array in zip(FILES, content, strict=True):
        idx.write_idx(folder / (file + end), array)
    return folder


def sha256(content: tuple[np.ndarray, ...]) -> tuple[str, ...]:
    """Of the files, counted here byte by byte."""
    digests = []
    for array in content:
        sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
        raw = bytes((0, 0, 8, array.ndim)) + sizes + array.tobytes()
        digests.append(hashlib.sha256(raw).hexdigest())
    return tuple(digests)


MNIST = arrays(1)  # small stand-ins, known by their hashes like the real ones
FASHION = arrays(2)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"mnist": sha256(MNIST), "fashion-mnist": sha256(FASHION)}
    monkeypatch.setattr("lenet1998.data.download.SHA256", known)
    monkeypatch.setattr("lenet1998.data.datasets.SHA256", known)


def check_refused(message: str, function: Callable[..., object], *args: Any, **more: Any) -> str:
    """Call, and require an InputError of one line that says `message`."""
    with pytest.raises(InputError) as caught:
        function(*args, **more)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text
    return text


def content(*parts: Any) -> bytes:
    return b"".join(
        part if isinstance(part, bytes) else int(part).to_bytes(4, "big") for part in parts
    )


# --- IDX ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a-ubyte", "a-ubyte.gz"])
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 28, 28), (2, 1, 5, 3), (0,), (0, 28, 28)])
def test_round_trip(tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    idx.write_idx(tmp_path / name, array)
    back = idx.read_idx(tmp_path / name)
    assert back.dtype == np.uint8 and back.shape == shape
    assert np.array_equal(back, array)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_bytes_of_a_file(tmp_path: Path) -> None:
    idx.write_idx(tmp_path / "a", np.array([[1, 2, 3], [4, 5, 6]], np.uint8))
    expected = content(b"\0\0\x08\x02", 2, 3, bytes((1, 2, 3, 4, 5, 6)))
    assert (tmp_path / "a").read_bytes() == expected


def test_other_memory_orders_are_written_alike(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    idx.write_idx(tmp_path / "a", array)
    idx.write_idx(tmp_path / "b", np.asfortranarray(array))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_compressed_files_are_reproducible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    idx.write_idx(tmp_path / "a.gz", MNIST[0])
    monkeypatch.setattr(time, "time", lambda: 2e9)
    idx.write_idx(tmp_path / "b.gz", MNIST[0])
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    idx.write_idx(tmp_path / "a.gz", MNIST[0])
    (tmp_path / "a.gz").rename(tmp_path / "a")
    assert np.array_equal(idx.read_idx(tmp_path / "a"), MNIST[0])


@pytest.mark.parametrize("array", [np.zeros(3, np.float32), np.uint8(3), np.zeros(3, np.int64)])
def test_only_arrays_of_bytes_are_written(tmp_path: Path, array: Any) -> None:
    check_refused("expected an array of uint8", idx.write_idx, tmp_path / "a", np.asarray(array))
    assert not list(tmp_path.iterdir())


BOMB = content(b"\0\0\x08\x01", 200_000, bytes(200_000))
GOOD = content(b"\0\0\x08\x03", 2, 3, 4, bytes(24))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    check_refused("cannot be read", idx.read_idx, tmp_path / "nothing.gz")
    check_refused("cannot be read", idx.read_idx, tmp_path)


def test_images_and_labels(tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    idx.write_idx(images, MNIST[0])
    idx.write_idx(labels, MNIST[1])
    assert np.array_equal(idx.read_images(images), MNIST[0])
    assert np.array_equal(idx.read_labels(labels), MNIST[1])
    check_refused("labels file (uint8 (30,)) given where images", idx.read_images, labels)
    check_refused("images file (uint8 (30, 28, 28)) given where labels", idx.read_labels, images)
    idx.write_idx(images, np.zeros((3, 28, 27), np.uint8))
    check_refused("(3, 28, 27), expected images (N, 28, 28)", idx.read_images, images)
    idx.write_idx(images, np.zeros((0, 28, 28), np.uint8))
    check_refused("(0, 28, 28), expected images (N, 28, 28)", idx.read_images, images)
    idx.write_idx(labels, np.zeros((2, 2), np.uint8))
    check_refused("(2, 2), expected labels (N,)", idx.read_labels, labels)


def test_a_label_out_of_range(tmp_path: Path) -> None:
    idx.write_idx(tmp_path / "labels", np.array([0, 9, 10, 11], np.uint8))
    check_refused("label 10 at index 2, expected 0 to 9", idx.read_labels, tmp_path / "labels")


# --- Patterns and normalise --------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normalise(dtype: type) -> None:
    x = normalise(MNIST[0], dtype)
    assert x.shape == (30, 32, 32, 1) and x.dtype == dtype
    expected = np.full((30, 32, 32, 1), -0.1)
    expected[:, 2:30, 2:30, 0] += MNIST[0] * (1.275 / 255)
    assert np.abs(x - expected).max() < np.finfo(dtype).eps * 2
    assert (x[:, :2] == dtype(-0.1)).all()


def test_normalise_one_image_and_large_images() -> None:
    x = normalise(MNIST[0])
    assert np.array_equal(normalise(MNIST[0][3]), x[3:4])
    large = np.pad(MNIST[0], ((0, 0), (2, 2), (2, 2)))
    assert np.array_equal(normalise(large), x)
    assert np.array_equal(normalise(large[3]), x[3:4])
    assert normalise(MNIST[0][:0]).shape == (0, 32, 32, 1)


def test_normalise_refuses_other_images() -> None:
    check_refused("float64 (30, 28, 28), expected uint8", normalise, MNIST[0] / 255)
    check_refused("(30, 27, 28)", normalise, MNIST[0][:, 1:])
    check_refused("uint8 (30,)", normalise, MNIST[1])


def test_patterns() -> None:
    patterns = Patterns(MNIST[0], MNIST[1], "mnist")
    assert len(patterns) == 30
    assert np.array_equal(patterns.x(), normalise(MNIST[0]))
    chosen = patterns.x(np.array([4, 2]), np.float64)
    assert np.array_equal(chosen, normalise(MNIST[0][[4, 2]], np.float64))
    first = patterns.subset(7)
    assert (len(first), first.dataset) == (7, "mnist")
    assert np.array_equal(first.images, MNIST[0][:7])
    assert np.array_equal(first.labels, MNIST[1][:7])
    assert len(patterns.subset(30)) == 30
    check_refused("31 patterns asked for, expected 1 to 30", patterns.subset, 31)
    check_refused("0 patterns asked for", patterns.subset, 0)
    check_refused("30 images but 29 labels", Patterns, MNIST[0], MNIST[1][1:], "mnist")
    check_refused("expected uint8 (N, 28, 28)", Patterns, MNIST[0] / 1, MNIST[1], "mnist")
    check_refused("expected integers (N,) from 0 to 9", Patterns, MNIST[0], MNIST[1] / 1, "mnist")


# --- Folders -----------------------------------------------------------------------------------


def is_mnist(sets: tuple[Patterns, Patterns], expected: str = "mnist") -> None:
    for patterns, first in zip(sets, (0, 2), strict=True):
        assert patterns.dataset == expected
        assert np.array_equal(patterns.images, MNIST[first])
        assert np.array_equal(patterns.labels, MNIST[first + 1])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("dotted", [False, True])
def test_spellings(tmp_path: Path, end: str, dotted: bool) -> None:
    fill(tmp_path, MNIST, end)
    if dotted:
        for path in tmp_path.glob("*-ubyte*"):
            path.rename(path.with_name(path.name.replace("-idx", ".idx")))
        assert (tmp_path / f"t10k-labels.idx1-ubyte{end}").exists()
    is_mnist(datasets.load_mnist(tmp_path))
    is_mnist(datasets.load("auto", str(tmp_path)))


@pytest.mark.usefixtures("small")
def test_the_folder_comes_from_argument_environment_or_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(datasets.cache_folder("mnist"), MNIST)
    is_mnist(datasets.load("mnist", download=False))
    is_mnist(datasets.load(download=False))
    parent = tmp_path / "both"
    fill(parent / "mnist", MNIST)
    fill(parent / "fashion-mnist", FASHION)
    monkeypatch.setenv("LENET1998_DATA", str(parent))
    is_mnist(datasets.load_mnist())
    fashion = datasets.load_fashion_mnist()
    assert fashion[0].dataset == "fashion-mnist"
    assert np.array_equal(fashion[1].images, FASHION[2])
    monkeypatch.setenv("LENET1998_DATA", str(parent / "mnist"))
    is_mnist(datasets.load_mnist())
    monkeypatch.setenv("LENET1998_DATA", str(tmp_path / "nowhere"))
    check_refused("the folder of LENET1998_DATA does not exist", datasets.load_mnist)
    is_mnist(datasets.load_mnist(parent))  # the argument comes first


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("dataset", ["auto", "mnist"])
def test_a_broken_folder_is_an_error_even_of_auto(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataset: str
) -> None:
    fill(datasets.cache_folder("mnist"), MNIST)  # never read instead
    check_refused("does not exist", datasets.load, dataset, tmp_path / "nowhere")
    check_refused(f"lacks {', '.join(FILES)}", datasets.load, dataset, tmp_path)
    fill(tmp_path, MNIST)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    check_refused("lacks t10k-labels-idx1-ubyte (with", datasets.load, dataset, tmp_path)
    monkeypatch.setenv("LENET1998_DATA", str(tmp_path))
    check_refused("LENET1998_DATA lacks t10k-labels-idx1-ubyte (with", datasets.load, dataset)


@pytest.mark.usefixtures("small")
def test_another_data_set_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, MNIST)
    message = "train-images-idx3-ubyte of MNIST, expected train-images-idx3-ubyte of Fashion-MNIST"
    check_refused(message, datasets.load_fashion_mnist, tmp_path)
    monkeypatch.setenv("LENET1998_DATA", str(tmp_path))
    check_refused(message, datasets.load_fashion_mnist)
    fill(tmp_path, (*MNIST[:2], *FASHION[2:]))
    check_refused("t10k-images-idx3-ubyte of Fashion-MNIST, expected", datasets.load_mnist)
    fill(tmp_path, (*MNIST[2:], *MNIST[2:]))
    check_refused("t10k-images-idx3-ubyte of MNIST, expected train-images", datasets.load_mnist)


@pytest.mark.usefixtures("small")
def test_data_of_ones_own_need_an_explicit_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = arrays(3, 5, 4)
    fill(tmp_path, own)
    train, test = datasets.load("auto", tmp_path)
    assert (train.dataset, test.dataset) == ("custom", "custom")
    assert np.array_equal(train.images, own[0]) and np.array_equal(test.labels, own[3])
    check_refused("not the content of MNIST", datasets.load, "mnist", tmp_path)
    monkeypatch.setenv("LENET1998_DATA", str(tmp_path))
    check_refused("not the content of MNIST", datasets.load)
    fill(tmp_path, (own[0], own[1][:4], *own[2:]))
    check_refused("4 labels, but 5 images", datasets.load, "auto", tmp_path)


@pytest.mark.usefixtures("small")
def test_a_damaged_cache_is_an_error() -> None:
    cache = fill(datasets.cache_folder("mnist"), MNIST)
    idx.write_idx(cache / f"{FILES[1]}.gz", MNIST[1][::-1])
    text = check_refused("not the content of MNIST (SHA-256 differs); delete it", datasets.load)
    assert FILES[1] in text


def test_unknown_names_and_a_folder_for_printed(tmp_path: Path) -> None:
    check_refused("no data set 'minst': expected one of auto, mnist", datasets.load, "minst")
    check_refused("printed digits are made, not read", datasets.load, "printed", tmp_path)


def test_printed_by_name() -> None:
    for sets in (datasets.load("printed"), datasets.load_printed()):
        assert [len(patterns) for patterns in sets] == [5000, 1000]
        assert [patterns.dataset for patterns in sets] == ["printed", "printed"]


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "x/lenet1998/mnist"),
        ("linux", "HOME", "x/.cache/lenet1998/mnist"),
        ("darwin", "HOME", "x/Library/Caches/lenet1998/mnist"),
        ("win32", "LOCALAPPDATA", "x/lenet1998/mnist"),
        ("win32", "HOME", "x/AppData/Local/lenet1998/mnist"),
    ],
)
def test_cache_folders(
    monkeypatch: pytest.MonkeyPatch, platform: str, variable: str, expected: str
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name)
    if variable == "HOME":
        monkeypatch.setattr(Path, "home", lambda: Path("x"))
    monkeypatch.setenv(variable, "x")
    monkeypatch.setattr(sys, "platform", platform)
    assert datasets.cache_folder("mnist") == Path(expected)


# --- Download ----------------------------------------------------------------------------------

Answer = bytes | int | str  # a body, an error status, or the address of a redirection


class Mirror:
    """A server on this machine: file name to answer; counts what was asked for."""

    def __init__(self, answers: dict[str, Answer], cut: int = 0) -> None:
        self.asked: list[str] = []
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                answer = answers.get(self.path.strip("/"), 404)
                body = answer if isinstance(answer, bytes) else HTML
                status = answer if isinstance(answer, int) else 200
                self.send_response(302 if isinstance(answer, str) else status)
                if isinstance(answer, str):
                    self.send_header("Location", answer)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) - cut])

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def mirror() -> Iterator[Callable[..., Mirror]]:
    opened: list[Mirror] = []

    def make(answers: dict[str, Answer], cut: int = 0) -> Mirror:
        opened.append(Mirror(answers, cut))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def compressed(sets: tuple[np.ndarray, ...], folder: Path) -> dict[str, Answer]:
    fill(folder, sets)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("progress", [False, True])
def test_a_download_goes_to_the_cache_and_is_read_from_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mirror: Callable[..., Mirror],
    progress: bool,
) -> None:
    server = mirror(compressed(MNIST, tmp_path / "served"))
    monkeypatch.setattr("lenet1998.data.download.MIRRORS", {"mnist": (server.address,)})
    is_mnist(datasets.load(progress=progress))
    is_mnist(datasets.load_mnist())
    assert server.asked == [f"/{file}.gz" for file in FILES]  # each once
    cached = {path.name for path in datasets.cache_folder("mnist").iterdir()}
    assert cached == {f"{file}.gz" for file in FILES}
    assert ("train-images-idx3-ubyte.gz" in capsys.readouterr().err) is progress


@pytest.mark.usefixtures("small")
def test_only_missing_files_are_downloaded(tmp_path: Path, mirror: Callable[..., Mirror]) -> None:
    server = mirror(compressed(MNIST, tmp_path / "served"))
    folder = fill(tmp_path / "here", MNIST, "")
    (folder / FILES[2]).unlink()
    download.download("mnist", folder, [server.address], progress=False)
    assert server.asked == [f"/{FILES[2]}.gz"]
    is_mnist(datasets.load_mnist(folder))


@pytest.mark.usefixtures("small")
def test_the_second_mirror_is_asked_when_the_first_has_other_content(
    tmp_path: Path, mirror: Callable[..., Mirror]
) -> None:
    wrong = mirror(compressed(FASHION, tmp_path / "wrong"))
    right = mirror(compressed(MNIST, tmp_path / "right"))
    folder = tmp_path / "here"
    download.download("mnist", folder, [wrong.address, right.address], progress=False)
    assert wrong.asked == right.asked == [f"/{file}.gz" for file in FILES]
    assert len(list(folder.iterdir())) == 4
    is_mnist(datasets.load_mnist(folder))


@pytest.mark.usefixtures("small")
def test_a_redirection_is_followed_to_secure_addresses_only(
    tmp_path: Path, mirror: Callable[..., Mirror]
) -> None:
    served = compressed(MNIST, tmp_path / "served")
    target = mirror(served)
    good = mirror({name: target.address + name for name in served})
    download.download("mnist", tmp_path / "here", [good.address], progress=False)
    is_mnist(datasets.load_mnist(tmp_path / "here"))
    bad = mirror({name: f"http://example.invalid/{name}" for name in served})
    text = check_refused(
        "is not an HTTPS address", download.download, "mnist", tmp_path / "there", [bad.address]
    )
    assert "http://example.invalid/" in text


@pytest.mark.parametrize("target", ["http://a.invalid/", "http://127.0.0.1/", "ftp://a.invalid/"])
def test_nothing_leads_from_a_secure_address_to_an_insecure_one(target: str) -> None:
    """Not even to this machine, which only mirrors of this machine may name."""
    asked = urllib.request.Request("https://example.invalid/")
    with pytest.raises(InputError, match="is not an HTTPS address"):
        download._Redirect().redirect_request(asked, io.BytesIO(), 302, "Found", {}, target)


@pytest.mark.usefixtures("small")
def test_what_was_downloaded_cannot_be_run(tmp_path: Path, mirror: Callable[..., Mirror]) -> None:
    server = mirror(compressed(MNIST, tmp_path / "served"))
    download.download("mnist", tmp_path / "here", [server.address], progress=False)
    assert not any(path.stat().st_mode & 0o111 for path in (tmp_path / "here").iterdir())


@pytest.mark.usefixtures("small")
def test_a_download_is_not_used_before_its_sha256_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: Callable[..., Mirror]
) -> None:
    """A good IDX file of other content is never in its place, not even for a moment."""
    server = mirror(compressed(FASHION, tmp_path / "served"))
    renamed: list[object] = []
    monkeypatch.setattr(os, "replace", lambda *names: renamed.append(names))
    text = check_refused("SHA-256 differs", download.download, "mnist", tmp_path, [server.address])
    assert text.startswith("MNIST could not be downloaded") and renamed == []


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("change", "cut", "reason"),
    [
        (lambda body: HTML, 0, "the answer: an HTML page, not data"),
        (lambda body: gzip.compress(HTML), 0, "the answer: an HTML page, not data"),
        (lambda body: body, 5, "truncated: "),
        (lambda body: body[:-5], 0, "the answer: truncated gzip data"),
        (lambda body: body + bytes(100_000), 0, "oversize: more than 50,000 bytes"),
        (lambda body: gzip.compress(GOOD), 0, "its SHA-256 differs"),
        (lambda body: gzip.compress(BOMB), 0, "claims an absurd size, 200000 bytes"),
        (lambda body: 404, 0, "HTTP 404 Not Found"),
        (lambda body: 503, 0, "HTTP 503 Service Unavailable"),
    ],
)
def test_a_failed_download_leaves_nothing_behind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mirror: Callable[..., Mirror],
    change: Callable[[bytes], Answer],
    cut: int,
    reason: str,
) -> None:
    monkeypatch.setattr("lenet1998.data.download.LARGEST_DOWNLOAD", 50_000)
    served = compressed(MNIST, tmp_path / "served")
    answers = {name: change(body) for name, body in served.items() if isinstance(body, bytes)}
    server = mirror(answers, cut)
    folder = tmp_path / "here"
    folder.mkdir()
    with pytest.raises(DownloadError) as caught:
        download.download("mnist", folder, [server.address], progress=False)
    assert f"train-images-idx3-ubyte.gz from {server.address} (" in str(caught.value)
    assert reason in str(caught.value)
    assert not list(folder.iterdir())


@pytest.mark.usefixtures("small")
def test_all_mirrors_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: Callable[..., Mirror]
) -> None:
    """`mnist` says why, mirror by mirror, and what to do; `auto` warns and prints digits."""
    nobody = download.MIRRORS["mnist"][0]
    server = mirror({})
    mirrors = (nobody, server.address, "http://example.invalid/")
    monkeypatch.setattr("lenet1998.data.download.MIRRORS", {"mnist": mirrors})
    text = check_refused("MNIST could not be downloaded", datasets.load_mnist)
    for part in (nobody, "refused", server.address, "HTTP 404", "not an HTTPS address"):
        assert part in text
    for part in ("by hand", "--data", "LENET1998_DATA", *FILES):
        assert part in text
    said: list[str] = []
    sets = datasets.load("auto", warn=said.append)
    assert [patterns.dataset for patterns in sets] == ["printed", "printed"]
    assert len(said) == 1 and "printed digits" in said[0] and text in said[0]
    with pytest.warns(UserWarning, match="printed digits of the package itself"):
        assert datasets.load()[0].dataset == "printed"
    assert not list(tmp_path.rglob("*ubyte*"))


def test_no_download_when_none_is_wanted(mirror: Callable[..., Mirror]) -> None:
    check_refused("no download was asked for", datasets.load, "mnist", download=False)
    said: list[str] = []
    assert datasets.load(download=False, warn=said.append)[0].dataset == "printed"
    assert "no download was asked for" in said[0]


def test_a_mirror_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenet1998.data.download.CONNECT_SECONDS", 0.1)
    monkeypatch.setattr("lenet1998.data.download.STALL_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        check_refused("no answer within 0.1 s", download.download, "mnist", tmp_path, [address])


class Trickle:
    """A mirror that announces 100,000 bytes and sends one every so many seconds, or none."""

    def __init__(self, every: float | None) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        self.every, self.over = every, threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        with suppress(OSError), self.socket, self.socket.accept()[0] as client:
            client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not self.over.wait(0.02 if self.every is None else self.every):
                if self.every is not None:
                    client.sendall(b"x")

    def close(self) -> None:
        self.over.set()
        self.thread.join()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("every", "reason"), [(None, "no byte for 0.2 s"), (0.01, "too slow: ")], ids=["stall", "slow"]
)
def test_a_mirror_that_sends_too_slowly_is_left_for_the_next(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mirror: Callable[..., Mirror],
    every: float | None,
    reason: str,
) -> None:
    monkeypatch.setattr("lenet1998.data.download.STALL_SECONDS", 0.2)
    monkeypatch.setattr("lenet1998.data.download.SLOWEST", 1_000_000)
    slow = Trickle(every)
    try:
        with pytest.raises(DownloadError) as caught:
            download.download("mnist", tmp_path / "a", [slow.address], progress=False)
    finally:
        slow.close()
    assert reason in str(caught.value) and "None" not in str(caught.value)
    assert not list((tmp_path / "a").iterdir())
    slow, good = Trickle(every), mirror(compressed(MNIST, tmp_path / "served"))
    try:
        download.download("mnist", tmp_path / "b", [slow.address, good.address], progress=False)
    finally:
        slow.close()
    is_mnist(datasets.load_mnist(tmp_path / "b"))


@pytest.mark.parametrize("address", ["http://example.invalid/", "ftp://127.0.0.1/", "file:///x/"])
def test_insecure_mirrors_are_refused(tmp_path: Path, address: str) -> None:
    check_refused("is not an HTTPS address", download.download, "mnist", tmp_path, [address])


def test_the_mirrors_of_the_package_are_secure() -> None:
    assert set(MIRRORS) == {"mnist", "fashion-mnist"}
    for addresses in MIRRORS.values():
        assert addresses and all(a.startswith("https://") and a.endswith("/") for a in addresses)


# --- The real files ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mnist() -> tuple[Patterns, Patterns]:
    assert REAL
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENET1998_DATA", REAL)
        return datasets.load_mnist()


@NEEDS_MNIST
def test_mnist_is_mnist(mnist: tuple[Patterns, Patterns]) -> None:
    train, test = mnist
    assert (len(train), len(test)) == (paper.TRAINING_PATTERNS, paper.TEST_PATTERNS)
    assert (train.dataset, test.dataset) == ("mnist", "mnist")
    assert np.bincount(test.labels).tolist() == [
        *(980, 1135, 1032, 1010, 982),
        *(892, 958, 1028, 974, 1009),
    ]
    assert train.labels[list(paper.FIGURE_7_PATTERNS)].tolist() == list(range(10))


@NEEDS_MNIST
def test_the_input_levels_of_mnist(mnist: tuple[Patterns, Patterns]) -> None:
    """II-B wants mean 0 and variance 1; its levels give this mean, and a standard deviation of
    0.35: with a tenth of the field inked, no two levels so near to each other give more."""
    x = mnist[0].x()
    assert x.shape == (60_000, 32, 32, 1) and x.dtype == np.float32
    assert abs(x.mean(dtype=np.float64)) < 0.03
    assert x.var(dtype=np.float64) == pytest.approx(0.123, abs=0.001)
    assert (x.min(), x.max()) == (np.float32(-0.1), pytest.approx(1.175))


@pytest.mark.skipif(
    not REAL or not (Path(REAL) / "fashion-mnist").is_dir(),
    reason="LENET1998_DATA does not name a folder with fashion-mnist in it",
)
def test_fashion_mnist_is_fashion_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET1998_DATA", str(REAL))
    train, test = datasets.load_fashion_mnist()
    assert (train.dataset, test.dataset) == ("fashion-mnist", "fashion-mnist")
    assert np.bincount(train.labels).tolist() == [6000] * 10
    check_refused(
        "of Fashion-MNIST, expected", datasets.load_mnist, Path(str(REAL)) / "fashion-mnist"
    )
