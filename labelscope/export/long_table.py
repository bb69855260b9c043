"""Long tables that people pass on: votes, votes wanted, soft labels."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from labelscope.data.file_names import check_file_name
from labelscope.data.files import write_files
from labelscope.data.formats.delimited import CSV
from labelscope.data.formats.formulas import escape_formulas, escapes_path
from labelscope.data.inputs import Inputs
from labelscope.errors import DataError

__all__ = ["check_long_table", "write_long_table"]


def check_long_table(path: Path, *, name: str) -> None:
    """Refuse a file that :func:`write_long_table` could not write by its name, before anything is computed.

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


def write_long_table(frame: pl.DataFrame, path: Path, *, name: str, inputs: Inputs) -> None:
    """Write a table as CSV or Parquet, by its suffix. In CSV, what a spreadsheet would take for a formula is escaped.

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
    check_long_table(path, name=name)
    if path.suffix == ".parquet":
        write_files({path: frame.write_parquet}, name=name, inputs=inputs)
        return
    safe, escapes = escape_formulas(frame)
    listed = {escapes_path(path): escapes.write_ndjson} if escapes.height or escapes_path(path).exists() else {}
    write_files({**listed, path: lambda file: CSV.write(safe, file, None, None)}, name=name, inputs=inputs)
