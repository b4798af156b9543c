"""The parts of the ablation, small, on the printed digits; the choice of the learning rates."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

import reproduce
from lenet1998 import LeNet5, paper
from lenet1998.data import datasets
from lenet1998.experiments import choosing, factorial, less_data, setups, timing
from lenet1998.experiments.ablation import FILES, compared
from lenet1998.experiments.ablation_runs import HEAD, TABLE, AblationRuns
from lenet1998.experiments.choosing import Choice, Trial
from lenet1998.experiments.setups import CHANGES, MODERN, ORIGINAL, settings
from lenet1998.experiments.statistics import holm, mcnemar
from lenet1998.learning import evaluation
from lenet1998.run.settings import Settings, choose
from lenet1998.run.variants import RATES, VARIANTS

ABLATION = ["experiment", "ablation", "--dataset", "printed", "--train-size", "60", "--test-size",
            "50", "--passes", "2", "--quiet", "--out", "set"]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check_files(folder: Path, names: tuple[str, ...]) -> None:
    """Exactly these files are there; no picture is blank."""
    assert {path.name for path in folder.iterdir() if path.name[0] != "."} == set(names)
    for name in names:
        if name.endswith(".png"):
            picture = imread(folder / name)
            assert min(picture.shape[:2]) > 250 and picture[..., :3].std() > 0.03, name


def test_the_ladder(folder: Path, capsys) -> None:
    """Rows of every setup; errors and tests are those of the runs; a second call makes none."""
    flags = [*ABLATION, "--only", "ladder", "--seeds", "2"]
    assert reproduce.main(flags) == 0
    out = capsys.readouterr().out
    (into,) = Path("set").glob("ablation-ladder-*")
    check_files(into, (TABLE, *FILES))
    rows = rows_of(into / "ablation.csv")
    assert [row["network"] for row in rows] == [setup.name for setup in compared()]
    assert int(rows[0]["parameters"]) == paper.TRAINABLE_PARAMETERS
    assert {row["microseconds_a_pattern"] for row in rows} == {"nan"}

    test = datasets.load_printed()[1].subset(50)
    wrong, curves = [], {}
    for setup in compared():
        answers = []
        for seed in (0, 1):
            sizes = {"dataset": "printed", "train_size": 60, "test_size": 50, "passes": 2}
            rate = choosing.with_chosen_rate(setup, 2)
            run = Path("set") / settings(setup, **sizes, **rate, seed=seed).folder_name(
                (5000, 1000)
            )
            answers.append(evaluation.answers(LeNet5.load(run / "weights.npz"), test))
            for row in rows_of(run / "metrics.csv"):
                curves[setup.name, str(seed), row["pass"]] = float(row["test_error_percent"])
        wrong.append(np.array(answers) != test.labels)
    for row, both in zip(rows, wrong, strict=True):
        errors = [float(row[f"error_{i}"]) for i in (0, 1)]
        np.testing.assert_allclose(errors, 100 * both.mean(axis=1), atol=1e-3)
        assert f"{np.mean(errors):6.2f}" in out
    p = holm([mcnemar(both, wrong[0]) for both in wrong[1:]])
    np.testing.assert_allclose([float(row["holm_p"]) for row in rows[1:]], p, rtol=1e-3)
    found = {
        (row["network"], row["seed"], row["pass"]): float(row["test_error_percent"])
        for row in rows_of(into / "ablation-curves.csv")
    }
    assert found == curves
    assert "not MNIST" in out

    assert reproduce.main(flags) == 0
    assert capsys.readouterr().out.count("finished before") == 2 * len(rows)


def test_the_setups() -> None:
    """The ladder ends at the modern variant; the factorial has each change on and off 16 times."""
    modern = choose({}, VARIANTS["modern"]).values()
    last = settings(setups.ladder()[-1]).values()
    assert last == modern
    today = settings(MODERN)
    assert (today.schedule, today.order, today.batch_size) == ("cosine", "shuffled", 64)
    assert today.design.input_range == "unit"
    assert setups.ladder()[0] is ORIGINAL and settings(ORIGINAL) == choose({})
    cells = setups.factorial()
    assert len({setup.label for setup in cells}) == len({setup.name for setup in cells}) == 32
    for factor in setups.FACTORS:
        changed = [setup for setup in cells if CHANGES[factor].items() <= setup.changed.items()]
        assert len(changed) == 16, factor
    labels = [setup.label for setup in compared()]
    assert len(labels) == len(set(labels)) == 1 + len(CHANGES) + len(CHANGES) - 1 + 3


def test_the_factorial(folder: Path, capsys) -> None:
    """Its responses are the errors of the runs, in the order of the factors."""
    flags = [*ABLATION, "--train-size", "20", "--only", "factorial", "--seeds", "1"]
    assert reproduce.main(flags) == 0
    (into,) = Path("set").glob("ablation-factorial-*")
    check_files(into, (TABLE, *factorial.FILES))
    rows = rows_of(into / "factorial.csv")
    assert len(rows) == 32
    errors = np.array([float(row["error_0"]) for row in rows])
    for effect in rows_of(into / "effects.csv"):
        names = effect["effect"].split(" x ")
        signs = np.prod([[2 * int(row[name]) - 1 for row in rows] for name in names], axis=0)
        expected = errors[signs > 0].mean() - errors[signs < 0].mean()
        assert float(effect["points"]) == pytest.approx(expected, abs=1e-3), names
    one = next(setup for setup in setups.factorial() if setup.label == "softmax + He weights")
    sizes = {"dataset": "printed", "train_size": 20, "test_size": 50, "passes": 1}
    run = settings(one, **sizes, **choosing.with_chosen_rate(one, 1))
    metrics = rows_of(Path("set") / run.folder_name((5000, 1000)) / "metrics.csv")
    (row,) = (row for row in rows if [row[name] for name in setups.FACTORS] == list("00110"))
    assert float(row["error_0"]) == pytest.approx(float(metrics[-1]["test_error_percent"]))
    assert "32 networks, 1 pass\n" in capsys.readouterr().out


def test_less_data(folder: Path) -> None:
    flags = [*ABLATION, "--only", "less-data", "--seeds", "2"]
    assert reproduce.main(flags) == 0
    (into,) = Path("set").glob("ablation-less-data-*")
    check_files(into, (TABLE, *less_data.FILES))
    rows = rows_of(into / "less-data.csv")
    assert [(row["network"], row["training_patterns"], row["seed"]) for row in rows] == [
        (name, size, seed)
        for name in (ORIGINAL.name, MODERN.name)
        for size in ("1", "5", "15", "60")
        for seed in ("0", "1")
    ]
    # Few patterns are learned as often as a quarter of all, in each pass.
    (few,) = Path("set").glob("printed-passes=2-train-size=5-*pass-size=15-0")
    assert len(rows_of(few / "metrics.csv")) == 2


def test_timing_trains_each_network_in_turn(folder: Path) -> None:
    train = datasets.load_printed()[0].subset(100)
    wanted = [settings(setup, dataset="printed", passes=1, train_size=100) for setup in compared()]
    times = timing.microseconds(wanted[:3], train, rounds=2, quiet=True)
    assert len(times) == 3 and all(1 < time < 1e6 for time in times)


def test_rates_are_chosen_on_held_out_patterns(folder: Path, capsys) -> None:
    """The last sixth of the training patterns decides; the test set is not read."""
    flags = [*ABLATION, "--only", "less-data", "--choose", "--seeds", "2"]
    assert reproduce.main(flags) == 0
    (into,) = Path("set").glob("ablation-choose-less-data-*")
    check_files(into, (TABLE, choosing.TABLE))
    rows = rows_of(into / choosing.TABLE)
    tried = [(float(row["learning_rate"]), row["schedule"]) for row in rows]
    rates = [pytest.approx(RATES["adam"] * factor) for factor in choosing.FACTORS]
    assert tried[: len(rates)] == [(rate, "cosine") for rate in rates]
    rates = [rate for rate, schedule in tried if schedule == "cosine"]
    means = [np.mean([float(row["error_0"]), float(row["error_1"])]) for row in rows]
    assert [row["chosen"] for row in rows] == [
        str(int(i == int(np.argmin(means)))) for i in range(len(rows))
    ]
    best = tried[int(np.argmin(means[: len(rates)]))][0]  # of the rates; its schedules follow
    assert tried[len(rates) :] == [(best, "constant"), (best, "step")]
    train = datasets.load_printed()[0].subset(60)
    held_out = train.images[50:], train.labels[50:]
    choice = Choice(float(rows[4]["learning_rate"]), rows[4]["schedule"])
    run = settings(
        MODERN, dataset="printed", train_size=50, test_size=10, passes=2, **choice.settings(2)
    )
    network = LeNet5.load(Path("set") / run.folder_name((5000, 1000)) / "weights.npz")
    wrong = np.mean(network.predict(held_out[0]) != held_out[1])
    assert float(rows[4]["error_0"]) == pytest.approx(100 * wrong, abs=1e-3)
    capsys.readouterr()
    assert reproduce.main([*flags, "--resume"]) == 0
    assert capsys.readouterr().out.count("finished before") == 2 * len(rows)


@pytest.mark.parametrize(
    ("minimum", "rates"),
    [
        (1.0, [0.5, 1, 2, 4]),
        (4.0, [0.5, 1, 2, 4, 8]),
        (0.2, [0.5, 1, 2, 4, 0.25, 0.125]),
        (100.0, [0.5, 1, 2, 4, 8, 16, 32]),
    ],
)
def test_more_rates_are_tried_beyond_the_best_at_an_end(minimum: float, rates) -> None:
    """Seven at most; then the other schedules at the best."""
    setup = setups.changed(["ReLU"], "ReLU", "alone")
    found: list[Trial] = []
    while more := choosing.next_choices(setup, found):
        found += [
            Trial(setup, one, [abs(np.log(one.rate / RATES["sdlm"] / minimum))]) for one in more
        ]
    tried = [one.choice.rate / RATES["sdlm"] for one in found]
    assert tried[:-2] == pytest.approx(rates) and tried[-2] == tried[-1]
    assert abs(np.log(tried[-1] / minimum)) == pytest.approx(min(one.mean for one in found))
    schedules = [one.choice.schedule for one in found]
    assert schedules == ["cosine"] * len(rates) + ["constant", "paper"]


def test_a_rate_that_diverges_is_not_chosen(request_with, monkeypatch) -> None:
    """The other runs go on."""
    monkeypatch.setattr(choosing, "FACTORS", (1, 1e6))
    monkeypatch.setattr(choosing, "MOST_RATES", 2)
    train = datasets.load_printed()[0].subset(60)
    request = request_with(train=train, chosen={"passes": 1})
    setup = setups.changed(["ReLU"], "ReLU", "alone")
    assert "ReLU" in choosing.run(AblationRuns(request), [setup, ORIGINAL])
    rows = rows_of(request.into / choosing.TABLE)
    errors = [float(row["error_0"]) for row in rows]
    assert np.isnan(errors).tolist() == [False, True, False, False]
    assert rows[1]["chosen"] == "0"
    assert {row["learning_rate"] for row in rows if row is not rows[1]} == {
        rows[0]["learning_rate"]
    }
    assert choosing.best([Trial(setup, Choice(1.0, "constant"), [1.0, float("nan")])]) is None


def test_a_network_that_diverges_with_every_rate_stops_no_other(request_with, monkeypatch) -> None:
    """It has no choice, and no trials of schedules; the next network has all of its own."""
    monkeypatch.setattr(choosing, "RATES", {"sdlm": 500.0, "adam": 1e-3})
    monkeypatch.setattr(choosing, "FACTORS", (1,))
    monkeypatch.setattr(choosing, "MOST_RATES", 1)
    request = request_with(train=datasets.load_printed()[0].subset(60), chosen={"passes": 1})
    wanted = [setups.changed([name], name, "alone") for name in ("ReLU", "Adam, batches of 64")]
    text = choosing.run(AblationRuns(request), wanted)
    assert f"\n{'ReLU':46}diverged with every rate: none is chosen\n" in text
    rows = rows_of(request.into / choosing.TABLE)
    assert [row["network"] for row in rows] == ["ReLU"] + ["Adam, batches of 64"] * 3
    assert rows[0]["chosen"] == "0" and "1" in [row["chosen"] for row in rows[1:]]


def test_chosen_rates_are_used(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(choosing.resources, "files", lambda package: tmp_path)
    setup, other = setups.alone()[0], setups.alone()[-1]
    assert choosing.with_chosen_rate(setup, 10) == {}
    (said,) = choosing.not_chosen([ORIGINAL, setup, other])
    assert setup.name in said and other.name in said and "1998" not in said
    (tmp_path / choosing.TABLE).write_text(
        "network,learning_rate,schedule,chosen\n"
        f"{setup.label},0.25,cosine,0\n{setup.label},0.002,step,1\n"
        '"Adam, batches of 64",0.004,cosine,1\n'
    )
    assert choosing.with_chosen_rate(setup, 20) == {
        "learning_rate": (0.002,), "schedule": "step", "step_at": (13, 18),
    }  # fmt: skip
    assert settings(setup, **choosing.with_chosen_rate(setup, 20)).etas() == pytest.approx(
        [0.002] * 12 + [0.0002] * 5 + [0.00002] * 3
    )
    assert settings(other, **choosing.with_chosen_rate(other, 5)).etas()[0] == 0.004
    assert choosing.with_chosen_rate(ORIGINAL, 20) == {}
    assert choosing.not_chosen([ORIGINAL, setup, other]) == []
    for passes in (1, 2, 3, 5):
        assert len(settings(setup, passes=passes, **Choice(0.1, "step").settings(passes)).etas())


def test_piece_by_piece_into_one_table(folder: Path, capsys) -> None:
    """Each run is added; what is there is not made again, although the runs' folders are lost."""
    small = [*ABLATION, "--train-size", "20", "--passes", "1", "--table", "t.csv"]
    pieces = [("1998", "3"), ("SOFT*", "3"), ("softmax", "4")]
    for number, (network, seed) in enumerate(pieces):
        assert (
            reproduce.main([*small, "--only", "ladder", "--networks", network, "--seed", seed]) == 0
        )
        Path("set").rename(f"lost-{number}")
    found = [(row["network"], row["seed"], row["tested_on"]) for row in rows_of(Path("t.csv"))]
    assert sorted(found) == [("1998", "3", "test set"), ("softmax", "3", "test set"),
                             ("softmax", "4", "test set")]  # fmt: skip
    before = Path("t.csv").read_bytes()
    capsys.readouterr()
    flags = [*small, "--only", "ladder", "--networks", "softmax", "--seed", "3"]
    assert reproduce.main(flags) == 0
    assert "softmax, seed 3: finished before, in t.csv" in capsys.readouterr().out
    assert Path("t.csv").read_bytes() == before
    (into,) = Path("set").iterdir()  # no folder of a run
    check_files(into, FILES)
    test = datasets.load_printed()[1].subset(50)
    wrong = {
        (one, seed): LeNet5.load(next(Path(f"lost-{number}").glob("*/weights.npz"))).predict(
            test.images
        )
        != test.labels
        for number, (one, seed) in enumerate(pieces)
    }
    original, softmax = rows_of(into / "ablation.csv")
    assert (original["error_4"], original["holm_p"]) == ("", "nan")
    assert float(softmax["error_4"]) == pytest.approx(100 * wrong["softmax", "4"].mean())
    p = mcnemar(wrong["SOFT*", "3"], wrong["1998", "3"])  # of the seed that both have
    assert float(softmax["holm_p"]) == pytest.approx(p, rel=1e-3)

    assert reproduce.main([*small, "--only", "times", "--networks", "softmax"]) == 0
    capsys.readouterr()
    assert reproduce.main([*small, "--only", "table"]) == 0
    assert "after Holm's correction for 1 comparisons" in capsys.readouterr().out
    (into,) = Path("set").glob("ablation-table-*")
    original, softmax = rows_of(into / "ablation.csv")
    assert original["microseconds_a_pattern"] == "nan"
    assert 0 < float(softmax["microseconds_a_pattern"]) < 1e6


