"""Everything that decides a run's numbers, each setting declared once.

How to add a setting: declare it here as one field with its default, its choices or limits, its help
and its section, and read it where it takes effect, in one of the methods of `Settings` or in
`lenet1998/run/learn.py`.  Its flag, its check, its entry in config.json and its part of the run's
folder name are made from the field.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .. import paper
from ..data.augmentation import PATTERN_KINDS, WINDOW_KINDS
from ..data.catalogue import TITLES
from ..fields import check, differences, not_known, setting, settings_of, shortened, values_of
from ..files import InputError
from ..layers.initialisation import ABOUT_INITS, INITS
from ..learning import schedules
from ..learning.criterion import LARGEST_J, MAP, MLE, Criterion, CrossEntropy
from ..learning.optimizers import OPTIMIZERS, SGD, Momentum, Optimizer
from ..learning.sdlm import ABOUT_STEP_SIZES, STEP_SIZES
from ..learning.training import ORDERS
from ..network.design import DIGITS_AND_SPACE, Design
from ..network.lenet5 import LeNet5
from ..network.network import Network
from .contradictions import check_together, check_weights
from .recipes import RECIPES
from .variants import MOMENTUM, RATES, VARIANTS

MOST = 10**9  # patterns
_COSINES = ("schedule", "cosine", "quarter-cosine")
data = partial(setting, section="data")
learning = partial(setting, section="the training")


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run's numbers; the defaults are the paper's or our reading of it.

    Raises:
        InputError: a value that a setting cannot have, or settings that contradict each other.
    """

    dataset: str = data("mnist", choices=tuple(TITLES), flag=False, help="the data set")
    passes: int = learning(paper.PASSES, limits=(1, 10_000), help="passes through the patterns")
    train_size: int = data(
        paper.TRAINING_PATTERNS, limits=(1, MOST), flag=False, help="the first N training patterns"
    )
    test_size: int = data(
        paper.TEST_PATTERNS, limits=(1, MOST), flag=False, help="the first N test patterns"
    )
    seed: int = learning(0, limits=(0, 2**32), help="of the initial weights and of the order")
    patterns: str = learning(
        PATTERN_KINDS[0],
        choices=PATTERN_KINDS,
        help="original, distorted (III-B), noisy (III-E), windows of strings (VII-B), or "
        "varied-windows (of tighter and wider strings)",
    )
    design: Design = field(default=Design())  # its parts are settings too
    criterion: str = learning(
        "map",
        choices=("map", "mle", "cross-entropy"),
        help="map (eq. 9), mle (eq. 8), or cross-entropy for a softmax output",
    )
    rubbish_penalty: float = learning(
        paper.RUBBISH_PENALTY,
        limits=(1e-9, LARGEST_J),
        needs=("criterion", "map"),
        help="j of eq. 9",
    )
    penalty_scale: float = learning(
        paper.PENALTY_SCALE,
        limits=(1e-9, 1e3),
        needs=("criterion", "map", "mle"),
        help="factor of the penalties in the criterion",
    )
    init: str = learning("lecun", choices=INITS, help=f"of the initial weights: {ABOUT_INITS}")
    initial_bias: float = learning(0.0, limits=(-10, 10), help="initial value of all biases")
    optimizer: str = learning(
        "sdlm",
        choices=("sdlm", *OPTIMIZERS),
        help="sdlm (stochastic diagonal Levenberg-Marquardt, appendix C), sgd, momentum, adagrad, "
        "rmsprop, adam, or adam-twice (a slip: its start is corrected twice)",
    )
    step_sizes: str = learning(
        STEP_SIZES[0],
        choices=STEP_SIZES,
        needs=("optimizer", "sdlm"),
        help=f"one step {ABOUT_STEP_SIZES}",
    )
    schedule: str = learning(
        "paper",
        choices=("paper", "constant", "step", "cosine", "quarter-cosine"),
        help="of the rate: paper (III-B), constant, step (see --step-at), cosine (down to 0), or "
        "quarter-cosine (a quarter of its wave)",
    )
    learning_rate: tuple[float, ...] = learning(
        (RATES["sdlm"],),
        limits=(1e-30, 1e3),
        help="of the first pass; with --schedule step also R,R,...; the default depends on the "
        "optimizer",
    )
    step_at: tuple[int, ...] = learning(
        (), limits=(2, 10_000), needs=("schedule", "step"), help="first pass of each next rate"
    )
    warmup: int = learning(0, limits=(0, 10_000), needs=_COSINES, help="passes of warm-up")
    warmup_from: float = learning(0.0, limits=(0, 1e3), needs=_COSINES, help="rate of pass 1")
    flat_warmup: bool = learning(
        False, needs=("schedule", "quarter-cosine"), help="a slip: the warm-up keeps its first rate"
    )
    momentum: float = learning(
        0.0,
        limits=(0, 0.9999),
        needs=("optimizer", "sdlm", "momentum"),
        help=f"default 0, with --optimizer momentum {MOMENTUM}",
    )
    weight_decay: float = learning(0.0, limits=(0, 10), help="L2 penalty on the weights")
    plain_norm_steps: bool = learning(False, help="a slip: --batch-norm learns without momentum")
    batch_size: int = learning(1, limits=(1, 10_000), help="patterns per update")
    sum_gradients: bool = learning(False, help="update by the sum of the gradients, not the mean")
    order: str = learning(
        ORDERS[0],
        choices=ORDERS,
        help="constant (one random order), shuffled (new each pass), replacement (drawn from all)",
    )
    pass_size: int = learning(
        0, limits=(0, MOST), help="patterns per pass; the next pass continues after them; 0 is all"
    )
    weights: str = learning(
        "", in_name=False, help="train on from 1998, distortions, noise, a run or a weights.npz"
    )
    weights_sha256: str = learning("", flag=False, help="of those weights, its first 16 digits")
    recipe: str = data("", choices=("", *RECIPES), flag=False, help="the recipe that they are from")

    def __post_init__(self) -> None:
        check(self)
        check_together(self.values())
        self.etas()

    # --- Made from the settings ----------------------------------------------------------------

    def network(self) -> LeNet5:
        """The network with its initial weights, or with those to train on from."""
        if not self.weights:
            network = LeNet5(seed=self.seed, init=self.init, design=self.design)
            if self.initial_bias:
                network.parameters[network.biases()] = self.initial_bias
            return network
        network = LeNet5.named(self.weights).with_codes(self.design.codes)
        if (network.design, network.sha256()[:16]) != (self.design, self.weights_sha256):
            raise InputError(f"{self.weights}: not the weights or the design of the settings")
        return network

    def make_criterion(self) -> Criterion:
        """Eq. 8, eq. 9 or cross-entropy."""
        if self.criterion == "cross-entropy":
            return CrossEntropy()
        if self.criterion == "mle":
            return MLE(self.penalty_scale)
        return MAP(self.rubbish_penalty, self.penalty_scale)

    def etas(self) -> list[float]:
        """The global learning rate of each pass."""
        rates = self.learning_rate, self.step_at, self.warmup, self.warmup_from
        return schedules.by_name(self.schedule, self.passes, *rates, self.flat_warmup)

    def make_optimizer(self, network: Network) -> Optimizer:
        """What turns a gradient into an update of the parameters."""
        size, dtype, decay = network.parameters.size, network.dtype, self.weight_decay
        if self.optimizer == "momentum" or self.momentum:
            norms = [part for name, part in network.slices.items() if name.endswith("-norm")]
            plain = norms if self.plain_norm_steps else []
            return Momentum(size, dtype, momentum=self.momentum, weight_decay=decay, plain=plain)
        kind = SGD if self.optimizer == "sdlm" else OPTIMIZERS[self.optimizer]
        return kind(size, dtype, weight_decay=decay)

    def per(self) -> str | None:
        """The rule of the step sizes; None for an optimizer without curvature."""
        return self.step_sizes if self.optimizer == "sdlm" else None

    # --- From names and values, and back -------------------------------------------------------

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Settings":
        """Settings from names and values, the design's among them; the others keep their defaults.

        Raises:
            InputError: as the class; and a name that no setting has.
        """
        for name in values:
            if name not in DECLARED:
                raise InputError(not_known(name, DECLARED))
        parts = settings_of(Design)
        design = Design(**{name: value for name, value in values.items() if name in parts})
        return cls(design=design, **{k: v for k, v in values.items() if k not in parts})

    def values(self) -> dict[str, Any]:
        """Names and values of all settings, the design's among them."""
        return values_of(self)

    @classmethod
    def from_json(cls, found: Any) -> "Settings":
        """Settings as `as_json` gave them; those that are missing have their defaults.

        Raises:
            InputError: as `of`; and where there is no data set.
        """
        if not isinstance(found, dict) or "dataset" not in found:
            raise InputError("holds no settings with a dataset")
        return cls.of({k: tuple(v) if isinstance(v, list) else v for k, v in found.items()})

    def as_json(self) -> dict[str, Any]:
        """The settings as config.json holds them."""
        values = self.values()
        if not self.weights:  # as runs of earlier versions have it
            del values["weights"], values["weights_sha256"]
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    # --- Names ---------------------------------------------------------------------------------

    def title(self) -> str:
        """What was learned, for headings."""
        kind = "" if self.patterns == "original" else f", {self.patterns}"
        parts = [
            name.replace("_", " ") if value is True else str(value)
            for name, value in self.design.changed().items()
        ]
        parts += ["eq. 8"] * (self.criterion == "mle")
        parts += [self.optimizer] * (self.optimizer != "sdlm")
        with_parts = f", with {', '.join(parts)}" if parts else ""
        what = f", {self.recipe_title()}" if self.recipe else with_parts
        return TITLES[self.dataset] + kind + what + (self.weights and f", from {self.weights}")

    def recipe_title(self) -> str:
        """The recipe's name, with what was changed in it except the sizes and the passes."""
        own = ("train-size", "test-size", "passes", "pass-size", "patterns", "recipe")
        changed = ", ".join(part for part in self._changed({}) if part.split("=")[0] not in own)
        return f"recipe {self.recipe}" + (f" with {changed}" if changed else "")

    def folder_name(self, full_sizes: tuple[int, int]) -> str:
        """<dataset>-<what differs from the paper's settings>-<seed>.

        "1998" stands for no difference, "modern" for the settings of that variant.  What does not
        fit into 60 characters is replaced by 8 digits of its SHA-256.

        Args:
            full_sizes: training and test patterns that the data set has.
        """
        changed = self._changed({"train_size": full_sizes[0], "test_size": full_sizes[1]})
        parts = shortened([self.dataset, *(changed or ["1998"])])
        return "-".join([*parts, str(self.seed)])

    def _changed(self, sizes: dict[str, int]) -> list[str]:
        """What differs from the variant's or the recipe's settings and from these sizes."""
        modern = not self.recipe and VARIANTS["modern"].items() <= self.values().items()
        variant = VARIANTS["modern" if modern else "1998"]
        base = RECIPES[self.recipe].settings if self.recipe else variant
        sizes = {name: min(size, base.get(name, size)) for name, size in sizes.items()}
        usual = choose({"dataset": self.dataset, "seed": self.seed, **sizes}, base)
        return ["modern"] * modern + differences(self, usual)


