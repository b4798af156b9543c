"""What a run leaves behind: config.json, metrics.csv as it grows, weights, figure 5, the table."""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import __version__, checkpoint, paper
from .data import TITLES
from .files import InputError, opened, replacing, save_figure, write_csv
from .lenet5 import LeNet5
from .settings import Settings
from .training import PassResult

# What decides how matrix products are computed, and so the last bits of every number.
BLAS_VARIABLES = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

LARGEST_CONFIG = 100_000  # bytes of a config.json; ours have 2,000
# What a run writes; the checkpoint goes when it has ended.
FILES = ("config.json", "metrics.csv", "weights.npz", "figure5.png", checkpoint.FILE)


def free_folder(folder: Path) -> Path:
    """Make the folder, or the first of folder-2, folder-3 ... that is not there yet."""
    folder.parent.mkdir(parents=True, exist_ok=True)  # here: it fails where a link leads nowhere
    found, number = folder, 2
    while True:
        try:
            found.mkdir()
            return found
        except FileExistsError:  # another run's, perhaps one that has just begun
            found, number = folder.with_name(f"{folder.name}-{number}"), number + 1


def chosen_folder(folder: Path, files: Sequence[str] = FILES) -> Path:
    """The folder that a user chose for results, made where it is not there.

    Args:
        files: that will be written; a run's by default.

    Raises:
        InputError: it is no folder, or it holds files of these names.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is not a folder; choose another --out")
    for name in files:
        if (folder / name).exists():
            raise InputError(f"{folder}: holds {name} already; choose another --out or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def paper_errors(settings: Settings) -> tuple[float | None, float | None]:
    """The paper's test and training error (%) to set beside ours after so many passes.

    A shorter run stands beside the same pass of figure 5, a whole one beside the text; of
    distorted patterns the paper gives the last test error alone, of noisy ones nothing.
    """
    passes, patterns = settings.passes, settings.patterns
    if patterns != "original":
        known = patterns == "distorted" and passes >= paper.PASSES
        return paper.TEST_ERROR_DISTORTIONS if known else None, None
    if passes < paper.PASSES:
        return paper.FIGURE_5_TEST[passes - 1], paper.FIGURE_5_TRAINING[passes - 1]
    return paper.TEST_ERROR, paper.TRAINING_ERROR


def percent(value: float | None) -> str:
    """A percentage of the paper as text, "-" where it gives none."""
    return "-" if value is None else f"{value} %"


def caution(dataset: str, train_size: int = paper.TRAINING_PATTERNS) -> list[str]:
    """The lines under a table of anything but MNIST, or of fewer training patterns."""
    lines = []
    if dataset != "mnist":
        lines = [f"These are {TITLES[dataset]}, not MNIST: the paper's errors are no yardstick."]
    elif train_size < paper.TRAINING_PATTERNS:
        lines = [
            f"Learned from {train_size:,} patterns; the paper's errors are those of "
            f"{paper.TRAINING_PATTERNS:,}."
        ]
    return lines


def identity(settings: Settings, data_sha256: Sequence[str]) -> dict[str, Any]:
    """What decides a run's numbers, as JSON has it: settings, data and the package's version."""
    return {
        "settings": settings.as_json(),
        "data_sha256": list(data_sha256),
        "lenet1998": __version__,
    }


def surroundings() -> dict[str, Any]:
    """What decides its last bits: versions, machine and the variables of the matrix products."""
    return {
        "versions": {
            "lenet1998": __version__,
            **{name: version(name) for name in ("numpy", "matplotlib", "tqdm")},
            "python": platform.python_version(),
        },
        "machine": platform.platform(),
        "environment": {k: v for k, v in os.environ.items() if k in BLAS_VARIABLES},
    }


def read_config(path: str | os.PathLike[str]) -> tuple[Settings, dict[str, Any]]:
    """Settings and the rest of a config.json.

    Raises:
        InputError: the file is missing, cut short or changed beyond sense.
    """
    advice = "give the config.json of a run"
    try:
        with opened(path) as file:
            text = file.read(LARGEST_CONFIG + 1).decode("utf-8")
        if len(text) > LARGEST_CONFIG:
            raise ValueError("too long")
        found = json.loads(text)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}): {advice}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}): {advice}") from None
    kinds = {"settings": dict, "data_sha256": list, "versions": dict}
    if not isinstance(found, dict) or not all(isinstance(found.get(k), kinds[k]) for k in kinds):
        raise InputError(f"{path}: lacks one of {', '.join(kinds)}: {advice}")
    try:
        settings = Settings.from_json(found["settings"])
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return settings, found


def differences(config: dict[str, Any]) -> list[str]:
    """A line where a run's config.json tells of surroundings other than ours."""
    there = {**surroundings(), **config}
    lines = []
    for name, ours in surroundings().items():
        theirs = there[name]
        if theirs != ours:
            if isinstance(ours, dict) and isinstance(theirs, dict):
                names = {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
                ours, theirs = ({key: d.get(key) for key in sorted(names)} for d in (ours, theirs))
            lines.append(f"{name}: {theirs} then, {ours} now; the last bits may differ")
    return lines


class Report:
    """Collects the passes of one run and writes its files into `folder`.

    Args:
        folder: of this run alone; it must not hold a metrics.csv.
        data_sha256: of training and test patterns, for the record.
        begun: the run goes on: its config.json and metrics.csv are there.

    Raises:
        OSError: from any method that writes, when the disk is full or read-only.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        data_sha256: Sequence[str] = (),
        begun: bool = False,
    ) -> None:
        self.folder, self.settings = folder, settings
        self.title = settings.title()
        self.results: list[PassResult] = []
        self.identity = identity(settings, data_sha256)
        if begun:
            return
        with open(folder / "metrics.csv", "x", encoding="utf-8"):
            pass  # the folder is taken from now on
        config = {
            "settings": self.identity["settings"],
            "data_sha256": self.identity["data_sha256"],
            **surroundings(),
        }
        try:
            with replacing(folder / "config.json") as path:
                path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        except OSError:
            (folder / "metrics.csv").unlink()  # without its config.json nobody could go on
            raise

    def add(self, result: PassResult, network: LeNet5) -> None:
        """Take in a pass; write weights.npz and metrics.csv, a row a pass."""
        self.results.append(result)
        network.save(self.folder / "weights.npz", self.settings.dataset)
        rows: list[dict[str, object]] = []
        for result in self.results:
            row: dict[str, object] = {
                "dataset": self.settings.dataset,
                "pass": result.number,
                "eta": result.eta,
                "training_error_percent": f"{result.training_error_percent:.4f}",
                "test_error_percent": f"{result.test_error_percent:.4f}",
                "loss": f"{result.loss:.6g}",
            }
            for layer, (smallest, largest) in result.rates.items():
                row[f"{layer}_smallest_rate"] = f"{smallest:.4g}"
                row[f"{layer}_largest_rate"] = f"{largest:.4g}"
            row["seconds"] = f"{result.seconds:.2f}"
            rows.append(row)
        values = [list(row.values()) for row in rows]
        write_csv(self.folder / "metrics.csv", list(rows[0]), values)

    def draw(self) -> None:
        """Write figure5.png: our learning curve over the paper's."""
        from .figures import figure5  # matplotlib is slow to import and only needed here

        figure = figure5(
            [r.training_error_percent for r in self.results],
            [r.test_error_percent for r in self.results],
            self.title,
            self.settings.patterns,
        )
        save_figure(figure, self.folder / "figure5.png")

    def table(self, network: LeNet5) -> str:
        """Ours beside the paper's, of the last pass, as text."""
        last = self.results[-1]
        passed = f"pass {last.number}"
        test, learned = map(percent, paper_errors(self.settings))
        rows = [
            (f"test error, {passed}", f"{last.test_error_percent:.2f} %", test),
            (
                f"training error on the fly, {passed}",
                f"{last.training_error_percent:.2f} %",
                learned,
            ),
            (
                "effective rates, first pass",
                _range(
                    min(low for low, _ in self.results[0].rates.values()),
                    max(high for _, high in self.results[0].rates.values()),
                ),
                _range(*paper.FIRST_PASS_RATES),
            ),
            (
                "trainable parameters",
                f"{network.parameters.size:,}",
                f"{paper.TRAINABLE_PARAMETERS:,}",
            ),
            (
                "connections",
                f"{sum(c.connections for c in network.count().values()):,}",
                f"{paper.CONNECTIONS:,}",
            ),
            (
                "training patterns",
                f"{self.settings.train_size:,} ({self.title})",
                f"{paper.TRAINING_PATTERNS:,} (MNIST)",
            ),
            (
                "time",
                _duration(sum(r.seconds for r in self.results)),
                "{} to {} days".format(*paper.TRAINING_DAYS),
            ),
        ]
        width = max(len(ours) for _, ours, _ in rows)
        head = f"LeNet-5, {self.title}, seed {self.settings.seed}"
        lines = [f"{head:42}{'ours':>{width}}  {'paper':>20}"]
        lines += [f"{what:42}{ours:>{width}}  {theirs:>20}" for what, ours, theirs in rows]
        return "\n".join(lines + caution(self.settings.dataset, self.settings.train_size))

    def interrupted(self) -> str:
        """What is kept of a run that ends early, for a message; draws what there is."""
        if self.results:
            self.draw()
        kept = "1 pass is" if len(self.results) == 1 else f"{len(self.results)} passes are"
        return f"interrupted: {kept} kept; go on with --resume {self.folder}"

    def line(self) -> str:
        """The newest pass in two lines: its errors, and each layer's effective rates."""
        r = self.results[-1]
        theirs = _range(*paper.FIRST_PASS_RATES)
        beside = f"  (paper, the first pass: {theirs})" if r.number == 1 else ""
        return (
            f"pass {r.number:2d}, {self.title}: training error on the fly "
            f"{r.training_error_percent:5.2f} %, test error {r.test_error_percent:5.2f} %, "
            f"{r.seconds:.0f} s\n  rates "
            + ", ".join(f"{name} {_range(*limits)}" for name, limits in r.rates.items())
            + beside
        )


def _range(low: float, high: float) -> str:
    return f"{low:.2g}" if low == high else f"{low:.2g} .. {high:.2g}"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s" if seconds else "< 1 s"
