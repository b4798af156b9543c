"""How files are written and named where it depends on the operating system."""

import os
import shlex
import sys
from pathlib import Path

import pytest

from lenet1998 import files

posix = pytest.mark.skipif(sys.platform == "win32", reason="it plays Windows")


@posix
@pytest.mark.parametrize("times", [0, 3, 1000])
def test_windows_waits_while_a_file_is_open(
    times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a file that another process reads, for as long as it reads."""
    path, rename, slept, left = tmp_path / "x.csv", os.replace, [], [times]
    files.write_csv(path, ["a"], [[1]])

    def replace(source: Path, target: Path) -> None:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "in use", str(target))
        rename(source, target)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(files, "sleep", slept.append)
    monkeypatch.setattr(sys, "platform", "win32")
    if times < 1000:
        files.write_csv(path, ["a"], [[2]])
        assert len(slept) == times
    else:
        with pytest.raises(PermissionError):
            files.write_csv(path, ["a"], [[2]])
        assert 0.5 < sum(slept) < 5
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8").split() == ["a", "2" if times < 1000 else "1"]
    assert [one.name for one in tmp_path.iterdir()] == ["x.csv"]


def test_elsewhere_a_file_that_may_not_be_replaced_is_an_error_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(source: Path, target: Path) -> None:
        raise PermissionError(13, "not permitted", str(target))

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(files, "sleep", lambda seconds: pytest.fail("it waited"))
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(PermissionError):
        files.write_csv(tmp_path / "x.csv", ["a"], [[1]])


@pytest.mark.parametrize("path", ["runs/mnist", "my runs/mnist 1998", "it's", 'a"b', "a$b;c"])
def test_a_path_in_a_command_that_is_told(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """cmd.exe knows double quotes only."""
    monkeypatch.setattr(sys, "platform", "linux")
    assert shlex.split(files.quoted(path)) == [path]
    monkeypatch.setattr(sys, "platform", "win32")
    told = files.quoted(path)
    assert "'" not in told or "'" in path
    assert told.startswith('"') == (" " in path)
