"""Every notebook runs, says nothing it should not, and draws something (extra `notebooks`)."""

import base64
import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

nbformat = pytest.importorskip("nbformat", reason="pip install -e .[notebooks]")
nbclient = pytest.importorskip("nbclient", reason="pip install -e .[notebooks]")
pytest.importorskip("ipykernel", reason="pip install -e .[notebooks]")

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[0-9][0-9]-*.ipynb"))
LONGEST = 60  # lines of text in an output: a screen
PATHS = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|Users|usr|var)/|[A-Z]:\\\\")


def outputs(notebook: "nbformat.NotebookNode") -> "list[nbformat.NotebookNode]":
    return [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]


def check_outputs(notebook: "nbformat.NotebookNode", name: str) -> None:
    """No error, warning or path of a machine, nothing longer than a screen, no blank picture."""
    pictures = 0
    for output in outputs(notebook):
        assert output.output_type != "error", f"{name}: {output.get('evalue')}"
        assert output.get("name") != "stderr", f"{name}: {output.get('text')}"
        data = output.get("data", {})
        text = output.get("text", data.get("text/plain", ""))
        assert text.count("\n") <= LONGEST, f"{name}: an output of {text.count(chr(10))} lines"
        assert not PATHS.search(text), f"{name}: {text}"
        if "image/png" in data:
            pictures += 1
            pixels = imread(io.BytesIO(base64.b64decode(data["image/png"])))
            assert pixels[..., :3].std() > 0.02, f"{name}: a blank picture"
    assert pictures, f"{name}: no picture"


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_as_executed(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code if cell.source.strip())
    assert path.stat().st_size < 1_000_000
    check_outputs(notebook, path.name)


@pytest.mark.slow
# tornado and zmq, which run the kernel, warn of things that are not ours.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_without_data_and_network(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LENET1998_DATA", "MPLBACKEND"):  # a kernel draws into the notebook by default
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(FOLDER.parent)]))
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute()
    check_outputs(notebook, path.name)
    assert np.all([cell.get("execution_count") for cell in notebook.cells if "outputs" in cell])
