"""The map of the items as a figure: every item a point, near items alike. It shows groups, not distances.

A point is fainter the less alike its neighbours on the map are to it in the embedding: where the map misleads, it fades.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.space.project import EmbeddingMap

__all__ = ["figure"]

MOST_POINTS = 20_000
FAINTEST = 0.2  # of its full opacity, for a point whose neighbours on the map are no more alike than random items
STEPS = 8


def figure(result: EmbeddingMap, *, groups: pl.DataFrame | None = None, dark: bool = False) -> go.Figure:
    """The items of an `EmbeddingMap`, sampled evenly above 20,000.

    Parameters
    ----------
    result : EmbeddingMap
        Its frame has item_id, x and y.
    groups : polars.DataFrame, optional
        item_id and group: items to show in colour, drawn last and never sampled away first; the others are grey.
    dark : bool
    """
    frame: pl.DataFrame = result.frame
    if frame.is_empty():
        return theme.blank("No item to show", "The map is empty.", dark=dark)
    marked = (
        frame if groups is None else frame.join(groups.unique("item_id", keep="first"), on="item_id", how="left", maintain_order="left")
    )
    shown = _sampled(marked)
    names = [None] if groups is None else [None, *groups["group"].unique(maintain_order=True).to_list()]
    traces = [_points(shown, group, k, alone=groups is None, dark=dark) for k, group in enumerate(names)]
    sampled = f"; {shown.height:,} drawn" if shown.height < frame.height else ""
    coloured = "" if groups is None else f"; {theme.plural(marked['group'].drop_nulls().len(), 'item')} in colour"
    hidden = {"showticklabels": False, "showgrid": False, "showline": False}
    x, y = (_range(shown[name].to_numpy()) for name in ("x", "y"))
    return theme.figure(
        *traces,
        title=f"Map of {theme.plural(frame.height, 'item')}{coloured}",
        height=530,
        dark=dark,
        dragmode="pan",
        subtitle=_subtitle(result) + sampled,
        xaxis=hidden | {"range": x},
        yaxis=hidden | {"range": y},
        margin={"l": 16, "r": 16, "t": 92, "b": 16},
    )


def _points(frame: pl.DataFrame, group: str | None, k: int, *, alone: bool, dark: bool) -> go.Scattergl:
    import plotly.graph_objects as go

    if alone:
        part, colour, opacity = frame, theme.SKY if dark else theme.BLUE, 0.8 if _measured(frame) else 0.45
    elif group is None:
        part, colour, opacity = frame.filter(pl.col("group").is_null()), theme.GREY, 0.35
    else:
        part, colour, opacity = (
            frame.filter(pl.col("group") == group),
            theme.ROLES.get(group, theme.CYCLE[(k - 1) % len(theme.CYCLE)]),
            0.85,
        )
    size = float(np.clip(180 / np.sqrt(max(1, frame.height)), 2.2, 7))
    return go.Scattergl(
        x=part["x"].cast(pl.Float32),
        y=part["y"].cast(pl.Float32),
        mode="markers",
        name=theme.safe(group or "other items", 40),
        showlegend=not alone,
        marker={
            "color": colour,
            "size": size if alone or group is None else size * 1.4,
            "opacity": _faded(part, opacity),
            "line": {"width": 0},
        },
        customdata=[[theme.safe(item, 40), words] for item, words in zip(part["item_id"], _misled(part), strict=True)],
        hovertemplate="item %{customdata[0]}<br>%{customdata[1]}<extra>%{fullData.name}</extra>",
    )


def _faded(part: pl.DataFrame, opacity: float) -> float | np.ndarray:
    """Opacity of each point, in a few steps; the same for all where the distortion is not known."""
    if not _measured(part):
        return opacity
    misled = part["distortion"].fill_null(0.0).to_numpy()
    return np.round(opacity * (1 - (1 - FAINTEST) * np.rint(misled * STEPS) / STEPS), 3).astype(np.float32)


def _misled(part: pl.DataFrame) -> list[str]:
    """What to think of the neighbours of each point on the map."""
    if not _measured(part):
        return [""] * part.height
    return [
        "" if share is None else f"its neighbours here are {1 - share:.0%} as alike as its nearest in the embedding"
        for share in part["distortion"]
    ]


def _measured(frame: pl.DataFrame) -> bool:
    return "distortion" in frame.columns and frame["distortion"].null_count() < frame.height


def _subtitle(result: EmbeddingMap) -> str:
    measured = _measured(result.frame)
    faint = "faint: its neighbours here are not those in the embedding" if measured else "the axes have no unit"
    return f"Near items are alike, distances between groups mean little; {faint}{_quality(result)}"


def _sampled(frame: pl.DataFrame) -> pl.DataFrame:
    if frame.height <= MOST_POINTS:
        return frame
    priority = np.random.default_rng(0).random(frame.height)
    if "group" in frame.columns:
        priority += frame["group"].is_not_null().to_numpy()
    return frame[np.sort(np.argsort(-priority, kind="stable")[:MOST_POINTS])]


def _range(values: np.ndarray) -> list[float]:
    low, high = np.quantile(values[np.isfinite(values)], [0.0005, 0.9995]) if np.isfinite(values).any() else (0.0, 1.0)
    margin = 0.05 * (high - low) or 1.0
    return [float(low - margin), float(high + margin)]


def _quality(result: EmbeddingMap) -> str:
    trustworthiness = getattr(result, "trustworthiness", None)
    return "" if trustworthiness is None or not np.isfinite(trustworthiness) else f"; trustworthiness {trustworthiness:.2f}"
