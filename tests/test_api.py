"""LeNet-5 from Python: fit, score, predict, the arrays, and what the package gives."""

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lenet1998
import reproduce
from lenet1998 import Design, InputError, LeNet5, Patterns, load_printed, paper
from lenet1998.data.databases import in_field
from lenet1998.data.idx import write_idx
from lenet1998.learning import evaluation


@pytest.fixture(scope="module")
def printed() -> tuple[Patterns, Patterns]:
    train, test = load_printed()
    return train.subset(120), test.subset(60)


def test_fit_gives_the_weights_of_the_command(printed, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    flags = "--dataset printed --train-size 120 --test-size 60 --passes 2 --seed 3 --out run"
    assert reproduce.main([*flags.split(), "--quiet"]) == 0
    command = capsys.readouterr().out.splitlines()
    network = LeNet5(seed=3)
    results = network.fit(*printed, passes=2)
    assert np.array_equal(network.parameters, LeNet5.load("run/weights.npz").parameters)
    # A line for each pass, as the command prints it but for the time.
    lines = capsys.readouterr().out.splitlines()
    assert [line[:40] for line in lines] == [line[:40] for line in command[1:4]]
    assert [result.number for result in results] == [1, 2]
    assert results[-1].test_error_percent == evaluation.error_percent(network, printed[1])


def test_a_trained_network_trains_on(printed, capsys) -> None:
    once, twice = LeNet5(), LeNet5()
    once.fit(*printed, passes=1, quiet=True)
    before = once.parameters.copy()
    (result,) = once.fit(*printed, passes=1, schedule="constant", learning_rate=1e-5, quiet=True)
    assert result.eta == 1e-5
    assert 0 < np.abs(once.parameters - before).max() < 0.01
    twice.fit(*printed, passes=2, quiet=True)
    assert not np.array_equal(once.parameters, twice.parameters)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epochs": 3}, "the setting 'epochs' is not known; did you mean passes"),
        ({"lr": 0.1}, "'lr' is not known; did you mean learning_rate"),
        ({"patterns": "windows"}, "these settings need another network"),
        ({"pases": 3}, "'pases' is not known; did you mean passes"),
        ({"passes": 0}, "passes is 0: expected a whole number"),
        ({"optimizer": "admm"}, "optimizer is 'admm': expected one of .*; did you mean adam"),
        ({"init": "he"}, "init has no effect in fit"),
        ({"out": "run"}, "out has no effect in fit"),
        ({"activation": "relu"}, "choose another when the network is made"),
        ({"learning_rate": [0.1, 0.2]}, "belong to --schedule step"),
    ],
)
def test_fit_refuses_wrong_settings(printed, settings, said) -> None:
    with pytest.raises(InputError, match=said):
        LeNet5().fit(*printed, quiet=True, **settings)


def test_mistyped_weights() -> None:
    with pytest.raises(InputError, match="no weights 'noisy' are shipped"):
        LeNet5.pretrained("noisy")
    with pytest.raises(InputError, match="did you mean distortions"):
        LeNet5.pretrained("distorsions")


def test_fit_of_a_modern_network(printed) -> None:
    design = Design(connections="full", subsampling="max", activation="relu", output="softmax")
    network = LeNet5(init="he", design=design)
    first, last = network.fit(*printed, passes=2, optimizer="adam", batch_size=4, quiet=True)
    assert last.loss < first.loss


