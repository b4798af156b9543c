"""Bad input: flags that are wrong, and flags that contradict each other."""

import re
import shlex

import pytest
from bad_input import Make, Refused, Table, nothing, run

TABLE = Table()
row = TABLE.row

CHOICE, WORD = ": choose from ", "expected one argument"
ABOVE, RATE = "is not a number above 0 and at most", ["0", "-1", "nan", "inf", "1e400", "one", ""]
NUMBER = "is not a number from"
COUNT = ["0", "-5", "two", "1.5", "nan", "", "1" * 5000]
SWITCH = "ignored explicit argument"
SETTINGS_ON_OR_OFF = (
    "batch-norm", "pool-first", "batch-statistics", "quarter-curvature", "lost-bias",
    "plain-norm-steps", "sum-gradients", "learned-codes", "flat-warmup",
)  # fmt: skip


def alias(flag: str) -> str:
    """How argparse names a flag: with its opposite where it has one."""
    name = flag.removeprefix("--").removeprefix("no-")
    return f"--{name}/--no-{name}" if name in SETTINGS_ON_OR_OFF else flag


# Every flag: what is said of these values, one row each; "=x" is what a switch cannot take.
FLAGS: dict[str, tuple[str, list[str]]] = {
    "--weights": ("is not the name of a file", ["", " ", "a\nb", "a\0b", "a\udcff"]),
    "--reject-below": (ABOVE, [*RATE, "1000001"]),
    "--states": (WORD, []),
    "--string": (SWITCH, ["=x"]),
    "--find": (SWITCH, ["=x"]),
    "--boxes": (WORD, []),
    "--dataset": (CHOICE, ["cifar", "", "custom"]),
    "--data": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--train-size": ("is not a whole number from 1 to", [*COUNT, "1000000001"]),
    "--test-size": ("is not a whole number from 1 to", [*COUNT, "1000000001"]),
    "--out": ("is not the name of a folder", ["", " ", "a\nb", "a\0b"]),
    "--quick": (SWITCH, ["=x"]),
    "--choose": (SWITCH, ["=x"]),
    "--from-scratch": (SWITCH, ["=x"]),
    "--seeds": ("is not a whole number from 1 to", [*COUNT, "1001"]),
    "--jobs": ("is not a whole number from 1 to", [*COUNT, "1001"]),
    "--scheduler": ("is not the name of a file", ["", " "]),
    "--quiet": (SWITCH, ["=x"]),
    "--config": (WORD, []),
    "--resume": (SWITCH, ["=x"]),
    "--verbose": (SWITCH, ["=x"]),
    "--log-steps": (SWITCH, ["=x"]),
    "--keep-weights": (SWITCH, ["=x"]),
    "--table": ("is not the name of a file", ["", " "]),
    "--networks": (WORD, []),
    "--variant": (CHOICE, ["2012", ""]),
    "--passes": ("is not a whole number from 1 to 10000", [*COUNT, "1000000000"]),
    "--seed": ("is not a whole number from 0 to", ["-1", "x", "0.5", "", "4294967297"]),
    "--patterns": (CHOICE, ["clean"]),
    "--network": (CHOICE, ["lenet2", ""]),
    "--connections": (CHOICE, ["table2"]),
    "--subsampling": (CHOICE, ["min"]),
    "--activation": (CHOICE, ["swish"]),
    "--output": (CHOICE, ["svm"]),
    "--codes": (CHOICE, ["7x12"]),
    "--input-range": (CHOICE, ["bytes"]),
    **{f"--{no}{name}": (SWITCH, ["=x"]) for name in SETTINGS_ON_OR_OFF for no in ("", "no-")},
    "--only": (CHOICE, ["none", ""]),
    "--initial-bias": (NUMBER, ["-11", "11", "nan", "x", ""]),
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
CHOICES = {  # one of each flag's, to be misspelt
    "--variant": "modern", "--dataset": "printed", "--patterns": "distorted", "--network": "lenet4",
    "--connections": "table1", "--subsampling": "average", "--activation": "sigmoid",
    "--output": "softmax", "--codes": "random", "--input-range": "standard",
    "--only": "relu-maxpool-adam", "--criterion": "cross-entropy", "--init": "xavier",
    "--optimizer": "adagrad", "--step-sizes": "parameter", "--schedule": "constant",
    "--order": "shuffled",
}  # fmt: skip
# The commands of the flags that training does not have.
COMMAND_OF = {
    "--reject-below": "draw", "--states": "predict digit.png",
    "--string": "predict digit.png", "--find": "predict digit.png",
    "--boxes": "predict digit.png",
    "--quick": "experiment ablation", "--choose": "experiment ablation",
    "--networks": "experiment ablation",
    "--only": "experiment systems", "--table": "experiment systems",
    "--from-scratch": "experiment strings",
}  # fmt: skip
row("--only: one of several", nothing, "experiment comparison --only linear,pairwize",
    "--only: 'pairwize' is no part of comparison; did you mean pairwise?")  # fmt: skip
RUN_FLAGS = {"--jobs": "2", "--scheduler": "tcp://127.0.0.1:1", "--resume": ""}
TRAINING_FLAGS = {"--seeds": "3", "--seed": "0", "--passes": "7", "--quick": "",
                  "--from-scratch": ""}  # fmt: skip
for name, only, flags in (
    ("strings", "shipped", {**RUN_FLAGS, **TRAINING_FLAGS}),
    ("ablation", "table", {**RUN_FLAGS, "--networks": "x", "--seeds": "3", "--seed": "4"}),
    ("ablation", "times", {**RUN_FLAGS, "--seeds": "3", "--choose": ""}),
    ("comparison", "linear,k-nn-euclidean", RUN_FLAGS),
):
    does = {"times": "times one network after the other",
            "linear,k-nn-euclidean": "trains no network"}.get(only, "trains nothing")  # fmt: skip
    for flag, value in flags.items():
        row(f"{name} --only {only} {flag}", nothing,
            f"experiment {name} --dataset printed --only {only} {flag} {value}",
            f"{flag} does not go with --only {only}, which {does}; remove it")  # fmt: skip
for name in ("collapse", "readings"):
    for flag, value in RUN_FLAGS.items():
        row(f"{name} {flag}", nothing, f"experiment {name} --dataset printed {flag} {value}",
            f"{flag} has no effect with experiment {name}; remove it")  # fmt: skip
row("--only: unlike any", nothing, "experiment comparison --only linear,,k-nn-euclidean",
    "--only: '' is no part of comparison: choose linear, deslant-linear, ")  # fmt: skip
for flag, (says, values) in FLAGS.items():
    command = shlex.split(COMMAND_OF.get(flag, ""))
    for value in values:
        words = [flag + value] if value == "=x" else [flag, value]
        named = f"{flag} " if says is CHOICE else f"argument {alias(flag)}: "
        row(f"{flag} {value[:20]!r}", nothing, [*command, *words], named, says)
    if "=x" not in values:
        row(f"{flag} without a value", nothing, [*command, flag], f"argument {flag}: {WORD}")
    if says is CHOICE:
        right = CHOICES[flag]
        words = [flag, right[1] + right[0] + right[2:]]
        row(f"{flag} misspelt", nothing, [*command, *words], f"{words[1]}: did you mean {right}?")
for command, says in {
    "--nonsense": "--nonsense: no such flag",
    "--passes 3 more": "more: not expected here",
    "--se 3": "--se: did you mean --seed",
    "--epochs 3": "--epochs: did you mean --passes?",
    "--passs 3": "--passs: did you mean --passes?",
    "--lr=0.1": "--lr: did you mean --learning-rate?",
    "experiment --out cost ablation": "the name of the experiment comes first: experiment NAME",
    "experiment --weights strings rejection": "the name of the experiment comes first",
    "experiment --out cost": "the following arguments are required: NAME",
    "experiment --seeds 0 ablation": "argument --seeds: ",
    "experiment ablation --epochs 3": "--epochs: did you mean --passes?",
    "train": "experiment, recipe, summary, resume; to train, give flags only",
    "help": "help: no such command; did you mean --help?",
    "version": "version: no such command; did you mean --version?",
    "predcit digit.png": "predcit: no such command; did you mean predict?",
    "predict": "the following arguments are required: FILE",
    "page": "the following arguments are required: OUT.html",
    "page weights.npz": "weights.npz: the page is an HTML file; give a name that ends in .html",
    "page lenet5.html --weights none.npz": "none.npz: no such weights file",
    "page lenet5.html --reject-below 3": "--reject-below has no effect with page; remove it",
    "experiment": "the following arguments are required: NAME (--help lists the names)",
    "--variant modren": "--variant modren: did you mean modern?",
    "--dataset MNIST": "--dataset MNIST: did you mean mnist?",
    "experiment figures": "experiment figures: choose from learning-curve, training-size",
    "experiment figure5": "experiment figure5: did you mean learning-curve?",
    "experiment figure12": "did you mean cost?",
    "experiment COST": "experiment COST: did you mean cost?",
    "experiment reject": "did you mean rejection?",
    "recipe none": CHOICE,
    "recipe relu-maxpol-adam": "recipe relu-maxpol-adam: did you mean relu-maxpool-adam?",
    "recipe sdlm_avgpool": "did you mean sdlm-avgpool?",
    "recipe fashion": "did you mean batchnorm-fashion?",
    "resume begum": "begum: no such folder; did you mean begun?",
    "resume elsewhere/run": "elsewhere/run: no such folder: give the folder of a run",
    "predict digti.png": "did you mean digit.png?",
    "predict digit.png --weights distortion": "no such weights; did you mean distortions?",
    "predict digit.png --weights w.npy": "w.npy: no such weights file; did you mean w.npz?",
    "--config run/confg.json": "did you mean run/config.json?",
    "resume": "the following arguments are required: DIR",
    "summary modern": "modern: not expected here",
    # --resume is a flag of the command in front, not a command.
    "recipe --resume relu-maxpool-adam --dataset printed --train-size 5001": "--train-size 5001:",
    "--experiment cots": "experiment cots: did you mean cost?",  # the spelling of before
}.items():
    row(command, nothing, command, says)
row("a flag with a line end", nothing, ["--a\nb"], r"--a\nb: no such flag")

PREDICT = "predict digit.png"
LEARNING_FLAGS = {
    "--variant": "modern", "--passes": "3", "--seed": "1",
    "--patterns": "noisy", "--connections": "full", "--subsampling": "max", "--activation": "relu",
    "--output": "softmax", "--codes": "random", "--input-range": "unit",
    **{f"--{name}": "" for name in SETTINGS_ON_OR_OFF}, "--initial-bias": "0.1",
    "--criterion": "mle", "--rubbish-penalty": "2", "--penalty-scale": "1", "--init": "paper",
    "--optimizer": "adam", "--step-sizes": "parameter", "--schedule": "constant",
    "--learning-rate": "0.1", "--step-at": "3", "--warmup": "3", "--warmup-from": "0.1",
    "--momentum": "0.9", "--weight-decay": "0.1", "--batch-size": "2", "--pass-size": "9",
    "--order": "shuffled",
}  # fmt: skip
OTHER_FLAGS = {
    "--dataset": "printed", "--data": "data", "--train-size": "5", "--test-size": "5",
    "--out": "new", "--seeds": "2", "--jobs": "2", "--config": "run/config.json", "--resume": "",
    "--quick": "", "--verbose": "", "--log-steps": "", "--keep-weights": "",
}  # fmt: skip
for flag, value in {**LEARNING_FLAGS, **OTHER_FLAGS}.items():
    for command in (PREDICT, "draw"):
        says = f"{flag} has no effect with {command.split()[0]}; remove it"
        row(f"{command} {flag}", nothing, f"{command} {flag} {value}", says)
row("draw --states", nothing, "draw --states s.png", "--states has no effect with draw; remove it")
row("draw weights", nothing, "draw --weights none.npz", "none.npz")
row("draw file", nothing, "draw digit.png", "digit.png: not expected here")
for flag, value in LEARNING_FLAGS.items():
    row(
        f"rejection {flag}",
        nothing,
        f"experiment rejection {flag} {value}",
        f"{flag} has no effect with experiment rejection; remove it",
    )
    if flag not in ("--passes", "--seed"):
        row(
            f"ablation {flag}",
            nothing,
            f"experiment ablation {flag} {value}",
            f"{flag} has no effect with experiment ablation",
        )
FALSE_FLAGS = {  # whose values Python takes for false
    "--seed": "0", "--momentum": "0", "--weight-decay": "0", "--pass-size": "0", "--warmup": "0",
    "--warmup-from": "0", "--initial-bias": "0",
    **{f"--no-{name}": "" for name in SETTINGS_ON_OR_OFF},
}  # fmt: skip
for flag, value in (*LEARNING_FLAGS.items(), *FALSE_FLAGS.items()):
    row(
        f"config {flag} {value}",
        nothing,
        f"--config run/config.json {flag} {value}",
        f"{flag} contradicts --config, which decides it; remove it",
    )
CONTRADICTIONS = {
    "experiment cost --weights 1998": "--weights has no effect with experiment cost",
    "experiment cost --data data": "--data has no effect with experiment cost",
    "experiment cost --train-size 9": "--train-size has no effect with",
    "recipe sigmoid-softmax --passes 1 --warmup 1": "give at most --warmup 0, or more --passes",
    "experiment baselines --weights 1998": "--weights has no effect with",
    "experiment confusion --seeds 2": "--seeds has no effect with",
    "experiment confusion --jobs 2": "--jobs has no effect with",
    "experiment confusion --config run/config.json": "--config has no effect with",
    "experiment confusion --resume": "--resume has no effect with",
    "experiment confusion --quick": "--quick has no effect with",
    "experiment distortions --patterns noisy": "--patterns has no effect with",
    "recipe sdlm-avgpool --variant modern": "--variant has no effect with recipe",
    "summary --passes 3": "--passes has no effect with summary",
    "summary --activation relu": "--activation has no effect with summary",
    "predict digit.png --quiet": "--quiet has no effect with predict",
    "draw --quiet": "--quiet has no effect with draw",
    "experiment cost --quiet": "--quiet has no effect with experiment cost",
    "experiment rejection --train-size 9": "--train-size has no effect with experiment rejection",
    "experiment find-digits --train-size 9": "--train-size has no effect with experiment find-",
    "experiment ablation --verbose": "--verbose has no effect with experiment ablation",
    "experiment ablation --quick --passes 1 --train-size 9": "--quick has no effect with --passes",
    "--verbose --seeds 2": "--verbose has no effect with --seeds",
    "--log-steps --seeds 2": "--log-steps has no effect with --seeds",
    "--keep-weights --seeds 2": "--keep-weights has no effect with --seeds",
    "experiment ablation --keep-weights": "--keep-weights has no effect with experiment ablation",
    "experiment systems --dataset printed --table no/t.csv": "there is no folder no",
    "--weights w.npz --init he": "--init has no effect with --weights; remove it",
    "--weights w.npz --initial-bias 0.1": "--initial-bias has no effect with --weights",
    "--weights w.npz --activation relu": "with activation squash, not relu; remove --activation",
    "--weights w.npz --variant modern": "not full; remove the variant or recipe",
    "--output softmax --penalty-scale 2": "--penalty-scale belongs to --criterion map or mle",
    "--sum-gradients": "--sum-gradients belongs to --batch-size above 1",
    "--batch-norm --plain-norm-steps": "belongs to --batch-norm and --momentum",
    "--subsampling average --quarter-curvature --optimizer adam": "belongs to --optimizer sdlm",
    "--schedule step": "--schedule step belongs to --step-at: without it, it has no effect",
    "--schedule cosine --warmup-from 0.1": "--warmup-from belongs to --warmup above 0",
    "--reject-below 3": "--reject-below has no effect with training",
    "--states s.png": "--states has no effect with training",
    "--quick": "--quick has no effect with training",
    "--choose": "--choose has no effect with training",
    "--data data --jobs 2": "--jobs 2 is more than the runs; ask for more with --seeds",
    "--data data --seeds 2 --jobs 3": "ask for more with --seeds",
    "experiment training-size --data data --jobs 3": "ask for more with --seeds",
    "experiment systems --data data --jobs 2": "ask for more with --seeds",
    "--config run/config.json --resume": "--resume contradicts --config",
    "--seeds 2 --jobs 2 --scheduler tcp://127.0.0.1:9": "--jobs has no effect with --scheduler",
    "--scheduler tcp://127.0.0.1:9": "--scheduler is for several runs; ask for more with --seeds",
    "--config run/config.json --scheduler x": "--scheduler contradicts --config",
    "--config run/config.json --seeds 2": "--seeds contradicts --config",
    "--config run/config.json --dataset mnist": "--dataset contradicts --config",
    "--config run/config.json --train-size 9": "--train-size contradicts --config",
    "resume run --out new": "--out has no effect with resume",
    "resume run --passes 3": "run: not complete yet: first continue it, without --passes",
    "--criterion mle --rubbish-penalty 3": "belongs to --criterion map",
    "--criterion cross-entropy": "rbf does not go with",
    "--output softmax --criterion map": "softmax does not go with --criterion map",
    "--patterns windows --codes random": "digits-and-space goes with windows and varied-windows",
    "--codes digits-and-space": "--codes digits-and-space does not go with --patterns original",
    "--output softmax --codes random": "--codes belongs to --output rbf",
    "--optimizer adam --step-sizes parameter": "belongs to --optimizer sdlm",
    "--optimizer adam --momentum 0.9": "belongs to --optimizer sdlm or momentum",
    "--step-at 3": "belongs to --schedule step",
    "--warmup 3": "belongs to --schedule cosine",
    "--warmup-from 0.1": "belongs to --schedule cosine",
    "--schedule cosine --warmup 3 --flat-warmup": "belongs to --schedule quarter-cosine",
    "--schedule quarter-cosine --flat-warmup": "--flat-warmup belongs to --warmup above 0",
    "--learning-rate 0.1,0.2": "belong to --schedule step",
    "--schedule step --learning-rate 0.1,0.2": "give one more",
    "--schedule step --step-at 5,3": "ascending",
    "--schedule cosine --warmup 20 --warmup-from 0.1": "does not fit into 20: give at most",
    "--schedule cosine --warmup 3": "must be above 0",
    "--dataset printed --data data": "leave out the folder data",
    "--data data --train-size 13": "--train-size 13: custom data has 12 patterns there",
    "--data data --test-size 11": "--test-size 11: custom data has 10 patterns there",
    "--dataset printed --train-size 5001": "--train-size 5001: printed digits has 5000",
    "--dataset printed --test-size 1001": "--test-size 1001: printed digits has 1000",
    "experiment baselines --data data --train-size 2 --out new": "k is 3: expected 1 to the 2",
}
for command, says in CONTRADICTIONS.items():
    row(command, nothing, command, says)


@pytest.mark.parametrize(("make", "words", "says"), TABLE.rows)
def test_bad_flags_end_in_one_line(
    make: Make, words: list[str], says: tuple[str, ...], refused: Refused
) -> None:
    error = refused(make, words)
    assert all(part in error for part in says), error


def test_every_flag_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    known: set[str] = set()
    for command in ("", "predict", "draw", "summary", "resume", "recipe", "experiment ablation",
                    "experiment rejection", "experiment systems",
                    "experiment strings"):  # fmt: skip
        assert run([*command.split(), "--help-all"]) == 0
        helped = capsys.readouterr().out
        for pair in re.findall(r"^  (--[a-z-]+)(?:, (--no-[a-z-]+))?", helped, re.MULTILINE):
            known.update(filter(None, pair))
    assert set(FLAGS) == known - {"--help-all", "--version"}
