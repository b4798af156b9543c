"""Metadata is in setup.cfg; here only the one step that it cannot say: bitmaps/ into the wheel."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithBitmaps(build_py):
    """Puts bitmaps/*.txt beside the modules, as lenet1998/figure3, where `bitmaps.py` looks."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the checkout itself is used, with its folder bitmaps
            return
        target = Path(self.build_lib, "lenet1998", "figure3")
        target.mkdir(parents=True, exist_ok=True)
        for source in sorted(Path(__file__).parent.glob("bitmaps/*.txt")):
            shutil.copyfile(source, target / source.name)


setup(cmdclass={"build_py": BuildWithBitmaps})
