"""One column a label: 1, 0 and blank or -1, in any of the ways that tables write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.readings.encoding import put_values
from labelscope.data.readings.state_words import PAIRS, STATES
from labelscope.errors import DataError

__all__ = ["IndicatorColumns", "column_blocks_of", "column_states", "holds_numbers", "is_array", "numbers_of", "only_text"]

REMEDY = "write 1, 0, or blank (or -1) for unknown"


@dataclass(frozen=True, eq=False)
class IndicatorColumns:
    """A column a label. 1, true and yes are positive, 0, false and no negative, null, blank and -1 unknown.

    Attributes
    ----------
    columns, label_names : tuple of str
    written : mapping of text to state
        In lower case; what :data:`STATES` does not say, or says otherwise.
    threshold : float, optional
        From where a number is positive; then other numbers than 1 and 0 are legal.
    any_text : bool
        Whether every text but a blank is positive, as in surveys that repeat the name of the option.
    pair : tuple of str, optional
        The two values that say present and absent, where they are other than 1 and 0.
    """

    columns: tuple[str, ...]
    label_names: tuple[str, ...]
    written: Mapping[str, int] = field(default_factory=lambda: dict(STATES))
    threshold: float | None = None
    any_text: bool = False
    pair: tuple[str, str] | None = None

    def decode(self, table: pl.DataFrame) -> LabelMatrix:
        """Labels of the rows of `table`."""
        n, n_negative, n_unknown = table.height, 0, 0
        positive: list[np.ndarray] = []
        rare: list[tuple[int, np.ndarray]] = []  # of each column the rows that are negative or those that are unknown: the fewer
        for states in self._states(table):
            unknown, negative = np.count_nonzero(states == UNKNOWN), np.count_nonzero(states == NEGATIVE)
            fewer = UNKNOWN if unknown <= negative else NEGATIVE
            positive.append(_rows(states == POSITIVE))
            rare.append((fewer, _rows(states == fewer)))
            n_negative, n_unknown = n_negative + negative, n_unknown + unknown
        default, exception = (UNKNOWN, NEGATIVE) if n_unknown > n_negative else (NEGATIVE, UNKNOWN)
        exceptions = [rows if state == exception else _others(rows, ones, n) for (state, rows), ones in zip(rare, positive, strict=True)]
        return LabelMatrix(_matrix(positive, n), _matrix(exceptions, n), default)

    def _states(self, table: pl.DataFrame) -> Iterator[np.ndarray]:
        """States of each column, int8 (n_rows,). Columns of text are turned many at a time: of thousands each by itself takes long."""
        words = pl.col(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
        told = words.replace_strict(list(self.written), list(self.written.values()), default=None, return_dtype=pl.Int8)
        for block in column_blocks_of(self.columns, table.height):
            given = table.select(block)
            seen = given.select(told).get_columns() if self.threshold is None else []
            known = {series.name: series for series in seen if not series.null_count()}
            for series in given.get_columns():
                if series.name in known:
                    yield known[series.name].to_numpy()
                else:
                    yield column_states(series, self.written, self.threshold, any_text=self.any_text)

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
        after = replace(self, columns=(*self.columns, *states), label_names=(*self.label_names, *states))
        forms = self._forms(table, table[like])
        at = table.columns.index(like) + 1
        kind = _wide(table[like].dtype)
        new = [pl.Series(name, [forms[state] for state in of.tolist()], dtype=kind) for name, of in states.items()]
        return after, table.select(*table.columns[:at], *new, *table.columns[at:])

    def token(self, label: int) -> str:
        """Name of the column of a label."""
        return self.columns[label]

    def _forms(self, table: pl.DataFrame, series: pl.Series) -> Mapping[int, Any]:
        if series.dtype == pl.Boolean:
            return {POSITIVE: True, NEGATIVE: False, UNKNOWN: None}
        if series.dtype.is_numeric() and self.pair is not None:
            kind = float if series.dtype.is_float() else int
            return {POSITIVE: kind(float(self.pair[0])), NEGATIVE: kind(float(self.pair[1])), UNKNOWN: None}
        if series.dtype.is_numeric() or series.dtype == pl.Null:
            minus = series.dtype.is_signed_integer() or series.dtype.is_float()
            if self.written.get("-1") == NEGATIVE:
                return {POSITIVE: 1, NEGATIVE: -1, UNKNOWN: None}
            if self.written.get("") == NEGATIVE:
                return {POSITIVE: 1, NEGATIVE: None, UNKNOWN: None}
            if self.threshold is not None and self.threshold > 1:
                return {POSITIVE: 100, NEGATIVE: 0, UNKNOWN: None}
            return {POSITIVE: 1, NEGATIVE: 0, UNKNOWN: -1 if minus and self._uses_minus(table, series) else None}
        forms = self._text_forms(table, series)
        return {**forms, POSITIVE: only_text(_without_absent(series, self.written)) or series.name} if self.any_text else forms

    def _uses_minus(self, table: pl.DataFrame, series: pl.Series) -> bool:
        """Whether -1 is how this column, or else the table, writes unknown."""
        if series.null_count():
            return False
        if (series == -1).any():
            return True
        schema = table.schema
        numeric = [table[name] for name in self.columns if schema[name].is_numeric()]
        return any((other == -1).any() for other in numeric) and not any(other.null_count() for other in numeric)

    def _text_forms(self, table: pl.DataFrame, series: pl.Series) -> Mapping[int, Any]:
        forms = _common_forms(series, self.written, self.threshold)
        if POSITIVE not in forms or NEGATIVE not in forms:
            for positive, negative in PAIRS:
                if positive == forms.get(POSITIVE) or negative == forms.get(NEGATIVE):
                    forms = {POSITIVE: positive, NEGATIVE: negative} | forms
                    break
        if len(forms) < len(found := {POSITIVE, NEGATIVE, UNKNOWN}):
            schema = table.schema
            for name in self.columns:
                if found <= set(forms):
                    break
                if schema[name] == pl.String:
                    forms = _common_forms(table[name], self.written, self.threshold) | forms
        return {POSITIVE: "1", NEGATIVE: "0", UNKNOWN: None} | forms


def column_blocks_of(columns: Sequence[str], n_rows: int) -> Iterator[list[str]]:
    """The columns, as many at a time as hold about two million cells."""
    width = max(1, 2_000_000 // max(1, n_rows))
    for start in range(0, len(columns), width):
        yield list(columns[start : start + width])


def column_states(series: pl.Series, written: Mapping[str, int], threshold: float | None = None, *, any_text: bool = False) -> np.ndarray:
    """States of one column, int8 (n_rows,).

    Raises
    ------
    DataError
        On NaN, on other types, and on any value that is no state; with its row.
    """
    blank = written.get("", UNKNOWN)
    if series.dtype == pl.Null:
        return np.full(len(series), blank, np.int8)
    if series.dtype == pl.Boolean:
        return series.cast(pl.Int8).fill_null(blank).to_numpy()
    if series.dtype.is_numeric() and (written.get("1"), written.get("0")) != (POSITIVE, NEGATIVE):  # 1 and 2 may say present and absent
        series = series.cast(pl.String).str.replace(r"\.0+$", "")
    if isinstance(series.dtype, (pl.String, pl.Categorical, pl.Enum)):
        text = series.cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
        if threshold is not None:
            return _over(series, numbers_of(text), threshold)
        states = text.replace_strict(list(written), list(written.values()), default=None, return_dtype=pl.Int8)
        if any_text:
            states = states.fill_null(POSITIVE)
        _refuse(series, states.is_null())
        return states.to_numpy()
    return _number_states(series, written, threshold)


def _number_states(series: pl.Series, written: Mapping[str, int], threshold: float | None) -> np.ndarray:
    if not series.dtype.is_numeric():
        raise DataError(f"labels: expected the states 1, 0 and -1 in {series.name!r}, got {series.dtype}; convert the column")
    if series.dtype.is_float() and series.is_nan().any():
        row = series.is_nan().fill_null(value=False).arg_true()[0]
        raise DataError(f"labels: expected the states 1, 0 and -1 in {series.name!r}, got NaN in row {row}; write null or -1 for unknown")
    if threshold is not None:
        return _over(series, series.cast(pl.Float64), threshold)
    if is_array(series):  # what most tables hold, of which there may be thousands of columns
        values = series.to_numpy()
        if ((values == POSITIVE) | (values == NEGATIVE)).all():
            return values.astype(np.int8)
    wrong = series.is_not_null() & (series != POSITIVE) & (series != NEGATIVE)
    _refuse(series, wrong if series.dtype.is_unsigned_integer() else wrong & (series != UNKNOWN))
    states = series.cast(pl.Int8)
    if written.get("-1") == NEGATIVE:
        states = states.replace(-1, 0)
    return states.fill_null(written.get("", UNKNOWN)).to_numpy()


def is_array(series: pl.Series) -> bool:
    """Whether numpy can have whole numbers as they are: there are no gaps, and it knows the type."""
    return series.dtype.is_integer() and not series.null_count() and series.dtype.base_type() not in {pl.Int128, pl.UInt128}


def _over(series: pl.Series, numbers: pl.Series, threshold: float) -> np.ndarray:
    """States of numbers: positive from a threshold; null, blank and -1 unknown."""
    blank = (
        series.cast(pl.String)
        .fill_null("")
        .str.strip_chars()
        .str.to_lowercase()
        .is_in([word for word, to in STATES.items() if to == UNKNOWN])
    )
    _refuse(series, numbers.is_null() & ~blank)
    return (numbers >= threshold).cast(pl.Int8).set(blank | numbers.is_null(), UNKNOWN).to_numpy()


def holds_numbers(series: pl.Series) -> bool:
    """Whether a column of text holds numbers and blanks alone."""
    if series.dtype != pl.String:
        return False
    texts = series.drop_nulls().unique().str.strip_chars()
    texts = texts.filter(texts != "")
    return len(texts) > 0 and not numbers_of(texts).null_count()


def numbers_of(text: pl.Series) -> pl.Series:
    """Numbers of text; "35%", "35 %" and "0,35" are some, too."""
    return text.str.replace(r"\s*%$", "").str.replace(r"^([+-]?\d+),(\d+)$", "$1.$2").cast(pl.Float64, strict=False)


def _refuse(series: pl.Series, wrong: pl.Series) -> None:
    if wrong.any():
        row = wrong.arg_true()[0]
        number = len(numbers_of(pl.Series([str(series[row])]).str.strip_chars()).drop_nulls()) > 0
        more = ", or pass labels_format='scores' if these are scores or votes, to take 0.5 and more as positive" if number else ""
        raise DataError(f"labels: expected the states 1, 0 and -1 in {series.name!r}, got {series[row]!r} in row {row}; {REMEDY}{more}")


def _common_forms(series: pl.Series, written: Mapping[str, int], threshold: float | None) -> dict[int, Any]:
    """The text that most cells of each state hold."""
    counts = series.to_frame("text").group_by("text").len().sort("len", "text", descending=[True, False])
    forms: dict[int, Any] = {}
    for text in counts["text"].to_list():
        if threshold is not None:
            written_so = series.cast(pl.String)
            percent = "%" if written_so.str.contains("%", literal=True).any() else ""
            point = "," if written_so.str.contains(r"^\s*[+-]?\d+,\d").any() else "."
            yes, no = ("100", "0") if threshold > 1 else (f"1{point}0", f"0{point}0")
            return {POSITIVE: f"{yes}{percent}", NEGATIVE: f"{no}{percent}"}
        state = written.get((text or "").strip().lower())
        if state is not None:
            forms.setdefault(state, text)
    return forms


def only_text(series: pl.Series) -> str | None:
    """The one text of a column that is not blank; None if there are none or several."""
    texts = series.cast(pl.String).drop_nulls().unique()
    texts = texts.filter(texts.str.strip_chars() != "")
    return str(texts[0]) if len(texts) == 1 else None


def _without_absent(series: pl.Series, written: Mapping[str, int]) -> pl.Series:
    """A column without the texts that say that its label is absent or unknown."""
    absent = [text for text, state in written.items() if state != POSITIVE]
    return series.filter(~series.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(absent))


def _wide(dtype: pl.DataType) -> pl.DataType:
    """The type itself; that of a column of nothing but nulls cannot stay."""
    return pl.Int64() if dtype == pl.Null else dtype


def _rows(here: np.ndarray) -> np.ndarray:
    """Where a column is true, ascending, in as few bytes as hold it: there may be a hundred million."""
    return np.flatnonzero(here).astype(np.int32 if len(here) < 2**31 else np.int64)


def _others(some: np.ndarray, more: np.ndarray, n: int) -> np.ndarray:
    """The rows that are in neither of two lists of them."""
    here = np.ones(n, bool)
    here[some] = here[more] = False
    return _rows(here)


def _matrix(rows: list[np.ndarray], n_items: int) -> sp.csr_matrix:
    """Boolean matrix from the rows of each column, ascending."""
    indptr = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
    indices = np.concatenate(rows) if rows else np.zeros(0, np.int32)
    return sp.csc_matrix((np.ones(len(indices), bool), indices, indptr), shape=(n_items, len(rows))).tocsr()
