"""The contract of a method of section III-C: fit, scores, variables, multiply-accumulates."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .. import paper
from ..arrays import Array
from ..data.patterns import check_levels, scale_levels
from ..files import InputError

BLOCK = 1000  # images read at a time


class Method(ABC):
    """A classifier of grey images of one size.

    Images are (n, height, width), grey levels 0 to 255 of any type, in any version of the database
    (III-A; `data.databases`).

    Attributes:
        shape: (height, width) of the images that it has learned.
        quiet: no progress bars; there are none either where the output is not a terminal.
    """

    shape: tuple[int, int]
    quiet: bool = False

    def fit(self, images: NDArray[Any], labels: NDArray[np.integer]) -> None:
        """Learn from images and their right classes (n,).

        Raises:
            InputError: images and labels do not fit together.
        """
        check_levels(images)
        if labels.shape != (len(images),) or not len(images):
            raise InputError(
                f"{len(images)} images and labels {labels.shape}: expected one label an image"
            )
        self.shape = images.shape[1], images.shape[2]
        self.learn(images, labels.astype(np.intp))

    def scores(self, images: NDArray[Any]) -> Array:
        """A score for each class, (n, 10); the highest is the answer.

        Raises:
            InputError: the images do not have the size of the training images.
        """
        check_levels(images, self.shape)
        out = np.empty((len(images), paper.CLASSES), np.float32)
        with tqdm(
            total=len(images),
            desc=f"{type(self).__name__} reads",
            bar_format="{desc}, {remaining} left |{bar}| {percentage:.0f} %",
            disable=self.quiet or None,
            dynamic_ncols=True,
        ) as bar:
            for block in blocks(len(images)):
                out[block] = self.score(images[block])
                bar.update(len(images[block]))
        return out

    def predict(self, images: NDArray[Any]) -> NDArray[np.intp]:
        """The class with the highest score, (n,); raises as `scores` does."""
        answers: NDArray[np.intp] = self.scores(images).argmax(axis=1)
        return answers

    @abstractmethod
    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        """`fit` of images and labels that fit together."""

    @abstractmethod
    def score(self, images: NDArray[Any]) -> Array:
        """`scores` of at most 1,000 images of the right size."""

    @property
    @abstractmethod
    def variables(self) -> int:
        """Numbers that the trained method stores, biases included (figure 12)."""

    @property
    @abstractmethod
    def multiply_accumulates(self) -> int:
        """Multiply-accumulates for one answer; a bias counts as one (figure 11)."""


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices that cover n things, `size` at a time."""
    return (slice(start, start + size) for start in range(0, n, size))


def pixels(images: NDArray[Any]) -> NDArray[np.float32]:
    """Images as vectors (n, pixels), background -0.1 and ink 1.175 (II-B)."""
    return scale_levels(images.reshape(len(images), -1))


def targets(labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """+1 for the right class and -1 for the others, (n, 10)."""
    return np.where(labels[:, None] == np.arange(paper.CLASSES), 1.0, -1.0)
