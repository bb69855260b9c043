"""The cells: where they lie, which look wrong, what to change, and what became of the unknown ones."""

from __future__ import annotations

from typing import Any

import polars as pl

from labelscope.export.item_cell import excerpt
from labelscope.export.markup import Cell, Html, figure, figure_of, heading, meter, paragraph, pill, section, table
from labelscope.export.report_input import SUSPICION, ReportInput
from labelscope.views import embedding_map
from labelscope.views.theme import clip, plural

__all__ = ["cells", "changes", "space", "unknown"]

N_CELLS, N_CHANGES, N_REASONS = 12, 12, 12
N_NAMED = 4


def space(m: ReportInput) -> Html:
    """The map with the flagged items in colour."""
    if m.map is None:
        return Html()
    groups = pl.concat([m.flagged(kind).select("item_id", group="kind") for kind in ("spurious", "missing")])
    drawn = [embedding_map.figure(m.map, groups=groups if groups.height else None, dark=dark) for dark in (False, True)]
    note = "Each point is an item; items with a flagged cell are in colour. Errors often gather where items look alike."
    return section("map", "Map", paragraph(note, "note"), figure(*drawn))


def cells(m: ReportInput) -> Html:
    """Flagged cells, missing and spurious apart."""
    parts = [
        ("missing", "Possibly missing: absent labels", "no absent label looks missing"),
        ("spurious", "Spurious: given labels that look wrong", "no given label looks wrong"),
    ]
    body = [part for kind, title, none in parts for part in _flagged(m, kind, title, none)]
    return section("cells", "Suspicious cells", paragraph(SUSPICION, "note"), figure_of(m.findings), *body)


def _flagged(m: ReportInput, kind: str, title: str, none: str) -> list[Html]:
    flagged = m.flagged(kind)
    head = heading(title, kind)
    if not flagged.height:
        return [head, paragraph(f"None: {none}.", "note")]
    shown = flagged.head(N_CELLS)
    rows = [
        (Cell(clip(label), "label"), Cell(meter(suspicion), "number"), excerpt(m.dataset, item))
        for item, label, suspicion in shown.select("item_id", "label", "suspicion").iter_rows()
    ]
    caption = f"The {shown.height} most suspicious of {flagged.height:,} flagged cells"
    return [head, table(caption, ("Label", Cell("Suspicion", "number"), "Item"), rows, [kind] * shown.height)]


def changes(m: ReportInput) -> Html:
    """The surest suggestions."""
    frame = m.suggestions.frame
    note = paragraph(m.suggestions.summary() + ". Nothing is changed before a person accepts it.", "note")
    if not frame.height:
        return section("suggestions", "Suggestions", note, _given_reasons(m))
    tables = [_surest(m, frame.filter(action=action), words) for action, words in (("add", "to add"), ("remove", "to remove"))]
    return section("suggestions", "Suggestions", note, figure_of(m.suggestions), *tables, _given_reasons(m))


def _given_reasons(m: ReportInput) -> Html:
    """Why people decided as they did, the commonest reason first."""
    if m.reasons is None or not m.reasons.height:
        return Html()
    labels = pl.col("label").unique(maintain_order=True)
    counted = m.reasons.group_by("reason", maintain_order=True).agg(
        n=pl.len(), accepted=(pl.col("verdict") == "accepted").sum(), rejected=(pl.col("verdict") == "rejected").sum(), labels=labels
    )
    shown = counted.sort("n", descending=True, maintain_order=True).head(N_REASONS)
    rows = [
        (clip(reason, 80), *(Cell(f"{k:,}", "number") for k in (n, accepted, rejected)), _some(labels))
        for reason, n, accepted, rejected, labels in shown.iter_rows()
    ]
    heads = ("Reason", *(Cell(head, "number") for head in ("Decisions", "Accepted", "Rejected")), "For instance")
    return table(f"Reasons that people gave for {plural(m.reasons.height, 'decision')}", heads, rows)


def _surest(m: ReportInput, frame: pl.DataFrame, words: str) -> Html:
    """The first suggestions of one kind: the surest of all may be of the other kind throughout."""
    if not frame.height:
        return Html()
    shown = frame.head(N_CHANGES)
    rows = [
        (
            pill(action),
            Cell(clip(label), "label"),
            Cell(meter(confidence), "number"),
            excerpt(m.dataset, item),
            Cell(reason or "", "reason"),
        )
        for item, label, action, confidence, reason in shown.select("item_id", "label", "action", "confidence", "reason").iter_rows()
    ]
    caption = f"The {shown.height} surest of {plural(frame.height, 'label')} {words}"
    heads = ("Change", "Label", Cell("Confidence", "number"), "Item", "Reason")
    return table(caption, heads, rows, shown["action"].to_list())


def unknown(m: ReportInput) -> Html:
    """Pseudo-labels and abstentions; left out where every cell is known."""
    result = m.pseudo_labels
    if not result.frame.height and not result.abstained.height:
        return Html()
    note = f"{result.summary()}. A cell that cannot be told apart at that rate stays unknown, and the reason is given."
    reasons: Any = ""
    if result.abstained.height:
        by_reason = result.abstained.group_by("reason").agg(n_labels=pl.len(), n=pl.col("n_cells").sum(), labels=pl.col("label"))
        rows = [
            (
                reason,
                Cell(f"{n:,}", "number"),
                Cell(f"{n_labels:,}", "number"),
                _some(labels),
            )
            for reason, n_labels, n, labels in by_reason.sort("n", descending=True).head(N_REASONS).iter_rows()
        ]
        reasons = table("Cells left unknown, and why", ("Reason", Cell("Cells", "number"), Cell("Labels", "number"), "For instance"), rows)
    return section("pseudo-labels", "Pseudo-labels", paragraph(note, "note"), figure_of(result), reasons)


def _some(labels: list[str]) -> str:
    """The first of some labels."""
    return ", ".join(clip(name, 20) for name in labels[:N_NAMED]) + (" …" if len(labels) > N_NAMED else "")
