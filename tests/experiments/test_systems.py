"""Experiment systems: recipes one at a time, into one table; what is drawn and printed from it."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reproduce
from lenet1998.data.datasets import load_printed
from lenet1998.experiments import systems, systems_table, systems_text
from lenet1998.experiments.systems_table import HEAD, Part, SystemsTable
from lenet1998.figures.digits import accuracy_by_class
from lenet1998.figures.systems import System, curves_together, systems_overview
from lenet1998.files import write_csv
from lenet1998.learning import evaluation
from lenet1998.network.lenet5 import LeNet5
from lenet1998.run.recipes import RECIPES
from lenet1998.run.recipes.slips import SLIPS, settings_of
from lenet1998.run.settings import choose
from tests.experiments.test_experiments import check_pictures, rows_of

SMALL = ["--dataset", "printed", "--train-size", "120", "--test-size", "60", "--passes", "2"]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the experiment on a few printed digits."""
    monkeypatch.chdir(tmp_path)

    def command(only: str, *flags: str) -> int:
        words = ["experiment", "systems", "--only", only, *SMALL, "--pass-size", "100", *flags]
        return reproduce.main([*words, "--quiet", "--out", "set"])

    return command


@pytest.mark.parametrize("name", ["sdlm-avgpool", "relu-avgpool-momentum", "batchnorm-fashion"])
def test_one_recipe(make, capsys, name: str) -> None:
    """Two seeds: table, CSV file and pictures are those of the runs."""
    assert make(name, "--seeds", "2", "--seed", "5", "--jobs", "2") == 0
    out = capsys.readouterr().out
    (into,) = Path("set").glob(f"systems-{name}-*")
    check_pictures(into, ("systems.csv", "systems.png", "digits.png", f"{name}.png"))
    rows = rows_of(into / "systems.csv")
    assert [(row["recipe"], row["seed"], row["pass"]) for row in rows] == [
        (name, seed, number) for seed in "56" for number in "12"
    ]
    runs = [run for run in sorted(Path("set").iterdir()) if (run / "metrics.csv").exists()]
    theirs = [row for run in runs for row in rows_of(run / "metrics.csv")]
    for row, metric in zip(rows, theirs, strict=True):
        assert float(row["test_percent"]) == pytest.approx(
            100 - float(metric["test_error_percent"]), abs=1e-3
        )
        assert float(row["C5_rate"]) == float(metric["C5_largest_rate"])
        assert row["loss"] == metric["loss"]
    ours = [float(row["test_percent"]) for row in rows if row["pass"] == "2"]
    assert f"{name:26}{'-':>10}{np.mean(ours):7.2f} %" in out  # no reported number of other data
    assert "the reported numbers do not compare" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80 + len(str(into))


def test_the_accuracy_of_each_class_is_that_of_the_weights(make) -> None:
    assert make("relu-maxpool-adam", "--table", "t.csv") == 0
    (weights,) = Path("set").glob("*/weights.npz")
    test = load_printed()[1].subset(60)
    right = evaluation.answers(LeNet5.load(weights), test) == test.labels
    last = rows_of(Path("t.csv"))[-1]
    for k in range(10):
        found = float(last[f"class_{k}_percent"])
        assert found == pytest.approx(100 * right[test.labels == k].mean(), abs=0.006)
    assert float(last["test_percent"]) == pytest.approx(100 * right.mean(), abs=6e-4)


