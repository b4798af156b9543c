"""The two methods of figure 9 that need nothing else (III-C): linear classifier and K-NN.

Each learns from the regular and from the deslanted patterns of III-A.  Percent of errors on MNIST,
ours and what other readings gave, to be held against `paper.FIGURE_9`:

|                                               | linear | [deslant] | K-NN | [deslant] |
|-----------------------------------------------|--------|-----------|------|-----------|
| ours (linear: mean of seeds 0 to 2)           |  11.3  |    8.4    | 2.8  |    1.9    |
| linear: one rate a layer (seeds 0 to 2)       |  11.3  |    8.3    |      |           |
| linear: sums without squash, on the fly       |  14.1  |   10.1    |      |           |
| linear: sums without squash, least squares    |  14.0  |   10.1    |      |           |
| linear: tanh with its asymptotes as targets   |   8.2  |    5.9    |      |           |
| linear: cross-entropy (softmax)               |   7.7  |    5.4    |      |           |
| regular, the middle 20x20 pixels              |        |           | 2.7  |           |
| the first 10,000 training patterns            |        |           | 5.1  |    3.3    |
| black and white: grey levels cut at 128       |  11.7  |    8.7    | 4.3  |    2.4    |
| the same, bounding box in the middle, 20x20   |        |           | 5.3  |           |
| deslanted by the angle of the principal axis  |        |           |      |    2.4    |
| deslanted, bounding box in the middle         |        |    9.7    |      |    2.0    |

K-NN on MNIST's grey levels is better than the paper says.  Black and white, three of the four come
nearer the paper's and the other stays near: its baselines may have read such images, though III-A
has grey levels.  They are read here as III-A has them.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from . import paper, schedules, sdlm
from .criterion import MLE
from .data import TITLES, Patterns
from .files import InputError, save_figure, write_csv
from .full import Full
from .layer import Array, Network
from .rbf import RBF
from .report import caution
from .squash import Squash
from .training import batch_gradient

_BLOCK = 1000  # images read at a time, and test images that a block of K-NN compares
_TRAINING_BLOCK = 5000  # training images that a block of K-NN compares: 20 MB of distances
_FEW = 50  # patterns of the linear classifier turned into floats together


# --- III-A: the deslanted database ---------------------------------------------------------------


def deslant(images: NDArray[Any]) -> NDArray[np.float32]:
    """The deslanted images of III-A: rows shifted until the principal axis is vertical, cropped.

    Readings: a pixel's mass is its grey level.  The shear is the one after which the second
    moments have no mixed part, so that the axes of inertia are upright; it keeps the row of the
    centre of mass in place.  Shifts are exact to a fraction of a pixel, between pixels linear.
    The crop is the middle of the field, which on MNIST loses 3 % of the ink.  An image without
    ink, or with ink in one row only, is not sheared.

    Args:
        images: (n, 28, 28), grey levels of any type and scale, 0 for background.

    Returns:
        (n, 20, 20) on the scale of `images`.

    Raises:
        InputError: other shapes, and levels that are negative or not finite.
    """
    size, box = paper.IMAGE_SIZE, paper.BOX_SIZE
    _check(images, (size, size))
    out = np.empty((len(images), box, box), np.float32)
    edge = (size - box) // 2
    kept = np.arange(edge, edge + box)
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK]
        centre, _, shear = centre_and_slant(block)
        # Blank columns on either side: what moves in from outside is background.  There are two at
        # the end, since a place reads the next pixel too.
        framed = np.zeros((len(block), box, size + 3), np.float32)
        framed[:, :, 1:-2] = block[:, kept]
        shift = shear[:, None] * (kept - centre[:, None])
        place = np.clip(kept + 1 + shift[:, :, None], 0, size + 1)
        left = place.astype(np.intp)
        here = np.take_along_axis(framed, left, axis=2)
        there = np.take_along_axis(framed, left + 1, axis=2)
        out[start : start + _BLOCK] = here + (place - left).astype(np.float32) * (there - here)
    return out


def centre_and_slant(
    images: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Row and column of the centre of mass, and the slant, of each image, (n,) each.

    The slant is the mixed second moment over the vertical one: how many pixels to the right the
    axis moves from a row to the next, 0 where all ink is in one row.  Without ink, all are 0.

    Args:
        images: (n, height, width), grey levels of any type and scale, 0 for background.

    Raises:
        InputError: other dimensions, and levels that are negative or not finite.
    """
    _check(images)
    mass = images.astype(np.float64)
    y, x = np.arange(mass.shape[1]), np.arange(mass.shape[2])
    rows, columns = mass.sum(axis=2), mass.sum(axis=1)
    total = rows.sum(axis=1)
    total[total == 0] = 1  # without ink every sum is 0, whatever divides it
    row, column = rows @ y / total, columns @ x / total
    dy, dx = y - row[:, None], x - column[:, None]
    vertical = (rows * dy * dy).sum(axis=1) / total
    mixed = (dy * (mass @ dx[:, :, None])[:, :, 0]).sum(axis=1) / total
    extended = vertical > 1e-9  # pixels squared; what rounding leaves of a single row is less
    return row, column, np.divide(mixed, vertical, out=np.zeros(len(mass)), where=extended)


