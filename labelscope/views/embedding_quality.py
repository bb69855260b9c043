"""How well an embedding sees each label, as bars: those that it cannot see are the ones not to trust neighbours about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.space.quality import INVISIBLE
from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.space.diagnosis import EmbeddingQuality

__all__ = ["figure"]

MOST_BARS = 24


def figure(result: EmbeddingQuality, *, dark: bool = False) -> go.Figure:
    """Lift of each label among the neighbours of its positives, the least visible labels first."""
    import plotly.graph_objects as go

    known = result.frame.drop_nulls("lift")
    if known.is_empty():
        return theme.blank("No label can be judged", "Every label has fewer than two known positives.", dark=dark)
    shown = known.head(MOST_BARS).with_row_index("row")
    traces = [
        go.Bar(
            x=part["lift"],
            y=part["row"],
            orientation="h",
            name=words,
            marker={"color": colour},
            text=[f"{lift:.1f} ×" for lift in part["lift"]],
            textposition="outside",
            cliponaxis=False,
            customdata=[[theme.safe(row["label"], 80), row["n_positive"]] for row in part.iter_rows(named=True)],
            hovertemplate="<b>%{customdata[0]}</b><br>neighbours of its %{customdata[1]:,} positives have it<br>"
            "%{x:.2f} times as often as other items<extra></extra>",
        )
        for part, words, colour in (
            (shown.filter("invisible"), "invisible", theme.VERMILLION),
            (shown.filter(~pl.col("invisible")), "visible", theme.BLUE),
        )
        if part.height
    ]
    n_invisible = int(result.frame["invisible"].sum() or 0)
    verb = "is" if n_invisible == 1 else "are"
    rest = f"; the {shown.height} least visible of {known.height:,}" if known.height > shown.height else ""
    return theme.figure(
        *traces,
        title=f"{n_invisible:,} of {theme.plural(known.height, 'label')} {verb} invisible in this embedding"
        if n_invisible
        else f"The embedding sees {'all ' if known.height > 1 else ''}{theme.plural(known.height, 'label')}",
        subtitle=f"How much likelier than chance neighbours share the label; a label on most items has no room for much{rest}",
        dark=dark,
        height=theme.bars_height(shown.height),
        barmode="stack",
        xaxis={"range": [0, max(2 * INVISIBLE, float(shown["lift"].max() or 0)) * 1.15], "tickformat": ".2~s", "nticks": 6},  # type: ignore[arg-type]
        yaxis=theme.row_axis(shown["label"]),
    )
