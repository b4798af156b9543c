"""III-C.10: the nearest neighbour by tangent distance."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import paper
from ..arrays import Array
from .method import Method, blocks
from .neighbours import closest

CANDIDATES = 100
SMOOTHING = 0.7  # standard deviation in pixels
DAMPING = 0.01
SMALLEST = 1e-6  # squared distance of equal planes, for the logarithm
TANGENTS = 7  # two translations, scaling, squeezing, skewing, rotation, thickness


class TangentDistance(Method):
    """The class of the training image whose tangent plane is nearest to the test image's.

    The paper fixes 16x16 pixels, the planes of both images, the transformations (translations,
    scaling, skewing, squeezing, rotation, thickness of the lines), and that the Euclidean distance
    chooses the candidates.

    It leaves the rest open.  Readings: seven tangent vectors, the derivatives of the image after a
    Gaussian blur; the candidates are the 100 nearest images at one resolution; one neighbour
    decides; a small damping keeps equal planes from being singular.  The score of a class is minus
    the logarithm of the smallest squared distance to one of its candidates, so that the margin of
    figure 10 is the ratio of two distances; a class without a candidate has the largest distance
    that two images can have.  Learned from the first 50,000 training patterns, on the last 2,000: a
    blur of 0.7 pixels 0.85 % of errors, of 0.5, 1.0 and 1.3 pixels 1.0, 1.35 and 1.4 %; 50 to 400
    candidates 0.85 to 0.95 %; the ratio rejects fewer than the difference with every blur.

    Args:
        candidates: number of training images that the Euclidean distance leaves.
        smoothing: standard deviation of the blur in pixels.
        damping: added to the 1 on the diagonal of the equations.
        quiet: no progress bar.
    """

    def __init__(
        self,
        candidates: int = CANDIDATES,
        smoothing: float = SMOOTHING,
        damping: float = DAMPING,
        quiet: bool = False,
    ) -> None:
        self.candidates, self.smoothing, self.damping = candidates, smoothing, damping
        self.quiet = quiet

    def learn(self, images: NDArray[Any], labels: NDArray[np.intp]) -> None:
        self.labels = labels
        self.images, self.planes = self._with_planes(images)

    def _with_planes(self, images: NDArray[Any]) -> tuple[Array, Array]:
        """Smoothed images (n, pixels) and orthonormal tangent vectors (n, 7, pixels)."""
        smoothed = np.empty(images.shape, np.float32)
        planes = np.empty((len(images), TANGENTS, smoothed[0].size), np.float32)
        for block in blocks(len(images)):
            smoothed[block] = blur(images[block] / np.float32(255), self.smoothing)
            planes[block] = orthonormal(tangents(smoothed[block]))
        return smoothed.reshape(len(images), -1), planes

    def score(self, images: NDArray[Any]) -> Array:
        x, planes = self._with_planes(images)
        count = min(self.candidates, len(self.images))
        scores = np.full((len(x), paper.CLASSES), -np.log(self.images.shape[1]))
        for start in range(0, len(x), 100):
            block = slice(start, start + 100)
            near = closest(self.images, x[block], count)
            for i, candidates in enumerate(near, start):
                distance = tangent_distances(
                    x[i], planes[i], self.images[candidates], self.planes[candidates], self.damping
                )
                nearness = -np.log(np.maximum(distance, SMALLEST))
                np.maximum.at(scores[i], self.labels[candidates], nearness)
        return scores

    @property
    def variables(self) -> int:
        """The smoothed training images and their tangent vectors."""
        return int(self.images.size + self.planes.size)

    @property
    def multiply_accumulates(self) -> int:
        """The Euclidean distances, and the products of the planes of the candidates."""
        pixels = self.images.shape[1]
        pair = pixels * (TANGENTS * TANGENTS + 2 * TANGENTS + 1)
        return int(self.images.size + min(self.candidates, len(self.images)) * pair)


def blur(images: Array, deviation: float) -> NDArray[np.float32]:
    """Images (n, height, width) after a Gaussian blur; background outside the field."""
    rows, columns = (_gauss(size, deviation) for size in images.shape[1:])
    blurred: NDArray[np.float32] = (rows @ images @ columns.T).astype(np.float32)
    return blurred


def _gauss(size: int, deviation: float) -> Array:
    """The matrix of a Gaussian blur along one axis, (size, size)."""
    place = np.arange(size)
    weights = np.exp(-((place[:, None] - place) ** 2) / (2 * deviation**2))
    matrix: Array = weights / np.exp(-(np.arange(-size, size + 1) ** 2) / (2 * deviation**2)).sum()
    return matrix


def tangents(images: Array) -> Array:
    """The seven derivatives of smooth images (n, height, width), (n, 7, height * width).

    Moving along a field (dx, dy) changes an image by dx times its horizontal and dy times its
    vertical slope; lines get thicker in proportion to the squared slope.
    """
    down, right = np.gradient(images, axis=(1, 2))
    y, x = (np.arange(size) - (size - 1) / 2 for size in images.shape[1:])
    y = y[:, None]
    found = [
        right,
        down,
        x * right + y * down,  # scaling
        x * right - y * down,  # squeezing: stretches one axis, compresses the other
        y * right + x * down,  # skewing
        y * right - x * down,  # rotation
        right**2 + down**2,  # thickness
    ]
    return np.stack(found, axis=1).reshape(len(images), TANGENTS, -1)


def orthonormal(vectors: Array) -> Array:
    """Orthonormal vectors (n, k, pixels) that span the same planes; zeros where there are fewer."""
    q, r = np.linalg.qr(vectors.transpose(0, 2, 1))
    size = np.abs(np.diagonal(r, axis1=1, axis2=2))
    kept = size > 1e-5 * np.maximum(size.max(axis=1, keepdims=True), 1e-30)
    planes: Array = (q * kept[:, None]).transpose(0, 2, 1)
    return planes


def tangent_distances(
    x: Array, plane: Array, images: Array, planes: Array, damping: float
) -> Array:
    """Squared distances between the tangent plane of an image and those of m others, (m,).

    With d = x - y, U and V the orthonormal tangents of x and y, u = U d, v = V d and C = U V^T, the
    distance is ||d||^2 minus what the best steps a, b in both planes take away:

        [(1 + damping) I   C] [a]   [u]
        [C^T  (1 + damping) I] [b] = [v],   a.u + b.v

    Args:
        x, plane: (pixels,) and (k, pixels).
        images, planes: (m, pixels) and (m, k, pixels).
    """
    d = x - images
    u, v = d @ plane.T, np.matmul(planes, d[:, :, None])[:, :, 0]
    across = np.matmul(planes, plane.T).transpose(0, 2, 1)  # C, (m, k, k)
    one = 1 + damping
    k = plane.shape[0]
    inner = one * np.eye(k, dtype=across.dtype) - across.transpose(0, 2, 1) @ across / one
    rest = v - np.einsum("mij,mi->mj", across, u) / one
    b = np.linalg.solve(inner, rest[:, :, None])[:, :, 0]
    a = (u - np.einsum("mij,mj->mi", across, b)) / one
    distances: Array = (d * d).sum(axis=1) - (a * u).sum(axis=1) - (b * v).sum(axis=1)
    return distances
