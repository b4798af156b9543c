"""Section III, one file an experiment."""
