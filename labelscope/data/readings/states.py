"""One column a label: 1, 0 and blank or -1, in any of the ways that tables write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.checks import check_column
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.readings.encoding import put_values
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.scores import threshold_of
from labelscope.data.readings.vocabulary import LabelNames
from labelscope.errors import DataError

__all__ = ["FORMATS", "IndicatorColumns", "read_states"]

STATES = {
    "1": POSITIVE, "1.0": POSITIVE, "true": POSITIVE, "yes": POSITIVE, "y": POSITIVE, "t": POSITIVE,
    "0": NEGATIVE, "0.0": NEGATIVE, "false": NEGATIVE, "no": NEGATIVE, "n": NEGATIVE, "f": NEGATIVE,
    "-1": UNKNOWN, "-1.0": UNKNOWN, "": UNKNOWN,
    "1,0": POSITIVE, "0,0": NEGATIVE, "-1,0": UNKNOWN,
    "checked": POSITIVE, "unchecked": NEGATIVE, "selected": POSITIVE, "not selected": NEGATIVE, "on": POSITIVE, "off": NEGATIVE,
    "ja": POSITIVE, "nein": NEGATIVE, "oui": POSITIVE, "non": NEGATIVE,
    "positive": POSITIVE, "negative": NEGATIVE, "present": POSITIVE, "absent": NEGATIVE, "pos": POSITIVE, "neg": NEGATIVE,
} | dict.fromkeys(["nan", "na", "n/a", "<na>", "null", "none", "?"], UNKNOWN)  # fmt: skip
MARKS = dict.fromkeys(["x", "✓", "✔", "1", "1.0", "yes", "y", "true", "t", "+", "*"], POSITIVE) | dict.fromkeys(
    ["", "-", "–", "—"], NEGATIVE
)
TICKS = frozenset(["x", "✓", "✔", "+", "*"])
DASHES = frozenset(["-", "–", "—"])
PAIRS = (
    ("1", "0"),
    ("1.0", "0.0"),
    ("true", "false"),
    ("True", "False"),
    ("TRUE", "FALSE"),
    ("yes", "no"),
    ("Yes", "No"),
    ("YES", "NO"),
    ("Y", "N"),
    ("y", "n"),
    ("Checked", "Unchecked"),
    ("Selected", "Not Selected"),
    ("1,0", "0,0"),
)
REMEDY = "write 1, 0, or blank (or -1) for unknown"
MOST_VOTES = 20  # larger numbers are percentages, not counts of votes
FORMATS = ("states", "plus_minus_one", "marks", "scores")


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
    """

    columns: tuple[str, ...]
    label_names: tuple[str, ...]
    written: Mapping[str, int] = field(default_factory=lambda: dict(STATES))
    threshold: float | None = None
    any_text: bool = False

    def decode(self, table: pl.DataFrame) -> LabelMatrix:
        """Labels of the rows of `table`."""
        n = table.height
        found: dict[int, list[np.ndarray]] = {POSITIVE: [], NEGATIVE: [], UNKNOWN: []}
        for states in self._states(table):
            for state, rows in found.items():
                rows.append(np.flatnonzero(states == state))
        totals = {state: sum(map(len, rows)) for state, rows in found.items()}
        default = UNKNOWN if totals[UNKNOWN] > totals[NEGATIVE] else NEGATIVE
        exception = NEGATIVE if default == UNKNOWN else UNKNOWN
        return LabelMatrix(_matrix(found[POSITIVE], n), _matrix(found[exception], n), default)

    def _states(self, table: pl.DataFrame) -> Iterator[np.ndarray]:
        """States of each column, int8 (n_rows,). Columns of text are turned many at a time: of thousands each by itself takes long."""
        words = pl.col(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
        told = words.replace_strict(list(self.written), list(self.written.values()), default=None, return_dtype=pl.Int8)
        for block in _column_blocks(self.columns, table.height):
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
        kind = _wide(table.schema[like])
        new = [pl.Series(name, [forms[state] for state in of.tolist()], dtype=kind) for name, of in states.items()]
        return after, table.select(*table.columns[:at], *new, *table.columns[at:])

    def token(self, label: int) -> str:
        """Name of the column of a label."""
        return self.columns[label]

    def _forms(self, table: pl.DataFrame, series: pl.Series) -> Mapping[int, Any]:
        if series.dtype == pl.Boolean:
            return {POSITIVE: True, NEGATIVE: False, UNKNOWN: None}
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
        return {**forms, POSITIVE: _only_text(_without_absent(series, self.written)) or series.name} if self.any_text else forms

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


def _column_blocks(columns: Sequence[str], n_rows: int) -> Iterator[list[str]]:
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
    if isinstance(series.dtype, (pl.String, pl.Categorical, pl.Enum)):
        text = series.cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
        if threshold is not None:
            return _over(series, _numbers(text), threshold)
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
    if series.dtype.is_integer() and not series.null_count():  # what most tables hold, of which there may be thousands of columns
        values = series.to_numpy()
        if ((values == POSITIVE) | (values == NEGATIVE)).all():
            return values.astype(np.int8)
    wrong = series.is_not_null() & (series != POSITIVE) & (series != NEGATIVE)
    _refuse(series, wrong if series.dtype.is_unsigned_integer() else wrong & (series != UNKNOWN))
    states = series.cast(pl.Int8)
    if written.get("-1") == NEGATIVE:
        states = states.replace(-1, 0)
    return states.fill_null(written.get("", UNKNOWN)).to_numpy()


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


def _numbers(text: pl.Series) -> pl.Series:
    """Numbers of text, "35%" and "35 %" included."""
    return text.str.replace(r"\s*%$", "").cast(pl.Float64, strict=False)


def _refuse(series: pl.Series, wrong: pl.Series) -> None:
    if wrong.any():
        row = wrong.arg_true()[0]
        number = len(_numbers(pl.Series([str(series[row])]).str.strip_chars()).drop_nulls()) > 0
        more = ", or pass labels_format='scores' if these are scores or votes" if number else ""
        raise DataError(f"labels: expected the states 1, 0 and -1 in {series.name!r}, got {series[row]!r} in row {row}; {REMEDY}{more}")


def _common_forms(series: pl.Series, written: Mapping[str, int], threshold: float | None) -> dict[int, Any]:
    """The text that most cells of each state hold."""
    counts = series.to_frame("text").group_by("text").len().sort("len", "text", descending=[True, False])
    forms: dict[int, Any] = {}
    for text in counts["text"].to_list():
        if threshold is not None:
            percent = "%" if series.cast(pl.String).str.contains("%", literal=True).any() else ""
            return {POSITIVE: f"{'100' if threshold > 1 else '1.0'}{percent}", NEGATIVE: f"{'0' if threshold > 1 else '0.0'}{percent}"}
        state = written.get((text or "").strip().lower())
        if state is not None:
            forms.setdefault(state, text)
    return forms


def read_states(table: pl.DataFrame, columns: list[str], given: LabelNames | None, name: str | None) -> Offer:
    """One column a label, in the way that is named or seen.

    Parameters
    ----------
    table : polars.DataFrame
    columns : list of str
    given : sequence or mapping, optional
        Names of the labels.
    name : str, optional
        ``labels_format=``.

    Raises
    ------
    DataError
        If a column is not there or holds lists, or where the values may mean two things.
    """
    names = _label_names(table, columns, given)
    values = _values(table, columns)
    repeated = name is None and not set(values["text"]) <= set(STATES) and _repeat_options(table, columns)
    way, _, detail = (name or _seen(columns, values, repeated=repeated)).partition(":")
    if way not in FORMATS:
        raise DataError(f"labels_format: expected one of {', '.join(FORMATS)} for columns with one label each, got {name!r}")
    title, written, threshold = "one column a label", dict(STATES), None
    if way == "plus_minus_one":
        title, written = "one column a label, -1 for absent", STATES | {"-1": NEGATIVE, "-1.0": NEGATIVE}
    elif way == "marks":
        title, written = "one column a label, blank for absent", {word: state for word, state in STATES.items() if word} | MARKS
    elif way == "scores":
        threshold = threshold_of(way, detail) if detail else (50.0 if _percent(values) else 0.5)
        title = f"one column a label, positive from {threshold:g}"
    encoding = IndicatorColumns(tuple(columns), names, written, threshold, any_text=way == "marks")
    return Offer(way, title, encoding, 1.0 if name else 0.95, f"{len(names):,} columns of states", f"labels_format={way!r}")


def _label_names(table: pl.DataFrame, columns: list[str], given: LabelNames | None) -> tuple[str, ...]:
    if not columns:
        raise DataError("labels: expected the name of a column or a list of names, got an empty list")
    schema = table.schema  # made anew whenever it is asked for, which takes long of thousands of columns
    for column in columns:
        if column not in schema:
            check_column(table, column, "labels")
        if schema[column].is_nested():
            raise DataError(f'labels: expected columns of 1 and 0, got lists in {column!r}; pass labels="{column}"')
    if len(set(columns)) != len(columns):
        twice = Counter(columns).most_common(1)[0][0]
        raise DataError(f"labels: expected each column once, got {twice!r} more than once")
    names = tuple(columns)
    if given is not None:
        names = tuple(str(label) for label in ([given.get(c, c) for c in columns] if isinstance(given, Mapping) else given))
        if len(names) != len(columns):
            raise DataError(f"label_names: expected {len(columns)} names (one a column), got {len(names)}")
    return names


def _only_text(series: pl.Series) -> str | None:
    """The one text of a column that is not blank; None if there are none or several."""
    texts = series.cast(pl.String).drop_nulls().unique()
    texts = texts.filter(texts.str.strip_chars() != "")
    return str(texts[0]) if len(texts) == 1 else None


def _without_absent(series: pl.Series, written: Mapping[str, int]) -> pl.Series:
    """A column without the texts that say that its label is absent or unknown."""
    absent = [text for text, state in written.items() if state != POSITIVE]
    return series.filter(~series.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(absent))


def _values(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The different values of all columns: text (lower case), with "" for null."""
    kinds = []
    small: dict[str, None] = {}  # of whole numbers -1, 0 and 1, of which there may be thousands of columns
    schema = table.schema
    texts = [column for column in columns if schema[column] == pl.String]
    for block in _column_blocks(texts, table.height):
        found = table.select(block).unpivot()["value"].unique(maintain_order=True)
        kinds.append(found.fill_null("").str.strip_chars().str.to_lowercase().alias("text"))
    for column in columns:
        if schema[column] == pl.String:
            continue
        series = table[column]
        if series.dtype.is_integer() and not series.null_count() and len(series):
            values = series.to_numpy()
            if values.max() <= 1 and (values.dtype.kind == "u" or values.min() >= -1):
                small |= dict.fromkeys(str(value) for value in (0, 1, -1) if (values == value).any())
                continue
        different = series.unique() if series.dtype != pl.Boolean else series.cast(pl.Int8).unique()
        if different.dtype.is_float():
            different = different.cast(pl.Float64)
        kinds.append(different.head(1000).cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase().alias("text"))
    kinds.append(pl.Series("text", list(small), dtype=pl.String))
    return pl.concat([kind.to_frame() for kind in kinds]).unique(maintain_order=True)


def _repeat_options(table: pl.DataFrame, columns: Sequence[str]) -> bool:
    """Whether every column holds one text and blanks alone, as a survey repeats the option that was chosen."""
    schema = table.schema
    if any(schema[column] not in (pl.String, pl.Null) for column in columns):
        return False
    only = [_only_text(table[column]) for column in columns]
    others = [table[column] for column, text in zip(columns, only, strict=True) if text is None]  # free text, or never chosen
    states = pl.concat([pl.Series([text or "" for text in only], dtype=pl.String), *(series.cast(pl.String) for series in others)])
    known = states.drop_nulls().str.strip_chars().str.to_lowercase().is_in([text for text in STATES if text])
    return len(others) * 2 < len(columns) and not known.any()


def _seen(columns: Sequence[str], values: pl.DataFrame, *, repeated: bool) -> str:
    """The way in which the columns are written, as far as their values tell.

    Raises
    ------
    DataError
        Where -1 or a blank may mean negative as well as unknown, or numbers are scores.
    """
    texts = set(values["text"].to_list())
    states = {STATES.get(text) for text in texts}
    if repeated:
        raise DataError(
            f"labels: expected a value for absent in {columns[0]!r} and the like, got one text and blanks alone in each, where a blank may"
            " mean absent or unknown; pass labels_format='marks' if it is absent, or write 0 where a label is absent"
        )
    numbers = _numbers(values["text"])
    scores = values["text"].filter(numbers.is_not_null() & ~values["text"].is_in(list(STATES)))
    whole = scores.str.contains("%", literal=True) | scores.cast(pl.Float64, strict=False).is_between(0, 1)
    if (len(scores) and whole.all()) or (len(scores) > 3 and (_numbers(scores).is_between(0, 100)).all()):
        raise DataError(
            f"labels: expected the states 1, 0 and -1 in {columns[0]!r} and the like, got scores such as {scores[0]!r};"
            f" pass labels_format='scores' to take {'50' if _percent(values) else '0.5'} and more as positive"
        )
    minus, marks = texts & {"-1", "-1.0"}, texts & TICKS
    odd = texts - set(STATES) - TICKS
    if marks and odd and NEGATIVE not in states and odd <= DASHES:
        if marks == {"+"} and "" not in texts:
            return "marks"
        raise DataError(
            f"labels: expected a value for absent in {columns[0]!r} and the like, got {min(marks)!r} and {min(odd)!r}, which may be absent"
            " or unknown; pass labels_format='marks' if it is absent, or write 0 where a label is absent"
        )
    if NEGATIVE in states or odd:
        return "states"
    if minus:
        raise DataError(
            f"labels: expected a value for absent in {columns[0]!r} and the like, got 1 and -1 without any 0, where -1 may mean absent or"
            " unknown; pass labels_format='plus_minus_one' if -1 is absent, or labels_format='states' if it is unknown"
        )
    if "" in texts and texts - {""}:
        shown = min(texts - {""})
        unknown = "write 0 where a label is absent" if marks else "pass labels_format='states' if it is unknown"
        raise DataError(
            f"labels: expected a value for absent in {columns[0]!r} and the like, got {shown!r} and blanks alone, where a blank may mean"
            f" absent or unknown; pass labels_format='marks' if it is absent, or {unknown}"
        )
    return "marks" if marks else "states"


def _percent(values: pl.DataFrame) -> bool:
    """Whether scores run to 100."""
    percent = values["text"].str.contains("%", literal=True).any()
    return bool(percent or (_numbers(values["text"]).fill_null(0) > MOST_VOTES).any())


def _wide(dtype: pl.DataType) -> pl.DataType:
    """The type itself; that of a column of nothing but nulls cannot stay."""
    return pl.Int64() if dtype == pl.Null else dtype


def _matrix(rows: list[np.ndarray], n_items: int) -> sp.csr_matrix:
    """Boolean matrix from the rows of each column, ascending."""
    indptr = np.concatenate([[0], np.cumsum([len(r) for r in rows])])
    indices = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    return sp.csc_matrix((np.ones(len(indices), bool), indices, indptr), shape=(n_items, len(rows))).tocsr()
