"""A table in several files: a folder, a pattern (``data/*.parquet``), or a data set that Hugging Face saved to a folder."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.formats.format import Format, Layout, ReadOptions, reading
from labelscope.data.formats.format_notes import FormatNotes
from labelscope.data.formats.hugging_face import is_saved, saved_files
from labelscope.data.formats.packed import PACKINGS
from labelscope.data.formats.pascal_voc import is_voc
from labelscope.data.formats.registry import FORMATS, find_format
from labelscope.data.limits import check_table
from labelscope.errors import DataError

__all__ = ["NOTES", "files_of", "read_files"]

NOTES = FormatNotes(
    '**several files**: a folder, or a pattern such as `"data/*.parquet"`',
    "one below the other, in the order of their names",
    "one file",
    "one file",
    "which row came from which file",
)

MOST_FILES = 10_000
SHOWN = 3


def files_of(given: str) -> list[Path] | None:
    """The files that a folder or a pattern means, in the order of their names; None if `given` is neither.

    Raises
    ------
    DataError
        If there are none, or files of several formats in a folder.
    """
    place = Path(given)
    if place.is_dir():
        if is_saved(place):
            return saved_files(place)
        if is_voc(place):
            return sorted(place.glob("*.xml"))
        suffixes = {suffix for kind in FORMATS for suffix in kind.suffixes}
        files = sorted(file for file in place.iterdir() if file.is_file() and _inner_suffix(file) in suffixes)
        kinds = {find_format(file).name for file in files}
        if len(kinds) != 1:
            pattern = f"{place}/*{files[0].suffix}" if files else f"{place}/*/*.csv"
            got = f"files of the formats {', '.join(sorted(kinds))}" if kinds else "none"
            raise DataError(f"table: expected the files of one table in the folder {place}, got {got}; name them, as {pattern!r}")
        return files
    if place.exists() or not glob.has_magic(given):
        return None
    files = sorted(Path(name) for name in glob.glob(given, recursive=True) if Path(name).is_file())  # noqa: PTH207 - as it was typed
    if not files:
        raise DataError(f"table: expected files that the pattern {given} fits, got none; check it")
    return files


def read_files(files: list[Path], name: str | None, options: ReadOptions) -> tuple[pl.DataFrame, Format, Any]:
    """One table of all files, one below the other. An export is one file, written anew.

    Raises
    ------
    DataError
        If they are of several formats, or differ in their columns.
    """
    if len(files) > MOST_FILES:
        raise DataError(f"table: expected at most {MOST_FILES:,} files, got {len(files):,}; join them first")
    tables, layouts, kinds = [], [], {}
    for file in files:
        kind = find_format(file, name)
        with reading(kind.name, file, "table"):
            table, layout = kind.read(file, options)
            check_table(file, table)
        kinds[kind.name] = kind
        tables.append(table)
        layouts.append(layout)
    if len(kinds) > 1:
        raise DataError(f"table: expected files of one format, got {', '.join(sorted(kinds))}; name them by a pattern, as '*.parquet'")
    (kind,) = kinds.values()
    if len(files) == 1:
        return tables[0], kind, layouts[0]
    return _joined(tables, files), kind, _merged(layouts, files)


def _joined(tables: list[pl.DataFrame], files: list[Path]) -> pl.DataFrame:
    first = tables[0]
    for table, file in zip(tables, files, strict=True):
        if set(table.columns) != set(first.columns):
            odd = sorted(set(table.columns) ^ set(first.columns))[:SHOWN]
            raise DataError(f"{file.name}: expected the columns of {files[0].name}, got others (as {', '.join(map(repr, odd))}); mend it")
    try:
        return pl.concat([table.select(first.columns) for table in tables], how="vertical_relaxed", rechunk=True)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"table: expected the same types in {len(files)} files, got others ({reason}); write them alike") from None


def _merged(layouts: list[Any], files: list[Path]) -> Layout:
    known = [layout for layout in layouts if isinstance(layout, Layout)]
    for layout, file in zip(known, files, strict=False):
        if layout.label_names != known[0].label_names or layout.json_columns != known[0].json_columns:
            raise DataError(f"{file.name}: expected the label names and kinds of values of {files[0].name}, got others; write them alike")
    first = known[0] if known else Layout()
    return Layout(json_columns=first.json_columns, label_names=first.label_names, label_columns=first.label_columns)


def _inner_suffix(file: Path) -> str:
    """The suffix of a file, without that of its packing."""
    is_packed = any(file.suffix.lower() in packing.suffixes for packing in PACKINGS)
    return (file.with_suffix("") if is_packed else file).suffix.lower()