def test_piece_by_piece_into_one_table(make, capsys) -> None:
    """Each run is added; what is there is not made again, although the runs' folders are lost."""
    table = ["--table", "t.csv"]
    for only, seed in (("sdlm-avgpool", "7"), ("without-lost-bias", "7"), ("sigmoid-softmax", "7"),
                       ("sdlm-avgpool", "5")):  # fmt: skip
        assert make(only, "--seed", seed, *table) == 0
        Path("set").rename(f"lost-{only}-{seed}")
    found = [(r["recipe"], r["without"], r["seed"]) for r in rows_of(Path("t.csv"))]
    assert len(found) == 8 and set(found) == {
        ("sdlm-avgpool", "", "5"), ("sdlm-avgpool", "", "7"), ("sigmoid-softmax", "", "7"),
        ("sdlm-avgpool", "lost-bias", "7"),
    }  # fmt: skip
    before = Path("t.csv").read_bytes()
    capsys.readouterr()
    assert make("sdlm-avgpool", "--seed", "7", *table) == 0
    out = capsys.readouterr().out
    assert "seed 7: finished before, in t.csv" in out
    (into,) = Path("set").iterdir()  # no folder of a run
    check_pictures(into, ("sdlm-avgpool.png", "sigmoid-softmax.png", "systems.png"))
    mean = np.mean(
        [
            float(r["test_percent"])
            for r in rows_of(Path("t.csv"))
            if (r["recipe"], r["without"], r["pass"]) == ("sdlm-avgpool", "", "2")
        ]
    )
    assert f"{'sdlm-avgpool':26}{'-':>10}{mean:7.2f} %" in out
    assert make("table", *table) == 0
    out = capsys.readouterr().out
    with_it, without = (
        next(float(r["test_percent"]) for r in rows_of(Path("t.csv"))
             if (r["without"], r["seed"], r["pass"]) == (slip, "7", "2")
             and r["recipe"] == "sdlm-avgpool")
        for slip in ("", "lost-bias")
    )  # fmt: skip
    assert f"{'lost-bias':20}{with_it:8.2f}{without:10.2f}{without - with_it:+9.2f}" in out
    assert Path("t.csv").read_bytes() == before


def test_the_whole_test_set_where_the_project_left_some_out(make, monkeypatch) -> None:
    """The last weights, tested again: 40 of 60 patterns with the mistake, all without it."""
    monkeypatch.setitem(RECIPES["relu-avgpool-momentum"].settings, "test_size", 40)
    assert make("relu-avgpool-momentum", "--table", "t.csv") == 0
    rows = rows_of(Path("t.csv"))
    assert [(r["without"], r["pass"]) for r in rows] == [("", "1"), ("", "2"), ("first-9000", "2")]
    (weights,) = Path("set").glob("*/weights.npz")
    test = load_printed()[1].subset(60)
    right = evaluation.answers(LeNet5.load(weights), test) == test.labels
    found = [float(row["test_percent"]) for row in rows[1:]]
    assert found == pytest.approx([100 * right[:40].mean(), 100 * right.mean()], abs=6e-4)


def test_a_kill_between_two_rows_loses_none(make, monkeypatch) -> None:
    monkeypatch.setitem(RECIPES["relu-avgpool-momentum"].settings, "test_size", 40)
    add = SystemsTable.add

    def killed(table: SystemsTable, *run: object) -> None:
        add(table, *run)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SystemsTable, "add", killed)
        assert make("relu-avgpool-momentum", "--table", "t.csv") == 130
    assert make("relu-avgpool-momentum", "--table", "t.csv") == 0
    rows = rows_of(Path("t.csv"))
    assert [(r["without"], r["pass"]) for r in rows] == [("", "1"), ("", "2"), ("first-9000", "2")]


def test_a_class_without_test_patterns_has_no_accuracy(make) -> None:
    labels = load_printed()[1].labels[:9]
    assert make("relu-avgpool-momentum", "--test-size", "9", "--table", "t.csv") == 0
    missing = [f"class_{k}_percent" for k in set(range(10)) - set(labels.tolist())]
    assert missing
    for row in rows_of(Path("t.csv")):
        assert [column for column in systems_table.CLASSES if not row[column]] == missing
    assert make("table", "--test-size", "9", "--table", "t.csv") == 0  # it is read again


