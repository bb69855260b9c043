"""What a file format is: a reader, a writer, and what the reader keeps so that the writer changes nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.errors import DataError, LabelscopeError

__all__ = ["SAMPLE", "Edits", "Format", "Layout", "Peek", "ReadOptions", "broken", "is_ours", "reading"]

SAMPLE = 1000  # rows from which the role of a column is seen
LONGEST_REASON = 200  # characters of what a library says


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
    packed : pathlib.Path, optional
        The file that this one came out of: how much memory may be taken goes by its size.
    """

    labels: tuple[str, ...] = ()
    separator: str | None = None
    columns: Sequence[str] | None = None
    packed: Path | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """What a reader keeps for its writer; the readings of the labels see only these.

    Attributes
    ----------
    json_columns : frozenset of str
        Columns of text whose cells are JSON (`"a"`, `["a"]`, `{"a": 1}`), because the values are of several types.
    label_names : mapping of column to names
        Names of the ids 0, 1, ... in a column, or a mapping of id to name, where the file says them.
    label_columns : mapping of name to columns
        Columns with one label each that the file itself calls its labels, and the name under which they are asked for.
    answers : mapping of column to polars.DataFrame
        What several people answered, where the column holds what most say: columns row, rater, labels (lists of names).
    """

    json_columns: frozenset[str] = field(default=frozenset(), kw_only=True)
    label_names: Mapping[str, tuple[str, ...] | Mapping[str, str]] = field(default_factory=dict, kw_only=True)
    label_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    answers: Mapping[str, pl.DataFrame] = field(default_factory=dict, kw_only=True)


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


@dataclass(frozen=True, eq=False)
class Peek:
    """A file as far as it must be read to say how its labels can be.

    Attributes
    ----------
    names : list of str
        Of all columns.
    sample : polars.DataFrame
        The first rows.
    n_rows : int
    layout : Layout or None
    columns : callable (names) -> polars.DataFrame
        Some columns, every row.
    """

    names: list[str]
    sample: pl.DataFrame
    n_rows: int
    layout: Any
    columns: Callable[[Sequence[str]], pl.DataFrame]

    @classmethod
    def whole(cls, table: pl.DataFrame, layout: Any) -> Peek:
        """Of a table that was read whole."""
        return cls(table.columns, table.head(SAMPLE), table.height, layout, table.select)


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
    peek : callable (path, options) -> Peek, optional
        Where a part of a file can be read for less than the whole.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, ReadOptions], tuple[pl.DataFrame, Any]]
    write: Callable[[pl.DataFrame, BinaryIO, Any, Edits | None], None]
    peek: Callable[[Path, ReadOptions], Peek] | None = None


def broken(kind: str, path: Path, reason: object, role: str | None = None) -> DataError:
    """The error for a file that is not, or not entirely, what its name says."""
    first_line = (str(reason).strip().splitlines() or ["no reason given"])[0][:LONGEST_REASON]
    where, which = (role, f"{path.name}, which") if role else (path.name, "one that")
    return DataError(f"{where}: expected a complete {kind} file, got {which} cannot be read ({first_line}); write or copy it again")


@contextmanager
def reading(kind: str, path: Path, role: str | None = None) -> Iterator[None]:
    """A block in which libraries read a file: whatever they raise is the file's fault and becomes one line.

    The libraries name no full list of what they raise on bytes that are damaged on purpose (polars panics, which is no
    `Exception`; numpy raises what the parts of Python raise that it is made of), so everything is caught, here and nowhere else.
    But what our own code raises by mistake is no fault of the file: it goes on as it is.

    Parameters
    ----------
    kind : str
        What the file should be: "Parquet".
    path : pathlib.Path
    role : str, optional
        The argument that the file came in, for the message.

    Raises
    ------
    DataError
        In place of every error of a library, and of the memory and files that are missing.
    """
    try:
        yield
    except (LabelscopeError, KeyboardInterrupt, SystemExit):
        raise
    except RecursionError:
        raise DataError(f"{role or path.name}: expected {kind} in {path.name}, got one nested too deep to read; flatten it") from None
    except MemoryError:
        raise DataError(
            f"{role or path.name}: expected a file that fits into memory, got {path.name}, which does not; read a part of it"
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{role or path.name}: expected a file that can be read, got {path} ({reason}); check it") from None
    except BaseException as error:
        if is_ours(error):
            raise
        raise broken(kind, path, error, role) from None


def is_ours(error: BaseException) -> bool:
    """Whether an error was raised by a line of labelscope, and not inside a library that it calls."""
    if type(error).__module__ != "builtins" or isinstance(error, UnicodeError):  # a library's own, or of bytes that are no text
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = "" if trace is None else str(trace.tb_frame.f_globals.get("__name__"))
    return module.partition(".")[0] == __name__.partition(".")[0]
