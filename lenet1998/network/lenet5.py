"""LeNet-5 as published (II-B), counted against the paper: predict, save, load."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from ..data.advice import advice
from ..data.catalogue import TITLES
from ..data.patterns import check_ink, check_scale, normalise
from ..files import AnyPath, InputError, did_you_mean, read_arrays, replacing
from .design import Design
from .network import Network
from .weights import PRETRAINED, STRINGS, weights_path


class LeNet5(Network):
    """The network of figure 2: 32x32 pixels in, ten penalties out, 60,000 trainable parameters.

    Args:
        seed: of the initial weights.
        dtype: float32, or float64 for checks.
        init: the rule of the initial weights; see `layers.initialisation`.
        design: the parts of the network; default: the paper's.

    Attributes:
        dataset: name of the data set that the network has learned, "" when it is not known.

    >>> network = LeNet5(seed=1)
    >>> network.parameters.size
    60000
    """

    def __init__(
        self,
        seed: int = 0,
        dtype: Any = np.float32,
        init: str = "lecun",
        design: Design = Design(),  # noqa: B008, it is frozen
    ) -> None:
        size = paper.INPUT_SIZE
        rng = np.random.default_rng(seed)
        self.design, self.seed = design, seed
        self.dataset = ""
        self._made_with = seed, dtype, init, design
        input_range = design.offset_and_factor()
        super().__init__(design.layers(), (size, size, 1), dtype, rng, init, input_range)
        if not design.changed():
            self.check_counts()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles build a new network and copy the weights: views cannot be copied."""
        return _restored, (
            type(self),
            self._made_with,
            {k: v.copy() for k, v in self.saved().items()},
        )

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}={value!r}" for name, value in self.design.changed().items())
        kind = f"Design({parts})" if parts else "the design of 1998"
        return f"<LeNet5: {self.parameters.size:,} parameters, {kind}, {self.dtype}>"

    def count(self) -> dict[str, paper.LayerCount]:
        """Shape, parameters and connections of each named layer, counted from the layers."""
        counts = {}
        shape = self.input_shape
        for layer in self.layers:
            made = layer.output_shape(shape)
            if layer.name:
                height, width, maps = made
                counts[layer.name] = paper.LayerCount(
                    (height, width, maps), layer.parameter_count, layer.connections(shape)
                )
            shape = made
        return counts

    def multiply_accumulates(self) -> dict[str, int]:
        """Multiply-accumulates of each named layer per pattern: connections without biases."""
        biased = {layer.name for layer in self.layers if layer.has_biases}
        return {
            name: c.connections - (int(np.prod(c.shape)) if name in biased else 0)
            for name, c in self.count().items()
        }

    def summary(self) -> str:
        """A table of the layers: output (height, width, maps), parameters, connections, work.

        For the paper's design these are the numbers of II-B.
        """
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
        """Assert that every layer has the parameters and connections of II-B."""
        counts = self.count()
        assert counts == paper.LAYERS, f"counted {counts}, the paper has {paper.LAYERS}"
        assert self.parameters.size == paper.TRAINABLE_PARAMETERS, self.parameters.size
        assert sum(c.connections for c in counts.values()) == paper.CONNECTIONS

    def prepare(self, images: NDArray[Any], any_scale: bool = False) -> Array:
        """Images as the network's input, (n, 32, 32, 1).

        Args:
            images: uint8 grey levels, background 0 and ink 255: one (28, 28) or many (n, 28, 28);
                or floats as `normalise` gives them, background -0.1 and ink 1.175: one (32, 32) or
                (32, 32, 1), or many (n, 32, 32) or (n, 32, 32, 1).
            any_scale: accept other grey levels too.

        Raises:
            InputError: another shape, type or scale; the message says how to convert.
        """
        try:
            images = np.asarray(images)
        except ValueError as error:
            raise InputError(f"images cannot be read as one array: {error}") from None
        small, size = paper.IMAGE_SIZE, paper.INPUT_SIZE
        grey = images.dtype == np.uint8 and images.ndim in (2, 3)
        if grey and images.shape[-2:] == (small, small):
            if not any_scale:
                check_ink(images.reshape(-1, small, small))
            return normalise(images, dtype=self.dtype)
        if images.dtype.kind == "f":
            if not np.isfinite(images).all():
                raise InputError("images hold numbers that are not finite")
            if images.shape[-2:] == (size, size) and images.ndim in (2, 3):
                images = images[..., None]
            if images.shape[-3:] == self.input_shape and images.ndim in (3, 4):
                if not any_scale:
                    check_scale(images.reshape(-1, size, size))
                return images.reshape(-1, *self.input_shape).astype(self.dtype, copy=False)
        raise InputError(
            f"images of shape {images.shape} and type {images.dtype} cannot be read: expected one "
            "or more, uint8 (n, 28, 28) or normalised floats (n, 32, 32, 1)" + advice(images)
        )

    def penalties(self, images: NDArray[Any]) -> Array:
        """The penalties of eq. 7, (n, classes), of images as `prepare` takes them.

        Raises:
            InputError: as `prepare`; also when the weights give penalties that are not finite.
        """
        x = self.prepare(images)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):  # checked below
            y = self.outputs(x).reshape(len(x), self.classes)
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
            images: as `prepare` takes them, on any scale.

        Returns:
            C1 (n, 28, 28, 6), S2 (n, 14, 14, 6), C3 (n, 10, 10, 16), S4 (n, 5, 5, 16),
            C5 (n, 1, 1, 120), F6 (n, 1, 1, 84), and under OUTPUT the penalties (n, 1, 1, 10).
            Afterwards the layers' own buffers hold the states of the last image.

        Raises:
            InputError: images of another shape or type.
        """
        x = self.prepare(images, any_scale=True)
        shapes = {name: c.shape for name, c in self.count().items() if name in paper.LAYERS}
        copies = {name: np.empty((len(x), *shape), self.dtype) for name, shape in shapes.items()}
        for i in range(len(x)):
            name = ""
            for layer, state in self.layer_outputs(x[i : i + 1]):
                if layer.name in copies:  # a squash or a normalisation belongs to the layer before
                    name = layer.name
                copies[name][i] = state[0]
        return copies

    def save(self, path: AnyPath, dataset: str = "") -> None:
        """Write the weights to an .npz file, one flat array per layer.

        An older file is replaced as a whole.

        Args:
            path: of the file.
            dataset: the name of the data set that the network has learned; default: its own.
        """
        arrays = self.saved()
        arrays["dataset"] = np.array(dataset or self.dataset)
        if self.design.changed():
            arrays["design"] = np.array(json.dumps(self.design.changed()))
        with replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: AnyPath, dtype: Any = np.float32) -> LeNet5:
        """Read weights written by `save`, or those in the folder of a run.

        Raises:
            InputError: the file is missing, truncated, not written by `save`, or of a network
                that this version does not know.
        """
        path = weights_path(path) if os.path.isdir(path) else path
        texts = read_arrays(path, (), ("design", "dataset"))
        try:
            network = cls(dtype=dtype, design=Design(**json.loads(str(texts.get("design", "{}")))))
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
            with np.errstate(over="ignore", invalid="ignore"):  # overflow is reported below
                place[...] = values
            if not np.isfinite(place).all():
                raise InputError(f"{path}: {name} holds numbers that are not finite")
        learned = str(texts.get("dataset", ""))
        network.dataset = learned if learned in TITLES else ""
        return network

    def with_codes(self, codes: str) -> LeNet5:
        """A network with the same weights and other codes, to learn other classes.

        Args:
            codes: as in `Design`; the codes have no trainable parameters.
        """
        other = LeNet5(self.seed, self.dtype, design=replace(self.design, codes=codes))
        other.dataset = self.dataset
        for name, place in other.saved().items():
            place[...] = self.saved()[name]
        return other

    @classmethod
    def named(cls, weights: AnyPath, dtype: Any = np.float32) -> LeNet5:
        """A network with shipped weights, by their name, or with those of a file or a run.

        Args:
            weights: as in `weights_path`.
            dtype: of the network.

        Raises:
            InputError: as `load`.
        """
        return cls.load(weights_path(weights), dtype)

    @classmethod
    def pretrained(cls, name: str = "1998", dtype: Any = np.float32) -> LeNet5:
        """A network with weights that the package ships.

        Args:
            name: "1998" (the default run), "distortions" (trained on distorted patterns, III-B),
                "noise" (trained on patterns with inverted pixels, III-E) or "strings" (reads
                strings, VII, with eleven classes).  Each is the last pass of the run with seed 0,
                whose config.json and metrics.csv are in the same folder.
            dtype: of the network.

        Raises:
            InputError: another name.
        """
        shipped = *PRETRAINED, STRINGS
        if name not in shipped:
            near = did_you_mean(name, shipped)
            raise InputError(
                f"no weights {name!r} are shipped: expected {', '.join(shipped)}{near}"
            )
        return cls.load(weights_path(name), dtype)


def _restored(kind: type[LeNet5], made_with: tuple[Any, ...], arrays: dict[str, Array]) -> LeNet5:
    """Rebuild a network that was copied or pickled."""
    network = kind(*made_with)
    for name, place in network.saved().items():
        place[...] = arrays[name]
    return network
