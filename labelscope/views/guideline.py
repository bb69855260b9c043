"""A guideline as a page: HTML without scripts, the same as Markdown, and its confusions as a figure.

Colours are taken over from wherever the page is shown, so that it fits a light or dark notebook; alone in a browser it
follows the reader's scheme. Every text that came from data is escaped.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.errors import DataError
from labelscope.views import display, theme
from labelscope.views.html import Html, pieces
from labelscope.views.item_text import item_text
from labelscope.views.thumbnails import thumbnail

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.explain.guideline import Guideline

__all__ = ["bundle", "company", "example_lines", "examples", "figure", "page", "plain", "short", "stylesheet"]

TEMPLATE = "guideline.html.j2"
LENGTH = 240
PIXELS = 112
NOTE = "It shows how the label was used in this data set, not how it ought to be used: that is for a person to say."


def page(result: Guideline, form: str) -> str:
    """The guideline as a complete HTML page, or as Markdown without pictures."""
    if form == "markdown":
        return _markdown(result)
    return str(pieces(TEMPLATE).page(theme.clip(result.label, 80), _fragment(result)))


def bundle(result: Guideline) -> dict[str, Any]:
    """MIME bundle of the result: the page itself wherever HTML is shown, its figure as the picture."""
    return display.bundle(result, figure(result), page=_fragment(result))


def figure(result: Guideline, *, dark: bool = False) -> go.Figure:
    """Labels that this one is confused with, in items; where it is with none, those that it goes together with."""
    import plotly.graph_objects as go

    label, frame = theme.safe(result.label, 30), result.confusions
    if frame.is_empty():
        return _company(result, dark=dark)
    bars = [
        go.Bar(
            x=frame[column] * sign,
            y=list(range(frame.height)),
            orientation="h",
            name=words,
            marker={"color": colour},
            text=[f"{n:,}" if n else "" for n in frame[column]],
            textposition="outside",
            cliponaxis=False,
            customdata=[[theme.safe(other, 80), n] for other, n in frame.select("label", column).iter_rows()],
            hovertemplate=f"<b>%{{customdata[0]}}</b><br>%{{customdata[1]:,}} items {words}<extra></extra>",
        )
        for column, sign, words, colour in (
            ("claimed", 1, f"given the other, model says {label}", theme.BLUE),
            ("lost", -1, f"given {label}, model says the other", theme.VERMILLION),
        )
    ]
    lost, claimed = (int(frame[column].to_numpy().max()) for column in ("lost", "claimed"))
    room = 0.12 * max(lost + claimed, 1)  # for the numbers
    return theme.figure(
        *bars,
        title=f"{label} is most often confused with {theme.safe(frame['label'][0], 30)}",
        subtitle="Items where the given labels and the model disagree",
        dark=dark,
        barmode="relative",
        height=theme.bars_height(frame.height),
        xaxis={
            "range": [-lost - room * (lost > 0), claimed + room * (claimed > 0)],
            "showticklabels": False,
            "showgrid": False,
            "zeroline": True,
            "zerolinecolor": theme.GREY,
        },
        yaxis=theme.row_axis(frame["label"], n_rows=max(4, frame.height)),
    )


def _company(result: Guideline, *, dark: bool) -> go.Figure:
    """Of a label that is confused with no other: which other labels its items have."""
    import plotly.graph_objects as go

    label, frame = theme.safe(result.label, 40), result.goes_with
    title = f"{label} is confused with no other label"
    if frame.is_empty():
        return theme.blank(title, "No other label stands out where model and labels disagree, and none goes with it.", dark=dark)
    bars = go.Bar(
        x=frame["share"],
        y=list(range(frame.height)),
        orientation="h",
        marker={"color": theme.GREY},
        text=[f"{share:.0%}" for share in frame["share"]],
        textposition="outside",
        cliponaxis=False,
        customdata=[[theme.safe(other, 80), lift] for other, lift in frame.select("label", "lift").iter_rows()],
        hovertemplate="<b>%{customdata[0]}</b><br>on %{x:.0%} of its items, %{customdata[1]:.1f} times as often as on all<extra></extra>",
    )
    return theme.figure(
        bars,
        title=title,
        subtitle=f"Other labels that its {theme.plural(result.n_positive, 'item')} have more often than the rest: share of them",
        dark=dark,
        height=theme.bars_height(frame.height),
        showlegend=False,
        xaxis={"range": [0, 1.12], "tickformat": ".0%", "nticks": 5},
        yaxis=theme.row_axis(frame["label"], n_rows=max(4, frame.height)),
    )


def _markdown(result: Guideline) -> str:
    """The guideline as Markdown, without pictures."""
    lines = [f"# {plain(result.label)}", "", *([plain(result.description), ""] if result.description else []), _counts(result), ""]
    if result.goes_with.height:
        lines += [company(result, plain), ""]
    return "\n".join([*lines, *example_lines(result), _closing(result), ""])


def example_lines(result: Guideline) -> list[str]:
    """The sections of examples as lines of Markdown."""
    lines: list[str] = []
    for title, words, rows in _sections(result):
        lines += [f"## {plain(title)}", "", *([words, ""] if words else [])]
        lines += [f"- {plain(_words(result, row))} *(item {plain(str(row['item_id']))})*" for row in rows] or ["- none"]
        lines.append("")
    if result.confusions.height:
        lines += ["## Easily confused with", ""]
        for row in result.confusions.iter_rows(named=True):
            lines += [f"### {plain(row['label'])}", "", _confusion(result, row, plain), ""]
            lines += [
                f"- {plain(_words(result, e))} *({_stated(result, e, plain)}, item {plain(str(e['item_id']))})*"
                for e in _behind(result, row)
            ]
            lines.append("")
    return lines


def stylesheet() -> Html:
    """The style of a page on a label."""
    return Html(Path(__file__).with_suffix(".css").read_text(encoding="utf-8"))


def examples(result: Guideline) -> Html:
    """The sections of examples, and what is told of each label that it is confused with."""
    made = pieces(TEMPLATE).examples(
        sections=[(title, words, _cards(result, rows)) for title, words, rows in _sections(result)],
        confusions=[
            (short(row["label"]), _confusion(result, row, short), _cards(result, _behind(result, row), stated=True))
            for row in result.confusions.iter_rows(named=True)
        ],
    )
    return Html(made)


def _fragment(result: Guideline) -> Html:
    made = pieces(TEMPLATE).fragment(
        name=theme.clip(result.label, 120),
        description=theme.clip(result.description, 600) if result.description else "",
        counts=_counts(result),
        together=company(result, short) if result.goes_with.height else "",
        examples=examples(result),
        closing=_closing(result),
        style=stylesheet(),
    )
    return Html(made)


Row = dict[str, Any]


def _sections(result: Guideline) -> list[tuple[str, str, list[Row]]]:
    """Title, a sentence and the examples of each section."""
    line = f"the model is at its line here ({result.threshold:.0%}), and so may be a person"
    return [
        ("Typical", "", _of(result, "exemplar")),
        ("Borderline, given the label", f"Just in: {line}.", _of(result, "borderline, given")),
        ("Borderline, not given it", f"Just out: {line}.", _of(result, "borderline, not given")),
    ]


def _of(result: Guideline, section: str) -> list[Row]:
    return result.frame.filter(pl.col("section") == section).to_dicts()


def _behind(result: Guideline, row: Row) -> list[Row]:
    return result.frame.filter(pl.col("section") == "confused", pl.col("other") == row["label"]).to_dicts()


def _counts(result: Guideline) -> str:
    unknown = f", {result.n_unknown:,} that nobody checked" if result.n_unknown else ""
    return f"{result.n_positive:,} items have it, {result.n_negative:,} do not{unknown}."


def _closing(result: Guideline) -> str:
    left = f" {theme.plural(result.n_left_out, 'suspicious cell is', 'suspicious cells are')} left out." if result.n_left_out else ""
    return f"Made from the data: examples are real items, chosen to stand for the others.{left} {NOTE}"


def _together(result: Guideline, safe: Any) -> list[str]:
    return [f"{safe(label)} ({share:.0%})" for label, share in result.goes_with.select("label", "share").iter_rows()]


def company(result: Guideline, safe: Callable[[object], str]) -> str:
    """The labels that its items often have too, as a sentence; `safe` makes a name fit for where it is shown."""
    return f"Often together with {_join(_together(result, safe))}."


def _confusion(result: Guideline, row: Row, safe: Any) -> str:
    this, other = safe(result.label), safe(row["label"])
    found = []
    if row["claimed"]:
        found.append(f"{theme.plural(row['claimed'], 'item')} labelled {other} and not {this} look like {this} to the model")
    if row["lost"]:
        found.append(f"{theme.plural(row['lost'], 'item')} labelled {this} look rather like {other}")
    return "; ".join(found) + "."


def _stated(result: Guideline, example: Row, safe: Any) -> str:
    return f"labelled {safe(result.label)}" if example["state"] == 1 else f"labelled {safe(example['other'])}, not {safe(result.label)}"


def _cards(result: Guideline, examples: Iterable[Row], *, stated: bool = False) -> list[dict[str, str]]:
    """Picture, words and what is told below them, of each example."""
    return [
        {
            "picture": _picture(result, row["item_id"]),
            "words": theme.clip(_words(result, row), LENGTH),
            "told": f"{f'{_stated(result, row, short)}; ' if stated else ''}item {theme.clip(str(row['item_id']), 40)}, "
            f"model {row['probability']:.0%}",
        }
        for row in examples
    ]


def _picture(result: Guideline, item: object) -> str:
    if result.dataset is None or result.dataset.image is None:
        return ""
    try:
        return base64.b64encode(thumbnail(result.dataset, result.dataset.position(item), PIXELS)).decode()
    except DataError:
        return ""


def _words(result: Guideline, row: Row) -> str:
    if row.get("text"):
        return str(row["text"])
    return "" if result.dataset is None else item_text(result.dataset, result.dataset.position(row["item_id"]))


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def short(text: object) -> str:
    """A name that came from data, cut to a length."""
    return theme.clip(str(text), 80)


def plain(text: object) -> str:
    """Text from data in Markdown: no markup of either kind, on one line."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|~^$-])", r"\\\1", html.escape(theme.clip(str(text), LENGTH), quote=False))
