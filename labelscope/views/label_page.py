"""A label page as HTML without scripts, as Markdown, and its reliability as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views import calibration, display, guideline, theme
from labelscope.views.html import Html, pieces
from labelscope.views.picture import png

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.suggest.label_page import LabelPage

__all__ = ["bundle", "figure", "page"]

N_SUSPECTS, N_RULES = 5, 6
RULES = {"implies": "always has", "identical": "is the same as", "exclusive": "never goes with"}


def page(result: LabelPage, form: str) -> str:
    """The page as a complete HTML page, or as Markdown without pictures."""
    if form == "markdown":
        return _markdown(result)
    return str(pieces(guideline.TEMPLATE).page(theme.clip(result.label, 80), _fragment(result), "label page"))


def bundle(result: LabelPage) -> dict[str, Any]:
    """MIME bundle of the result: the page itself wherever HTML is shown, its figure as the picture."""
    return display.bundle(result, figure(result), page=_fragment(result))


def figure(result: LabelPage, *, dark: bool = False) -> go.Figure:
    """Whether the probabilities of the label mean what they say: share of positives against probability."""
    label, bins = theme.safe(result.label, 40), result.reliability
    if bins.is_empty():
        return theme.blank(f"{label} has no probabilities", "It has too few positives or negatives, or nothing was predicted.", dark=dark)
    return theme.figure(
        *calibration.diagram(bins),
        title=f"What the probabilities of {label} mean",
        subtitle="Bins of equally many positives, 95% intervals; on the line they are right",
        dark=dark,
        showlegend=False,
        xaxis={"range": [0, 1], "tickformat": ".0%", "nticks": 6, "title": {"text": "probability"}},
        yaxis=calibration.share_axis(),
    )


def _fragment(result: LabelPage) -> Html:
    """The page as a piece of HTML."""
    told = result.guideline
    together = [("Goes with", [guideline.company(told, guideline.short)])] if told is not None and told.goes_with.height else []
    drawn = display.picture_tag(png(figure(result)), f"Reliability of {theme.clip(result.label, 80)}") if result.reliability.height else ""
    made = pieces(guideline.TEMPLATE).label(
        name=theme.clip(result.label, 120),
        description=theme.clip(result.description, 600) if result.description else "",
        instructions=result.instructions,
        facts=[*_facts(result), *together],
        tables=[(title, display.table(frame)) for title, frame in _tables(result)],
        picture=drawn,
        examples="" if told is None else guideline.examples(told),
        style=guideline.stylesheet(),
    )
    return Html(made)


def _facts(result: LabelPage) -> list[tuple[str, list[str]]]:
    """Sections and their sentences."""
    frame = result.frame.filter(pl.col("words") != "")
    return [(str(title), part["words"].to_list()) for (title,), part in frame.group_by("section", maintain_order=True)]


def _tables(result: LabelPage) -> list[tuple[str, pl.DataFrame]]:
    """Titles and tables, those with rows."""
    of = result.dataset
    suspects = result.suspects.filter("flagged")
    words = {"missing": "possibly missing", "spurious": "possibly wrong"}
    parts = [suspects.filter(kind=kind).head(N_SUSPECTS) for kind in words]
    cells = pl.concat(parts).with_columns(pl.col("kind").replace(words))
    if of is not None and of.text is not None and cells.height:
        rows = [of.position(item) for item in cells["item_id"]]
        cells = cells.with_columns(text=of.items[of.text][rows].cast(pl.String))
    found = [
        ("Suspicious cells", cells.drop("flagged")),
        ("Rules", _rules(result)),
        ("Splits", result.shares.drop("query")),
    ]
    return [(title, frame) for title, frame in found if frame.height]


def _rules(result: LabelPage) -> pl.DataFrame:
    if result.rules.is_empty():
        return result.rules
    frame = result.rules.head(N_RULES)
    return frame.select("label_a", pl.col("relation").replace(RULES), "label_b", exceptions="counter_examples", items="n_a")


def _markdown(result: LabelPage) -> str:
    plain = guideline.plain
    lines = [f"# {plain(result.label)}", "", *([plain(result.description), ""] if result.description else [])]
    lines += ["## Guideline", "", *map(plain, result.instructions.splitlines()), ""] if result.instructions else []
    for title, sentences in _facts(result):
        lines += [f"## {title}", "", *(f"- {plain(words)}" for words in sentences), ""]
    for row in _rules(result).iter_rows(named=True):
        lines.append(f"- {plain(row['label_a'])} {row['relation']} {plain(row['label_b'])}: {row['exceptions']:,} exceptions")
    told = result.guideline
    if told is None:
        return "\n".join([*lines, ""])
    together = [guideline.company(told, plain), ""] if told.goes_with.height else []
    return "\n".join([*lines, "", *together, *guideline.example_lines(told)])
