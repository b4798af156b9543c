"""The paper's numbers that ours can be compared with."""

from .. import paper
from ..data.catalogue import TITLES
from .settings import Settings


def paper_errors(settings: Settings) -> tuple[float | None, float | None]:
    """The paper's test and training error (%) after as many passes; None where it gives none.

    A whole run is compared with the text and a shorter one with the same pass of figure 5.  For
    distorted patterns and for the other networks of figure 9 the paper gives the last test error
    only; for noisy ones, for data other than MNIST, for fewer training patterns and for passes of
    another length nothing.
    """
    if settings.weights or not whole_passes(settings):  # weights: which were trained before
        return None, None
    passes, patterns = settings.passes, settings.patterns
    if not comparable(settings.dataset, settings.train_size):
        return None, None
    if settings.design.network != "lenet5":
        name = figure9_name(settings.design.network, patterns)
        return paper.FIGURE_9.get(name) if passes >= paper.PASSES else None, None
    if patterns != "original":
        known = patterns == "distorted" and passes >= paper.PASSES
        return paper.TEST_ERROR_DISTORTIONS if known else None, None
    if passes < paper.PASSES:
        return paper.FIGURE_5_TEST[passes - 1], paper.FIGURE_5_TRAINING[passes - 1]
    return paper.TEST_ERROR, paper.TRAINING_ERROR


def figure9_name(network: str, patterns: str = "original") -> str:
    """The name that figure 9 gives a network (`Design.network`), or would give it.

    Args:
        network: one of the choices of `--network`.
        patterns: one of the choices of `--patterns`.
    """
    names = {
        "lenet5": "LeNet-5",
        "lenet4": "LeNet-4",
        "lenet1": "[16x16] LeNet-1",
        "20x20-300-10": "[deslant] 20x20-300-10",
    }
    prefix = {"original": "", "distorted": "[dist] "}.get(patterns, f"[{patterns}] ")
    return prefix + names.get(network, network)


def percent(value: float | None) -> str:
    """A percentage of the paper as text; "-" where it gives none."""
    return "-" if value is None else f"{value} %"


def comparable(dataset: str, train_size: int = paper.TRAINING_PATTERNS) -> bool:
    """Whether the paper's numbers compare with ours: MNIST, and all training patterns."""
    return dataset == "mnist" and train_size >= paper.TRAINING_PATTERNS


def whole_passes(settings: Settings) -> bool:
    """Whether a pass is one through all training patterns, as the paper's are."""
    return settings.pass_size in (0, settings.train_size)


def caution(
    dataset: str, train_size: int = paper.TRAINING_PATTERNS, learned: str = ""
) -> list[str]:
    """The lines under a table of anything but MNIST, or of fewer training patterns.

    Args:
        dataset: of the test patterns.
        train_size: number of training patterns.
        learned: the data set that the weights have learned; "" when it is not known or the same.
    """
    lines = []
    if learned not in ("", dataset):
        lines.append(
            f"The weights have learned {TITLES[learned]}; these patterns are {TITLES[dataset]}."
        )
    if dataset != "mnist":
        lines.append(f"These are {TITLES[dataset]}, not MNIST: not comparable with the paper.")
    elif train_size < paper.TRAINING_PATTERNS:
        lines.append(
            f"Learned from {train_size:,} patterns; the paper's errors are those of "
            f"{paper.TRAINING_PATTERNS:,}."
        )
    return lines
