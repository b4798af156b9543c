"""LeNet-5 as published (II-B): one list of layers, counted against the paper."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import bitmaps, data, paper
from .convolution import Convolution
from .files import InputError, replacing
from .full import Full
from .layer import Array, Layer, Network
from .rbf import RBF
from .squash import Squash
from .subsampling import Subsampling

PRETRAINED = ("1998", "distortions", "noise")
SHIPPED = "distortions"  # what the experiments read unless told: the paper's best LeNet-5


def layers_1998() -> list[Layer]:
    """The layers of II-B, input first; the squash belongs to the layer before it."""
    k = paper.KERNEL_SIZE
    return [  # state (height, width, maps), parameters; the input is 32 x 32 x 1
        Convolution("C1", 1, paper.C1_MAPS, k),  # 28 x 28 x 6, 156
        Squash(),
        Subsampling("S2", paper.C1_MAPS),  # 14 x 14 x 6, 12
        Squash(),
        Convolution("C3", paper.C1_MAPS, paper.C3_MAPS, k, paper.TABLE_1),  # 10 x 10 x 16, 1,516
        Squash(),
        Subsampling("S4", paper.C3_MAPS),  # 5 x 5 x 16, 32
        Squash(),
        Convolution("C5", paper.C3_MAPS, paper.C5_MAPS, k),  # 1 x 1 x 120, 48,120
        Squash(),
        Full("F6", paper.C5_MAPS, paper.F6_UNITS),  # 1 x 1 x 84, 10,164
        Squash(),
        RBF("OUTPUT", bitmaps.digit_codes()),  # 1 x 1 x 10, 840 fixed
    ]


class LeNet5(Network):
    """The network of figure 2: 32x32 pixels in, ten penalties out, 60,000 trainable parameters.

    Args:
        seed: of the first weights.
        dtype: float32, or float64 for checks.
        init: "lecun", the default reading, or "paper" (`layer.uniform_bound`).

    >>> network = LeNet5(seed=1)
    >>> network.parameters.size
    60000
    """

    BLOCK = 40  # patterns a block when many are only read: their states stay in the cache

    def __init__(self, seed: int = 0, dtype: Any = np.float32, init: str = "lecun") -> None:
        size = paper.INPUT_SIZE
        rng = np.random.default_rng(seed)
        self._made_with = seed, dtype, init
        super().__init__(layers_1998(), (size, size, 1), dtype, rng, init)
        self.check_counts()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are made anew and take the weights: views do not survive copying."""
        return _restored, (self._made_with, self.parameters.copy())

    def count(self) -> dict[str, paper.LayerCount]:
        """Shape, parameters and connections of each named layer, counted from the layers."""
        counts = {}
        shape = self.input_shape
        for layer in self.layers:
            made = layer.output_shape(shape)
            if layer.name:
                height, width, maps = made
                counts[layer.name] = paper.LayerCount(
                    (height, width, maps), layer.count, layer.connections(shape)
                )
            shape = made
        return counts

    def check_counts(self) -> None:
        """Assert that every layer has the parameters and connections that II-B gives it."""
        counts = self.count()
        assert counts == paper.LAYERS, f"counted {counts}, the paper has {paper.LAYERS}"
        assert self.parameters.size == paper.TRAINABLE_PARAMETERS, self.parameters.size
        assert sum(c.connections for c in counts.values()) == paper.CONNECTIONS

    def prepare(self, images: NDArray[Any]) -> Array:
        """Images as the network's input, (n, 32, 32, 1).

        Args:
            images: uint8 grey levels, ink 255: one (28, 28) or many (n, 28, 28); or normalised
                floats: one (32, 32) or (32, 32, 1), or many (n, 32, 32) or (n, 32, 32, 1).

        Raises:
            InputError: for any other shape or type, and for floats that are not finite.
        """
        try:
            images = np.asarray(images)
        except ValueError as error:
            raise InputError(f"images cannot be read as one array: {error}") from None
        small, size = paper.IMAGE_SIZE, paper.INPUT_SIZE
        grey = images.dtype == np.uint8 and images.ndim in (2, 3)
        if grey and images.shape[-2:] == (small, small):
            return data.normalise(images, dtype=self.dtype)
        if images.dtype.kind == "f":
            if not np.isfinite(images).all():
                raise InputError("images hold numbers that are not finite")
            if images.shape[-2:] == (size, size) and images.ndim in (2, 3):
                images = images[..., None]
            if images.shape[-3:] == self.input_shape and images.ndim in (3, 4):
                return images.reshape(-1, *self.input_shape).astype(self.dtype, copy=False)
        raise InputError(
            f"images of shape {images.shape} and type {images.dtype} cannot be read: give uint8 "
            "(28, 28) or (n, 28, 28), or normalised floats (32, 32), (32, 32, 1) or (n, 32, 32, 1)"
        )

    def penalties(self, images: NDArray[Any]) -> Array:
        """The penalties of eq. 7, (n, 10), of images as `prepare` takes them."""
        x = self.prepare(images)
        y = np.empty((len(x), paper.CLASSES), self.dtype)
        for start in range(0, len(x), self.BLOCK):
            block = x[start : start + self.BLOCK]
            y[start : start + len(block)] = self.forward(block).reshape(len(block), -1)
        return y

    def predict(self, images: NDArray[Any]) -> Any:
        """The class with the smallest penalty: an int for one image, (n,) ints for many."""
        answers = self.penalties(images).argmin(axis=1)
        one = np.ndim(images) == 2 or np.shape(images) == self.input_shape
        return int(answers[0]) if one else answers

    def save(self, path: str | os.PathLike[str], dataset: str = "") -> None:
        """Write the weights to an .npz file, one flat array a layer, replacing an older one whole.

        Args:
            dataset: what the weights were learned from, kept in the file as the array `dataset`.
        """
        arrays = {name: self.parameters[part] for name, part in self.slices.items()}
        arrays["dataset"] = np.array(dataset)
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: str | os.PathLike[str], dtype: Any = np.float32) -> LeNet5:
        """Read weights written by `save`.

        Raises:
            InputError: the file is missing, cut short, not ours, or holds another network.
        """
        network = cls(dtype=dtype)
        arrays = _read_arrays(path, network.slices)
        for name, part in network.slices.items():
            own, values = network.parameters[part], arrays[name]
            if values.shape != own.shape or values.dtype.kind != "f":
                raise InputError(
                    f"{path}: {name} is {values.dtype} {values.shape}, expected floats "
                    f"{own.shape}: weights of another network?"
                )
            with np.errstate(over="ignore"):  # what float32 cannot hold is refused below
                own[:] = values
            if not np.isfinite(own).all():
                raise InputError(f"{path}: {name} holds numbers that are not finite")
        return network

    @classmethod
    def pretrained(cls, name: str = "1998", dtype: Any = np.float32) -> LeNet5:
        """A network with the weights that the package ships.

        Args:
            name: "1998" from the default run, "distortions" from distorted patterns (III-B),
                "noise" from patterns with inverted pixels (III-E); each of seed 0, after the last
                pass.  The run's config.json and metrics.csv lie beside the weights.

        Raises:
            InputError: another name.
        """
        if name not in PRETRAINED:
            raise InputError(f"no weights {name!r} are shipped: expected {', '.join(PRETRAINED)}")
        return cls.load(Path(__file__).with_name("pretrained") / name / "weights.npz", dtype)


def _restored(made_with: tuple[Any, ...], parameters: Array) -> LeNet5:
    """A network as it was when it was copied or pickled."""
    network = LeNet5(*made_with)
    network.parameters[:] = parameters
    return network


def _read_arrays(path: str | os.PathLike[str], names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """The named arrays of an .npz file; InputError when it has not got them all whole."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: np.asarray(archive[name]) for name in names}
    except FileNotFoundError:
        raise InputError(f"{path}: no such weights file") from None
    except Exception as error:  # a damaged archive fails in a dozen ways
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"{path}: cannot be read as saved weights ({reason}): cut short or another file?"
        ) from None
