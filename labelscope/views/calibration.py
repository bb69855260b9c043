"""Calibration as a figure: a reliability diagram of all labels, and the labels that are furthest off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.models.reliability import Calibration

__all__ = ["diagram", "figure", "share_axis"]

MOST_BARS = 12
LEFT, RIGHT = [0, 0.46], [0.68, 1]
TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)


def figure(result: Calibration, *, dark: bool = False) -> go.Figure:
    """Share of positives against probability over all labels of `Calibration`, and the error of its worst labels."""
    pooled = result.frame.row(0, named=True)
    if pooled["ece_positives"] is None:
        return theme.blank("Nothing to calibrate against", "No known cell is positive.", dark=dark)
    bins = result.bins.filter(pl.col("label").is_null(), equal="positives").sort("mean_probability")
    worst = result.frame.filter(pl.col("label").is_not_null()).head(MOST_BARS).with_row_index("row")
    n_rows, most = max(6, worst.height), max([1e-3, *worst["ece"]])
    gap = (bins["mean_probability"] - bins["share_positive"]).to_numpy()
    direction = "too high" if (gap > 0).mean() > 0.7 else "too low" if (gap < 0).mean() > 0.7 else "off"
    return theme.figure(
        *diagram(bins),
        *_worst(worst),
        title=f"Where the positives are, probabilities are {100 * pooled['ece_positives']:.1f} points {direction} on average",
        subtitle=f"Calibrated to {result.against}. Left: bins of equally many positives, 95% intervals. Right: times chance",
        dark=dark,
        height=theme.bars_height(n_rows) + 80,
        showlegend=False,
        xaxis={"domain": LEFT, "anchor": "y", "range": [0, 1], "tickformat": ".0%", "nticks": 6, "title": {"text": "probability"}},
        yaxis=share_axis() | {"anchor": "x"},
        xaxis2={
            "domain": RIGHT,
            "anchor": "y2",
            "range": [0, most * 1.3],
            "tickformat": "~%",
            "nticks": 4,
            "title": {"text": "calibration error"},
        },
        yaxis2=theme.row_axis(worst["label"], n_rows=n_rows, length=16) | {"anchor": "x2"},
        annotations=_notes(result.frame.height - 1, worst),
    )


def share_axis() -> dict[str, Any]:
    """The axis of the share of positives, 0 to 1."""
    return {"range": [0, 1.02], "tickvals": TICKS, "ticktext": [f"{tick:.0%}" for tick in TICKS], "title": {"text": "share positive"}}


def diagram(bins: pl.DataFrame) -> list[go.Scatter]:
    """Share of positives against probability, with intervals: one point a bin."""
    import plotly.graph_objects as go

    quiet: dict[str, Any] = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    intervals = [
        go.Scatter(x=[p, p], y=[low, high], line={"color": theme.BLUE, "width": 2}, **quiet)
        for p, low, high in bins.select("mean_probability", "low", "high").iter_rows()
    ]
    points = go.Scatter(
        x=bins["mean_probability"],
        y=bins["share_positive"],
        mode="markers",
        marker={"color": theme.BLUE, "size": 8},
        showlegend=False,
        customdata=bins.select("n", "low", "high").rows(),
        hovertemplate="probability %{x:.1%}, %{y:.1%} positive (%{customdata[1]:.1%} to %{customdata[2]:.1%})<br>"
        "%{customdata[0]:,} cells<extra></extra>",
    )
    return [go.Scatter(x=[0, 1], y=[0, 1], line={"color": theme.GREY, "width": 1}, **quiet), *intervals, points]


def _worst(worst: pl.DataFrame) -> list[go.Bar]:
    import plotly.graph_objects as go

    shown = worst.with_columns(times=pl.col("ece") / pl.col("ece_by_chance").clip(1e-9))
    return [
        go.Bar(
            x=shown["ece"],
            y=shown["row"],
            orientation="h",
            xaxis="x2",
            yaxis="y2",
            marker={"color": theme.BLUE},
            text=[f"{times:.1f}×" for times in shown["times"]],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                [theme.safe(name, 80), chance, n] for name, chance, n in shown.select("label", "ece_by_chance", "n_positive").iter_rows()
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>error %{x:.1%}, %{customdata[1]:.1%} to be expected by chance<br>"
            "%{customdata[2]:,} positives<extra></extra>",
        )
    ]


def _notes(n_labels: int, worst: pl.DataFrame) -> list[dict[str, Any]]:
    rest = f" ({worst.height} of {n_labels:,})" if n_labels > worst.height else ""
    place = {"y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False, "font": {"size": 12}}
    return [
        {"text": "<b>all labels</b>", "x": LEFT[0]} | place,
        {"text": f"<b>furthest beyond chance</b>{rest}", "x": RIGHT[0]} | place,
    ]
