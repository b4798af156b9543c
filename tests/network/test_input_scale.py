"""Images on another scale than the network's are refused, with the way to convert them."""

import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lenet1998 import InputError, LeNet5, Patterns, load_mnist, load_printed

Array = NDArray[Any]
IMAGES = load_printed()[1].images[:20]
LABELS = load_printed()[1].labels[:20]


def framed(images: Array) -> Array:
    """Grey levels 0 to 255 in the 32x32 field, as floats."""
    return np.pad(images, ((0, 0), (2, 2), (2, 2))).astype(np.float32)


# What somebody may give instead of the network's inputs; what the message tells to give.
WRONG: dict[str, tuple[Callable[[Array], Array], str]] = {
    "0 to 1": (lambda images: framed(images) / 255, "1.275 * x - 0.1"),
    "0 to 255": (framed, "1.275 * x / 255 - 0.1"),
    "1 to 0": (lambda images: 1 - framed(images) / 255, "1.175 - 1.275 * x"),
    "inverted": (lambda images: 1.175 - 1.275 * framed(images) / 255, "1.075 - x"),
    "dark ink, uint8": (lambda images: 255 - images, "255 - images"),
    "0 to 1, 28x28": (lambda images: images / 255, "np.uint8(np.rint(255 * x))"),
    "0 to 1, 28x28, NHWC": (
        lambda images: np.float32(images / 255)[..., None],
        "np.uint8(np.rint(255 * x[..., 0]))",
    ),
    "0 to 1, 28x28, NCHW": (
        lambda images: np.float32(images / 255)[:, None],
        "np.uint8(np.rint(255 * x[:, 0]))",
    ),
    "0 to 255, 28x28": (lambda images: images.astype(float), "np.uint8(x)"),
    "0 to 255, integers": (lambda images: images.astype(int), "np.uint8(x)"),
    "uint8, NCHW": (lambda images: images[:, None], "x[:, 0]"),
    "uint8, 32x32": (lambda images: framed(images).astype(np.uint8), "1.275 * x / 255 - 0.1"),
    "one row an image": (lambda images: images.reshape(-1, 784), "x.reshape(-1, 28, 28)"),
    "torchvision's normalisation": (
        lambda images: np.float32((images / 255 - 0.1307) / 0.3081)[:, None],
        "np.uint8(np.rint(255 * (0.3081 * x[:, 0] + 0.1307)))",
    ),
    "-1 to 1, 28x28": (lambda images: images / 127.5 - 1, "np.uint8(np.rint(127.5 * (x + 1)))"),
    "paper's scale, NCHW": (lambda images: 1.275 * framed(images)[:, None] / 255 - 0.1, "x[:, 0]"),
    "uint8, 32x32, NCHW": (
        lambda images: framed(images).astype(np.uint8)[:, None],
        "1.275 * x[:, 0] / 255 - 0.1",
    ),
    "levels 0 and 1, uint8": (lambda images: (images > 127).astype(np.uint8), "255 * images"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("one", [False, True])
def test_another_scale_is_refused_and_the_advice_is_right(name: str, one: bool) -> None:
    network = LeNet5.pretrained("distortions")
    make, advice = WRONG[name]
    given = make(IMAGES)
    wrong = given[3] if one and given.ndim == 3 else given
    with pytest.raises(InputError, match=re.escape(f" give {advice}")):
        network.predict(wrong)
    converted = eval(advice, {"np": np, "x": given, "images": given})
    error = np.mean(network.predict(converted) != network.predict(IMAGES))
    assert error <= (0.1 if "levels" in name else 0)


@pytest.mark.parametrize(
    ("images", "labels", "advice"),
    [
        (IMAGES[3], [5], "x[None]"),
        (framed(IMAGES).astype(np.uint8), LABELS, "x[..., 2:-2, 2:-2]"),
        (IMAGES.reshape(-1, 784), LABELS, "x.reshape(-1, 28, 28)"),
        (IMAGES, np.eye(10)[LABELS], "labels.argmax(axis=1)"),
        (IMAGES, LABELS[:, None], "labels[:, 0]"),
        (IMAGES, LABELS.astype(float), "labels.astype(int)"),
    ],
)
def test_patterns_say_how_to_convert(images: Array, labels: Array, advice: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"; give {advice}")):
        Patterns(images, labels)
    converted = eval(advice, {"x": images, "labels": labels})
    if advice.startswith("x"):
        assert len(Patterns(converted, labels)) == len(labels)
    else:
        assert np.array_equal(Patterns(images, converted).labels, LABELS)


def test_labels_below_0_are_named() -> None:
    with pytest.raises(InputError, match="these go from -1 to 8"):
        Patterns(IMAGES, np.arange(20) % 10 - 1)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        ((framed(IMAGES) / 255 - 0.1307) / 0.3081, "from -0.4242 to 2.821"),  # torchvision's
        (framed(IMAGES) / 127.5 - 1, "from -1 to 1"),
    ],
)
def test_another_normalisation_is_refused(x: Array, says: str) -> None:
    with pytest.raises(InputError, match=rf"{says}.*: give uint8 images"):
        LeNet5().predict(x)


def test_one_wrong_image_among_right_ones_is_refused() -> None:
    x = 1.275 * framed(IMAGES) / 255 - 0.1
    x[7] = framed(IMAGES)[7] / 255
    with pytest.raises(InputError, match="expected background"):
        LeNet5().predict(x)
    images = IMAGES.copy()
    images[7] = 255 - images[7]
    with pytest.raises(InputError, match="image 7 has dark ink"):
        LeNet5().predict(images)


def test_other_shapes_and_levels_are_refused() -> None:
    with pytest.raises(InputError, match="give grey levels, background 0 and ink 255, as uint8"):
        LeNet5().predict((IMAGES / 255 - 0.5) / 0.3)
    with pytest.raises(InputError, match=r"expected one or more, uint8 \(n, 28, 28\) or"):
        LeNet5().predict(IMAGES[:, :20])


def test_images_to_learn_from() -> None:
    network, labels = LeNet5(), np.arange(20) % 10
    right = Patterns(IMAGES, labels)
    assert right.dataset == "custom" and right.labels.dtype == np.uint8
    for wrong, says in ((255 - IMAGES, "give 255 - images"), (IMAGES // 255, "give 255 * images")):
        with pytest.raises(InputError, match=re.escape(says)):
            network.fit(Patterns(wrong, labels), right, passes=1, quiet=True)
    with pytest.raises(InputError, match=re.escape("give np.uint8(np.rint(255 * x))")):
        Patterns(IMAGES / 255, labels)
    for arrays in ((IMAGES, right), (right, labels)):
        with pytest.raises(InputError, match=r"is ndarray, expected Patterns: give Patterns\(im"):
            network.fit(*arrays, passes=1, quiet=True)
    with pytest.raises(InputError, match="patterns is ndarray, expected Patterns"):
        network.score(IMAGES)


@pytest.mark.skipif(not os.environ.get("LENET1998_DATA"), reason="no folder with MNIST is named")
def test_the_converted_test_set_of_mnist_has_the_error_of_the_weights() -> None:
    network, test = LeNet5.pretrained("distortions"), load_mnist()[1]
    for make, advice in WRONG.values():
        given = make(test.images)
        with pytest.raises(InputError):
            network.predict(given)
        if "255 * images" not in advice:
            answers = network.predict(eval(advice, {"np": np, "x": given, "images": given}))
            assert 100 * np.mean(answers != test.labels) == pytest.approx(0.73, abs=0.02)
