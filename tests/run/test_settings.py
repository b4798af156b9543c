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
from lenet1998.fields import KEY, settings_of
from lenet1998.learning.criterion import MAP, MLE, Criterion, CrossEntropy
from lenet1998.learning.optimizers import SGD, Adam, Momentum, RMSProp
from lenet1998.learning.training import Trainer
from lenet1998.network import lenet5
from lenet1998.network.design import Design
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.weights import PRETRAINED
from lenet1998.run.config import read_config
from lenet1998.run.recipes import RECIPES
from lenet1998.run.settings import Settings, choose
from lenet1998.run.variants import VARIANTS

MODERN = choose({}, VARIANTS["modern"])


def test_the_defaults_are_the_papers() -> None:
    settings = Settings("mnist")
    assert settings.design == Design() and not settings.design.changed()
    assert settings.network().count() == paper.LAYERS
    assert isinstance(settings.make_criterion(), MAP)
    assert settings.per() == "layer" and settings.batch_size == 1
    assert settings.etas()[0] == 0.0005 and settings.etas()[-1] == 0.00001
    assert type(settings.make_optimizer(settings.network())) is SGD
    assert settings.folder_name((60_000, 10_000)) == "mnist-1998-0"
    assert settings.title() == "MNIST"


def test_modern_is_all_of_its_parts() -> None:
    settings = MODERN
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
    found = choose(chosen)
    assert expected.items() <= found.values().items()
    assert found.passes == 20


def test_single_flags_override_a_variant() -> None:
    settings = choose({"output": "rbf"}, VARIANTS["modern"])
    assert settings.criterion == "map" and settings.design.activation == "relu"
    settings = choose({"optimizer": "sgd"}, VARIANTS["modern"])
    assert settings.learning_rate == (0.01,) and settings.batch_size == 64


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"output": "softmax"}, "softmax does not go with --criterion map"),
        ({"criterion": "cross-entropy"}, "rbf does not go with"),
        (
            {"output": "softmax", "criterion": "cross-entropy", "codes": "random"},
            "--codes belongs to --output rbf, not to softmax",
        ),
        (
            {"activation": "gelu"},
            "activation is 'gelu': expected one of squash, tanh, sigmoid, relu",
        ),
        (
            {"criterion": "mle", "rubbish_penalty": 4.0},
            "--rubbish-penalty belongs to --criterion map, not to mle",
        ),
        ({"optimizer": "adam", "step_sizes": "parameter"}, "belongs to --optimizer sdlm"),
        (
            {"optimizer": "adam", "momentum": 0.9},
            "belongs to --optimizer sdlm or momentum",
        ),
        ({"step_at": (3,)}, "belongs to --schedule step"),
        ({"warmup": 3}, "belongs to --schedule cosine"),
        ({"learning_rate": (0.1, 0.2)}, "belong to --schedule step"),
        ({"schedule": "step", "learning_rate": (0.1, 0.2)}, "give one more"),
        ({"schedule": "cosine", "warmup": 20, "warmup_from": 0.1}, "does not fit into"),
    ],
)
def test_contradictions_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Settings.of(wrong)


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


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"passes": "3"}, "passes is '3': expected a whole number from 1 to 10000"),
        ({"passes": 0}, "passes is 0: expected a whole number from 1 to 10000"),
        ({"momentum": float("nan")}, "momentum is nan: expected a number from 0 to 0.9999"),
        ({"batch_norm": 1}, "batch_norm is 1: expected True or False"),
        ({"learning_rate": 0.1}, "learning_rate is 0.1: expected a number from 1e-30 to 1000, or"),
        ({"learning_rate": ()}, r"learning_rate is \(\): expected"),
        ({"step_at": (2.5,), "schedule": "step"}, r"step_at is \(2.5,\): expected a whole number"),
        ({"recipe": "none"}, "recipe is 'none': expected one of sigmoid-softmax"),
        ({"colour": "red"}, "the setting 'colour' is not known"),
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Settings.of(wrong)


def test_a_whole_number_is_taken_for_a_number() -> None:
    assert Settings(weight_decay=1).weight_decay == 1