DECLARED = settings_of(Settings)


def choose(chosen: dict[str, Any], base: dict[str, Any] | None = None) -> Settings:
    """Settings of a variant or a recipe with single ones chosen over them.

    What follows from a choice comes with it, unless it was chosen too: a softmax output brings
    cross-entropy, windows of strings their codes, another optimizer its usual learning rate and
    momentum, weights the network's design.

    Args:
        chosen: names of settings -> values; None stands for "not chosen".
        base: names of settings -> values.
    """
    found = {**(base or {}), **{k: v for k, v in chosen.items() if v is not None}}
    if found.get("weights"):
        network = LeNet5.named(found["weights"])
        own = values_of(network.design)
        check_weights(own, found, chosen)
        found = {**own, **found, "weights_sha256": network.sha256()[:16]}
    if found.get("patterns") in WINDOW_KINDS and not chosen.get("codes"):
        found["codes"] = DIGITS_AND_SPACE
    # A choice replaces what the base brought along; a contradiction of two choices is refused.
    if chosen.get("output") == "rbf" and not chosen.get("criterion"):
        found.pop("criterion", None)
    if found.get("output") == "softmax":
        found.setdefault("criterion", "cross-entropy")
    if chosen.get("optimizer") not in (None, (base or {}).get("optimizer", "sdlm")):
        for name in ("learning_rate", "momentum"):
            if chosen.get(name) is None:
                found.pop(name, None)
    optimizer = found.get("optimizer", "sdlm")
    if optimizer in RATES:
        found.setdefault("learning_rate", (RATES[optimizer],))
    if optimizer == "momentum":
        found.setdefault("momentum", MOMENTUM)
    return Settings.of(found)
