"""Bad input: flags that are wrong, and flags that contradict each other."""

import pytest
from bad_input import Make, Refused, Table, nothing

from lenet1998.cli import flags

TABLE = Table()
row = TABLE.row

CHOICE, WORD = "invalid choice", "expected one argument"
ABOVE, RATE = "is not a number above 0 and at most", ["0", "-1", "nan", "inf", "1e400", "one", ""]
NUMBER = "is not a number from"
COUNT = ["0", "-5", "two", "1.5", "nan", "", "1" * 5000]
SWITCH = "ignored explicit argument"
# Every flag: what is said of these values, one row each; "=x" is what a switch cannot take.
FLAGS: dict[str, tuple[str, list[str]]] = {
    "--experiment": (CHOICE, ["figure5", "", "COST"]),
    "--weights": ("is not the name of a file", ["", " "]),
    "--predict": ("expected at least one argument", []),
    "--draw": (SWITCH, ["=x"]),
    "--reject-below": (ABOVE, [*RATE, "1000001"]),
    "--states": (WORD, []),
    "--summary": (SWITCH, ["=x"]),
    "--dataset": (CHOICE, ["cifar", "", "MNIST", "custom"]),
    "--data": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--train-size": ("is not a whole number from 1 to", [*COUNT, "1000000001"]),
    "--test-size": ("is not a whole number from 1 to", [*COUNT, "1000000001"]),
    "--out": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--quick": (SWITCH, ["=x"]),
    "--seeds": ("is not a whole number from 1 to", [*COUNT, "1001"]),
    "--jobs": ("is not a whole number from 1 to", [*COUNT, "1001"]),
    "--quiet": (SWITCH, ["=x"]),
    "--config": (WORD, []),
    "--resume": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--variant": (CHOICE, ["2012", ""]),
    "--recipe": (CHOICE, ["none", ""]),
    "--passes": ("is not a whole number from 1 to 10000", [*COUNT, "1000000000"]),
    "--seed": ("is not a whole number from 0 to", ["-1", "x", "0.5", "", "4294967297"]),
    "--patterns": (CHOICE, ["clean"]),
    "--connections": (CHOICE, ["table2"]),
    "--subsampling": (CHOICE, ["min"]),
    "--activation": (CHOICE, ["gelu"]),
    "--output": (CHOICE, ["svm"]),
    "--codes": (CHOICE, ["7x12"]),
    "--input-range": (CHOICE, ["bytes"]),
    "--batch-norm": (SWITCH, ["=x"]),
    "--criterion": (CHOICE, ["hinge"]),
    "--rubbish-penalty": (NUMBER, [*RATE, "81"]),
    "--penalty-scale": (NUMBER, [*RATE, "1001"]),
    "--init": (CHOICE, ["zeros"]),
    "--optimizer": (CHOICE, ["lbfgs"]),
    "--step-sizes": (CHOICE, ["neuron"]),
    "--schedule": (CHOICE, ["exponential"]),
    "--learning-rate": (NUMBER, [*RATE, "1001", ",", "0.1,", "0.1,0", "0.1;0.2"]),
    "--step-at": ("is not a whole number from 2 to", ["1", "0", ",", "2,,3", "2.5", "x", "10001"]),
    "--warmup": ("is not a whole number from 0 to", [*COUNT[1:], "10001"]),
    "--warmup-from": (NUMBER, [*RATE[1:], "1001"]),
    "--momentum": (NUMBER, ["-1", "1", "nan", "x", ""]),
    "--weight-decay": (NUMBER, ["-1", "11", "nan", "x", ""]),
    "--batch-size": ("is not a whole number from 1 to", [*COUNT, "10001"]),
    "--pass-size": ("is not a whole number from 0 to", [*COUNT[1:], "1000000001"]),
    "--order": (CHOICE, ["sorted"]),
}
for flag, (says, values) in FLAGS.items():
    for value in values:
        words = [flag + value] if value == "=x" else [flag, value]
        row(f"{flag} {value[:20]!r}", nothing, words, f"argument {flag}: ", says)
    if "=x" not in values and flag != "--resume":  # which may stand alone
        need = says if flag == "--predict" else WORD
        row(f"{flag} without a value", nothing, flag, f"argument {flag}: {need}")
row("no such flag", nothing, "--nonsense", "unrecognized arguments: --nonsense")
row("a word", nothing, "train", "unrecognized arguments: train")
row("a flag with a line end", nothing, ["--a\nb"], r"unrecognized arguments: --a\nb")
row("half a flag", nothing, "--se 3", "ambiguous option: --se could match")