def _check(images: NDArray[Any], shape: tuple[int, int] | None = None) -> None:
    """InputError unless they are grey levels (n, *shape), 0 for background."""
    if images.ndim != 3 or images.shape[1:] != (shape or images.shape[1:]):
        height, width = shape or ("height", "width")
        raise InputError(
            f"images are {images.dtype} {images.shape}, expected grey levels (n, {height}, {width})"
        )
    if images.dtype.kind == "f" and not (np.isfinite(images) & (images >= 0)).all():
        raise InputError("images hold levels that are negative or not finite: give 0 to 255")


# --- III-C.1: the linear classifier ---------------------------------------------------------------


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
        _check(images)
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
        _check(images, self.shape)
        out = np.empty((len(images), paper.CLASSES), np.float32)
        for start in range(0, len(images), _BLOCK):
            x = _inputs(images[start : start + _BLOCK])[:, 0, 0]
            out[start : start + _BLOCK] = x @ self.sum.weights + self.sum.bias
        return out

    def predict(self, images: NDArray[Any]) -> NDArray[np.intp]:
        """The class with the highest sum, (n,); raises as `sums` does."""
        return self.sums(images).argmax(axis=1)


def _inputs(images: NDArray[Any]) -> Array:
    """Grey levels 0 to 255 as inputs of II-B, background -0.1 and ink 1.175: (n, 1, 1, pixels)."""
    x = images.reshape(len(images), 1, 1, -1).astype(np.float32)
    x *= (paper.FOREGROUND - paper.BACKGROUND) / 255
    x += paper.BACKGROUND
    return x


# --- III-C.3: the K nearest neighbours ------------------------------------------------------------


def nearest(
    train: NDArray[Any], test: NDArray[Any], k: int = paper.NEIGHBOURS, quiet: bool = False
) -> NDArray[np.intp]:
    """The k training images nearest to each test image by Euclidean distance, the nearest first.

    Distances come in blocks of matrix products, ||a - b||^2 / 2 = ||a||^2 / 2 - a.b + ||b||^2 / 2,
    in single precision: images as far away as each other but for a rounding may change places.
    It takes about 60 MB for 28x28 pixels, however many images there are.

    Args:
        train: (n, height, width), numbers of any type.
        test: (m, height, width).
        k: from 1 to n.
        quiet: no progress bar; there is none either where the output is not a terminal.

    Returns:
        Indices into `train`, (m, k).

    Raises:
        InputError: sizes that differ, or k out of range.
    """
    if train.ndim != 3 or train.shape[1:] != test.shape[1:]:
        raise InputError(
            f"images are {train.shape} and {test.shape}, expected (n, height, width) of one size"
        )
    if not 1 <= k <= len(train):
        raise InputError(f"k is {k}: expected 1 to the {len(train)} training images")
    asked = test.reshape(len(test), -1)
    found = np.zeros((len(test), k), np.intp)
    distances = np.full((len(test), k), np.inf, np.float32)
    with tqdm(
        total=len(train) * len(test),
        desc=f"K-NN, {train.shape[1]}x{train.shape[2]}",
        bar_format="{desc}, {remaining} left |{bar}| {percentage:.0f} %",
        disable=quiet or None,
        dynamic_ncols=True,
    ) as bar:
        for first in range(0, len(train), _TRAINING_BLOCK):
            known = train[first : first + _TRAINING_BLOCK]
            a = known.reshape(len(known), -1).astype(np.float32)
            half = np.einsum("np,np->n", a, a) / 2
            for start in range(0, len(test), _BLOCK):
                block = slice(start, start + _BLOCK)
                b = asked[block].astype(np.float32)
                distance = b @ a.T
                np.subtract(half, distance, out=distance)  # ||b||^2 / 2 is the same for all
                _merge(found[block], distances[block], distance, first)
                bar.update(distance.size)
    return found


