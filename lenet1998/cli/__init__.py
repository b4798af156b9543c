"""The command line: flags, commands, exit status."""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, with one thread for NumPy unless the environment says otherwise.

    Args:
        arguments: by default those of the process.

    Returns:
        The exit status: 0; 1 when training diverged; 2 for a mistake of the user or a file that
        cannot be written; 130 when interrupted.
    """
    try:
        from .exits import run  # only now: until its first line Ctrl-C is this KeyboardInterrupt
    except KeyboardInterrupt:
        print("lenet1998: interrupted: give the same command again", file=sys.stderr)
        return 130
    return run(arguments)