def test_a_run_without_a_mistake_alone_tells_its_accuracy(make, capsys) -> None:
    assert make("without-adam-twice", "--table", "t.csv") == 0
    (last,) = (row for row in rows_of(Path("t.csv")) if row["pass"] == "2")
    out = capsys.readouterr().out
    assert f"{'adam-twice':20}{'-':>8}{float(last['test_percent']):10.2f}\n" in out
    assert "the table lacks relu-maxpool-adam with the same seed" in out


def test_a_table_that_is_none(make, capsys) -> None:
    for content in ("a,b\n1,2\n", ",".join(HEAD) + "\nrun-x" + ",1" * (len(HEAD) - 1) + "\n",
                    ",".join(HEAD) + "\nrun-1,2\n", ""):  # fmt: skip
        Path("t.csv").write_text(content)
        assert make("sdlm-avgpool", "--table", "t.csv") == 2
        assert "t.csv: not a systems.csv" in capsys.readouterr().err
        assert Path("t.csv").read_text() == content
    Path("t.csv").unlink()
    assert make("table", "--table", "t.csv") == 2
    assert "--table t.csv: there is no such file" in capsys.readouterr().err
    Path("t.csv").write_text(",".join(HEAD) + "\n")
    assert make("table", "--table", "t.csv") == 2
    assert "t.csv: has no run of these recipes and data" in capsys.readouterr().err
    assert not list(Path("set").glob("*"))


DAMAGES = {  # what is said -> the damage
    "C5_rate": lambda rows: [*rows[:-1], {**rows[-1], "C5_rate": ""}],  # its report has rates
    "twice": lambda rows: 2 * rows,  # two tables were joined
    "lacks passes": lambda rows: [rows[0], *rows[2:]],
    "test_percent is 198.5": lambda rows: [*rows[:-1], {**rows[-1], "test_percent": "198.5"}],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_row_is_one_line(make, capsys, damage: str) -> None:
    assert make("sdlm-avgpool", "--passes", "3", "--table", "t.csv") == 0
    rows = DAMAGES[damage](rows_of(Path("t.csv")))
    write_csv("t.csv", HEAD, [list(row.values()) for row in rows])
    capsys.readouterr()
    assert make("table", "--table", "t.csv") == 2
    said = capsys.readouterr().err
    assert "t.csv: not a systems.csv of experiment systems (" in said and damage in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("column", "cell"), [("test_error_percent", "x"), ("test_errors_3", "x"), ("test_errors_3", "")]
)
def test_a_damaged_run_is_one_line(make, capsys, column: str, cell: str) -> None:
    assert make("sdlm-avgpool", "--table", "t.csv") == 0
    (metrics,) = Path("set").glob("*/metrics.csv")
    *others, last = rows_of(metrics)
    write_csv(
        metrics, list(last), [list(row.values()) for row in (*others, {**last, column: cell})]
    )
    Path("t.csv").unlink()
    capsys.readouterr()
    assert make("sdlm-avgpool", "--table", "t.csv") == 2
    said = capsys.readouterr().err
    assert str(metrics.parent) in said and said.count("\n") == 1


def test_runs_on_other_own_data_are_not_drawn(request_with, tmp_path: Path) -> None:
    train, test = (replace(data, dataset="custom") for data in load_printed())
    name, of = "sdlm-avgpool", {"test": test, "full": (100, 1000)}
    requests = [request_with(train=part, **of) for part in (train[:100], train[100:200])]
    run = requests[0].run_name(systems.settings(name, "", requests[0], 0))
    table = SystemsTable(tmp_path / "t.csv", shared=False)
    table.add(run, [_row(run, recipe=name, without="")])
    assert [len(systems.parts_of(request, table)) for request in requests] == [1, 0]


def _row(name: str, **values: str) -> dict[str, str]:
    numbers = dict.fromkeys(HEAD, "50")
    return {**numbers, "run": name, "seed": name.rpartition("-")[2], "pass": "1", **values}


