"""The package's imports: no circle, and no arrow between wings that lenet1998/README.md forbids.

The table of that page is read here, so that the page is what holds.  Every import statement counts:
those inside functions and under `if TYPE_CHECKING` too.
"""

import ast
import configparser
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from lenet1998 import paper

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "lenet1998"
PAGE = ROOT / PACKAGE / "README.md"
FILES = sorted((ROOT / PACKAGE).rglob("*.py"))

LONGEST_MODULE = 300  # lines
LONGEST_LAYER = 130
LONGEST_FUNCTION = 60


def name_of(path: Path) -> str:
    """The dotted name of a module of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
PACKAGES = {name_of(path) for path in FILES if path.name == "__init__.py"}


def imported(name: str, tree: ast.Module) -> Iterator[str]:
    """The modules of the package that a module imports, by their dotted names."""
    package = name if name in PACKAGES else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole in MODULES else base


ARROWS = {
    name: {target for target in imported(name, tree) if target in MODULES and target != name}
    for name, tree in MODULES.items()
}


def wing(name: str) -> str:
    """The wing or the single file that a module belongs to: `data`, `paper`; "" for the package."""
    return [*name.split("."), ""][1]


def table() -> dict[str, set[str]]:
    """Who may import whom, from the page: wing or file -> wings and files."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| wing |"))
    found: dict[str, set[str]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        wings, _, may = (cell.strip() for cell in line.strip("|").split("|"))
        targets = {name.strip("`/") for name in re.findall(r"`[a-z0-9_/]+`", may)}
        for name in re.findall(r"`[a-z0-9_/]+`", wings):
            found[name.strip("`/")] = targets
    return found


def test_the_imports_are_read() -> None:
    """Else the tests below could not fail."""
    assert f"{PACKAGE}.paper" in ARROWS[f"{PACKAGE}.data.bitmaps"]
    assert f"{PACKAGE}.api" in ARROWS[PACKAGE]
    source = "from . import b\nfrom ..paper import A\ndef f():\n    from lenet1998.files import x\n"
    found = set(imported(f"{PACKAGE}.data.bitmaps", ast.parse(source)))
    assert found == {f"{PACKAGE}.data", f"{PACKAGE}.paper", f"{PACKAGE}.files"}


def test_the_table_names_every_wing() -> None:
    assert {wing(name) for name in MODULES} - {""} == set(table())


def test_imports_follow_the_table() -> None:
    allowed = table()
    wrong = {
        f"{name} imports {target}"
        for name, targets in ARROWS.items()
        for target in targets
        if wing(name) and wing(target) != wing(name) and wing(target) not in allowed[wing(name)]
    }
    assert not wrong, "\n".join(sorted(wrong))


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """The names along a circle; empty where there is none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_circle_is_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


def test_no_circle_of_modules() -> None:
    # The package itself re-exports names from everywhere; a module that imports it is in a circle.
    assert circle(ARROWS) == []


def test_no_circle_of_wings() -> None:
    wings: dict[str, set[str]] = {}
    for name, targets in ARROWS.items():
        wings.setdefault(wing(name), set()).update({wing(t) for t in targets} - {wing(name)})
    assert circle(wings) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_too_long(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    most = LONGEST_LAYER if wing(name_of(path)) == "layers" else LONGEST_MODULE
    assert lines <= most, f"{path}: {lines} lines"
    for node in ast.walk(MODULES[name_of(path)]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{path}: {node.name} has {length} lines"


def numbers_of_the_paper() -> set[str]:
    """Those that can be told from others, as a text would write them: 60,000, 0.95 %, 2 to 3."""
    found = set()
    for value in vars(paper).values():
        if isinstance(value, int) and value >= 10_000:
            found.add(f"{value:,}")
        elif isinstance(value, float):
            found.add(f"{value} %")
        elif isinstance(value, tuple) and len(value) == 2:
            found.add("{} to {}".format(*value))
    return found


def texts(tree: ast.Module) -> Iterator[str]:
    """The strings of a module, without its docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        known = id(node) in docstrings
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not known:
            yield node.value


def test_no_text_repeats_a_number_of_the_paper() -> None:
    numbers = numbers_of_the_paper()
    assert {"60,000", "0.95 %", "2 to 3", "-1 to 4"} <= numbers
    pattern = re.compile(rf"(?<![\d.,-])({'|'.join(map(re.escape, numbers))})(?!\d)")
    wrong = {
        f"{name}: {text}"
        for name, tree in MODULES.items()
        for text in texts(tree)
        if name != f"{PACKAGE}.paper" and pattern.search(text)
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_every_folder_with_modules_is_a_package() -> None:
    """`find:` in setup.cfg sees packages only: a wing without __init__.py would miss in a wheel."""
    folders = {path.parent for path in FILES}
    assert all((folder / "__init__.py").is_file() for folder in folders)
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    assert config["options"]["packages"] == "find:"


def test_the_page_names_files_that_exist() -> None:
    """In the reading order and in the table of where things are."""
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z0-9_]+/)*[a-z0-9_]+\.py)`", text))
    assert "learning/training.py" in named
    assert not {name for name in named if not any((r / name).exists() for r in (ROOT, PAGE.parent))}
