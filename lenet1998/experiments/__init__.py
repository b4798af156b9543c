"""Section III of the paper: one file per experiment, all listed in `catalogue.py`."""
