"""The help of every command: on one screen, and complete on request."""

import re

import pytest
from bad_input import run

from lenet1998.cli.commands import COMMANDS
from lenet1998.experiments.catalogue import EXPERIMENTS
from lenet1998.run.recipes import RECIPES
from lenet1998.run.settings import DECLARED
from lenet1998.version import __version__

HELPS = ["", *COMMANDS, *(f"experiment {name}" for name in EXPERIMENTS)]


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(list(words)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", HELPS)
def test_a_help_fits_a_screen(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, *command.split(), "--help").splitlines()
    assert len(lines) <= 45 and max(map(len, lines)) <= 80
    assert not re.search(r"\(\d+\)", "\n".join(lines)), "default 20, not (20)"


def test_the_bare_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "--help")
    for name in COMMANDS:
        assert f"\n  {name} " in text
    assert "--help-all" in text and "default 20" in text and "--warmup" not in text


def test_the_long_help_has_every_setting_with_its_default(capsys) -> None:
    text = shown(capsys, "--help-all")
    words = " ".join(text.split())
    for name, field in DECLARED.items():
        declared = field.metadata["setting"]
        if declared.flag:
            assert re.search(rf"--{name.replace('_', '-')}[ ,]", text)
            assert " ".join(declared.help.split()) in words
    assert "default trainable" in words and "for --schedule cosine" in words
    assert max(map(len, text.splitlines())) <= 80


def test_the_lists_of_names(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "experiment", "--help")
    assert all(f"\n  {name} " in text for name in EXPERIMENTS)
    text = shown(capsys, "recipe", "--help")
    assert all(f"\n  {name} " in text for name in RECIPES)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "--version") == f"lenet1998 {__version__}\n"
