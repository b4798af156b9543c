"""A page made from the weights of one's own run shows them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Browser

from lenet1998 import LeNet5, paper
from lenet1998.cli import commands
from lenet1998.data import printed

pytestmark = pytest.mark.slow
CLOSE = 1e-4


@pytest.fixture(params=[None, 57.0])
def own(
    request: pytest.FixtureRequest, desktop: Browser, tmp_path: Path
) -> Iterator[tuple[Browser, Any, float | None]]:
    """The page of a run, its network, and its margin to reject below, if it has one."""
    run, network = tmp_path / "my-run", LeNet5(seed=5)
    run.mkdir()
    network.save(run / "weights.npz")
    if request.param is not None:
        (run / "rejection.json").write_text(f'{{"reject_below": {request.param}}}')
    page = tmp_path / "own.html"
    commands.run(["page", str(page), "--weights", str(run / "weights.npz")])
    desktop.open(page)
    yield desktop, LeNet5.load(run / "weights.npz", np.float64), request.param
    assert desktop.errors() == []
    assert desktop.requests() == []


def test_it_answers_with_them_and_says_whose_they_are(
    own: tuple[Browser, Any, float | None],
) -> None:
    browser, network, _ = own
    for image in printed.test_digits()[0][:20]:
        browser.take(image)
        assert abs(browser.state("OUTPUT") - network.penalties(image)[0]).max() < CLOSE
    said = browser.text("trainings")
    assert "my-run" in said and "weights of your own" in said
    assert browser.js("return page.trainings.length") == 4
    kernel = np.array(browser.js("return [...page.training.arrays.C1.kernel]"))
    assert np.allclose(kernel, network.layer("C1").kernel.ravel())


def test_it_rejects_with_their_margin_or_says_that_there_is_none(
    own: tuple[Browser, Any, float | None],
) -> None:
    browser, network, margin = own
    images, labels = printed.test_digits()
    slider = "return $('reject-slider').querySelector('output').textContent"
    if margin is not None:
        for digit in range(paper.CLASSES):
            image = images[np.flatnonzero(labels == digit)[0]]
            browser.take(image)
            first, second = np.sort(network.penalties(image)[0])[:2]
            wanted = "Rejected" if second - first < margin else "Accepted"
            assert browser.text("decision").startswith(wanted)
        assert browser.js(slider) == "57.0"
        return
    assert browser.text("decision").startswith("No rejection")
    assert "no margin below which to reject" in browser.text("decision")
    assert browser.text("judgement").startswith("No rejection")
    assert browser.js(slider) == "none"
    browser.slide("reject-below", 40)
    assert browser.text("decision").startswith("Rejected")
    browser.js("page.useTraining(1)")
    browser.settle()
    assert browser.text("decision").startswith(("Rejected", "Accepted"))
    browser.js("page.useTraining(0)")
    browser.settle()
    assert browser.text("decision").startswith("No rejection")
