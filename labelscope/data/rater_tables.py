"""Tables in which several raters label each item, a row or a column a rater: joined to one row an item, with the votes.

The given state of a cell is what most raters say of it. Where as many say yes as no it is unknown. Where each rater gives one label, the
label that most give counts, and an item on which two labels are given as often is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.ballots import Ballots
from labelscope.data.checks import check_column
from labelscope.data.item_columns import called_id
from labelscope.data.labels import UNKNOWN, LabelMatrix
from labelscope.data.long_table import gather_rows, n_different
from labelscope.data.readings.choose import Choice, Wishes, choose_reading
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.state_ways import read_states
from labelscope.data.readings.state_words import STATES
from labelscope.data.readings.states import IndicatorColumns
from labelscope.data.votes import Votes
from labelscope.errors import DataError

__all__ = ["Joined", "read_rater_columns", "read_rater_rows"]

LABEL_COLUMNS = ("label", "labels", "majority", "label_of_most")
MOST_NAMED = 50  # label names in a remedy
BLANKS = [word for word, state in STATES.items() if state == UNKNOWN and word != "-1"]


@dataclass(frozen=True, eq=False)
class Joined:
    """A table of raters with one row an item.

    Attributes
    ----------
    table : polars.DataFrame
    labels : str or list of str
        The columns that hold the given labels.
    choice : Choice
        How they are written there.
    votes : Votes
    is_new : bool
        Whether the table is another than the one that was read.
    """

    table: pl.DataFrame
    labels: str | list[str]
    choice: Choice
    votes: Votes
    is_new: bool = True


def read_rater_rows(
    table: pl.DataFrame, labels: str | list[str], item: str | None, rater: str, values: str | None, wishes: Wishes
) -> Joined:
    """A table with one row a rater and item, or one row a rater, item and label.

    Parameters
    ----------
    table : polars.DataFrame
    labels : str or list of str
    item : str or None
        Column with the ids. Default: `item_id`, if there is one.
    rater : str
        Column that names the rater of each row.
    values : str, optional
        In a table with one row a label: the column that says whether it is there.
    wishes : Wishes
        With the format "long", every row of a rater is one label.

    Raises
    ------
    DataError
        If a column is missing or blank, the labels can be read in no way or in several, or a rater says two things of one item.
    """
    item = item if item is not None else "item_id" if "item_id" in table.columns else None
    if item is None:
        ids = [name for name in table.columns if called_id(name) and name != rater and table[name].n_unique() < table.height]
        remedy = f"pass id={ids[0]!r}, or the name of another one" if ids else "name it with id="
        raise DataError(f"id: expected the column that says which item a row is about, got none; {remedy}")
    _check_keys(table, item, rater, labels)
    told: tuple[str, ...] = ()
    if values is not None or wishes.format == "long":
        if not isinstance(labels, str):
            raise DataError("values: expected one column with the label of each row, got several; name one with labels=")
        way = None if wishes.format == "long" else wishes.format
        keyed = table.with_columns(pl.Series(_key(table), _group(table.select(item, rater))[0]))
        gathered = gather_rows(keyed, labels, keyed.columns[-1], values, way, wishes.unlisted)
        table, labels = gathered.table.drop(keyed.columns[-1]), gathered.labels
        wishes = replace(wishes, format=None, delimiter=None, label_names=wishes.label_names if isinstance(labels, str) else None)
    choice = choose_reading(table, labels, wishes)
    columns = [labels] if isinstance(labels, str) else labels
    given = choice.encoding.decode(table)
    kept = _one_ballot_each(table, given, item, rater)
    at, firsts = _group(table[item].to_frame())
    names = table[rater].cast(pl.String).unique().sort()
    raters = _places(table[rater].cast(pl.String), names)
    ballots = Ballots(given.rows(kept), at[kept], raters[kept], len(firsts), tuple(names.to_list()))
    differing = [
        name for name in table.columns if name not in {item, rater, *columns} and n_different(table[item], table[name]) > len(firsts)
    ]
    if differing:
        shown = ", ".join(map(repr, differing[:5])) + (f" and {len(differing) - 5:,} more" if len(differing) > 5 else "")
        told = (f"{shown} differ{'s' * (len(differing) == 1)} between the rows of an item: the value of its first row is kept",)
    return _joined(table[firsts].drop(rater), ballots, choice, columns, told)


def read_rater_columns(table: pl.DataFrame, labels: str | list[str], raters: Sequence[str], wishes: Wishes) -> Joined:
    """A table with one column a rater, each with the labels that this rater gave the item of the row; a blank is no answer.

    Parameters
    ----------
    table : polars.DataFrame
    labels : str or list of str
        The same columns, where the given labels are what most raters say; or another column (or columns) with the given labels.
    raters : sequence of str
    wishes : Wishes

    Raises
    ------
    DataError
        If a column is missing, the labels can be read in no way or in several, or raters give labels that the given ones do not have.
    """
    for name in raters:
        check_column(table, name, "rater")
    if len(set(raters)) < max(2, len(raters)):
        raise DataError(
            "rater: expected the name of a column, or several columns with the labels of one rater each, got one; name the others too"
        )
    apart = {*raters}.isdisjoint([labels] if isinstance(labels, str) else labels)
    if not apart and (isinstance(labels, str) or set(labels) != set(raters)):
        raise DataError(
            f"rater: expected the columns that labels names, or none of them, got {list(raters)!r}; pass labels={list(raters)!r} if the"
            " given labels are what most raters say"
        )
    stack = _stack(table, raters)
    said = stack.filter(pl.col("answered"))
    if not said.height:
        raise DataError(f"rater: expected labels in {', '.join(map(repr, raters))}, got blanks alone; name other columns")
    given = choose_reading(table, labels, wishes) if apart else None
    choice = _read_stack(said, raters, wishes, given)
    found = choice.encoding.decode(said)
    matrix = found if given is None else _in_columns(found, choice.encoding.label_names, given.encoding.label_names, raters)
    ballots = Ballots(
        matrix, said["row"].to_numpy().astype(np.int64), said["rater"].to_numpy().astype(np.int64), table.height, tuple(raters)
    )
    n_blank = stack.height - said.height
    told = (
        (f"{_counted(n_blank, 'blank cell')} no answer in {', '.join(map(repr, raters))}: nothing is known of what that rater says",)
        if n_blank
        else ()
    )
    if given is not None:
        return Joined(table, labels, replace(given, warnings=(*given.warnings, *told)), ballots.votes(), is_new=False)
    column = next((name for name in LABEL_COLUMNS if name not in table.columns), "label of most raters")
    said_so = replace(choice.offer, remedy=f"rater={list(raters)!r}")
    return _joined(table, ballots, replace(choice, offer=said_so), [column], told)


def _check_keys(table: pl.DataFrame, item: str, rater: str, labels: str | list[str]) -> None:
    for role, name in (("id", item), ("rater", rater)):
        check_column(table, name, role)
        if table[name].dtype.is_nested():
            raise DataError(f"{role}: expected one value a row in {name!r}, got {table[name].dtype}; name another column")
        if name in ([labels] if isinstance(labels, str) else labels):
            raise DataError(f"{role}: expected another column than that of the labels, got {name!r}; name it with {role}=")
        silent = table[name].cast(pl.String).str.strip_chars().fill_null("") == ""
        if silent.any():
            what = "an item" if role == "id" else "a rater"
            raise DataError(f"{role}: expected {what} in every row of {name!r}, got a blank in row {silent.arg_true()[0]}; fill it")
    if item == rater:
        raise DataError(f"rater: expected another column than that of the ids, got {item!r}; name the column that names the raters")


def _key(table: pl.DataFrame) -> str:
    """A name that no column has."""
    name = "item and rater"
    while name in table.columns:
        name += "_"
    return name


def _group(keys: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The group of each row by its keys, numbered as they first occur, and the first row of each group."""
    numbered = keys.with_row_index("first row")
    firsts = numbered.unique(keys.columns, keep="first", maintain_order=True).with_row_index("group")
    at = keys.join(firsts, on=keys.columns, how="left", maintain_order="left")["group"]
    return at.to_numpy().astype(np.int64), firsts["first row"].to_numpy().astype(np.int64)


