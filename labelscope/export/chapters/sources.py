"""Where errors come from, labels that one column or word tells, and personal data."""

from __future__ import annotations

from labelscope.export.markup import Cell, Html, figure_of, paragraph, section, table
from labelscope.export.report_input import ReportInput
from labelscope.issues.personal_data import PersonalData
from labelscope.issues.sources import Sources
from labelscope.views.theme import clip

__all__ = ["origins"]

N_VALUES, N_SHORTCUTS, N_PERSONAL = 12, 12, 12
PLACE = "A value with more errors than the others is a place to look, not a cause."
REDACT = (
    "The command labelscope export DIR --to FILE --redact writes the name of its kind in the place of each. Names of people are not "
    "looked for."
)


def origins(m: ReportInput) -> Html:
    """Values with more errors than the others, shortcuts and personal data; left out where nobody looked."""
    parts = [] if m.sources is None else [*_values(m.sources), _shortcuts(m.sources)]
    if m.personal is not None:
        parts += _personal(m.personal)
    return section("sources", "Sources", *parts) if any(parts) else Html()


def _values(found: Sources) -> list[Html]:
    note = paragraph(f"{found.summary()}. {PLACE}", "note")
    out = found.standing_out.head(N_VALUES)
    if not out.height:
        return [note, *([figure_of(found)] if found.frame.height else [])]
    rows = [
        (Cell(clip(f"{column}: {value}"), "label"), Cell(f"{n:,}", "number"), Cell(f"{wrong / n:.1%}", "number"), _limits(low, high))
        for column, value, n, wrong, low, high in out.select("column", "value", "n", "wrong", "low", "high").iter_rows()
    ]
    heads = ("Value", Cell("Cells", "number"), Cell("Wrong" if _decided(found) else "Suspicion", "number"), Cell("95% limits", "number"))
    caption = f"The first {out.height} of {found.standing_out.height:,} values with more errors than the others"
    return [note, figure_of(found), table(caption, heads, rows)]


def _shortcuts(found: Sources) -> Html:
    told = found.shortcuts.head(N_SHORTCUTS)
    if not told.height:
        return Html()
    rows = [
        (Cell(clip(label), "label"), clip(f"{column}: {value}"), Cell(f"{n:,}", "number"), Cell(f"{auc:.2f}", "number"))
        for label, column, value, auc, n in told.select("label", "column", "value", "auc", "n_items").iter_rows()
    ]
    caption = f"Shortcuts, the first {told.height} of {found.shortcuts.height:,}: one column or word alone tells the label"
    return table(caption, ("Label", "Told by", Cell("Items", "number"), Cell("AUC", "number")), rows)


def _personal(found: PersonalData) -> list[Html]:
    if found.frame.is_empty():
        return [paragraph(f"{found.summary()}.", "note")]
    rows = [
        (kind, clip(column), Cell(f"{n:,}", "number")) for column, kind, n in found.frame.head(N_PERSONAL).select(
            "column", "kind", "n_items").iter_rows()
    ]  # fmt: skip
    heads = ("Kind", "Column", Cell("Items", "number"))
    return [table("Personal data, by pattern and check digits", heads, rows), paragraph(REDACT, "note")]


def _decided(found: Sources) -> bool:
    return found.frame.height > 0 and found.frame["basis"][0] == "decided"


def _limits(low: float, high: float) -> Cell:
    return Cell(f"{low:.1%} to {high:.1%}", "number")