def test_runs_on_other_own_data_are_not_found(request_with) -> None:
    train, test = datasets.load_printed()
    own = [replace(train.subset(200), dataset="custom"), replace(train[200:400], dataset="custom")]
    one = choose({"dataset": "custom", "train_size": 200, "test_size": 1000})
    of = {"full": (200, 1000), "test": replace(test, dataset="custom")}
    add(AblationRuns(request_with(train=own[0], **of)), "1998", one, 5.0)
    assert list(AblationRuns(request_with(train=own[0], **of)).of(one)) == [0]
    assert not AblationRuns(request_with(train=own[1], **of)).of(one)
    other = {**of, "test": replace(test[::-1], dataset="custom")}
    assert not AblationRuns(request_with(train=own[0], **other)).of(one)


def add(runs: AblationRuns, label: str, one: Settings, *errors: float) -> None:
    """Add a run to the table, with its errors, or one for all passes, without training it."""
    given = errors if len(errors) > 1 else errors * one.passes
    row = dict.fromkeys(HEAD, "") | {
        "run": runs.request.run_name(one), "network": label, "tested_on": "test set",
        "test_patterns": "200", "passes": str(one.passes), "learning_rate": "1",
        "seed": str(one.seed), "errors_percent": " ".join(map(str, given)),
        "wrong_patterns": "0 199",
    }  # fmt: skip
    runs.table.add(row["run"], [row])


