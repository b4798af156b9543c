"""The network of figure 2: its counts, first weights, derivatives, answers and weights file."""

import copy
import gc
import io
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import check
import numpy as np
import pytest
import reference
from check import Array

from lenet1998.files import InputError
from lenet1998.learning.criterion import MAP, MLE, Criterion
from lenet1998.network.design import Design
from lenet1998.network.lenet5 import LeNet5
from lenet1998.network.network import GROUP
from lenet1998.paper import TABLE_1

# Section II-B: output (height, width, maps), trainable parameters, connections.
COUNTS = {
    "C1": ((28, 28, 6), 156, 122_304),
    "S2": ((14, 14, 6), 12, 5_880),
    "C3": ((10, 10, 16), 1_516, 151_600),
    "S4": ((5, 5, 16), 32, 2_000),
    "C5": ((1, 1, 120), 48_120, 48_120),
    "F6": ((1, 1, 84), 10_164, 10_164),
    "OUTPUT": ((1, 1, 10), 0, 840),
}
# Table I as the paper prints it: a row for each map of S2, a column for each map of C3.
GRID = [
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
]
WEIGHTED = {"C1": "kernel", "C3": "kernel", "C5": "kernel", "F6": "weights"}
SUBSAMPLED = ("S2", "S4")


def weights(network: LeNet5, name: str) -> Array:
    """The weights of a layer without its biases; the last axis is the map or unit."""
    array: Array = getattr(network.layer(name), WEIGHTED[name])
    return array


def bias(network: LeNet5, name: str) -> Array:
    array: Array = network.layer(name).bias  # type: ignore[attr-defined]
    return array


def fan_in(name: str) -> Array:
    """Inputs of a unit of each map or, for F6, of each unit; the bias is not one of them."""
    if name == "C3":
        return np.array([25 * sum(row[m] == "X" for row in GRID) for m in range(16)])
    return {"C1": np.full(6, 25), "C5": np.full(120, 400), "F6": np.full(84, 120)}[name]


def images(n: int, seed: int = 0) -> Array:
    """Grey levels with a blob of ink, uint8 (n, 28, 28)."""
    rng = np.random.default_rng(seed)
    grey = np.zeros((n, 28, 28), np.uint8)
    grey[:, 5:23, 6:22] = rng.integers(256, size=(n, 18, 16))
    return grey


def normalised(grey: Array) -> Array:
    """II-B by hand: 28x28 amid 32x32, background -0.1, ink 1.175."""
    field = np.pad(grey, ((0, 0), (2, 2), (2, 2)))
    return field[..., None] * (1.275 / 255) - 0.1


# --- Counts and Table I ----------------------------------------------------------------------


def test_network_has_60000_parameters_and_340908_connections() -> None:
    network = LeNet5()
    counts = network.count()
    assert network.parameters.shape == network.gradient.shape == network.curvature.shape
    assert network.parameters.size == 60_000
    assert sum(count.parameters for count in counts.values()) == 60_000
    assert sum(count.connections for count in counts.values()) == 340_908


@pytest.mark.parametrize("name", COUNTS)
def test_counts_of_each_layer(name: str) -> None:
    count = LeNet5().count()[name]
    assert (count.shape, count.parameters, count.connections) == COUNTS[name]


def test_layers_come_in_the_order_of_figure_2() -> None:
    network = LeNet5()
    assert list(network.count()) == list(COUNTS)
    assert [layer.name for layer in network.layers if layer.name] == list(COUNTS)
    with pytest.raises(KeyError):
        network.layer("C4")


def test_forward_makes_states_of_the_counted_shapes() -> None:
    network = LeNet5()
    x = normalised(images(2)).astype(np.float32)
    for layer in network.layers:
        x = layer.forward(x)
        if layer.name:
            assert x.shape == (2, *COUNTS[layer.name][0])


def test_slices_lie_end_to_end_in_the_flat_vector() -> None:
    places = np.arange(60_000)
    joined = np.concatenate([places[part] for part in LeNet5().slices.values()])
    np.testing.assert_array_equal(joined, places)


