"""The PyTorch network of the Fashion-MNIST report: its size, its answers, what it learns."""

import pytest

from lenet1998 import load_printed

torch = pytest.importorskip("torch", reason="pip install -e .[bench]")
from . import fashion  # noqa: E402 - it imports PyTorch

pytestmark = pytest.mark.filterwarnings("default")  # other people's deprecations are not ours


def test_as_many_parameters_as_reported() -> None:
    """Layer by layer, and 1,630,282 in all."""
    counts = [sum(p.numel() for p in layer.parameters()) for layer in fashion.build()]
    assert [n for n in counts if n] == [320, 64, 18_496, 128, 1_606_144, 5_130]
    assert sum(counts) == 1_630_282


def test_initial_weights_are_those_reported() -> None:
    """He normal in the convolutions, Xavier uniform in the dense layers, biases 0."""
    torch.manual_seed(1)
    network = fashion.build()
    first, second = network[0], network[4]
    dense, output = network[9], network[11]
    assert float(first.weight.detach().std()) == pytest.approx(0.4714, rel=0.1)
    assert float(second.weight.detach().std()) == pytest.approx(0.0833, rel=0.05)
    assert float(dense.weight.detach().abs().max()) == pytest.approx(0.0406, rel=0.01)
    assert float(output.weight.detach().abs().max()) == pytest.approx(0.1072, rel=0.01)
    assert all(not layer.bias.detach().any() for layer in (first, second, dense, output))


def test_it_learns_and_so_does_ours() -> None:
    train, test = (
        patterns.subset(n) for patterns, n in zip(load_printed(), (500, 200), strict=True)
    )
    torch.manual_seed(1)
    theirs = list(fashion.train(fashion.build(), train, test, 2))
    ours = list(fashion.train_ours(train, test, 2, seed=1))
    assert theirs[1].training > theirs[0].training and theirs[1].test > 50
    assert ours[1].training > ours[0].training