def test_a_new_time_replaces_the_old_one(request_with) -> None:
    """Also that of another seed, and a shorter one."""
    runs = AblationRuns(request_with())
    for time, seed in ((5.0, 0), (7.0, 3)):
        runs.add_time(ORIGINAL, choose({"dataset": "printed", "seed": seed}), time)
    for seed in (0, 3, 9):
        one = choose({"dataset": "printed", "seed": seed})
        assert AblationRuns(runs.request).time_of(one) == 7.0
    assert [row["seed"] for row in rows_of(runs.table.path)] == ["3"]
    assert np.isnan(runs.time_of(choose({"dataset": "printed", "passes": 3})))


def test_a_damaged_run_is_one_line(folder: Path, capsys) -> None:
    """It is found again and would be added to a table."""
    flags = [*ABLATION, "--train-size", "20", "--passes", "1", "--only", "ladder"]
    flags += ["--networks", "1998", "--table", "t.csv"]
    assert reproduce.main(flags) == 0
    (metrics,) = Path("set").glob("*/metrics.csv")
    good = metrics.read_text()
    error = rows_of(metrics)[0]["test_error_percent"]
    for cell in ("x", "nan", ""):
        Path("t.csv").unlink(missing_ok=True)
        metrics.write_text(good.replace(f",{error},", f",{cell},"))
        assert reproduce.main(flags) == 2
        said = capsys.readouterr().err
        assert f"{metrics}: not the passes of a run" in said and said.count("\n") == 1


