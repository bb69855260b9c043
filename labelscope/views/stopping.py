"""The course of a review as a figure: wrong cells found against cells reviewed, and how many there are to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.audit.estimate import in_words
from labelscope.audit.population_total import Total
from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.audit.stopping import Stopping

__all__ = ["figure"]

MOST_POINTS = 1000
FAR = 2.5  # times what was found: limits further up would flatten the curve, and are only written
ROOM = 1.15  # right of the curve, for what is written there
HEADLINES = {"stop": "Time to stop", "go on": "Worth going on", "audit first": "Audit before you stop"}


def figure(result: Stopping, *, dark: bool = False) -> go.Figure:
    """Found against reviewed, with the expected total and its interval where there is an audit."""
    import plotly.graph_objects as go

    course: pl.DataFrame = result.frame
    if course.is_empty():
        return theme.blank("Nothing of the queue was reviewed yet", "Decide some suggestions, and audit some cells.", dark=dark)
    points = course[np.unique(np.linspace(0, course.height - 1, min(MOST_POINTS, course.height)).astype(int))]
    found, last = int(course["n_found"][-1]), course.height
    total = None if result.left is None else Total(found + result.left.estimate, found + result.left.low, found + result.left.high)
    top = 1.15 * max(1, found if total is None or total.low > FAR * found else min(total.high, FAR * found))
    line = {"color": theme.BLUE, "width": 3}
    curve = go.Scatter(
        x=points["n_reviewed"], y=points["n_found"], mode="lines", line=line, showlegend=False, customdata=points["precision"],
        hovertemplate="%{x:,} reviewed, %{y:,} found wrong<br>%{customdata:.0%} of the last ones<extra></extra>",
    )  # fmt: skip
    notes = [_note(last, found, f"{found:,} found", None, below=True)]
    if total is not None:
        notes.append(_note(0, min(total.high, 0.95 * top), _there(total, top), theme.VERMILLION, below=False))
    recent, share = min(result.config.window, last), course["precision"][-1]
    return theme.figure(
        *(_band(total, top, last) if total is not None else []),
        curve,
        title=f"{HEADLINES[result.advice]}: {share:.0%} of the last {theme.plural(recent, 'decision')} found a wrong cell",
        subtitle=f"Wrong cells found in the review; {_left_in_words(result)}",
        dark=dark,
        height=400,
        annotations=notes,
        xaxis={"title": {"text": "cells reviewed"}, "range": [0, last * ROOM], "tickformat": ",", "nticks": 7},
        yaxis={"range": [0, top], "tickformat": ",", "nticks": 6},
    )


def _band(total: Total, top: float, last: int) -> list[go.Scatter]:
    """The limits of what there is to find as an area, as far as it is on the chart, and the estimate as a line."""
    import plotly.graph_objects as go

    ends, flat = [0, last * ROOM], {"mode": "lines", "showlegend": False, "hoverinfo": "skip"}
    thin, thick = {"color": theme.VERMILLION, "width": 1}, {"color": theme.VERMILLION, "width": 2.5}
    if total.low > top:
        return []
    upper = min(total.high, top)
    area = [
        go.Scatter(x=ends, y=[total.low, total.low], line=thin, **flat),
        go.Scatter(x=ends, y=[upper, upper], line=thin, fill="tonexty", fillcolor="rgba(213,94,0,0.12)", **flat),
    ]
    return [*area, go.Scatter(x=ends, y=[total.estimate, total.estimate], line=thick, **flat)] if total.estimate <= top else area


def _there(total: Total, top: float) -> str:
    if total.low == total.high:
        return f"{total.high:,} there are to find"
    return f"{in_words(total)} to find{', above this chart' if total.low > top else ''}"


def _note(x: float, y: float, words: str, colour: str | None, *, below: bool) -> dict[str, Any]:
    """Words that start right of a point, below or above it."""
    font = {"size": 12} | ({} if colour is None else {"color": colour})
    return {
        "text": words, "x": x, "y": y, "showarrow": False, "font": font, "xanchor": "left", "xshift": 6,
        "yanchor": "top" if below else "bottom", "yshift": -4 if below else 0,
    }  # fmt: skip


def _left_in_words(result: Stopping) -> str:
    if result.left is None:
        return "how many there are nobody knows before an audit"
    return f"stopping now would leave {in_words(result.left)}"
