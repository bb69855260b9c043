"""The Explorer as a still picture, for viewers that run nothing.

It shows how far the review is, where the suggested changes lie, which labels they are about, and the first of them with
what speaks for them.

Drawn without a browser and kept to some tens of kilobytes: a rendered notebook carries one, and so does a saved widget.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from labelscope.views.canvas import Canvas, text_width
from labelscope.views.theme import BLUE, GREEN, GREY, PURPLE, VERMILLION

__all__ = ["WIDTH", "Bar", "Line", "Picture", "draw"]

WIDTH, MARGIN, RIGHT = 760, 20, 430  # RIGHT: where the second column begins
MAP_HEIGHT, BAR, LINE = 270, 24, 40
MOST_BYTES = 140_000
INK, SOFT, PAPER, RULE, PALE = "#1C2024", "#5B6470", "#FFFFFF", "#E3E6EA", "#D3D6DC"
PARTS = (("accepted", GREEN), ("rejected", PURPLE), ("skipped", GREY), ("pending", RULE))
CHANGES = {"add": BLUE, "remove": VERMILLION}


@dataclass(frozen=True)
class Bar:
    """A label, and how many pending suggestions add and remove it."""

    label: str
    add: int
    remove: int


@dataclass(frozen=True)
class Line:
    """A pending suggestion: what to do, how sure that is, on which item, and why."""

    change: str
    label: str
    confidence: float
    text: str
    reason: str


@dataclass(frozen=True)
class Picture:
    """What the picture shows.

    Attributes
    ----------
    title : str
    lines : list of str
        What is under the title.
    counts : mapping of "accepted", "rejected", "skipped" and "pending" to int
        Empty: no progress is drawn.
    xy : array, shape (n_items, 2), or None
        None leaves the map out.
    add, remove : array of bool, shape (n_items,)
        Items with a pending suggestion of either kind.
    n_add, n_remove : int
        Such items in the whole data set, of which `xy` may hold a part.
    bars : list of Bar
    top : list of Line
    """

    title: str
    lines: Sequence[str]
    counts: dict[str, int] = field(default_factory=dict)
    xy: np.ndarray | None = None
    add: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    remove: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    n_add: int = 0
    n_remove: int = 0
    bars: Sequence[Bar] = ()
    top: Sequence[Line] = ()


def draw(of: Picture) -> bytes:
    """A PNG of twice its width and height in CSS pixels.

    Parameters
    ----------
    of : Picture
    """
    body = 44 + 20 * len(of.lines) + 46 * bool(sum(of.counts.values()))
    columns = MAP_HEIGHT + 44 if of.xy is not None else (34 + BAR * len(of.bars)) * bool(of.bars)
    height = body + columns + (38 + LINE * len(of.top)) * bool(of.top) + 10
    canvas = Canvas(WIDTH, height, PAPER)
    _write(canvas, MARGIN, 24, of.title, WIDTH - 2 * MARGIN, INK, 18, bold=True)
    for i, line in enumerate(of.lines):
        _write(canvas, MARGIN, 48 + 20 * i, line, WIDTH - 2 * MARGIN, SOFT, 12.5)
    if sum(of.counts.values()):
        _progress(canvas, of.counts, body - 40)
    if of.xy is not None:
        _map(canvas, of, of.xy, body + 4)
    _bars(canvas, of.bars, body + 4, RIGHT if of.xy is not None else MARGIN)
    _list(canvas, of.top, body + columns)
    return canvas.png(MOST_BYTES)


def _progress(canvas: Canvas, counts: dict[str, int], top: float) -> None:
    """One bar in parts, and a key that names them."""
    total, x, key = sum(counts.values()), float(MARGIN), float(MARGIN)
    for name, colour in PARTS:
        width = (WIDTH - 2 * MARGIN) * counts[name] / total
        canvas.rectangle(x, top, x + width, top + 8, colour)
        x += width
        canvas.rectangle(key, top + 16, key + 9, top + 25, colour)
        words = f"{counts[name]:,} {name}"
        canvas.text(key + 14, top + 21, words, SOFT, 12)
        key += text_width(words, 12) + 32


def _map(canvas: Canvas, of: Picture, xy: np.ndarray, top: float) -> None:
    """Items as points, those with a suggestion in colour and on top."""
    box = (float(MARGIN), top + 22, RIGHT - 30.0, top + MAP_HEIGHT)
    canvas.text(MARGIN, top + 10, "Where they lie", INK, 13, bold=True)
    shown = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if len(shown):
        left, upper, right, lower = box
        low, high = (np.percentile(xy[shown], q, axis=0).astype(np.float64) for q in (0.5, 99.5))  # a few far off would shrink the rest
        radius = float(np.clip(np.sqrt((right - left) * (lower - upper) / len(shown)) / 4, 0.75, 3.0))
        extent = np.maximum(high - low, 1e-9)
        scale = min((right - left - 4 * radius) / extent[0], (lower - upper - 4 * radius) / extent[1])
        place = (xy[shown] - (low + high) / 2) * scale
        x, y = (left + right) / 2 + place[:, 0], (upper + lower) / 2 - place[:, 1]
        x, y = np.clip(x, left + radius, right - radius), np.clip(y, upper + radius, lower - radius)
        for of_kind, colour in ((~of.add & ~of.remove, PALE), (of.add, BLUE), (of.remove, VERMILLION)):
            kind = of_kind[shown]
            if kind.any():
                canvas.discs(x[kind], y[kind], radius, colour, 0.8, box)
    key = float(MARGIN)
    for words, colour in ((f"label to add: {of.n_add:,}", BLUE), (f"to remove: {of.n_remove:,}", VERMILLION), ("other items", PALE)):
        canvas.discs(np.array([key + 5]), np.array([top + MAP_HEIGHT + 14]), 4.5, colour, 1.0, (key, top, key + 12, top + MAP_HEIGHT + 24))
        canvas.text(key + 15, top + MAP_HEIGHT + 14, words, SOFT, 12)
        key += text_width(words, 12) + 34


def _bars(canvas: Canvas, bars: Sequence[Bar], top: float, left: float) -> None:
    """The labels that most suggestions are about."""
    if not bars:
        return
    canvas.text(left, top + 10, "Labels with the most of them", INK, 13, bold=True)
    most = max(bar.add + bar.remove for bar in bars)
    start, room = left + 116, WIDTH - MARGIN - left - 116 - 44
    for i, bar in enumerate(bars):
        y = top + 36 + BAR * i
        _write(canvas, left, y, bar.label, 108, INK, 12.5)
        x = start
        for n, colour in ((bar.add, BLUE), (bar.remove, VERMILLION)):
            canvas.rectangle(x, y - 6, x + room * n / most, y + 6, colour)
            x += room * n / most
        canvas.text(x + 6, y, f"{bar.add + bar.remove:,}", SOFT, 12)


def _list(canvas: Canvas, lines: Sequence[Line], top: float) -> None:
    """The first suggestions, each with its item and its reason."""
    if not lines:
        return
    canvas.line([(MARGIN, top + 4), (WIDTH - MARGIN, top + 4)], RULE)
    canvas.text(MARGIN, top + 24, "First of the worklist", INK, 13, bold=True)
    canvas.text(WIDTH - MARGIN, top + 24, "confidence", SOFT, 12, anchor="rm")
    for i, line in enumerate(lines):
        y = top + 50 + LINE * i
        canvas.text(MARGIN, y, line.change, CHANGES.get(line.change, INK), 12.5, bold=True)
        start = MARGIN + 58
        label = _fitted(line.label, 190, 12.5, bold=True)
        canvas.text(start, y, html.escape(label), INK, 12.5, bold=True)
        after = start + text_width(html.escape(label), 12.5, bold=True) + 12
        _write(canvas, after, y, line.text, WIDTH - MARGIN - 50 - after, INK, 12.5)
        canvas.text(WIDTH - MARGIN, y, f"{line.confidence:.2f}", INK, 12.5, anchor="rm")
        _write(canvas, start, y + 17, line.reason, WIDTH - MARGIN - start, SOFT, 12)


def _write(canvas: Canvas, x: float, y: float, text: str, room: float, colour: str, size: float, *, bold: bool = False) -> None:
    """A line of text from data, cut to what there is room for."""
    canvas.text(x, y, html.escape(_fitted(text, room, size, bold=bold)), colour, size, bold=bold)


def _fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    words = " ".join(text.split())[:400]
    if text_width(html.escape(words), size, bold=bold) <= room:
        return words
    low, high = 0, len(words)  # the longest beginning that fits with an ellipsis
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(html.escape(f"{words[:middle].rstrip()}…"), size, bold=bold) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return f"{words[:low].rstrip()}…"
