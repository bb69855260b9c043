"""Tables that people pass on, as CSV or Parquet: votes, votes wanted, soft labels, two data sets joined."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from labelscope.data.file_names import check_file_name
from labelscope.data.files import Writer, write_files
from labelscope.data.formats.delimited import CSV
from labelscope.data.formats.formulas import escape_formulas, escapes_path
from labelscope.data.inputs import Inputs
from labelscope.errors import DataError

__all__ = ["check_table_file", "table_writers", "write_table_file"]


def check_table_file(path: Path, *, name: str) -> None:
    """Refuse a file that :func:`write_table_file` could not write by its name, before anything is computed.

    Parameters
    ----------
    path : Path
    name : str
        Of the argument, for the message.

    Raises
    ------
    DataError
        If its suffix is neither .csv nor .parquet, or the name is too long.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise DataError(f"{name}: expected a name that ends in .csv or .parquet, got {path.name!r}; rename it")
    check_file_name(escapes_path(path), name)


def table_writers(frame: pl.DataFrame, path: Path) -> dict[Path, Writer]:
    """What writes a table as CSV or Parquet, by its suffix, for :func:`labelscope.data.files.write_files`.

    In CSV, what a spreadsheet would take for a formula is escaped, and a file beside it lists the columns that hold such text.
    """
    if path.suffix == ".parquet":
        return {path: frame.write_parquet}
    safe, escapes = escape_formulas(frame)
    listed: dict[Path, Writer] = {escapes_path(path): escapes.write_ndjson} if escapes.height or escapes_path(path).exists() else {}
    return {**listed, path: lambda file: CSV.write(safe, file, None, None)}


def write_table_file(frame: pl.DataFrame, path: Path, *, name: str, inputs: Inputs) -> None:
    """Write a table as CSV or Parquet, by its suffix.

    Parameters
    ----------
    frame : polars.DataFrame
    path : Path
        Replaced if it exists.
    name : str
        Of what writes, for messages.
    inputs : sequence of (what, path)
        Files that are never replaced.

    Raises
    ------
    DataError
        If the file cannot be written; nothing is left of it then.
    """
    check_table_file(path, name=name)
    write_files(table_writers(frame, path), name=name, inputs=inputs)
