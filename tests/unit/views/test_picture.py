from __future__ import annotations

import io

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from PIL import Image

import labelscope as ls
from labelscope.views import canvas, theme
from labelscope.views.axes import Axis, write
from labelscope.views.picture import png


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def near(picture: np.ndarray, colour: str) -> np.ndarray:
    return np.abs(picture - [int(colour[i : i + 2], 16) for i in (1, 3, 5)]).sum(axis=2) < 24


def test_every_figure_becomes_a_small_sharp_picture(figures):
    for figure in figures.values():
        data = png(figure)
        assert len(data) < 150_000
        picture = opened(data)
        assert picture.shape[:2] == (2 * figure.layout.height, 2 * figure.layout.width)
        assert near(picture[20:70, 30:], "#1C2024").any()  # the title is there
    for name in ("long_tail", "findings", "suggestions", "explanation"):
        assert near(opened(png(figures[name])), theme.BLUE).any()


def test_each_dot_has_its_size_and_colour():
    marker = {"color": [theme.BLUE, theme.VERMILLION, theme.BLUE], "size": pl.Series([8.0, 16.0, 24.0]), "opacity": [1.0, 1.0, 0.0]}
    dots = go.Scatter(x=[1, 2, 3], y=[1, 1, 1], mode="markers", marker=marker)
    picture = opened(png(theme.figure(dots, title="Dots", xaxis={"range": [0, 4]}, yaxis={"range": [0, 2]})))
    small, large = near(picture, theme.BLUE).sum(), near(picture, theme.VERMILLION).sum()
    assert large == pytest.approx(4 * small, rel=0.25)
    assert small == pytest.approx(np.pi * 8**2, rel=0.25)  # twice as many pixels a side


def test_raters_and_consensus_show_themselves():
    rng = np.random.default_rng(0)
    votes = pl.DataFrame(
        {"item_id": np.repeat(np.arange(40), 3), "rater": list("abc") * 40, "label": ["x"] * 120, "value": rng.integers(0, 2, 120)}
    )
    ds = ls.Dataset.from_arrays([[k % 2] for k in range(40)], label_names=["x"], votes=votes)
    for result in (ls.raters(ds), ls.consensus(ds)):
        assert {"image/png", "text/html"} <= set(result._repr_mimebundle_())


def test_bars_have_the_length_of_their_value():
    bars = go.Bar(x=[1, 2, -1], y=[0, 1, 2], orientation="h", marker={"color": theme.BLUE})
    figure = theme.figure(bars, title="Three bars", xaxis={"range": [-2, 2]}, yaxis=theme.row_axis(["a", "b", "c"]))
    blue = near(opened(png(figure)), theme.BLUE)
    lengths = [row.sum() for row in blue if row.any()]
    assert max(lengths) == pytest.approx(2 * min(lengths), rel=0.02)


def test_stacked_bars_start_where_the_last_ended():
    def bar(colour):
        return go.Bar(x=[1.0], y=[0], orientation="h", marker={"color": colour})

    figure = theme.figure(
        bar(theme.BLUE), bar(theme.VERMILLION), title="Stack", barmode="stack", xaxis={"range": [0, 2]}, yaxis=theme.row_axis(["a"])
    )
    picture = opened(png(figure))
    row = picture[np.flatnonzero(near(picture, theme.BLUE).any(axis=1))[20]]
    blue, red = (np.flatnonzero(near(row[None], colour)[0]) for colour in (theme.BLUE, theme.VERMILLION))
    assert blue.max() + 1 == pytest.approx(red.min(), abs=1)
    assert len(blue) == pytest.approx(len(red), abs=2)


def test_a_missing_point_breaks_a_line():
    line = go.Scatter(x=[0, 1, None, 2, 3], y=[0, 0, None, 0, 0], mode="lines", line={"color": theme.BLUE, "width": 4})
    figure = theme.figure(line, title="Two pieces", xaxis={"range": [0, 3]}, yaxis={"range": [-1, 1]})
    drawn = near(opened(png(figure)), theme.BLUE).any(axis=0)
    (places,) = np.nonzero(drawn)
    gaps = np.diff(places)
    assert (gaps > 100).sum() == 1
    assert drawn.sum() == pytest.approx(2 / 3 * (places.max() - places.min()), rel=0.05)


