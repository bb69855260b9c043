"""A comparison as a figure: how many cells of each label changed, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.audit.comparison import Comparison

__all__ = ["figure"]

MOST_LABELS = 24
WORDS = {"added": "added", "removed": "removed", "decided": "unknown, decided", "unset": "set to unknown"}
COLOURS = {"added": theme.ROLES["add"], "removed": theme.ROLES["remove"], "decided": theme.GREEN, "unset": theme.ROLES["unknown"]}


def figure(result: Comparison, *, dark: bool = False) -> go.Figure:
    """Changed cells of the labels that changed most, by kind."""
    import plotly.graph_objects as go

    shown = result.frame.filter(pl.col("n_changed") > 0).head(MOST_LABELS)
    if shown.is_empty():
        return theme.blank("No cell changed", "Both versions have the same labels.", dark=dark)
    rows = list(range(shown.height))
    traces = [
        go.Bar(
            x=shown[kind],
            y=rows,
            orientation="h",
            name=words,
            marker={"color": COLOURS[kind]},
            hovertemplate=f"%{{x:,}} {words}<extra></extra>",
        )
        for kind, words in WORDS.items()
        if shown[kind].sum()
    ]
    n_changed = int((result.frame["n_changed"] > 0).sum())
    rest = f"; top {shown.height} of {n_changed:,}" if n_changed > shown.height else ""
    return theme.figure(
        *traces,
        title=f"{theme.plural(result.cells.height, 'cell')} of {theme.plural(n_changed, 'label')} changed",
        subtitle=f"Changed cells by label{rest}",
        dark=dark,
        height=theme.bars_height(shown.height),
        barmode="stack",
        xaxis={"tickformat": ",", "nticks": 6, "rangemode": "tozero"},
        yaxis=theme.row_axis(shown["label"], n_rows=max(4, shown.height)),
    )
