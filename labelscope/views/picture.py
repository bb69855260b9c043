"""A plotly figure as PNG without a browser, so that a figure is defined once for live and static viewers.

It draws what labelscope's figures use: bars (stacked and relative too), heat maps, points and lines, images, linear, log
and category axes with domains, titles with subtitles, a legend row, annotations and a colour bar. Another kind of trace is
left out of the picture.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from PIL import Image

from labelscope.views.axes import Axis
from labelscope.views.canvas import Canvas, text_width

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["png"]

Layout = Mapping[str, Any]
MOST_BYTES = 150_000
DOT: dict[str, float | str] = {
    "opacity": 1.0,
    "size": 6.0,
    "color": "#555555",
}  # what a marker says, for all dots or of each, and what it is where it does not


def png(figure: go.Figure, *, most_bytes: int = MOST_BYTES) -> bytes:
    """The figure as PNG of twice its width and height.

    Parameters
    ----------
    figure : plotly Figure
        With `width` and `height` in its layout; 760 x 430 where they are not.
    most_bytes : int
        Size to keep to, at the cost of colours.
    """
    layout = _merged(figure.layout.template.layout.to_plotly_json(), figure.layout.to_plotly_json())
    traces = [trace.to_plotly_json() for trace in figure.data if trace.visible is not False]
    canvas = Canvas(layout.get("width") or 760, layout.get("height") or 430, layout["paper_bgcolor"])
    stacks = _stacked(traces, str(layout.get("barmode") or "group"))
    box = _plot_box(layout, traces, canvas)
    axes = _axes(layout, traces, stacks, box)
    for name, axis in axes.items():
        _draw_grid(canvas, name, axis, _partner(name, axis, axes), layout)
    for trace, base in zip(traces, stacks, strict=True):
        x, y = axes[_axis_key(trace, "x")], axes[_axis_key(trace, "y")]
        if trace["type"] == "bar":
            _draw_bars(canvas, trace, base, x, y, layout)
        elif trace["type"] == "heatmap":
            _draw_heatmap(canvas, trace, x, y, layout, box)
        elif trace["type"] in ("scatter", "scattergl"):
            _draw_scatter(canvas, trace, x, y)
        elif trace["type"] == "image":
            _draw_image(canvas, trace, x, y)
    _draw_head(canvas, layout)
    _draw_legend(canvas, traces, layout, box)
    for note in layout.get("annotations") or ():
        _draw_note(canvas, note, axes, box, layout)
    kinds = {trace["type"] for trace in traces}
    return canvas.png(most_bytes, shaded="heatmap" in kinds, coloured="image" in kinds)


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """`high` over `low`, mappings key by key; a template's x and y axis stand for all of them."""
    out = dict(low)
    for key, value in high.items():
        base = low.get(key, low.get(re.sub(r"^([xy]axis)\d+$", r"\1", key)) if re.match(r"^[xy]axis\d+$", key) else None)
        out[key] = _merged(base, value) if isinstance(value, Mapping) and isinstance(base, Mapping) else value
    return out


def _axis_key(trace: Layout, letter: str) -> str:
    return f"{letter}axis{str(trace.get(f'{letter}axis') or letter)[1:]}"


def _stacked(traces: list[dict[str, Any]], mode: str) -> list[np.ndarray]:
    """Where each bar starts, on its value axis; positive and negative bars stack apart."""
    tops: dict[tuple[str, Any, bool], float] = {}
    out = []
    for trace in traces:
        if trace["type"] != "bar":
            out.append(np.zeros(0))
            continue
        where, value = ("y", "x") if trace.get("orientation") == "h" else ("x", "y")
        starts = []
        for place, length in zip(trace[where], np.asarray(trace[value], np.float64), strict=True):
            key = _axis_key(trace, where), place, length < 0
            starts.append(tops.get(key, 0.0) if mode in ("stack", "relative") else 0.0)
            tops[key] = starts[-1] + np.nan_to_num(length)
        out.append(np.array(starts))
    return out


