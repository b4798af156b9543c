"""The experiments by name.  A new experiment is a new file and a line in this table."""

from . import (
    ablation,
    animation,
    baselines,
    collapse,
    comparison,
    confusion,
    cost,
    distortions,
    finding,
    learning_curve,
    misclassified,
    readings,
    rejection,
    robustness,
    strings,
    systems,
    training_size,
)
from .experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        learning_curve.EXPERIMENT,
        training_size.EXPERIMENT,
        distortions.EXPERIMENT,
        misclassified.EXPERIMENT,
        rejection.EXPERIMENT,
        cost.EXPERIMENT,
        robustness.EXPERIMENT,
        baselines.EXPERIMENT,
        strings.EXPERIMENT,
        finding.EXPERIMENT,
        comparison.EXPERIMENT,
        collapse.EXPERIMENT,
        readings.EXPERIMENT,
        confusion.EXPERIMENT,
        animation.EXPERIMENT,
        ablation.EXPERIMENT,
        systems.EXPERIMENT,
    )
}