def test_a_variant_is_trained_as_by_the_command(printed, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = "--dataset printed --train-size 120 --test-size 60 --passes 2 --variant modern"
    assert reproduce.main([*flags.split(), "--quiet", "--out", "run"]) == 0
    network = LeNet5.variant("modern")
    network.fit(*printed, passes=2, quiet=True)
    assert np.array_equal(network.parameters, LeNet5.load("run/weights.npz").parameters)
    assert LeNet5.variant("1998").design == Design()
    with pytest.raises(InputError, match=r"no variant 'modren'.*did you mean modern"):
        LeNet5.variant("modren")


def test_a_network_of_another_database(printed, tmp_path, monkeypatch) -> None:
    """fit and score make the database, as the command does; picture files are refused."""
    monkeypatch.chdir(tmp_path)
    flags = "--dataset printed --train-size 120 --test-size 60 --passes 1 --network lenet1"
    assert reproduce.main([*flags.split(), "--quiet", "--out", "run"]) == 0
    network = LeNet5(design=Design(network="lenet1"))
    (result,) = network.fit(*printed, passes=1, quiet=True)
    assert np.array_equal(network.parameters, LeNet5.load("run/weights.npz").parameters)
    assert 100 * (1 - network.score(printed[1])) == pytest.approx(result.test_error_percent)
    answers = network.predict(in_field(printed[1], "16x16").images)
    assert np.mean(answers == printed[1].labels) == pytest.approx(network.score(printed[1]))
    with pytest.raises(InputError, match="not prepared as the 16x16 database"):
        network.predict("digit.png")


def test_slices_of_patterns(printed) -> None:
    train = printed[0]
    assert len(train[:10]) == 10 and train[:10].dataset == "printed"
    assert np.array_equal(train[5:9].labels, train.labels[5:9])
    assert train[[7, 2]].labels.tolist() == train.labels[[7, 2]].tolist()
    assert set(train[train.labels == 4].labels) == {4}
    for one in (3, np.int64(3)):
        with pytest.raises(TypeError, match=r"one pattern is \.images\[i\]"):
            train[one]
    image, label = next(iter(train))
    assert image.shape == (28, 28) and label == train.labels[0] and len(list(train)) == 120


def test_patterns_are_read_as_their_images(printed) -> None:
    network, test = LeNet5.pretrained(), printed[1]
    for ask in (network.predict, network.penalties, lambda images: network.states(images)["F6"]):
        assert np.array_equal(ask(test), ask(test.images))
    assert np.asarray(test) is test.images
    assert not np.shares_memory(np.array(test), test.images)


def test_score_refuses_what_predict_and_fit_refuse(printed) -> None:
    network, test = LeNet5.pretrained(), printed[1]
    inverted = Patterns(255 - test.images, test.labels)
    with pytest.raises(InputError, match="give 255 - images"):
        network.score(inverted)
    with pytest.raises(InputError, match="give 255 - images"):
        network.fit(test, inverted, passes=1)
    with pytest.raises(InputError, match=r"give 255 \* images"):
        network.score(Patterns(np.uint8(test.images > 127), test.labels))
    for ask in (network.score, lambda none: network.fit(none, test)):
        with pytest.raises(InputError, match="has no patterns"):
            ask(test[:0])


def test_words_of_pytorch_name_what_is_here() -> None:
    network = LeNet5()
    with pytest.raises(AttributeError, match=r"no state_dict: arrays\(\) gives the weights"):
        network.state_dict()
    with pytest.raises(AttributeError, match="no eval: there is no mode to switch"):
        network.eval()
    with pytest.raises(AttributeError, match=r"no nonsense$"):
        _ = network.nonsense
    assert not hasattr(network, "cuda")


def test_the_arrays_compute_the_states_as_their_docstring_says(printed) -> None:
    """C1, S2 and F6, by the words for users of PyTorch: maps first, no kernel is turned."""
    network = LeNet5.pretrained()
    given, images = network.arrays(), printed[1].images[:3]
    x, states = network.prepare(images).transpose(0, 3, 1, 2), network.states(images)
    weight = given["C1 kernel"].transpose(3, 2, 0, 1)  # maps, maps below, height, width
    windows = np.lib.stride_tricks.sliding_window_view(x, (5, 5), axis=(2, 3))
    a = np.einsum("nchwij,mcij->nmhw", windows, weight) + given["C1 bias"][:, None, None]
    c1 = 1.7159 * np.tanh(2 * a / 3)
    assert np.allclose(c1.transpose(0, 2, 3, 1), states["C1"], atol=1e-5)
    total = c1.reshape(3, 6, 14, 2, 14, 2).sum(axis=(3, 5)).transpose(0, 2, 3, 1)
    s2 = 1.7159 * np.tanh(2 / 3 * (given["S2 coefficient"] * total + given["S2 bias"]))
    assert np.allclose(s2, states["S2"], atol=1e-5)
    c5, weights = states["C5"].reshape(3, 120), given["F6 weights"].T  # as Linear has them
    f6 = 1.7159 * np.tanh(2 / 3 * (c5 @ weights.T + given["F6 bias"]))
    assert np.allclose(f6, states["F6"].reshape(3, 84), atol=1e-5)
    far = ((f6[:, None] - given["OUTPUT codes"]) ** 2).sum(axis=2)
    assert np.allclose(far, network.penalties(images), rtol=1e-4)


def test_score_and_predict(printed, tmp_path) -> None:
    network, test = LeNet5.pretrained("distortions"), printed[1]
    answers = network.predict(test.images)
    assert network.score(test) == np.mean(answers == test.labels)
    assert network.predict(test.images[0]) == answers[0]
    write_idx(tmp_path / "digits", test.images[:3])
    write_idx(tmp_path / "digit", test.images[:1])
    digit, digits = str(tmp_path / "digit"), tmp_path / "digits"
    assert isinstance(network.predict(digit), int)
    assert network.predict(digits).shape == (3,)
    assert network.predict([digit, digits]).tolist() == [
        network.predict(digit), *network.predict(digits)
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"missing\.png"):
        network.predict("missing.png")


def test_what_things_are(printed) -> None:
    assert repr(LeNet5()) == "<LeNet5: 60,000 parameters, the design of 1998, float32>"
    assert "Design(activation='relu')" in repr(LeNet5(design=Design(activation="relu")))
    layers = LeNet5().layers
    assert repr(layers[:2]) == "[<Convolution C1: 156 parameters>, <Squash>]"
    with pytest.raises(KeyError, match="no layer 'C9': expected one of C1, S2, C3, S4, C5, F6"):
        LeNet5().layer("C9")
    assert repr(printed[0]) == "<Patterns: 120 images of printed digits>"
    (result,) = LeNet5().fit(*printed, passes=1, quiet=True)
    assert repr(result).startswith("<PassResult: pass 1, training error ")


def test_copies_keep_the_class() -> None:
    modern = LeNet5.variant("modern")
    modern.dataset = "mnist"
    copied = copy.deepcopy(modern)
    assert (copied.dataset, copied.trained_as) == ("mnist", "modern")
    for network in (copy.deepcopy(LeNet5(1)), pickle.loads(pickle.dumps(LeNet5(1)))):
        assert type(network) is LeNet5
        assert np.array_equal(network.parameters, LeNet5(1).parameters)


def test_arrays_have_the_papers_names_and_counts() -> None:
    network = LeNet5.pretrained()
    arrays = network.arrays()
    assert {name: array.shape for name, array in arrays.items()} == {
        "C1 kernel": (5, 5, 1, 6), "C1 bias": (6,), "S2 coefficient": (6,), "S2 bias": (6,),
        "C3 kernel": (5, 5, 6, 16), "C3 bias": (16,), "C3 table": (6, 16),
        "S4 coefficient": (16,), "S4 bias": (16,), "C5 kernel": (5, 5, 16, 120),
        "C5 bias": (120,), "F6 weights": (120, 84), "F6 bias": (84,), "OUTPUT codes": (10, 84),
    }  # fmt: skip
    table = arrays.pop("C3 table")
    assert table.sum() == sum(map(len, paper.TABLE_1))
    assert not arrays["C3 kernel"][:, :, ~table].any() and arrays["C3 kernel"][:, :, table].all()
    del arrays["OUTPUT codes"]
    kernel = arrays.pop("C3 kernel")
    trained = sum(array.size for array in arrays.values()) + kernel[:, :, table].size
    assert trained == paper.TRAINABLE_PARAMETERS
    arrays["C1 kernel"][:] = 0  # a copy
    assert network.arrays()["C1 kernel"].any()


def test_arrays_of_other_designs() -> None:
    design = Design(connections="full", subsampling="max", output="softmax", batch_norm=True)
    arrays = LeNet5(design=design).arrays()
    assert "C3 table" not in arrays and "S2 bias" not in arrays and "OUTPUT codes" not in arrays
    assert arrays["OUTPUT weights"].shape == (84, 10)
    assert arrays["C1-norm running"].shape == (2, 6)


def test_the_package_gives_its_parts() -> None:
    assert lenet1998.figures.__name__ == "lenet1998.figures"
    assert set(lenet1998.__all__) <= set(dir(lenet1998))
    for name in dir(lenet1998):
        assert getattr(lenet1998, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'training'"):
        lenet1998.training  # noqa: B018


def python(code: str, **variables: str) -> str:
    """The output of a Python process of its own, without the thread variables of these tests."""
    there = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    root = Path(lenet1998.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], env={**there, **variables, "PYTHONPATH": str(root)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_importing_is_cheap() -> None:
    code = "import lenet1998, sys; print([m for m in ('numpy', 'matplotlib') if m in sys.modules])"
    assert python(code) == "[]\n"
    code = "from lenet1998 import LeNet5; import sys; print('matplotlib' in sys.modules)"
    assert python(code) == "False\n"


def test_small_products_stay_on_one_thread() -> None:
    """While it trains; afterwards NumPy has its threads again, or a line says what to do."""
    code = """
import numpy
from lenet1998 import threads
number = (threads.openblas() or [lambda: None])[0]
before = number()
with threads.one_thread():
    within = number()
print(before == number(), within in (1, None), within)
"""
    assert python(code).splitlines()[-1].startswith("True True")


# --- The doors ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[str(Path(reproduce.__file__))], ["-m", "lenet1998"]])
def test_the_doors_are_one_program(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, *command, "summary"], capture_output=True, text=True, check=True,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(reproduce.__file__).parent)},
    )  # fmt: skip
    assert done.stdout == LeNet5().summary() + "\n"
