"""The package finds its bitmaps and weights from a checkout, a wheel and `pip install -e`."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from lenet1998.data import bitmaps

ROOT = Path(__file__).resolve().parent.parent
REPORT = """
import json, pathlib
from lenet1998 import paper
from lenet1998.data import bitmaps
package = pathlib.Path(paper.__file__).resolve().parent
print(json.dumps({
    "package": str(package),
    "bitmaps": str(bitmaps.default_folder()),
    "codes": bitmaps.load_bitmaps().ravel().tolist(),
    "weights": sorted(path.name for path in package.glob("pretrained/*")),
}))
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """The output of a command run from `cwd`, away from the checkout and the network."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    variables |= {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}
    done = subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def report(cwd: Path, python: str | Path = sys.executable, **environment: str) -> dict[str, Any]:
    """What a Python process started elsewhere says of its `lenet1998`."""
    cwd.mkdir(exist_ok=True)
    found: dict[str, Any] = json.loads(run(python, "-c", REPORT, cwd=cwd, **environment))
    assert found["codes"] == bitmaps.load_bitmaps().ravel().tolist()
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in the checkout, so that building leaves nothing in it."""
    version = tuple(int(part) for part in metadata.version("setuptools").split(".")[:2])
    assert version >= (70, 1), "these tests need setuptools>=70.1: pip install -e .[test]"
    copy = tmp_path_factory.mktemp("checkout") / "lenet1998"
    copy.mkdir()
    for name in (
        "setup.cfg",
        "setup.py",
        "MANIFEST.in",
        "pyproject.toml",
        "LICENSE",
        "README.md",
        "reproduce.py",
    ):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy)
    for name in ("lenet1998", "bitmaps"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--wheel-dir", "dist", ".", cwd=checkout)
    (built,) = (checkout / "dist").glob("lenet1998-*.whl")
    return built


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*"))


def test_plain_checkout(tmp_path: Path) -> None:
    found = report(tmp_path, PYTHONPATH=str(ROOT))
    assert Path(found["package"]) == ROOT / "lenet1998"
    assert Path(found["bitmaps"]) == ROOT / "bitmaps"


def test_the_wheel_holds_every_module_bitmap_and_weight(checkout: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = {name: packed.read(name) for name in packed.namelist() if not name.endswith("/")}
    package = checkout / "lenet1998"
    expected = {
        **{
            f"lenet1998/{path.relative_to(package).as_posix()}": path
            for path in (*package.glob("**/*.py"), *package.glob("pretrained/*/*"))
        },
        **{f"lenet1998/figure3/{path.name}": path for path in checkout.glob("bitmaps/*.txt")},
    }
    assert len(list(checkout.glob("bitmaps/*.txt"))) == 96
    assert {name: path.read_bytes() for name, path in expected.items()}.items() <= inside.items()
    others = {name for name in inside if "dist-info" not in name} - set(expected)
    assert others <= {"reproduce.py"}
    assert any(name.endswith("LICENSE") for name in inside)


def test_installed_wheel(checkout: Path, wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
    run(*pip, "--target", target, wheel, cwd=tmp_path)
    found = report(tmp_path / "elsewhere", PYTHONPATH=str(target))
    assert Path(found["package"]) == target.resolve() / "lenet1998"
    assert Path(found["bitmaps"]) == target.resolve() / "lenet1998" / "figure3"
    assert found["weights"] == names(checkout / "lenet1998" / "pretrained")


def test_editable_install(checkout: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv = ("-m", "venv", "--without-pip", "--system-site-packages")
    run(sys.executable, *venv, environment, cwd=tmp_path)
    scripts, exe = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    python = environment / scripts / exe
    (site,) = environment.rglob("site-packages")
    # The packages of this environment, setuptools and pip among them, are visible in the new one.
    (site / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pip = (python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--editable", checkout, cwd=tmp_path)
    # A script beside the clone too: the folder of that name must not hide the package.
    assert report(checkout.parent, python) == report(tmp_path / "elsewhere", python)
    found = report(tmp_path / "elsewhere", python)
    assert Path(found["package"]) == checkout.resolve() / "lenet1998"
    assert Path(found["bitmaps"]) == checkout.resolve() / "bitmaps"
    assert found["weights"] == names(checkout / "lenet1998" / "pretrained")
