"""One run: its settings and the files it writes; several runs at the same time."""
