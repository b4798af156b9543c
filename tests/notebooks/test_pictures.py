"""The pictures that only the notebooks use, and their small live runs."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from lenet1998 import InputError, LeNet5, load_printed, paper
from lenet1998.course import clearest, compare, learn, verdict
from lenet1998.course.lab import GUESSING
from lenet1998.figures import atlas
from lenet1998.figures.penalties import ANSWER, LARGEST, RIGHT, class_colours, draw_penalties
from lenet1998.figures.surface import error_surface


@pytest.fixture(scope="module")
def network() -> LeNet5:
    return LeNet5.pretrained("1998")


def test_figure_2_has_each_map_at_its_size(network: LeNet5) -> None:
    _, test = load_printed()
    x = network.prepare(test.images[[clearest(network, test)]])
    images = atlas.figure2(x[0, :, :, 0], network.states(x)).axes[0].images
    assert len(images) == 1 + 6 + 6 + 16 + 16 + 3
    sides = []
    for image in images:
        left, right, bottom, top = image.get_extent()
        sides.append((round(bottom - top), round(right - left)))
        assert image.get_array().shape == sides[-1]
    assert sides[0] == (32, 32) and sides[1] == (28, 28) and sides[-2] == (12, 7)


def test_table_1_has_60_kernels(network: LeNet5) -> None:
    kernels = network.layer("C3").kernel
    axes = atlas.table1_kernels(kernels).axes[0]
    assert len(axes.images) == sum(map(len, paper.TABLE_1)) == 60
    first = axes.images[0].get_array()
    assert np.array_equal(first, kernels[:, :, 0, 0])


def test_patches_have_a_row_for_each_unit() -> None:
    patches = np.random.default_rng(0).random((3, 4, 5, 5))
    figure = atlas.strongest_patches(patches, ["a", "b", "c"], "title", np.full((3, 4), 0.25))
    assert len(figure.axes) == 12
    assert [figure.axes[4 * row].get_ylabel() for row in range(3)] == ["a", "b", "c"]
    assert {axes.get_xlabel() for axes in figure.axes} == {"0.25"}
    plain = atlas.strongest_patches(patches, ["a", "b", "c"], "title")
    assert {axes.get_xlabel() for axes in plain.axes} == {""}


def test_tiles_stand_row_by_row() -> None:
    tiles = np.arange(30.0).reshape(5, 2, 3)
    canvas = atlas.weight_tiles(tiles, 3, "title").axes[0].images[0].get_array()
    assert canvas.shape == (5, 11)
    assert np.array_equal(canvas[3:5, 4:7], tiles[4])
    assert np.ma.getmaskarray(canvas)[2].all()


def test_curves_and_codes_are_drawn() -> None:
    a = np.linspace(-1, 1, 9)
    lines = atlas.activation_curves(a, a, 2 * a, 3 * a).axes[0].lines
    assert [line.get_ydata()[0] for line in lines[:3]] == [-1, -2, -3]
    labels = np.arange(20) % 10
    points = np.random.default_rng(0).random((20, 2))
    axes = atlas.code_space(points, labels, points[:10], labels == 3, "title").axes[0]
    assert [text.get_text() for text in axes.texts] == [str(digit) for digit in range(10)]
    assert len(axes.lines[-1].get_xdata()) == 2


def test_each_path_has_a_panel() -> None:
    x = np.linspace(-1, 1, 5)
    paths = {"one": np.zeros((3, 2)), "two": np.ones((3, 2))}
    figure = error_surface(x, x, np.add.outer(x**2, x**2), paths, ("u", "v"))
    assert [axes.get_title() for axes in figure.axes] == ["one", "two"]
    assert np.array_equal(figure.axes[1].lines[0].get_xdata(), [1, 1, 1])


@pytest.mark.parametrize(
    ("right", "title"), [(3, "The answer is 3"), (5, "right is 5"), (None, "is 3")]
)
def test_penalties_have_one_scale_and_one_colour_code(right: int | None, title: str) -> None:
    penalties = np.full(10, 500.0)
    penalties[3] = 1.5
    axes = Figure().add_subplot()
    draw_penalties(axes, penalties, right)
    assert axes.get_title().endswith(title)
    assert axes.get_ylim() == (0, pytest.approx(1.08 * LARGEST))
    colours = class_colours(right, 3)
    assert right is None or colours[right] == RIGHT
    assert right == 3 or colours[3] == ANSWER
    assert len(set(colours)) == (3 if right == 5 else 2)


def test_a_live_run_learns_with_any_setting() -> None:
    train, test = load_printed()
    few, some = train.subset(150), test.subset(50)
    network, results = learn(few, some, passes=2, seed=1, codes="random", patterns="distorted")
    assert [result.number for result in results] == [1, 2]
    assert network.design.codes == "random"
    again, _ = learn(few, some, passes=2, seed=1, codes="random", patterns="distorted")
    assert np.array_equal(network.parameters, again.parameters)


def test_a_live_run_refuses_a_setting_that_does_not_exist() -> None:
    train, test = load_printed()
    with pytest.raises(InputError):
        learn(train.subset(50), test.subset(50), codes="secret")


def test_settings_are_compared_in_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    train, test = load_printed()
    few, some = train.subset(100), test.subset(50)
    settings = {
        "random codes": {"codes": "random"},
        "too fast": {"optimizer": "sgd", "activation": "relu", "learning_rate": (1e3,)},
    }
    errors = compare(few, some, settings, passes=1, seeds=(0, 1))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["random codes", "too fast"]
    own = [learn(few, some, 1, s, codes="random")[1][-1].test_error_percent for s in (0, 1)]
    assert errors == {"random codes": np.mean(own), "too fast": GUESSING}
    assert lines[0].endswith(f"({own[0]:.1f}, {own[1]:.1f})")


@pytest.mark.parametrize(
    ("new", "word"), [(4.0, "equal"), (6.0, "equal"), (6.5, "higher"), (1.0, "lower")]
)
def test_what_is_lower_higher_or_equal(new: float, word: str) -> None:
    assert verdict(new, 4.0, within=2) == word
