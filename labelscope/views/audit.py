"""An audit as a figure: how many cells are wrong, of which kind and in which label, each with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.audit.estimate import in_words
from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.audit.estimate import AuditEstimate

__all__ = ["figure"]

MOST_LABELS = 16
PARTS = {"all": "all cells", "spurious": "spurious", "missing": "missing", "flagged": "flagged cells"}
COLOURS = {"all": theme.GREY, "spurious": theme.ROLES["spurious"], "missing": theme.ROLES["missing"], "flagged": theme.GREEN}
ROW, GAP = 30, 2.2  # pixels of a row, rows between the two parts
PLOT = 0.66  # of the width; the rest is for the numbers


def figure(result: AuditEstimate, *, dark: bool = False) -> go.Figure:
    """Wrong cells by kind above, error rates of labels below; dots are estimates, lines intervals."""
    audited = int(result.strata["n_audited"].sum())
    if not audited:
        return theme.blank("No cell of the sample was audited yet", f"{theme.plural(result.n_left, 'cell')} wait for a verdict.", dark=dark)
    kinds = result.frame.filter(pl.col("part").is_in(list(PARTS))).select("part", "n_cells", "wrong", "wrong_low", "wrong_high")
    shown = result.labels.drop_nulls("error_rate").sort("error_rate", descending=True).head(MOST_LABELS)
    n_rows = kinds.height + (shown.height + GAP if shown.height else 0)
    split = kinds.height / n_rows
    layout: dict[str, Any] = {"annotations": []}
    traces = []
    for row, (part, n_cells, *ends) in enumerate(kinds.iter_rows()):
        words = in_words(result.wrong(part)) + (f" of {n_cells:,}" if part == "flagged" else "")
        traces += _interval(row, *ends, colour=COLOURS[part], axis="", words=words)
        layout["annotations"].append(_number(row, words.removeprefix("about "), axis=""))
    layout["xaxis"] = _scale(kinds["wrong_high"]) | {"tickformat": ",", "anchor": "y"}
    layout["yaxis"] = theme.row_axis([PARTS[part] for part in kinds["part"]]) | {"domain": [1 - split, 1], "anchor": "x"}
    if shown.height:
        for row, (low, value, high) in enumerate(shown.select("error_low", "error_rate", "error_high").iter_rows()):
            words = f"{_percent(value)} ({_percent(low)} to {_percent(high)})"
            traces += _interval(row, value, low, high, colour=theme.BLUE, axis="2", words=words)
            layout["annotations"].append(_number(row, words, axis="2"))
        layout["xaxis2"] = _scale(shown["error_high"]) | {"tickformat": ".0%", "anchor": "y2"}
        top = shown.height / n_rows
        layout["yaxis2"] = theme.row_axis(shown["label"]) | {"domain": [0, top], "anchor": "x2"}
        layout["annotations"].append(_heading(f"<b>Error rate by label</b>{_rest(result, shown.height)}", top))
    return theme.figure(
        *traces,
        title=f"{_sentence(in_words(result.wrong()))} of {int(result.strata['n_cells'].sum()):,} cells are wrong",
        subtitle=_subtitle(result, audited),
        dark=dark,
        height=round(175 + ROW * n_rows),
        showlegend=False,
        **layout,
    )


def _interval(row: int, value: float, low: float, high: float, *, colour: str, axis: str, words: str) -> list[go.Scatter]:
    import plotly.graph_objects as go

    on = {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": False}
    told = {"hovertemplate": f"{words}<extra></extra>"}
    line = go.Scatter(x=[low, high], y=[row, row], mode="lines", line={"color": colour, "width": 4}, opacity=0.6, **on, **told)
    return [line, go.Scatter(x=[value], y=[row], mode="markers", marker={"color": colour, "size": 11}, **on, **told)]


def _number(row: int, words: str, *, axis: str) -> dict[str, Any]:
    return {
        "text": words, "x": PLOT + 0.02, "xref": "paper", "y": row, "yref": f"y{axis}", "xanchor": "left", "yanchor": "middle",
        "showarrow": False, "font": {"size": 12},
    }  # fmt: skip


def _scale(ends: pl.Series) -> dict[str, Any]:
    """An x axis from a little below 0, so that a dot at 0 is whole, to a little above the largest."""
    top = float(ends.max() or 0) or 1.0  # type: ignore[arg-type]
    return {"domain": [0, PLOT], "range": [-0.02 * top, 1.04 * top], "nticks": 6}


def _percent(rate: float) -> str:
    return f"{rate:.0%}" if rate >= 0.1 or rate == 0 else f"{rate:.1%}"


def _heading(words: str, y: float) -> dict[str, Any]:
    return {
        "text": words, "x": 0, "xref": "paper", "y": y, "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False,
        "font": {"size": 12},
    }  # fmt: skip


def _rest(result: AuditEstimate, n_shown: int) -> str:
    with_rate = result.labels["error_rate"].count()
    silent = result.labels.height - with_rate
    parts = [f"top {n_shown} of {with_rate:,}"] if with_rate > n_shown else []
    parts += [f"{theme.plural(silent, 'label')} audited too little to say"] if silent else []
    return f" ({', '.join(parts)})" if parts else ""


def _subtitle(result: AuditEstimate, audited: int) -> str:
    words = f"Number of wrong cells, by {theme.plural(audited, 'audited cell')}; lines: {result.confidence:.0%} intervals"
    undecidable = int(result.strata["n_undecidable"].sum())
    words += f"; {undecidable:,} undecidable ({result.undecidable_share:.0%})" if undecidable else ""
    words += "" if result.labels["error_rate"].count() else "; too few for a rate by label"
    return words + (f"; {result.n_left:,} not answered yet" if result.n_left else "")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
