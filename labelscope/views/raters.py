"""Raters as a figure: how well each tells positives from negatives, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.voters.raters import Raters

__all__ = ["figure"]

MOST_ROWS = 40


def figure(result: Raters, *, dark: bool = False) -> go.Figure:
    """Raters by informedness, the best first; grey ones cannot be told from a guess."""
    import plotly.graph_objects as go

    told = result.frame.drop_nulls("informedness")
    if told.is_empty():
        return theme.blank("Too few votes to rate the raters", "Give the votes of more raters, or audit some cells.", dark=dark)
    shown = told.head(MOST_ROWS).with_row_index("row")
    colours = [theme.GREY if chance else theme.GREEN for chance in shown["at_chance"]]
    spans = shown.select("row", "informedness_low", "informedness_high").iter_rows()
    lines = [
        go.Scatter(x=[low, high], y=[row, row], mode="lines", line={"color": colour, "width": 2}, showlegend=False, hoverinfo="skip")
        for (row, low, high), colour in zip(spans, colours, strict=True)
    ]
    dots = go.Scatter(
        x=shown["informedness"],
        y=shown["row"],
        mode="markers",
        showlegend=False,
        marker={"color": colours, "size": 9},
        customdata=[
            [theme.safe(rater, 80), n, sensitivity, specificity]
            for rater, n, sensitivity, specificity in shown.select("rater", "n_votes", "sensitivity", "specificity").iter_rows()
        ],
        hovertemplate="<b>%{customdata[0]}</b>, %{customdata[1]:,} votes<br>finds %{customdata[2]:.0%} of the positives, leaves"
        " %{customdata[3]:.1%} of the negatives<extra></extra>",
    )
    rest = f"; the best {shown.height} of {told.height:,}" if told.height > shown.height else ""
    n_chance = int(told["at_chance"].sum())
    guesses = f"{n_chance:,} not better than a guess" if n_chance else "better than a guess"
    low = min(0.0, *(value for value in shown["informedness_low"] if value is not None))
    return theme.figure(
        *lines,
        dots,
        title=f"{told.height:,} {'voter' if told.height == 1 else 'voters'}, {guesses}",
        subtitle=f"Informedness with its 95% interval: 1 is perfect, 0 a guess (grey){rest}",
        dark=dark,
        height=theme.bars_height(shown.height),
        xaxis={"range": [low - 0.03, 1.03], "tickformat": ".1f", "nticks": 6},
        yaxis=theme.row_axis(shown["rater"], n_rows=max(4, shown.height)),
    )
