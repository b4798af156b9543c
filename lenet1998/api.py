"""LeNet-5 for use from Python: fit, score, predict."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import paper
from .arrays import Array
from .data.augmentation import patterns_to_test, training_patterns
from .data.databases import in_field
from .data.patterns import Patterns, check_ink_to_learn
from .fields import values_of
from .files import AnyPath, InputError, did_you_mean
from .learning import evaluation
from .learning.state import PassResult
from .network import lenet5
from .run.learn import make_trainer
from .run.report import HEAD, pass_line
from .run.settings import Settings, choose
from .run.variants import VARIANTS
from .threads import one_thread

# Settings of the command that have no use where the network and the patterns are given.
_NOT_IN_FIT = ["init", "initial_bias", "weights", "dataset", "train_size", "test_size", "data"]
_NOT_IN_FIT += ["seeds", "jobs", "scheduler", "resume", "verbose", "out", "config"]

# What a user of PyTorch asks a network for, and what is here in its place.
_OF_PYTORCH = {
    "eval": "there is no mode to switch: fit trains, score and predict only read",
    "train": "fit(train, test) trains",
    "state_dict": "arrays() gives the weights, save(path) keeps them",
    "load_state_dict": "LeNet5.load(path) reads what save(path) wrote",
    "to": "it computes on the CPU; LeNet5(dtype=...) takes float32 or float64",
    "cuda": "it computes on the CPU",
}


class LeNet5(lenet5.LeNet5):
    """The network of figure 2, with methods to train it and to ask it.

    The arguments are those of `lenet1998.network.lenet5.LeNet5`, where the other methods are.

    >>> from lenet1998 import LeNet5, load_printed
    >>> train, test = load_printed()
    >>> network = LeNet5(seed=0)
    >>> results = network.fit(train.subset(500), test, passes=2, quiet=True)
    >>> network.score(test) > 0.5
    True
    >>> network.predict(test.images[:3]).shape
    (3,)
    """

    trained_as = "1998"  # the variant whose settings `fit` starts from

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles keep what was learned and the variant too."""
        kept = {"dataset": self.dataset, "trained_as": self.trained_as}
        return *super().__reduce__(), kept

    if not TYPE_CHECKING:  # mypy would take every name for known

        def __getattr__(self, name: str) -> Any:
            """Refuse a name that is not here; for PyTorch's, say what is."""
            advice = f": {_OF_PYTORCH[name]}" if name in _OF_PYTORCH else ""
            raise AttributeError(f"LeNet5 has no {name}{advice}", name=name, obj=self)

    @classmethod
    def variant(cls, name: str, seed: int = 0) -> "LeNet5":
        """A new network with the parts of a variant; `fit` trains it as that variant.

        Args:
            name: "1998"; "modern", with a full C3, max pooling, ReLU, a softmax, and Adam to train
                it; or "today", trained with shuffled patterns and a cosine too.
            seed: of the initial weights and of the order.

        Raises:
            InputError: another name.
        """
        if name not in VARIANTS:
            near = did_you_mean(name, VARIANTS)
            raise InputError(f"no variant {name!r}: expected one of {', '.join(VARIANTS)}{near}")
        chosen = choose({"seed": seed}, VARIANTS[name])
        network = cls(seed, init=chosen.init, design=chosen.design)
        network.trained_as = name
        return network

    def fit(
        self, train: Patterns, test: Patterns, *, quiet: bool = False, **settings: Any
    ) -> list[PassResult]:
        """Train from the weights that the network has; print a line after each pass.

        A new network with the default settings gets the weights that the command `lenet1998` gives
        it, one of `LeNet5.variant` those of the command with that --variant.  A trained one trains
        on, for instance with the last learning rate of the paper:
        `network.fit(train, test, passes=5, schedule="constant", learning_rate=1e-5)`.

        Args:
            train: patterns to train on; `Patterns(images, labels)` makes them of your own arrays.
            test: patterns to measure the test error of each pass on.
            quiet: print nothing and show no progress bar.
            settings: those that `lenet1998 --help-all` lists under "the training", with _ for -,
                such as passes=20 (the default), patterns="distorted", optimizer="adam" or
                batch_size=64.

        Returns:
            The result of each pass.

        Raises:
            InputError: unknown settings, or settings that contradict each other or the network.
            FloatingPointError: training diverged.
        """
        chosen = self._settings(train, test, settings)
        trainer = make_trainer(chosen, self, len(train), quiet)
        results: list[PassResult] = []
        self.dataset = train.dataset
        if not quiet:
            print(HEAD)
        train, test = (in_field(one, self.design.database) for one in (train, test))
        with one_thread():
            patterns = training_patterns(chosen.patterns, train, chosen.seed)
            tested = patterns_to_test(chosen.patterns, test, chosen.seed)
            for result in trainer.passes(patterns, tested):
                results.append(result)
                if not quiet:
                    print(pass_line(results, chosen.passes), flush=True)
        return results

    def score(self, patterns: Patterns) -> float:
        """The fraction of right answers, 0 to 1; the paper's error is 100 (1 - score) percent.

        Raises:
            InputError: no patterns, or images on another scale.
        """
        _check_patterns("patterns", patterns)
        patterns = in_field(patterns, self.design.database)
        return 1 - evaluation.error_percent(self, patterns) / 100

    def predict(self, images: Any) -> Any:
        """The digit in an image or in each of several.

        Args:
            images: arrays as `prepare` takes them (of LeNet-1 and the deslanted network: as
                `data.databases.in_field` makes them); `Patterns`, whose images are read; or the
                name of a picture file of any size, or a list of names, prepared as the command
                `predict` does.

        Returns:
            An int for one image or a picture of one digit, else ints (n,): of a picture with
            several digits one for each, from left to right, line by line.

        Raises:
            InputError: arrays and files that cannot be read.
        """
        if isinstance(images, str | os.PathLike):
            answers = self._read([images])
            return answers[0] if len(answers) == 1 else np.array(answers)
        if isinstance(images, list | tuple) and all(
            isinstance(one, str | os.PathLike) for one in images
        ):
            return np.array(self._read(images))
        return super().predict(images)

    def arrays(self) -> dict[str, Array]:
        """Copies of all weights under the paper's names, to carry them to another library.

        In PyTorch a kernel becomes the weight of a Conv2d by `kernel.transpose(3, 2, 0, 1)`, and
        F6's weights that of a Linear by `weights.T`.  S2 and S4 compute coefficient * (sum of the
        2x2 inputs) + bias for each map; C1 to F6 are each followed by 1.7159 tanh(2a/3); the
        penalties are the squared distances of F6's states to the codes.  The input is
        `prepare(images).transpose(0, 3, 1, 2)`.

        Returns:
            "C1 kernel" (5, 5, 1, 6): height, width, maps below, maps; "C1 bias" (6,);
            "S2 coefficient" (6,), "S2 bias" (6,); "C3 kernel" (5, 5, 6, 16), 0 where Table I has no
            connection; "C3 bias" (16,); "C3 table" bool (6, 16); "S4 coefficient", "S4 bias" (16,);
            "C5 kernel" (5, 5, 16, 120), "C5 bias" (120,); "F6 weights" (120, 84), "F6 bias" (84,);
            "OUTPUT codes" (10, 84).  Other designs lack some and have others: "OUTPUT weights",
            "OUTPUT bias", "C1-norm gain", "C1-norm shift" and "C1-norm running" (mean, variance).
        """
        found: dict[str, Array] = {}
        for layer in self.layers:
            for part in ("kernel", "weights", "coefficient", "gain", "shift", "bias", "codes"):
                if hasattr(layer, part):
                    found[f"{layer.name} {part}"] = np.array(getattr(layer, part))
            found |= {f"{layer.name} {key}": values.copy() for key, values in layer.state().items()}
        if self.design.connections == "table1":
            table = np.zeros(found["C3 kernel"].shape[2:], bool)
            for m, maps_below in enumerate(paper.TABLE_1):
                table[list(maps_below), m] = True
            found["C3 table"] = table
        return found

    def _settings(self, train: Patterns, test: Patterns, settings: dict[str, Any]) -> Settings:
        """The settings of `fit`, checked."""
        _check_patterns("train", train)
        _check_patterns("test", test)
        for name in _NOT_IN_FIT:
            if name in settings:
                raise InputError(
                    f"{name} has no effect in fit, which trains this network on these patterns: "
                    "remove it"
                )
        for name in ("learning_rate", "step_at"):
            if name in settings:
                settings[name] = tuple(np.ravel(settings[name]).tolist())
        given = {"dataset": train.dataset, "train_size": len(train), "test_size": len(test)}
        own = values_of(self.design)
        for name in own.keys() & settings.keys():
            if settings[name] != own[name]:
                raise InputError(
                    f"{name} is {own[name]} in this network: choose another when the network is "
                    f"made, with LeNet5(design=Design({name}={settings[name]!r}))"
                )
        base = {**VARIANTS[self.trained_as], **own}
        chosen = choose({"seed": self.seed, **settings, **given}, base)
        if chosen.design != self.design:
            raise InputError(f"these settings need another network: {chosen.design}")
        return chosen

    def _read(self, paths: Sequence[AnyPath]) -> list[int]:
        if self.design.database != "regular":
            raise InputError(
                f"pictures are not prepared as the {self.design.database} database, which this "
                "network reads: give arrays, made by data.databases.in_field"
            )
        from .handwriting.answers import predict  # arrays need none of it

        return [one.answer for one in predict(self, paths, reject_below=0)]


def _check_patterns(name: str, given: Any) -> None:
    """Refuse arrays, which other libraries take there, and patterns that cannot be used."""
    if not hasattr(given, "dataset"):
        raise InputError(
            f"{name} is {type(given).__name__}, expected Patterns: give Patterns(images, labels), "
            "images uint8 (N, 28, 28) with ink 255, labels (N,) from 0 to 9"
        )
    if not len(given):
        raise InputError(f"{name} has no patterns")
    if given.dataset == "custom" and isinstance(given, Patterns):
        check_ink_to_learn(given.images)
