"""An inspection as text and as HTML; everything that comes from the table is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.views.display import MIME, table, text_table
from labelscope.views.html import pieces

if TYPE_CHECKING:
    from labelscope.data.inspection import Inspection

__all__ = ["bundle", "lines"]


def bundle(found: Inspection) -> dict[str, Any]:
    """MIME type to data, for ``_repr_mimebundle_``."""
    return {
        "text/plain": "\n".join(lines(found)),
        "text/html": _html(found),
        MIME: {"v": 1, "kind": "Inspection", "summary": found.summary(), "n_rows": found.n_rows, "columns": found.frame.columns},
    }


def lines(found: Inspection) -> list[str]:
    """The inspection as lines of text."""
    out = [found.summary(), "", *text_table(found.frame)]
    if found.readings.height:
        out += ["", *text_table(_shown(found.readings))]
    out += [f"! {line}" for line in found.warnings]
    return [*out, "", found.call] if found.call else out


def _shown(readings: pl.DataFrame) -> pl.DataFrame:
    return readings.select(
        pl.when("chosen").then(pl.lit("*")).otherwise(pl.lit("")).alias(""), "reading", "n_labels", "n_positive", "n_unknown", "examples",
        pl.col("score").round(2), "argument",
    )  # fmt: skip


def _html(found: Inspection) -> str:
    readings = table(_shown(found.readings), found.readings.height) if found.readings.height else ""
    columns = table(found.frame, found.frame.height)
    return str(pieces("result.html.j2").inspection(found.summary(), columns, readings, found.warnings, found.call))
