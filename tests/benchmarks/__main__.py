"""python -m tests.benchmarks: measure, print the tables, write results and pictures."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter

from lenet1998.data import datasets
from lenet1998.data.catalogue import TITLES

from . import machine, measure, report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: about a minute")
    parser.add_argument("--threads", choices=("1", "default", "both"), default="both")
    parser.add_argument("--rounds", type=int, metavar="N", help="timed rounds of each case")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/benchmark"), metavar="DIR", help="(%(default)s)"
    )
    flags = parser.parse_args()
    extent = measure.QUICK if flags.quick else measure.Extent()
    if flags.rounds is not None:
        extent = replace(extent, rounds=max(1, flags.rounds))
    started = perf_counter()

    def say(text: str) -> None:
        print(f"{perf_counter() - started:5.0f} s  {text}", file=sys.stderr, flush=True)

    here = machine.describe()
    training, _ = datasets.load("auto", download=False, warn=say)
    bench = measure.Bench(training, extent, say)
    settings = ("1", "default") if flags.threads == "both" else (flags.threads,)
    results = {
        "machine": here,
        "data": f"{TITLES[training.dataset]}, {len(training):,} for training",
        "rounds": extent.rounds,
        "extent": asdict(extent),
        "threads": {threads: bench.with_threads(threads) for threads in settings},
        "imports": bench.imports(),
        "growth": bench.growth(settings[0]),
        "versions": bench.versions,
        "missing": bench.missing,
    }
    flags.out.mkdir(parents=True, exist_ok=True)
    (flags.out / "benchmark.json").write_text(json.dumps(results, indent=1) + "\n")
    (flags.out / "benchmark.md").write_text(report.markdown(results))
    say("drawing")
    from . import pictures  # here, so that the peers' processes do not load matplotlib

    pictures.draw(results, flags.out)
    print(report.plain(results))
    say(f"results and pictures are in {flags.out}")


if __name__ == "__main__":
    main()
