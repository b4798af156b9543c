"""This LeNet-5 beside PyTorch and JAX: its speed (`python -m tests.benchmarks --help`), and
tests that need them: `python -m pytest tests/benchmarks`."""
