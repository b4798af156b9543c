"""Every command and the Python example of the README run, on small data."""

import re
import shlex
from pathlib import Path

import pytest

import lenet1998
from lenet1998 import LeNet5
from lenet1998.cli import main
from lenet1998.data import datasets

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    path.relative_to(ROOT).as_posix()
    for name in ("*.md", "lenet1998/**/*.md", "notebooks/*.md", "tests/*.md")
    for path in ROOT.glob(name)
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
LINES = [line for kind, block in BLOCKS if not kind for line in block.splitlines()]
COMMANDS = [
    pytest.param(line, marks=pytest.mark.slow) if " ablation " in line else line
    for line in (line.partition("  #")[0].rstrip() for line in LINES)
    if line.startswith("lenet1998 ")
]
SMALL = ["--dataset", "printed", "--train-size", "40", "--test-size", "20", "--passes", "1"]
# What makes each command small; a flag that is given twice counts as it was given last.
SMALLER = {
    "": [*SMALL, "--seeds", "2", "--jobs", "1"],
    "--help": [],
    "predict": [],
    "draw": [],
    "experiment misclassified": [*SMALL[:2], *SMALL[4:6]],
    "experiment ablation": [*SMALL, "--seeds", "1", "--jobs", "1"],
    "recipe": SMALL,
    "summary": [],
    "page": [],
    "resume": [],
}


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 160


def test_the_first_two_commands_are_those_of_ci() -> None:
    """CI runs them as they stand."""
    first, second = (line for line in LINES if line.startswith("python "))
    assert first == "python -m pip install -e . && python reproduce.py"
    assert second.startswith("python -m pip install -e ") and second.endswith("python -m pytest")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(command: str, good_inputs: Path, monkeypatch, capsys) -> None:
    words = shlex.split(command)[1:]
    task = max((t for t in SMALLER if " ".join(words).startswith(t)), key=len)
    if task == "draw":
        opened = []
        monkeypatch.setattr(
            "lenet1998.handwriting.window.open_window", lambda *given: opened.append(given)
        )
    if task == "resume":
        monkeypatch.setattr("sys.argv", ["lenet1998"])
        if "--passes" in words:
            assert main([*SMALL, "--out", words[1]]) == 0
            words[-1] = "2"
        else:
            begin(words[1], monkeypatch)
    if task == "--help":
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 0
    else:
        assert main([*words, *SMALLER[task]]) == 0, capsys.readouterr().err
    assert task == "draw" or capsys.readouterr().out


def begin(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in this folder that was stopped in its first pass."""
    with monkeypatch.context() as patch:
        patch.setattr("lenet1998.run.stop.StopOnSignal.__call__", lambda self: True)
        assert main([*SMALL, "--out", folder]) == 130


def test_the_python_example(good_inputs: Path, monkeypatch, capsys) -> None:
    (code,) = (block for kind, block in BLOCKS if kind == "python")
    train, test = (patterns.subset(40) for patterns in datasets.load_printed())
    monkeypatch.setattr(lenet1998, "load_mnist", lambda: (train, test))
    names: dict[str, object] = {}
    exec(code, names)
    network = names["network"]
    assert isinstance(network, LeNet5)
    *passes, score, answers = capsys.readouterr().out.strip().splitlines()
    assert len(passes) >= 20 and 0 <= float(score) <= 1 and answers[0].isdigit()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Links to files of the checkout, and to headings of the pages."""
    path = ROOT / page
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        name, _, heading = target.partition("#")
        linked = path.parent / name if name else path
        assert linked.exists(), target
        if heading:
            heads = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
            assert heading in slugs, target
