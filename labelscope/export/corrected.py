"""The table of a data set with its labels corrected, and nothing else changed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.formats.flat import flatten
from labelscope.data.formats.format import Edits
from labelscope.data.formats.registry import find_format
from labelscope.data.labels import POSITIVE
from labelscope.errors import DataError
from labelscope.export.changes import Changes, locate_changes
from labelscope.export.files import write_files
from labelscope.export.plain import plain_table

__all__ = ["Exported", "export_labels"]

FORMULA = r"^[=+\-@\t\r]"
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


@dataclass(frozen=True, eq=False)
class Exported:
    """What was written.

    Attributes
    ----------
    path, changes_path : pathlib.Path
    n_changes : int
        Lines of the changes file.
    n_items : int
        Rows of the table that differ from the input.
    n_added, n_removed : int
        Changed cells that became positive, and that were positive.
    unwritten : polars.DataFrame
        Columns item_id, label, expected, written: cells whose state the table cannot say, because a list of positives
        has no way to write one unknown cell, or one known cell of an item without a list. The changes file has them all.
    n_escaped : int
        Texts with an apostrophe put before them, because a spreadsheet would run them as a formula.
    """

    path: Path
    changes_path: Path
    n_changes: int
    n_items: int
    n_added: int
    n_removed: int
    unwritten: pl.DataFrame
    n_escaped: int = 0

    def __str__(self) -> str:
        safe = f"; an apostrophe before {self.n_escaped:,} texts that a spreadsheet would run" if self.n_escaped else ""
        left = f"; {self.unwritten.height:,} cells cannot be said in this table: see the changes file" if self.unwritten.height else ""
        return f"{self.path}: {self.n_changes:,} cells changed, {self.n_added:,} labels added, {self.n_removed:,} removed{left}{safe}"


def export_labels(
    dataset: Dataset, changes: pl.DataFrame, path: str | os.PathLike[str], *, format: str | None = None, escape_formulas: bool | None = None  # noqa: A002 - as in read
) -> Exported:  # fmt: skip
    """Write the table a data set came from, with changed labels, and ``PATH.changes.jsonl`` beside it.

    Every other column and row stays as it is. In the format it came in, that is byte for byte for the text formats
    (CSV, TSV, JSON Lines: only changed values are rewritten, in the style of those around them), and the same column
    types and metadata for Parquet; for Arrow IPC the same polars types. In another format: the same table, lists as
    JSON text in CSV, a CSV as text columns. Both files are written aside and renamed when complete.

    Parameters
    ----------
    dataset : Dataset
        From :func:`labelscope.read`; one from arrays is written as its items and a column `labels` of lists, and
        `unknown_labels` where cells are unknown.
    changes : polars.DataFrame
        Columns item_id, label, before, after (states 1, 0, -1); where known also reviewer, time, suggestion_id, source.
    path : path
        Its suffix says the format.
    format : str, optional
        Name of the format, if the suffix does not say it.
    escape_formulas : bool, optional
        CSV and TSV only: put an apostrophe before text that a spreadsheet would take for a formula (``=1+1``), names of
        columns included. Default: where the table came in another format, so that it is a new file for people to open;
        a table that came as CSV goes out with its values as they are.

    Returns
    -------
    Exported

    Raises
    ------
    DataError
        If `path` is the input itself or cannot be written, or a label cannot be written in that table.
    """
    target = Path(path)
    kind = find_format(target, format)
    beside = target.with_name(f"{target.name}.changes.jsonl")
    _refuse_input(dataset, target, beside)
    located = locate_changes(dataset, changes)
    table, edits, layout = _changed(dataset, located)
    converted = dataset.source is None or dataset.source.format != kind.name
    escapes = (converted if escape_formulas is None else escape_formulas) and kind.name in {"csv", "tsv"}
    if escapes or converted:
        layout = None
    fitted, n_escaped = _escaped(table) if escapes else (table, 0)

    def write_table(file: BinaryIO) -> None:
        kind.write(fitted, file, layout, edits)

    write_files({beside: located.write, target: write_table})
    return Exported(
        path=target,
        changes_path=beside,
        n_changes=located.frame.height,
        n_items=len(edits.rows),
        n_added=int((located.after == POSITIVE).sum()),
        n_removed=int((dataset.labels.states(located.items, located.labels) == POSITIVE).sum()),
        unwritten=_unwritten(dataset, table, edits, located),
        n_escaped=n_escaped,
    )


def _changed(dataset: Dataset, located: Changes) -> tuple[pl.DataFrame, Edits, Any]:
    """The table with the changes, where it changed, and the layout of the file it came from."""
    real = dataset.labels.states(located.items, located.labels) != located.after
    items, labels, after = located.items[real], located.labels[real], located.after[real]
    source = dataset.source
    if source is None:
        return plain_table(dataset, dataset.labels.replace(items, labels, after)), Edits(np.unique(items), ()), None
    return source.encoding.encode(source.table, items, labels, after), Edits(np.unique(items), source.encoding.columns), source.layout


def _refuse_input(dataset: Dataset, *targets: Path) -> None:
    given = dataset.source.path if dataset.source is not None else None
    if given is None:
        return
    for target in targets:
        same = target.resolve() == given.resolve() or (target.exists() and given.exists() and target.samefile(given))
        if same:
            raise DataError(
                f"export: expected another file than the input, got {target}; choose another name, the input is never overwritten"
            )


def _escaped(table: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The table with an apostrophe before every text that a spreadsheet would run, and how many texts that are."""
    flat = flatten(table)
    texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
    runs = flat.select((pl.col(name).str.contains(FORMULA) & ~pl.col(name).str.contains(NUMBER)).fill_null(value=False) for name in texts)
    names = {name: f"'{name}" for name in flat.columns if re.match(FORMULA, name)}
    safe = flat.with_columns(pl.when(runs[name]).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name) for name in texts)
    return safe.rename(names), len(names) + sum(int(runs[name].sum()) for name in texts)


def _unwritten(dataset: Dataset, table: pl.DataFrame, edits: Edits, located: Changes) -> pl.DataFrame:
    """Cells of the changed rows that would be read back in another state than they should have."""
    rows = edits.rows
    source = dataset.source
    written = source.encoding.decode(table.select(source.encoding.columns)[rows]) if source is not None and len(rows) else None
    wanted = dataset.labels.replace(located.items, located.labels, located.after)
    parts: list[dict[str, Any]] = []
    for block, states in written.blocks() if written is not None else ():
        expected = wanted.dense(rows[block])
        i, k = np.nonzero(expected != states)
        parts.append({"item": rows[block][i], "label": k, "expected": expected[i, k], "written": states[i, k]})
    found = {
        name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0, np.int64)
        for name in ("item", "label", "expected", "written")
    }
    return pl.DataFrame(
        {
            "item_id": dataset.item_ids.gather(found["item"]),
            "label": pl.Series(dataset.label_names, dtype=pl.String).gather(found["label"]),
            "expected": found["expected"].astype(np.int8),
            "written": found["written"].astype(np.int8),
        }
    )
