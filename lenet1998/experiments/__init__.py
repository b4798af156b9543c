"""Section III of the paper: one file an experiment, all listed in `catalogue.py`."""
