"""The map of the items with the names of its regions on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.space.project import EmbeddingMap
from labelscope.views import embedding_map, theme
from labelscope.views.canvas import text_width

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.space.regions import MapRegions

__all__ = ["figure"]

MOST_NAMES = 16
NAME_LENGTH = 26
SIZE, GAP = 12, 6  # pixels of a name, and around it


def figure(result: MapRegions, *, dark: bool = False) -> go.Figure:
    """The items on the map, and the names of the smallest regions of which no more than 16 are to be written."""
    x, y = result.places.T
    drawn = embedding_map.figure(EmbeddingMap(pl.DataFrame({"item_id": result.item_ids, "x": x, "y": y})), dark=dark)
    if result.frame.is_empty():
        return drawn
    sizes = result.frame["level"].value_counts().filter(pl.col("count") <= MOST_NAMES)
    level = sizes["level"].max() if sizes.height else 0
    named = result.frame.filter(level=level)
    drawn.update_traces(opacity=0.35)
    drawn.update_layout(
        title_text=f"{theme.plural(named.height, 'region')} of the map, named by what sets their items apart",
        annotations=[_name(row, dark=dark) for row in _apart(named, drawn.layout)],
    )
    return drawn


def _apart(named: pl.DataFrame, layout: go.Layout) -> list[dict[str, Any]]:
    """The regions whose names are written: the largest first, and no name over another."""
    margin = layout.margin
    sides = (theme.WIDTH - margin.l - margin.r, layout.height - margin.t - margin.b)
    scales = [side / (high - low) for side, (low, high) in zip(sides, (layout.xaxis.range, layout.yaxis.range), strict=True)]
    written: list[dict[str, Any]] = []
    taken: list[tuple[float, float, float]] = []
    for row in named.sort("n_items", descending=True).iter_rows(named=True):
        x, y, wide = row["x"] * scales[0], row["y"] * scales[1], text_width(row["name"][:NAME_LENGTH], SIZE) + GAP
        if all(abs(x - at) > (wide + width) / 2 or abs(y - height) > SIZE + GAP for at, height, width in taken):
            taken.append((x, y, wide))
            written.append(row)
    return written


def _name(row: dict[str, Any], *, dark: bool) -> dict[str, Any]:
    return {
        "x": row["x"],
        "y": row["y"],
        "yanchor": "bottom",
        "text": theme.safe(row["name"], NAME_LENGTH),
        "hovertext": theme.safe(f"{', '.join(row['words']) or row['name']}: {theme.plural(row['n_items'], 'item')}", 120),
        "showarrow": False,
        "font": {"color": theme.INKS[dark]["ink"], "size": SIZE},
    }