def test_flat_vector_is_the_layers_storage() -> None:
    network = LeNet5()
    x = normalised(images(1))
    for name in network.slices:
        before = network.forward(x).copy()
        network.parameters[network.slices[name]] *= 0.5
        assert np.abs(network.forward(x) - before).max() > 1e-3, name


def test_table_1_against_a_second_transcription() -> None:
    columns = [tuple(s for s in range(6) if GRID[s][m] == "X") for m in range(16)]
    assert sum(map(len, columns)) == 60
    assert [tuple(sources) for sources in TABLE_1] == columns


def test_kernel_of_c3_has_the_connections_of_table_1() -> None:
    kernel = weights(LeNet5(), "C3")
    for s in range(6):
        for m in range(16):
            assert kernel[:, :, s, m].all() if GRID[s][m] == "X" else not kernel[:, :, s, m].any()


# --- First weights ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", WEIGHTED)
@pytest.mark.parametrize("init", ["lecun", "paper"])
def test_first_weights_fill_their_range(name: str, init: str) -> None:
    """Uniform in +-1/sqrt(F_i) or, as appendix A says, in +-2.4/F_i; the biases are 0."""
    network = LeNet5(seed=3, init=init)
    f = fan_in(name)
    bound = 1 / np.sqrt(f) if init == "lecun" else 2.4 / f
    drawn = (weights(network, name) / bound).reshape(-1, len(f))  # in units of the bound
    assert np.abs(drawn).max() <= 1 + 1e-6
    assert (drawn.max(axis=0) > 0.6).all()
    assert (drawn.min(axis=0) < -0.6).all()
    present = drawn[drawn != 0]
    assert abs(present.mean()) < 5 / np.sqrt(3 * present.size)  # five standard errors
    assert not bias(network, name).any()


@pytest.mark.parametrize("name", SUBSAMPLED)
@pytest.mark.parametrize("init", ["lecun", "paper"])
def test_first_coefficients_are_a_half(name: str, init: str) -> None:
    network = LeNet5(seed=3, init=init)
    assert (network.layer(name).coefficient == 0.5).all()  # type: ignore[attr-defined]
    assert not bias(network, name).any()


def test_unknown_rule_is_refused() -> None:
    with pytest.raises(InputError, match=r"'glorot'.*lecun, paper"):
        LeNet5(init="glorot")


@pytest.mark.parametrize(("name", "fan_in", "fan_out"), [("C5", 400, 3000), ("F6", 120, 84)])
def test_first_weights_of_later_rules(name: str, fan_in: int, fan_out: int) -> None:
    """Their standard deviation; of 10,080 numbers it is known to 0.7 %."""
    for init, expected in {
        "xavier": np.sqrt(2 / (fan_in + fan_out)),
        "he": np.sqrt(2 / fan_in),
        "he-out": np.sqrt(2 / fan_out),
        "normal": 0.1,
    }.items():
        network = LeNet5(seed=3, init=init, design=Design(connections="full"))
        drawn = weights(network, name)
        assert drawn.std() == pytest.approx(expected, rel=0.03), init
        assert abs(drawn.mean()) < 5 * expected / np.sqrt(drawn.size)


def test_seed_alone_decides_the_first_weights() -> None:
    np.random.seed(1)  # noqa: NPY002  the global generator must not matter
    first = LeNet5(seed=1).parameters.copy()
    np.random.seed(2)  # noqa: NPY002
    np.testing.assert_array_equal(LeNet5(seed=1).parameters, first)
    other = LeNet5(seed=2).parameters
    assert np.mean(other != first) > 0.99
    double = LeNet5(seed=1, dtype=np.float64).parameters
    np.testing.assert_array_equal(double.astype(np.float32), first)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_goes_all_the_way(dtype: Any) -> None:
    network, criterion = LeNet5(dtype=dtype), MAP()
    y = network.forward(normalised(images(1)))
    network.backward(criterion.backward(y, np.array([1])))
    network.second_backward(criterion.second_backward(y, np.array([1])))
    for array in (y, network.parameters, network.gradient, network.curvature):
        assert array.dtype == dtype
    assert network.penalties(images(2)).dtype == dtype


