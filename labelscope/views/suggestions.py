"""Relabel suggestions as a figure: for each label how many positives to remove and to add; below, the largest batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.suggest.relabel import Suggestions

__all__ = ["figure", "rounded_down"]

MOST_BARS = 26
MOST_BATCHES = 6
SURE = 0.8
SHADES = {("add", True): theme.BLUE, ("add", False): "#8FC1E3", ("remove", True): theme.VERMILLION, ("remove", False): "#F0B48A"}
ACTIONS = {"add": theme.BLUE, "remove": theme.VERMILLION, "swap": theme.GREEN}
BAR_SHARE = 0.3  # of the width, for the longest batch; its title stands beside it
GAP, MARGINS = 62, 136  # pixels: between the two parts; above and below them


def figure(result: Suggestions, *, dark: bool = False) -> go.Figure:
    """Suggestions of each label, the sure ones darker, and the batches that settle most of them."""
    frame: pl.DataFrame = result.frame
    if frame.is_empty():
        return theme.blank("Nothing to suggest", "No cell is suspicious enough to propose a change.", dark=dark)
    labels = frame.group_by("label").len("n").sort(["n", "label"], descending=[True, False])
    shown = labels.head(MOST_BARS).with_row_index("row")
    batches = result.batches.head(MOST_BATCHES)
    by_action = dict(frame.group_by("action").len().iter_rows())
    title = f"{by_action.get('add', 0):,} labels to add, {by_action.get('remove', 0):,} to remove"
    if batches.height:
        n = int(result.batches["n_suggestions"].sum())
        title += f"; {n:,} of them in {theme.plural(result.batches.height, 'batch', 'batches')}"
    rest = f"; top {shown.height} of {labels.height:,} labels" if labels.height > shown.height else ""
    height = theme.bars_height(shown.height)
    traces, layout = _labels(frame, shown)
    if batches.height:
        gap, extra = GAP, GAP + theme.ROW * batches.height
        height += extra
        room = height - MARGINS
        traces, layout = _with_batches(traces, layout, batches, extra / room, gap / room)
    return theme.figure(
        *traces,
        title=title,
        subtitle=f"Cells to remove (left) and to add (right); sure: confidence of {SURE:g} or more{rest}",
        dark=dark,
        barmode="relative",
        height=height,
        **layout,
    )


def _labels(frame: pl.DataFrame, shown: pl.DataFrame) -> tuple[list[Any], dict[str, Any]]:
    """Bars of the labels to both sides of zero."""
    import plotly.graph_objects as go

    counts = frame.join(shown.select("label", "row"), on="label").group_by("row", "action", pl.col("confidence") >= SURE).len("n")
    traces = []
    for (action, sure), colour in SHADES.items():
        part = counts.filter(pl.col("action") == action, pl.col("confidence") == sure).sort("row")
        side = 1 if action == "add" else -1
        traces.append(
            go.Bar(
                x=part["n"].cast(pl.Int64) * side,
                y=part["row"],
                orientation="h",
                marker={"color": colour},
                name=f"{action}, sure" if sure else action,
                customdata=[[theme.safe(shown["label"][row], 80), n] for row, n in part.select("row", "n").iter_rows()],
                hovertemplate=f"<b>%{{customdata[0]}}</b><br>{action} %{{customdata[1]:,}}<extra></extra>",
            )
        )
    totals = counts.group_by("row", "action").agg(pl.col("n").sum())
    most = {action: max([0, *totals.filter(action=action)["n"].to_list()]) for action in ("add", "remove")}
    step, ticks = rounded_down(max(most.values())), (-1, -0.5, 0, 0.5, 1)
    axis = {
        "range": [-most["remove"] * 1.1 - 0.02 * step, most["add"] * 1.1 + 0.02 * step],
        "tickvals": [t * step for t in ticks],
        "ticktext": [f"{abs(t) * step:,.0f}" for t in ticks],
        "zeroline": True,
        "zerolinecolor": theme.GREY,
    }
    return traces, {"xaxis": axis, "yaxis": theme.row_axis(shown["label"])}


def _with_batches(
    traces: list[Any], layout: dict[str, Any], batches: pl.DataFrame, share: float, gap: float
) -> tuple[list[Any], dict[str, Any]]:
    """Below the bars of the labels those of the batches, each with its title in words beside it."""
    import plotly.graph_objects as go

    rows = batches.with_row_index("row")
    bars = [
        go.Bar(
            x=part["n"],
            y=part["row"],
            orientation="h",
            xaxis="x2",
            yaxis="y2",
            marker={"color": ACTIONS[action]},
            text=[theme.safe(title, 70) for title in part["title"]],
            textposition="outside",
            cliponaxis=False,
            showlegend=False,
            customdata=[_details(row) for row in part.iter_rows(named=True)],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        )
        for (action,), part in rows.group_by("action", maintain_order=True)
    ]
    longest = int(batches["n"].max() or 1)  # type: ignore[arg-type]
    words = {"text": "The batches to gain most from: items in each", "x": 0, "xref": "paper", "xanchor": "left"}
    heading = words | {"y": share - gap, "yref": "paper", "yanchor": "bottom", "showarrow": False, "font": {"size": 12.5}}
    return [*traces, *bars], layout | {
        "yaxis": layout["yaxis"] | {"domain": [share, 1]},
        "xaxis2": {"range": [0, longest / BAR_SHARE], "anchor": "y2", "showgrid": False, "showticklabels": False},
        "yaxis2": theme.row_axis([""] * batches.height) | {"anchor": "x2", "domain": [0, share - gap], "showticklabels": False},
        "annotations": [heading],
    }


def _details(batch: dict[str, Any]) -> list[str]:
    alike = "" if batch["coherence"] is None else f", likeness of its items {batch['coherence']:.2f}"
    words = f"{theme.plural(batch['n_suggestions'], 'suggestion')}, mean confidence {batch['confidence']:.2f}{alike}"
    return [theme.safe(batch["title"], 120), words]


def rounded_down(value: float) -> float:
    """The largest even round number up to a value."""
    for step in (10.0**k * m for k in range(9, -1, -1) for m in (8, 6, 4, 2)):
        if step <= value:
            return step
    return 1.0
