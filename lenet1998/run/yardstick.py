"""The paper's numbers that ours can be compared with."""

from .. import paper
from ..data.catalogue import TITLES
from .settings import Settings


def paper_errors(settings: Settings) -> tuple[float | None, float | None]:
    """The paper's test and training error (%) after as many passes; None where it gives none.

    A whole run is compared with the text and a shorter one with the same pass of figure 5.  For
    distorted patterns the paper gives the last test error only, for noisy ones and for data other
    than MNIST nothing.
    """
    if settings.weights:  # which were trained before
        return None, None
    passes, patterns = settings.passes, settings.patterns
    if not comparable(settings.dataset):
        return None, None
    if patterns != "original":
        known = patterns == "distorted" and passes >= paper.PASSES
        return paper.TEST_ERROR_DISTORTIONS if known else None, None
    if passes < paper.PASSES:
        return paper.FIGURE_5_TEST[passes - 1], paper.FIGURE_5_TRAINING[passes - 1]
    return paper.TEST_ERROR, paper.TRAINING_ERROR


def comparable(dataset: str) -> bool:
    """Whether the paper's errors are those of this data set."""
    return dataset == "mnist"


def percent(value: float | None) -> str:
    """A percentage of the paper as text; "-" where it gives none."""
    return "-" if value is None else f"{value} %"


def caution(dataset: str, train_size: int = paper.TRAINING_PATTERNS) -> list[str]:
    """The lines under a table of anything but MNIST, or of fewer training patterns."""
    lines = []
    if not comparable(dataset):
        lines = [f"These are {TITLES[dataset]}, not MNIST: the paper's errors are no yardstick."]
    elif train_size < paper.TRAINING_PATTERNS:
        lines = [
            f"Learned from {train_size:,} patterns; the paper's errors are those of "
            f"{paper.TRAINING_PATTERNS:,}."
        ]
    return lines
