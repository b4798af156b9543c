"""A cut of the error surface along two weights, with the paths of several step sizes."""

from collections.abc import Mapping

import matplotlib
from matplotlib.figure import Figure

from ..arrays import Array
from .style import OTHERS, OURS, PAPER, SECOND, STYLE


def error_surface(
    first: Array, second: Array, E: Array, paths: Mapping[str, Array], names: tuple[str, str]
) -> Figure:
    """Contours of E over two weights, a panel for each path of gradient descent.

    Args:
        first, second: values of the two weights, (n,) and (m,).
        E: the error there, (m, n).
        paths: name -> (steps + 1, 2), the two weights after each step.
        names: of the two weights, for the axes.
    """
    with matplotlib.rc_context(STYLE):
        size = (4.3 * len(paths), 4.6)
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(1, len(paths), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (name, path), colour in zip(
            panels, paths.items(), (OTHERS, SECOND, OURS), strict=False
        ):
            axes.contour(first, second, E, levels=18, colors="0.8", linewidths=1)
            axes.plot(*path.T, "o-", color=colour, ms=4, lw=1.5)
            axes.plot(*path[0], "s", color=PAPER, ms=8)
            axes.set(xlabel=names[0], xlim=(first[0], first[-1]), ylim=(second[0], second[-1]))
            axes.set_title(name, fontsize=13)
        panels[0].set_ylabel(names[1])
    return figure