def _places(values: pl.Series, names: pl.Series) -> np.ndarray:
    known = pl.DataFrame({"name": names}).with_row_index("place")
    return values.to_frame("name").join(known, on="name", how="left", maintain_order="left")["place"].to_numpy().astype(np.int64)


def _one_ballot_each(table: pl.DataFrame, given: LabelMatrix, item: str, rater: str) -> np.ndarray:
    """The first row of each rater and item.

    Raises
    ------
    DataError
        If another row of theirs says something else.
    """
    group, firsts = _group(table.select(item, rater))
    others = np.setdiff1d(np.arange(table.height), firsts)
    for block in (others[k : k + 100_000] for k in range(0, len(others), 100_000)):
        differs = (given.dense(block) != given.dense(firsts[group[block]])).any(axis=1)
        if differs.any():
            row = int(block[differs.argmax()])
            raise DataError(
                f"rater: expected one row an item and rater, got several that differ for {table[item][row]!r} by {table[rater][row]!r};"
                " pass labels_format='long' if each row is one of several labels, or keep one of these rows"
            )
    return firsts


def _joined(table: pl.DataFrame, ballots: Ballots, choice: Choice, columns: list[str], told: tuple[str, ...]) -> Joined:
    """A table of the items with what most raters say of each, in the place of the label columns that it has."""
    offer, encoding = choice.offer, choice.encoding
    title = f"{offer.title}, as most of {len(ballots.rater_names):,} raters say"
    votes = ballots.votes()
    if offer.format == "single" and isinstance(encoding, CellSets):
        winners, n_tied = ballots.plurality()
        tokens = pl.Series(encoding.vocabulary.tokens, dtype=pl.String).gather(np.maximum(winners, 0)).set(pl.Series(winners < 0), None)
        default = pl.Int64() if getattr(encoding.codec, "integers", False) else pl.String()
        dtype = table[columns[0]].dtype if columns[0] in table.columns else default
        whole = pl.Int64() if dtype.is_float() else dtype
        label = tokens.cast(whole).alias(columns[0])
        encoding = _at(encoding, columns[0])
        if n_tied:
            told = (f"{_counted(n_tied, 'item')} unknown: two labels were given as often", *told)
        made = Choice(encoding, replace(offer, encoding=encoding, title=title), (*choice.warnings, *told))
        return Joined(table.with_columns(label), columns[0], made, votes)
    states, n_tied = ballots.majority()
    names = list(encoding.columns if isinstance(encoding, IndicatorColumns) and len(encoding.columns) > 1 else encoding.label_names)
    others = table.drop(columns, strict=False)
    taken = min(set(names) & set(others.columns), default=None)
    if taken is not None:
        raise DataError(f"labels: expected labels that are no name of another column, got {taken!r}; rename that column")
    if n_tied:
        told = (f"{_counted(n_tied, 'cell')} unknown: as many raters say yes as no", *told)
    new = [pl.Series(name, states[:, k]).set(pl.Series(states[:, k] == UNKNOWN), None) for k, name in enumerate(names)]
    wide = IndicatorColumns(tuple(names), encoding.label_names)
    made = Choice(wide, replace(offer, encoding=wide, title=title), (*choice.warnings, *told))
    return Joined(others.with_columns(new), names, made, votes)


