"""What a run leaves in its folder, and how it stops without losing anything."""

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

from ..data.patterns import Patterns
from ..files import quoted
from ..learning.logged import LoggedTrainer
from ..learning.state import PassResult, Stopped, TrainingState
from ..learning.training import Trainer
from ..network.lenet5 import LeNet5
from . import checkpoint, optimizer, steps
from .config import identity, write_config
from .folder import FILES
from .lock import locked
from .metrics import write_metrics
from .report import save_figure5, save_figure7
from .settings import Settings
from .steps import StepLog
from .stop import StopOnSignal

STEPS, WEIGHTS = KEEP = ("steps", "weights")  # what a run may leave besides its usual files


class Run:
    """Context manager around one training: its folder, its files and its signals.

    The folder gets config.json at the start; metrics.csv, weights.npz and checkpoint.npz after
    every pass; figure5.png, figure7.png on distorted patterns and, of some optimizers,
    optimizer.npz at the end, when the checkpoint is removed.  If it is asked to, a run also keeps
    steps.csv, and the weights of every pass as weights-001.npz and so on.  Ctrl-C and SIGTERM stop
    the training between two updates: the checkpoint is written, and the block ends with a
    KeyboardInterrupt whose message says how to continue.  Within the block the folder is locked.

    Args:
        folder: of this run alone: empty, or with an interrupted run of these settings.
        settings: decide every number of the run.
        train, test: its patterns; their SHA-256 goes into config.json.
        keep: some of `KEEP`; what an interrupted run has kept is kept on.

    Raises:
        InputError: from entering, when another process writes into the folder.
        OSError: from every method that writes, when the disk is full or read-only.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        train: Patterns,
        test: Patterns,
        keep: Collection[str] = (),
    ) -> None:
        self.folder, self.settings, self.train = folder, settings, train
        self.identity = identity(settings, [train.sha256(), test.sha256()])
        self.results: list[PassResult] = []
        self.should_stop = StopOnSignal()
        self._checkpoint = folder / checkpoint.FILE
        self._resumed = False
        self._stack = ExitStack()
        self._training: tuple[Trainer, TrainingState] | None = None
        self._keep = keep
        self._steps: StepLog | None = None

    def __enter__(self) -> "Run":
        with ExitStack() as stack:
            stack.enter_context(self.should_stop)
            stack.enter_context(locked(self.folder, FILES))
            if not (self.folder / "config.json").exists():
                write_config(self.folder, self.identity)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        with self._stack:
            if isinstance(error, KeyboardInterrupt):
                stopped = isinstance(error, Stopped)  # otherwise the state may be half-way
                if stopped:
                    self._save_checkpoint()
                raise KeyboardInterrupt(self._interrupted(within=stopped)) from None

    def keeps(self, what: str) -> bool:
        """Whether the run keeps this one of `KEEP`."""
        there = {STEPS: steps.FILE, WEIGHTS: f"weights-{1:03d}.npz"}[what]
        return what in self._keep or (self.folder / there).exists()

    def start(self, trainer: Trainer, patterns: int) -> TrainingState:
        """The state to train from: that of the folder's checkpoint, or the initial one.

        Args:
            trainer: its network and its optimizer are restored from the checkpoint.
            patterns: number of patterns that it trains on.

        Raises:
            InputError: the checkpoint is damaged or of another run.
        """
        state = TrainingState.initial(patterns, self.settings.seed)
        self._resumed = self._checkpoint.exists()
        if self._resumed:
            self.results = checkpoint.load(self._checkpoint, trainer, state, self.identity)
            where = f"resuming in pass {state.number}"
            where += f", after {state.done:,} of its patterns" if state.done else ""
            if state.number > self.settings.passes:
                where = f"all {self.settings.passes} passes are done, finishing"
            print(f"{self.folder}: {where}")
        self._training = trainer, state
        if isinstance(trainer, LoggedTrainer):
            before = (state.number - 1) * trainer.pass_size + state.done
            self._steps = StepLog(self.folder, trainer, before)
        return state

    def record(self, result: PassResult, network: LeNet5) -> None:
        """Record a finished pass: write weights.npz, metrics.csv and the checkpoint."""
        self.results.append(result)
        self._save_results(network)
        if self.keeps(WEIGHTS):
            network.save(self.folder / f"weights-{result.number:03d}.npz", self.settings.dataset)
        self._save_checkpoint()

    def finish(self, network: LeNet5) -> None:
        """Draw figures 5 and 7, save the optimizer, remove the checkpoint: the run is complete.

        Raises:
            Stopped: a signal came after the last update.
        """
        if self.should_stop():
            raise Stopped
        if self._resumed:  # in case that a file was damaged meanwhile
            self._save_results(network)
        save_figure5(self.folder, self.settings, self.results)
        if self.settings.patterns == "distorted":
            save_figure7(self.folder, self.train, self.settings.seed)
        if self._training is not None:
            optimizer.save(self._training[0].optimizer, network, self.folder)
        self._checkpoint.unlink(missing_ok=True)

    def _save_results(self, network: LeNet5) -> None:
        """Write weights.npz and metrics.csv of the passes so far."""
        network.save(self.folder / "weights.npz", self.settings.dataset)
        write_metrics(self.folder, self.settings.dataset, self.results)

    def _save_checkpoint(self) -> None:
        if self._steps is not None:
            self._steps.save()
        if self._training is not None:
            checkpoint.save(self._checkpoint, *self._training, self.results, self.identity)

    def _interrupted(self, within: bool) -> str:
        """The message of a run that ends early: what is kept; draws the finished passes.

        Args:
            within: whether the checkpoint has the current pass too.
        """
        if self.results:
            save_figure5(self.folder, self.settings, self.results)
        done = len(self.results)
        kept = f"{done} pass{'' if done == 1 else 'es'}"
        if within and self._training is not None and (state := self._training[1]).done:
            kept += f" and {state.done:,} patterns of pass {state.number}"
        return f"interrupted; saved: {kept}; continue with: lenet1998 resume {quoted(self.folder)}"
