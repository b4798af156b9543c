"""tiny-dnn's step, where the library can be had, and what is said where it cannot."""

import shutil

import pytest

from .cpp import TinyDNN
from .workers import Failed


def test_steps_are_timed() -> None:
    try:
        program = TinyDNN()
    except Failed as error:
        pytest.skip(f"tiny-dnn: {error}")
    assert 0 < program.ask("time", "online", 20, 1) < 1
    program.close()
    assert program.process.returncode == 0 and not program.folder.exists()


def test_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Failed, match=r"g\+\+"):
        TinyDNN()
