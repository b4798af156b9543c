"""Pictures of the notebooks: sliders, the still picture without them, sharp files."""

import io
import sys
from types import SimpleNamespace
from typing import Any

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from lenet1998.course import Slider, explore, sharp_pictures
from lenet1998.course.pictures import SAVED, png

SLIDERS = {"angle": Slider(0, 90, 5, 25, "angle (degrees)"), "rate": Slider(0, 1, 0.1, 0.5)}


class Drawn(list[dict[str, float]]):
    """Remembers what it was asked to draw."""

    def draw(self, angle: float, rate: float) -> None:
        self.append({"angle": angle, "rate": rate})


def test_a_still_picture_without_ipywidgets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    drawn = Drawn()
    explore(drawn.draw, **SLIDERS)
    assert drawn == [{"angle": 25, "rate": 0.5}]
    assert capsys.readouterr().out.startswith(
        "A still picture: angle (degrees) = 25, rate = 0.5. Run this cell"
    )


def test_sliders_with_ipywidgets(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    fake = SimpleNamespace(
        IntSlider=lambda **kw: ("whole", kw),
        FloatSlider=lambda **kw: ("real", kw),
        interact=lambda draw, **widgets: made.update(widgets),
    )
    monkeypatch.setitem(sys.modules, "ipywidgets", fake)
    monkeypatch.delenv("LENET1998_STILL", raising=False)
    explore(print, **SLIDERS)
    kind, options = made["angle"]
    assert kind == "whole"
    assert (options["min"], options["max"], options["step"], options["value"]) == (0, 90, 5, 25)
    assert options["description"] == "angle (degrees)"
    kind, options = made["rate"]
    assert (kind, options["description"]) == ("real", "rate")


def test_a_still_picture_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", SimpleNamespace())
    monkeypatch.setenv("LENET1998_STILL", "1")
    drawn = Drawn()
    explore(drawn.draw, **SLIDERS)
    assert len(drawn) == 1 and "still picture" in capsys.readouterr().out


def test_the_sliders_of_ipywidgets_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ipywidgets", reason="pip install -e .[notebooks]")
    monkeypatch.delenv("LENET1998_STILL", raising=False)
    drawn = Drawn()
    explore(drawn.draw, **SLIDERS)
    assert drawn == [{"angle": 25, "rate": 0.5}]


def test_a_picture_has_150_dots_per_inch_and_few_colours() -> None:
    figure = Figure(figsize=(2, 1), dpi=75)
    figure.add_subplot().plot([0, 1], color="#0072B2")
    file, shown = png(figure)
    pixels = imread(io.BytesIO(file))
    assert file[24:26] == b"\x08\x03"  # 8 bits, a palette
    assert abs(pixels.shape[1] / shown["width"] - SAVED / 75) < 0.03
    assert {tuple((255 * p).round()) for p in pixels[..., :3].reshape(-1, 3)} >= {
        (255, 255, 255),
        (0, 114, 178),
    }


def test_a_notebook_draws_sharp_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: dict[type, Any] = {}
    formatter = SimpleNamespace(for_type=registered.__setitem__)
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters={"image/png": formatter}))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    with matplotlib.rc_context():
        sharp_pictures()
        assert matplotlib.rcParams["figure.constrained_layout.use"]
    assert registered == {Figure: png}


def test_elsewhere_only_the_style_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with matplotlib.rc_context():
        sharp_pictures()
        assert matplotlib.rcParams["font.size"] == 13
