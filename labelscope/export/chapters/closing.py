"""How a report ends: how it was made, and what to do next."""

from __future__ import annotations

import shlex

from labelscope.export.markup import Cell, Html, columns, paragraph, preformatted, section, table
from labelscope.export.report_input import ReportInput

__all__ = ["next_steps", "record"]

SURE = (0.95, 0.9, 0.8, 0.7)  # without any decision nothing is surer than 0.8


def record(m: ReportInput) -> Html:
    """How the report was made."""
    of = m.summary
    facts = [
        ("Data fingerprint", m.dataset.fingerprint),
        ("Method", of.get("method")),
        ("Seed", of.get("seed")),
        ("Noise", of.get("noise")),
        ("Embedding model", of.get("model")),
        ("Made", str(of.get("created") or "").replace("T", " ")),
        ("labelscope", of.get("labelscope")),
        *((name, version) for name, version in (of.get("versions") or {}).items()),
    ]
    stages = [
        (
            name.replace("_", " "),
            Cell(f"{float(use.get('seconds', 0)):,.1f}", "number"),
            Cell(f"{float(use.get('peak_memory_mib', 0)):,.0f}", "number"),
        )
        for name, use in (of.get("stages") or {}).items()
    ]
    tables = [table("Versions and settings", ("What", "Value"), [(name, value) for name, value in facts if value not in (None, "")])]
    if stages:
        tables.append(table("Time and memory", ("Stage", Cell("Seconds", "number"), Cell("Peak memory, MiB", "number")), stages))
    return section("made", "How it was made", columns(tables))


def next_steps(m: ReportInput) -> Html:
    """The commands that come next."""
    suffix = m.dataset.source.path.suffix if m.dataset.source is not None and m.dataset.source.path is not None else ".parquet"
    review = f"import labelscope as ls\n\nds = {_read_call(m)}\napp = ls.explore(ds)   # accept, reject or edit with the keyboard\napp"
    corrected = shlex.quote(f"corrected{suffix}")  # where the format is named, a suffix may be anything
    export = f"labelscope export . --to {corrected}  # the changes accepted so far\n"
    export += _bulk(m, corrected)
    return section(
        "next",
        "What to do next",
        paragraph("Review the suggestions in JupyterLab. Every decision is kept in a ledger beside the data and can be undone."),
        preformatted(review),
        paragraph(
            "Then write the corrected table, in the format that came in; only the changed cells differ. In the folder of this report:"
        ),
        preformatted(export),
        paragraph(
            "Accept in bulk only after you have looked at some at that confidence: your decisions settle it when the table is "
            "scanned again. The tables beside this report hold every cell and suggestion.",
            "note",
        ),
    )


def _read_call(m: ReportInput) -> str:
    if m.dataset.source is None or m.dataset.source.path is None:
        return "ls.Dataset.from_arrays(...)   # as you made it"
    options = {
        name: value
        for name, value in m.dataset.source.options.items()
        if value not in (None, "negative") and isinstance(value, (str, list))
    }
    return f"ls.read({', '.join([repr(m.name), *(f'{name}={value!r}' for name, value in options.items())])})"


def _bulk(m: ReportInput, corrected: str) -> str:
    """The command that takes the surest suggestions unreviewed, with their number; nothing where there are none."""
    confidence = m.suggestions.frame["confidence"]
    for sure in SURE:
        n = int((confidence >= sure).sum())
        if n:
            return f"labelscope export . --to {corrected} --accept-above {sure:g}  # and the {n:,} suggestions at least this sure"
    return ""
