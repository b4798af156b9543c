"""LeNet-5 on MNIST in NumPy with sigmoids, average pooling and a softmax (ten training runs).

Stated: C3 connected to all maps of S2; average pooling without parameters; dense layers of 120, 84
and 10 units; cross-entropy, the mean over the batch; weights N(0, 1) without any scaling, biases 0;
plain gradient descent; 30 passes, batches of 64.  The schedules are three constant rates, two step
schedules (one over 60 passes) and a cosine, the last also with batches of 4, 32, 128 and 256.  The
accuracy of every pass is reported.

Slip, a setting here: the warm-up of the cosine overwrites the variable that it starts from.  It is
meant to rise from 0.1 to 0.4 in five passes and stays at 0.1 (`--flat-warmup`).

Readings: a sigmoid after C1, C3 and C5; the last, smaller batch is kept; passes are counted from 0
in the schedules.  Three more were chosen on the last 10,000 training patterns, with one seed:

- the sigmoid before the pooling, in both stages.  The text has it after the pooling in S2, and says
  nothing of S4; the model's code is not printed.  Accuracy on these patterns with a rate of 0.1:
  97.72 % with the sigmoid before the pooling, 97.30 % after it, 97.24 % with S2 as in the text and
  S4 the other way round (reported, on the test set: 97.50).  With the sigmoid before the pooling,
  pass 6 of the batches of 4 falls by 1.0 point (reported: 0.8).  The order of the text is
  `--pool-first`; `experiment systems` has it as `without-sigmoid-first`.
- the same order in all passes.  With a new order for each pass, a rate of 0.4 falls to 77 % in pass
  4, which no reported curve does.
- inputs with mean 0 and variance 1: 98.12 % with the cosine, with pixels from 0 to 1 97.99 %
  (reported: 98.33).  The two hardly differ.

Contradictions of the report:

- pass 1 of the cosine has 80.01 % in one table and 83.91 % in another;
- runs that share their first five passes (a rate of 0.4, or of 0.1) differ by up to 7.6 points
  there;
- the run over 60 passes, which ends with a smaller rate, is a point below that over 30;
- its plan has 20 passes for the other batch sizes, its tables 30;
- more than 97 % "within a few epochs" is first reached in passes 5 to 21, by two runs never;
- pass 20 of the steps, 97.74 %, is probably 97.54.

These are single runs without a seed, so that their curves cannot be matched pass by pass.

What differs: numbers are of 32 bits here, of 64 there.  The report also puts batch normalisation
after both convolutions (`--batch-norm`), without numbers: "not very noticeable".
"""

from typing import Any

from .recipe import Recipe

SYSTEM = "sigmoid-softmax"
SECONDS = 300.0  # of a pass; longer for small batches, the report says
COMMON: dict[str, Any] = {
    "connections": "full",
    "subsampling": "average",
    "activation": "sigmoid",
    "output": "softmax",
    "criterion": "cross-entropy",
    "init": "normal-1",
    "input_range": "standard",
    "optimizer": "sgd",
    "order": "constant",
    "passes": 30,
    "batch_size": 64,
}
CONSTANT = {**COMMON, "schedule": "constant"}
STEPS = {**COMMON, "schedule": "step"}
COSINE = {
    **COMMON,
    "schedule": "quarter-cosine",
    "learning_rate": (0.4,),
    "warmup": 5,
    "warmup_from": 0.1,
    "flat_warmup": True,
}


def _recipe(settings: dict[str, Any], about: str, text: str) -> Recipe:
    """A recipe with its reported curve, percent after each pass."""
    curve = tuple(map(float, text.split()))
    return Recipe(SYSTEM, settings, curve[-1], SECONDS, about, curve=curve)


