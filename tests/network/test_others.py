"""The other networks of figure 9: counts, learning, files, their version of the database."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lenet1998 import LeNet5
from lenet1998.data.databases import in_field, version
from lenet1998.data.datasets import load_printed
from lenet1998.files import InputError
from lenet1998.learning.criterion import MAP
from lenet1998.network import lenet1, lenet4
from lenet1998.network.design import Design
from lenet1998.run.learn import learn
from lenet1998.run.settings import Settings, choose
from lenet1998.run.yardstick import paper_errors

# (parameters, connections) without the distances to the ten codes.
COUNTS = {
    "lenet1": (2578, 98_442),  # of the paper's reference [35]
    "lenet4": (16_998, 258_306),  # about 17,000 and 260,000
    "28x28-300-10": (785 * 300 + 301 * 10,) * 2,
    "28x28-1000-10": (795_010,) * 2,  # figures 11 and 12: 795 thousand
    "28x28-300-100-10": (266_610,) * 2,  # 267
    "28x28-500-150-10": (469_160,) * 2,  # 469
    "20x20-300-10": (123_310,) * 2,  # 123
}
names = pytest.mark.parametrize("name", COUNTS)


@names
def test_parameters_and_connections_are_those_of_the_paper(name: str) -> None:
    network = LeNet5(design=Design(network=name))
    counts = network.count()
    connections = sum(c.connections for layer, c in counts.items() if layer != "OUTPUT")
    assert (network.parameters.size, connections) == COUNTS[name]


def test_a_report_names_the_network_and_its_error_in_figure_9() -> None:
    for name, patterns, error in (
        ("lenet1", "original", 1.7),
        ("lenet4", "original", 1.1),
        ("28x28-300-100-10", "distorted", 2.5),
        ("20x20-300-10", "original", 1.6),
        ("20x20-300-10", "distorted", None),
    ):
        settings = choose({"dataset": "mnist", "network": name, "patterns": patterns})
        assert paper_errors(settings) == (error, None)
        assert paper_errors(replace(settings, passes=3)) == (None, None)


def test_the_tables_see_every_map() -> None:
    for table, maps in ((lenet1.TABLE, 4), (lenet4.TABLE, 8), (lenet4.UNIT_TABLE, 16)):
        seen = [m for row in table for m in row]
        assert set(seen) == set(range(maps))
        assert all(len(set(row)) == len(row) for row in table)
        assert max(map(seen.count, range(maps))) - min(map(seen.count, range(maps))) <= 2
    assert sum(map(len, lenet1.TABLE)) == 20 and sum(map(len, lenet4.TABLE)) == 60


@names
def test_gradient_of_the_parameters_by_differences(name: str) -> None:
    """Nothing below the first layer with parameters is computed; all parameters are right."""
    train = load_printed()[0]
    network = LeNet5(seed=1, dtype=np.float64, design=Design(network=name))
    x, labels, criterion = train.x(slice(2), np.float64), train.labels[:2].astype(int), MAP()

    def loss() -> float:
        return float(criterion.forward(network.forward(x), labels).sum())

    loss()
    network.backward(criterion.backward(network.forward(x), labels))
    found, rng = network.gradient.copy(), np.random.default_rng(0)
    for part in network.slices.values():
        for k in rng.integers(part.start, part.stop, 4):
            kept = network.parameters[k]
            ends = []
            for step in (1e-5, -1e-5):
                network.parameters[k] = kept + step
                ends.append(loss())
            network.parameters[k] = kept
            assert found[k] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-7)


@names
def test_it_learns_and_is_read_back(name: str, tmp_path: Path) -> None:
    train, test = (one.subset(n) for one, n in zip(load_printed(), (1000, 200), strict=True))
    settings = choose(
        {"dataset": "printed", "network": name, "passes": 3, "train_size": 1000, "test_size": 200}
    )
    learn(settings, tmp_path, train, test, quiet=True)
    network = LeNet5.load(tmp_path / "weights.npz")
    assert network.design.network == name
    images = in_field(test, network.design.database).images
    assert np.mean(network.predict(images) != test.labels) < 0.35
    assert Settings.from_json(settings.as_json()) == settings
    assert name in settings.folder_name((1000, 200))


def test_each_network_has_its_version_of_the_database() -> None:
    databases = {name: Design(network=name).database for name in ("lenet5", *COUNTS)}
    special = {"lenet1": "16x16", "20x20-300-10": "deslanted"}
    assert databases == {name: special.get(name, "regular") for name in databases}


@pytest.mark.parametrize(("database", "edge"), [("deslanted", 4), ("16x16", 6)])
def test_the_images_of_a_database_lie_in_the_middle(database: str, edge: int) -> None:
    few = load_printed()[0].subset(4)
    placed = in_field(few, database)
    inside = placed.images[:, edge:-edge, edge:-edge]
    assert np.abs(inside - version(few.images, database)).max() <= 0.5
    assert placed.images.sum() == inside.sum() > 0
    assert np.array_equal(placed.labels, few.labels)
    assert in_field(few, "regular") is few


@pytest.mark.parametrize(
    "part",
    [{"connections": "full"}, {"output": "softmax"}, {"batch_norm": True}, {"codes": "random"}],
)
def test_parts_of_lenet5_belong_to_lenet5(part: dict[str, object]) -> None:
    with pytest.raises(InputError, match="belongs to --network lenet5"):
        Design(network="lenet4", **part)
