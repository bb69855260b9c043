"""Records of Argilla: several people answer each question; submitted answers count, drafts and discarded ones do not.

Three shapes, as JSON or JSON Lines: ``{"fields": {...}, "responses": {"topics": [{"value": [...], "status": "submitted"}]}}``;
``{"topics": [{"value": [...], "status": "submitted"}]}``; and, as sent to the Hugging Face hub,
``{"topics.responses": [[...]], "topics.responses.status": ["submitted"]}``. Suggestions of models are no answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.formats.format_notes import NOT, FormatNotes
from labelscope.data.formats.json_units import Place, UnitLayout, plain_series
from labelscope.data.formats.responses import answers_of, named, settle, tell_tied

__all__ = ["NOTES", "matches", "read"]

NOTES = FormatNotes(
    "**Argilla** records, as JSON, JSON Lines or from the hub",
    "what most submitted answers say, each kept as votes",
    "in place, in every answer that counts",
    NOT,
    "answers that are tied: the item is unknown, and one line counts them",
)

SUBMITTED = "submitted"
Answer = tuple[Place, Any, str, str]  # where the value is, the value, the status, who gave it


def matches(records: Sequence[Any], labels: Sequence[str]) -> bool:
    """Whether the first records with answers are of one of these shapes."""
    return any(_is_answered(record, name) for record in records[:1000] if isinstance(record, dict) for name in labels)


def _is_answered(record: dict[str, Any], name: str) -> bool:
    if isinstance(record.get("fields"), dict) and isinstance(record.get("responses"), dict):
        return True
    own = record.get(name)
    if not isinstance(own, list) or not own:
        return False
    if f"{name}.status" in record:
        return True
    return all(isinstance(one, dict) and "value" in one and ("status" in one or "user_id" in one) for one in own)


def read(
    raw: bytes, spans: tuple[np.ndarray, np.ndarray], records: Sequence[Any], path: Path, labels: Sequence[str]
) -> tuple[pl.DataFrame, UnitLayout]:
    """The fields and other plain values of the records, and a column of lists for each question.

    Parameters
    ----------
    raw : bytes
        Of the file.
    spans : pair of int64 arrays
        Where the records start and end in it.
    records : sequence
    path : pathlib.Path
        For messages.
    labels : sequence of str
        Questions that are asked for.
    """
    questions = list(dict.fromkeys(name for record in records for name in _asked(record)))
    questions += [name for name in labels if name not in questions and any(_is_asked_beside(record, name) for record in records)]
    plain = [dict(_plain(record, questions)) for record in records]
    frame = {name: plain_series([values.get(name) for values in plain]) for name in dict.fromkeys(name for of in plain for name in of)}
    places, answers = {}, {}
    for question in questions:
        found = [
            settle([(rater, _listed(value)) for _, value, _, rater in submitted], [place for place, *_ in submitted])
            for submitted in ([one for one in _answers(record, question) if one[2] == SUBMITTED] for record in records)
        ]
        frame[question] = pl.Series([one.labels for one in found], dtype=pl.List(pl.String))
        places[question] = [one.places for one in found]
        if question in labels:
            tell_tied(found, question, path)
        if (said := answers_of(found)) is not None:
            answers[question] = said
    return pl.DataFrame(frame), UnitLayout(raw, *spans, {**places}, _as_written, _added, answers=answers, label_names=named(answers))


def _asked(record: dict[str, Any]) -> Sequence[str]:
    responses = record.get("responses")
    return list(responses) if isinstance(responses, dict) else []


def _is_asked_beside(record: dict[str, Any], name: str) -> bool:
    """Whether a record that has no responses of its own has a question of that name."""
    return name in record and not isinstance(record.get("responses"), dict)


def _answers(record: dict[str, Any], question: str) -> Iterator[Answer]:
    inside = isinstance(record.get("responses"), dict)
    answers = record["responses"].get(question) if inside else record.get(question)
    start: Place = ("responses", question) if inside else (question,)
    statuses, users = record.get(f"{question}.status") or [], record.get(f"{question}.users") or []
    for k, answer in enumerate(answers if isinstance(answers, list) else ()):
        if isinstance(answer, dict):
            if "value" in answer:
                yield (*start, k, "value"), answer["value"], answer.get("status", SUBMITTED), _rater(answer.get("user_id"), k)
        else:
            yield (*start, k), answer, statuses[k] if k < len(statuses) else SUBMITTED, _rater(users[k] if k < len(users) else None, k)


def _rater(user: Any, place: int) -> str:
    return f"answer {place + 1}" if user is None else str(user)


def _listed(value: Any) -> list[str]:
    return [str(label) for label in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _plain(record: dict[str, Any], questions: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The plain values of a record; its fields and metadata without their heading."""
    for name, value in record.items():
        if name in {"fields", "metadata"} and isinstance(value, dict):
            yield from ((inner, entry) for inner, entry in value.items() if not isinstance(entry, (dict, list)) and inner not in questions)
        elif not isinstance(value, (dict, list)) and name not in questions:
            yield name, value


def _as_written(labels: Any, old: Any) -> Any:
    """A list, or one label where a question takes one."""
    return labels if isinstance(old, list) or labels is None or len(labels) != 1 else labels[0]


def _added(record: Any, question: str, labels: Any) -> Any:
    """The record with an answer to a question that has none yet."""
    if isinstance(record.get("responses"), dict):
        there = record["responses"].get(question)
        record["responses"][question] = [*(there if isinstance(there, list) else ()), {"value": labels, "status": SUBMITTED}]
    elif f"{question}.status" in record or question.endswith(".responses"):
        for name, value in ((question, labels), (f"{question}.status", SUBMITTED)):
            record[name] = [*(record.get(name) or []), value]
    else:
        record[question] = [*(record.get(question) or []), {"value": labels, "status": SUBMITTED}]
    return record
