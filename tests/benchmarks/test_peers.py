"""The peers of the benchmark compute what ours does: their updates give our gradient."""

import importlib.util
import shutil

import numpy as np
import pytest

from lenet1998 import LeNet5, load_printed

from .peers import OURS, PEERS, build

NEEDS = {"torch_peer": "torch", "jax_peer": "jax"}
pytestmark = pytest.mark.filterwarnings("default")  # other people's deprecations are not ours


@pytest.mark.parametrize("online", [True, False], ids=["online", "batch"])
@pytest.mark.parametrize("name", [name for name in PEERS if name != OURS])
def test_gradient_is_ours(name: str, online: bool) -> None:
    """In float64 where eager code makes that cheap, else in float32 to 1e-4, layer by layer."""
    needs = NEEDS[PEERS[name][0]]
    if importlib.util.find_spec(needs) is None:
        pytest.skip(f"{needs} is not installed: pip install -e .[bench]")
    if name.startswith("torch.compile") and shutil.which("c++") is None:
        pytest.skip("torch.compile needs a C++ compiler")
    dtype, tolerance = ("float64", 1e-9) if name.startswith("PyTorch") else ("float32", 1e-4)
    network, patterns = LeNet5(seed=3, dtype=dtype), load_printed()[0]
    n = 1 if online else 5
    x, labels = patterns.x(slice(n), dtype), patterns.labels[:n]
    ours = build(OURS, dtype=dtype).gradient(network.parameters, x, labels, online)
    theirs = build(name, dtype=dtype).gradient(network.parameters, x, labels, online)
    for layer, part in network.slices.items():
        error = np.linalg.norm(theirs[part] - ours[part]) / np.linalg.norm(ours[part])
        assert error < tolerance, f"{layer} of {name}: {error:.1e}"