FULL = (60_000, 10_000)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(), "mnist-1998-0"),
        (Settings("printed", train_size=9, seed=3), "printed-train-size=9-test-size=10000-3"),
        (choose({}, VARIANTS["modern"]), "mnist-modern-0"),
        (choose({"passes": 2, "seed": 7}, VARIANTS["modern"]), "mnist-modern-passes=2-7"),
        (choose(VARIANTS["modern"]), "mnist-modern-0"),
        (choose({"optimizer": "adam"}), "mnist-optimizer=adam-learning-rate=0.001-0"),
        (
            Settings(schedule="step", learning_rate=(0.4, 0.1), step_at=(5,)),
            "mnist-schedule=step-learning-rate=0.4,0.1-step-at=5-0",
        ),
    ],
)
def test_folder_names(settings: Settings, name: str) -> None:
    full = (5_000, 1_000) if settings.dataset == "printed" else FULL
    assert settings.folder_name(full) == name


def test_a_long_folder_name_ends_in_a_hash() -> None:
    """A folder's name has at most 255 bytes on most systems; different settings keep apart."""
    many = {
        "connections": "full", "subsampling": "average", "activation": "relu", "init": "normal",
        "input_range": "standard", "batch_norm": True, "order": "shuffled", "patterns": "noisy",
        "optimizer": "momentum", "schedule": "step", "step_at": tuple(range(2, 60)),
    }  # fmt: skip
    names = {choose({**many, "batch_size": n}).folder_name(FULL) for n in (2, 3)}
    assert len(names) == 2
    for name in names:
        kept, digest, seed = name.rsplit("-", 2)
        assert kept == "mnist-patterns=noisy-connections=full-subsampling=average"
        assert len(digest) == 8 and int(digest, 16) and seed == "0"


def test_json_is_flat_and_comes_back() -> None:
    """Runs of earlier versions are repeated from such a file."""
    settings = choose({"activation": "relu", "step_at": (3,), "schedule": "step"})
    found = settings.as_json()
    assert found["activation"] == "relu" and found["step_at"] == [3] and "design" not in found
    assert list(found)[:8] == [
        *("dataset", "passes", "train_size", "test_size", "seed", "patterns", "network"),
        "connections",
    ]
    assert Settings.from_json(json.loads(json.dumps(found))) == settings
    assert Settings.from_json({"dataset": "printed"}) == Settings("printed")


@pytest.mark.parametrize("name", PRETRAINED)
def test_the_settings_of_the_shipped_runs_are_read(name: str) -> None:
    """Written by earlier versions."""
    path = Path(lenet5.__file__).parents[1] / "pretrained" / name / "config.json"
    settings, config = read_config(path)
    assert settings.as_json().items() >= config["settings"].items()


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_complete(name: str) -> None:
    recipe = RECIPES[name]
    settings = choose({"dataset": recipe.dataset, "recipe": name}, recipe.settings)
    assert len(settings.etas()) == settings.passes
    assert settings.folder_name((60_000, 10_000)) == f"{recipe.dataset}-recipe={name}-0"
    assert name in settings.title()
    assert not recipe.curve or len(recipe.curve) == settings.passes
    assert len(recipe.digits) in (0, 10)


@pytest.mark.parametrize("name", RECIPES)
def test_the_optimizer_that_a_recipe_has_changes_nothing(name: str) -> None:
    base = RECIPES[name].settings
    chosen = {"recipe": name, "optimizer": base.get("optimizer", "sdlm")}
    assert choose(chosen, base) == choose({"recipe": name}, base)


def test_the_five_optimizers_of_a_project_have_its_constants() -> None:
    """Reported rates: 0.01, Adam's 0.001; RMSProp's is given by hand."""
    base = RECIPES["relu-maxpool-adam"].settings
    for name, rate in (("sgd", 0.01), ("momentum", 0.01), ("adagrad", 0.01), ("adam", 0.001)):
        settings = choose({"optimizer": name}, base)
        assert settings.learning_rate == (rate,) and settings.etas() == [rate] * 10
    assert choose({"optimizer": "momentum"}, base).momentum == 0.9
    chosen = choose({"optimizer": "rmsprop", "learning_rate": (0.01,)}, base)
    optimizer = chosen.make_optimizer(chosen.network())
    assert isinstance(optimizer, RMSProp) and optimizer.decay == 0.99
    assert chosen.etas() == [0.01] * 10