# --- Derivatives -----------------------------------------------------------------------------

CRITERIA = {"eq. 8": MLE, "eq. 9": MAP, "eq. 9, large j": lambda: MAP(j=45.0)}


@pytest.fixture
def network() -> LeNet5:
    """In float64, away from the first weights: biases and coefficients moved."""
    network = LeNet5(seed=5, dtype=np.float64)
    network.parameters += np.random.default_rng(6).normal(0, 0.02, 60_000)
    network.layers[0].wants_input_gradient = True
    return network


@pytest.mark.parametrize("make", CRITERIA.values(), ids=CRITERIA.keys())
def test_gradient_of_the_whole_network(network: LeNet5, make: Callable[[], Criterion]) -> None:
    """Some parameters of every layer, and some pixels; the class counts are summed over a batch.

    With j = 45 the penalties of the untrained network, about 42, are the ones that count.
    """
    criterion, labels, rng = make(), np.array([3, 8]), np.random.default_rng(7)
    x, parameters = normalised(images(2)), network.parameters.copy()
    dE_dx = network.backward(criterion.backward(network.forward(x), labels)).copy()
    gradient = network.gradient.copy()

    def E_of_parameters(values: Array) -> Any:
        network.parameters[:] = values
        return criterion.forward(network.forward(x), labels).sum()

    for name, part in network.slices.items():
        size = part.stop - part.start
        places = part.start + rng.choice(size, min(20, size), replace=False)
        places = [*places, part.stop - 1]  # a bias
        check.assert_gradient(
            E_of_parameters, parameters, gradient, name, [(int(place),) for place in places]
        )
    network.parameters[:] = parameters
    pixels = [(int(rng.integers(2)), *map(int, rng.integers(32, size=2)), 0) for _ in range(20)]
    check.assert_gradient(
        lambda x: criterion.forward(network.forward(x), labels).sum(), x, dE_dx, "pixel", pixels
    )


def in_loops(network: LeNet5) -> list[tuple[str, reference.Layer]]:
    """The seven layers with their squashes as plain loops, weights copied by name."""
    reads: dict[str, Sequence[Sequence[int]]]
    reads = {"C1": [[0]] * 6, "C3": TABLE_1, "C5": [range(16)] * 120}
    layers: list[tuple[str, reference.Layer]] = []
    for name in ("C1", "S2", "C3", "S4", "C5", "F6"):
        b = bias(network, name)
        if name in SUBSAMPLED:
            coefficient = network.layer(name).coefficient  # type: ignore[attr-defined]
            layers.append((name, reference.Subsampling(coefficient, b)))
        elif name == "F6":
            layers.append((name, reference.Full(weights(network, name), b)))
        else:
            twin = reference.Convolution(weights(network, name), b, reads[name])
            layers.append((name, twin))
        layers.append(("", reference.Squash()))
    codes = network.layer("OUTPUT").codes  # type: ignore[attr-defined]
    layers.append(("OUTPUT", reference.RBF(codes)))
    return layers


