"""The command line: flags, commands, exit status."""

import os

from ..threads import VARIABLES


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, with one thread for NumPy unless the environment says otherwise.

    Args:
        arguments: by default those of the process.

    Returns:
        The exit status: 0; 1 when training diverged; 2 for a mistake of the user or a file that
        cannot be written; 130 when interrupted.
    """
    for name in VARIABLES:
        os.environ.setdefault(name, "1")
    from .exits import run  # only now: no module before this line imports NumPy

    return run(arguments)
