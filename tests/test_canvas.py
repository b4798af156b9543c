"""Pictures do not depend on MPLBACKEND; what a user chose stays chosen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DRAW = """
from lenet1998.figures import confusion_matrix
confusion_matrix([[9, 1], [0, 9]] if False else __import__("numpy").eye(10, dtype=int), "ours", 1.0)
"""


def python(code: str, **environment: str) -> str:
    """The output of a new Python."""
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