def _stack(table: pl.DataFrame, raters: Sequence[str]) -> pl.DataFrame:
    """A row for each rater and item: row (the item), rater, answered, and the cell in a column with the names of all."""
    name = _together(raters)
    parts = [
        table.select(pl.int_range(pl.len()).alias("row"), pl.lit(k).alias("rater"), _answered(table, column), pl.col(column).alias(name))
        for k, column in enumerate(raters)
    ]
    kinds = {str(part[name].dtype) for part in parts if part[name].dtype != pl.Null}
    if len(kinds) > 1 and not all(part[name].dtype.is_numeric() or part[name].dtype == pl.Null for part in parts):
        raise DataError(f"rater: expected columns of one type, got {' and '.join(sorted(kinds))} in {name}; convert them")
    return pl.concat(parts, how="vertical_relaxed")


def _together(raters: Sequence[str]) -> str:
    """What messages call the columns of all raters."""
    return ", ".join(raters)


def _answered(table: pl.DataFrame, column: str) -> pl.Expr:
    """Whether the cells of a rater hold an answer."""
    cells = pl.col(column)
    if table[column].dtype.is_nested():
        return cells.is_not_null().alias("answered")
    return (~cells.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(BLANKS).fill_null(value=True)).alias("answered")


def _read_stack(said: pl.DataFrame, raters: Sequence[str], wishes: Wishes, given: Choice | None) -> Choice:
    """How the raters write their labels: in one way, whatever the given labels are written in."""
    name = _together(raters)
    cells = said[name]
    if set(raters) & set(wishes.json_columns):
        wishes = replace(wishes, json_columns=frozenset([name]))
    if cells.dtype.is_nested() or not cells.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(list(STATES)).all():
        return choose_reading(said, name, wishes)
    names = wishes.label_names if wishes.label_names is not None else None if given is None else given.encoding.label_names
    if names is None or len(names) != 1:
        raise DataError(
            f"label_names: expected the name of the one label that {name} say yes or no to, got {'none' if names is None else len(names)};"
            f" pass label_names=['positive'], or the name that it has"
        )
    offer = read_states(said, [name], [str(label) for label in names], wishes.format)
    return Choice(offer.encoding, offer)


def _in_columns(found: LabelMatrix, names: Sequence[str], known: Sequence[str], raters: Sequence[str]) -> LabelMatrix:
    """What raters say, in the columns of the given labels.

    Raises
    ------
    DataError
        If they say labels that are not among these.
    """
    others = [name for name in names if name not in set(known)]
    if others:
        every = [*known, *others]
        remedy = f"label_names={every!r}" if len(every) <= MOST_NAMED else "label_names= with the names of all"
        raise DataError(f"rater: expected labels that are given to some item, got {others[0]!r} in {_together(raters)}; pass {remedy}")
    place = np.array([known.index(name) for name in names], np.int64)

    def moved(matrix: sp.csr_matrix) -> sp.csr_matrix:
        return sp.csr_matrix((matrix.data, place[matrix.indices], matrix.indptr), shape=(matrix.shape[0], len(known)))

    return LabelMatrix(moved(found.positives), moved(found.exceptions), found.default)


def _at(encoding: CellSets, column: str) -> CellSets:
    """The same way of writing, in another column."""
    codec: Any = encoding.codec
    return replace(encoding, column=column, codec=replace(codec, column=column) if hasattr(codec, "column") else codec)


def _counted(n: int, noun: str) -> str:
    """A number of things that are: "1 item is"."""
    return f"{n:,} {noun} is" if n == 1 else f"{n:,} {noun}s are"