PREDICT = "--predict digit.png"
LEARNING_FLAGS = {
    "--variant": "modern", "--recipe": "sdlm-avgpool", "--passes": "3", "--seed": "1",
    "--patterns": "noisy", "--connections": "full", "--subsampling": "max", "--activation": "relu",
    "--output": "softmax", "--codes": "random", "--input-range": "unit", "--batch-norm": "",
    "--criterion": "mle", "--rubbish-penalty": "2", "--penalty-scale": "1", "--init": "paper",
    "--optimizer": "adam", "--step-sizes": "parameter", "--schedule": "constant",
    "--learning-rate": "0.1", "--step-at": "3", "--warmup": "3", "--warmup-from": "0.1",
    "--momentum": "0.9", "--weight-decay": "0.1", "--batch-size": "2", "--pass-size": "9",
    "--order": "shuffled",
}  # fmt: skip
OTHER_FLAGS = {
    "--dataset": "printed", "--data": "data", "--train-size": "5", "--test-size": "5",
    "--out": "new", "--seeds": "2", "--jobs": "2", "--config": "run/config.json", "--resume": "run",
    "--experiment": "rejection", "--summary": "", "--quick": "", "--quiet": "",
}  # fmt: skip
for flag, value in {**LEARNING_FLAGS, **OTHER_FLAGS}.items():
    for task, says in ((PREDICT, "--predict"), ("--draw", "--draw")):
        row(
            f"{task} {flag}",
            nothing,
            f"{task} {flag} {value}",
            f"{flag} says nothing to {says}: leave it out",
        )
row(f"{PREDICT} --draw", nothing, f"{PREDICT} --draw", "--predict says nothing to --draw")
row("--draw --states", nothing, "--draw --states s.png", "--states says nothing to --draw")
row("--draw weights", nothing, "--draw --weights none.npz", "none.npz")
for flag, value in LEARNING_FLAGS.items():
    row(
        f"rejection {flag}",
        nothing,
        f"--experiment rejection {flag} {value}",
        f"{flag} says nothing to --experiment rejection: leave it out",
    )
    if flag not in ("--passes", "--seed", "--patterns", "--order"):
        row(
            f"ablation {flag}",
            nothing,
            f"--experiment ablation {flag} {value}",
            f"{flag} says nothing to --experiment ablation",
        )
    row(
        f"config {flag}",
        nothing,
        f"--config run/config.json {flag} {value}",
        f"{flag} contradicts --config, which tells all of that: leave it out",
    )
CONTRADICTIONS = {
    "--experiment cost --weights 1998": "--weights says nothing to",
    "--experiment baselines --weights 1998": "--weights says nothing to",
    "--experiment confusion --seeds 2": "--seeds says nothing to",
    "--experiment confusion --jobs 2": "--jobs says nothing to",
    "--experiment confusion --config run/config.json": "--config says nothing to",
    "--experiment confusion --resume": "--resume says nothing to",
    "--experiment confusion --summary": "--summary says nothing to",
    "--experiment confusion --quick": "--quick says nothing to",
    "--experiment distortions --patterns noisy": "--patterns says nothing to",
    "--weights 1998": "--weights says nothing to",
    "--reject-below 3": "--reject-below says nothing to",
    "--states s.png": "--states says nothing to",
    "--quick": "--quick says nothing to",
    "--variant modern --recipe sdlm-avgpool": "give one",
    "--experiment ablation --summary": "--summary says nothing to",
    "--jobs 2": "ask for at least as many with --seeds",
    "--seeds 2 --jobs 3": "ask for at least as many with --seeds",
    "--config run/config.json --resume run": "--config and --resume both tell a run: give one",
    "--config run/config.json --seeds 2": "--seeds contradicts --config",
    "--config run/config.json --dataset mnist": "--dataset contradicts --config",
    "--config run/config.json --experiment ablation": "--experiment contradicts --config",
    "--config run/config.json --train-size 9": "--train-size contradicts --config",
    "--resume run --out new": "--out contradicts --resume DIR",
    "--resume run --passes 3": "--passes contradicts --resume DIR",
    "--criterion mle --rubbish-penalty 3": "belongs to --criterion map",
    "--criterion cross-entropy": "rbf does not go with",
    "--output softmax --criterion map": "softmax does not go with --criterion map",
    "--output softmax --codes random": "--codes belongs to --output rbf",
    "--optimizer adam --step-sizes parameter": "belongs to --optimizer sdlm",
    "--optimizer adam --momentum 0.9": "belongs to --optimizer sdlm or momentum",
    "--step-at 3": "belongs to --schedule step",
    "--warmup 3": "belongs to --schedule cosine",
    "--warmup-from 0.1": "belongs to --schedule cosine",
    "--learning-rate 0.1,0.2": "belong to --schedule step",
    "--schedule step --learning-rate 0.1,0.2": "give one more",
    "--schedule step --step-at 5,3": "ascending",
    "--schedule cosine --warmup 20 --warmup-from 0.1": "does not go into",
    "--schedule cosine --warmup 3": "must be above 0",
    "--dataset printed --data data": "leave out the folder data",
    "--data data --train-size 13": "--train-size 13: custom data has 12 patterns there",
    "--data data --test-size 11": "--test-size 11: custom data has 10 patterns there",
    "--dataset printed --train-size 5001": "--train-size 5001: printed digits has 5000",
    "--dataset printed --test-size 1001": "--test-size 1001: printed digits has 1000",
    "--data data --experiment baselines --train-size 2 --out new": "k is 3: expected 1 to the 2",
}
for command, says in CONTRADICTIONS.items():
    row(command, nothing, command, says)


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_flags_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    refused(make, words, says)


def test_every_flag_is_in_the_table() -> None:
    parser, _ = flags.make_parser()
    known = {name for action in parser._actions for name in action.option_strings}
    assert set(FLAGS) == known - {"-h", "--help"}
    told = {word.removesuffix("=x") for one in TABLE.rows for word in one.values[1]}
    assert set(FLAGS) <= told
