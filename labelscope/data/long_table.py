"""Long tables: one row an (item, label), as Open Images has them; read as one row an item, or refused with the way to do so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.frames import as_text, is_plain
from labelscope.data.item_columns import called_id, check_plain
from labelscope.data.labels import NEGATIVE, UNKNOWN
from labelscope.data.readings.rater_names import names_raters
from labelscope.data.readings.state_ways import read_states
from labelscope.data.readings.state_words import STATES
from labelscope.errors import DataError

__all__ = ["SEVERAL_ROWS", "Gathered", "gather_rows", "n_different", "refuse_long"]

MOST_CELLS = 50_000_000
MOST_WORDS = 6  # different words of a column that says whether a label is there
THRESHOLD = 0.5
DENIALS = frozenset(word for word, state in STATES.items() if state == NEGATIVE) | frozenset(
    ["not present", "missing", "disagree", "disagreed", "rejected", "reject", "wrong", "incorrect", "invalid", "denied", "refuted"]
)
SEVERAL_ROWS = 1.2  # rows an item, where all columns but the label repeat
MOST_LOOKED_AT = 50  # columns
FEW_ROWS = 1.5  # rows an item from which a table is taken for a long one


@dataclass(frozen=True, eq=False)
class Gathered:
    """A long table with one row an item.

    Attributes
    ----------
    table : polars.DataFrame
        The first row of each item, with its labels as a list, or as one column a label where the rows say 1 and 0.
    labels : str or list of str
        The column of lists, or the columns.
    absent_is_unknown : bool
        Whether a label without a row was taken as unknown, because others are said to be negative.
    raters : str, optional
        What to know where several raters wrote the rows.
    """

    table: pl.DataFrame
    labels: str | list[str]
    absent_is_unknown: bool = False
    raters: str | None = None


def gather_rows(table: pl.DataFrame, label: str, item: str | None, values: str | None, way: str | None, unlisted: str) -> Gathered:
    """One row an item out of one row an (item, label).

    Parameters
    ----------
    table : polars.DataFrame
    label : str
        Column with one label a row.
    item : str or None
        Column that says to which item a row belongs.
    values : str, optional
        Column that says whether the label is there: 1, 0, or nothing known. Without it, every label that is listed is.
    way : str, optional
        How that column says so, for ``labels_format=``.
    unlisted : {"negative", "unknown"}
        What a label without a row means, where no row says 0.

    Raises
    ------
    DataError
        If a column is missing, or two rows say different things of one cell.
    """
    if item is None:
        raise DataError("id: expected the column that says to which item a row belongs, got none; name it with id=")
    check_column(table, item, "id")
    check_column(table, label, "labels")
    if item == label:
        raise DataError(
            f"id: expected another column than that of the labels, got {item!r}; name the column that says which item a row is of"
        )
    check_plain(table, [item], "id")
    if values is None:
        _refuse_denials(table, label, item)
    names = as_text(table[label], "labels").str.strip_chars()
    rows = pl.DataFrame({"item": table[item], "label": names}).with_row_index("row").filter((pl.col("label") != "").fill_null(value=False))
    firsts = table.unique(item, keep="first", maintain_order=True)
    if values is None:
        lists = rows.group_by("item", maintain_order=True).agg(pl.col("label").unique(maintain_order=True))
        firsts = firsts.drop(label).join(lists.rename({"label": label, "item": item}), on=item, how="left", maintain_order="left")
        return Gathered(firsts.with_columns(pl.col(label).fill_null([])), label, raters=_raters_line(table, item))
    check_column(table, values, "values")
    if values in {label, item}:
        other = "labels" if values == label else "ids"
        raise DataError(f"values: expected another column than that of the {other}, got {values!r}; name the one that says 1 or 0")
    states = read_states(table, [values], None, way).encoding.decode(table.select(values)).dense()[:, 0]
    rows = rows.with_columns(state=pl.Series(states).gather(rows["row"]))
    told = rows.group_by("item", "label", maintain_order=True).agg(pl.col("state").first(), n=pl.col("state").n_unique())
    if (twice := told.filter(pl.col("n") > 1)).height:
        who, what = twice.row(0)[:2]
        raise DataError(
            f"values: expected one value an item and label, got different ones for {what!r} of {who!r} in {values!r};"
            f" {_rater_remedy(table, item)}"
        )
    return _wide(firsts.drop(label, values), told, item, says_no=bool((states == NEGATIVE).any()) or unlisted == "unknown")


def _refuse_denials(table: pl.DataFrame, label: str, item: str) -> None:
    """Refuse rows that another column may deny: one that differs within the items, with a word for no, or numbers from 0 or up to 1.

    Raises
    ------
    DataError
        With the arguments that read the rows with it.
    """
    for column in table:
        if column.name in {label, item} or not is_plain(column.dtype):
            continue
        said = _denying_numbers(column) if column.dtype.is_numeric() or column.dtype == pl.String else None
        said = said or (_denying_words(column) if column.dtype in {pl.String, pl.Boolean} else None)
        if said is None or n_different(table[item], column) <= table[item].n_unique():
            continue
        got, how = said
        given = f"pass values={column.name!r}{how} if it does" if how is not None else "keep the rows that say that it is there"
        raise DataError(
            f"labels: expected rows that each say that {label!r} is there, got {column.name!r} with {got}, which may say that some are not;"
            f" {given}, or leave {column.name!r} out of the table"
        )


def _denying_numbers(column: pl.Series) -> tuple[str, str | None] | None:
    """What numbers say, and the format that reads them; None where none of them may mean "not there"."""
    known = column.cast(pl.Float64, strict=False).drop_nulls().drop_nans()
    if not len(known) or len(known) < len(column) - column.null_count():
        return None
    low, high = _float(known.min()), _float(known.max())
    share = 0 <= low < high <= 1
    if not (share or low <= 0 < high):
        return None
    states = set(known.unique().to_list()) <= {1.0, 0.0, -1.0}
    least = THRESHOLD if share else _float(known.filter(known > 0).min())
    return f"numbers from {low:g} to {high:g}", "" if states else f" and labels_format='scores:{least:g}'"


def _denying_words(column: pl.Series) -> tuple[str, str | None] | None:
    """The same of words; the format is None where nothing reads them."""
    words = column.cast(pl.String).str.strip_chars().str.to_lowercase().drop_nulls().unique().sort()
    if len(words) > MOST_WORDS or not words.is_in(list(DENIALS)).any():
        return None
    return " and ".join(map(repr, words.to_list())), "" if words.is_in(list(STATES)).all() else None


def _rater_remedy(table: pl.DataFrame, item: str) -> str:
    """What to do with rows that say different things of one cell."""
    name = next((name for name in table.columns if name != item and names_raters(name)), None)
    return "keep one of them" if name is None else f"pass rater={name!r} if each is what one rater says"


def _raters_line(table: pl.DataFrame, item: str) -> str | None:
    """What to know where the rows of an item come from several raters."""
    for name in table.columns:
        if name != item and names_raters(name) and n_different(table[item], table[name]) > table[item].n_unique():
            return (
                f"rows of several {name!r} are put together: a label that any of them gave is positive;"
                f" pass rater={name!r} to take what most of them say, and each as a vote"
            )
    return None


def _float(number: Any) -> float:
    return 0.0 if number is None else float(number)


def _wide(items: pl.DataFrame, told: pl.DataFrame, item: str, *, says_no: bool) -> Gathered:
    """The items with one column a label: 1, 0, and null for unknown."""
    names = sorted(told["label"].unique().to_list())
    if items.height * len(names) > MOST_CELLS:
        raise DataError(
            f"values: expected at most {MOST_CELLS:,} cells, got {items.height:,} items x {len(names):,} labels;"
            " keep the rows whose value is 1 and pass labels_format='long' without values="
        )
    taken = min(set(names) & set(items.columns), default=None)
    if taken is not None:
        raise DataError(f"values: expected labels that are no name of another column, got {taken!r}; rename that column")
    rows = items.select(item).with_row_index("at")
    at = told.select("item").join(rows.rename({item: "item"}), on="item", how="left", maintain_order="left")["at"].to_numpy()
    places = told.select("label").join(
        pl.DataFrame({"label": names, "place": np.arange(len(names))}), on="label", how="left", maintain_order="left"
    )["place"].to_numpy()  # fmt: skip
    states = np.full((items.height, len(names)), UNKNOWN if says_no else NEGATIVE, np.int8)
    states[at, places] = told["state"].to_numpy()
    columns = [pl.Series(name, states[:, k]).set(pl.Series(states[:, k] == UNKNOWN), None) for k, name in enumerate(names)]
    return Gathered(items.with_columns(columns), names, absent_is_unknown=says_no and len(told) < states.size)


def refuse_long(table: pl.DataFrame, label: str, item: str | None, text: str | None) -> None:
    """Refuse a table that looks like a long one: rows of one item that differ in their label.

    Raises
    ------
    DataError
        With the arguments that read it.
    """
    given = item if item is not None else "item_id" if "item_id" in table.columns else None
    n_rows, labels = table.height, table.get_column(label)
    if n_rows < 3:  # two items of two rows each take more, and a table may have a hundred thousand columns
        return
    columns = {series.name: series for series in table}  # looked up often: a table may have a hundred thousand columns
    candidates = [given] if given is not None else [name for name, of in columns.items() if name != label and is_plain(of.dtype)]
    flags: list[str] | None = None
    for name in candidates:
        if (
            name not in columns
            or not is_plain(columns[name].dtype)
            or columns[name].dtype.is_float()
            or columns[name].null_count() == n_rows
        ):
            continue
        groups = columns[name].drop_nulls().n_unique()
        if groups * (SEVERAL_ROWS if given is None else 1) >= n_rows or groups < 2:
            continue
        if n_different(columns[name], labels) < n_rows:
            continue
        flags = _values_columns(columns.values(), label) if flags is None else flags
        values = next((flag for flag in flags if flag != name), None)
        same_text = text is not None and text in columns and text != name and n_different(columns[name], columns[text]) == groups
        told_by = groups * FEW_ROWS < n_rows and (same_text or (values and name != text) or name == text)
        if given is None and not told_by and not _tells_all(columns, name, label, groups) and not _are_parts(columns, name, label):
            continue
        way = f"pass id={name!r} and " if given is None or item is None else "pass "
        way += f"values={values!r}" if values else "labels_format='long'"
        raise DataError(
            f"labels: expected one row an item, got {n_rows:,} rows of {groups:,} different {name!r} with several {label!r} each: a long"
            f" table, one row a label; {way} to gather the rows of an item,"
            " or name a column with an id a row with id=, if each row is an item of its own"
        )


def _tells_all(columns: Mapping[str, pl.Series], name: str, label: str, groups: int) -> bool:
    """Whether rows that are alike in one column are alike in all others but the label, as where each item has several rows."""
    others = [of for other, of in columns.items() if other not in {name, label} and is_plain(of.dtype)]
    if not others or len(others) > MOST_LOOKED_AT:
        return False
    return all(n_different(columns[name], other) == groups for other in others)


def _are_parts(columns: Mapping[str, pl.Series], name: str, label: str) -> bool:
    """Whether a column is called as an id, and nothing tells the rows of one of its values apart as items of their own."""
    n_rows = len(columns[name])
    if not called_id(name) or columns[name].n_unique() * FEW_ROWS >= n_rows or len(columns) > MOST_LOOKED_AT:
        return False
    others = [of for other, of in columns.items() if other not in {name, label} and is_plain(of.dtype) and not of.dtype.is_float()]
    return not any(of.n_unique() == n_rows for of in others)


def n_different(first: pl.Series, second: pl.Series) -> int:
    """Number of different pairs of values; the two may be one column."""
    return pl.DataFrame([first.alias("first"), second.alias("second")]).n_unique()


def _values_columns(columns: Iterable[pl.Series], label: str) -> list[str]:
    """The first two columns that may say whether a label is there: 0 and 1, and nothing else."""
    found: list[str] = []
    for series in columns:
        if len(found) == 2 or series.name == label or not is_plain(series.dtype):  # one may be the key
            continue
        different = set(series.cast(pl.String).str.strip_chars().str.to_lowercase().head(10_000).unique().drop_nulls().to_list())
        if different in ({"0", "1"}, {"0.0", "1.0"}, {"true", "false"}, {"yes", "no"}):
            found.append(series.name)
    return found