def test_whole_network_against_loops(network: LeNet5) -> None:
    """Penalties, gradient and curvature; sums over each parameter's array tell its place apart."""
    x = normalised(images(1))
    criterion, label = MLE(), np.array([4])
    ours = network.forward(x).copy()
    dE_dx = network.backward(criterion.backward(ours, label)).copy()
    d2E_dx2 = network.second_backward(criterion.second_backward(ours, label)).copy()
    gradient, curvature = network.gradient.copy(), network.curvature.copy()

    layers = in_loops(network)
    state = x
    for _, layer in layers:
        state = layer.forward(state)
    np.testing.assert_allclose(ours, state, rtol=1e-12)

    d = np.zeros((1, 1, 1, 10))
    d[..., 4] = 0.5
    h = d
    gradients, curvatures = {}, {}
    for name, layer in reversed(layers):
        gradients[name], d = layer.backward(d)
        curvatures[name], h = layer.second_backward(h)
    np.testing.assert_allclose(dE_dx, d, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(d2E_dx2, h, rtol=1e-9, atol=1e-12)
    for flat, arrays in ((gradient, gradients), (curvature, curvatures)):
        network.parameters[:] = flat
        network.forward(x)
        for name in network.slices:
            for parameter, expected in arrays[name].items():
                found = getattr(network.layer(name), parameter)
                what = f"{name}, {parameter}"
                np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=what)


def test_batch_is_one_by_one(network: LeNet5) -> None:
    """Sizes in turn on one network; gradients and curvatures are sums."""
    criterion, x, labels = MAP(), normalised(images(5)), np.array([0, 1, 5, 9, 2])

    def passes(part: slice) -> tuple[Array, Array, Array]:
        y = network.forward(x[part]).copy()
        network.backward(criterion.backward(y, labels[part]))
        network.second_backward(criterion.second_backward(y, labels[part]))
        return y, network.gradient.copy(), network.curvature.copy()

    whole = passes(slice(0, 5))
    ones = [passes(slice(i, i + 1)) for i in range(5)]
    again = passes(slice(0, 5))
    y, gradients, curvatures = zip(*ones, strict=True)
    expected = np.concatenate(y), np.sum(gradients, axis=0), np.sum(curvatures, axis=0)
    for found, repeated, right in zip(whole, again, expected, strict=True):
        np.testing.assert_array_equal(found, repeated)
        np.testing.assert_allclose(found, right, rtol=1e-10, atol=1e-12)


def test_wider_input_reads_every_fourth_position(network: LeNet5) -> None:
    """Section VII: convolved over a wider field, the network answers as on each 32x32 window."""
    field = np.random.default_rng(8).uniform(-0.1, 1.175, size=(2, 36, 44, 1))
    wide = network.forward(field).copy()
    assert wide.shape == (2, 2, 4, 10)
    for row in range(2):
        for column in range(4):
            window = field[:, 4 * row : 4 * row + 32, 4 * column : 4 * column + 32]
            found = network.forward(window)[:, 0, 0]
            np.testing.assert_allclose(found, wide[:, row, column], rtol=1e-12)


# --- Answers ---------------------------------------------------------------------------------


def test_penalties_are_the_squared_distances_to_the_codes() -> None:
    network, grey = LeNet5(seed=1, dtype=np.float64), images(3)
    state = normalised(grey)
    for layer in network.layers[:-1]:
        state = layer.forward(state)
    codes = network.layer("OUTPUT").codes  # type: ignore[attr-defined]
    expected = np.square(state.reshape(3, 1, 84) - codes).sum(axis=2)
    np.testing.assert_allclose(network.penalties(grey), expected, rtol=1e-10)
    np.testing.assert_array_equal(network.predict(grey), expected.argmin(axis=1))


def test_every_form_of_the_images_gives_the_same_answers() -> None:
    network, grey = LeNet5(seed=1), images(4)
    field = normalised(grey)
    penalties, answers = network.penalties(grey), network.predict(grey)
    assert penalties.shape == (4, 10)
    assert answers.shape == (4,)
    for many in (field, field[..., 0], field.astype(np.float32), field[::-1][::-1]):
        np.testing.assert_allclose(network.penalties(many), penalties, rtol=1e-4)
        np.testing.assert_array_equal(network.predict(many), answers)
    for i in range(4):
        for one in (grey[i], field[i], field[i, :, :, 0], field[i].astype(np.float32)):
            np.testing.assert_allclose(network.penalties(one), penalties[i : i + 1], rtol=1e-4)
            answer = network.predict(one)
            assert isinstance(answer, int)
            assert answer == answers[i]


