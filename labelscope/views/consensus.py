"""The consensus as a figure: each voter on each label, by what it finds and what it wrongly says yes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.voters.consensus import Consensus

__all__ = ["figure"]

MOST_DOTS = 1500
LARGEST = 18


def figure(result: Consensus, *, dark: bool = False) -> go.Figure:
    """Voters by sensitivity against false alarms; on the diagonal are those who guess."""
    told = result.voters.drop_nulls(["sensitivity", "specificity"])
    if told.is_empty():
        return theme.blank("Too few votes to rate the voters", "Give the votes of more raters, or audit some cells.", dark=dark)
    shown = told.top_k(MOST_DOTS, by="n").with_columns(alarms=1 - pl.col("specificity"))
    rest = f"; the {shown.height:,} of {told.height:,} with most votes" if told.height > shown.height else ""
    traces = [_guess(), *(_dots(part, basis) for (basis,), part in sorted(shown.group_by("basis"), key=lambda pair: str(pair[0])))]
    edge = max(0.1, min(1.0, 1.15 * float(shown["alarms"].max() or 0)))  # type: ignore[arg-type]
    return theme.figure(
        *traces,
        title=result.summary().partition(": ")[0],
        subtitle=f"A dot is a voter on a label, larger with more votes{rest}. Top left is best; who is on the line guesses",
        dark=dark,
        xaxis={"title": {"text": "share of the negatives it says yes to"}, "range": [-0.02 * edge, edge], "tickformat": ".0%", "nticks": 6},
        yaxis={"title": {"text": "share of the positives it says yes to"}, "range": [-0.03, 1.03], "tickformat": ".0%", "nticks": 6},
        showlegend=len(traces) > 2,
        hovermode="closest",
    )


def _guess() -> go.Scatter:
    import plotly.graph_objects as go

    return go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": theme.GREY, "dash": "dot", "width": 1}, hoverinfo="skip", showlegend=False
    )


def _dots(part: pl.DataFrame, basis: object) -> go.Scatter:
    import plotly.graph_objects as go

    size = 5 + (LARGEST - 5) * (part["n"] / part["n"].max()).sqrt()
    words = [[theme.safe(rater, 60), theme.safe(label, 60), n] for rater, label, n in part.select("rater", "label", "n").iter_rows()]
    return go.Scatter(
        x=part["alarms"],
        y=part["sensitivity"],
        mode="markers",
        name="rated on audited cells" if basis == "audited" else "rated by agreement",
        marker={"color": theme.GREEN if basis == "audited" else theme.BLUE, "size": size, "opacity": 0.6},
        customdata=words,
        hovertemplate="<b>%{customdata[0]}</b> on %{customdata[1]}, %{customdata[2]:,} votes<br>finds %{y:.0%} of the positives,"
        " says yes to %{x:.1%} of the negatives<extra></extra>",
    )
