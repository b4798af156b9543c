"""II-C: loss, error and the distances of codes that learn, pass by pass."""

from collections.abc import Mapping
from typing import NamedTuple

import matplotlib
from matplotlib.figure import Figure

from ..arrays import Array
from .style import OURS, SECOND, STYLE


class Course(NamedTuple):
    """What a training went through, (passes,) each.

    Attributes:
        loss: mean criterion.
        error: percent of the test patterns.
        smallest: squared distance of the two nearest codes.
        mean: of the squared distances of all pairs of codes.
    """

    loss: Array
    error: Array
    smallest: Array
    mean: Array


def collapse(courses: Mapping[str, Course], title: str) -> Figure:
    """Three panels over the passes: loss, test error, and distances between the codes.

    Args:
        courses: name of the criterion -> its training; two at most.
        title: of the picture.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(14, 4.6), layout="constrained")
        losses, errors, distances = figure.subplots(1, 3)
        for (name, course), colour in zip(courses.items(), (SECOND, OURS), strict=False):
            passes = range(1, len(course.loss) + 1)
            losses.plot(passes, course.loss, color=colour, lw=2.4, label=name)
            errors.plot(passes, course.error, color=colour, lw=2.4)
            distances.plot(passes, course.mean, color=colour, lw=1.4, ls=":")
            distances.plot(passes, course.smallest, color=colour, lw=2.4)
        losses.set_yscale("log")
        losses.set_ylabel("loss, mean")
        losses.legend(frameon=False)
        errors.set_ylabel("test error (%)")
        errors.set_ylim(bottom=0)
        distances.set_ylabel("squared distance of two codes\n(nearest; dotted: mean of all)")
        distances.set_yscale("log")
        for axes in figure.axes:
            axes.set_xlabel("passes")
            axes.grid(color="0.93")
        figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    return figure
