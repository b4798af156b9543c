"""LeNet-5 carried to PyTorch: a module made from nothing but `network.arrays()` answers alike."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lenet1998 import LeNet5, load_printed


class Twin(torch.nn.Module):
    """LeNet-5 of 1998 in PyTorch, NCHW, with the weights of ours."""

    def __init__(self, network: LeNet5) -> None:
        super().__init__()
        for name, array in network.arrays().items():
            tensor = torch.from_numpy(array)
            if name.endswith("kernel"):
                tensor = tensor.permute(3, 2, 0, 1)  # maps, maps below, height, width
            elif name.endswith("weights"):
                tensor = tensor.T  # units, units below
            elif name.startswith("S"):
                tensor = tensor[:, None, None]
            self.register_buffer(name.replace(" ", "_"), tensor.contiguous())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        def squash(a: torch.Tensor) -> torch.Tensor:
            return 1.7159 * torch.tanh(2 / 3 * a)

        def subsample(x: torch.Tensor, name: str) -> torch.Tensor:
            total = 4 * F.avg_pool2d(x, 2)
            return getattr(self, f"{name}_coefficient") * total + getattr(self, f"{name}_bias")

        x = squash(F.conv2d(x, self.C1_kernel, self.C1_bias))
        x = squash(subsample(x, "S2"))
        x = squash(F.conv2d(x, self.C3_kernel, self.C3_bias))
        x = squash(subsample(x, "S4"))
        x = squash(F.conv2d(x, self.C5_kernel, self.C5_bias)).flatten(1)
        x = squash(F.linear(x, self.F6_weights, self.F6_bias))
        return (x[:, None] - self.OUTPUT_codes).square().sum(2)


@pytest.mark.parametrize("weights", ["1998", "distortions", "noise"])
def test_the_twin_gives_the_penalties_of_ours(weights: str) -> None:
    network = LeNet5.pretrained(weights, np.float64)
    x = load_printed()[1].x(slice(0, 50), np.float64)
    with torch.no_grad():
        theirs = Twin(network)(torch.from_numpy(x).permute(0, 3, 1, 2)).numpy()
    np.testing.assert_allclose(network.penalties(x), theirs, rtol=1e-9)


def test_c3_may_not_grow_connections() -> None:
    """Who trains the twin on masks the gradient by the table, as here the kernel."""
    network = LeNet5.pretrained()
    arrays = network.arrays()
    masked = arrays["C3 kernel"] * arrays["C3 table"]
    np.testing.assert_array_equal(masked, arrays["C3 kernel"])
