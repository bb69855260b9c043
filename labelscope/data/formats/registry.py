"""The formats there are: one line each."""

from __future__ import annotations

from pathlib import Path

from labelscope.data.formats import arff, arrow, delimited, json_file, json_lines, parquet, sagemaker, xmc
from labelscope.data.formats.format import Format
from labelscope.data.formats.packed import PACKINGS, name_inside, packed
from labelscope.errors import DataError

__all__ = ["FORMATS", "find_format"]

FORMATS: tuple[Format, ...] = (
    parquet.FORMAT,
    delimited.CSV,
    delimited.TSV,
    json_lines.FORMAT,
    json_file.FORMAT,
    sagemaker.FORMAT,
    arrow.FORMAT,
    arff.FORMAT,
    xmc.FORMAT,
)

FRAME = "pass the frame itself: ls.read(frame, ...)"
REMEDIES = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), f"save it as CSV, or read it with pandas.read_excel and {FRAME}"),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), "it may run code when it is opened; write the table as Parquet"),
    **dict.fromkeys((".rds", ".rda", ".rdata"), "in R, write it with arrow::write_parquet or write.csv"),
    **dict.fromkeys((".sqlite", ".db", ".duckdb"), f"export the table as CSV or Parquet, or read it with pandas.read_sql and {FRAME}"),
    **dict.fromkeys((".h5", ".hdf5", ".mat", ".dta", ".sav", ".orc", ".avro"), f"read it with its own library and {FRAME}"),
    **dict.fromkeys((".npy", ".npz"), "load it with numpy and use ls.Dataset.from_arrays(labels, ...)"),
    **dict.fromkeys((".tar", ".tgz", ".7z", ".rar"), "unpack it and name the table in it"),
    **dict.fromkeys((".tfrecord", ".tfrecords"), f"read it with tensorflow_datasets and {FRAME}"),
}


def find_format(path: Path, name: str | None = None) -> Format:
    """The format of a given name, or else of the file's suffix; packed if the file's name ends in that (``.csv.gz``).

    Raises
    ------
    DataError
        If there is none.

    Examples
    --------
    >>> find_format(Path("comments.ndjson")).name, find_format(Path("export.txt"), "tsv").name, find_format(Path("a.csv.gz")).name
    ('jsonl', 'tsv', 'csv')
    """
    for packing in PACKINGS:
        if path.suffix.lower() in packing.suffixes:
            inside = name_inside(path, packing)
            return packed(find_format(path.with_name(inside), name), packing, inside)
    wanted = (name if name is not None else path.suffix).lower()
    for entry in FORMATS:
        if wanted == entry.name or wanted in entry.suffixes or f".{wanted}" in entry.suffixes:
            return entry
    if name is None and path.suffix.lower() == ".txt" and path.is_file() and xmc.is_xmc(path):
        return xmc.FORMAT
    if name is None and (remedy := REMEDIES.get(path.suffix.lower())):
        raise DataError(f"file: expected a table, got {path.name}, which is not read; {remedy}")
    known = ", ".join(suffix for entry in FORMATS for suffix in entry.suffixes)
    got = f"format={name!r}" if name is not None else path.name
    raise DataError(f"file: expected one of {known}, got {got}; rename it or name its format, as format='csv'")
