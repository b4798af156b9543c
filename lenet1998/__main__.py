"""`python -m lenet1998`: the same program as reproduce.py and the command lenet1998."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
