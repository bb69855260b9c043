"""The rows of an old ledger, schemas 1 and 2, among those that were taken from the pages of a damaged file: known by their form alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from labelscope.review.carving import Record
from labelscope.review.chain import Row
from labelscope.review.events import KINDS, Event
from labelscope.review.old_tables import OldNotes, old_notes
from labelscope.review.payloads import encode_event

__all__ = ["CarvedLedger"]

_EDIT = ("batch", "action", "label", "into", "parent", "reason")
_SAMPLE = ("number", "reviewer", "time", "sample")
_RELATION = ("seq", "kind", "label_a", "relation", "label_b", "source", "reviewer", "time", "undoes")
_N_FIELDS = 11  # of an event
_ACTIONS = ("new", "merge", "rename", "split")
_VERDICTS = ("confirm", "reject", "undo")


class CarvedLedger:
    """What an old ledger said, record by record."""

    def __init__(self) -> None:
        self._events: dict[int, Event] = {}
        self._edits: dict[str, Mapping[str, Any]] = {}
        self._samples: dict[int, Mapping[str, Any]] = {}
        self._relations: dict[int, Mapping[str, Any]] = {}

    def take(self, record: Record) -> None:
        """Keep a record if it has the form of a row of such a ledger."""
        number, values = record
        if len(values) == _N_FIELDS and values[0] is None:
            event = Event(number, *values[1:])  # type: ignore[arg-type]
            if _are_texts(event.kind, event.item_id, event.label, event.reviewer, event.time) and _is_decision(event):
                self._events[number] = event
        elif len(values) == len(_EDIT):
            edit: dict[str, Any] = dict(zip(_EDIT, values, strict=True))
            if _are_texts(edit["batch"], edit["into"], edit["reason"]) and edit["action"] in _ACTIONS and _is_list(edit["into"]):
                self._edits[edit["batch"]] = edit
        elif len(values) == len(_SAMPLE) and values[0] is None and _are_texts(*values[1:]):
            self._samples[number] = dict(zip(_SAMPLE, (number, *values[1:]), strict=True))
        elif len(values) == len(_RELATION) and values[0] is None and values[1] in _VERDICTS:
            relation: dict[str, Any] = dict(zip(_RELATION, (number, *values[1:]), strict=True))
            undoes = relation["undoes"]
            if _are_texts(*(relation[name] for name in ("label_a", "relation", "label_b", "reviewer", "time"))) and (
                undoes is None or isinstance(undoes, int)
            ):
                self._relations[number] = relation

    def rows(self, n_events: int) -> Iterator[Row]:
        """All that was kept, numbered as a migration numbers it: events by their own numbers, what is said beside them behind these."""
        events = [self._events[seq] for seq in sorted(self._events)]
        for event in events:
            yield Row(event.seq, event.kind, encode_event(event), None, "")
        notes = OldNotes(_in_order(self._edits), _in_order(self._samples), _in_order(self._relations))
        for number, kind, payload in old_notes(notes, max(n_events, events[-1].seq if events else 0)):
            yield Row(number, kind, payload, None, "")


def _in_order(kept: Mapping[Any, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [kept[key] for key in sorted(kept)]


def _is_decision(event: Event) -> bool:
    optional = (event.suggestion_id, event.batch)
    return (
        event.kind in KINDS
        and not {event.before, event.after} - {-1, 0, 1}
        and all(text is None or isinstance(text, str) for text in optional)
        and (event.undoes is None or isinstance(event.undoes, int))
    )


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_list(text: str) -> bool:
    with suppress(ValueError, RecursionError):
        return isinstance(found := json.loads(text), list) and all(isinstance(name, str) for name in found)
    return False
