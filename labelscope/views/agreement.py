"""Agreement between raters as a figure: each label with its interval, and beside them what each rater is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.voters.agreement import Agreement

__all__ = ["figure"]

MOST_ROWS = 26
TENTATIVE = 0.667  # Krippendorff (2004): below it, not even tentative conclusions
PANELS = (("x", [0, 0.64], "<b>labels</b>: chance-corrected agreement"), ("x2", [0.72, 1], "<b>raters</b>: informedness"))


def figure(result: Agreement, *, dark: bool = False) -> go.Figure:
    """Labels by Krippendorff's alpha, the least first, with Gwet's AC1; raters by informedness, the best first."""
    import plotly.graph_objects as go

    shown = result.frame.head(MOST_ROWS).with_row_index("row")
    low = min([0.0, *shown["alpha"].drop_nulls()]) - 0.03
    n_rows = max(4, shown.height)
    raters = result.raters.with_columns(row=pl.int_range(pl.len()) * (n_rows - 1) / max(1, result.raters.height - 1))
    bars = [
        go.Scatter(
            x=[max(low, row["alpha_low"]), row["alpha_high"]],
            y=[row["row"]] * 2,
            mode="lines",
            line={"color": theme.BLUE, "width": 2},
            showlegend=False,
            hoverinfo="skip",
        )
        for row in shown.drop_nulls(["alpha_low", "alpha_high"]).iter_rows(named=True)
    ]
    dots = [
        _dots(shown.drop_nulls(column), column, name, colour)
        for column, name, colour in (("ac1", "AC1", theme.GREY), ("alpha", "alpha, 95% interval", theme.BLUE))
    ]
    quality = go.Scatter(
        x=raters["informedness"],
        y=raters["row"],
        mode="markers",
        xaxis="x2",
        yaxis="y2",
        showlegend=False,
        marker={"color": theme.GREEN, "size": 7},
        customdata=[[theme.safe(name, 60), n] for name, n in raters.select("rater", "n_votes").iter_rows()],
        hovertemplate="<b>%{customdata[0]}</b>, %{customdata[1]:,} votes<br>informedness %{x:.2f}<extra></extra>",
    )
    rest = f"; the lowest {shown.height} of {result.frame.height:,} labels" if result.frame.height > shown.height else ""
    return theme.figure(
        *bars,
        *dots,
        quality,
        title=_title(result.frame),
        subtitle=f"Blue: alpha with its 95% interval; grey: AC1. 1: raters never differ; 0: no better than chance{rest}",
        dark=dark,
        height=theme.bars_height(n_rows) + 10,
        annotations=[_heading(words, domain[0]) for _, domain, words in PANELS],
        showlegend=False,
        xaxis={"domain": PANELS[0][1], "range": [low, 1.03], "tickformat": ".1f", "nticks": 6},
        yaxis=theme.row_axis(shown["label"], n_rows=n_rows, length=22),
        xaxis2={"domain": PANELS[1][1], "range": [min([0.0, *raters["informedness"]]) - 0.05, 1.03], "nticks": 4, "anchor": "y2"},
        yaxis2={"range": [n_rows - 0.4, -0.6], "showticklabels": False, "showgrid": False, "anchor": "x2"},
    )


def _title(frame: pl.DataFrame) -> str:
    known = frame.drop_nulls("alpha")
    if known.is_empty():
        return "Raters say the same on every label"
    first = known.row(0, named=True)
    weak = int((known["alpha"] < TENTATIVE).sum())
    name = theme.safe(first["label"], 24)
    return f"Raters agree least on '{name}'; alpha is below {TENTATIVE} on {weak:,} of {theme.plural(frame.height, 'label')}"


def _dots(part: pl.DataFrame, column: str, name: str, colour: str) -> go.Scatter:
    import plotly.graph_objects as go

    return go.Scatter(
        x=part[column],
        y=part["row"],
        mode="markers",
        name=name,
        marker={"color": colour, "size": 9},
        customdata=[[theme.safe(label, 80), n, yes] for label, n, yes in part.select("label", "n_cells", "yes_share").iter_rows()],
        hovertemplate=f"<b>%{{customdata[0]}}</b><br>{name.partition(',')[0]} %{{x:.2f}} over %{{customdata[1]:,}} items"
        "<br>%{customdata[2]:.1%} of the votes say yes<extra></extra>",
    )


def _heading(words: str, left: float) -> dict[str, Any]:
    place: dict[str, Any] = {"x": left, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return place | {"text": words, "showarrow": False, "font": {"size": 12}}
