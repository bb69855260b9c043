"""What a file format is: a reader, a writer, and what the reader keeps so that the writer changes nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.errors import DataError

__all__ = ["Edits", "Format", "broken"]


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
    read : callable (path, exact) -> (table, layout)
        The table as it is written in the file, and whatever :attr:`write` needs to reproduce the file. `exact`
        names columns whose values must all be of one type, where the format would let them differ.
    write : callable (table, file, layout, edits)
        Writes `table`. With a `layout` (of a file of this format) and `edits`, everything that is not an edit comes
        out as it was read: byte for byte in the text formats.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, Sequence[str]], tuple[pl.DataFrame, Any]]
    write: Callable[[pl.DataFrame, BinaryIO, Any, Edits | None], None]


def broken(kind: str, path: Path, reason: object) -> DataError:
    """The error for a file that is not, or not entirely, what its name says."""
    first_line = str(reason).strip().split("\n")[0] or "no reason given"
    return DataError(f"{path.name}: expected a complete {kind} file, got one that cannot be read ({first_line}); write or copy it again")