def test_a_changed_recipe_says_so() -> None:
    """Else a table would set its authors' accuracy beside that of another network."""
    base = RECIPES["relu-maxpool-adam"].settings
    for chosen, says in (
        ({}, ""),
        ({"passes": 2}, ""),
        ({"activation": "squash", "batch_size": 64}, " with activation=squash, batch-size=64"),
    ):
        settings = choose({"recipe": "relu-maxpool-adam", **chosen}, base)
        assert settings.title() == f"MNIST, recipe relu-maxpool-adam{says}"


def test_the_layer_table_of_batchnorm_fashion() -> None:
    """Reported: 61,750 parameters."""
    settings = choose({}, RECIPES["batchnorm-fashion"].settings)
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
    {name: choice}
    for name, field in settings_of(Design).items()
    for choice in field.metadata[KEY].choices[1:]
    if name != "codes"
] + [
    {"batch_norm": True},
    {"batch_norm": True, "batch_statistics": True},
    {"subsampling": "average", "pool_first": True, "quarter_curvature": True},
    {"lost_bias": True},
    {"codes": "random"},
    {"codes": "one-of-n"},
    {
        name: VARIANTS["modern"][name]
        for name in ("connections", "subsampling", "activation", "output")
    },
]


@pytest.mark.parametrize("parts", DESIGNS, ids=str)
def test_gradient_of_a_design(parts: dict[str, Any]) -> None:
    """The whole network in float64, by central differences, at places of every layer."""
    network = LeNet5(seed=3, dtype=np.float64, design=Design(**parts))
    softmax = parts.get("output") == "softmax"
    criterion: Criterion = CrossEntropy() if softmax else MLE()
    test = load_printed()[1].subset(2)
    x, labels = test.x(dtype=np.float64), test.labels.astype(np.intp)
    network.set_training(True)
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


@pytest.mark.parametrize(
    "parts", [{}, {"batch_norm": True}, {"output": "softmax"}, {"lost_bias": True}], ids=str
)
def test_a_design_survives_saving_and_copying(parts: dict[str, Any], tmp_path: Path) -> None:
    design = Design(**parts)
    training, test = load_printed()
    network = LeNet5(seed=2, design=design)
    criterion = CrossEntropy() if design.output == "softmax" else MAP()
    optimizer = SGD(network.parameters.size)
    trainer = Trainer(network, criterion, optimizer, [5e-4], progress=False)
    list(trainer.passes(training.subset(60), test.subset(9)))
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
    settings = choose(chosen)
    network, (training, test) = settings.network(), load_printed()
    trainer = Trainer(
        network, settings.make_criterion(), settings.make_optimizer(network),
        settings.etas()[:4], step_sizes=settings.per(), batch_size=batch, progress=False,
    )  # fmt: skip
    first, *_, last = trainer.passes(training.subset(210), test.subset(10))
    assert last.loss < first.loss


def test_a_momentum_of_0_is_none() -> None:
    settings = choose({"optimizer": "momentum", "momentum": 0.0})
    optimizer = settings.make_optimizer(settings.network())
    assert isinstance(optimizer, Momentum) and optimizer.momentum == 0


def test_momentum_goes_with_sdlm() -> None:
    settings = Settings("mnist", momentum=0.9)
    assert isinstance(settings.make_optimizer(settings.network()), Momentum)
    assert settings.per() == "layer"


def test_weights_to_train_on_from(tmp_path: Path) -> None:
    design = Design(connections="full", activation="relu")
    LeNet5(seed=5, design=design).save(tmp_path / "w.npz")
    settings = choose({"weights": str(tmp_path / "w.npz"), "passes": 2})
    assert settings.design == design
    assert np.array_equal(settings.network().parameters, LeNet5(5, design=design).parameters)
    assert Settings.from_json(settings.as_json()) == settings
    assert choose({"weights": "1998"}).folder_name(FULL).startswith("mnist-weights-sha256=")
    with pytest.raises(InputError, match="with activation relu, not squash; remove --activation"):
        choose({"weights": str(tmp_path / "w.npz"), "activation": "squash"})
    LeNet5(seed=6, design=design).save(tmp_path / "w.npz")
    with pytest.raises(InputError, match="not the weights"):
        settings.network()
    assert "weights" not in Settings().as_json()
