"""The table of a data set with its labels corrected, and nothing else changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.file_names import check_file_name
from labelscope.data.files import write_files
from labelscope.data.formats.format import Edits, Layout
from labelscope.data.formats.formulas import escape_formulas as escaped
from labelscope.data.formats.formulas import escapes_path
from labelscope.data.formats.records import RecordLayout
from labelscope.data.formats.registry import find_format
from labelscope.data.inputs import input_files
from labelscope.data.label_set import drop_labels
from labelscope.data.labels import NEGATIVE, POSITIVE, LabelMatrix
from labelscope.export.changes import Changes, locate_changes
from labelscope.export.table_from_arrays import plain_table
from labelscope.issues.personal_data import redacted_texts

if TYPE_CHECKING:
    from labelscope.data.source import Source
    from labelscope.review.edited_label_set import EditedLabelSet

__all__ = ["Exported", "export_labels"]


@dataclass(frozen=True, eq=False)
class Exported:
    """What was written.

    Attributes
    ----------
    path, changes_path : pathlib.Path
    n_changes : int
        Cells that changed. The changes file has a line of each, and one of each cell that was confirmed.
    n_items : int
        Rows of the table that differ from the input.
    n_added, n_removed : int
        Changed cells that became positive, and that were positive.
    unwritten : polars.DataFrame
        Columns item_id, label, expected, written: cells whose state the table cannot say, because a list of positives
        has no way to write one unknown cell, or one known cell of an item without a list. The changes file says of every
        cell that changed, the labels file of every label that came: its cells that are in neither are unknown.
    labels_path : pathlib.Path or None
        The edits of the label set, one a line; None if there are none.
    n_label_edits : int
    n_escaped : int
        Texts with an apostrophe put before them, because a spreadsheet would run them as a formula.
    escapes_path : pathlib.Path or None
        The columns that hold them, one a line; :func:`labelscope.read` takes these apostrophes away. None if there are none.
    n_redacted : int
        Rows in which personal data were replaced.
    """

    path: Path
    changes_path: Path
    n_changes: int
    n_items: int
    n_added: int
    n_removed: int
    unwritten: pl.DataFrame
    labels_path: Path | None = None
    n_label_edits: int = 0
    n_escaped: int = 0
    escapes_path: Path | None = None
    n_redacted: int = 0

    def __str__(self) -> str:
        n_left, n_edits = self.unwritten.height, self.n_label_edits
        left = f"; {n_left:,} values cannot be stored in this format: see the changes file" if n_left else ""
        edits = f"; {n_edits:,} edit{'s' * (n_edits != 1)} of the label set: see {self.labels_path}" if n_edits else ""
        safe = (
            f"; an apostrophe before {self.n_escaped:,} texts that a spreadsheet would run: see {self.escapes_path}"
            if self.n_escaped
            else ""
        )
        masked = f"; personal data replaced in {self.n_redacted:,} rows" if self.n_redacted else ""
        counts = f"{self.n_changes:,} cells changed, {self.n_added:,} labels added, {self.n_removed:,} removed"
        return f"{self.path}: {counts}{masked}{edits}{left}{safe}"


def export_labels(
    dataset: Dataset, changes: pl.DataFrame, path: str | os.PathLike[str], *, format: str | None = None,  # noqa: A002 - as in read
    escape_formulas: bool | None = None, label_set: EditedLabelSet | None = None, redact: Sequence[str] = (),
    texts: pl.DataFrame | None = None,
) -> Exported:  # fmt: skip
    """Write the table a data set came from, with changed labels, and ``PATH.changes.jsonl`` beside it.

    Every other column and row stays as it is. In the format it came in, that is byte for byte for the text formats
    (CSV, TSV, JSON Lines: only changed values are rewritten, in the style of those around them), and the same column
    types and metadata for Parquet; for Arrow IPC the same polars types. In another format: the same table, lists as
    JSON text in CSV, a CSV as text columns. All files are written aside and renamed when complete; a file that is replaced
    keeps its permissions, and a link stays a link.

    A label that came by an edit of the label set is written as the others are: its own column behind theirs, its name in
    the lists (or the next id, where labels are ids). One that went is not in the table any more. ``PATH.labels.jsonl`` says
    which edits those were, by whom, when and why.

    Parameters
    ----------
    dataset : Dataset
        From :func:`labelscope.read`; one from arrays is written as its items and a column `labels` of lists, and
        `unknown_labels` where cells are unknown.
    changes : polars.DataFrame
        Columns item_id, label, before, after (states 1, 0, -1); where known also reviewer, time, suggestion_id, source, reason.
    path : path
        Its suffix says the format.
    format : str, optional
        Name of the format, if the suffix does not say it.
    escape_formulas : bool, optional
        CSV and TSV only: put an apostrophe before text that a spreadsheet would take for a formula (``=1+1``), names of
        columns included. ``PATH.escapes.jsonl`` lists these columns, and :func:`labelscope.read` takes the apostrophes away
        again. Default: where the table came in another format, so that it is a new file for people to open; a table that
        came as CSV goes out with its values as they are.
    label_set : EditedLabelSet, optional
        Labels that came or went; the changes may be about them.
    redact : sequence of str
        Columns of text in which personal data are replaced by the name of their kind
        (:func:`labelscope.issues.personal_data.redacted_texts`).
    texts : polars.DataFrame, optional
        What the labels mean, as :attr:`labelscope.Session.label_texts`: written to ``PATH.texts.jsonl``.

    Returns
    -------
    Exported

    Raises
    ------
    DataError
        If `path` is a file that the data set came from, a ledger, or cannot be written, or a label cannot be written in
        that table.
    """
    target = Path(path)
    check_file_name(escapes_path(target), "export")  # the longest name of those that are written
    kind = find_format(target, format or _format_of_input(dataset, target))
    beside = target.with_name(f"{target.name}.changes.jsonl")
    edited = label_set is not None and (label_set.added or label_set.removed)
    wide = dataset if label_set is None else label_set.extended
    removed = np.array(sorted(wide.label_position(name) for name in label_set.removed) if label_set is not None else [], np.int64)
    located = locate_changes(wide, changes)
    final = wide.labels.replace(located.items, located.labels, located.after)
    table, edits, layout = _changed(dataset, wide, final, located, removed)
    table, edits, n_redacted = _redacted(table, edits, redact)
    left_out = [] if wide.source is None else sorted(set(wide.source.encoding.columns) - set(edits.columns))
    written = Written(table.drop(left_out), edits, layout)
    if kind.name in {"csv", "tsv"}:
        written = _with_formulas(written, converted=dataset.source is None or dataset.source.format != kind.name, asked=escape_formulas)
    elif dataset.source is None or dataset.source.format != kind.name:
        written = replace(written, layout=None)
    labels_path = target.with_name(f"{target.name}.labels.jsonl") if edited else None
    told = pl.DataFrame() if label_set is None else _told(label_set, wide)
    listed = escapes_path(target)
    writers: dict[Path, Callable[[BinaryIO], object]] = {
        **({} if labels_path is None else {labels_path: told.write_ndjson}),
        **({listed: written.escapes.write_ndjson} if written.escapes.height or listed.exists() else {}),
        **({} if texts is None else {target.with_name(f"{target.name}.texts.jsonl"): texts.write_ndjson}),
        beside: located.write,
        target: lambda file: kind.write(written.table, file, written.layout, written.edits),
    }
    write_files(writers, name="export", inputs=input_files(dataset))
    return Exported(
        path=target,
        changes_path=beside,
        n_changes=located.frame.filter(pl.col("before") != pl.col("after")).height if located.frame.height else 0,
        n_items=len(edits.rows),
        n_redacted=n_redacted,
        n_added=int((located.after == POSITIVE).sum()),
        n_removed=int((wide.labels.states(located.items, located.labels) == POSITIVE).sum()),
        unwritten=_unwritten(dataset, wide, table, edits, final, removed),
        labels_path=labels_path,
        n_label_edits=told.height if edited else 0,
        n_escaped=written.n_escaped,
        escapes_path=listed if written.escapes.height else None,
    )


@dataclass(frozen=True, eq=False)
class Written:
    """What goes to the file: the table, where it differs from the one that was read, the layout to copy or None, escapes."""

    table: pl.DataFrame
    edits: Edits
    layout: Any
    escapes: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def n_escaped(self) -> int:
        """Texts with an apostrophe, names of columns included."""
        if not self.escapes.height:
            return 0
        return int(self.escapes["n_texts"].sum()) + int((self.escapes["column"] != self.escapes["written_as"]).sum())


def _with_formulas(written: Written, *, converted: bool, asked: bool | None) -> Written:
    """The table for a CSV or TSV: formulas escaped where they were in the file it came from, unless asked for otherwise."""
    were = isinstance(written.layout, RecordLayout) and written.layout.escaped
    escapes = converted or were if asked is None else asked
    layout = None if converted or escapes != were else written.layout
    if not escapes:
        return replace(written, layout=layout)
    table, listed = escaped(written.table)
    names = dict(zip(listed["column"], listed["written_as"], strict=True))
    edits = replace(written.edits, columns=tuple(names.get(name, name) for name in written.edits.columns))
    return Written(table, edits, layout, listed)


def _redacted(table: pl.DataFrame, edits: Edits, columns: Sequence[str]) -> tuple[pl.DataFrame, Edits, int]:
    """The table without personal data in some columns, where it differs now, and in how many rows something was replaced."""
    made = [redacted_texts(table[name]) for name in columns if name in table.columns]
    differs = [(column != table[column.name]).fill_null(value=False).arg_true().to_numpy() for column in made]
    changed = tuple(column.name for column, rows in zip(made, differs, strict=True) if len(rows) and column.name not in edits.columns)
    masked = np.unique(np.concatenate([np.empty(0, np.int64), *differs])).astype(np.int64)
    rows = np.union1d(edits.rows, masked)
    return table.with_columns(made), replace(edits, rows=rows, columns=(*edits.columns, *changed)), len(masked)


def _format_of_input(dataset: Dataset, target: Path) -> str | None:
    """The format in which the input was read, where the output has the same suffix: that may say little, or something else."""
    source = dataset.source
    alike = source is not None and source.path is not None and source.path.suffix.lower() == target.suffix.lower()
    return source.format if source is not None and alike and source.format != "frame" else None


def _changed(dataset: Dataset, wide: Dataset, final: LabelMatrix, located: Changes, removed: np.ndarray) -> tuple[pl.DataFrame, Edits, Any]:
    """The table with the changes, where it changed, and the layout of the file it came from.

    The columns of labels that went are still in the table, but not among those of the edits.
    """
    items, labels, after = _written_cells(dataset, wide, final, located, removed)
    stays = _stays_alone(wide, final, items, labels)
    source = wide.source
    if source is None:
        now = drop_labels(replace(wide, labels=final), [wide.label_names[k] for k in removed])
        return plain_table(now, now.labels), Edits(np.unique(items), ()), None
    table = source.encoding.encode(source.table, items[~stays], labels[~stays], after[~stays])
    gone = {source.encoding.token(int(k)) for k in removed}
    columns = tuple(name for name in source.encoding.columns if name not in gone)
    given = () if dataset.source is None else dataset.source.encoding.columns
    restructured = columns != given
    rows = np.arange(dataset.n_items) if restructured else np.unique(items)
    return table, Edits(rows, columns, restructured), _with_names(source)


def _with_names(source: Source) -> Any:
    """The layout with the names of the ids that came, where the file itself names its ids in their order."""
    layout, encoding = source.layout, source.encoding
    column = encoding.columns[0]
    if not isinstance(layout, Layout) or not isinstance(layout.label_names.get(column), tuple):
        return layout
    tokens = [encoding.token(k) for k in range(len(encoding.label_names))]
    names = tuple(encoding.label_names)
    known = layout.label_names[column]
    ordered = tokens == [str(k) for k in range(len(tokens))] and names[: len(known)] == known
    return replace(layout, label_names={**layout.label_names, column: names}) if ordered and names != known else layout


def _written_cells(
    dataset: Dataset, wide: Dataset, final: LabelMatrix, located: Changes, removed: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cells to write: those that changed, the positives of labels that came, and what is left of labels that went."""
    real = wide.labels.states(located.items, located.labels) != located.after
    rows, columns = final.positives.nonzero()
    new, old = columns >= dataset.n_labels, np.isin(columns, removed)
    items = np.concatenate([located.items[real], rows[new | old]]).astype(np.int64)
    labels = np.concatenate([located.labels[real], columns[new | old]]).astype(np.int64)
    states = np.concatenate([located.after[real], np.where(old, NEGATIVE, POSITIVE)[new | old]]).astype(np.int8)
    last = len(items) - 1 - np.unique((items * wide.n_labels + labels)[::-1], return_index=True)[1]
    return items[last], labels[last], states[last]


