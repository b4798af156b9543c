"""Figures 24 and 25 and the sliding window: what is drawn is what was read."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text

from lenet1998.data.datasets import load_printed
from lenet1998.experiments.string_figures import SHOWN, read
from lenet1998.figures.graph import figure24
from lenet1998.figures.sdnn import Reading, figure25, grey_of, middle
from lenet1998.figures.sliding import sliding
from lenet1998.figures.style import OURS
from lenet1998.network.lenet5 import LeNet5
from lenet1998.strings.columns import centre, column_count, column_penalties, wide_states
from lenet1998.strings.cost import windows
from lenet1998.strings.samples import Sample, sample_strings


@pytest.fixture(scope="module")
def one() -> Sample:
    return sample_strings(load_printed()[1], 1, 5, SHOWN)[0]


@pytest.fixture(scope="module")
def reading(reader: LeNet5, one: Sample) -> Reading:
    return read(reader, one)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_the_states_of_a_wide_field(reader: LeNet5, one: Sample) -> None:
    """The columns of C5, F6 and the output are those of separate windows."""
    width = one.x.shape[2]
    columns = column_count(width)
    states = wide_states(reader, one.x)
    assert states["C1"].shape == (28, width - 4, 6)
    assert states["C5"].shape == (columns, 120) and states["F6"].shape == (columns, 84)
    np.testing.assert_allclose(states["OUTPUT"], column_penalties(reader, one.x), atol=1e-3)
    alone = reader.states(windows(one.x))
    np.testing.assert_allclose(states["F6"], alone["F6"].reshape(columns, -1), atol=1e-4)
    np.testing.assert_allclose(states["C1"][:, 8:36], alone["C1"][2], atol=1e-4)


def test_figure_25(reader: LeNet5, one: Sample, reading: Reading) -> None:
    figure = figure25(reading, wide_states(reader, one.x), "title")
    shown = texts(figure)
    assert {"C1", "C3", "input", "F6", "Compose + Viterbi", "answer"} <= set(shown)
    columns = len(reading.penalties)
    outputs = figure.axes[-1]
    assert len(outputs.findobj(AxesImage)) == 1 + columns  # the input and the bitmaps
    labels = [t for t in outputs.findobj(Text) if t.get_position()[1] == -10.6][:columns]
    best = reading.penalties[:, :10].argmin(axis=1)
    assert [t.get_text() for t in labels] == [str(digit) for digit in best]
    assert [t.get_position()[0] for t in labels] == [centre(k) for k in range(columns)]
    answer = [t.get_text() for t in outputs.findobj(Text) if t.get_color() == OURS]
    assert "".join(answer) == reading.text


def test_figure_24(reading: Reading) -> None:
    figure = figure24(reading, "title")
    columns = len(reading.penalties)
    arrows = figure.axes[0].findobj(FancyArrowPatch)
    own = [a for a in arrows if a.get_linewidth() > 2]
    assert len(arrows) == 3 * columns and len(own) == columns
    answer = [t.get_text() for t in figure.axes[0].findobj(Text) if t.get_fontsize() == 24]
    assert "".join(answer) == reading.text


def test_the_sliding_window(reader: LeNet5, one: Sample, reading: Reading) -> None:
    found = reader.states(windows(one.x, 1))
    f6, y = (found[name].reshape(len(found[name]), -1) for name in ("F6", "OUTPUT"))
    animation = sliding(reading, f6, y)
    animation._draw_was_started = True  # type: ignore[attr-defined]  # else its end is a warning
    frames = list(animation.new_frame_seq())
    assert frames[0] == 0 and frames[-1] == frames[-2] >= len(f6) - 2
    animation._func(0)  # type: ignore[attr-defined]
    assert reading.text not in "".join(texts(animation._fig))  # type: ignore[attr-defined]
    animation._func(frames[-1])  # type: ignore[attr-defined]
    field = animation._fig.axes[0]  # type: ignore[attr-defined]
    answer = [t.get_text() for t in field.findobj(Text) if t.get_color() == OURS]
    assert "".join(answer) == reading.text


def test_greys_and_places() -> None:
    greys = [float(grey_of(penalty)) for penalty in (-1.0, 0.0, 5.0, 12.0, 1e3)]
    assert greys == sorted(greys) and greys[0] == greys[1] == 0 and greys[-1] == 1
    assert [middle(k) for k in (0, 3)] == [centre(0), centre(3)]
