"""How much an input may ask for: sizes that a small file can claim are checked before memory is taken.

A file may be as large as the disk allows. What is refused is a small one that unfolds into very much: that is damage or an
attack, not data. So most limits have two parts, an absolute one below which nothing is refused and a ratio to the size of the
file, and both leave real data far behind.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
import polars.selectors as cs
import psutil

from labelscope.data.frames import check_column_names, column_blocks
from labelscope.errors import DataError

__all__ = [
    "LARGEST_NUMBER",
    "ROW",
    "check_cells",
    "check_features",
    "check_label_count",
    "check_lines",
    "check_table",
    "check_unfolded",
    "plain_array",
]

UNFOLDED = 512 << 20
"""Bytes of memory that any file may take, however small it is: ten million rows with an integer and a text, and more."""
SMALL = 1 << 20
"""Bytes of a file below which nothing more is allowed: a million rows that have anything of their own (an id, a text) take more."""
RATIO = 1500
"""Bytes of memory a byte of a larger file beyond that. Of 20 real tables of labels and votes as Parquet, half take up to 3 and the most 53.
Generated columns of zeros and ones with one positive in a thousand take 160 to 190 as Int8, 1,300 to 1,500 as Int64; a constant
column takes 10,000 and more."""
MOST_SUSPECT = 1 << 30
"""Bytes of memory up to which that ratio counts on any machine."""
SHARE = 4
"""One in so many bytes of the memory that is free: up to there the ratio counts too. A million rows of 500 columns as Int64 are 4 GB
in a file of 9 MB: people have these, and where they fit they are read."""
LARGE_RATIO = 200
"""Bytes of memory a byte of the file from there on: four times what the real tables take at the most."""
CELL = 1 << 20
"""Bytes of the labels of one item in a text: 100,000 labels. The most in the public extreme multi-label sets are a few hundred."""
ROW = 64
"""Bytes of a row while it is read, whatever is in it: its id, its labels, its place."""
ELEMENT = 40
"""Bytes of an element of a list while it is read: its row, its text, its label."""
SAID = 8
"""Bytes at least of a cell of a label column that is not 0, beside the column: the place of a label that is there or unknown."""
FEATURES = 1 << 20
"""Features of an embedding. The widest in use (bags of features) have some ten thousand."""
LABELS = 10_000_000
"""Labels of a data set. The largest public sets have three million (Amazon-3M)."""
LARGEST_NUMBER = 1e15
"""Size of a number of an embedding: sums of squares of a million such numbers are still within the range of float32 (3.4e38)."""
LINE = 16 << 20
"""Bytes of a line of JSON Lines: an item with its texts, its labels and an embedding of some hundred thousand numbers."""
SAMPLED = 2000  # lines of JSON Lines whose keys are counted before all are read


class _Lines(Protocol):
    def __getitem__(self, row: int) -> bytes: ...


def check_unfolded(path: Path, n_bytes: float, what: str) -> None:
    """Refuse a file whose content would take much more memory than the file is large.

    Parameters
    ----------
    path : pathlib.Path
    n_bytes : float
        Memory that the content takes.
    what : str
        What is in it, for the message: "50,000,000 rows of 3 columns".

    Raises
    ------
    DataError
        If it is more than both limits.
    """
    size = path.stat().st_size
    if n_bytes <= max(UNFOLDED, LARGE_RATIO * size):
        return
    if size < SMALL:
        raise DataError(
            f"{path.name}: expected at most {UNFOLDED / 1e6:,.0f} MB of memory for a file below {SMALL / 1e6:.0f} MB, got {what} "
            f"({n_bytes / 1e6:,.0f} MB) in {size:,} bytes; check where the file comes from, or read it with polars and pass the frame"
        )
    room = max(MOST_SUSPECT, psutil.virtual_memory().available // SHARE)
    if n_bytes > min(RATIO * size, room):
        ratio = RATIO if n_bytes > RATIO * size else LARGE_RATIO
        raise DataError(
            f"{path.name}: expected at most {ratio:,} bytes of memory a byte of the file, got {what} ({n_bytes / 1e6:,.0f} MB) in "
            f"{size:,} bytes; check where the file comes from, or read it with polars and pass the frame"
        )


def check_lines(path: Path, lines: _Lines, sizes: np.ndarray) -> None:
    """Refuse JSON Lines with an endless line, or whose lines have more and more other keys, each of which would be a column.

    The keys are those of a sample; where its second half still brings new ones, so will all the lines that are not in it.

    Parameters
    ----------
    path : pathlib.Path
    lines : anything that gives the bytes of a line by its position
    sizes : int64, shape (n_lines,)
        Of the lines in bytes.

    Raises
    ------
    DataError
        With the line, or the number of columns.
    """
    if sizes.max(initial=0) > LINE:
        raise DataError(
            f"{path.name}: expected at most {LINE:,} bytes a line, got {sizes.max():,} in line {sizes.argmax() + 1:,}; "
            "write an item a line, and long texts to files of their own"
        )
    chosen = np.unique(np.linspace(0, len(sizes) - 1, SAMPLED, dtype=np.int64))
    chosen = chosen[sizes[chosen].cumsum() <= LINE]
    halves: list[set[str]] = []
    for part in np.array_split(chosen, 2):
        keys: set[str] = set()
        for row in part.tolist():
            with suppress(ValueError, RecursionError):  # what is no JSON is refused with its line where it is read
                keys.update(found if isinstance(found := json.loads(lines[row]), dict) else ())
        halves.append(keys)
    new = len(halves[1] - halves[0])
    n_columns = len(halves[0] | halves[1]) + int(new * (len(sizes) - len(chosen)) / max(1, len(chosen) / 2))
    check_unfolded(path, 16.0 * len(sizes) * n_columns, f"{len(sizes):,} lines of about {n_columns:,} different keys")


def check_cells(cells: pl.Series) -> None:
    """Refuse a text that is too long for the labels of one item; it is in a column of label sets.

    Raises
    ------
    DataError
        With the row.
    """
    sizes = cells.str.len_bytes()
    if (sizes > CELL).any():
        row = (sizes > CELL).arg_true()[0]
        raise DataError(
            f"labels: expected at most {CELL:,} bytes of labels an item in {cells.name!r}, got {sizes[row]:,} in row {row};"
            " name the column of the labels, or shorten the text"
        )


def check_table(path: Path, table: pl.DataFrame) -> None:
    """Refuse a table that, written out, is far larger than its file: one long text repeated by reference, labels on all cells.

    Raises
    ------
    DataError
        With the column; also where its name is a pattern.
    """
    check_column_names(table, path.name)
    if SAID * table.height * table.width > max(UNFOLDED, LARGE_RATIO * path.stat().st_size):  # else all of them could say something
        said = sum(_count_said(block) for block in column_blocks(table))
        check_unfolded(path, float(SAID * said), f"{said:,} cells other than 0")
    long = pl.DataFrame([column for column in table.iter_columns() if _can_be_long(column)])
    for block in column_blocks(long):  # many columns of a kind at once: there may be a hundred thousand
        written_out = block.select(
            (cs.string() - cs.categorical()).str.len_bytes().cast(pl.Int64).sum(),
            (cs.categorical() | cs.enum()).cat.len_bytes().cast(pl.Int64).sum(),
            cs.binary().bin.size().cast(pl.Int64).sum(),
            cs.list().list.len().cast(pl.Int64).sum() * ELEMENT,
        )
        if written_out.width:
            sizes = written_out.row(0)
            check_unfolded(path, max(sizes), f"the column {written_out.columns[sizes.index(max(sizes))]!r}")


def _can_be_long(column: pl.Series) -> bool:
    """Whether a column has values of no fixed size."""
    kinds = (pl.String, pl.Binary, pl.Categorical, pl.Enum, pl.List)
    return column.null_count() < len(column) and column.dtype.base_type() in kinds


def _count_said(block: pl.DataFrame) -> int:
    """How many cells of the columns of numbers and truth values are not 0."""
    of_states = block.select((cs.integer() | cs.float()).ne_missing(0).sum(), cs.boolean().ne_missing(other=False).sum())
    return sum(of_states.row(0)) if of_states.width else 0


def check_features(role: str, n_features: int) -> None:
    """Refuse embeddings with more features than any has."""
    if n_features > FEATURES:
        raise DataError(f"{role}: expected at most {FEATURES:,} features, got {n_features:,}; check the shape, or reduce the features")


def check_label_count(n_labels: int) -> None:
    """Refuse more labels than any set has: an index that is an id of something else."""
    if n_labels > LABELS:
        raise DataError(
            f"labels: expected indices of at most {LABELS:,} labels, got {str(n_labels - 1)[:40]}; write ids that leave gaps as texts"
        )


def plain_array(role: str, given: Any) -> np.ndarray:
    """An array of what may be an array, without a mask and with rows of one length.

    Raises
    ------
    DataError
        If it cannot be one: rows of several lengths, masked or sparse cells, integers without end.
    """
    if isinstance(given, np.ma.MaskedArray):
        raise DataError(f"{role}: expected an array without a mask, got a masked array; fill it with its method filled")
    try:
        return given if isinstance(given, np.ndarray) else np.asarray(given)
    except (TypeError, ValueError, OverflowError):
        raise DataError(
            f"{role}: expected an array of numbers with rows of one length, got {type(given).__name__}; pad or convert it"
        ) from None
