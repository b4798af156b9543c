"""Every notebook runs without a warning and draws something; its exercises take any answer.

The right answers of the exercises stand here; extra `notebooks`.
"""

import base64
import copy
import io
import os
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.image import imread

nbformat = pytest.importorskip("nbformat", reason="pip install -e .[notebooks]")
nbclient = pytest.importorskip("nbclient", reason="pip install -e .[notebooks]")
pytest.importorskip("ipykernel", reason="pip install -e .[notebooks]")

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = sorted(FOLDER.glob("[0-9][0-9]-*.ipynb"))
SOLUTIONS = sorted(FOLDER.glob("solutions/lab[0-9].ipynb"))
NOTEBOOKS = [*LESSONS, *SOLUTIONS]
# Answers, as Python expressions, of the exercises of level 1 and 2, and predictions for level 3.
ANSWERS = {
    "00": ["np.flatnonzero(answers != test.labels)[0]", "84", "30", "20"],
    "01": [
        "16",
        "(-grey.mean() / grey.std(), (1 - grey.mean()) / grey.std())",
        "'equal'",
        "'equal'",
    ],
    "02": ["500", "[[1, 0, 0, 0, -1]] * 5", "'no'", "'higher'"],
    "03": ["0.25", "-3", "'equal'", "'5 to 20'"],
    "04": ["2416", "[0, 4, 5, 10, 11, 13]", "'equal'", "0"],
    "05": ["f(4 * s4.coefficient[5] + s4.bias[5])", "4", "1", "'equal'"],
    "06": ["(9, 5)", "(np.sign(sloppy) != codes[3]).sum()", "40", "50"],
    "07": ["40", "(1, 4)", "'bitmap'", "'margin'"],
    "08": ["2.30", "-0.12", "'j = 50'", "'eq. 9'"],
    "09": ["0.755", "0.143", "'answers right, detected'", "-3"],
    "10": ["0.025", "7.12", "'layer'", "'lower'"],
    "11": ["max(moved, key=lambda name: moved[name][-1])", "1_200_000", "'equal'", "'higher'"],
    "12": ["900", "850", "'lower'", "'lower'"],
    "14": ["0.7", "24_000_000", "'lower'", "6"],
    "15": ["18", "11141", "80", "90"],
    "16": ["196", "0.99", "30", "5"],
    "13": ["47", "240_000", "'equal'", "'higher'"],
}
STRANGE = (
    "'a word'",
    "[]",
    "{}",
    "[[1], [2, 3]]",
    "print",
    "float('nan')",
    "(None, 1)",
    "np.eye(3)",
)
LONGEST = 60  # lines of text in an output: a screen
QUESTION = re.compile(r"(?m)^(answer|prediction) = None  #")
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
    assert pictures or name.startswith("lab"), f"{name}: no picture"


def test_every_experiment_and_exercise_of_a_lab_is_solved() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    solved = set()
    for path in SOLUTIONS:
        assert f"](solutions/{path.name})" in page
        cells = nbformat.read(path, as_version=4).cells
        lessons = re.findall(r"\]\(\.\./(\d\d)-", cells[0].source)
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        headings = " ".join(re.findall(r"(?m)^## (.*)", text))
        for number in lessons:
            missing = [f"{number}.{k}" for k in range(1, 5) if f"{number}.{k}" not in headings]
            assert not missing, f"{path.name}: no solution of {missing}"
        solved |= set(lessons)
    assert len(SOLUTIONS) == 6 and solved == {f"{k:02}" for k in range(17)}


def test_every_notebook_installs_the_package_in_its_first_cell() -> None:
    first = set()
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        first.add(next(cell.source for cell in cells if cell.cell_type == "code"))
    assert len(first) == 1 and "%pip install" in first.pop()


def test_the_first_cell_installs_the_wheel_where_the_package_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transform = pytest.importorskip("IPython.core.inputtransformer2").TransformerManager()
    cells = nbformat.read(LESSONS[0], as_version=4).cells
    source = next(cell.source for cell in cells if cell.cell_type == "code")
    code = compile(transform.transform_cell(source), "first cell", "exec", optimize=0)
    asked: list[tuple[str, str]] = []
    shell = SimpleNamespace(run_line_magic=lambda *magic: asked.append(magic))
    monkeypatch.chdir(tmp_path)
    exec(code, {"get_ipython": lambda: shell})
    assert not asked  # the package is here
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(AssertionError, match=r"Upload lenet1998-\*\.whl beside this notebook"):
        exec(code, {"get_ipython": lambda: shell})
    (tmp_path / "lenet1998-0.1.0-py3-none-any.whl").touch()
    exec(code, found := {"get_ipython": lambda: shell})
    assert asked == [("pip", "install --quiet {wheels[-1]}")]
    assert found["wheels"] == ["lenet1998-0.1.0-py3-none-any.whl"]


def test_links_lead_somewhere() -> None:
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                for link in re.findall(r"\]\(([^)#:]+)", cell.source):
                    assert (path.parent / link).exists(), f"{path.name}: {link}"


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
    # A kernel draws into the notebook by default; sliders are shown unless LENET1998_STILL is set.
    for name in ("LENET1998_DATA", "MPLBACKEND", "LENET1998_STILL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(FOLDER.parent)]))
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=180,  # seconds of a cell; a kernel's message that is lost takes all of them
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        coalesce_streams=True,
    )
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        client.set_widgets_metadata()
        check_outputs(notebook, path.name)
        check_sliders(notebook, path.name)
        assert np.all([cell.get("execution_count") for cell in notebook.cells if "outputs" in cell])
        check_exercises(client, path.stem[:2])


def check_sliders(notebook: "nbformat.NotebookNode", name: str) -> None:
    """Each picture with sliders was drawn, without an error or a warning."""
    wanted = sum(cell.source.count("\nexplore(") for cell in notebook.cells)
    widgets = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json")
    states = [model["state"] for model in widgets["state"].values()] if widgets else []
    drawn = [output for state in states for output in state.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in drawn) == wanted, name
    for output in drawn:
        assert output["output_type"] != "error" and output.get("name") != "stderr", output


def check_exercises(client: "nbclient.NotebookClient", number: str) -> None:
    """Give every exercise strange answers and the right one; the notebook has been executed."""
    cells = copy.deepcopy(client.nb.cells)
    questions = [i for i, cell in enumerate(cells) if QUESTION.search(cell.source)]
    answers = ANSWERS.get(number, [])

    def said(index: int, answer: str) -> str:
        question, check = copy.deepcopy(cells[index : index + 2])
        question.source = QUESTION.sub(rf"\1 = {answer}  #", question.source)
        client.execute_cell(question, index)
        client.execute_cell(check, index + 1)
        assert [output.get("name") for output in check.outputs] == ["stdout"]
        return str(check.outputs[0].text).splitlines()[-1]

    for level, (index, answer) in enumerate(zip(questions, answers, strict=True), start=1):
        for strange in STRANGE:
            assert said(index, strange).startswith(("This is not", "Not yet"))
        line = said(index, answer)
        assert line.startswith("Right" if level < 3 else ("Right", "Not yet")), (answer, line)