def test_what_is_drawn_of_unfinished_parts(request_with, tmp_path: Path) -> None:
    given = {"dataset": "printed", "passes": 4, "train_size": 5000, "test_size": 1000}
    request = request_with(only="table", settings=choose(given))
    runs = AblationRuns(request)
    assert factorial.draw(runs) == less_data.draw(runs) == ""
    *cells, last = setups.factorial()
    for number, setup in enumerate(cells):
        add(runs, setup.label, choosing.settings_of(setup, request, 2, 0), number)
    factorial.train(runs)  # nothing
    assert factorial.draw(runs) == "Factorial: 31 of 32 networks trained."
    assert not (tmp_path / "effects.csv").exists()
    add(runs, last.label, choosing.settings_of(last, request, 2, 0), 31)
    again = AblationRuns(request)
    assert "Factorial of five changes" in factorial.draw(again)
    sizes = [float(row["points"]) for row in rows_of(tmp_path / "effects.csv")]
    assert sizes == [16, 8, 4, 2, 1] + [0] * 10

    size = round(len(request.train) / 12)
    add(runs, "today", less_data.setting_for(MODERN, request, size, 0), 7)
    assert f"{size:10,}{'7.00 (7.00 to 7.00)':>26}" in less_data.draw(runs)
    assert imread(tmp_path / "less-data.png").std() > 0.03


