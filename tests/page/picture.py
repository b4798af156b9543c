"""The README's picture of the page: `python -m tests.page.picture notebooks/figures/page.png`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from lenet1998.page.build import write_page

from .browser import Browser, missing, start

WIDTH = 1280  # CSS pixels


def main() -> None:
    """Write the first part of the page, down to the panel of a unit, as a PNG file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path, help="the PNG file to write")
    args = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lenet5.html")
        write_page(path)
        driver = start(Path(folder, "profile"))
        try:
            browser = Browser(driver)
            driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
            metrics = {"width": WIDTH, "height": 1200, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            browser.open(path)
            end = browser.js("return $('play').getBoundingClientRect().top")
            metrics["height"] = int(end) - 8
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            browser.settle()
            browser.screenshot(args.picture)
        finally:
            driver.quit()


if __name__ == "__main__":
    main()