def test_a_heat_map_shows_rows_from_the_top_and_leaves_unknown_cells_blank():
    trace = go.Heatmap(
        z=[[1.0, np.nan], [-1.0, -1.0]], x=["a", "b"], y=["a", "b"], zmin=-1, zmax=1, colorscale=[list(s) for s in theme.DIVERGING]
    )
    category = {"type": "category", "showgrid": False}
    figure = theme.figure(trace, title="Heat", xaxis=category, yaxis=category | {"range": [1.5, -0.5]})
    picture = opened(png(figure))
    blue, orange = (near(picture, theme.DIVERGING[k][1]) for k in (-1, 0))
    assert np.flatnonzero(blue.any(axis=1)).max() < np.flatnonzero(orange.any(axis=1)).min() + 2
    assert blue.sum() * 2 == pytest.approx(orange.sum(), rel=0.02)


def test_a_crowded_picture_gives_up_colours_not_bytes():
    rng = np.random.default_rng(0)
    points = go.Scattergl(
        x=rng.normal(size=20_000), y=rng.normal(size=20_000), mode="markers", marker={"color": theme.BLUE, "size": 3, "opacity": 0.5}
    )
    figure = theme.figure(points, title="Many points")
    assert len(png(figure, most_bytes=60_000)) < len(png(figure)) < 250_000


def test_text_of_any_script_is_drawn_and_tags_are_not():
    assert canvas.text_width("<b>ab</b>", 12) == pytest.approx(canvas.text_width("ab", 12, bold=True))
    assert canvas.text_width("&lt;b&gt;", 12) == pytest.approx(sum(canvas.text_width(c, 12) for c in ("&lt;", "b", "&gt;")), abs=1)
    assert canvas.text_width("漢字 … é", 12) > 0


def test_pillows_own_font_serves_where_there_is_no_other(monkeypatch):
    monkeypatch.setattr(canvas, "FACES", {False: (), True: ()})
    monkeypatch.setattr(canvas, "WIDE", ())
    figure = theme.figure(go.Bar(x=[1], y=[0], orientation="h", marker={"color": theme.BLUE}), title="Déjà vu – 2 × 3…")
    assert near(opened(png(figure))[20:70, 30:], "#1C2024").sum() > 100


@pytest.mark.parametrize(
    ("settings", "values", "expected"),
    [
        ({"range": [0, 1000]}, [], ["0", "200", "400", "600", "800", "1,000"]),
        ({"range": [0, 1], "tickformat": ".0%", "nticks": 3}, [], ["0%", "50%", "100%"]),
        ({"type": "log", "range": [0, 3]}, [], ["1", "10", "100", "1,000"]),
        ({"type": "log", "range": [-2, 0], "tickformat": "~%"}, [], ["1%", "10%", "100%"]),
        ({"tickvals": [0, 1], "ticktext": ["b", "a"], "range": [1.6, -0.6]}, [], ["b", "a"]),
        ({}, [np.array([1.0, 3.0])], ["1.0", "1.5", "2.0", "2.5", "3.0"]),
        ({"visible": False}, [], []),
    ],
)
def test_ticks(settings, values, expected):
    assert [text for _, text in Axis.build(settings, values, (0, 100)).ticks()] == expected


def test_a_log_axis_places_decades_evenly():
    axis = Axis.build({"type": "log", "range": [0, 2]}, [], (0, 100))
    assert axis.place(axis.numbers([1, 10, 100])).tolist() == pytest.approx([0, 50, 100])
    assert write(-1.5, "", [-1.5, 0]) == "−2" or write(-1.5, "", [-1.5, -1.0]) == "−1.5"
