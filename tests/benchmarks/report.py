"""The results as tables: plain text for the terminal, Markdown for the README."""

from __future__ import annotations

from statistics import median
from typing import Any

from . import cpp
from .measure import GROWING
from .peers import OURS

COLUMNS = ("PyTorch", "torch.compile", "JAX")
PATCHES = ", patches"
Table = list[list[str]]


def title(case: dict[str, Any]) -> str:
    """A case in words."""
    if case["what"] == "online":
        return "online step"
    return f"{'forward' if case['what'] == 'forward' else 'training step'}, batch {case['size']}"


def rows(found: dict[str, Any]) -> list[tuple[str, dict[str, list[float]]]]:
    """(title, rounds of ours and of each column's peer); the patches are a row of their own."""
    made = []
    for case in found["cases"]:
        seconds = case["seconds"]
        made.append((title(case), {name: seconds[name] for name in seconds if name in COLUMNS}))
        made[-1][1][OURS] = seconds[OURS]
        if case["what"] == "online":
            made.append((f"{title(case)}, peers by patches", by_patches(seconds)))
    return made


def by_patches(seconds: dict[str, list[float]]) -> dict[str, list[float]]:
    """Ours, and the peers whose convolutions are products of patches under their columns' names."""
    names = {name + PATCHES: name for name in COLUMNS}
    return {OURS: seconds[OURS], **{names[n]: seconds[n] for n in seconds if n in names}}


def ratios(rounds: dict[str, list[float]], name: str) -> tuple[float, float, float]:
    """Median, smallest and largest of peer / ours, paired round by round."""
    each = [theirs / ours for theirs, ours in zip(rounds[name], rounds[OURS], strict=True)]
    return median(each), min(each), max(each)


def cell(rounds: dict[str, list[float]], name: str, unit: float, form: str) -> str:
    """A peer's median and its ratio to ours."""
    if not rounds.get(name):
        return "-"
    middle, least, most = ratios(rounds, name)
    value = format(median(rounds[name]) * unit, form)
    return f"{value} ({middle:.2f}x, {least:.2f} to {most:.2f})"


def speed_table(found: dict[str, Any]) -> Table:
    """Microseconds a pattern, and seconds a pass."""
    table = [["microseconds a pattern", "ours", *COLUMNS]]
    for name, rounds in rows(found):
        cells = [cell(rounds, peer, 1e6, ".0f") for peer in COLUMNS]
        table.append([name, format(median(rounds[OURS]) * 1e6, ".0f"), *cells])
    curvature = median(found["curvature"][OURS])
    table.append(["curvature estimate, 500 patterns, s", f"{curvature:.3f}", "-", "-", "-"])
    whole = found["pass"]
    passes = whole["seconds"]
    for suffix, rounds in (("", passes), (", peers by patches", by_patches(passes))):
        cells = [cell(rounds, peer, 1, ".1f") for peer in COLUMNS]
        name = f"one pass, {whole['of']:,} patterns, s{suffix}"
        table.append([name, f"{median(rounds[OURS]):.1f}", *cells])
    memory = [
        "-" if name not in found["memory"] else megabytes(found["memory"][name])
        for name in (OURS, *COLUMNS)
    ]
    table.append(["peak memory, online, MB", *memory])
    return table


def megabytes(peak: float | None) -> str:
    """Peak memory, n/a where the system does not tell (Windows)."""
    return "n/a" if peak is None else f"{peak:.0f}"


def import_table(seconds: dict[str, list[float]]) -> Table:
    """Seconds to import, and what ours adds to NumPy."""
    table = [["import", "seconds (median, smallest to largest)"]]
    extra = [a - b for a, b in zip(seconds["lenet1998"], seconds["numpy"], strict=True)]
    for name, each in [*seconds.items(), ("lenet1998 beyond numpy", extra)]:
        table.append([name, f"{median(each):.3f} ({min(each):.3f} to {max(each):.3f})"])
    return table


