"""Predictions as a figure: whether the mean probability of each label is the share that its given labels have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.models.predict import Predictions

__all__ = ["figure"]

MOST_NAMED = 7


def figure(result: Predictions, *, dark: bool = False) -> go.Figure:
    """Mean out-of-fold probability of each label of `Predictions` against its share of positives, on log scales."""
    import plotly.graph_objects as go

    frame: pl.DataFrame = result.frame.filter(pl.col("scored") & (pl.col("prevalence") > 0) & (pl.col("mean_probability") > 0))
    if frame.is_empty():
        return theme.blank("No label could be predicted", "Every label has too few positives or negatives.", dark=dark)
    frame = frame.with_columns(off=(pl.col("mean_probability") / pl.col("prevalence")).log().abs())
    low = float(min(frame["prevalence"].min(), frame["mean_probability"].min())) / 1.4  # type: ignore[arg-type, type-var]
    high = min(1.0, float(max(frame["prevalence"].max(), frame["mean_probability"].max())) * 1.4)  # type: ignore[arg-type, type-var]
    traces = [
        go.Scatter(x=[low, high], y=[low, high], mode="lines", line={"color": theme.GREY, "width": 1}, showlegend=False, hoverinfo="skip"),
        go.Scatter(
            x=frame["prevalence"],
            y=frame["mean_probability"],
            mode="markers",
            marker={"color": theme.BLUE, "size": 8, "opacity": 0.8},
            showlegend=False,
            customdata=[
                [theme.safe(name, 80), n, f"{loss:.3f}"] for name, n, loss in frame.select("label", "n_positive", "log_loss").iter_rows()
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{x:.2%} of known cells positive, mean probability %{y:.2%}<br>"
            "%{customdata[1]:,} positives, log loss %{customdata[2]}<extra></extra>",
        ),
    ]
    named = [
        {
            "x": np.log10(row["prevalence"]),
            "y": np.log10(row["mean_probability"]),
            "text": theme.safe(row["label"], 20),
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "middle",
            "xshift": 8,
            "font": {"size": 11},
        }
        for row in _worth_naming(frame, np.log10(high / low)).iter_rows(named=True)
    ]
    within = int((frame["off"] <= np.log(1.2)).sum())
    skipped = result.frame.height - frame.height
    rest = f"; {theme.plural(skipped, 'label')} not scored" if skipped else ""
    ranges = {"type": "log", "range": [np.log10(low), np.log10(high * 1.25)], "tickformat": "~%", "dtick": 1}
    return theme.figure(
        *traces,
        title=f"{within:,} of {theme.plural(frame.height, 'label')} predicted as often as given, within 20%",
        dark=dark,
        annotations=named,
        subtitle=f"Mean out-of-fold probability against the share of positives, a point a label, log scales{rest}",
        xaxis=ranges | {"title": {"text": "share of known cells that are positive"}},
        yaxis=ranges | {"title": {"text": "mean probability"}},
    )


def _worth_naming(frame: pl.DataFrame, span: float) -> pl.DataFrame:
    """The labels furthest off, without those whose names would lie on another's."""
    kept: list[tuple[float, float]] = []
    rows: list[int] = []
    ranked = frame.with_row_index("at").sort("off", descending=True)
    for at, x, y in ranked.select("at", pl.col("prevalence").log10(), pl.col("mean_probability").log10()).iter_rows():
        if len(rows) < MOST_NAMED and all(abs(x - p) > 0.22 * span or abs(y - q) > 0.05 * span for p, q in kept):
            kept.append((x, y))
            rows.append(at)
    return frame[rows]
