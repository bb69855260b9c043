"""Prodigy's JSON Lines: only the tasks whose `answer` is "accept" are annotated; rejected and ignored ones say nothing.

Of a task that asked for one label (`label`, `answer`), a rejected one says that the label is absent; here it says nothing
either, which is safe.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl

from labelscope.data.formats.json_text import member_texts, replace_value
from labelscope.data.formats.told import AS_LINES, Told

__all__ = ["TOLD", "accept", "without_unanswered"]

TOLD = Told(
    "**Prodigy** `.jsonl`",
    "`accept` lists; rejected and ignored tasks are unknown",
    "in place; a task that was decided is accepted",
    AS_LINES,
    'that a rejected task of one label says "absent"',
)

ANSWER, ACCEPTED = "answer", "accept"
ANSWERS = {ACCEPTED, "reject", "ignore"}
MARKS = {"_task_hash", "_input_hash", "_view_id", "_session_id"}


def without_unanswered(table: pl.DataFrame, labels: Sequence[str]) -> pl.DataFrame | None:
    """The table of such a file with null for the labels of tasks that were not accepted; None if it is no such file."""
    if not labels or ANSWER in labels or table.schema.get(ANSWER) != pl.String:
        return None
    said = set(table[ANSWER].drop_nulls().unique().to_list())
    if not said or not said <= ANSWERS or not (MARKS & set(table.columns) or ACCEPTED in labels):
        return None
    given = pl.col(ANSWER).is_null() | (pl.col(ANSWER) == ACCEPTED)
    return table.with_columns(pl.when(given).then(pl.col(name)).alias(name) for name in labels)


def accept(task: str, label: str) -> str:
    """The text of a task that somebody has decided on since: it is accepted now."""
    texts = member_texts(task, [label, ANSWER])
    decided = json.loads(texts.get(label, "null")) is not None
    return replace_value(task, ANSWER, ACCEPTED) if decided and ANSWER in texts else task
