"""Images with their labels, and the normalisation of II-B: `(N, 32, 32, 1)` NHWC out."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import paper
from ..arrays import describe
from ..files import InputError
from .advice import TOLERANCE, advice, label_advice
from .catalogue import TITLES
from .idx import content_sha256

_MOSTLY = 0.75  # share of light pixels from which a border is taken for a light background


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

    Labels of another integer type are converted.

    Raises:
        InputError: wrong shapes, types or labels, or counts that differ.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    dataset: str = "custom"

    def __post_init__(self) -> None:
        size = paper.IMAGE_SIZE
        object.__setattr__(self, "images", np.asarray(self.images))
        object.__setattr__(self, "labels", np.asarray(self.labels))
        if self.images.dtype != np.uint8 or self.images.shape[1:] != (size, size):
            raise InputError(
                f"images are {describe(self.images)}, expected uint8 (N, {size}, {size})"
                + advice(self.images, to_learn=True)
            )
        if self.labels.dtype.kind in "iu" and ((self.labels >= 0) & (self.labels < 256)).all():
            object.__setattr__(self, "labels", self.labels.astype(np.uint8, copy=False))
        if self.labels.dtype != np.uint8 or self.labels.ndim != 1:
            raise InputError(
                f"labels are {describe(self.labels)}, expected integers (N,) from 0 to "
                f"{paper.CLASSES - 1}{label_advice(self.labels)}"
            )
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

    def __getitem__(self, which: slice | Sequence[int] | NDArray[Any]) -> "Patterns":
        """The patterns of a slice, of indices or of a mask, as in `test[test.labels == 4]`.

        Raises:
            TypeError: one index; use `.images[i]` and `.labels[i]`.
        """
        if not isinstance(which, slice) and np.ndim(which) != 1:
            raise TypeError("give a slice or indices; one pattern is .images[i] with .labels[i]")
        chosen = which if isinstance(which, slice) else np.asarray(which)
        return Patterns(self.images[chosen], self.labels[chosen], self.dataset)

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        """Each image, uint8 (28, 28), with its label."""
        return zip(self.images, self.labels.tolist(), strict=True)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The images: what reads arrays reads patterns, as in `network.predict(test)`."""
        images = np.asarray(self.images, dtype)
        return images.copy() if copy else images

    def __repr__(self) -> str:
        return f"<Patterns: {len(self):,} images of {TITLES.get(self.dataset, self.dataset)}>"

    def sha256(self) -> str:
        """SHA-256 of images and labels, to compare the data of two runs."""
        both = content_sha256(self.images) + content_sha256(self.labels)
        return hashlib.sha256(both.encode()).hexdigest()

    @classmethod
    def none(cls, dataset: str) -> "Patterns":
        """Patterns without images, for an experiment that reads none."""
        size = paper.IMAGE_SIZE
        return cls(np.empty((0, size, size), np.uint8), np.empty(0, np.uint8), dataset)

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


def border(images: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels of images (n, height, width): (n, 2 width + 2 height)."""
    edges = images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]
    return np.concatenate(edges, axis=1)


def check_ink(images: NDArray[np.uint8]) -> None:
    """Refuse uint8 images (n, height, width) with another scale than background 0 and ink 255.

    Raises:
        InputError: an image whose border is mostly light, or whose largest level is 1.
    """
    light = np.flatnonzero((border(images) > 127).mean(axis=1) > _MOSTLY)
    if light.size:
        raise InputError(
            f"image {light[0]} has dark ink on a light background, expected background 0 and ink "
            "255: give 255 - images"
        )
    if images.size and images.max() == 1:
        raise InputError("images have levels 0 and 1, expected 0 to 255: give 255 * images")


def check_ink_to_learn(images: NDArray[np.uint8]) -> None:
    """Refuse uint8 images (n, height, width) to learn from, if most are on another scale.

    Raises:
        InputError: most have a light border, or the largest level is 1.
    """
    light = (border(images) > 127).mean(axis=1) > _MOSTLY
    if light.size and light.mean() > 0.5:
        raise InputError(
            "most images have dark ink on a light background, expected background 0 and ink 255: "
            "give 255 - images"
        )
    if images.size and images.max() == 1:
        raise InputError("images have levels 0 and 1, expected 0 to 255: give 255 * images")


def check_scale(x: NDArray[Any]) -> None:
    """Refuse floats (n, 32, 32) that are not on the scale of `normalise`.

    Raises:
        InputError: levels below -0.1 or above 1.175, an image without background at -0.1, or
            images whose borders are mostly ink.
    """
    if not x.size:
        return
    low, high = paper.BACKGROUND, paper.FOREGROUND
    lowest = x.min(axis=(1, 2))
    smallest, largest = float(lowest.min()), float(x.max())
    inside = smallest > low - TOLERANCE and largest < high + TOLERANCE
    # A light border alone may belong to a large character: most of the image must be light too.
    middle = (smallest + largest) / 2
    light = all((part > middle).mean() > share for part, share in ((border(x), _MOSTLY), (x, 0.5)))
    if inside and (lowest < low + TOLERANCE).all() and not light:
        return
    step = high - low
    if smallest > -TOLERANCE and largest < 255 + TOLERANCE:
        top = 1 if largest < 1 + TOLERANCE else 255
        part = "x" if top == 1 else "x / 255"
        convert = f"{high:g} - {step:g} * {part}" if light else f"{step:g} * {part} - {-low:g}"
    elif inside and light:
        convert = f"{low + high:g} - x"
    else:
        convert = "uint8 images, background 0 and ink 255"
    raise InputError(
        f"images are floats from {smallest:.4g} to {largest:.4g}"
        + (" with a light background" if light else "")
        + f", expected background {low:g} and ink {high:g}: give {convert}"
    )
