"""III-C.1: the linear classifier."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import paper
from ..data.patterns import check_levels, scale_levels
from ..files import InputError
from ..layers.activations import Squash
from ..layers.full import Full
from ..layers.rbf import RBF
from ..learning.criterion import MLE
from ..learning.optimizers import SGD
from ..learning.schedules import paper_schedule
from ..learning.state import TrainingState
from ..learning.training import Trainer
from ..network.network import Network

_BLOCK = 1000  # images read at a time


@dataclass(frozen=True, eq=False)
class Pixels:
    """Images of any size as inputs, each pixel a unit (`patterns.PatternSource`).

    Attributes:
        images: (n, height, width), grey levels 0 to 255 of any type.
        labels: right classes (n,).
        dataset: a name for the progress bar.
    """

    images: NDArray[Any]
    labels: NDArray[np.uint8]
    dataset: str

    def __len__(self) -> int:
        """The number of images."""
        return len(self.images)

    def x(self, index: NDArray[np.intp] | slice, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The images `index` as inputs (n, 1, 1, pixels), background -0.1 and ink 1.175 (II-B)."""
        images = self.images[index]
        return scale_levels(images.reshape(len(images), 1, 1, -1), dtype)


class Linear:
    """Every pixel contributes to a weighted sum for each class; the highest sum is the answer.

    784 pixels make 7,850 parameters, 400 make 4,010, with the ten biases.

    Reading: it is trained as LeNet-5 is in III-B, as a network without hidden layers: the sums are
    squashed, and the squared error to +1 for the right class and -1 for the others (eq. 8) is
    minimized pattern by pattern, with a step for each parameter, in the 20 passes of the schedule.

    Args:
        images: (n, height, width), grey levels 0 to 255 of any type.
        labels: right classes (n,).
        seed: of the initial weights, of the order and of the patterns for the curvature.
        passes: with the paper's schedule.
        quiet: no progress bars; there are none either where the output is not a terminal.

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
        codes = 2 * np.eye(paper.CLASSES) - 1  # the code nearest to the sums is that of the highest
        self.network = Network(
            [self.sum, Squash(), RBF("OUTPUT", codes)],
            (1, 1, pixels),
            rng=np.random.default_rng(seed),
        )
        trainer = Trainer(
            self.network,
            MLE(),
            SGD(self.network.parameters.size),
            paper_schedule(passes),
            step_sizes="parameter",
            progress=not quiet,
        )
        name = f"linear, {self.shape[0]}x{self.shape[1]}"
        patterns = Pixels(images, labels.astype(np.uint8), name)
        state = TrainingState.initial(len(patterns), seed)
        for _ in range(passes):
            trainer.train_pass(patterns, state)
            state.next_pass()

    def sums(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """The weighted sum of each class with its bias, (n, 10).

        Raises:
            InputError: the images do not have the size of the training images.
        """
        check_levels(images, self.shape)
        patterns = Pixels(images, np.zeros(len(images), np.uint8), "")
        out = np.empty((len(images), paper.CLASSES), np.float32)
        for start in range(0, len(images), _BLOCK):
            block = slice(start, start + _BLOCK)
            out[block] = patterns.x(block)[:, 0, 0] @ self.sum.weights + self.sum.bias
        return out

    def predict(self, images: NDArray[Any]) -> NDArray[np.intp]:
        """The class with the highest sum, (n,); raises as `sums` does."""
        answers: NDArray[np.intp] = self.sums(images).argmax(axis=1)
        return answers
