"""The record that describes an experiment, and the request that it gets."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..data.patterns import Patterns
from ..network.lenet5 import LeNet5
from ..run.pool import Finished, ignore, several_runs
from ..run.settings import Settings
from ..run.workers import cluster, local


def own_data(train: Patterns, test: Patterns) -> str:
    """8 digits of the SHA-256 of the user's own patterns; "" for a data set that has a name."""
    if train.dataset != "custom":
        return ""
    return hashlib.sha256(f"{train.sha256()} {test.sha256()}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Request:
    """What an experiment works with.

    Attributes:
        train, test: the patterns.
        full: number of training and test patterns of the whole data set; folder names need it.
        network: reads the patterns in the experiments that train no network.
        weights: name of the network's weights, or the file they come from.
        settings: of the first run, in the experiments that train networks.
        seeds: one run, or one set of runs, for each.
        jobs: number of runs at the same time.
        quiet: no progress bars.
        resume: continue interrupted runs.
        runs: folder that holds the folders of the runs.
        into: existing folder for the experiment's own files.
        verbose: print the learning rates of the layers.
        chosen: names and values of the settings that the user chose; None for the others.
        only: the one of the experiment's parts that is asked for, or some of them, with commas
            between; "" for all.
        scheduler: address of the Dask scheduler whose workers make the runs; "": this machine.
        choose: choose the learning rates on held-out training patterns.
        keep: what a single run leaves besides its usual files (`run.run.KEEP`).
        table: file of the results of all runs; None: one in `into`.
        networks: pattern of the names of the networks that are trained.
    """

    train: Patterns
    test: Patterns
    full: tuple[int, int]
    network: LeNet5
    weights: str
    settings: Settings
    seeds: range
    jobs: int
    quiet: bool
    resume: bool
    runs: Path
    into: Path
    verbose: bool = False
    chosen: Mapping[str, Any] = field(default_factory=dict)
    only: str = ""
    scheduler: str = ""
    choose: bool = False
    keep: tuple[str, ...] = ()
    table: Path | None = None
    networks: str = "*"

    def run_name(self, one: Settings) -> str:
        """The name of a run in a table: that of its folder, behind that of the user's own data."""
        name = one.folder_name(self.full)
        return f"{self._own_data}-{name}" if self._own_data else name

    @cached_property
    def _own_data(self) -> str:
        return own_data(self.train, self.test)

    def train_networks(
        self,
        wanted: Sequence[Settings],
        train: Patterns | None = None,
        test: Patterns | None = None,
        may_diverge: bool = False,
        finished: Finished = ignore,
    ) -> list[Path]:
        """Make the runs of these settings and return their folders, in the same order.

        Args:
            train, test: the patterns; by default those of the request.
            may_diverge: a run that diverges keeps its passes so far, and the others go on.
            finished: called with the settings and the folder of each run when it has ended.
        """
        return several_runs(
            wanted, self.full, self.runs, train or self.train, test or self.test,
            cluster(self.scheduler) if self.scheduler else local(self.jobs),
            self.quiet, self.resume, may_diverge, finished,
        )  # fmt: skip


@dataclass(frozen=True)
class Experiment:
    """One experiment, as the command `experiment NAME` offers it.

    Attributes:
        name: of the experiment, as in `experiment NAME`.
        section: of the paper.
        help: one line for the user.
        files: names of the files that it writes, besides its runs.
        run: writes the files into `request.into` and returns the table as text.
        reads_patterns: whether the experiment uses a data set.
        reads_weights: whether it uses a trained network.
        trains: whether it trains networks.
        fits: whether it trains other methods.
        one_run: with one seed it is a plain run, and its files are that run's.
        several: it trains several networks for each seed.
        in_turn: it trains its networks itself, one after the other and without folders of runs:
            no `--jobs`, `--scheduler` and `--resume`.
        takes: names of the settings that the user may choose; None for all.
        fixed: settings that the experiment itself determines.
        defaults: what the help says is the default of a setting, where it is another.
        quick: whether it has a small version, `--quick`.
        about_parts: what their names mean, where it is not those of recipes or methods.
        parts: names of its parts, one of which `--only` selects.
        some_parts: `--only` selects several, and all results are in one folder.
        untrained: those of several parts that train no network.
        chooses: whether it can choose the learning rates, `--choose`.
        datasets: data set of a part, where none is chosen.
        table: whether it adds its runs to a table, `--table`.
        named: whether its networks have names, some of which `--networks` selects.
        scratch: whether `--from-scratch` leaves out the weights that `fixed` starts from.
    """

    name: str
    section: str
    help: str
    files: tuple[str, ...]
    run: Callable[[Request], str]
    reads_patterns: bool = True
    reads_weights: bool = False
    trains: bool = False
    fits: bool = False
    one_run: bool = False
    several: bool = False
    in_turn: bool = False
    takes: tuple[str, ...] | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    quick: bool = False
    parts: tuple[str, ...] = ()
    about_parts: str = ""
    some_parts: bool = False
    untrained: frozenset[str] = frozenset()
    chooses: bool = False
    datasets: Mapping[str, str] = field(default_factory=dict)
    table: bool = False
    named: bool = False
    scratch: bool = False
