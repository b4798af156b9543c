"""One thread for NumPy's products: they are small, and threads waiting for threads cost more."""

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before any test imports NumPy
