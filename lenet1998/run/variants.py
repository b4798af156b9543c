"""Names for many settings at once, such as the 1998 network, and usual learning rates."""

from typing import Any

from .. import paper

# The learning rate of the first pass if none is given: the paper's for sdlm, else the usual one.
RATES = {
    "sdlm": paper.SCHEDULE[0][1],
    "sgd": 0.01,
    "momentum": 0.01,
    "adagrad": 0.01,
    "rmsprop": 0.001,
    "adam": 0.001,
    "adam-twice": 0.001,
}
MOMENTUM = 0.9  # of --optimizer momentum if none is given
VARIANTS: dict[str, dict[str, Any]] = {
    "1998": {},
    "modern": {
        "connections": "full",
        "subsampling": "max",
        "activation": "relu",
        "output": "softmax",
        "criterion": "cross-entropy",
        "init": "he",
        "optimizer": "adam",
        "batch_size": 64,
    },
}
# As a practitioner of today would train it.
VARIANTS["today"] = {
    **VARIANTS["modern"],
    "input_range": "unit",
    "order": "shuffled",
    "schedule": "cosine",
}
