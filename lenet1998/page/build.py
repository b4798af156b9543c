"""Writes the page: a template, a style sheet and scripts, with the package's own numbers in them.

The page is one file without references to others.  `network.js` is the network, layer by layer as
in `lenet1998/layers`; `preparation.js` is `handwriting.preparation` and `data.transformations`.
"""

import base64
import json
from collections.abc import Sequence
from importlib import resources
from string import Template
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..data import bitmaps, catalogue, printed
from ..files import AnyPath, InputError, replacing
from ..network.lenet5 import LeNet5
from ..network.weights import PRETRAINED, SHIPPED, rejection_margin

SCRIPTS = (  # one module, in this order
    "network.js",
    "preparation.js",
    "drawing.js",
    "pictures.js",
    "maps.js",
    "pad.js",
    "unit.js",
    "answer.js",
    "play.js",
    "compare.js",
    "tour.js",
    "page.js",
)
PRINTED_OF_EACH = 4  # printed digits of each class that the page offers
ARRAYS = {  # what the page takes of each layer
    "C1": ("kernel", "bias"),
    "S2": ("coefficient", "bias"),
    "C3": ("kernel", "bias"),
    "S4": ("coefficient", "bias"),
    "C5": ("kernel", "bias"),
    "F6": ("weights", "bias"),
}
CONSTANTS = (
    *("INPUT_SIZE", "IMAGE_SIZE", "BOX_SIZE", "BACKGROUND", "FOREGROUND", "CLASSES"),
    *("SQUASH_A", "SQUASH_S", "KERNEL_SIZE", "SUBSAMPLING_SIZE", "TABLE_1", "CODE_WIDTH"),
    *("CODE_HEIGHT", "FIRST_CODE", "RUBBISH_PENALTY", "PENALTY_SCALE", "ROBUST_SHIFT"),
    *("ROBUST_ROTATION", "ROBUST_SCALE", "NOISE_PROBABILITY"),
)
TITLES = {
    "1998": "MNIST as it is",
    "distortions": "with distorted patterns",
    "noise": "with inverted pixels",
}


class Training(NamedTuple):
    """One set of weights that the page shows.

    Attributes:
        name: a word for it.
        title: what it was trained on, in a few words.
        network: LeNet-5 of the paper's design.
        reject_below: the smallest margin, in units of eq. 7, of an answer that is not rejected;
            None where it is not known: the page says so, and rejects nothing at first.
    """

    name: str
    title: str
    network: LeNet5
    reject_below: float | None


def shipped() -> list[Training]:
    """The three trainings that the package ships, the one to begin with first."""
    names = sorted(PRETRAINED, key=lambda name: name != SHIPPED)
    return [
        Training(name, TITLES[name], LeNet5.pretrained(name), rejection_margin(name))
        for name in names
    ]


def beside_shipped(name: str, network: LeNet5, reject_below: float | None) -> list[Training]:
    """A network of one's own to begin with, then the three that the package ships."""
    learned = catalogue.TITLES.get(network.dataset)
    title = f"weights of your own{f', trained on {learned}' if learned else ''}"
    return [Training(name, title, network, reject_below), *shipped()]


def write_page(path: AnyPath, trainings: Sequence[Training] | None = None) -> None:
    """Write the page to `path`, replacing an older one whole.

    Args:
        path: of the HTML file.
        trainings: the weights to show, the ones to begin with first; by default those shipped.

    Raises:
        InputError: no weights, or weights of another design than the paper's.
    """
    content = page(shipped() if trainings is None else trainings)
    with replacing(path) as temporary:
        temporary.write_text(content, encoding="utf-8", newline="\n")


def page(trainings: Sequence[Training]) -> str:
    """The page as text; raises `InputError` as `write_page` does."""
    if not trainings:
        raise InputError("a page needs weights: give at least one network")
    for training in trainings:
        if changed := training.network.design.changed():
            raise InputError(
                f"weights {training.name!r} are of a network with {', '.join(changed)} changed: "
                "the page shows the paper's network alone"
            )
    parameters, connections = paper.TRAINABLE_PARAMETERS, paper.CONNECTIONS
    return Template(_read("template.html")).substitute(
        style=_read("style.css"),
        script="\n".join(_read(name) for name in SCRIPTS),
        data=json.dumps(_data(trainings), separators=(",", ":")).replace("<", "\\u003c"),
        parameters=f"{parameters:,}",
        connections=f"{connections:,}",
        size=paper.IMAGE_SIZE,
        box=paper.BOX_SIZE,
        field=paper.INPUT_SIZE,
        units=paper.F6_UNITS,
        C5_maps=paper.C5_MAPS,
        codes=paper.CODES,
        rubbish=f"{paper.RUBBISH_PENALTY:g}",
        **{name: f"{count.parameters:,} parameters" for name, count in paper.LAYERS.items()},
    )


def _data(trainings: Sequence[Training]) -> dict[str, Any]:
    """Everything that the scripts read, ready for JSON; arrays are in base64."""
    images, labels = printed.test_digits()
    chosen = np.concatenate(
        [np.flatnonzero(labels == digit)[:PRINTED_OF_EACH] for digit in range(paper.CLASSES)]
    )
    return {
        "paper": {name: getattr(paper, name) for name in CONSTANTS},
        "layers": {
            name: {"shape": count.shape, "parameters": count.parameters}
            for name, count in paper.LAYERS.items()
        },
        "codes": _base64(bitmaps.load_bitmaps().astype(np.int8)),
        "printed": {"labels": labels[chosen].tolist(), "images": _base64(images[chosen])},
        "trainings": [
            {
                "name": training.name,
                "title": training.title,
                "rejectBelow": training.reject_below,
                "arrays": _arrays(training.network),
            }
            for training in trainings
        ],
    }


def _arrays(network: LeNet5) -> dict[str, dict[str, str]]:
    """The arrays of each layer as little-endian float32, in base64."""
    return {
        name: {array: _base64(np.asarray(getattr(network.layer(name), array), "<f4"))
               for array in arrays}
        for name, arrays in ARRAYS.items()
    }  # fmt: skip


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _read(name: str) -> str:
    """A file of this folder."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
