"""LeNet-5 as published (II-B), counted against the paper; read, save, load."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..data.patterns import normalise
from ..files import InputError, read_arrays, replacing
from .design import Design
from .network import Network

# Where `reproduce.py --predict` rejects: the margins that leave the shipped weights 0.5 % of errors
# on MNIST's test set, by `--experiment rejection`.
REJECT_BELOW = {"1998": 11.4, "distortions": 6.1, "noise": 18.6}

PRETRAINED = ("1998", "distortions", "noise")
SHIPPED = "distortions"  # what the experiments read unless told: the paper's best LeNet-5


class LeNet5(Network):
    """The network of figure 2: 32x32 pixels in, ten penalties out, 60,000 trainable parameters.

    Args:
        seed: of the first weights.
        dtype: float32, or float64 for checks.
        init: "lecun", the default reading, or another rule of `layer.first_weights`.
        design: the parts it is made of; by default the paper's.

    >>> network = LeNet5(seed=1)
    >>> network.parameters.size
    60000
    """

    BLOCK = 40  # patterns a block when many are only read: their states stay in the cache

    def __init__(
        self,
        seed: int = 0,
        dtype: Any = np.float32,
        init: str = "lecun",
        design: Design = Design(),  # noqa: B008, it is frozen
    ) -> None:
        size = paper.INPUT_SIZE
        rng = np.random.default_rng(seed)
        self.design = design
        self._made_with = seed, dtype, init, design
        input_range = design.offset_and_factor()
        super().__init__(design.layers(), (size, size, 1), dtype, rng, init, input_range)
        if not design.changed():
            self.check_counts()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are made anew and take the weights: views do not survive copying."""
        return _restored, (self._made_with, {k: v.copy() for k, v in self.saved().items()})

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

    def multiply_accumulates(self) -> dict[str, int]:
        """Of each named layer for one pattern: its connections without those of the biases."""
        biased = {layer.name for layer in self.layers if layer.has_biases}
        return {
            name: c.connections - (int(np.prod(c.shape)) if name in biased else 0)
            for name, c in self.count().items()
        }

    def summary(self) -> str:
        """A table: each layer's output (height, width, maps), parameters, connections and
        multiply-accumulates; for the paper's design the numbers of II-B."""
        operations = self.multiply_accumulates()
        head = ("layer", "output", "parameters", "connections", "multiply-accumulates")
        rows: list[tuple[Any, ...]] = [
            (name, " x ".join(map(str, c.shape)), c.parameters, c.connections, operations[name])
            for name, c in self.count().items()
        ]
        total = ("total", "", *(sum(row[i] for row in rows) for i in (2, 3, 4)))
        lines = [f"{head[0]:10}{head[1]:14}{head[2]:>11}{head[3]:>14}{head[4]:>22}"]
        lines += [f"{a:10}{b:14}{c:11,}{d:14,}{e:22,}" for a, b, c, d, e in [*rows, total]]
        return "\n".join(lines)

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
            return normalise(images, dtype=self.dtype)
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
        """The penalties of eq. 7, (n, 10), of images as `prepare` takes them.

        Raises:
            InputError: as `prepare`; and where weights without sense give no number.
        """
        x = self.prepare(images)
        y = np.empty((len(x), paper.CLASSES), self.dtype)
        with np.errstate(over="ignore", invalid="ignore"):  # told below, in one line
            for start in range(0, len(x), self.BLOCK):
                block = x[start : start + self.BLOCK]
                y[start : start + len(block)] = self.forward(block).reshape(len(block), -1)
        if not np.isfinite(y).all():
            raise InputError("the penalties are not finite: weights of a network that diverged?")
        return y

    def predict(self, images: NDArray[Any]) -> Any:
        """The class with the smallest penalty: an int for one image, (n,) ints for many."""
        answers = self.penalties(images).argmin(axis=1)
        one = np.ndim(images) == 2 or np.shape(images) == self.input_shape
        return int(answers[0]) if one else answers

    def states(self, images: NDArray[Any]) -> dict[str, Array]:
        """The state of every named layer, after the squash, as copies.

        Args:
            images: as `prepare` takes them.

        Returns:
            C1 (n, 28, 28, 6), S2 (n, 14, 14, 6), C3 (n, 10, 10, 16), S4 (n, 5, 5, 16),
            C5 (n, 1, 1, 120), F6 (n, 1, 1, 84), and under OUTPUT the penalties (n, 1, 1, 10).
            Afterwards the layers' own buffers hold the states of the last image.

        Raises:
            InputError: images of another shape or type.
        """
        x = self.prepare(images)
        shapes = {name: c.shape for name, c in self.count().items() if name in paper.LAYERS}
        copies = {name: np.empty((len(x), *shape), self.dtype) for name, shape in shapes.items()}
        for i in range(len(x)):
            name = ""
            for layer, state in self.walk(x[i : i + 1]):
                if layer.name in copies:  # a squash or a normalisation belongs to the layer before
                    name = layer.name
                copies[name][i] = state[0]
        return copies

    def save(self, path: str | os.PathLike[str], dataset: str = "") -> None:
        """Write the weights to an .npz file, one flat array a layer, replacing an older one whole.

        Args:
            dataset: what the weights were learned from, kept in the file as the array `dataset`.
        """
        arrays = self.saved()
        arrays["dataset"] = np.array(dataset)
        if self.design.changed():
            arrays["design"] = np.array(json.dumps(self.design.changed()))
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: str | os.PathLike[str], dtype: Any = np.float32) -> LeNet5:
        """Read weights written by `save`.

        Raises:
            InputError: the file is missing, cut short, not ours, or holds another network.
        """
        changed = read_arrays(path, (), ("design",)).get("design", "{}")
        try:
            network = cls(dtype=dtype, design=Design(**json.loads(str(changed))))
        except (InputError, TypeError, ValueError, RecursionError) as error:
            raise InputError(f"{path}: the design of this network is not known: {error}") from None
        own = network.saved()
        arrays = read_arrays(path, own)
        for name, place in own.items():
            values = arrays[name]
            if values.shape != place.shape or values.dtype.kind != "f":
                raise InputError(
                    f"{path}: {name} is {values.dtype} {values.shape}, expected floats "
                    f"{place.shape}: weights of another network?"
                )
            with np.errstate(over="ignore", invalid="ignore"):  # what float32 lacks: see below
                place[...] = values
            if not np.isfinite(place).all():
                raise InputError(f"{path}: {name} holds numbers that are not finite")
        return network

    def saved(self) -> dict[str, Array]:
        """What makes up the trained network, as views: the parameters and the running averages."""
        arrays = {name: self.parameters[part] for name, part in self.slices.items()}
        for layer in self.layers:
            if layer.running is not None:
                arrays[f"{layer.name}-running"] = layer.running
        return arrays

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
        return cls.load(Path(__file__).parents[1] / "pretrained" / name / "weights.npz", dtype)


def _restored(made_with: tuple[Any, ...], arrays: dict[str, Array]) -> LeNet5:
    """A network as it was when it was copied or pickled."""
    network = LeNet5(*made_with)
    for name, place in network.saved().items():
        place[...] = arrays[name]
    return network