def test_a_training_that_collapsed_is_left_out_of_the_effects(request_with, tmp_path: Path) -> None:
    """And named; the network's other seeds stand for it."""
    given = {"dataset": "printed", "passes": 4, "train_size": 5000, "test_size": 1000}
    request = request_with(only="table", settings=choose(given))
    runs = AblationRuns(request)
    for number, setup in enumerate(setups.factorial()):
        for seed in range(3):
            one = choosing.settings_of(setup, request, 2, seed)
            add(runs, setup.label, one, 3, 90 if (number, seed) == (12, 1) else number)
    text = factorial.draw(AblationRuns(request))
    last = setups.factorial()[12].label
    assert f"Left out, its training collapsed: {last}, seed 1, 90.0 %" in text
    assert text.count("Left out") == 1
    sizes = [float(row["points"]) for row in rows_of(tmp_path / "effects.csv")]
    assert sizes == [16, 8, 4, 2, 1] + [0] * 10
    assert rows_of(tmp_path / "factorial.csv")[12]["error_1"] == "90.0000"
    assert [factorial.collapsed(np.array(e)) for e in ([0, 9], [2, 20], [1, 11])] == [0, 0, 1]


def test_rates_are_chosen_piece_by_piece(request_with, monkeypatch) -> None:
    """choosing.csv has the networks whose trials are all there, whichever command made them."""
    monkeypatch.setattr(choosing, "FACTORS", (1,))
    monkeypatch.setattr(choosing, "MOST_RATES", 1)
    wanted = [setups.changed([name], name, "alone") for name in ("ReLU", "softmax")]
    given = {"train": datasets.load_printed()[0].subset(30), "chosen": {"passes": 1}}
    runs = AblationRuns(request_with(**given, networks="relu"))
    text = choosing.run(runs, wanted)
    assert text.endswith("Not finished: softmax")
    names = [row["network"] for row in rows_of(runs.request.into / choosing.TABLE)]
    assert names == ["ReLU"] * 3
    held_out = AblationRuns(request_with(**given, only="table"))
    assert choosing.run(held_out, wanted) == text
    assert {row["tested_on"] for row in rows_of(held_out.table.path)} == {"held out"}


