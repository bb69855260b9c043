"""What to mend before anybody trains on the data: the sentences of the data card's health, the worst first."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from labelscope.export.markup import Cell, Html, bullets, heading, paragraph, pill, section, table
from labelscope.export.report_input import ReportInput
from labelscope.views.theme import clip

__all__ = ["condition"]

MOST_LABELS = 8
WORDS = {"serious": "mend", "warning": "check"}
NOTE = "Rules of thumb: they say what to look at first. The tab Health of the Explorer lists the items and cells of each."


def condition(m: ReportInput) -> Html:
    """What is wrong as a table, then what is fine and what nobody measured; left out where nothing was looked at."""
    frame = m.nutrition_label.health.frame
    if frame.is_empty():
        return Html()
    wrong, rest = frame.filter(pl.col("severity").is_in(list(WORDS))), frame.filter(~pl.col("severity").is_in(list(WORDS)))
    rows = [(pill(WORDS[severity]), says, Cell(_named(labels, words, n), "label")) for severity, says, labels, words, n in _told(wrong)]
    found = table(f"{wrong.height} of {frame.height} checks found something", ("", "Finding", "Labels"), rows)
    return section(
        "health",
        "Health",
        found if rows else paragraph("Nothing to mend was found."),
        *_listed("Fine", rest.filter(severity="fine")["says"].to_list()),
        *_listed("Not measured", rest.filter(severity="not measured")["says"].to_list()),
        paragraph(NOTE, "note"),
    )


def _told(frame: pl.DataFrame) -> Iterator[tuple[str, str, list[str], list[str], int]]:
    return frame.select("severity", "says", "labels", "label_words", "n_labels").iter_rows()


def _named(labels: list[str], words: list[str], n: int) -> str:
    shown = [f"{clip(label)} ({of})" for label, of in zip(labels[:MOST_LABELS], words, strict=False)]
    return ", ".join([*shown, *([f"and {n - len(shown):,} more"] if n > len(shown) else [])])


def _listed(title: str, sentences: list[str]) -> list[Html]:
    return [heading(title), bullets(sentences)] if sentences else []
