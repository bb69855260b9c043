"""One column a label: 1, 0 and blank or -1, in any of the ways that tables write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.encodings.encoding import put_values
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.errors import DataError

__all__ = ["IndicatorColumns"]

WRITTEN = {
    "1": POSITIVE,
    "1.0": POSITIVE,
    "true": POSITIVE,
    "0": NEGATIVE,
    "0.0": NEGATIVE,
    "false": NEGATIVE,
    "-1": UNKNOWN,
    "-1.0": UNKNOWN,
    "": UNKNOWN,
}
PAIRS = (("1", "0"), ("1.0", "0.0"), ("true", "false"), ("True", "False"), ("TRUE", "FALSE"))
REMEDY = "write 1, 0, or blank (or -1) for unknown"


@dataclass(frozen=True, eq=False)
class IndicatorColumns:
    """A column a label. 1 and true are positive, 0 and false negative, null, blank and -1 unknown.

    Attributes
    ----------
    columns, label_names : tuple of str
    """

    columns: tuple[str, ...]
    label_names: tuple[str, ...]

    def decode(self, table: pl.DataFrame) -> LabelMatrix:
        """Labels of the rows of `table`."""
        n = table.height
        found: dict[int, list[np.ndarray]] = {POSITIVE: [], NEGATIVE: [], UNKNOWN: []}
        for name in self.columns:
            states = column_states(table[name])
            for state, rows in found.items():
                rows.append(np.flatnonzero(states == state))
        totals = {state: sum(map(len, rows)) for state, rows in found.items()}
        default = UNKNOWN if totals[UNKNOWN] > totals[NEGATIVE] else NEGATIVE
        exception = NEGATIVE if default == UNKNOWN else UNKNOWN
        return LabelMatrix(_matrix(found[POSITIVE], n), _matrix(found[exception], n), default)

    def encode(self, table: pl.DataFrame, items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> pl.DataFrame:
        """The table with some cells changed, each written as its column writes that state."""
        new = []
        for label in np.unique(labels).tolist():
            here = labels == label
            series = table[self.columns[label]]
            forms = self._forms(table, series)
            values = pl.Series(series.name, [forms[state] for state in states[here].tolist()], dtype=_wide(series.dtype))
            new.append(put_values(series.cast(values.dtype), items[here], values))
        return table.with_columns(new)

    def extended(self, table: pl.DataFrame, states: Mapping[str, np.ndarray]) -> tuple[IndicatorColumns, pl.DataFrame]:
        """The encoding with a column for each new label behind the last of these, written as they are.

        Raises
        ------
        DataError
            If the table has such a column, which holds something else.
        """
        like = self.columns[-1]
        for name in states:
            if name in table.columns:
                raise DataError(f"export: expected a new column for the new label {name!r}, got one that holds something else; rename it")
        after = IndicatorColumns((*self.columns, *states), (*self.label_names, *states))
        forms = self._forms(table, table[like])
        at = table.columns.index(like) + 1
        new = [pl.Series(name, [forms[state] for state in of.tolist()], dtype=_wide(table.schema[like])) for name, of in states.items()]
        return after, table.select(*table.columns[:at], *new, *table.columns[at:])

    def token(self, label: int) -> str:
        """Name of the column of a label."""
        return self.columns[label]

    def _forms(self, table: pl.DataFrame, series: pl.Series) -> Mapping[int, Any]:
        if series.dtype == pl.Boolean:
            return {POSITIVE: True, NEGATIVE: False, UNKNOWN: None}
        if series.dtype.is_numeric() or series.dtype == pl.Null:
            minus = series.dtype.is_signed_integer() or series.dtype.is_float()
            return {POSITIVE: 1, NEGATIVE: 0, UNKNOWN: -1 if minus and self._uses_minus(table, series) else None}
        return self._text_forms(table, series)

    def _uses_minus(self, table: pl.DataFrame, series: pl.Series) -> bool:
        """Whether -1 is how this column, or else the table, writes unknown."""
        if series.null_count():
            return False
        if (series == -1).any():
            return True
        numeric = [table[name] for name in self.columns if table.schema[name].is_numeric()]
        return any((other == -1).any() for other in numeric) and not any(other.null_count() for other in numeric)

    def _text_forms(self, table: pl.DataFrame, series: pl.Series) -> Mapping[int, Any]:
        forms = _common_forms(series)
        if POSITIVE not in forms or NEGATIVE not in forms:
            for positive, negative in PAIRS:
                if positive == forms.get(POSITIVE) or negative == forms.get(NEGATIVE):
                    forms = {POSITIVE: positive, NEGATIVE: negative} | forms
                    break
        if len(forms) < len(found := {POSITIVE, NEGATIVE, UNKNOWN}):
            for name in self.columns:
                if found <= set(forms):
                    break
                if table.schema[name] == pl.String:
                    forms = _common_forms(table[name]) | forms
        return {POSITIVE: "1", NEGATIVE: "0", UNKNOWN: None} | forms


def column_states(series: pl.Series) -> np.ndarray:
    """States of one column, int8 (n_rows,).

    Raises
    ------
    DataError
        On NaN, on other types, and on any value that is no state; with its row.
    """
    if series.dtype == pl.Null:
        return np.full(len(series), UNKNOWN, np.int8)
    if series.dtype == pl.Boolean:
        return series.cast(pl.Int8).fill_null(UNKNOWN).to_numpy()
    if isinstance(series.dtype, (pl.String, pl.Categorical, pl.Enum)):
        text = series.cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
        states = text.replace_strict(list(WRITTEN), list(WRITTEN.values()), default=None, return_dtype=pl.Int8)
        _refuse(series, states.is_null())
        return states.to_numpy()
    if not series.dtype.is_numeric():
        raise DataError(f"labels: expected the states 1, 0 and -1 in {series.name!r}, got {series.dtype}; convert the column")
    if series.dtype.is_float() and series.is_nan().any():
        row = series.is_nan().fill_null(value=False).arg_true()[0]
        raise DataError(f"labels: expected the states 1, 0 and -1 in {series.name!r}, got NaN in row {row}; write null or -1 for unknown")
    wrong = series.is_not_null() & (series != POSITIVE) & (series != NEGATIVE)
    _refuse(series, wrong if series.dtype.is_unsigned_integer() else wrong & (series != UNKNOWN))
    return series.cast(pl.Int8).fill_null(UNKNOWN).to_numpy()


def _refuse(series: pl.Series, wrong: pl.Series) -> None:
    if wrong.any():
        row = wrong.arg_true()[0]
        raise DataError(f"labels: expected the states 1, 0 and -1 in {series.name!r}, got {series[row]!r} in row {row}; {REMEDY}")


def _common_forms(series: pl.Series) -> dict[int, Any]:
    """The text that most cells of each state hold."""
    counts = series.to_frame("text").group_by("text").len().sort("len", "text", descending=[True, False])
    forms: dict[int, Any] = {}
    for text in counts["text"].to_list():
        state = WRITTEN.get((text or "").strip().lower())
        if state is not None:
            forms.setdefault(state, text)
    return forms


def _wide(dtype: pl.DataType) -> pl.DataType:
    """The type itself; that of a column of nothing but nulls cannot stay."""
    return pl.Int64() if dtype == pl.Null else dtype


def _matrix(rows: list[np.ndarray], n_items: int) -> sp.csr_matrix:
    """Boolean matrix from the rows of each column, ascending."""
    indptr = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
    indices = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    return sp.csc_matrix((np.ones(len(indices), bool), indices, indptr), shape=(n_items, len(rows))).tocsr()
