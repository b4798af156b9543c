"""Train LeNet-5 as published in 1998 and print the result with the paper's (III-B, III-C).

    python reproduce.py

The training itself is one page: lenet1998/run/learn.py.  The flags are in lenet1998/cli/flags.py.
"""

import sys

from lenet1998.cli import main

if __name__ == "__main__":
    sys.exit(main())
