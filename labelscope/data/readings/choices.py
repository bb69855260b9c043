"""Lists of names inside an object, as Label Studio writes choices, and lists beside single names.

``{"choices": ["a", "b"]}`` where several were chosen and plain ``a`` where one was; in JSON also ``["a", "b"]`` and ``"a"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.objects import ObjectCells, load, object_texts, strings, style_of
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["CHOICES"]


@dataclass(frozen=True)
class ListIn:
    """A list under a key, or without one; a name alone is a list of one.

    Attributes
    ----------
    key : str or None
    single : bool
        Whether one label alone is written as a name.
    empty : str or None
        What an item without labels holds.
    integers : bool
    """

    key: str | None
    single: bool
    integers: bool = False

    @property
    def title(self) -> str:
        """What a cell holds."""
        listed = "lists" if self.key is None else f'objects with a list "{self.key}"'
        return f"{listed}, or single names," if self.single else listed

    def names(self, value: Any) -> list[str]:
        """The labels of one cell."""
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return [str(value)] if str(value).strip() else []
        if value is None:
            return []
        if self.key is not None and isinstance(value, dict):
            value = value[self.key]
        return [] if value is None else strings(value)

    def revised(self, value: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The cell with other labels: a name becomes an object when a second one comes."""
        inner = value[self.key] if isinstance(value, dict) and self.key is not None else value
        old = [] if inner is None else [inner] if isinstance(inner, (str, int)) else list(inner)
        kept = [entry for entry in old if str(entry) not in drop]
        new = [*kept, *(int(token) if self.integers else token for token in add if token not in map(str, kept))]
        if isinstance(value, dict) and self.key is not None:
            return {**value, self.key: new}
        if len(new) == 1 and (value is None or isinstance(value, (str, int))) and self.single:
            return new[0]
        return new if self.key is None else {self.key: new}


@dataclass(frozen=True)
class ChoicesReading:
    """Lists in an object, and names alone beside lists or objects."""

    formats: tuple[str, ...] = ("choices",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if its objects hold one list each, or lists stand beside single names."""
        texts = object_texts(column)
        if texts is None or not len(column.texts):
            return []
        try:
            return [self._made(column, unlisted, 0.94)]
        except (ValueError, KeyError, TypeError):
            return []

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - the key is seen
        """The column as lists in objects, or as names alone."""
        try:
            return self._made(column, unlisted, 1.0)
        except (ValueError, KeyError, TypeError):
            raise DataError(
                f"labels_format: expected objects with a list, lists or names in {column.name!r}, got others; leave labels_format out"
            ) from None

    def _made(self, column: Column, unlisted: str, score: float) -> Offer:
        texts = object_texts(column)
        if texts is None:
            raise ValueError(column.name)
        different = column.texts["text"] if column.cells.dtype == pl.String else texts.drop_nulls().unique(maintain_order=True)
        opened = different.str.contains(r"^\s*[\[{]")
        objects = [load(text) for text in different.filter(opened).to_list()]
        if not objects:
            raise ValueError(column.name)
        keys = {key for value in objects if isinstance(value, dict) for key, inner in value.items() if isinstance(inner, list)}
        if any(isinstance(value, dict) for value in objects) and len(keys) != 1:
            raise ValueError(column.name)
        key = next(iter(keys)) if keys else None
        single = not opened.all()
        if key is None and not single:
            raise ValueError(column.name)  # lists alone: the readings of lists are stricter
        if single and column.cells.dtype != pl.String:
            raise ValueError(column.name)
        inside = ListIn(key, single)
        elements = [name for value in objects for name in inside.names(value)]
        integers = bool(elements) and all(
            isinstance(entry, int) for value in objects for entry in (value[key] if isinstance(value, dict) and key else value) or []
        )
        codec = ObjectCells(
            column.name, ListIn(key, single or key is not None, integers), style_of(different), plain=single, json=column.json,
            blank_is_empty=key is not None, null_is_silent=not column.text_only,
        )  # fmt: skip
        alone = codec.tokens(different.filter(~opened))["token"]
        sure = key is not None or column.json or alone.is_in(elements).all()
        if not sure and score < 1:
            raise ValueError(column.name)
        occurring = pl.Series([*elements, *alone.to_list()], dtype=pl.String).unique(maintain_order=True)
        vocabulary = build_vocabulary(occurring, column.label_names)
        title = f'objects with a list "{key}"' if key is not None else "lists, or one name alone"
        encoding = CellSets(column.name, codec, vocabulary, unlisted, column.silence)
        return Offer("choices", title, encoding, score, "every object holds one list", "labels_format='choices'")


CHOICES = ChoicesReading()
