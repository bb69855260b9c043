"""Splits side by side as dots: one row a label, one dot with its interval a split; the labels that differ most on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.stats.splits import Splits

__all__ = ["figure"]

MOST_ROWS = 24
REACH = 0.5  # of a row's height that the dots of its splits are spread over


def figure(result: Splits, *, dark: bool = False) -> go.Figure:
    """Share of each label in each split over its share in all of them, with 95% intervals."""
    shown = result.labels.filter(pl.col("n_positive") > 0).head(MOST_ROWS).with_row_index("row")
    if shown.is_empty():
        return theme.blank("No label occurs in any split", "Nothing to compare.", dark=dark)
    splits = result.overview["split"].to_list()
    overall = result.frame.group_by("label").agg(overall=pl.col("n_positive").sum() / pl.col("n_known").sum())
    cells = result.frame.join(shown.select("label", "row"), on="label").join(overall, on="label").drop_nulls("share")
    span = _range(cells)
    traces = [trace for k, name in enumerate(splits) for trace in _dots(cells.filter(split=name), name, k, len(splits), span)]
    n_drifting, n_labels = int(result.labels["drifts"].sum()), result.labels.height
    rest = f"; the {shown.height} of {n_labels:,} labels that differ most" if n_labels > shown.height else ""
    names = [
        f"{theme.clip(name, 22)} •" if drifts else theme.clip(name, 22) for name, drifts in shown.select("label", "drifts").iter_rows()
    ]
    verb = "differs" if n_drifting == 1 else "differ"
    return theme.figure(
        *traces,
        title=f"{n_drifting:,} of {theme.plural(n_labels, 'label')} {verb} between the splits beyond chance",
        subtitle=f"How often a label occurs in a split, 1 = as often as overall, with 95% intervals; • adjusted p below 0.05{rest}",
        dark=dark,
        height=theme.bars_height(shown.height) + 10,
        xaxis={"range": span, "tickformat": ".2~f", "nticks": 7},
        yaxis=theme.row_axis(names) | {"showgrid": True},
    )


def _range(cells: pl.DataFrame) -> list[float]:
    """From 0 or just below the dots, to just above them: a rare label's wide interval may leave the picture."""
    relative = cells["share"] / cells["overall"]
    low, high = float(relative.min() or 0), float(relative.max() or 1)  # type: ignore[arg-type]
    reach = max(0.1, 1.6 * max(1 - low, high - 1))
    return [max(0.0, 1 - reach), 1 + reach]


def _dots(cells: pl.DataFrame, name: str, k: int, n_splits: int, span: list[float]) -> tuple[go.Scatter, go.Scatter]:
    """Intervals as lines, and the dots on them."""
    import plotly.graph_objects as go

    colour, y = theme.CYCLE[k % len(theme.CYCLE)], cells["row"].cast(pl.Float64) + REACH * (k / max(1, n_splits - 1) - 0.5)
    overall, none = cells["overall"], [None] * cells.height
    low, high = ((cells[name] / overall).clip(*span) for name in ("low", "high"))
    lines = go.Scatter(
        x=[x for ends in zip(low, high, none, strict=True) for x in ends],
        y=[place for ends in zip(y, y, none, strict=True) for place in ends],
        mode="lines",
        line={"color": colour, "width": 1.4},
        showlegend=False,
        hoverinfo="skip",
    )
    dots = go.Scatter(
        x=cells["share"] / overall,
        y=y,
        mode="markers",
        name=theme.safe(name, 24),
        marker={"color": colour, "size": 8},
        customdata=[[theme.safe(row["label"], 80), row["n_positive"], row["n_known"], row["share"]] for row in cells.iter_rows(named=True)],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[3]:.2%}: "
        "%{customdata[1]:,} of %{customdata[2]:,} items<extra>%{fullData.name}</extra>",
    )
    return lines, dots