def _stays_alone(wide: Dataset, final: LabelMatrix, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The cells that keep the given label of an item which has one and would be left without; bool (n_cells,)."""
    if not wide.one_label_each:
        return np.zeros(len(items), bool)
    emptied = np.diff(final.positives.indptr) == 0
    return emptied[items] & (wide.labels.states(items, labels) == POSITIVE)


def _told(label_set: EditedLabelSet, wide: Dataset) -> pl.DataFrame:
    """The edits of the label set that stand, with what the table writes for the labels that came."""
    encoding = None if wide.source is None else wide.source.encoding
    added = set(label_set.added)
    frame = label_set.frame.filter(~pl.col("undone")).drop("undone")
    written = [
        [encoding.token(wide.label_position(name)) if encoding is not None and name in added else name for name in names]
        for names in frame["into"].to_list()
    ]
    return frame.with_columns(pl.Series("written_as", written, dtype=pl.List(pl.String)))


def _unwritten(dataset: Dataset, wide: Dataset, table: pl.DataFrame, edits: Edits, final: LabelMatrix, removed: np.ndarray) -> pl.DataFrame:
    """Cells that would be read back in another state than they should have: of the changed rows, of all if a label came."""
    source = wide.source
    rows = edits.rows if wide.n_labels == dataset.n_labels else np.arange(wide.n_items)
    written = source.encoding.decode(table.select(source.encoding.columns)[rows]) if source is not None and len(rows) else None
    there = np.ones(wide.n_labels, bool)
    there[removed] = False
    parts: list[dict[str, Any]] = []
    for block, states in written.blocks() if written is not None else ():
        expected = final.dense(rows[block])
        i, k = np.nonzero((expected != states) & there)
        parts.append({"item": rows[block][i], "label": k, "expected": expected[i, k], "written": states[i, k]})
    found = {
        name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0, np.int64)
        for name in ("item", "label", "expected", "written")
    }
    return pl.DataFrame(
        {
            "item_id": wide.item_ids.gather(found["item"]),
            "label": pl.Series(wide.label_names, dtype=pl.String).gather(found["label"]),
            "expected": found["expected"].astype(np.int8),
            "written": found["written"].astype(np.int8),
        }
    )
