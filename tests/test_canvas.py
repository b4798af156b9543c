"""Pictures do not depend on MPLBACKEND; what a user chose stays chosen."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pictures import png

ROOT = Path(__file__).resolve().parent.parent
DRAW = """
import io
import numpy as np
from lenet1998.figures import confusion_matrix
file = io.BytesIO()
confusion_matrix(np.eye(10, dtype=int), "ours").savefig(file, format="png")
print(file.getvalue()[1:4].decode())
"""


def python(code: str, **environment: str) -> str:
    """The output of a new Python."""
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("backend", ["module://no_such_package.backend", "nonsense", "pdf"])
def test_a_picture_is_drawn_whatever_the_backend(backend: str) -> None:
    assert python(DRAW, MPLBACKEND=backend) == "PNG"


def test_a_picture_file_is_read_whatever_the_backend(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(np.eye(9, dtype=int) * 255))
    code = "from lenet1998.handwriting.pictures import read\n"
    code += f"print(len(list(read({str(tmp_path / 'a.png')!r}))))"
    assert python(code, MPLBACKEND="nonsense") == "1"


def test_the_choice_of_the_environment_holds() -> None:
    code = "import lenet1998.figures, matplotlib, os\n"
    code += "print(matplotlib.get_backend(), os.environ['MPLBACKEND'])"
    assert python(code, MPLBACKEND="svg") == "svg svg"


def test_the_choice_of_the_program_holds() -> None:
    code = "import matplotlib\nmatplotlib.use('pdf')\nimport lenet1998.figures\n"
    assert python(code + "print(matplotlib.get_backend())", MPLBACKEND="svg") == "pdf"
