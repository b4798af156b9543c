"""Images with their labels, and the normalisation of II-B: `(N, 32, 32, 1)` NHWC out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import paper
from ..arrays import describe
from ..files import InputError
from .idx import content_sha256


class PatternSource(Protocol):
    """What training reads: N labelled patterns, stored as in `Patterns` or made on demand."""

    def __len__(self) -> int:
        """The number of patterns N."""

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The classes (N,), 0 to 9."""

    @property
    def dataset(self) -> str:
        """The data set's name; see `Patterns`."""

    def x(self, index: NDArray[np.intp], dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The patterns `index` (n,) as the network takes them: (n, 32, 32, 1), -0.1 to 1.175."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """Images and their labels.

    Attributes:
        images: uint8 (N, 28, 28), background 0 and ink 255.
        labels: uint8 (N,), 0 to 9.
        dataset: "mnist", "fashion-mnist", "printed" or "custom", for reports.

    Raises:
        InputError: wrong shapes, types or labels, or counts that differ.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    dataset: str

    def __post_init__(self) -> None:
        size = paper.IMAGE_SIZE
        if self.images.dtype != np.uint8 or self.images.shape[1:] != (size, size):
            raise InputError(
                f"images are {describe(self.images)}, expected uint8 (N, {size}, {size})"
            )
        if self.labels.dtype != np.uint8 or self.labels.ndim != 1:
            raise InputError(f"labels are {describe(self.labels)}, expected uint8 (N,)")
        if len(self.images) != len(self.labels):
            raise InputError(
                f"{len(self.images)} images but {len(self.labels)} labels: expected one label "
                "per image"
            )
        if (self.labels >= paper.CLASSES).any():
            raise InputError(f"labels reach {self.labels.max()}, expected 0 to {paper.CLASSES - 1}")

    def __len__(self) -> int:
        """The number of patterns N."""
        return len(self.labels)

    def sha256(self) -> str:
        """SHA-256 of images and labels, to compare the data of two runs."""
        both = content_sha256(self.images) + content_sha256(self.labels)
        return hashlib.sha256(both.encode()).hexdigest()

    def subset(self, n: int) -> "Patterns":
        """The first `n` patterns.

        Raises:
            InputError: there are fewer.
        """
        if not 1 <= n <= len(self):
            raise InputError(f"{n} patterns asked for, expected 1 to {len(self)}")
        return Patterns(self.images[:n], self.labels[:n], self.dataset)

    def x(
        self,
        index: slice | Sequence[int] | NDArray[Any] = slice(None),
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """The chosen patterns as the network takes them: (n, 32, 32, 1), -0.1 to 1.175."""
        return normalise(self.images[index], dtype)


def normalise(images: NDArray[np.uint8], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Images as inputs of the network (II-B): framed with background to 32x32 and scaled.

    Args:
        images: uint8 (n, 28, 28) or (n, 32, 32), background 0 and ink 255, or one such image
            without its first axis.
        dtype: of the result.

    Returns:
        (n, 32, 32, 1), background -0.1 and ink 1.175.

    Raises:
        InputError: other types and shapes.
    """
    small, large = paper.IMAGE_SIZE, paper.INPUT_SIZE
    if images.dtype != np.uint8 or images.ndim not in (2, 3):
        raise InputError(
            f"images are {describe(images)}, expected uint8 (n, {small}, {small}) with 0 for "
            "background and 255 for ink"
        )
    block = images.reshape(-1, *images.shape[-2:])
    if block.shape[1:] == (small, small):
        edge = (large - small) // 2
        framed = np.zeros((len(block), large, large), np.uint8)
        framed[:, edge:-edge, edge:-edge] = block
        block = framed
    elif block.shape[1:] != (large, large):
        raise InputError(
            f"images are {describe(images)}, expected {small}x{small} or {large}x{large} pixels"
        )
    return scale_levels(block, dtype)[..., None]


def scale_levels(levels: NDArray[Any], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Grey levels of any shape on the scale of II-B: 0 becomes -0.1 and 255 becomes 1.175."""
    x = np.empty(levels.shape, dtype)
    # dtype= names the loop: NumPy 1 would multiply uint8 by a float scalar in half precision.
    np.multiply(levels, (paper.FOREGROUND - paper.BACKGROUND) / 255, out=x, dtype=x.dtype)
    x += x.dtype.type(paper.BACKGROUND)
    return x


def check_levels(images: NDArray[Any], shape: tuple[int, int] | None = None) -> None:
    """Refuse what is not a stack of grey images.

    Args:
        images: (n, height, width), grey levels of any type and scale, 0 for background.
        shape: the height and width that they must have; default: any.

    Raises:
        InputError: other dimensions, and levels that are negative or not finite.
    """
    if images.ndim != 3 or images.shape[1:] != (shape or images.shape[1:]):
        height, width = shape or ("height", "width")
        raise InputError(
            f"images are {describe(images)}, expected grey levels (n, {height}, {width})"
        )
    if images.dtype.kind == "f" and not (np.isfinite(images) & (images >= 0)).all():
        raise InputError("images hold levels that are negative or not finite: give 0 to 255")
