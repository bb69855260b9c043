"""An inspection as text and as HTML; everything that comes from the table is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views.display import MIME, table, text_table
from labelscope.views.html import pieces

if TYPE_CHECKING:
    from labelscope.data.inspection import Inspection

__all__ = ["bundle", "lines"]

MOST_COLUMNS = 100
"""Columns of the table that are shown; all are in the frame."""


def bundle(found: Inspection) -> dict[str, Any]:
    """MIME type to data, for ``_repr_mimebundle_``."""
    return {
        "text/plain": "\n".join(lines(found)),
        "text/html": _html(found),
        MIME: {"v": 1, "kind": "Inspection", "summary": found.summary(), "n_rows": found.n_rows, "columns": found.frame.columns},
    }


def lines(found: Inspection) -> list[str]:
    """The inspection as lines of text."""
    out = [found.summary(), "", *text_table(_columns(found.frame))]
    if found.frame.height > MOST_COLUMNS:
        out.append(f"{found.frame.height - MOST_COLUMNS:,} more columns in .frame")
    if found.readings.height:
        out += ["", *text_table(_shown(found.readings))]
    out += [f"! {line}" for line in found.warnings]
    return [*out, "", found.call] if found.call else out


def _shown(readings: pl.DataFrame) -> pl.DataFrame:
    return readings.select(
        pl.when("chosen").then(pl.lit("*")).otherwise(pl.lit("")).alias(""), "reading", "n_labels", "n_positive", "n_unknown", "examples",
        pl.col("score").round(2), "argument",
    )  # fmt: skip


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns to show: of very many those that are something else than one label among many."""
    if frame.height <= MOST_COLUMNS:
        return frame
    return frame.sort(pl.col("role").is_in(["labels", ""]), maintain_order=True).head(MOST_COLUMNS)


def _html(found: Inspection) -> str:
    readings = table(_shown(found.readings), found.readings.height) if found.readings.height else ""
    columns = table(_columns(found.frame), MOST_COLUMNS)
    n_more = max(0, found.frame.height - MOST_COLUMNS)
    return str(
        pieces("result.html.j2").inspection(found.summary(), columns, f"{n_more:,}" if n_more else "", readings, found.warnings, found.call)
    )