def test_networks_with_all_changes_are_chosen_by_whole_trainings(request_with, monkeypatch) -> None:
    """The others by five passes; choosing.csv says by how many."""
    monkeypatch.setattr(choosing, "FACTORS", (1,))
    monkeypatch.setattr(choosing, "MOST_RATES", 1)
    wanted = [setups.ladder()[-1], MODERN, setups.alone()[-1]]
    runs = AblationRuns(request_with(train=datasets.load_printed()[0].subset(30)))
    text = choosing.run(runs, wanted)
    rows = rows_of(runs.request.into / choosing.TABLE)
    assert [row["passes"] for row in rows[::3]] == ["20", "20", "5"]
    assert [row["network"] for row in rows[::3]] == [setup.label for setup in wanted]
    assert {line[46:52].strip() for line in text.splitlines()[2:5]} == {"20", "5"}
    trained = {(row["network"], len(row["errors_percent"].split())) for row in rows_of(
        runs.table.path)}  # fmt: skip
    assert trained == {(wanted[0].label, 20), (MODERN.label, 20), (wanted[2].label, 5)}


def test_a_table_that_is_none(folder: Path, capsys) -> None:
    flags = [*ABLATION, "--only", "table", "--table", "t.csv"]
    row = "x-1,printed,1998,9,test set,50,2,1,paper,1,{},1,,{}\n"
    bad = [("1 2", "50"), ("1", "3"), ("1 2 3", "3"), ("1 nan", "3"), ("1 2", "3,4")]
    heads = ["a,b\n1,2\n", "", *(",".join(HEAD) + "\n" + row.format(*one) for one in bad)]
    twice = ",".join(HEAD) + "\n" + 2 * row.format("1 2", "3 49")
    for content in [*heads, twice]:
        Path("t.csv").write_text(content)
        assert reproduce.main(flags) == 2
        assert f"t.csv: not an {TABLE}" in capsys.readouterr().err
        assert Path("t.csv").read_text() == content
    Path("t.csv").write_text(twice)
    assert reproduce.main(flags) == 2
    assert "(x-1 is there twice): choose another file" in capsys.readouterr().err
    Path("t.csv").write_text(",".join(HEAD) + "\n" + row.format("1 2", "3 49"))
    assert reproduce.main(flags) == 2
    assert "t.csv: has no finished part with these settings" in capsys.readouterr().err
    assert not list(Path("set").glob("*"))


@pytest.mark.parametrize(("given", "says"), [("ReLUs", "did you mean ReLU?"), ("", "give 'today")])
def test_a_network_that_is_none(folder: Path, capsys, given: str, says: str) -> None:
    assert reproduce.main([*ABLATION, "--networks", given]) == 2
    assert f"--networks {given!r}: no such network; {says}" in capsys.readouterr().err
    assert not list(Path("set").glob("*"))


@pytest.mark.slow
def test_all_parts_at_once(folder: Path, capsys) -> None:
    assert reproduce.main([*ABLATION, "--train-size", "20", "--jobs", "2"]) == 0
    (into,) = Path("set").glob("ablation-*")
    check_files(into, (TABLE, *FILES, *factorial.FILES, *less_data.FILES))
    assert capsys.readouterr().out.count("not MNIST") == 1
    rows = rows_of(into / "ablation.csv")
    assert all(float(row["microseconds_a_pattern"]) > 0 for row in rows)
