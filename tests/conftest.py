"""One thread for NumPy's products, which are small: threads waiting for threads cost more."""

import os
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before any test imports NumPy

import pytest


@pytest.fixture
def own_data(tmp_path: Path) -> None:
    """Two data sets of one's own in the folders a and b: the same images, other labels."""
    from lenet1998.data import datasets, idx

    train, test = (patterns.subset(60) for patterns in datasets.load_printed())
    for name, labels in (("a", train.labels), ("b", train.labels[::-1])):
        (tmp_path / name).mkdir()
        for kind, patterns, own in (("train", train, labels), ("t10k", test, test.labels)):
            idx.write_idx(tmp_path / name / f"{kind}-images-idx3-ubyte", patterns.images)
            idx.write_idx(tmp_path / name / f"{kind}-labels-idx1-ubyte", own)