def _merge(
    found: NDArray[np.intp],
    distances: NDArray[np.float32],
    distance: NDArray[np.float32],
    first: int,
) -> None:
    """Bring the k nearest up to date, in place, with a block whose first image has index `first`.

    Of equal distances the earlier image counts as nearer.  `distance` is used up.
    """
    k, rows = found.shape[1], np.arange(len(found))
    indices, values = [found.copy()], [distances.copy()]
    for _ in range(min(k, distance.shape[1])):  # k is small: quicker than sorting
        here = distance.argmin(axis=1)
        indices.append(here[:, None] + first)
        values.append(distance[rows, here][:, None])
        distance[rows, here] = np.inf
    index, value = np.hstack(indices), np.hstack(values)
    best = value.argsort(axis=1, kind="stable")[:, :k]
    found[:] = np.take_along_axis(index, best, axis=1)
    distances[:] = np.take_along_axis(value, best, axis=1)


def vote(labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """The class that most of the neighbours have, (m,); reading: the nearest one decides a tie.

    Args:
        labels: of the neighbours, nearest first, (m, k).
    """
    labels = labels.astype(np.intp)
    votes = (labels[:, :, None] == labels[:, None, :]).sum(axis=2)  # for each neighbour's class
    return labels[np.arange(len(labels)), votes.argmax(axis=1)]


# --- The experiment -------------------------------------------------------------------------------


def run(train: Patterns, test: Patterns, folder: Path, quiet: bool) -> str:
    """Both methods, plain and deslanted: baselines.csv, two pictures, and a table as text.

    Raises:
        InputError: fewer training patterns than neighbours.
        OSError: the disk is full or read-only.
    """
    from .figures.methods import deslanted, figure9  # matplotlib is slow to import

    title = TITLES[train.dataset]
    if len(train) < paper.TRAINING_PATTERNS:
        title += f", {len(train):,} training patterns"
    ours: dict[str, float] = {}
    for data, a, b in (
        ("", train.images, test.images),
        ("[deslant] ", deslant(train.images), deslant(test.images)),
    ):
        answers = Linear(a, train.labels, quiet=quiet).predict(b)
        ours[f"{data}Linear"] = _error_percent(answers, test)
        answers = vote(train.labels[nearest(a, b, quiet=quiet)])
        ours[f"{data}K-NN Euclidean"] = _error_percent(answers, test)
    ours = {method: ours[method] for method in paper.FIGURE_9 if method in ours}

    folder.mkdir(parents=True, exist_ok=True)
    write_csv(
        folder / "baselines.csv",
        ["dataset", "training_patterns", "method", "ours_percent", "paper_percent"],
        [
            (train.dataset, len(train), method, f"{error:.4f}", paper.FIGURE_9[method])
            for method, error in ours.items()
        ],
    )
    save_figure(figure9(ours, title), folder / "figure9.png")
    first = np.unique(test.labels, return_index=True)[1]
    save_figure(deslanted(test.images[first], TITLES[test.dataset]), folder / "deslanted.png")

    head = f"test error, {TITLES[train.dataset]}, {len(train):,} training patterns"
    lines = [f"{head:52}{'ours':>10}{'paper':>10}"]
    lines += [
        f"{method:52}{error:8.2f} %{paper.FIGURE_9[method]:8.1f} %"
        for method, error in ours.items()
    ]
    lines.append(
        "Neighbours in grey levels do better here than in the paper; no reading of III-C found "
        "gives its figure."
    )
    return "\n".join(lines + caution(train.dataset, len(train)))


def _error_percent(answers: NDArray[np.intp], test: Patterns) -> float:
    """Share of wrong answers in percent."""
    return 100.0 * float(np.mean(answers != test.labels))
