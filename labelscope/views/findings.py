"""Suspicious cells as a figure: missing and spurious apart, for they are different problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.issues.find import Findings

__all__ = ["figure"]

MOST_BARS = 16
PANELS = {"missing": ("x", "y", [0, 0.4], "possibly missing"), "spurious": ("x2", "y2", [0.6, 1], "looks wrong")}


def figure(result: Findings, *, dark: bool = False) -> go.Figure:
    """Flagged cells of each label of `Findings`: on the left those that look missing, on the right those that look spurious."""
    flagged: pl.DataFrame = result.cells.filter("flagged")
    if flagged.is_empty():
        return theme.blank("No cell is flagged", f"{theme.plural(result.cells.height, 'cell')} listed, all below the threshold.", dark=dark)
    counts = {kind: flagged.filter(kind=kind).group_by("label").len("n").sort(["n", "label"], descending=[True, False]) for kind in PANELS}
    n_rows = max(4, min(MOST_BARS, max(frame.height for frame in counts.values())))
    layout: dict[str, Any] = {"annotations": []}
    traces = []
    for kind, (x, y, domain, words) in PANELS.items():
        shown = counts[kind].head(MOST_BARS).with_row_index("row")
        traces.append(_bars(shown, kind, x, y))
        layout[f"xaxis{x[1:]}"] = {
            "domain": domain,
            "range": [0, max([1, *shown["n"]]) * 1.2],
            "tickformat": ",",
            "nticks": 4,
            "anchor": y,
        }
        layout[f"yaxis{y[1:]}"] = theme.row_axis(shown["label"], n_rows=n_rows, length=16) | {"anchor": x}
        rest = counts[kind].height - shown.height
        more = f" ({shown.height} of {counts[kind].height:,} labels)" if rest > 0 else ""
        layout["annotations"].append(
            {
                "text": f"<b>{kind}</b>: {words}{more}",
                "x": domain[0],
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12},
            }
        )
    n = {kind: int(counts[kind]["n"].sum()) for kind in PANELS}
    title = f"Look at these first: {n['spurious']:,} given labels, {n['missing']:,} absent ones"
    return theme.figure(
        *traces,
        title=title,
        subtitle="The most suspicious cells of each kind, as many as a review can take: a reason to look, not a count of errors",
        dark=dark,
        height=theme.bars_height(n_rows) + 10,
        showlegend=False,
        **layout,
    )


def _bars(shown: pl.DataFrame, kind: str, x: str, y: str) -> go.Bar:
    import plotly.graph_objects as go

    return go.Bar(
        x=shown["n"],
        y=shown["row"],
        orientation="h",
        xaxis=x,
        yaxis=y,
        name=kind,
        marker={"color": theme.ROLES[kind]},
        cliponaxis=False,
        text=[f"{n:,}" for n in shown["n"]],
        textposition="outside",
        customdata=[theme.safe(name, 80) for name in shown["label"]],
        hovertemplate=f"<b>%{{customdata}}</b><br>%{{x:,}} cells look {kind}<extra></extra>",
    )
