"""The page of a comparison: what a repair was worth, as one HTML file that opens offline, and the same as JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from os import PathLike
from pathlib import Path

import polars as pl

from labelscope.audit.comparison import KINDS, Comparison
from labelscope.audit.estimate import about
from labelscope.data.files import write_files
from labelscope.data.inputs import Inputs
from labelscope.export.markup import TEMPLATES, Cell, Html, bullets, cards, figure_of, paragraph, section, table
from labelscope.version import __version__
from labelscope.views.html import render

__all__ = ["json_beside", "write_comparison"]

MOST_LABELS, MOST_CELLS, MOST_NAMES = 50, 50, 8
HEADS = {"added": "added", "removed": "removed", "decided": "unknown, decided", "unset": "set to unknown"}
STATES = {1: "positive", 0: "negative", -1: "unknown"}
SHOWN = {"f1": "F1"}
JUDGES = {"old": "the labels before", "new": "the labels after", "truth": "the truth, by the audit"}


def json_beside(path: str | PathLike[str]) -> Path:
    """Where the JSON of a page goes."""
    return Path(path).with_suffix(".json")


def write_comparison(path: str | PathLike[str], comparison: Comparison, *, name: str, inputs: Inputs = ()) -> None:
    """Write the page and, beside it under the same name, its figures as JSON; both or neither.

    Parameters
    ----------
    path : str or path
        Of the HTML file; replaced if it exists.
    comparison : Comparison
    name : str
        Title of the page.
    inputs : iterable of (what it is, path)
        Files that must not be replaced.

    Raises
    ------
    DataError
        If a file cannot be written; then neither is.
    """
    chapters = [(anchor, words, content) for anchor, words, content in _chapters(comparison) if content]
    page = render(
        "report.html.j2",
        TEMPLATES,
        version=__version__,
        name=name,
        kind="what the repair was worth",
        brand="comparison",
        style=Html(Path(__file__).with_name("report.css").read_text(encoding="utf-8")),
        lead=_lead(comparison),
        chapters=chapters,
        made_at="",
    ).encode()
    text = json.dumps({"labelscope": __version__, "name": name} | comparison.facts, indent=2, ensure_ascii=False).encode()
    write_files(
        {Path(path): lambda file: file.write(page), json_beside(path): lambda file: file.write(text + b"\n")}, name="compare", inputs=inputs
    )


def _chapters(told: Comparison) -> Iterable[tuple[str, str, Html]]:
    yield "overview", "In short", section("overview", "In short", cards(_numbers(told)), bullets(_said(told)))
    yield "errors", "Errors", _errors(told)
    yield "model", "Model", _model(told)
    yield "labels", "Labels", _labels(told)
    yield "cells", "Cells", _cells(told)
    yield "effort", "Effort", _effort(told)


def _lead(told: Comparison) -> str:
    return (
        f"{told.cells.height:,} of {told.n_items * told.n_labels:,} cells (item, label) differ between the two versions, "
        f"which have {told.n_items:,} items and {told.n_labels:,} labels in common."
    )


def _numbers(told: Comparison) -> Iterable[tuple[str, str, str]]:
    of = told.counts
    yield f"{of['added']:,}", "labels added: absent before, present after", "missing"
    yield f"{of['removed']:,}", "labels removed: present before, absent after", "spurious"
    yield f"{of['decided']:,}", "unknown cells that got a state", "unknown"
    whole = told.errors.filter(kind="all")
    if whole.height:
        row = whole.row(0, named=True)
        yield f"about {about(row['before'])}", f"cells wrong before ({about(row['before_low'])} to {about(row['before_high'])})", ""
        yield f"about {about(row['after'])}", f"cells wrong after ({about(row['after_low'])} to {about(row['after_high'])})", ""
    if told.effort.height:
        minutes = float(told.effort["minutes"].sum())
        yield (f"{minutes / 60:,.1f}", "hours at work", "") if minutes >= 60 else (f"{minutes:,.0f}", "minutes at work", "")


def _said(told: Comparison) -> list[str]:
    """What it was worth, and what is not told."""
    out = [f"{told.better[:1].upper()}{told.better[1:]}."] if told.better else []
    for words, only in (("the earlier", told.only_old), ("the later", told.only_new)):
        for what, names in only.items():
            if names:
                more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
                out.append(f"{len(names):,} {what} are in {words} version alone: {', '.join(names[:MOST_NAMES])}{more}.")
    return [*out, *told.notes]


def _errors(told: Comparison) -> Html:
    if told.errors.is_empty():
        return Html()
    names = {"all": "all", "spurious": "spurious: given, and wrong", "missing": "missing: absent, and wrong"}
    rows = [
        (names[kind], *(Cell(f"{about(value)} ({about(low)} to {about(high)})", "number") for value, low, high in (limits[:3], limits[3:])))
        for kind, *limits in told.errors.iter_rows()
    ]
    return section(
        "errors", "Errors", table("Wrong cells, with 95% intervals", ("kind", Cell("before", "number"), Cell("after", "number")), rows)
    )


def _model(told: Comparison) -> Html:
    if told.model.is_empty():
        return Html()
    rows = [
        (
            SHOWN.get(metric, metric),
            JUDGES[judge],
            *(Cell(_value(told.model.filter(metric=metric, judged_by=judge, trained_on=version)), "number") for version in ("old", "new")),
        )
        for metric in told.model["metric"].unique(maintain_order=True)
        for judge in told.model["judged_by"].unique(maintain_order=True)
    ]
    heads = ("metric", "judged by", Cell("trained on the labels before", "number"), Cell("trained on the labels after", "number"))
    return section(
        "model",
        "Model",
        paragraph("The same model, fitted out of fold on the same folds with the labels before and with the labels after."),
        table("Model before and after", heads, rows),
    )


def _value(rows: pl.DataFrame) -> str:
    value, low, high = rows.select("value", "low", "high").row(0)
    if value is None:
        return "not told"
    return f"{value:.3f}" if low == high else f"{value:.3f} ({low:.3f} to {high:.3f})"


def _labels(told: Comparison) -> Html:
    changed = told.frame.filter(pl.col("n_changed") > 0)
    if changed.is_empty():
        return Html()
    rows = [
        (Cell(row["label"], "label"), *(Cell(f"{row[kind]:,}", "number") for kind in (*KINDS, "n_changed")))
        for row in changed.head(MOST_LABELS).iter_rows(named=True)
    ]
    rest = f", the first {MOST_LABELS} of {changed.height:,}" if changed.height > MOST_LABELS else ""
    listed = table(f"Changed cells by label{rest}", ("label", *(Cell(words, "number") for words in (*HEADS.values(), "in all"))), rows)
    return section("labels", "Labels", figure_of(told), listed)


def _cells(told: Comparison) -> Html:
    if told.cells.is_empty():
        return Html()
    shown = told.cells.head(MOST_CELLS)
    rows = [(str(item), Cell(label, "label"), STATES[before], STATES[after]) for item, label, before, after in shown.iter_rows()]
    rest = f", the first {MOST_CELLS} of {told.cells.height:,}" if told.cells.height > MOST_CELLS else ""
    return section("cells", "Cells", table(f"Changed cells{rest}", ("item", "label", "before", "after"), rows))


def _effort(told: Comparison) -> Html:
    if told.effort.is_empty():
        return Html()
    hours = told.effort["minutes"].sum() / 60
    pace = f" That is {told.cells.height / hours:,.0f} changed cells an hour." if hours >= 1 / 60 and told.cells.height else ""
    rows = [
        (reviewer, *(Cell(f"{n:,}", "number") for n in counts), Cell(f"{minutes:,.0f}", "number"))
        for reviewer, *counts, minutes in told.effort.iter_rows()
    ]
    return section(
        "effort",
        "Effort",
        paragraph(f"Decisions in the ledger, and time at work: pauses of more than two minutes do not count.{pace}"),
        table("Effort by reviewer", ("reviewer", *(Cell(words, "number") for words in ("decisions", "cells", "minutes"))), rows),
    )
