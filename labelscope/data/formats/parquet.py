"""Parquet. The file's own metadata travels along: Arrow column types, the pandas index, anything a user put there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.format import SAMPLE, Edits, Format, Layout, Peek, ReadOptions, reading
from labelscope.data.formats.format_notes import FormatNotes
from labelscope.data.formats.hugging_face import class_names, with_class_names
from labelscope.data.formats.parquet_footer import check_parquet

__all__ = ["FORMAT", "NOTES"]

NOTES = FormatNotes(
    "**Parquet** `.parquet` `.pq`",
    "all columns, metadata, class names of Hugging Face",
    "values, types and metadata are kept; a new label becomes a class name",
    "yes",
    "row groups and compression are chosen anew",
    formats=("parquet",),
)

PER_COLUMN = ("ARROW:schema", "pandas")


@dataclass(frozen=True, eq=False)
class ParquetLayout(Layout):
    """Key-value metadata of the file, the Arrow schema under ``ARROW:schema`` among it."""

    metadata: dict[str, str]


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, ParquetLayout]:
    """The table and the key-value metadata of a Parquet file.

    Raises
    ------
    DataError
        If the file is truncated or is no Parquet.
    """
    with reading("Parquet", path):
        check_parquet(path, options.packed or path)
        metadata = pl.read_parquet_metadata(path)
        return pl.read_parquet(path, glob=False), ParquetLayout(metadata, label_names=class_names(metadata))


def peek(path: Path, options: ReadOptions) -> Peek:
    """The first rows of a Parquet file, and its columns when they are asked for."""
    with reading("Parquet", path):
        check_parquet(path, options.packed or path)
        metadata = pl.read_parquet_metadata(path)
        sample = pl.read_parquet(path, glob=False, n_rows=SAMPLE)
        n_rows = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
        layout = ParquetLayout(metadata, label_names=class_names(metadata))
        return Peek(sample.columns, sample, n_rows, layout, lambda names: pl.read_parquet(path, glob=False, columns=list(names)))


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Write the table, with the metadata of the file it came from.

    The stored Arrow schema is what readers take the column types from (``string`` or ``large_string``, ``list`` or
    ``large_list``, dictionary index types), so keeping it keeps them. A file that never had one (Spark, DuckDB) gets
    that of polars: the same types, the large variants. Row groups and compression are polars' defaults.
    """
    metadata: Any = with_class_names(layout.metadata, layout.label_names) if isinstance(layout, ParquetLayout) else None
    if metadata and edits is not None and edits.restructured:  # what describes the columns one by one no longer fits
        metadata = {key: value for key, value in metadata.items() if key not in PER_COLUMN}
    table.write_parquet(file, metadata=metadata)


FORMAT = Format("parquet", (".parquet", ".pq"), read, write, peek)