def test_two_processes_may_add_to_a_table(tmp_path: Path) -> None:
    """Each keeps what the other has written; who comes second waits."""
    path = tmp_path / "t.csv"
    tables = [SystemsTable(path, shared=True) for _ in range(4)]
    threads = [
        threading.Thread(target=table.add, args=(f"one-{seed}", [_row(f"one-{seed}")]))
        for seed, table in enumerate(tables)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = SystemsTable(path, shared=True).of("one-9")
    assert [rows[0]["seed"] for rows in runs] == ["0", "1", "2", "3"]
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]  # no lock, no temporary file


def test_long_runs_are_thinned(tmp_path: Path) -> None:
    head = ["pass", "eta", "training_error_percent", "test_error_percent", "loss", "seconds"]
    head += [f"test_errors_{k}" for k in range(10)]
    test = load_printed()[1].subset(50)
    for passes, kept in ((60, [*range(1, 61)]), (125, [*range(1, 51), *range(60, 121, 10), 125])):
        rows = [[n, 0.1, 1, 1, 1, 1, *[0] * 10] for n in range(1, passes + 1)]
        write_csv(tmp_path / "metrics.csv", head, rows)
        found = systems_table.rows_of("x-1", ("printed", "a", ""), tmp_path, test)
        assert [int(row["pass"]) for row in found] == kept


def test_fewer_passes_than_a_warm_up(make) -> None:
    """The experiment has no flag for it."""
    assert make("sigmoid-softmax", "--passes", "1") == 0
    (config,) = Path("set").glob("*/config.json")
    settings = json.loads(config.read_text(encoding="utf-8"))["settings"]
    assert (settings["warmup"], settings["warmup_from"], settings["passes"]) == (0, 0, 1)
    words = ["recipe", "sigmoid-softmax", *SMALL[:-2], "--passes", "1", "--quiet", "--out", "one"]
    assert reproduce.main(words) == 0
    (config,) = Path("one").glob("**/config.json")
    found = json.loads(config.read_text(encoding="utf-8"))["settings"]
    assert {name for name in settings if found[name] != settings[name]} <= {"seed", "pass_size"}


def test_a_reported_end_without_a_curve_is_drawn() -> None:
    """Of the run over 60 passes the report has the last accuracy alone."""
    (panel,) = systems.panels_of(_part("sigmoid-softmax-60", [[97.0] * 60]))
    assert panel.reported == {60: 96.63}
    figure = curves_together({"x": {"a": (panel.reported, panel.ours[0])}}, "x")
    assert [list(line.get_xdata()) for line in figure.axes[0].lines][1] == [60]


def test_the_recipes_of_a_data_set() -> None:
    assert systems.parts_for("fashion-mnist") == ["batchnorm-fashion"]
    assert "batchnorm-fashion" not in systems.parts_for("mnist")
    assert systems.parts_for("printed") == list(RECIPES)
    assert systems.parts_for("mnist", "sdlm-avgpool") == ["sdlm-avgpool"]
    assert systems.EXPERIMENT.datasets["without-batch-statistics"] == "fashion-mnist"


@pytest.mark.parametrize("name", SLIPS)
def test_a_mistake_is_on_in_its_recipe_and_can_be_switched_off(name: str) -> None:
    """One setting changes, nothing else."""
    slip = SLIPS[name]
    on, off = (
        choose({"recipe": slip.recipe}, settings_of(slip.recipe, without)).values()
        for without in ("", name)
    )
    changed = {key: off[key] for key in on if on[key] != off[key]}
    assert changed == slip.off


def _part(recipe: str, accuracies: list[list[float]], without: str = "", **rates: str):
    settings = choose({"recipe": recipe, "dataset": RECIPES[recipe].dataset},
                      settings_of(recipe, without))  # fmt: skip
    runs = [
        [_row(f"x-{seed}", test_percent=str(one), **{"pass": str(n)}, **rates)
         for n, one in enumerate(run, 1)]
        for seed, run in enumerate(accuracies)
    ]  # fmt: skip
    return Part(recipe, without, settings, runs)


