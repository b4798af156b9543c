"""The help of every command: on one screen, and complete on request."""

import re

import pytest
from bad_input import run

from lenet1998.cli.commands import COMMANDS
from lenet1998.data.catalogue import DATASETS
from lenet1998.experiments.catalogue import EXPERIMENTS
from lenet1998.run.recipes import RECIPES
from lenet1998.run.settings import DECLARED
from lenet1998.run.variants import VARIANTS
from lenet1998.version import __version__

HELPS = [
    "",
    *COMMANDS,
    *(f"experiment {name}" for name in EXPERIMENTS),
    *(f"recipe {name}" for name in RECIPES),
]


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


def test_a_help_says_what_each_choice_is(capsys: pytest.CaptureFixture[str]) -> None:
    """In the text of its flag, not in a bare list of names."""
    words = " ".join(shown(capsys, "--help-all").split())
    texts = dict(re.findall(r"(--[a-z-]+) NAME (.*?)(?= --[a-z-]+ |$)", words))
    declared = {name: field.metadata["setting"] for name, field in DECLARED.items()}
    every = {name: one.choices for name, one in declared.items() if one.flag and one.choices}
    for name, choices in {**every, "variant": VARIANTS, "dataset": DATASETS}.items():
        text = texts[f"--{name.replace('_', '-')}"]
        for choice in choices:
            assert re.search(rf"(?<![\w-]){re.escape(choice)}(?![\w-])", text), (name, choice)
        assert not text.startswith(", ".join(choices)), f"{name}: a bare list"


def test_the_defaults_of_a_recipe_are_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(shown(capsys, "recipe", "sdlm-avgpool", "--help-all").split())
    assert "default 16" in text and "default average" in text and "default 256" in text
    text = " ".join(shown(capsys, "experiment", "systems", "--help").split())
    assert "passes through the patterns; default the recipe's" in text


def test_the_summary_of_a_network_for_strings(capsys: pytest.CaptureFixture[str]) -> None:
    for flags, units in (("--codes digits-and-space", 11), ("--output softmax", 10)):
        assert f" 1 x 1 x {units} " in shown(capsys, "summary", *flags.split())


def test_the_lists_of_names(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "experiment", "--help")
    assert all(f"\n  {name} " in text for name in EXPERIMENTS)
    text = shown(capsys, "recipe", "--help")
    assert all(f"\n  {name} " in text for name in RECIPES)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "--version") == f"lenet1998 {__version__}\n"
