"""How to convert images and labels of another layout or scale, for messages."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper

TOLERANCE = 0.01  # of the ends of a scale
_MNIST_MEAN, _MNIST_DEVIATION = 0.1307, 0.3081  # by which PyTorch's example normalises MNIST


def advice(x: NDArray[Any], to_learn: bool = False) -> str:
    """How to convert images x of one digit's size that are not uint8 (n, 28, 28); else "".

    Args:
        x: images of any shape and type.
        to_learn: for `Patterns`, which are a stack of 28x28 pixels always.
    """
    small, large = paper.IMAGE_SIZE, paper.INPUT_SIZE
    size = large if large in x.shape[1:] or x.shape == (large, large) else small
    edge = (large - small) // 2
    layouts = {
        (size, size): "x[None]" if to_learn else "x",
        (small * small,): f"x.reshape({small}, {small})",
    }
    for shape, name in (
        ((size, size), "x"),
        ((1, size, size), "x[:, 0]"),
        ((size, size, 1), "x[..., 0]"),
        ((small * small,), f"x.reshape(-1, {small}, {small})"),
    ):
        layouts[(*x.shape[:1], *shape)] = name
    if x.shape not in layouts:
        return ""
    name = layouts[x.shape]
    if size == large and to_learn:
        inner = f"{edge}:-{edge}"
        return f"; give {name}[..., {inner}, {inner}], the {small}x{small} pixels within the frame"
    if size == large and x.dtype.kind in "iu":
        span = paper.FOREGROUND - paper.BACKGROUND
        return f"; give {span:g} * {name} / 255 - {-paper.BACKGROUND:g}"
    if size == large:
        return f"; give {name}" if x.dtype.kind == "f" else ""
    if x.dtype == np.uint8:
        return f"; give {name}"
    if x.dtype.kind not in "fiub" or not x.size:
        return "; give grey levels, background 0 and ink 255, as uint8"
    return _grey_advice(name, float(x.min()), float(x.max()))


def _grey_advice(name: str, low: float, high: float) -> str:
    """How to convert numbers from low to high to grey levels 0 to 255."""
    if 0 <= low <= high <= 255:
        whole = f"np.rint(255 * {name})" if high <= 1 else name
        return f"; give np.uint8({whole})"
    mean, deviation = _MNIST_MEAN, _MNIST_DEVIATION
    least, most = -mean / deviation, (1 - mean) / deviation
    if abs(low - least) < TOLERANCE and 1 < high < most + TOLERANCE:
        return f"; give np.uint8(np.rint(255 * ({deviation} * {name} + {mean})))"
    if low == -1 and 0 < high <= 1:
        return f"; give np.uint8(np.rint(127.5 * ({name} + 1)))"
    return "; give grey levels, background 0 and ink 255, as uint8"


def label_advice(labels: NDArray[Any]) -> str:
    """How to convert labels that are not integers (N,) from 0; else ""."""
    if labels.dtype.kind not in "fiub" or not labels.size:
        return ""
    if labels.ndim == 2 and (np.sort(labels) == np.eye(labels.shape[1])[-1]).all():
        return "; give labels.argmax(axis=1)"
    if labels.ndim == 2 and labels.shape[1] == 1:
        return "; give labels[:, 0]"
    if labels.ndim == 1 and labels.dtype.kind == "f" and (labels == np.rint(labels)).all():
        return "; give labels.astype(int)"
    return f"; these go from {labels.min():g} to {labels.max():g}"
