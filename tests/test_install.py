"""The package finds its bitmaps and weights from a checkout, a wheel and `pip install -e`."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from bad_input import PNG

from lenet1998.data import bitmaps

ROOT = Path(__file__).resolve().parent.parent
FILES = [
    ".gitignore",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "MANIFEST.in",
    "README.md",
    "pyproject.toml",
    "reproduce.py",
    "setup.cfg",
]
FOLDERS = ["bitmaps", "lenet1998", "notebooks", "tests"]
REPORT = """
import json, pathlib
from lenet1998 import LeNet5, paper
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
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    generated = shutil.ignore_patterns("__pycache__", ".*", "runs")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=generated)
    return copy


def build(kind: str, checkout: Path) -> None:
    """Build a wheel or an sdist into the folder dist, as pip does it without isolation."""
    hook = f"from setuptools import build_meta; build_meta.build_{kind}('dist')"
    run(sys.executable, "-c", hook, cwd=checkout)


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    build("wheel", checkout)
    (built,) = (checkout / "dist").glob("lenet1998-*.whl")
    return built


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """The Python of a new virtual environment, which sees the packages of this one too."""
    folder = tmp_path / "venv"
    venv = ("-m", "venv", "--without-pip", "--system-site-packages")
    run(sys.executable, *venv, folder, cwd=tmp_path)
    scripts, exe = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    (site,) = folder.rglob("site-packages")
    (site / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / scripts / exe


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*"))


def test_plain_checkout(tmp_path: Path) -> None:
    found = report(tmp_path, PYTHONPATH=str(ROOT))
    assert Path(found["package"]) == ROOT / "lenet1998"
    assert Path(found["bitmaps"]) == ROOT / "bitmaps"


@pytest.mark.slow
def test_the_wheel_holds_every_module_bitmap_and_weight(checkout: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = {name: packed.read(name) for name in packed.namelist() if not name.endswith("/")}
    package = checkout / "lenet1998"
    needed = {path for path in package.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert package / "py.typed" in needed
    expected = {f"lenet1998/{path.relative_to(package).as_posix()}": path for path in needed}
    bits = {path.name: path.read_bytes() for path in checkout.glob("bitmaps/*.txt")}
    assert len(bits) == 96
    shared = {name: content for name, content in inside.items() if ".data/" in name}
    assert {Path(name).name: content for name, content in shared.items()} == bits
    assert all(".data/data/share/lenet1998/bitmaps/" in name for name in shared)
    assert {name: path.read_bytes() for name, path in expected.items()}.items() <= inside.items()
    others = {name for name in inside if "dist-info" not in name} - set(expected) - set(shared)
    assert all(name.startswith("lenet1998/") for name in others), "nothing else in site-packages"
    assert any(name.endswith("LICENSE") for name in inside)


@pytest.mark.slow
def test_wheel_in_a_folder(checkout: Path, wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
    run(*pip, "--target", target, wheel, cwd=tmp_path)
    found = report(tmp_path / "elsewhere", PYTHONPATH=str(target))
    assert Path(found["package"]) == target.resolve() / "lenet1998"
    assert Path(found["bitmaps"]) == target.resolve() / "share" / "lenet1998" / "bitmaps"
    assert found["weights"] == names(checkout / "lenet1998" / "pretrained")


@pytest.mark.slow
def test_wheel_in_an_environment(wheel: Path, environment: Path, tmp_path: Path) -> None:
    run(environment, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    found = report(tmp_path / "elsewhere", environment)
    prefix = environment.parent.parent.resolve()
    assert prefix in Path(found["package"]).parents
    assert Path(found["bitmaps"]) == prefix / "share" / "lenet1998" / "bitmaps"
    program = environment.parent / ("lenet1998.exe" if os.name == "nt" else "lenet1998")
    small = ("--dataset", "printed", "--train-size", "60", "--test-size", "20", "--passes", "1")
    here = tmp_path / "elsewhere"
    run(program, *small, "--out", "run", cwd=here)
    assert (here / "run" / "weights.npz").is_file()
    (here / "digit.png").write_bytes(PNG)
    assert "digit.png" in run(program, "predict", "digit.png", cwd=here)
    assert "usage" in run(environment, "-m", "lenet1998", "--help", cwd=here).lower()


@pytest.mark.slow
def test_the_command_of_a_wheel(wheel: Path, environment: Path, tmp_path: Path) -> None:
    """From a folder without a checkout: the console script and `python -m` are one program."""
    run(environment, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    script = environment.with_name("lenet1998" + environment.suffix)
    summary = run(script, "summary", cwd=tmp_path)
    assert "60,000" in summary
    assert run(environment, "-m", "lenet1998", "summary", cwd=tmp_path) == summary
    flags = "--dataset printed --train-size 50 --test-size 20 --passes 1 --quiet --out run"
    run(script, *flags.split(), cwd=tmp_path)
    assert (tmp_path / "run" / "weights.npz").is_file()


@pytest.mark.slow
def test_editable_install(checkout: Path, environment: Path, tmp_path: Path) -> None:
    pip = (environment, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--editable", checkout, cwd=tmp_path)
    # A script beside the clone too: the folder of that name must not hide the package.
    assert report(checkout.parent, environment) == report(tmp_path / "elsewhere", environment)
    found = report(tmp_path / "elsewhere", environment)
    assert Path(found["package"]) == checkout.resolve() / "lenet1998"
    assert Path(found["bitmaps"]) == checkout.resolve() / "bitmaps"
    assert found["weights"] == names(checkout / "lenet1998" / "pretrained")


@pytest.mark.slow
def test_the_sdist_holds_all_that_the_tests_need(checkout: Path) -> None:
    """Every file of the checkout; so it passes the tests that the checkout passes."""
    build("sdist", checkout)
    (built,) = (checkout / "dist").glob("lenet1998-*.tar.gz")
    with tarfile.open(built) as packed:
        inside = {name.partition("/")[2] for name in packed.getnames()}
    below = {p for name in FOLDERS for p in (checkout / name).rglob("*") if p.is_file()}
    expected = {path.relative_to(checkout).as_posix() for path in below} | set(FILES)
    assert {"tests/test_install.py", "notebooks/00-overview.ipynb"} <= expected
    assert not expected - inside
