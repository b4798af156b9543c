"""Settings, variants, recipes and the designs of networks they make."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import check
import numpy as np
import pytest

from lenet1998 import InputError, paper
from lenet1998.data.datasets import load_printed
from lenet1998.learning.criterion import MAP, MLE, CrossEntropy
from lenet1998.learning.optimizers import SGD, Adam, Momentum
from lenet1998.learning.training import train
from lenet1998.network.design import CHOICES, Design
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run.recipes import RECIPES
from lenet1998.run.settings import VARIANTS, Settings, complete

MODERN = complete({}, VARIANTS["modern"])


def test_the_defaults_are_the_papers() -> None:
    settings = Settings("mnist")
    assert settings.design() == Design() and not settings.design().changed()
    assert settings.network().count() == paper.LAYERS
    assert isinstance(settings.make_criterion(), MAP)
    assert settings.per() == "layer" and settings.batch_size == 1
    assert settings.etas()[0] == 0.0005 and settings.etas()[-1] == 0.00001
    assert type(settings.make_optimizer(settings.network())) is SGD
    assert settings.folder_name((60_000, 10_000)) == "mnist-1998-0"
    assert settings.title() == "MNIST"


def test_modern_is_all_of_its_parts() -> None:
    settings = Settings("mnist", **MODERN)
    network = settings.network()
    assert network.parameters.size == 61_706  # 156 + 2,416 + 48,120 + 10,164 + 850
    assert isinstance(settings.make_criterion(), CrossEntropy)
    assert isinstance(settings.make_optimizer(network), Adam) and settings.per() is None
    assert settings.learning_rate == (0.001,) and settings.batch_size == 64
    assert [type(layer).__name__ for layer in network.layers] == [
        *("Convolution", "ReLU", "MaxPool", "Convolution", "ReLU", "MaxPool"),
        *("Convolution", "ReLU", "Full", "ReLU", "Full", "Negative"),
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"output": "softmax"}, {"criterion": "cross-entropy"}),
        ({"optimizer": "momentum"}, {"momentum": 0.9, "learning_rate": (0.01,)}),
        ({"optimizer": "momentum", "momentum": 0.5}, {"momentum": 0.5}),
        ({"optimizer": "adam"}, {"learning_rate": (0.001,)}),
        ({}, {"learning_rate": (0.0005,)}),
    ],
)
def test_what_follows_from_a_choice(chosen: dict[str, Any], expected: dict[str, Any]) -> None:
    found = complete(chosen, {})
    assert expected.items() <= found.items()
    assert Settings("mnist", **found).passes == 20


def test_single_flags_override_a_variant() -> None:
    settings = Settings("mnist", **complete({"output": "rbf"}, VARIANTS["modern"]))
    assert settings.criterion == "map" and settings.activation == "relu"
    settings = Settings("mnist", **complete({"optimizer": "sgd"}, VARIANTS["modern"]))
    assert settings.learning_rate == (0.01,) and settings.batch_size == 64


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"output": "softmax"}, "softmax does not go with --criterion map"),
        ({"criterion": "cross-entropy"}, "rbf does not go with"),
        ({"output": "softmax", "criterion": "cross-entropy", "codes": "random"}, "codes 'random'"),
        ({"activation": "gelu"}, "activation 'gelu' is not known"),
        ({"criterion": "mle", "rubbish_penalty": 4.0}, "belongs to eq. 9"),
        ({"optimizer": "adam", "step_sizes": "parameter"}, "belongs to --optimizer sdlm"),
        ({"optimizer": "adam", "momentum": 0.9}, "nothing to --optimizer adam"),
        ({"step_at": (3,)}, "belongs to --schedule step"),
        ({"warmup": 3}, "belongs to --schedule cosine"),
        ({"learning_rate": (0.1, 0.2)}, "belong to --schedule step"),
        ({"schedule": "step", "learning_rate": (0.1, 0.2)}, "give one more"),
        ({"schedule": "cosine", "warmup": 20, "warmup_from": 0.1}, "does not go into"),
    ],
)
def test_contradictions_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Settings("mnist", **wrong)


def test_rates_of_each_schedule() -> None:
    assert Settings("mnist", learning_rate=(0.05,)).etas()[2] == pytest.approx(0.02)
    constant = Settings("mnist", schedule="constant", learning_rate=(0.3,), passes=3)
    assert constant.etas() == [0.3, 0.3, 0.3]
    steps = replace(constant, schedule="step", learning_rate=(0.4, 0.1), step_at=(2,))
    assert steps.etas() == [0.4, 0.1, 0.1]
    tenth = replace(steps, learning_rate=(0.4,))
    assert tenth.etas() == pytest.approx([0.4, 0.04, 0.04])
    cosine = replace(constant, schedule="cosine", warmup=1, warmup_from=0.1)
    assert cosine.etas() == pytest.approx([0.1, 0.3, 0.15])


def test_as_json_survives_a_file() -> None:
    settings = Settings("mnist", schedule="step", learning_rate=(0.4, 0.1), step_at=(5,))
    assert json.loads(json.dumps(settings.as_json())) == settings.as_json()


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_complete(name: str) -> None:
    recipe = RECIPES[name]
    settings = Settings(recipe.dataset, recipe=name, **complete({}, recipe.settings))
    assert len(settings.etas()) == settings.passes
    assert settings.folder_name((60_000, 10_000)) == f"{recipe.dataset}-recipe={name}-0"
    assert name in settings.title()
    assert not recipe.curve or len(recipe.curve) == settings.passes
    assert len(recipe.digits) in (0, 10)


def test_a_changed_recipe_says_so() -> None:
    """Else a table would set its authors' accuracy beside that of another network."""
    base = RECIPES["relu-maxpool-adam"].settings
    for chosen, says in (
        ({}, ""),
        ({"passes": 2}, ""),
        ({"activation": "squash", "batch_size": 64}, " with activation=squash, batch-size=64"),
    ):
        settings = Settings("mnist", recipe="relu-maxpool-adam", **complete(chosen, base))
        assert settings.title() == f"MNIST, recipe relu-maxpool-adam{says}"


