"""Text that a spreadsheet would run as a formula: made safe in a CSV by an apostrophe, and read back as it was.

Excel and its like run a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end. Such a text gets an
apostrophe before it; so does one that has apostrophes there already, so that ``=a`` and ``'=a`` stay two texts and
taking one apostrophe away gives every text back. Plain numbers (``-2.5``) stay as they are.

A CSV cannot say that it was written so, and a text like ``'@ann said'`` in somebody's own file must keep its apostrophe.
So the columns are listed in a file beside it, ``FILE.escapes.jsonl``, and only these are undone on reading.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl

from labelscope.data.formats.flat import flatten
from labelscope.data.small_files import read_small

__all__ = ["escape_formulas", "escapes_frame", "escapes_path", "unescape_formulas"]

BEGINS = "\ufeff*[=+\\-@\t\r\n＝＋－＠]"  # a byte order mark is dropped by spreadsheets; wide signs run in East Asian versions
RUNS, ESCAPES, ESCAPED = f"^{BEGINS}", f"^'*{BEGINS}", f"^'+{BEGINS}"
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
MOST_ESCAPES = 64 << 20  # bytes: every name of a very wide table, twice
SCHEMA = {"column": pl.String, "written_as": pl.String, "n_texts": pl.Int64}


def escape_formulas(table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The flattened table with an apostrophe before every text that a spreadsheet would run.

    Names of columns count as text.

    Returns
    -------
    table : polars.DataFrame
    escapes : polars.DataFrame
        The columns with such texts: column, written_as (its name in `table`), n_texts (values, without the name).

    Raises
    ------
    DataError
        As :func:`labelscope.data.formats.flat.flatten`.

    Examples
    --------
    >>> safe, escapes = escape_formulas(pl.DataFrame({"a": ["=1", "'=1", "-2", "'tis"]}))
    >>> safe["a"].to_list(), escapes.rows()
    (["'=1", "''=1", '-2', "'tis"], [('a', 'a', 2)])
    """
    flat = flatten(table)
    texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
    runs = flat.select((pl.col(name).str.contains(ESCAPES) & ~pl.col(name).str.contains(NUMBER)).fill_null(value=False) for name in texts)
    safe = flat.with_columns(pl.when(runs[name]).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name) for name in texts)
    names = {name: f"'{name}" for name in flat.columns if re.match(ESCAPES, name)}
    counts = {name: int(runs[name].sum()) for name in texts}
    escapes = [(name, names.get(name, name), counts.get(name, 0)) for name in flat.columns if name in names or counts.get(name)]
    return safe.rename(names), pl.DataFrame(escapes, SCHEMA, orient="row")


def escapes_path(path: Path) -> Path:
    """Where the columns with escaped texts of a CSV are listed."""
    return path.with_name(f"{path.name}.escapes.jsonl")


def escapes_frame(path: Path) -> pl.DataFrame:
    """The columns with escaped texts of a CSV, as :func:`escape_formulas` gives them; empty where none are listed."""
    try:
        rows = [json.loads(line) for line in read_small(escapes_path(path), MOST_ESCAPES).splitlines()]
        return pl.DataFrame([(row["column"], row["written_as"], row["n_texts"]) for row in rows], SCHEMA, orient="row")
    except (OSError, ValueError, KeyError, TypeError, RecursionError, pl.exceptions.PolarsError):
        return pl.DataFrame(schema=SCHEMA)


def unescape_formulas(table: pl.DataFrame, escapes: pl.DataFrame) -> pl.DataFrame | None:
    """The table as it was before :func:`escape_formulas`; None if it is another one than that made.

    Parameters
    ----------
    table : polars.DataFrame
        As read from the file.
    escapes : polars.DataFrame
        Of that file.
    """
    names = dict(zip(escapes["written_as"], escapes["column"], strict=True))
    if not names or not names.keys() <= set(table.columns):
        return None
    runs = table.select((pl.col(name).str.contains(RUNS) & ~pl.col(name).str.contains(NUMBER)).any() for name in names)
    if any(runs.row(0)):
        return None
    given = [name for name in table.columns if name not in names]
    if len({*names.values(), *given}) < table.width:
        return None
    undone = (
        pl.when(pl.col(name).str.contains(ESCAPED)).then(pl.col(name).str.slice(1)).otherwise(pl.col(name)).alias(name) for name in names
    )
    return table.with_columns(undone).rename(names)