def test_batch_of_one_is_many() -> None:
    network, grey = LeNet5(seed=1), images(1)
    for one in (grey, normalised(grey), normalised(grey)[..., 0]):
        assert network.predict(one).shape == (1,)


def test_number_of_images_does_not_matter() -> None:
    """Also for none at all, and for more than are read at a time."""
    network, grey = LeNet5(seed=1), images(10 * GROUP + 5)
    ones = [network.predict(image) for image in grey]
    assert len(set(ones)) > 1
    np.testing.assert_array_equal(network.predict(grey), ones)
    assert network.predict(grey[:0]).shape == (0,)


def test_penalties_are_the_callers_own() -> None:
    network = LeNet5(seed=1)
    first = network.penalties(images(2, seed=1))
    kept = first.copy()
    network.penalties(images(2, seed=2))
    np.testing.assert_array_equal(first, kept)


def test_reading_images_changes_no_weight_and_no_image() -> None:
    network, grey = LeNet5(seed=1), images(3)
    field = normalised(grey).astype(np.float32)
    kept = network.parameters.copy(), grey.copy(), field.copy()
    network.predict(grey)
    network.predict(field)
    for array, before in zip((network.parameters, grey, field), kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((28, 27), np.uint8),
        np.zeros((32, 32), np.uint8),
        np.zeros((2, 3, 28, 28), np.uint8),
        np.zeros((28, 28, 1), np.uint8),
        np.zeros((28, 28), np.float32),
        np.zeros((2, 28, 28), np.float32),
        np.zeros((2, 32, 32, 3), np.float32),
        np.zeros((1, 2, 32, 32, 1), np.float32),
        np.zeros((28, 28), np.int64),
        np.zeros((2, 28, 28), bool),
        np.zeros(784, np.uint8),
        np.zeros((2, 1024), np.float32),
        np.float32(1),
        np.array("seven"),
    ],
    ids=lambda wrong: f"{wrong.dtype} {wrong.shape}",
)
def test_other_images_are_refused(wrong: Array) -> None:
    network = LeNet5()
    with pytest.raises(InputError) as caught:
        network.predict(wrong)
    message = str(caught.value)
    assert str(wrong.shape) in message
    assert "(n, 28, 28)" in message
    assert "\n" not in message


# --- The weights file ------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "weights.npz"
    LeNet5(seed=9).save(path)
    return path


def arrays_of(path: Path) -> dict[str, Array]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", [str, Path])
def test_round_trip_is_exact(tmp_path: Path, dtype: Any, form: Callable[[Path], Any]) -> None:
    network = LeNet5(seed=9, dtype=dtype)
    path = form(tmp_path / "new folder" / "weights.npz")
    network.save(path)
    loaded = LeNet5.load(path, dtype=dtype)
    of_folder = LeNet5.load(Path(path).parent, dtype=dtype)  # of a run
    assert of_folder.parameters.tobytes() == network.parameters.tobytes()
    assert isinstance(loaded, LeNet5)
    assert loaded.parameters.dtype == dtype
    assert loaded.parameters.tobytes() == network.parameters.tobytes()
    np.testing.assert_array_equal(loaded.penalties(images(2)), network.penalties(images(2)))


def test_loaded_kernels_are_the_saved_ones(saved: Path) -> None:
    """Figures draw the kernels: they must be right before any image has been read."""
    network, loaded = LeNet5(seed=9), LeNet5.load(saved)
    for name in WEIGHTED:
        np.testing.assert_array_equal(weights(loaded, name), weights(network, name), err_msg=name)