def test_the_layer_table_of_batchnorm_fashion() -> None:
    """Reported: 61,750 parameters."""
    settings = Settings("fashion-mnist", **complete({}, RECIPES["batchnorm-fashion"].settings))
    assert settings.network().parameters.size == 61_750
    assert "61,750" in settings.network().summary()


def test_the_layer_table_of_1998_is_the_papers() -> None:
    lines = LeNet5().summary().splitlines()
    assert len(lines) == 9
    for line, (name, count) in zip(lines[1:-1], paper.LAYERS.items(), strict=True):
        assert line.split()[0] == name
        assert f"{count.parameters:,}" in line and f"{count.connections:,}" in line
    assert "60,000" in lines[-1] and "340,908" in lines[-1]


DESIGNS = [
    {name: choice} for name, choices in CHOICES.items() for choice in choices[1:] if name != "codes"
] + [
    {"codes": "random"},
    {"codes": "one-of-n"},
    {name: MODERN[name] for name in ("connections", "subsampling", "activation", "output")},
]


@pytest.mark.parametrize("parts", DESIGNS, ids=str)
def test_gradient_of_a_design(parts: dict[str, Any]) -> None:
    """The whole network in float64, by central differences, at places of every layer."""
    network = LeNet5(seed=3, dtype=np.float64, design=Design(**parts))
    softmax = parts.get("output") == "softmax"
    criterion: MLE = CrossEntropy() if softmax else MLE()
    test = load_printed()[1].subset(2)
    x, labels = test.x(dtype=np.float64), test.labels.astype(np.intp)
    network.learning(True)
    rng = np.random.default_rng(0)
    # Biases of 0 over an empty background would put units of ReLU on its kink.
    network.parameters += rng.normal(0, 0.02, network.parameters.shape)

    def E(parameters: Any) -> Any:
        network.parameters[:] = parameters
        return criterion.forward(network.forward(x), labels).sum()

    network.backward(criterion.backward(network.forward(x), labels))
    gradient, parameters = network.gradient.copy(), network.parameters.copy()
    places = [(int(rng.integers(part.start, part.stop)),) for part in network.slices.values()] * 2
    check.assert_gradient(E, parameters, gradient, "parameter", places)


@pytest.mark.parametrize("parts", [{}, {"batch_norm": True}, {"output": "softmax"}], ids=str)
def test_a_design_survives_saving_and_copying(parts: dict[str, Any], tmp_path: Path) -> None:
    design = Design(**parts)
    training, test = load_printed()
    network = LeNet5(seed=2, design=design)
    criterion = CrossEntropy() if design.output == "softmax" else MAP()
    list(train(network, criterion, training.subset(60), test.subset(9), [5e-4], quiet=True))
    y = network.penalties(test.images[:20])
    network.save(tmp_path / "w.npz")
    for other in (LeNet5.load(tmp_path / "w.npz"), copy.deepcopy(network)):
        assert other.design == design
        np.testing.assert_array_equal(other.penalties(test.images[:20]), y)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adagrad", "rmsprop", "adam", "sdlm"])
@pytest.mark.parametrize("batch", [1, 7])
def test_every_optimizer_learns(name: str, batch: int) -> None:
    chosen: dict[str, Any] = {"optimizer": name, "batch_size": batch, "schedule": "constant"}
    if name in ("sdlm", "momentum"):
        chosen["learning_rate"] = (0.0005 * batch,)
    settings = Settings("printed", **complete(chosen, {}))
    network, (training, test) = settings.network(), load_printed()
    first, *_, last = train(
        network, settings.make_criterion(), training.subset(210), test.subset(10),
        settings.etas()[:4], quiet=True, per=settings.per(), batch=batch,
        optimizer=settings.make_optimizer(network),
    )  # fmt: skip
    assert last.loss < first.loss


def test_momentum_goes_with_sdlm() -> None:
    settings = Settings("mnist", momentum=0.9)
    assert isinstance(settings.make_optimizer(settings.network()), Momentum)
    assert settings.per() == "layer"
