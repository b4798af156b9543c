"""The speed of this LeNet-5 beside PyTorch and JAX: `python -m tests.benchmarks --help`."""
