"""Images on another scale than the network's are refused, with the way to convert them."""

import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lenet1998 import InputError, LeNet5, load_mnist, load_printed

Array = NDArray[Any]
IMAGES = load_printed()[1].images[:20]


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
    "levels 0 and 1, uint8": (lambda images: (images > 127).astype(np.uint8), "255 * images"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("one", [False, True])
def test_another_scale_is_refused_and_the_advice_is_right(name: str, one: bool) -> None:
    network = LeNet5.pretrained("distortions")
    make, advice = WRONG[name]
    given = make(IMAGES)
    wrong = given[3] if one else given
    with pytest.raises(InputError, match=re.escape(f": give {advice}")):
        network.predict(wrong)
    converted = eval(advice, {"x": given, "images": given})
    error = np.mean(network.predict(converted) != network.predict(IMAGES))
    assert error <= (0.1 if "levels" in name else 0)


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


def test_floats_of_28x28_pixels_are_refused_with_the_conversion() -> None:
    with pytest.raises(InputError, match=re.escape("give np.uint8(255 * x)")):
        LeNet5().predict(IMAGES / 255)


@pytest.mark.skipif(not os.environ.get("LENET1998_DATA"), reason="no folder with MNIST is named")
def test_the_converted_test_set_of_mnist_has_the_error_of_the_weights() -> None:
    network, test = LeNet5.pretrained("distortions"), load_mnist()[1]
    for make, advice in WRONG.values():
        given = make(test.images)
        with pytest.raises(InputError):
            network.predict(given)
        if "255 * images" not in advice:
            answers = network.predict(eval(advice, {"x": given, "images": given}))
            assert 100 * np.mean(answers != test.labels) == pytest.approx(0.73, abs=0.02)
