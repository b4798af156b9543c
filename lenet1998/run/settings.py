"""Everything that decides a run's numbers, and the variants and recipes that are names for some."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from .. import paper
from ..data.augmentation import PATTERN_KINDS
from ..data.catalogue import TITLES
from ..files import InputError
from ..layers.initialisation import INITS
from ..learning import schedules
from ..learning.criterion import LARGEST_J, MAP, MLE, CrossEntropy
from ..learning.optimizers import OPTIMIZERS, SGD, Momentum, Optimizer
from ..learning.sdlm import STEP_SIZES
from ..learning.training import ORDERS
from ..network.design import CHOICES, Design
from ..network.lenet5 import LeNet5
from .recipes import RECIPES

OPTIMIZER_NAMES = ("sdlm", *OPTIMIZERS)
SCHEDULES = ("paper", "constant", "step", "cosine")
CRITERIA = ("map", "mle", "cross-entropy")
# The rate of the first pass where none is given; those beside the paper's are the usual ones.
RATES = {
    "sdlm": paper.SCHEDULE[0][1],
    "sgd": 0.01,
    "momentum": 0.01,
    "adagrad": 0.01,
    "rmsprop": 0.001,
    "adam": 0.001,
}
MOMENTUM = 0.9
# What the settings may be; those of `Design` are checked there.
KNOWN: dict[str, Sequence[str]] = {
    "dataset": tuple(TITLES),
    "patterns": PATTERN_KINDS,
    "criterion": CRITERIA,
    "init": INITS,
    "optimizer": OPTIMIZER_NAMES,
    "step_sizes": STEP_SIZES,
    "schedule": SCHEDULES,
    "order": ORDERS,
    "recipe": ("", *RECIPES),
}
LIMITS: dict[str, tuple[float, float]] = {
    "passes": (1, 10_000),
    "train_size": (1, 10**9),
    "test_size": (1, 10**9),
    "pass_size": (0, 10**9),
    "seed": (0, 2**32),
    "rubbish_penalty": (1e-9, LARGEST_J),
    "penalty_scale": (1e-9, 1e3),
    "learning_rate": (1e-30, 1e3),
    "step_at": (2, 10_000),
    "warmup": (0, 10_000),
    "warmup_from": (0, 1e3),
    "momentum": (0, 0.9999),
    "weight_decay": (0, 10),
    "batch_size": (1, 10_000),
}
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


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run's numbers; the defaults are the paper's and its readings'.

    Raises:
        InputError: settings that contradict each other.
    """

    dataset: str
    passes: int = paper.PASSES
    train_size: int = paper.TRAINING_PATTERNS
    test_size: int = paper.TEST_PATTERNS
    seed: int = 0
    patterns: str = "original"
    connections: str = "table1"
    subsampling: str = "trainable"
    activation: str = "squash"
    output: str = "rbf"
    codes: str = "bitmap"
    input_range: str = "paper"
    batch_norm: bool = False
    criterion: str = "map"
    rubbish_penalty: float = paper.RUBBISH_PENALTY
    penalty_scale: float = paper.PENALTY_SCALE
    init: str = "lecun"
    optimizer: str = "sdlm"
    step_sizes: str = "layer"
    schedule: str = "paper"
    learning_rate: tuple[float, ...] = (RATES["sdlm"],)
    step_at: tuple[int, ...] = ()
    warmup: int = 0
    warmup_from: float = 0.0
    momentum: float = 0.0
    weight_decay: float = 0.0
    batch_size: int = 1
    order: str = "constant"
    pass_size: int = 0  # patterns of a pass; 0: as many as there are to train
    recipe: str = ""

    def __post_init__(self) -> None:
        for name, known in KNOWN.items():
            if getattr(self, name) not in known:
                listed = ", ".join(filter(None, known))
                raise InputError(f"{name} {getattr(self, name)!r} is not known: choose {listed}")
        for name, (smallest, largest) in LIMITS.items():
            values = getattr(self, name)
            for value in values if isinstance(values, tuple) else (values,):
                if not smallest <= value <= largest:
                    raise InputError(f"{name} {value} is out of range: {smallest} to {largest}")
        if not self.learning_rate or not all(isinstance(at, int) for at in self.step_at):
            raise InputError("learning_rate is empty, or step_at not of whole numbers")
        self.design()
        if (self.output == "softmax") != (self.criterion == "cross-entropy"):
            raise InputError(
                f"--output {self.output} does not go with --criterion {self.criterion}: softmax "
                "takes cross-entropy, rbf takes map or mle"
            )
        if self.criterion != "map" and self.rubbish_penalty != paper.RUBBISH_PENALTY:
            raise InputError("--rubbish-penalty belongs to eq. 9: use it with --criterion map")
        if self.optimizer != "sdlm" and self.step_sizes != "layer":
            raise InputError("--step-sizes belongs to --optimizer sdlm: leave it out")
        if self.momentum and self.optimizer not in ("sdlm", "momentum"):
            raise InputError(f"--momentum is nothing to --optimizer {self.optimizer}: leave it out")
        if self.step_at and self.schedule != "step":
            raise InputError("--step-at belongs to --schedule step")
        if (self.warmup or self.warmup_from) and self.schedule != "cosine":
            raise InputError("--warmup belongs to --schedule cosine")
        if len(self.learning_rate) > 1 and self.schedule != "step":
            raise InputError("several --learning-rate belong to --schedule step")
        self.etas()

    def title(self) -> str:
        """What was learned, for headings."""
        kind = "" if self.patterns == "original" else f", {self.patterns}"
        parts = ", ".join(
            name.replace("_", " ") if value is True else str(value)
            for name, value in self.design().changed().items()
        )
        if self.optimizer != "sdlm":
            parts = ", ".join(filter(None, (parts, self.optimizer)))
        what = f", {self.recipe_title()}" if self.recipe else f", with {parts}" if parts else ""
        return TITLES[self.dataset] + kind + what

    def recipe_title(self) -> str:
        """The recipe's name, with what was changed in it but the sizes and the passes."""
        own = ("train-size", "test-size", "passes", "pass-size", "patterns", "recipe")
        changed = ", ".join(part for part in self._changed({}) if part.split("=")[0] not in own)
        return f"recipe {self.recipe}" + (f" with {changed}" if changed else "")

    def folder_name(self, full_sizes: tuple[int, int]) -> str:
        """<dataset>-<what differs from the defaults or from the recipe>-<seed>.

        "1998" stands where nothing does.

        Args:
            full_sizes: training and test patterns that the data set has.
        """
        changed = self._changed({"train_size": full_sizes[0], "test_size": full_sizes[1]})
        return "-".join([self.dataset, *(changed or ["1998"]), str(self.seed)])

    def _changed(self, sizes: dict[str, int]) -> list[str]:
        """What differs from the defaults or from the recipe, with these sizes, as name=value."""
        base = RECIPES[self.recipe].settings if self.recipe else {}
        usual = asdict(Settings(self.dataset, **complete(sizes, base)))
        return [
            f"{key.replace('_', '-')}={_text(value)}"
            for key, value in asdict(self).items()
            if key not in ("dataset", "seed") and value != usual[key]
        ]

    def common(self) -> dict[str, Any]:
        """What the networks of an ablation share."""
        names = ("dataset", "passes", "train_size", "test_size", "seed", "patterns", "order")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_json(cls, found: Any) -> "Settings":
        """Settings as `as_json` gave them; those that are not there have their defaults.

        Raises:
            InputError: a name, a type or a value that settings do not have.
        """
        if not isinstance(found, dict) or "dataset" not in found:
            raise InputError("holds no settings with a dataset")
        usual = asdict(cls(dataset="mnist"))
        chosen: dict[str, Any] = {}
        for name, value in found.items():
            if name not in usual:
                raise InputError(f"the setting {name!r} is not known")
            value = tuple(value) if isinstance(value, list) else value
            kind = type(usual[name])
            number = type(value) in (int, float)
            right = number if kind is float else type(value) is kind
            if kind is tuple:
                right = right and all(type(part) in (int, float) for part in value)
            if not right:
                raise InputError(f"the setting {name} is {value!r}, no {kind.__name__}")
            chosen[name] = value
        return cls(**chosen)

    def as_json(self) -> dict[str, Any]:
        """The settings as they come back from config.json."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found

    # --- What they make ---------------------------------------------------------------------

    def design(self) -> Design:
        """The parts of the network."""
        return Design(**{name: getattr(self, name) for name in CHOICES})

    def network(self) -> LeNet5:
        """The network with its first weights."""
        return LeNet5(seed=self.seed, init=self.init, design=self.design())

    def make_criterion(self) -> MLE:
        """Eq. 8, eq. 9 or cross-entropy."""
        if self.criterion == "cross-entropy":
            return CrossEntropy()
        if self.criterion == "mle":
            return MLE(self.penalty_scale)
        return MAP(self.rubbish_penalty, self.penalty_scale)

    def etas(self) -> list[float]:
        """The global rate of each pass."""
        first = self.learning_rate[0]
        if self.schedule == "paper":
            factor = first / RATES["sdlm"]
            return [factor * eta for eta in schedules.paper_schedule(self.passes)]
        if self.schedule == "constant":
            return schedules.constant(self.passes, first)
        if self.schedule == "step":
            rates = self.learning_rate if len(self.learning_rate) > 1 else first
            return schedules.step_decay(self.passes, rates, self.step_at)
        return schedules.cosine(self.passes, first, self.warmup, self.warmup_from)

    def make_optimizer(self, network: LeNet5) -> Optimizer:
        """What a gradient does to the parameters."""
        size, dtype, decay = network.parameters.size, network.dtype, self.weight_decay
        if self.momentum:
            return Momentum(size, dtype, momentum=self.momentum, weight_decay=decay)
        kind = SGD if self.optimizer == "sdlm" else OPTIMIZERS[self.optimizer]
        return kind(size, dtype, weight_decay=decay)

    def per(self) -> str | None:
        """How the curvature makes steps; None where it is not asked."""
        return self.step_sizes if self.optimizer == "sdlm" else None


def complete(chosen: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """Settings of a variant or a recipe, those chosen over them, and what follows from these.

    A softmax output brings cross-entropy, an optimizer its usual rate, momentum its 0.9, unless
    something else was chosen.

    Args:
        chosen: names of Settings -> values; those that are None were not chosen.
        base: names of Settings -> values.
    """
    found = {**base, **{k: v for k, v in chosen.items() if v is not None}}
    # What the base says goes with what it replaces; a contradiction between flags stays one.
    if chosen.get("output") == "rbf" and not chosen.get("criterion"):
        found.pop("criterion", None)
    if found.get("output") == "softmax":
        found.setdefault("criterion", "cross-entropy")
    if chosen.get("optimizer"):
        for name in ("learning_rate", "momentum"):
            if chosen.get(name) is None:
                found.pop(name, None)
    optimizer = found.get("optimizer", "sdlm")
    found.setdefault("learning_rate", (RATES[optimizer],))
    if optimizer == "momentum":
        found.setdefault("momentum", MOMENTUM)
    known = {field.name for field in fields(Settings)}
    return {k: v for k, v in found.items() if k in known}


def _text(value: Any) -> str:
    """A setting as part of a folder's name."""
    return ",".join(f"{v:g}" for v in value) if isinstance(value, tuple) else str(value)
