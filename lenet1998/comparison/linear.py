"""III-C.1: the linear classifier."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .. import paper
from ..arrays import Array
from ..data.patterns import check_levels, scale_levels
from ..files import InputError
from ..layers.activations import Squash
from ..layers.full import Full
from ..layers.rbf import RBF
from ..learning import schedules, sdlm
from ..learning.criterion import MLE
from ..learning.training import batch_gradient
from ..network.network import Network

_BLOCK = 1000  # images read at a time
_FEW = 50  # patterns of the linear classifier turned into floats together


class Linear:
    """Every pixel contributes to a weighted sum for each class; the highest sum is the answer.

    784 pixels make 7,850 parameters, 400 make 4,010, the ten biases included.

    Reading: it learns as LeNet-5 does in III-B, as the network without hidden layers: the sums are
    squashed, and the squared error to +1 for the right class and -1 for the others (eq. 8) falls
    pattern by pattern, with a step for each parameter, over the 20 passes of the schedule.  No
    number of it was chosen here.

    Args:
        images: (n, height, width), grey levels 0 to 255 of any type.
        labels: right classes (n,).
        seed: of the first weights, of the order and of the patterns for the curvature.
        passes: with the paper's schedule.
        quiet: no progress bar; there is none either where the output is not a terminal.

    Raises:
        InputError: images and labels do not fit together.
    """

    def __init__(
        self,
        images: NDArray[Any],
        labels: NDArray[np.integer],
        seed: int = 0,
        passes: int = paper.PASSES,
        quiet: bool = False,
    ) -> None:
        check_levels(images)
        if labels.shape != (len(images),) or not len(images):
            raise InputError(
                f"{len(images)} images and labels {labels.shape}: expected one label an image"
            )
        self.shape = images.shape[1:]
        pixels = self.shape[0] * self.shape[1]
        self.sum = Full("SUM", pixels, paper.CLASSES)
        codes = 2 * np.eye(paper.CLASSES) - 1  # nearest to code i: the sum i is the highest
        self.network = Network(
            [self.sum, Squash(), RBF("OUTPUT", codes)],
            (1, 1, pixels),
            rng=np.random.default_rng(seed),
        )
        self._learn(images, labels.astype(np.intp), seed, passes, quiet)

    def _learn(
        self, images: NDArray[Any], labels: NDArray[np.intp], seed: int, passes: int, quiet: bool
    ) -> None:
        """III-B: one random order, the curvature before each pass, a step after each pattern."""
        network, criterion = self.network, MLE()
        rng = np.random.default_rng([seed, 1])
        order = rng.permutation(len(images))
        enough = min(paper.CURVATURE_PATTERNS, len(images))
        etas = schedules.paper_schedule(passes)
        with tqdm(
            total=passes * len(images),
            desc=f"linear, {self.shape[0]}x{self.shape[1]}",
            unit=" patterns",
            disable=quiet or None,
            dynamic_ncols=True,
        ) as bar:
            for eta in etas:
                sample = rng.choice(len(images), enough, replace=False)
                blocks = [(_inputs(images[sample]), labels[sample])]
                curvature = sdlm.estimate_curvature(network, criterion, blocks)
                steps = sdlm.step_sizes(network, curvature, eta, "parameter")
                for start in range(0, len(order), _FEW):
                    index = order[start : start + _FEW]
                    x, right = _inputs(images[index]), labels[index]
                    for i in range(len(index)):
                        one = slice(i, i + 1)
                        batch_gradient(network, criterion, x[one], right[one])
                        np.multiply(steps, network.gradient, network.gradient)
                        np.subtract(network.parameters, network.gradient, network.parameters)
                    bar.update(len(index))

    def sums(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """The weighted sum of each class, its bias included, (n, 10).

        Raises:
            InputError: the images are not of the size that it learned.
        """
        check_levels(images, self.shape)
        out = np.empty((len(images), paper.CLASSES), np.float32)
        for start in range(0, len(images), _BLOCK):
            x = _inputs(images[start : start + _BLOCK])[:, 0, 0]
            out[start : start + _BLOCK] = x @ self.sum.weights + self.sum.bias
        return out

    def predict(self, images: NDArray[Any]) -> NDArray[np.intp]:
        """The class with the highest sum, (n,); raises as `sums` does."""
        classes: NDArray[np.intp] = self.sums(images).argmax(axis=1)
        return classes


def _inputs(images: NDArray[Any]) -> Array:
    """Grey levels 0 to 255 as inputs of the network: (n, 1, 1, pixels)."""
    return scale_levels(images.reshape(len(images), 1, 1, -1))
