"""The long tail as a figure: bars with names where they can be read, a rank-frequency curve where there are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.stats.long_tail import HEAD_ABOVE, NO_AUDIT, TAIL_BELOW, TIERS, LongTail
from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["figure"]

MOST_NAMED = 45
TIER_WORDS = {"head": f"head, over {HEAD_ABOVE}", "medium": f"medium, {TAIL_BELOW} to {HEAD_ABOVE}", "tail": f"tail, under {TAIL_BELOW}"}


def figure(result: LongTail, *, dark: bool = False) -> go.Figure:
    """Positives of each label by tier, and beside them how much of each label is positive, negative and unknown."""
    title = _title(result)
    if result.frame.height > MOST_NAMED:
        return _curve(result.frame, title, dark=dark)
    return _bars(result.frame, title, dark=dark)


def _title(result: LongTail) -> str:
    frame = result.frame
    rare = int((frame["n_positive"] < TAIL_BELOW).sum())
    half = int((frame["cumulative_share"] < 0.5).sum()) + 1
    share = f"{theme.plural(half, 'label')} of {frame.height:,} hold{'s' if half == 1 else ''} half of all positives"
    return share if not rare else f"{share}; {rare:,} {'has' if rare == 1 else 'have'} fewer than {TAIL_BELOW}"


def _bars(frame: pl.DataFrame, title: str, *, dark: bool) -> go.Figure:
    import plotly.graph_objects as go

    rows = list(range(frame.height))
    has_unknown = bool((frame["n_unknown"] > 0).any())
    told = bool(frame["true"].is_not_null().any())
    traces = []
    for tier in TIERS:
        part = frame.with_row_index("row").filter(tier=tier)
        if part.height:
            hover = (
                "<b>%{customdata[0]}</b><br>%{x:,} positives, %{customdata[1]} of the known cells<br>imbalance %{customdata[2]}"
                "<br>%{customdata[3]}"
            )
            traces.append(
                go.Bar(
                    x=part["n_positive"],
                    y=part["row"],
                    orientation="h",
                    name=TIER_WORDS[tier],
                    marker={"color": theme.ROLES[tier]},
                    text=[f"{n:,}" for n in part["n_positive"]],
                    textposition="none" if told else "outside",  # lines would run through them
                    cliponaxis=False,
                    hovertemplate=f"{hover}<extra></extra>",
                    customdata=[
                        [
                            theme.safe(row["label"], 80),
                            "none" if row["share"] is None else f"{row['share']:.2%}",
                            "undefined" if row["ir_lbl"] is None else f"{row['ir_lbl']:,.1f}",
                            _errors(row),
                        ]
                        for row in part.iter_rows(named=True)
                    ],
                )
            )
    traces += _intervals(frame, dark=dark)
    if has_unknown:
        traces += _composition(frame, rows)
    names = [f"{theme.clip(name, 20)}  {n:,}" if told else name for name, n in frame.select("label", "n_positive").iter_rows()]
    rows_axis = theme.row_axis(names, length=32 if told else 24)
    largest = int(frame["n_positive"].max() or 1)  # type: ignore[arg-type]
    reach = max(largest * 1.12, min(float(frame["true_high"].max() or 0) * 1.05, largest * 1.8))  # type: ignore[arg-type]
    return theme.figure(
        *traces,
        title=title,
        dark=dark,
        height=theme.bars_height(frame.height),
        barmode="stack",
        subtitle=_subtitle(frame, has_unknown=has_unknown),
        xaxis={"range": [0, reach], "domain": [0, 0.66 if has_unknown else 1], "tickformat": ",", "nticks": 6},
        yaxis=rows_axis,
        **(
            {
                "xaxis2": {"domain": [0.72, 1], "range": [0, 1], "tickformat": ".0%", "nticks": 3, "anchor": "y2"},
                "yaxis2": rows_axis | {"anchor": "x2", "showticklabels": False},
            }
            if has_unknown
            else {}
        ),
    )


def _subtitle(frame: pl.DataFrame, *, has_unknown: bool) -> str:
    told = frame["true"].is_not_null().sum()
    audit = (
        f"; lines: true positives by the audit, 95% interval, where it tells ({told:,} of {frame.height:,})"
        if told
        else f"; {NO_AUDIT}: as given"
        if (frame["audit"] == NO_AUDIT).all()
        else "; the audit tells of no label yet"
    )
    return "Positives of each label (items)" + audit + ("; right: share of its cells by state" if has_unknown else "")


def _errors(row: dict[str, Any]) -> str:
    """What the audit says of a label, for the hover."""
    said = [
        f"{words} {row[what]:,.0f} ({row[f'{what}_low']:,.0f} to {row[f'{what}_high']:,.0f})"
        for what, words in (("spurious", "wrong positives"), ("missing", "missed positives"))
        if row[what] is not None
    ]
    return "<br>".join([*said, theme.safe(row["audit"], 120)] if row["audit"] else said)


def _intervals(frame: pl.DataFrame, *, dark: bool) -> list[go.Scatter]:
    """A line from the lower to the upper limit of the true positives of each label that the audit tells of."""
    import plotly.graph_objects as go

    told = frame.with_row_index("row").filter(pl.col("true").is_not_null())
    if told.is_empty():
        return []
    ends = [value for low, high in told.select("true_low", "true_high").iter_rows() for value in (low, high, None)]
    line = go.Scatter(
        x=ends, y=[value for row in told["row"] for value in (row, row, None)], mode="lines", hoverinfo="skip", showlegend=False,
        line={"color": theme.INKS[dark]["ink"], "width": 2},
    )  # fmt: skip
    dots = go.Scatter(
        x=told["true"], y=told["row"], mode="markers", name="true positives, by the audit",
        marker={"color": theme.INKS[dark]["ink"], "size": 7},
        customdata=[_errors(row) for row in told.iter_rows(named=True)],
        hovertemplate="about %{x:,.0f} positives in truth<br>%{customdata}<extra></extra>",
    )  # fmt: skip
    return [line, dots]


def _composition(frame: pl.DataFrame, rows: list[int]) -> list[go.Bar]:
    import plotly.graph_objects as go

    total = frame["n_positive"] + frame["n_negative"] + frame["n_unknown"]
    return [
        go.Bar(
            x=(frame[f"n_{state}"] / total).cast(pl.Float32),
            y=rows,
            orientation="h",
            name=state,
            xaxis="x2",
            yaxis="y2",
            marker={"color": theme.ROLES[state]},
            customdata=frame[f"n_{state}"],
            hovertemplate=f"%{{customdata:,}} cells {state}, %{{x:.1%}}<extra></extra>",
            showlegend=state != "positive",
        )
        for state in ("positive", "negative", "unknown")
    ]


def _curve(frame: pl.DataFrame, title: str, *, dark: bool) -> go.Figure:
    import plotly.graph_objects as go

    frame = frame.with_columns(rank=np.arange(1, frame.height + 1))
    shown = _thinned(frame)
    traces = []
    for tier in TIERS:
        part = shown.filter(tier=tier)
        if part.height:
            traces.append(
                go.Scatter(
                    x=part["rank"],
                    y=part["n_positive"].clip(1),
                    mode="markers",
                    name=f"{TIER_WORDS[tier]}: {(frame['tier'] == tier).sum():,} labels",
                    marker={"color": theme.ROLES[tier], "size": 5},
                    customdata=[theme.safe(name, 80) for name in part["label"]],
                    hovertemplate="<b>%{customdata}</b><br>rank %{x:,}, %{y:,} positives<extra></extra>",
                )
            )
    named = [
        {
            "x": np.log10(row["rank"]),
            "y": np.log10(max(1, row["n_positive"])),
            "text": theme.safe(row["label"], 24),
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "middle",
            "xshift": 8,
            "yshift": 5,
            "font": {"size": 11},
        }
        for row in frame.head(3).iter_rows(named=True)
    ]
    empty = int((frame["n_positive"] == 0).sum())
    note = f"; {theme.plural(empty, 'label')} without any drawn at 1" if empty else ""
    return theme.figure(
        *traces,
        title=title,
        subtitle=f"Positives of each label (items) by rank, both on log scales{note}",
        dark=dark,
        annotations=named,
        xaxis={"type": "log", "title": {"text": "rank of the label"}, "tickformat": ",", "dtick": 1},
        yaxis={"type": "log", "tickformat": ",", "dtick": 1, "title": {"text": "positives"}},
    )


def _thinned(frame: pl.DataFrame, most: int = 3000) -> pl.DataFrame:
    """At most `most` labels, evenly on the log scale of the rank: more do not show."""
    if frame.height <= most:
        return frame
    ranks = np.unique(np.geomspace(1, frame.height, most).astype(np.int64))
    return frame[ranks - 1]
