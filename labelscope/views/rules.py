"""Rules as a figure: how often each is right, with its interval, beside how much it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.voters.rule_proposals import RuleProposals
    from labelscope.voters.rule_report import RuleReport

__all__ = ["figure", "proposals"]

MOST_ROWS = 40


def figure(result: RuleReport, *, dark: bool = False) -> go.Figure:
    """Rules by precision, against audited cells where there are some, else against the given labels."""
    audited = bool(result.frame["n_audited"].sum())
    columns = ("precision_audited", "audited_low", "audited_high", "n_audited") if audited else ("precision", "low", "high", "known")
    named = pl.format("{} ({})", "rule", "label")
    rows = result.frame.select(pl.col(columns[0]).alias("precision"), low=columns[1], high=columns[2], known=columns[3], name=named, n="n")
    return _intervals(rows, result.summary().partition(" of ")[2], "audited cells" if audited else "the labels as given", dark=dark)


def proposals(result: RuleProposals, *, dark: bool = False) -> go.Figure:
    """Proposed words by the lower limit of their precision."""
    rows = result.frame.select("precision", "low", "high", known="n", name="word", n="n")
    label = theme.safe(result.frame["label"][0], 24) if result.frame.height else ""
    return _intervals(rows, f"{theme.plural(rows.height, 'word')} that nearly always go with '{label}'", "the labels as given", dark=dark)


def _intervals(rows: pl.DataFrame, title: str, against: str, *, dark: bool) -> go.Figure:
    import plotly.graph_objects as go

    told = rows.drop_nulls("precision").sort("low", descending=True, maintain_order=True)
    if told.is_empty():
        return theme.blank("No rule to show", "No rule votes on a cell whose state is known.", dark=dark)
    shown = told.head(MOST_ROWS).with_row_index("row")
    lines = [
        go.Scatter(
            x=[low, high], y=[row, row], mode="lines", line={"color": theme.BLUE, "width": 2}, showlegend=False, hoverinfo="skip"
        )
        for row, low, high in shown.select("row", "low", "high").iter_rows()
    ]  # fmt: skip
    dots = go.Scatter(
        x=shown["precision"],
        y=shown["row"],
        mode="markers",
        showlegend=False,
        marker={"color": theme.BLUE, "size": 9},
        customdata=[[theme.safe(name, 80), known, n] for name, known, n in shown.select("name", "known", "n").iter_rows()],
        hovertemplate="<b>%{customdata[0]}</b><br>right on %{x:.1%} of %{customdata[1]:,} known cells"
        "; %{customdata[2]:,} votes<extra></extra>",
    )
    rest = f"; the best {shown.height} of {told.height:,}" if told.height > shown.height else ""
    return theme.figure(
        *lines,
        dots,
        title=title,
        subtitle=f"Share of the votes that are right, with its 95% interval, against {against}{rest}",
        dark=dark,
        height=theme.bars_height(shown.height),
        xaxis={"range": [-0.02, 1.03], "tickformat": ".0%", "nticks": 6},
        yaxis=theme.row_axis(shown["name"], n_rows=max(4, shown.height)),
    )
