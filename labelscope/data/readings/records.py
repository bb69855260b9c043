"""Lists of objects, one a label: ``[{"id": 28, "name": "Action"}]``; and objects of id to name: ``{"28": "Action"}``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.objects import ObjectCells, is_mapping, object_texts, one_to_one, style_of, values_of
from labelscope.data.readings.rater_names import names_raters
from labelscope.data.readings.reading import Offer, shown
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.spans import are_spans
from labelscope.data.readings.state_words import STATES
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["NAME_MAPS", "RECORDS"]

NAME_KEYS = ("name", "label", "title", "tag", "text", "value", "class", "category", "slug", "description", "answer")
ID_KEYS = ("id", "key", "code", "index", "mid", "label_id", "category_id", "_id", "uid", "uuid")


@dataclass(frozen=True)
class RecordList:
    """Records with the label under a key.

    Attributes
    ----------
    key : str
    templates : mapping of label to record
        What a record of each label holds elsewhere, so that an added one brings its id.
    """

    key: str
    templates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    title: str = "lists of objects"

    def names(self, value: Any) -> list[str]:
        """The labels of one cell."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueError("no list")  # noqa: TRY004 - one question: has it this shape
        return [str(record[self.key]) for record in value]

    def revised(self, value: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The records without some labels and with others, each as it is elsewhere."""
        kept = [record for record in value or [] if str(record[self.key]) not in drop]
        present = {str(record[self.key]) for record in kept}
        return [*kept, *(dict(self.templates.get(token, {self.key: token})) for token in add if token not in present)]


@dataclass(frozen=True)
class NameMap:
    """An object of id to name.

    Attributes
    ----------
    ids : mapping of name to id
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    title: str = "objects of id to name"

    def names(self, value: Any) -> list[str]:
        """The labels of one cell."""
        if value is None:
            return []
        return [str(name) for name in value.values()]

    def revised(self, value: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The object without some names and with others under the ids that they have elsewhere."""
        kept = {key: name for key, name in (value or {}).items() if str(name) not in drop}
        return kept | {self.ids.get(token, token): token for token in add if token not in kept.values()}


@dataclass(frozen=True)
class RecordReading:
    """Lists of objects with a key that names the label."""

    formats: tuple[str, ...] = ("records",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if every cell is a list of objects with the same keys."""
        records = self._records(column)
        if not records or are_spans(records):
            return []
        keys = self._label_keys(records)
        if not keys:
            return []
        measured = sorted({key for record in records for key, value in record.items() if _number(value) and key not in ID_KEYS})
        sure = [key for key in keys if key in NAME_KEYS] or keys
        offers = [self._made(column, unlisted, key, records, 0.94) for key in (sure[:1] if self._paired(records, sure[0]) else keys[:2])]
        raters = next((key for key in records[0] if names_raters(key) and key not in sure[:1]), None)
        if raters is not None and len({str(record.get(raters)) for record in records}) > 1:
            line = (
                f"labels: expected lists of labels in {column.name!r}, got what several {raters!r} say each; write one row a rater and item"
                f" and pass their column as rater=, or pass labels_format='records:{sure[0]}' if a label counts that any of them gave"
            )
            return [replace(offers[0], refusal=line)]
        nested = [key for key in records[0] if any(_holds_names(record.get(key)) for record in records)]
        if nested and not measured:
            line = (
                f"labels: expected lists of labels in {column.name!r}, got objects with more names under {nested[0]!r}, which may be the"
                f" labels; write those into a column of their own, or pass labels_format='records:{sure[0]}' if {sure[0]!r} is the label"
            )
            return [replace(offers[0], refusal=line)]
        if measured:
            return [self._doubted(column, offers[0], sure[0], measured[0])]
        return offers if len(offers) == 1 else [offers[0], *offers[1:]]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:
        """The column as lists of objects, with the label under the key `detail`."""
        records = self._records(column)
        if not records:
            raise DataError(f"labels_format: expected lists of objects in {column.name!r}, got others; leave labels_format out")
        keys = self._label_keys(records)
        key = detail or next((key for key in keys if key in NAME_KEYS), keys[0] if keys else "")
        if not key or any(key not in record for record in records):
            known = ", ".join(map(repr, sorted(set.intersection(*(set(record) for record in records)))))
            raise DataError(f"{name}: expected a key of every object in {column.name!r}, got {detail!r}; the objects have {known}")
        return self._made(column, unlisted, key, records, 1.0)

    def _records(self, column: Column) -> list[dict[str, Any]]:
        texts = object_texts(column)
        if texts is None:
            return []
        different = column.texts["text"] if column.cells.dtype == pl.String else texts.drop_nulls().unique(maintain_order=True)
        if not different.str.contains(r"^\s*\[").all() or not different.str.contains(r"\{").any():
            return []
        values = values_of(different)
        if values is None or not all(isinstance(value, list) and all(is_mapping(record) for record in value) for value in values):
            return []
        return [record for value in values for record in value]

    def _label_keys(self, records: list[dict[str, Any]]) -> list[str]:
        """Keys that every record has, whose values are names; ids only where there is nothing else."""
        shared = [key for key in records[0] if all(key in record for record in records)]
        named = [key for key in shared if all(isinstance(record[key], str) and record[key].strip() for record in records)]
        ids = [key for key in shared if all(isinstance(record[key], int) and not isinstance(record[key], bool) for record in records)]
        order = {key: k for k, key in enumerate(NAME_KEYS)}
        return sorted(named, key=lambda key: (key in ID_KEYS, order.get(key, 99))) or ids

    def _paired(self, records: list[dict[str, Any]], key: str) -> bool:
        """Whether the label and every other value that looks like an id go together one to one."""
        others = [other for other in records[0] if other != key and other in ID_KEYS and all(other in record for record in records)]
        return all(one_to_one([(record[key], record[other]) for record in records]) for other in others)

    def _doubted(self, column: Column, offer: Offer, key: str, number: str) -> Offer:
        line = (
            f"labels: expected lists of labels in {column.name!r}, got objects with the number {number!r}, so that a listed label need not"
            f" be positive; pass labels_format='records:{key}' if every one that is listed is, or leave out those that are not"
        )
        return replace(offer, score=0.5, refusal=line)

    def _made(self, column: Column, unlisted: str, key: str, records: list[dict[str, Any]], score: float) -> Offer:
        templates: dict[str, Mapping[str, Any]] = {}
        varying: set[str] = set()
        for record in records:
            first = templates.setdefault(str(record[key]), record)
            varying |= {other for other, value in record.items() if json.dumps(value) != json.dumps(first.get(other))}
        shape = RecordList(key, {name: {k: v for k, v in record.items() if k not in varying} for name, record in templates.items()})
        texts = column.texts["text"] if column.cells.dtype == pl.String else pl.Series([], dtype=pl.String)
        codec = ObjectCells(column.name, shape, style_of(texts))
        occurring = pl.Series(list(templates), dtype=pl.String)
        encoding = CellSets(column.name, codec, build_vocabulary(occurring, column.label_names), unlisted, column.silence)
        why = f"every object has the key {key!r}"
        return Offer("records", f"lists of objects, the label under {key!r}", encoding, score, why, f"labels_format='records:{key}'")


@dataclass(frozen=True)
class NameMapReading:
    """Objects of id to name."""

    formats: tuple[str, ...] = ("names",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if every cell is an object whose values are names."""
        objects = self._objects(column)
        if not objects:
            return []
        pairs = [(key, name) for value in objects for key, name in value.items()]
        if not pairs:
            return []
        if all(str(name).strip().lower() in STATES for _, name in pairs):
            return [self._made(column, unlisted, objects, 0.5, _said_in_words(column.name, *pairs[0]))]
        if not one_to_one(pairs):
            a, b = shown(str(pairs[0][0])), shown(str(pairs[0][1]))
            line = (
                f"labels: expected objects of id to name in {column.name!r}, got ids and names that do not go together one to one"
                f" (as {a}: {b}); pass labels_format='names' if the values are the labels"
            )
            return [self._made(column, unlisted, objects, 0.5, line)]
        return [self._made(column, unlisted, objects, 0.94)]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - one way only
        """The column as objects of id to name."""
        objects = self._objects(column)
        if not objects:
            raise DataError(f"{name}: expected objects of id to name in {column.name!r}, got others; leave labels_format out")
        return self._made(column, unlisted, objects, 1.0)

    def _objects(self, column: Column) -> list[dict[str, str]]:
        texts = object_texts(column)
        if texts is None or isinstance(column.cells.dtype, pl.List):
            return []
        different = column.texts["text"] if column.cells.dtype == pl.String else texts.drop_nulls().unique(maintain_order=True)
        if not different.str.contains(r"^\s*\{").all():
            return []
        values = values_of(different)
        if values is None or not all(is_mapping(value) and all(isinstance(name, str) for name in value.values()) for value in values):
            return []
        return values

    def _made(self, column: Column, unlisted: str, objects: list[dict[str, str]], score: float, refusal: str | None = None) -> Offer:
        ids: dict[str, str] = {}
        for value in objects:
            for key, name in value.items():
                ids.setdefault(name, key)
        codec = ObjectCells(column.name, NameMap(ids), style_of(column.texts["text"]))
        vocabulary = build_vocabulary(pl.Series(list(ids), dtype=pl.String), column.label_names)
        encoding = CellSets(column.name, codec, vocabulary, unlisted, column.silence)
        why = "ids and names go together one to one"
        return Offer("names", "objects of id to name", encoding, score, why, "labels_format='names'", refusal)


def _said_in_words(column: str, label: str, word: str) -> str:
    """The line about objects that say of each label yes or no."""
    return (
        f"labels: expected 1, 0 or null as values in {column!r}, got {shown(str(label))}: {word!r}; write true and false instead of words"
    )


def _number(value: Any) -> bool:
    """Whether a value is a measure: a number with a fraction, or a truth."""
    return isinstance(value, bool) or (isinstance(value, float) and 0 <= value <= 1)


def _holds_names(value: Any) -> bool:
    """Whether a value is a list or an object with names in it, as the answers to one question."""
    inside = value if isinstance(value, list) else list(value.values()) if isinstance(value, Mapping) else []
    return any(isinstance(entry, str) or _holds_names(entry) for entry in inside)


RECORDS = RecordReading()
NAME_MAPS = NameMapReading()
