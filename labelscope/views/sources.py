"""Where errors come from as a figure: the values that stand out, each with the rate of its cells and its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.issues.sources import Sources

__all__ = ["figure"]

MOST_ROWS = 24
STANDS_OUT = 0.05


def figure(result: Sources, *, dark: bool = False) -> go.Figure:
    """Rates of the values with the lowest adjusted p-values; grey ones have no more errors than chance explains."""
    import plotly.graph_objects as go

    shown = result.frame.filter(pl.col("label").is_null()).head(MOST_ROWS).with_columns(share=pl.col("wrong") / pl.col("n"))
    shown = shown.with_row_index("row")
    if shown.is_empty():
        return theme.blank("No column to compare", "Expected a column whose values at least two groups of ten items share.", dark=dark)
    colours = [theme.VERMILLION if q <= STANDS_OUT else theme.GREY for q in shown["q_value"]]
    lines = [
        go.Scatter(x=[low, high], y=[row, row], mode="lines", line={"color": colour, "width": 2}, showlegend=False, hoverinfo="skip")
        for (row, low, high), colour in zip(shown.select("row", "low", "high").iter_rows(), colours, strict=True)
    ]
    names = [f"{column}: {value}" for column, value in shown.select("column", "value").iter_rows()]
    guess = shown["basis"][0] != "decided"
    dots = go.Scatter(
        x=shown["share"],  # the middle of the interval; the rate of a value with few cells is drawn away from it
        y=shown["row"],
        mode="markers",
        showlegend=False,
        marker={"color": colours, "size": 9},
        customdata=[[theme.safe(name, 80), n, q] for name, (n, q) in zip(names, shown.select("n", "q_value").iter_rows(), strict=True)],
        hovertemplate="<b>%{customdata[0]}</b><br>%{x:.1%} of %{customdata[1]:,} "
        f"{'cells, by suspicion' if guess else 'decided cells'}<br>adjusted p %{{customdata[2]:.3f}}<extra></extra>",
    )
    n_out, n = result.standing_out.height, result.frame["label"].null_count()
    rest = f"; {shown.height} of {n:,} values" if n > shown.height else ""
    return theme.figure(
        *lines,
        dots,
        title=f"{n_out:,} of {theme.plural(n, 'value')} {'has' if n_out == 1 else 'have'} more errors than the others",
        subtitle=f"{'Mean suspicion, a guess until cells are decided' if guess else 'Share of the decided cells that were wrong'}, "
        f"with 95% intervals; orange: adjusted p at most 0.05{rest}",
        dark=dark,
        height=theme.bars_height(shown.height),
        xaxis={"tickformat": ".0%", "nticks": 6, "rangemode": "tozero"},
        yaxis=theme.row_axis([theme.clip(name, 34) for name in names], n_rows=max(4, shown.height)),
    )
