"""Prodigy's JSON Lines: of tasks with a list of labels only those whose `answer` is "accept" are annotated.

A task of one label (`label`, `answer`) asks one question: accepted, its text has the label; rejected, it has not; ignored, nobody
knows; and nothing is said of other labels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl

from labelscope.data.formats.format_notes import AS_LINES, FormatNotes
from labelscope.data.formats.json_text import member_texts, replace_value
from labelscope.errors import DataError

__all__ = ["NOTES", "accept", "answer", "with_questions", "without_unanswered"]

NOTES = FormatNotes(
    "**Prodigy** `.jsonl`",
    "`accept` lists, where rejected and ignored tasks are unknown; tasks of one label each: accepted, rejected, ignored",
    "in place; a task that was decided is accepted, or rejected if it asks about one label",
    AS_LINES,
    "nothing; an answer about another label than that of its task asks for another format",
)

ANSWER, ACCEPTED, REJECTED, IGNORED = "answer", "accept", "reject", "ignore"
ANSWERS = {ACCEPTED, REJECTED, IGNORED}
MARKS = {"_task_hash", "_input_hash", "_view_id", "_session_id"}


def without_unanswered(table: pl.DataFrame, labels: Sequence[str]) -> pl.DataFrame | None:
    """The table of such a file with null for the labels of tasks that were not accepted; None if it is no such file."""
    if not _is_answered(table, labels):
        return None
    given = pl.col(ANSWER).is_null() | (pl.col(ANSWER) == ACCEPTED)
    return table.with_columns(pl.when(given).then(pl.col(name)).alias(name) for name in labels)


def with_questions(table: pl.DataFrame, label: str) -> pl.DataFrame | None:
    """The table with what each task asks and was answered as a JSON object: ``{"sport": 0}``, null where nothing is known.

    None if it is no such file, no task asks about one label, or none was rejected.
    """
    if not _is_answered(table, [label]) or table[label].dtype != pl.String or not (table[ANSWER] == REJECTED).any():
        return None
    names = table[label].drop_nulls().unique(maintain_order=True)
    keys = table[label].replace_strict(names, [json.dumps(name, ensure_ascii=False) for name in names], return_dtype=pl.String)
    states = table[ANSWER].replace_strict({ACCEPTED: "1", REJECTED: "0"}, default=None, return_dtype=pl.String)
    return table.with_columns(("{" + keys + ": " + states + "}").alias(label))


def _is_answered(table: pl.DataFrame, labels: Sequence[str]) -> bool:
    """Whether it is such a file."""
    if not labels or ANSWER in labels or ANSWER not in table.columns or table[ANSWER].dtype != pl.String:
        return False
    said = set(table[ANSWER].drop_nulls().unique().to_list())
    return bool(said) and said <= ANSWERS and bool(MARKS & set(table.columns) or ACCEPTED in labels)


def answer(task: str, label: str, said: str | None) -> str:
    """The text of a task of one label with what is known of it now.

    Parameters
    ----------
    task : str
    label : str
        The key of its label.
    said : str or None
        JSON object of label to 1, 0 or null.

    Raises
    ------
    DataError
        If that says something of another label.
    """
    asked = json.loads(member_texts(task, [label])[label])
    states: dict[str, int] = {name: state for name, state in json.loads(said or "{}").items() if state is not None}
    other = next((name for name in states if name != asked), None)
    if other is not None:
        raise DataError(
            f"export: expected answers about the one label that each task asks about, got one about {other!r} in a task about {asked!r};"
            " export to .parquet or .csv, whose cells can hold it"
        )
    given = json.loads(member_texts(task, [ANSWER]).get(ANSWER, "null"))
    now = ACCEPTED if states.get(asked) == 1 else REJECTED if states.get(asked) == 0 else IGNORED
    return task if now == given or (now == IGNORED and given is None) else replace_value(task, ANSWER, now)


def accept(task: str, label: str) -> str:
    """The text of a task that somebody has decided on since: it is accepted now."""
    texts = member_texts(task, [label, ANSWER])
    decided = json.loads(texts.get(label, "null")) is not None
    return replace_value(task, ANSWER, ACCEPTED) if decided and ANSWER in texts else task
