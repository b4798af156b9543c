"""What a run leaves behind: config.json, metrics.csv as it grows, weights, figure 5, the table."""

import json
from collections.abc import Sequence
from pathlib import Path

from .. import paper
from ..files import replacing, save_figure, write_csv
from ..learning.training import PassResult
from ..network.lenet5 import LeNet5
from .config import identity, surroundings
from .settings import Settings
from .yardstick import caution, paper_errors, percent


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
        from ..figures.learning import figure5  # matplotlib is slow to import and only needed here

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