def test_file_holds_one_array_a_layer_and_no_pickle(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    LeNet5().save(path, dataset="printed")
    arrays = arrays_of(path)
    assert arrays.pop("dataset") == "printed"
    sizes = {name: array.size for name, array in arrays.items()}
    assert sizes == {name: count[1] for name, count in COUNTS.items() if count[1]}


def test_saving_replaces_an_older_file(saved: Path) -> None:
    newer = LeNet5(seed=10)
    newer.save(saved)
    np.testing.assert_array_equal(LeNet5.load(saved).parameters, newer.parameters)
    assert list(saved.parent.iterdir()) == [saved]


def test_failed_save_leaves_the_old_file(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved.read_bytes()

    def fails(file: Any, **arrays: Array) -> None:
        if isinstance(file, io.IOBase):
            file.write(b"PK half of it")
        else:
            Path(file).write_bytes(b"PK half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", fails)
    with pytest.raises(OSError, match="No space left"):
        LeNet5(seed=10).save(saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def check_refused(path: Path) -> str:
    """The message with which a file is refused: one line that names it."""
    with pytest.raises(InputError) as caught:
        LeNet5.load(path)
    message = str(caught.value)
    del caught
    gc.collect()  # a file left open warns now, in the test that left it
    assert str(path) in message
    assert "\n" not in message
    return message


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no such" in check_refused(tmp_path / "weights.npz")


@pytest.mark.parametrize("share", [0.0, 1e-5, 0.001, 0.3, 0.5, 0.9, 0.999, 0.99999])
def test_cut_short_file_is_refused(saved: Path, share: float) -> None:
    whole = saved.read_bytes()
    cut = int(share * len(whole))
    assert cut < len(whole)
    saved.write_bytes(whole[:cut])
    check_refused(saved)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_damaged_file_is_refused(saved: Path, share: float) -> None:
    """One wrong byte amid the compressed weights: the archive's checksum tells."""
    content = bytearray(saved.read_bytes())
    content[int(share * len(content))] ^= 0xFF
    saved.write_bytes(content)
    check_refused(saved)


def test_any_damaged_byte_is_refused_or_harmless(saved: Path) -> None:
    """In the head of the archive and in its directory: never another error, nor other weights."""
    whole, right = saved.read_bytes(), LeNet5(seed=9).parameters
    refusals = 0
    for place in [*range(0, 160, 2), *range(len(whole) - 320, len(whole), 4)]:
        content = bytearray(whole)
        content[place] ^= 0x55
        saved.write_bytes(content)
        try:
            found = LeNet5.load(saved).parameters
        except InputError:
            refusals += 1
        else:
            np.testing.assert_array_equal(found, right)
    assert refusals > 50


# --- Copies and inputs that cannot be -----------------------------------------------------------


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copy_answers_and_learns_for_itself(copied: Callable[[LeNet5], LeNet5]) -> None:
    original = LeNet5(seed=3, dtype=np.float64)
    x = np.random.default_rng(0).uniform(-0.1, 1.175, (4, 32, 32, 1))
    original.predict(x)  # buffers and views are in use
    twin = copied(original)
    assert twin.dtype == original.dtype
    np.testing.assert_array_equal(twin.penalties(x[::-1]), original.penalties(x[::-1]))
    before = original.parameters.copy()
    twin.parameters[:] *= 0.5
    assert not np.array_equal(twin.penalties(x), original.penalties(x))
    np.testing.assert_array_equal(original.parameters, before)


def test_images_that_are_not_finite_are_refused() -> None:
    with pytest.raises(InputError, match="not finite"):
        LeNet5().predict(np.full((32, 32), np.nan, np.float32))


def test_a_ragged_list_is_refused() -> None:
    with pytest.raises(InputError, match="one array"):
        LeNet5().predict([[1.0], [1.0, 2.0]])  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(1, 28, 28, 1), (32, 32), (1, 32, 32, 3), (1, 32, 31, 1)])
def test_inputs_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"expected \(n, 32, 32, 1\) or larger"):
        LeNet5().forward(np.zeros(shape, np.float32))


@pytest.mark.parametrize("dtype", [int, np.float16, bool])
def test_other_types_of_network_are_refused(dtype: type) -> None:
    with pytest.raises(InputError, match="float32 or float64"):
        LeNet5(dtype=dtype)