def test_distances_from_what_is_reported() -> None:
    """From pass 3 on, of the mean of the seeds; rates as multiples, of the median."""
    curve = np.array(RECIPES["batchnorm-fashion"].curve)
    off = [30, 20, 0.5, -2.0, 1.0]
    part = _part("batchnorm-fashion", [list(curve + off), list(curve)])
    text = systems_text.text([part])
    assert f"{'batchnorm-fashion':26}{1.0:10.2f}  in pass 4" in text
    rates = {f"{layer}_rate": "7.629e-06" for layer in ("C1", "C3", "C5", "F6")}
    text = systems_text.text([_part("sdlm-avgpool", [[95.0] * 6], **rates)])
    assert "sdlm-avgpool, pass 6: C1 0.02, C3 1.00, C5 0.95, F6 10.72" in text
    assert "pass 9" not in text  # not reached
    assert max(map(len, text.splitlines())) <= 80


def test_what_a_mistake_costs_is_counted_on_the_same_seeds() -> None:
    parts = [_part("sdlm-avgpool", [[98.0], [97.0], [50.0]]),
             _part("sdlm-avgpool", [[98.5], [98.5]], "lost-bias")]  # fmt: skip
    lines = systems_text.costs(parts)
    assert (
        f"{'lost-bias':20}{97.5:8.2f}{98.5:10.2f}{1.0:+9.2f}{'+0.50 to +1.50':>18}{2:7d}" in lines
    )
    assert "  2 of 2 diverged before the last pass" in lines  # one of 16 passes
    alone = systems_text.costs(parts[1:])
    assert "  the table lacks sdlm-avgpool with the same seed" in alone
    assert systems_text.costs(parts[:1]) == []


def test_the_table_of_recipes() -> None:
    name = "sdlm-avgpool"
    text = systems_text.table([System(name, 98.54, [98.0, 99.0], 60.0, 20.0)])
    assert "98.54 %  98.50 %   98.00 to 99.00        60    20.0" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_overview() -> None:
    """A row for each recipe, with a dot for each of its seeds; NaN is not drawn."""
    figure = systems_overview(
        [System("one", 98, [97, 96], 9, 1), System("two", np.nan, [94], np.nan, 2)], "both"
    )
    accuracy = figure.axes[0]
    assert [label.get_text() for label in accuracy.get_yticklabels()] == ["one", "two"]
    assert [list(line.get_xdata()) for line in accuracy.lines[::2]] == [[97, 96], [94]]
    assert np.isfinite(figure.axes[1].get_xlim()).all()


def test_the_accuracy_of_each_class_by_pass() -> None:
    """A line for each class at its passes; of ten passes or more the later ones once more."""
    passes = [*range(1, 9), 20, 30]
    accuracy = np.linspace(50, 99, 100).reshape(10, 10)
    figure = accuracy_by_class({"long": (passes, accuracy), "short": ([1], accuracy[:1])}, "x")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:3] == ["long", "long, from pass 7", "short"]
    whole, later, short = (axes.lines for axes in figure.axes[:3])
    assert [len(lines) for lines in (whole, later, short)] == [10, 10, 10]
    assert list(whole[4].get_xdata()) == passes and list(later[4].get_xdata()) == [7, 8, 20, 30]
    np.testing.assert_array_equal(later[4].get_ydata(), accuracy[6:, 4])
    left, right = figure.axes[2].get_xlim()
    assert [tick for tick in figure.axes[2].get_xticks() if left <= tick <= right] == [1]
    lowest = [axes.get_ylim()[0] for axes in figure.axes[:3]]
    assert lowest == pytest.approx([accuracy[1].min() - 1, accuracy[6].min() - 1, 49])
