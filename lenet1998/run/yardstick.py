"""The paper's numbers that a run may be set beside."""

from .. import paper
from ..data.catalogue import TITLES
from .settings import Settings


def paper_errors(settings: Settings) -> tuple[float | None, float | None]:
    """The paper's test and training error (%) to set beside ours after so many passes.

    A shorter run stands beside the same pass of figure 5, a whole one beside the text; of
    distorted patterns the paper gives the last test error alone, of noisy ones nothing.
    """
    if settings.weights:  # which were trained before
        return None, None
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
