"""The page in a browser, made once; every test opens it afresh."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, missing, start

from lenet1998.page.build import write_page


@pytest.fixture(scope="session")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with the shipped weights."""
    path = tmp_path_factory.mktemp("page") / "lenet5.html"
    write_page(path)
    return path


@pytest.fixture(scope="session")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser with a wide window."""
    if why := missing():
        pytest.skip(why)
    browser = Browser(start(tmp_path_factory.mktemp("profile")))
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="session")
def handheld(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser with a phone's screen and touch."""
    if why := missing():
        pytest.skip(why)
    browser = Browser(start(tmp_path_factory.mktemp("profile"), phone=True))
    yield browser
    browser.driver.quit()


def opened(browser: Browser, path: Path) -> Iterator[Browser]:
    """The page opened afresh; afterwards nothing was complained of, nothing asked for."""
    browser.open(path)
    yield browser
    assert browser.errors() == []
    assert browser.requests() == []


@pytest.fixture
def wide(desktop: Browser, page_path: Path) -> Iterator[Browser]:
    """The page in a wide window."""
    yield from opened(desktop, page_path)


@pytest.fixture
def phone(handheld: Browser, page_path: Path) -> Iterator[Browser]:
    """The page on a phone."""
    yield from opened(handheld, page_path)
