"""In which way columns of one label each are written: what their values show, and what must be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.frames import as_text, is_plain
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.scores import threshold_of
from labelscope.data.readings.state_words import DASHES, MARKS, NAMED, STATES, TICKS
from labelscope.data.readings.states import IndicatorColumns, column_blocks_of, is_array, numbers_of, only_text
from labelscope.data.readings.vocabulary import LabelNames, whole_number
from labelscope.errors import DataError

__all__ = ["FORMATS", "holds_states", "read_states", "says_no_state", "two_words"]

MOST_VOTES = 20  # larger numbers are percentages, not counts of votes
FORMATS = ("states", "plus_minus_one", "marks", "scores")
BLANKS = frozenset(text for text, state in STATES.items() if state == UNKNOWN) - {"-1", "-1.0", "-1,0", "?"}  # may mean absent, too
LONGEST_CODE = 2  # digits of a number that stands for yes or no
LEAST_ROWS = 5  # before a last row that is unlike the others


def says_no_state(table: pl.DataFrame, column: str) -> bool:
    """Whether a column holds texts, none of which is a state but for blanks."""
    if column not in table.columns or table[column].dtype != pl.String:
        return False
    words = {word for word in _values(table, [column])["text"] if word}
    return bool(words) and words.isdisjoint(STATES) and words.isdisjoint(MARKS)


def holds_states(table: pl.DataFrame, columns: list[str]) -> bool:
    """Whether the columns hold states, numbers, or one text and blanks alone, so that each may be one label."""
    there = set(table.columns)
    if any(name not in there or not is_plain(table[name].dtype) for name in columns):
        return True  # read_states says what is wrong
    values = _values(table, columns)["text"]
    known = set(values.to_list()) - {""}
    others = set(values.filter(numbers_of(values).is_null()).to_list()) - set(STATES) - TICKS - DASHES
    plain = known - others - NAMED
    return not others or len(plain) > len(known - plain) or _repeat_options(table, columns) or _say_own_names(table, columns)


def two_words(table: pl.DataFrame, columns: Sequence[str]) -> tuple[str, str] | None:
    """The two texts of which every cell of some columns holds one, which may be yes and no in a language that is not known."""
    there = set(table.columns)
    if any(name not in there or table[name].dtype != pl.String for name in columns):
        return None
    values = [text for text in _values(table, columns)["text"].to_list() if text not in BLANKS]
    if len(values) != 2 or values[0] in STATES or values[1] in STATES:
        return None
    both = sum(table[name].str.strip_chars().str.to_lowercase().n_unique() > 1 for name in columns)
    return (min(values), max(values)) if both * 2 > len(columns) and not any(table[name].null_count() for name in columns) else None


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
    texts = set(values["text"])
    repeated = name is None and not texts <= set(STATES) and _repeat_options(table, columns)
    if name is None and not repeated and not texts <= set(STATES) | TICKS:
        _refuse_totals(table, columns)
    words = any(table[column].dtype == pl.String for column in columns)
    own = name is None and not repeated and not texts <= set(STATES) and _say_own_names(table, columns)
    way, _, detail = (name or _seen(columns, values, repeated=repeated, own=own, words=words)).partition(":")
    if way not in FORMATS:
        raise DataError(f"labels_format: expected one of {', '.join(FORMATS)} for columns with one label each, got {name!r}")
    title, written, threshold, pair, remedy = "one column a label", dict(STATES), None, None, f"labels_format={way!r}"
    if way == "plus_minus_one":
        title, written = "one column a label, -1 for absent", STATES | {"-1": NEGATIVE, "-1.0": NEGATIVE}
    elif way == "marks":
        title, written = "one column a label, blank for absent", {word: state for word, state in STATES.items() if word} | MARKS
        if "" not in texts:  # then the words for nothing are what the program wrote for a blank
            written |= dict.fromkeys(BLANKS & texts, NEGATIVE)
    elif way == "scores":
        threshold = threshold_of(way, detail) if detail else (50.0 if _percent(values) else 0.5)
        title = f"one column a label, positive from {threshold:g}"
    elif detail:
        pair = _pair(columns, values["text"], detail)
        written = {text: state for text, state in STATES.items() if state == UNKNOWN and text not in pair}
        written |= {pair[0]: POSITIVE, pair[1]: NEGATIVE}
        title, remedy = f"one column a label, {pair[0]!r} for present", f"labels_format={name!r}"
    encoding = IndicatorColumns(tuple(columns), names, written, threshold, any_text=way == "marks" or own, pair=pair)
    return Offer(way, title, encoding, 1.0 if name else 0.95, f"{len(names):,} columns of states", remedy)


def _pair(columns: Sequence[str], texts: pl.Series, positive: str) -> tuple[str, str]:
    """The value that says present, as ``labels_format="states:WORD"`` names it, and the one other."""
    said = whole_number(positive.strip().lower())
    known = list(dict.fromkeys(whole_number(text) for text in texts.to_list()))
    others = [text for text in known if text != said and STATES.get(text) != UNKNOWN]
    if said not in known or len(others) != 1:
        held = ", ".join(map(repr, sorted(known)[:6]))
        raise DataError(
            f"labels_format: expected two values for present and absent in {columns[0]!r} and the like, {positive!r} among them, got"
            f" {held}; write 1 and 0, and a blank where nothing is known"
        )
    return said, others[0]


def _label_names(table: pl.DataFrame, columns: list[str], given: LabelNames | None) -> tuple[str, ...]:
    if not columns:
        raise DataError("labels: expected the name of a column or a list of names, got an empty list; name one")
    schema = table.schema  # made anew whenever it is asked for, which takes long of thousands of columns
    for column in columns:
        if column not in schema:
            check_column(table, column, "labels")
        if schema[column].is_nested():
            raise DataError(f'labels: expected columns of 1 and 0, got lists in {column!r}; pass labels="{column}"')
        as_text(table[column].head(0), "labels")
    names = tuple(columns)
    if given is not None:
        names = tuple(str(label) for label in ([given.get(c, c) for c in columns] if isinstance(given, Mapping) else given))
        if len(names) != len(columns):
            raise DataError(f"label_names: expected {len(columns)} names (one a column), got {len(names)}; name each column")
    return names


def _values(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The different values of all columns: text (lower case), with "" for null."""
    kinds = []
    small: dict[str, None] = {}  # of whole numbers -1, 0 and 1, of which there may be thousands of columns
    schema = table.schema
    texts = [column for column in columns if schema[column] == pl.String]
    for block in column_blocks_of(texts, table.height):
        found = table.select(block).unpivot()["value"].unique(maintain_order=True)
        kinds.append(found.fill_null("").str.strip_chars().str.to_lowercase().alias("text"))
    for column in columns:
        if schema[column] == pl.String:
            continue
        series = table[column]
        if is_array(series) and len(series):
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
    only = [only_text(table[column]) for column in columns]
    others = [table[column] for column, text in zip(columns, only, strict=True) if text is None]  # free text, or never chosen
    states = pl.concat([pl.Series([text or "" for text in only], dtype=pl.String), *(series.cast(pl.String) for series in others)])
    known = states.drop_nulls().str.strip_chars().str.to_lowercase().is_in([text for text in STATES if text])
    return len(others) * 2 < len(columns) and not known.any()