def _plot_box(layout: Layout, traces: list[dict[str, Any]], canvas: Canvas) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the plot, after making room for ticks, axis titles and a colour bar."""
    margin = layout["margin"]
    left, top, right, bottom = margin["l"], margin["t"], canvas.width - margin["r"], canvas.height - margin["b"]
    y, x = layout.get("yaxis", {}), layout.get("xaxis", {})
    size = y.get("tickfont", {}).get("size", 12)
    if y.get("visible", True) and y.get("showticklabels", True):
        words = Axis.build(y, _values(traces, "y", "yaxis"), (0, 1)).ticks()
        left += max((text_width(w, size) for _, w in words), default=0) + 10
    left += 18 * bool(_title(y))
    if x.get("visible", True) and x.get("showticklabels", True) and x.get("tickangle"):
        words = Axis.build(x, _values(traces, "x", "xaxis"), (0, 1)).ticks()
        bottom -= max((text_width(w, size) for _, w in words), default=0) * abs(np.sin(np.deg2rad(x["tickangle"]))) - 20
    bottom -= 12 * bool(_title(x))
    bars = [t["colorbar"] for t in traces if t["type"] == "heatmap" and t.get("colorbar")]
    for bar in bars:
        right -= bar.get("thickness", 30) + 26 + max(text_width(str(w), 12) for w in bar.get("ticktext") or ("0.00",))
    return float(left), float(top), float(right), float(bottom)


def _values(traces: list[dict[str, Any]], letter: str, key: str) -> list[np.ndarray]:
    drawn = [t[letter] for t in traces if t.get(letter) is not None and _axis_key(t, letter) == key]
    return [values if any(isinstance(v, str) for v in values) else np.asarray(values) for values in drawn]


def _axes(
    layout: Layout, traces: list[dict[str, Any]], stacks: list[np.ndarray], box: tuple[float, float, float, float]
) -> dict[str, Axis]:
    left, top, right, bottom = box
    out = {}
    for key in sorted({_axis_key(t, letter) for t in traces for letter in "xy"} | {"xaxis", "yaxis"}):
        settings = layout.get(key) or {}
        values = _values(traces, key[0], key)
        values += [
            start + np.asarray(t[key[0]], np.float64)
            for t, start in zip(traces, stacks, strict=True)
            if t["type"] == "bar" and (key[0] == "x") == (t.get("orientation") == "h") and _axis_key(t, key[0]) == key
        ]
        low, high = settings.get("domain") or (0.0, 1.0)
        start, length = (left, right - left) if key[0] == "x" else (bottom, top - bottom)
        pixels = (start + low * length, start + high * length)
        out[key] = Axis.build(settings, values, pixels)
    return out


def _partner(name: str, axis: Axis, axes: dict[str, Axis]) -> Axis:
    other = "y" if name[0] == "x" else "x"
    return axes.get(f"{other}axis{str(axis.of.get('anchor') or other)[1:]}") or axes[f"{other}axis"]


def _draw_grid(canvas: Canvas, name: str, axis: Axis, across: Axis, layout: Layout) -> None:
    """Grid lines, tick labels and the title of one axis."""
    if axis.of.get("visible") is False:
        return
    font = axis.of.get("tickfont", {})
    colour, size = font.get("color", "#555555"), font.get("size", 12)
    start, end = across.pixels
    horizontal, words = name[0] == "x", axis.of.get("showticklabels", True)
    angle = float(axis.of.get("tickangle") or 0)
    for place, text in axis.ticks():
        if axis.of.get("showgrid", True):
            canvas.line([(place, start), (place, end)] if horizontal else [(start, place), (end, place)], axis.of["gridcolor"])
        if words and horizontal:
            canvas.text(place, start + (8 if angle else 7), text, colour, size, anchor="rm" if angle else "mt", angle=angle)
        elif words:
            canvas.text(start - 8, place, text, colour, size, anchor="rm")
    if axis.of.get("zeroline") and axis.of.get("zerolinecolor"):
        zero = float(axis.place(0.0))
        canvas.line([(zero, start), (zero, end)] if horizontal else [(start, zero), (end, zero)], axis.of["zerolinecolor"])
    if _title(axis.of):
        middle, soft = sum(axis.pixels) / 2, axis.of["title"]["font"]["color"]
        if horizontal:
            canvas.text(middle, start + 34, _title(axis.of), soft, 12, anchor="mm")
        else:
            canvas.text(layout["margin"]["l"] + 4, middle, _title(axis.of), soft, 12, anchor="mm", angle=-90)


def _draw_bars(canvas: Canvas, trace: Layout, base: np.ndarray, x: Axis, y: Axis, layout: Layout) -> None:
    flat = trace.get("orientation") == "h"
    along, across = (x, y) if flat else (y, x)
    places = across.numbers(trace["y" if flat else "x"])
    lengths = np.nan_to_num(np.asarray(trace["x" if flat else "y"], np.float64))
    half = (1 - float(layout.get("bargap") or 0.2)) / 2
    words = trace.get("text")
    for i, (place, length, start) in enumerate(zip(places, lengths, base, strict=True)):
        low, high = across.place([place - half, place + half])
        begin, end = along.place(along.numbers([start, start + length]))
        colour = trace["marker"]["color"]
        canvas.rectangle(*((begin, low, end, high) if flat else (low, begin, high, end)), colour=colour)
        if words is not None and trace.get("textposition") == "outside":
            middle = (low + high) / 2
            ink = layout["font"]["color"]
            back = flat and end < begin  # a bar to the left has its words on the left
            where = (end - 5 if back else end + 5, middle) if flat else (middle, end - 5)
            canvas.text(*where, str(words[i]), ink, 11.5, anchor="rm" if back else "lm" if flat else "mb")


def _draw_heatmap(canvas: Canvas, trace: Layout, x: Axis, y: Axis, layout: Layout, box: tuple[float, float, float, float]) -> None:
    z = np.asarray(trace["z"], np.float64)
    low, high = float(trace["zmin"]), float(trace["zmax"])
    scale = trace["colorscale"]
    rgb = _coloured((z - low) / ((high - low) or 1.0), scale)
    rgb[~np.isfinite(z)] = _coloured_paper(layout["plot_bgcolor"])
    columns, rows = x.numbers(trace["x"]), y.numbers(trace["y"])
    (x0, x1), (y0, y1) = x.place([columns.min() - 0.5, columns.max() + 0.5]), y.place([rows.min() - 0.5, rows.max() + 0.5])
    canvas.bitmap(rgb[:: 1 if y1 > y0 else -1, :: 1 if x1 > x0 else -1], min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    if trace.get("xgap"):
        for edge in x.place(np.arange(columns.min() - 0.5, columns.max() + 1)):
            canvas.line([(edge, y0), (edge, y1)], layout["plot_bgcolor"])
        for edge in y.place(np.arange(rows.min() - 0.5, rows.max() + 1)):
            canvas.line([(x0, edge), (x1, edge)], layout["plot_bgcolor"])
    bar = trace.get("colorbar")
    if bar:
        left, top, width = box[2] + 16, box[1], float(bar.get("thickness", 12))
        height = (box[3] - box[1]) * float(bar.get("len", 1))
        canvas.bitmap(_coloured(np.linspace(1, 0, 128)[:, None], scale), left, top, left + width, top + height)
        for value, text in zip(bar["tickvals"], bar["ticktext"], strict=True):
            place = top + height * (1 - (float(value) - low) / (high - low))
            canvas.text(left + width + 6, min(max(place, top + 6), top + height - 6), str(text), layout["xaxis"]["tickfont"]["color"], 11.5)


def _coloured(shares: np.ndarray, scale: Any) -> np.ndarray:
    """uint8 (..., 3) of shares in [0, 1] on a colour scale."""
    stops = np.array([float(stop) for stop, _ in scale])
    channels = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in scale], np.float64)
    clean = np.nan_to_num(shares)
    return np.stack([np.interp(clean, stops, channels[:, c]) for c in range(3)], axis=-1).round().astype(np.uint8)


def _coloured_paper(colour: str) -> np.ndarray:
    return _coloured(np.zeros(1), ((0.0, colour), (1.0, colour)))[0]


def _draw_scatter(canvas: Canvas, trace: Layout, x: Axis, y: Axis) -> None:
    px, py = x.place(x.numbers(trace["x"])), y.place(y.numbers(trace["y"]))
    mode = str(trace.get("mode") or "markers")
    if "lines" in mode:
        line = trace.get("line") or {}
        for part in _unbroken(px, py):
            canvas.line(part, line.get("color", "#555555"), float(line.get("width", 2)))
    if "markers" in mode:
        marker = trace.get("marker") or {}
        drawn = np.isfinite(px) & np.isfinite(py)
        left, right = sorted(x.pixels)
        top, bottom = sorted(y.pixels)
        box = (left - 6, top - 6, right + 6, bottom + 6)
        dots = pl.DataFrame({"x": px, "y": py, **{name: _of_each(marker.get(name), usual, len(px)) for name, usual in DOT.items()}})
        ordered = dots.filter(drawn).sort("opacity", "size", descending=[False, True], maintain_order=True)  # small and strong ones on top
        for alike in ordered.partition_by(*DOT, maintain_order=True):
            opacity, size, colour = alike.select(*DOT).row(0)
            canvas.discs(alike["x"].to_numpy(), alike["y"].to_numpy(), size / 2, colour, opacity, box)


def _of_each(given: Any, usual: float | str, n: int) -> np.ndarray:
    """What a marker says of each of `n` dots: one value for all, or one each."""
    return np.broadcast_to(np.asarray(usual if given is None else given), n)


def _unbroken(px: np.ndarray, py: np.ndarray) -> list[list[tuple[float, float]]]:
    """The pieces of a line: a point that is not finite breaks it, as in plotly."""
    drawn = np.isfinite(px) & np.isfinite(py)
    points = np.column_stack([px, py])
    pieces = np.split(points, np.flatnonzero(~drawn))
    kept = (piece[np.isfinite(piece).all(axis=1)] for piece in pieces)
    return [list(map(tuple, piece.tolist())) for piece in kept if len(piece) > 1]


def _draw_image(canvas: Canvas, trace: Layout, x: Axis, y: Axis) -> None:
    data = base64.b64decode(str(trace["source"]).partition(",")[2])
    with Image.open(io.BytesIO(data)) as opened:
        pixels = np.asarray(opened.convert("RGB"))
    left, top = float(trace.get("x0") or 0) - 0.5, float(trace.get("y0") or 0) - 0.5
    (x0, x1), (y0, y1) = x.place([left, left + pixels.shape[1]]), y.place([top, top + pixels.shape[0]])
    canvas.bitmap(pixels, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _title(of: Layout) -> str:
    return str((of.get("title") or {}).get("text") or "")


def _draw_head(canvas: Canvas, layout: Layout) -> None:
    title = layout.get("title") or {}
    left = 16
    size = title["font"]["size"]
    text = _title(layout)
    room = canvas.width - 2 * left
    canvas.text(left, 24, text, title["font"]["color"], size * min(1.0, room / max(1.0, text_width(text, size, bold=True))), bold=True)
    subtitle = title.get("subtitle") or {}
    words = str(subtitle.get("text") or "")
    size = subtitle["font"]["size"]
    canvas.text(left, 46, words, subtitle["font"]["color"], size * min(1.0, room / max(1.0, text_width(words, size))))


def _draw_legend(canvas: Canvas, traces: list[dict[str, Any]], layout: Layout, box: tuple[float, float, float, float]) -> None:
    entries = [t for t in traces if t.get("showlegend", True) and t.get("name") and t["type"] != "heatmap"]
    if layout.get("showlegend") is False or (len(entries) < 2 and not any(t.get("showlegend") for t in entries)):
        return
    size, gap = 12, 14
    x = canvas.width - layout["margin"]["r"] - sum(text_width(str(t["name"]), size) + 16 + gap for t in entries) + gap
    for trace in entries:
        name = str(trace["name"])
        canvas.rectangle(x, box[1] - 17, x + 10, box[1] - 7, trace["marker"]["color"])
        canvas.text(x + 15, box[1] - 12, name, layout["font"]["color"], size)
        x += text_width(name, size) + 16 + gap


def _draw_note(canvas: Canvas, note: Layout, axes: dict[str, Axis], box: tuple[float, float, float, float], layout: Layout) -> None:
    left, top, right, bottom = box
    xref, yref = str(note.get("xref") or "x"), str(note.get("yref") or "y")
    x = left + note["x"] * (right - left) if xref == "paper" else float(axes[f"xaxis{xref[1:]}"].place(float(note["x"])))
    y = bottom - note["y"] * (bottom - top) if yref == "paper" else float(axes[f"yaxis{yref[1:]}"].place(float(note["y"])))
    font = note.get("font") or {}
    anchor = {"left": "l", "right": "r"}.get(str(note.get("xanchor")), "m") + {"top": "t", "bottom": "b"}.get(str(note.get("yanchor")), "m")
    y -= 6 if anchor[1] == "b" else 0
    x, y, size = x + float(note.get("xshift") or 0), y - float(note.get("yshift") or 0), float(font.get("size") or 12)
    if note.get("bgcolor"):  # a word on a coloured ground, anchored in the middle of its height
        start = x - {"l": 0, "m": 0.5, "r": 1}[anchor[0]] * (width := text_width(str(note["text"]), size))
        room = float(note.get("borderpad") or 1)
        canvas.rectangle(start - room, y - 0.65 * size - room, start + width + room, y + 0.65 * size + room, note["bgcolor"])
    canvas.text(x, y, str(note["text"]), font.get("color") or layout["font"]["color"], size, anchor=anchor)