RECIPES = {
    "sigmoid-softmax": _recipe(
        COSINE,
        "sigmoid, softmax; cosine, batches of 64",
        "83.91 88.18 90.41 92.16 93.12 93.13 94.91 95.17 95.56 95.98 96.12 96.14 96.40 96.58 96.80 "
        "96.95 97.18 97.30 97.47 97.60 97.76 97.88 97.95 98.06 98.17 98.20 98.21 98.23 98.30 98.33",
    ),
    "sigmoid-softmax-0.4": _recipe(
        {**CONSTANT, "learning_rate": (0.4,)},
        "constant rate 0.4",
        "83.18 88.48 92.12 93.08 94.16 93.78 94.39 96.70 95.44 96.70 96.78 96.87 96.95 97.06 97.08 "
        "97.17 97.25 97.21 97.23 97.27 97.30 97.26 97.31 97.34 97.32 97.40 97.35 97.32 97.26 97.30",
    ),
    "sigmoid-softmax-0.1": _recipe(
        {**CONSTANT, "learning_rate": (0.1,)},
        "constant rate 0.1",
        "86.15 90.03 91.94 93.02 93.92 94.50 94.99 95.39 95.66 95.87 96.10 96.25 96.37 96.53 96.60 "
        "96.71 96.89 96.94 96.99 97.02 97.07 97.12 97.18 97.23 97.31 97.35 97.41 97.45 97.47 97.50",
    ),
    "sigmoid-softmax-0.05": _recipe(
        {**CONSTANT, "learning_rate": (0.05,)},
        "constant rate 0.05",
        "84.69 89.81 91.42 92.24 93.02 93.48 93.92 94.19 94.42 94.65 94.92 95.09 95.26 95.35 95.52 "
        "95.68 95.71 95.78 95.91 95.95 96.03 96.13 96.18 96.24 96.23 96.37 96.43 96.53 96.59 96.65",
    ),
    "sigmoid-softmax-steps": _recipe(
        {**STEPS, "learning_rate": (0.4, 0.1, 0.05), "step_at": (6, 11)},
        "rates 0.4, 0.1, 0.05",
        "90.74 94.43 95.57 96.18 96.55 97.29 97.36 97.38 97.47 97.47 97.52 97.54 97.55 97.54 97.53 "
        "97.53 97.52 97.53 97.54 97.74 97.55 97.56 97.56 97.57 97.59 97.59 97.60 97.61 97.59 97.63",
    ),
    "sigmoid-softmax-60": Recipe(
        SYSTEM,
        {
            **STEPS,
            "learning_rate": (0.5, 0.1, 0.05, 0.01),
            "step_at": (6, 11, 31),
            "passes": 60,
        },
        96.63,
        SECONDS,
        "60 passes, rates 0.5, 0.1, 0.05, 0.01",
    ),
    "sigmoid-softmax-batch-4": _recipe(
        {**COSINE, "batch_size": 4},
        "cosine, batches of 4",
        "94.68 96.02 96.30 96.65 97.24 96.43 97.44 97.81 97.73 97.88 97.91 98.49 98.42 98.38 98.20 "
        "98.37 98.34 98.52 98.60 98.64 98.77 98.78 98.80 98.83 98.84 98.86 98.90 98.95 98.96 98.99",
    ),
    "sigmoid-softmax-batch-32": _recipe(
        {**COSINE, "batch_size": 32},
        "cosine, batches of 32",
        "87.92 90.66 92.38 93.85 94.40 94.53 94.90 95.98 96.86 96.64 97.31 97.34 97.63 97.88 98.01 "
        "98.05 98.04 98.16 98.28 98.34 98.34 98.39 98.44 98.45 98.49 98.52 98.60 98.62 98.66 98.69",
    ),
    "sigmoid-softmax-batch-128": _recipe(
        {**COSINE, "batch_size": 128},
        "cosine, batches of 128",
        "81.11 86.94 89.02 90.50 91.25 91.22 92.92 94.20 94.78 95.15 95.54 95.82 95.92 96.20 96.46 "
        "96.63 96.69 96.79 96.90 96.98 97.08 97.18 97.16 97.24 97.34 97.44 97.50 97.56 97.69 97.73",
    ),
    "sigmoid-softmax-batch-256": _recipe(
        {**COSINE, "batch_size": 256},
        "cosine, batches of 256",
        "77.15 84.75 87.32 88.99 90.05 85.86 91.12 92.75 93.59 94.23 94.60 94.95 95.30 95.52 95.77 "
        "95.98 96.08 96.14 96.26 96.33 96.47 96.56 96.65 96.64 96.72 96.77 96.83 96.83 96.89 96.91",
    ),
}