def _say_own_names(table: pl.DataFrame, columns: Sequence[str]) -> bool:
    """Whether every column holds 0 or no, and one text that no other column has, which says that its label is there."""
    schema = table.schema
    if len(columns) < 2 or any(schema[column] != pl.String for column in columns):
        return False
    own: list[str] = []
    denied = False
    for column in columns:
        texts = {text.strip().lower() for text in table[column].drop_nulls().unique().to_list()}
        denied |= any(STATES.get(text) == NEGATIVE for text in texts)
        others = texts - set(STATES)
        if len(others) > 1 or (texts and not others and POSITIVE in map(STATES.get, texts)):
            return False
        own += others
    return denied and len(own) * 2 > len(columns) and len(set(own)) == len(own)


def _refuse_totals(table: pl.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a table whose last row alone holds numbers that are no states, as a row of sums does."""
    if table.height <= LEAST_ROWS:
        return
    last = _values(table.tail(1), columns)["text"]
    sums = last.filter(numbers_of(last).is_not_null() & ~last.is_in(list(STATES)))
    if len(sums) and set(_values(table.head(table.height - 1), columns)["text"]) <= set(STATES) - {""}:
        raise DataError(
            f"labels: expected the states 1, 0 and -1 in {columns[0]!r} and the like, got {sums[0]!r} in the last row alone, as a row of"
            " totals has; remove that row, or pass labels_format='scores' if these are scores or votes, to take 0.5 and more as positive"
        )


def _seen(columns: Sequence[str], values: pl.DataFrame, *, repeated: bool, own: bool, words: bool) -> str:
    """The way in which the columns are written, as far as their values tell.

    Raises
    ------
    DataError
        Where -1 or a blank may mean negative as well as unknown, or numbers are scores.
    """
    texts = set(values["text"].to_list())
    states = {STATES.get(text) for text in texts}
    if own:
        return "states"
    if repeated:
        raise DataError(
            f"labels: expected a value for absent in {columns[0]!r} and the like, got one text and blanks alone in each, where a blank may"
            " mean absent or unknown; pass labels_format='marks' if it is absent, or write 0 where a label is absent"
        )
    _refuse_numbers(columns, values)
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
    blanks = texts & (BLANKS if words else {""})
    if blanks and texts - BLANKS - {"?"}:
        shown, blank = min(texts - BLANKS - {"?"}), "a blank" if "" in blanks else repr(min(blanks))
        got = f"{shown!r} and {'blanks' if blank == 'a blank' else blank} alone"
        unknown = "write 0 where a label is absent" if marks - set(STATES) else "pass labels_format='states' if it is unknown"
        raise DataError(
            f"labels: expected a value for absent in {columns[0]!r} and the like, got {got}, where {blank} may mean"
            f" absent or unknown; pass labels_format='marks' if it is absent, or {unknown}"
        )
    return "marks" if marks - set(STATES) else "states"


def _refuse_numbers(columns: Sequence[str], values: pl.DataFrame) -> None:
    """Refuse numbers that are no states, and say what they may be: two codes, ids of labels, or scores."""
    numbers = numbers_of(values["text"])
    plainly = numbers.is_not_null() & ~values["text"].is_in(list(STATES))
    scores = values["text"].filter(plainly)
    if not len(scores):
        return
    codes = sorted({whole_number(text) for text in values["text"] if text not in BLANKS})
    where = f"in {columns[0]!r} and the like"
    if len(codes) == 2 and all(code.isdecimal() and len(code) <= LONGEST_CODE for code in codes):
        raise DataError(
            f"labels: expected the states 1, 0 and -1 {where}, got {codes[0]} and {codes[1]} alone, which may say present and absent; pass"
            f" labels_format='states:{codes[0]}' if {codes[0]} says that a label is there, labels_format='states:{codes[1]}' if"
            f" {codes[1]} does, or labels_format='scores' if these are scores or votes, to take 0.5 and more as positive"
        )
    found = numbers_of(scores)
    whole = scores.str.contains("%", literal=True) | found.is_between(0, 1)
    alike = len({re.sub(r"\d+", "", column) for column in columns}) == 1 and len(columns) > 1
    if alike and bool((found == found.floor()).all()) and not scores.str.contains("%", literal=True).any():
        raise DataError(
            f"labels: expected the states 1, 0 and -1 {where}, got {scores[0]!r} in columns that are called alike, which may be ids of"
            " labels or scores; pass labels_format='columns' if they are ids, or labels_format='scores' to take"
            f" {'50' if _percent(values) else '0.5'} and more as positive"
        )
    if whole.all() or (len(scores) > 3 and found.is_between(0, 100).all()):
        raise DataError(
            f"labels: expected the states 1, 0 and -1 {where}, got scores such as {scores[0]!r};"
            f" pass labels_format='scores' to take {'50' if _percent(values) else '0.5'} and more as positive"
        )


def _percent(values: pl.DataFrame) -> bool:
    """Whether scores run to 100."""
    percent = values["text"].str.contains("%", literal=True).any()
    return bool(percent or (numbers_of(values["text"]).fill_null(0) > MOST_VOTES).any())
