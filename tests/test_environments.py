"""The README's test command passes whatever the environment holds; here a part of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "/proc/none" if sys.platform == "linux" else "/dev/null/none"  # cannot be made
# Derivatives, pictures, bad input, a training and a prediction from Python, a notebook.
PART = [
    "tests/layers/test_check.py",
    "tests/test_canvas.py",
    "tests/handwriting/test_bad_pictures.py",
    "tests/test_readme.py::test_the_python_example",
    "tests/notebooks/test_notebooks.py::test_runs_without_data_and_network[01-input]",
]
ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "backend Agg": {"MPLBACKEND": "Agg"},
    "backend of Jupyter": {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
    "backend not installed": {"MPLBACKEND": "module://no_such_package.backend"},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "plain C": {"LC_ALL": "C", "LANG": None, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "no home": {"HOME": None, "USERPROFILE": None, "XDG_CACHE_HOME": None},
    "a home that cannot be written": {"HOME": NOWHERE, "XDG_CACHE_HOME": None},
    "no assertions": {"PYTHONOPTIMIZE": "1"},
    "no docstrings": {"PYTHONOPTIMIZE": "2"},
    "four threads": {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"},
    "a narrow terminal": {"COLUMNS": "20", "NO_COLOR": "1", "TERM": "dumb"},
    "data that is not there": {"LENET1998_DATA": "/nowhere"},
}


def failures(words: list[str], cwd: Path, **environment: str | None) -> str:
    """Run a part of the tests in a new process; the end of what it says if they do not pass."""
    wanted = {**os.environ, **environment, "PYTEST_ADDOPTS": "-n 0 -p no:cacheprovider"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow", *words], cwd=cwd,
        env={name: value for name, value in wanted.items() if value is not None},
        capture_output=True, text=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return ""
    return f"status {done.returncode}: {done.stdout[-3000:]}{done.stderr[-1000:]}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_in_an_environment(name: str) -> None:
    assert failures(PART, ROOT, **ENVIRONMENTS[name]) == ""


@pytest.mark.slow
def test_from_another_folder_with_spaces_and_umlauts(tmp_path: Path) -> None:
    folder = tmp_path / "Löwe und Bär"
    folder.mkdir()
    words = [f"{ROOT / 'tests'}/{part.removeprefix('tests/')}" for part in PART]
    words += ["-c", str(ROOT / "setup.cfg"), "--rootdir", str(ROOT), f"--basetemp={folder / 'ö ü'}"]
    assert failures(words, folder) == ""
