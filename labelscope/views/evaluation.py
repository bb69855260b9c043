"""Models as a figure: each metric on the labels as given, as corrected, and on the truth with its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.audit.evaluation import Evaluation

__all__ = ["figure"]

METRICS = {"f1": "F1", "precision": "precision", "recall": "recall"}
MOST_MODELS = 8
SYMBOLS = {"given": "circle-open", "corrected": "diamond-open", "truth": "circle"}
COLOURS = {"given": theme.GREY, "corrected": theme.GREEN, "truth": theme.BLUE}
WORDS = {"given": "labels as given", "corrected": "as corrected so far", "truth": "truth, with interval"}


def figure(result: Evaluation, *, dark: bool = False) -> go.Figure:
    """A row for each model and metric; open marks are counted, the full one is an estimate, the line its interval."""
    import plotly.graph_objects as go

    models = result.models[:MOST_MODELS]
    rows = [(model, metric) for metric in METRICS for model in models]
    place = {key: row for row, key in enumerate(rows)}
    shown = result.frame.filter(pl.col("model").is_in(models) & pl.col("metric").is_in(list(METRICS)))
    estimated = shown.filter(labels="truth").drop_nulls("value").select("model", "metric", "low", "high")
    traces = [
        go.Scatter(
            x=[low, high],
            y=[place[model, metric]] * 2,
            mode="lines",
            line={"color": COLOURS["truth"], "width": 4},
            opacity=0.6,
            showlegend=False,
            hoverinfo="skip",
        )
        for model, metric, low, high in estimated.iter_rows()
    ]
    for kind, symbol in SYMBOLS.items():
        part = shown.filter(labels=kind).drop_nulls("value")
        if part.is_empty():
            continue
        at = part.select("model", "metric").rows()
        told = [_words(kind, *row) for row in part.select("value", "low", "high").iter_rows()]
        traces.append(
            go.Scatter(
                x=part["value"],
                y=[place[key] for key in at],
                mode="markers",
                name=WORDS[kind],
                marker={"symbol": symbol, "size": 10, "color": COLOURS[kind], "line": {"width": 2}},
                hovertext=[f"{theme.safe(model)}, {METRICS[metric]}: {words}" for (model, metric), words in zip(at, told, strict=True)],
                hoverinfo="text",
            )
        )
    names = [f"{METRICS[metric]}, {theme.clip(model, 20)}" for model, metric in rows]
    return theme.figure(
        *traces,
        title=_title(result),
        subtitle=_subtitle(result, len(models)),
        dark=dark,
        height=theme.bars_height(len(rows)) + 12 * len(rows),
        xaxis={"range": [_start(shown), 1.02], "nticks": 6},
        yaxis=theme.row_axis(names, length=34),
    )


def _start(shown: pl.DataFrame) -> float:
    """Where the axis begins: a little below the least, at a whole tenth."""
    least = shown["low"].min()
    return max(-0.02, math.floor(10 * float(least) - 0.5) / 10) if least is not None else -0.02  # type: ignore[arg-type]


def _words(kind: str, value: float, low: float, high: float) -> str:
    return f"{value:.3f} ({low:.3f} to {high:.3f})" if kind == "truth" else f"{value:.3f} on {WORDS[kind]}"


def _title(result: Evaluation) -> str:
    told = result.differences.filter(metric="f1")["better"].drop_nulls().to_list()
    if len(result.models) == 2 and told:
        return f"{theme.safe(told[0])} has the better F1 on the truth"
    if len(result.models) == 2:
        return "Which of the two models is better is not decided"
    best = result.frame.filter(labels="truth", metric="f1").drop_nulls("value").sort("value", descending=True)
    if best.is_empty():
        return "The audit says nothing yet"
    name, value, low, high = best.select("model", "value", "low", "high").row(0)
    return f"{theme.safe(name)}: F1 {value:.2f} on the truth ({low:.2f} to {high:.2f})"


def _subtitle(result: Evaluation, n_shown: int) -> str:
    kind = {"micro": "all cells together", "macro": f"mean of {theme.plural(len(result.averaged), 'label')}"}
    how = kind.get(result.average, "all cells, with the ancestors in the taxonomy")
    rest = f"; {n_shown} of {len(result.models)} models" if len(result.models) > n_shown else ""
    return f"{how}; truth by {theme.plural(result.n_audited, 'audited cell')}, {result.confidence:.0%} intervals{rest}".capitalize()
