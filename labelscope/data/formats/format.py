"""What a file format is: a reader, a writer, and what the reader keeps so that the writer changes nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.errors import DataError

__all__ = ["Edits", "Format", "Layout", "ReadOptions", "broken"]


@dataclass(frozen=True)
class ReadOptions:
    """What the caller says about a file, beside its format.

    Attributes
    ----------
    labels : tuple of str
        Columns that hold labels: their values must be kept apart where the format would let them differ in type.
    separator : str, optional
        What stands between the fields of a CSV. Default: seen from the file.
    columns : sequence of str, optional
        Names of the columns of a CSV without a header line.
    """

    labels: tuple[str, ...] = ()
    separator: str | None = None
    columns: Sequence[str] | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """What a reader keeps for its writer; the readings of the labels see only these two.

    Attributes
    ----------
    json_columns : frozenset of str
        Columns of text whose cells are JSON (`"a"`, `["a"]`, `{"a": 1}`), because the values are of several types.
    label_names : mapping of column to names
        Names of the ids 0, 1, ... in a column, where the file says them.
    """

    json_columns: frozenset[str] = field(default=frozenset(), kw_only=True)
    label_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Edits:
    """Where a table differs from the one that was read.

    Attributes
    ----------
    rows : int64, shape (n_rows,)
        Rows with a changed cell, ascending.
    columns : tuple of str
        Columns that hold labels; no other column differs.
    restructured : bool
        Whether columns were added or left out; then every row differs.
    """

    rows: np.ndarray
    columns: tuple[str, ...]
    restructured: bool = False


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
        File name endings, lower case, with the dot.
    read : callable (path, options) -> (table, layout)
        The table as it is written in the file, and the :class:`Layout` that :attr:`write` needs to reproduce the file.
    write : callable (table, file, layout, edits)
        Writes `table`. With a `layout` (of a file of this format) and `edits`, everything that is not an edit comes
        out as it was read: byte for byte in the text formats.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, ReadOptions], tuple[pl.DataFrame, Any]]
    write: Callable[[pl.DataFrame, BinaryIO, Any, Edits | None], None]


def broken(kind: str, path: Path, reason: object) -> DataError:
    """The error for a file that is not, or not entirely, what its name says."""
    first_line = str(reason).strip().split("\n")[0] or "no reason given"
    return DataError(f"{path.name}: expected a complete {kind} file, got one that cannot be read ({first_line}); write or copy it again")