def growth_table(what: str, grown: dict[str, list[Any]]) -> Table:
    """Milliseconds and peak memory at each size."""
    titles = {"patterns": "patterns a pass", "batch": "training step, batch", "width": "width"}
    names = [name for name in GROWING if name in grown]
    head = [f"{name}, {unit}" for name in names for unit in ("ms", "MB")]
    table = [[titles[what], *head]]
    for index, (size, *_) in enumerate(grown[OURS]):
        line = [f"{size:,}"]
        for name in names:
            there = index < len(grown[name])
            seconds, memory = grown[name][index][1:] if there else (None, None)
            line.append("-" if seconds is None else f"{seconds * 1e3:,.2f}")
            line.append(megabytes(memory) if there else "-")
        table.append(line)
    return table


def notes(results: dict[str, Any]) -> list[str]:
    """What a reader of the tables must know."""
    machine, whole = results["machine"], next(iter(results["threads"].values()))["pass"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['Python']}, {versions}, BLAS {machine['BLAS']}; "
        f"load {machine['load']} at the start.",
        f"Patterns: {results['data']}. Medians of {results['rounds']} rounds (default threads: at "
        "most 5) in which the peers take turns; in brackets peer / ours paired by round, median, "
        "smallest to largest. "
        "Above 1 ours is the faster.",
        "By patches: the peers' convolutions written as products of patches instead of the "
        "library's own; in batches the library's own are the faster or level.",
        f"One pass: ours {whole['patterns'][OURS]:,} patterns with error and loss counted on the "
        f"fly; peers measured without on the first {results['extent']['pass_slice']:,} "
        "(default threads: at most 1,000), scaled up.",
        "The curvature estimate has no peer: neither PyTorch nor JAX has the second backward pass "
        "of appendix C.",
        "Peak memory: of the peer's own process after the gradient check and the online case; "
        "for torch.compile it holds the compiler.",
    ]
    for found in results["threads"].values():
        if rounds := found.get("cpp"):
            ours = median(rounds[OURS]) * 1e6
            lines.append(
                f"Online step of {cpp.NAME}, one thread, in turn with ours ({ours:.0f}): "
                f"{cell(rounds, cpp.NAME, 1e6, '.0f')}. The same layers, but a layer of ten tanh "
                "units with the squared error in place of the RBF units; one rate for all."
            )
    for threads, found in results["threads"].items():
        for name, worst in found["gradients"].items():
            figures = ", ".join(f"{kind} {error:.1e}" for kind, error in worst.items())
            lines.append(f"Gradient against ours, threads {threads}, {name}: {figures}.")
    lines += [f"Not measured: {name}: {reason}." for name, reason in results["missing"].items()]
    return lines


def tables(results: dict[str, Any]) -> list[tuple[str, Table]]:
    """All tables with their headings."""
    made = [
        ("One thread" if threads == "1" else "Default number of threads", speed_table(found))
        for threads, found in results["threads"].items()
    ]
    made.append(("Import time", import_table(results["imports"])))
    for what, grown in results["growth"].items():
        made.append((f"Growth with {what}", growth_table(what, grown)))
    return made


def markdown(results: dict[str, Any]) -> str:
    """The tables for the README, then the notes."""
    parts = []
    for heading, table in tables(results):
        rule = ["---"] + ["---:"] * (len(table[0]) - 1)
        lines = ["| " + " | ".join(line) + " |" for line in [table[0], rule, *table[1:]]]
        parts.append("\n".join([f"### {heading}", "", *lines]))
    parts.append("\n".join(f"- {note}" for note in notes(results)))
    return "\n\n".join(parts) + "\n"


def plain(results: dict[str, Any]) -> str:
    """The tables for a terminal, then the notes."""
    parts = []
    for heading, table in tables(results):
        widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
        lines = [
            "  ".join(
                c.rjust(w) if i else c.ljust(w)
                for i, (c, w) in enumerate(zip(line, widths, strict=True))
            )
            for line in table
        ]
        parts.append("\n".join([heading, *lines]))
    return "\n\n".join([*parts, "\n".join(notes(results))]) + "\n"
