"""The online step of tiny-dnn, a C++ library whose LeNet-5 has Table I and trainable pooling."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp

from lenet1998 import paper

from .workers import Failed

NAME = "tiny-dnn (C++)"
SOURCE = Path(__file__).with_name("tiny_dnn.cpp")
STB = Path("/usr/include/stb")  # where Debian has the headers that tiny-dnn looks for elsewhere
# The fastest that we found; without -ffast-math and AVX it takes 1.5 to 5 times as long.
FLAGS = ("-std=c++14", "-O3", "-march=native", "-ffast-math", "-DNDEBUG", "-DCNN_USE_AVX")
SINGLE_THREAD = "-DCNN_SINGLE_THREAD"


class TinyDNN:
    """A compiled program that answers as a `Worker` does, for the online step alone."""

    name = NAME

    def __init__(self) -> None:
        if (compiler := shutil.which("g++")) is None:
            raise Failed("there is no g++")
        self.folder = Path(mkdtemp())
        try:
            program = self._compile(compiler)
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        table = "".join("01"[s2 in maps] for s2 in range(paper.C1_MAPS) for maps in paper.TABLE_1)
        self.process = subprocess.Popen(
            [program, table], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _compile(self, compiler: str) -> Path:
        """The program, in a temporary folder.

        Raises:
            Failed: the library is not installed, or does not compile here.
        """
        (self.folder / "third_party").mkdir()
        if STB.exists():
            (self.folder / "third_party" / "stb").symlink_to(STB)
        program = self.folder / "step"
        command = [compiler, *FLAGS, SINGLE_THREAD, f"-I{self.folder}", str(SOURCE)]
        done = subprocess.run(
            [*command, "-o", str(program), "-lpthread"], capture_output=True, text=True
        )
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if "error" in line]
            raise Failed("; ".join(errors[:1]) or f"{compiler} ended with {done.returncode}")
        return program

    def ask(self, what: str, *arguments: object) -> float:
        """Seconds a step, ("time", "online", steps, 1) being the only question."""
        assert (what, arguments[0]) == ("time", "online") and self.process.stdin
        assert self.process.stdout
        try:
            print(arguments[1], file=self.process.stdin, flush=True)
            return float(self.process.stdout.readline())
        except (OSError, ValueError):
            raise Failed("its process died") from None

    def close(self) -> None:
        """End the process and remove the program."""
        self.process.communicate()
        shutil.rmtree(self.folder)
