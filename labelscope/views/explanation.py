"""Why one cell, as a figure: its nearest items, those that agree with its state and those that contradict it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views import attribution, theme
from labelscope.views.panels import Box, Panels

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.explain.attribution import Attribution
    from labelscope.explain.explanation import Explanation

__all__ = ["figure"]

GAP, NAMES = 62, 350  # pixels above the neighbours, and for their names
ID = 12  # characters of an item id beside its text

SIDES = {True: ("agrees", "agrees"), False: ("contradicts", "contradicts")}
STATES = {1: "has the label", 0: "does not have it", -1: "unknown"}


def figure(result: Explanation, *, dark: bool = False) -> go.Figure:
    """Neighbours of an `Explanation` by similarity, in the colour of their side; under the attribution where there is one."""
    if result.attributed is not None:
        return _with_attribution(result, result.attributed, dark=dark)
    frame: pl.DataFrame = result.frame
    label = theme.safe(result.label, 30)
    if frame.is_empty():
        return theme.blank(f"No neighbour to judge {label} by", "No near item has a known state of this label.", dark=dark)
    frame = frame.sort("similarity", descending=True).with_row_index("row")
    model = "" if result.probability is None else f"; model: {result.probability:.0%}"
    n_all = result.n_agree + result.n_contradict
    return theme.figure(
        *_bars(frame),
        title=f"{result.n_agree} of {n_all} near items agree that item {theme.safe(result.item_id, 20)} {_claim(result.state, label)}",
        subtitle=f"Cosine similarity of the nearest items on either side{model}",
        dark=dark,
        height=theme.bars_height(frame.height),
        xaxis=_similarity_axis(frame),
        yaxis=_rows_axis(frame),
    )


def _with_attribution(result: Explanation, attributed: Attribution, *, dark: bool) -> go.Figure:
    frame = result.frame.sort("similarity", descending=True).with_row_index("row")
    above = attribution.needed_height(attributed)
    panels = Panels(above + (GAP + theme.ROW * frame.height if frame.height else 0), dark)
    attribution.draw(panels, attributed, 0)
    if frame.height:
        where = panels.add(
            Box(NAMES, above + GAP, panels.width - NAMES - 20, theme.ROW * frame.height), _similarity_axis(frame), _rows_axis(frame)
        )
        panels.traces += [bar.update(where) for bar in _bars(frame)]
        n_all = result.n_agree + result.n_contradict
        words = f"Nearest items: {result.n_agree} of {n_all} agree that it {_claim(result.state, theme.safe(result.label, 30))}"
        panels.note(0, above + GAP - 22, f"<b>{words}</b>", ink=theme.INKS[dark]["ink"], size=13)
    return panels.figure(attribution.title(attributed), attribution.subtitle(attributed))


def _bars(frame: pl.DataFrame) -> list[Any]:
    """A bar an item, in the colour of its side."""
    import plotly.graph_objects as go

    traces = []
    for agrees, (words, role) in SIDES.items():
        part = frame.filter(pl.col("agrees") == agrees)
        if part.height:
            traces.append(
                go.Bar(
                    x=part["similarity"].cast(pl.Float32),
                    y=part["row"],
                    orientation="h",
                    name=words,
                    marker={"color": theme.ROLES[role]},
                    text=[f"{s:.2f}" for s in part["similarity"]],
                    textposition="outside",
                    cliponaxis=False,
                    customdata=[
                        [theme.safe(row["item_id"], 40), STATES[row["state"]], _text(row, 160)] for row in part.iter_rows(named=True)
                    ],
                    hovertemplate="<b>item %{customdata[0]}</b> %{customdata[1]}<br>similarity %{x:.3f}<br>%{customdata[2]}<extra></extra>",
                )
            )
    return traces


def _similarity_axis(frame: pl.DataFrame) -> dict[str, Any]:
    return {"range": [min(0.0, *frame["similarity"]), 1.1], "nticks": 6}


def _rows_axis(frame: pl.DataFrame) -> dict[str, Any]:
    return theme.row_axis([""] * frame.height) | {"ticktext": [_name(row) for row in frame.iter_rows(named=True)]}


def _claim(state: int, label: str) -> str:
    return f"is not {label}" if state == 0 else f"is {label}"


def _name(row: dict[str, Any]) -> str:
    text = _text(row, 44)
    item = str(row["item_id"])
    short = item if len(item) <= ID else f"…{item[1 - ID :]}"  # ids differ at their end
    return f"{theme.safe(short, ID)}: {text}" if text else f"item {theme.safe(row['item_id'], 24)}"


def _text(row: dict[str, Any], length: int) -> str:
    return theme.safe(row.get("text") or "", length)
