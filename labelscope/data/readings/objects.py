"""Cells that are JSON or Python objects: ``{"choices": [...]}``, ``{"a": 1.0}``, ``[{"id": 1, "name": "a"}]``, ``{"1": "a"}``.

Each different text is read once. Columns of structs are read as the JSON text of their cells, and get values of their own
type back.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.json_style import STYLES, dump, find_style
from labelscope.data.readings.reading import shown
from labelscope.errors import DataError

__all__ = ["ObjectCells", "Shape", "load", "object_texts"]

ADJACENT = re.compile(r"""['"]\s+['"]""")  # Python would join these two strings


def load(text: str) -> Any:
    """The value of a JSON or Python literal.

    Raises
    ------
    ValueError
        If it is neither.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("no literal") from None
    except ValueError:
        try:
            value = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise ValueError("no literal") from None
        if ADJACENT.search(text) and repr(value) != text.strip():
            raise ValueError("no literal") from None
        return value


def object_texts(column: Column) -> pl.Series | None:
    """The cells as text of objects: as they are, or the JSON text of structs; None if the type can hold none."""
    cells = column.cells
    if cells.dtype == pl.String:
        return cells
    if isinstance(cells.dtype, pl.Struct) or (isinstance(cells.dtype, pl.List) and isinstance(cells.dtype.inner, (pl.Struct, pl.List))):
        return as_json(cells)
    return None


def as_json(cells: pl.Series) -> pl.Series:
    """JSON text of structs or of lists of structs; null stays null."""
    if isinstance(cells.dtype, pl.Struct):
        text = cells.struct.json_encode()
        return text.set(cells.is_null(), None)
    wrapped = pl.DataFrame({"value": cells}).to_struct("value").struct.json_encode()
    inner = wrapped.str.strip_prefix('{"value":').str.strip_suffix("}")
    return inner.set(cells.is_null(), None)


class Shape(Protocol):
    """How the labels lie in an object."""

    @property
    def title(self) -> str:
        """What a cell holds, for messages."""

    def names(self, value: Any) -> list[str]:
        """The labels of one value; raises ValueError if it has another shape."""

    def revised(self, value: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The value without some labels and with others; `value` is None where there was none."""


@dataclass(frozen=True)
class ObjectCells:
    """Sets of labels in objects.

    Attributes
    ----------
    column : str
    shape : Shape
    style : tuple
        Style of the JSON for cells that show none.
    plain : bool
        Whether a text that is no object is one label.
    json : bool
        Whether such a label is written in quotes, as JSON.
    blank_is_empty : bool
        Whether a blank cell says "no label".
    null_is_silent : bool
        Whether null says nothing even so.
    """

    column: str
    shape: Shape
    style: tuple[str, bool] = STYLES[0]
    plain: bool = False
    json: bool = False
    blank_is_empty: bool = False
    null_is_silent: bool = False

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null and blank cells, unless a blank means "no label"."""
        if cells.dtype != pl.String:
            return cells.is_null()
        if self.blank_is_empty:
            return cells.is_null() if self.null_is_silent else pl.repeat(value=False, n=len(cells), dtype=pl.Boolean, eager=True)
        return cells.str.strip_chars().fill_null("") == ""

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each label of each cell; each different text is read once."""
        texts = cells if cells.dtype == pl.String else as_json(cells)
        frame = pl.DataFrame({"cell": texts}).with_row_index("row").filter(pl.col("cell").str.strip_chars() != "")
        different = frame["cell"].unique(maintain_order=True)
        lists = [self._names(text) for text in different.to_list()]
        if None in lists:
            odd = different[lists.index(None)]
            row = frame.filter(pl.col("cell") == odd)["row"][0]
            raise DataError(f"labels: expected {self.shape.title} in {self.column!r}, got {shown(odd)} in row {row}; mend that cell")
        parsed = pl.DataFrame({"cell": different, "token": pl.Series(lists, dtype=pl.List(pl.String))})
        parsed = parsed.filter(pl.col("token").list.len() > 0)
        found = frame.join(parsed, on="cell", how="inner", maintain_order="left").explode("token")
        return found.select(pl.col("row").cast(pl.Int64), "token")

    def revise(self, cell: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The object without `drop` and with `add`, in the style of the cell."""
        if not isinstance(cell, str):
            return self.shape.revised(cell, drop, add)
        if not cell.strip():
            return dump(self.shape.revised(None, drop, add), self.style)
        value = self._load(cell)
        if set(self.shape.names(value)) == (set(self.shape.names(value)) - set(drop)) | set(add):
            return cell
        new = self.shape.revised(value, drop, add)
        if isinstance(new, str) and not self.json:
            return new
        return dump(new, (find_style(cell) if cell.lstrip()[0] in "[{" else None) or self.style)

    def blank(self) -> None:
        """Null."""

    @property
    def adds(self) -> bool:
        """Whether a label that an item did not have can be written."""
        return getattr(self.shape, "adds", True)

    def _load(self, text: str) -> Any:
        if self.plain and text.lstrip()[0] not in "[{" and not self.json:
            return text.strip()
        return load(text)

    def _names(self, text: str) -> list[str] | None:
        """The labels of a cell; None if it has another shape."""
        try:
            return self.shape.names(self._load(text))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def style_of(texts: pl.Series) -> tuple[str, bool]:
    """The style of most objects among some texts."""
    styles: dict[tuple[str, bool], int] = {}
    for text in texts.head(200).to_list():
        style = find_style(text) if text.lstrip()[:1] in ("[", "{") and "," in text else None
        if style is not None:
            styles[style] = styles.get(style, 0) + 1
    return max(styles, key=styles.__getitem__) if styles else STYLES[0]


def strings(values: Any) -> list[str]:
    """A list of names or ids as text; raises ValueError if it is none."""
    if not isinstance(values, list) or not all(isinstance(value, (str, int)) and not isinstance(value, bool) for value in values):
        raise ValueError("no list of names")
    return [str(value) for value in values]


def one_to_one(pairs: Sequence[tuple[Any, Any]]) -> bool:
    """Whether each left has one right, and the reverse."""
    different = {(json.dumps(a), json.dumps(b)) for a, b in pairs}
    return len(different) == len({a for a, _ in different}) == len({b for _, b in different})


def values_of(texts: pl.Series, most: int | None = None) -> list[Any] | None:
    """The values of some texts; None if one is no literal."""
    try:
        return [load(text) for text in (texts if most is None else texts.head(most)).to_list()]
    except (ValueError, RecursionError):
        return None


def is_mapping(value: Any) -> bool:
    """Whether a value is an object with names as keys."""
    return isinstance(value, Mapping) and all(isinstance(key, (str, int)) for key in value)
