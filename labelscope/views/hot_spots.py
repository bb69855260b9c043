"""Places on the map with many suspicious cells of a label, as bars beside what an even spread would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.issues.hot_spots import HotSpots

__all__ = ["figure"]

MOST_BARS = 24


def figure(result: HotSpots, *, dark: bool = False) -> go.Figure:
    """Suspicious cells of each spot, the surest first; a mark says how many an even spread would give."""
    import plotly.graph_objects as go

    if result.frame.is_empty():
        return theme.blank("No hot spot", "The suspicious cells are spread over the map as chance would have it.", dark=dark)
    shown = result.frame.head(MOST_BARS).with_row_index("row")
    traces: list[go.Bar | go.Scatter] = []
    for kind in ("missing", "spurious"):
        part = shown.filter(kind=kind)
        if part.is_empty():
            continue
        times = [f"{n:,} · {n / max(expected, 0.5):.0f} x" for n, expected in part.select("n_cells", "expected").iter_rows()]
        traces.append(
            go.Bar(
                x=part["n_cells"],
                y=part["row"],
                orientation="h",
                name=kind,
                marker={"color": theme.ROLES[kind]},
                text=times,
                textposition="outside",
                cliponaxis=False,
                customdata=[[theme.safe(label, 60), theme.safe(name, 60)] for label, name in part.select("label", "name").iter_rows()],
                hovertemplate=f"<b>%{{customdata[0]}}</b> may be {kind} on %{{x:,}} items of the region %{{customdata[1]}}<extra></extra>",
            )
        )
    traces.append(
        go.Scatter(
            x=shown["expected"],
            y=shown["row"],
            mode="markers",
            name="if spread evenly",
            marker={"color": theme.INKS[dark]["ink"], "size": 6},
            hovertemplate="%{x:.1f} if they were spread evenly<extra></extra>",
        )
    )
    rest = f"; {shown.height} of {result.frame.height:,} spots" if result.frame.height > shown.height else ""
    names = [f"{label}: {name}" for label, name in shown.select("label", "name").iter_rows()]
    return theme.figure(
        *traces,
        title=f"{theme.plural(result.frame.height, 'hot spot')}: places with more suspicious cells than chance would have",
        subtitle=f"Suspicious cells of a label in a region of the map: a place to look at, not a proof{rest}",
        dark=dark,
        height=theme.bars_height(shown.height),
        barmode="overlay",
        xaxis={"range": [0, max(shown["n_cells"]) * 1.25], "tickformat": ",", "nticks": 6},
        yaxis=theme.row_axis(names, length=34),
    )
