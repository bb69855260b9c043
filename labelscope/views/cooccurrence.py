"""Co-occurrence as a heat map: labels that occur together lie side by side, and only what is significant has a colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.stats.cooccurrence import SIGNIFICANT, Cooccurrence
from labelscope.stats.pair_grid import PairGrid
from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["figure"]

MOST_SHOWN = 160  # cells a side at first; more neither show nor load quickly
MOST_NAMED = 45


def figure(
    result: Cooccurrence,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    most: int = MOST_SHOWN,
    dark: bool = False,
) -> go.Figure:
    """NPMI of the pairs that differ from independence, all labels in an order that shows blocks.

    Parameters
    ----------
    result : Cooccurrence
    rows, columns : sequence of str, optional
        As for :meth:`labelscope.stats.cooccurrence.Cooccurrence.grid`.
    most : int
        Most cells a side.
    dark : bool
    """
    import plotly.graph_objects as go

    grid = result.grid(rows, columns, most=most)
    if len(grid.rows) + len(grid.columns) < 3:
        return theme.blank(
            "No two labels to compare", "A pair of labels needs an item in common, or enough items to expect one.", dark=dark
        )
    trace = go.Heatmap(
        z=grid.npmi,
        x=_distinct(grid.columns),
        y=_distinct(grid.rows),
        zmin=-1,
        zmax=1,
        colorscale=[list(stop) for stop in theme.DIVERGING],
        customdata=np.stack([grid.n_ab, grid.n_pairs], axis=2),
        hoverongaps=False,
        xgap=int(len(grid.columns) <= MOST_NAMED),
        ygap=int(len(grid.rows) <= MOST_NAMED),
        colorbar={
            "tickvals": [-1, 0, 1],
            "ticktext": ["never together", "as by chance", "always together"],
            "thickness": 12,
            "len": 0.6,
            "outlinewidth": 0,
        },
        hovertemplate="%{y} with %{x}<br>%{customdata[0]:,} items in common<br>"
        + ("strongest NPMI %{z:.2f} of %{customdata[1]:,} pairs" if grid.is_binned else "NPMI %{z:.2f}")
        + "<extra></extra>",
    )
    n = max(len(grid.rows), len(grid.columns))
    return theme.figure(
        trace,
        title=_title(result.frame if rows is None else _among(result.frame, grid)),
        dark=dark,
        height=max(360, min(760, 200 + 17 * n)),
        subtitle=f"Association of label pairs (NPMI); blank: as by chance (5% FDR){_aside(grid, result)}",
        xaxis=_axis(grid.columns) | {"tickangle": -60},
        yaxis=_axis(grid.rows) | {"range": [len(grid.rows) - 0.5, -0.5]},
    )


def _axis(cells: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    n = len(cells)
    ticks = {
        "type": "category",
        "tickvals": list(range(n)),
        "ticktext": [theme.safe(_called(labels, 22), 40) for labels in cells],
        "showgrid": False,
        "range": [-0.5, n - 0.5],
    }
    return ticks if n <= MOST_NAMED else ticks | {"showticklabels": False}


def _called(labels: tuple[str, ...], length: int) -> str:
    first = theme.clip(labels[0], length)
    return first if len(labels) == 1 else f"{first} … {theme.clip(labels[-1], length)}"


def _distinct(cells: Sequence[tuple[str, ...]]) -> list[str]:
    """Names of rows or columns, equal ones told apart by characters that do not show: plotly draws equal names as one."""
    seen: dict[str, int] = {}
    out = []
    for labels in cells:
        name = theme.safe(_called(labels, 80), 170)
        seen[name] = seen.get(name, -1) + 1
        out.append(name + chr(0x200B) * seen[name])
    return out


def _aside(grid: PairGrid, result: Cooccurrence) -> str:
    shown = sum(len(labels) for labels in grid.rows)
    if grid.is_binned:
        return f"; {shown:,} labels, the strongest pair a cell"
    return f"; {shown:,} of {result.n_labels:,} labels" if shown < result.n_labels else ""


def _among(frame: pl.DataFrame, grid: PairGrid) -> pl.DataFrame:
    """The pairs that a figure of some labels shows."""
    down, across = (
        pl.Series([label for cell in cells for label in cell], dtype=pl.String).implode() for cells in (grid.rows, grid.columns)
    )
    a, b = pl.col("label_a"), pl.col("label_b")
    return frame.filter((a.is_in(down) & b.is_in(across)) | (b.is_in(down) & a.is_in(across)))


def _title(frame: pl.DataFrame) -> str:
    sure = frame.filter(pl.col("q_value") <= SIGNIFICANT)
    together = sure.filter(pl.col("lift") > 1).sort("phi", descending=True)
    apart = sure.filter(pl.col("lift") < 1).sort("phi")
    if together.height:
        a, b = together.row(0)[:2]
        return f"“{theme.safe(a, 22)}” and “{theme.safe(b, 22)}” go together most; {theme.plural(apart.height, 'pair')} avoid each other"
    if apart.height:
        return f"No two labels go together; {theme.plural(apart.height, 'pair')} avoid each other"
    return "No pair of labels differs from chance"
