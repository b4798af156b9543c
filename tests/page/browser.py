"""A headless Chromium for the tests of the page."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDE, PHONE = (1360, 3000), (390, 844)  # CSS pixels; in the wide one all of the page is in sight


def missing() -> str:
    """Why there is no browser here, or an empty string."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "needs selenium: pip install -e .[page]"
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        return "needs Chromium: apt-get install chromium chromium-driver"
    return ""


def start(profile: Path, phone: bool = False) -> Any:
    """A driver with an empty profile; its logs hold the console and all requests."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--disable-dev-shm-usage", f"--user-data-dir={profile}"),
        f"--window-size={WIDE[0]},{WIDE[1]}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if phone:
        metrics = {"width": PHONE[0], "height": PHONE[1], "pixelRatio": 2.0, "touch": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    driver.set_script_timeout(120)  # seconds: frames are slow to come on a busy machine
    return driver


class Browser:
    """A driver and what the tests ask of the page in it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path) -> None:
        """Load the page afresh, and forget what was logged before."""
        self.errors(), self.requests()
        self.driver.get(path.as_uri())
        self.settle()

    def js(self, script: str, *arguments: Any) -> Any:
        """The result of a script; `page` is the page's object and `$` finds an element."""
        head = "const {page} = lenet5, $ = (id) => document.getElementById(id);"
        return self.driver.execute_script(head + script, *arguments)

    def settle(self) -> None:
        """Wait until the page has answered what it was asked."""
        self.driver.execute_async_script(
            "const done = arguments[0], frame = () => lenet5.page.waiting || lenet5.page.stale "
            "? requestAnimationFrame(frame) : done(); "
            "requestAnimationFrame(() => requestAnimationFrame(frame));"
        )

    def come_to_rest(self) -> None:
        """Wait until nothing on the page moves, and it has answered."""
        self.driver.execute_async_script(
            "const done = arguments[0], frame = () => lenet5.page.motion "
            "? requestAnimationFrame(frame) : done(); frame();"
        )
        self.settle()

    def find(self, name: str) -> Any:
        """The element with that id."""
        return self.driver.find_element("id", name)

    def text(self, name: str) -> str:
        """The text of the element with that id."""
        content: str = self.js("return $(arguments[0]).textContent", name)
        return content

    def press(self, name: str) -> None:
        """Click the element with that id, and let the page answer."""
        self.js("$(arguments[0]).click()", name)
        self.settle()

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is, and let the page answer."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver, duration=0).send_keys(*keys).perform()
        self.settle()

    def slide(self, label: str, value: float) -> None:
        """Move a slider as a user does."""
        self.js(
            "const input = $(`slider-${arguments[0]}`); input.value = arguments[1];"
            "input.dispatchEvent(new Event('input', {bubbles: true}))",
            label,
            value,
        )
        self.settle()

    def state(self, layer: str, kind: str = "x") -> NDArray[np.float64]:
        """A layer's state (x) or sums (a), flat."""
        return np.array(self.js("return [...page.states[arguments[0]][arguments[1]]]", layer, kind))

    def image(self) -> NDArray[np.uint8]:
        """The image that the network reads, (28, 28)."""
        return np.array(self.js("return [...page.image]"), np.uint8).reshape(28, 28)

    def take(self, image: NDArray[np.uint8]) -> None:
        """Give the page an image (28, 28)."""
        self.js("page.padView.take(Uint8Array.from(arguments[0]), 'test')", image.ravel().tolist())
        self.settle()

    def errors(self) -> list[str]:
        """What the console has been told."""
        told = [str(entry["message"]) for entry in self.driver.get_log("browser")]
        return [text for text in told if "willReadFrequently" not in text]  # of the tests' reading

    def requests(self) -> list[str]:
        """All addresses asked for, but for files, data, and the browser's own pages."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.append(message["params"]["request"]["url"])
        return [url for url in found if not url.startswith(("file:", "data:", "blob:", "chrome:"))]

    def screenshot(self, path: Path) -> None:
        """The window as a PNG file."""
        path.write_bytes(base64.b64decode(self.driver.get_screenshot_as_base64()))
