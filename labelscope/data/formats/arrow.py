"""Arrow IPC: files (Feather 2) and streams.

Values are read by polars. The types as the file has them (``string`` or ``large_string``) and its metadata, among them the
names of Hugging Face's class labels, are known to pyarrow alone; with it an export has the same types and metadata.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.arrow_messages import MAGIC, check_arrow
from labelscope.data.formats.format import Edits, Format, Layout, ReadOptions, reading
from labelscope.data.formats.format_notes import FormatNotes
from labelscope.data.formats.hugging_face import class_names, with_class_names
from labelscope.errors import MissingExtra

__all__ = ["FORMAT", "NOTES"]

NOTES = FormatNotes(
    "**Arrow IPC, Feather** `.arrow` `.feather`",
    "files and streams",
    "with pyarrow: values, types and metadata are kept",
    "yes",
    "compression; without pyarrow also metadata and the small variants of types",
    formats=("arrow",),
)

NAMED = b'"ClassLabel"'  # metadata without which labels have no names
HEAD = 1 << 20
PER_COLUMN = (b"huggingface", b"pandas")


@dataclass(frozen=True, eq=False)
class ArrowLayout(Layout):
    """Which of the two kinds of Arrow IPC it was.

    Attributes
    ----------
    stream : bool
    schema : pyarrow.Schema or None
        As the file has it, with its metadata; None without pyarrow.
    """

    stream: bool
    schema: Any = None


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, ArrowLayout]:
    """The table of an Arrow IPC file or stream.

    Raises
    ------
    DataError
        If the file is truncated or is no Arrow IPC.
    MissingExtra
        If the names of its labels are in metadata that only pyarrow reads.
    """
    with reading("Arrow IPC", path):
        with path.open("rb") as file:
            head = file.read(HEAD)
        stream = not head.startswith(MAGIC)
        check_arrow(path, options.packed or path)
        # read without a memory map: a map would change under us if the file were replaced
        table = pl.read_ipc_stream(path) if stream else pl.read_ipc(path.read_bytes())
        schema = _schema(path, stream=stream, needed=NAMED in head)
        metadata = {} if schema is None else {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
        return table, ArrowLayout(stream, schema, label_names=class_names(metadata))


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Write the table as the kind of IPC that it came from, a file by default.

    With pyarrow the columns of the source keep their types and the file its metadata. Without it text is written as
    ``large_string``, which every Arrow reader knows (a ``string`` or ``string_view`` of the source reads back as the same
    polars, pandas and R type).
    """
    oldest = pl.CompatLevel.oldest()
    stream = isinstance(layout, ArrowLayout) and layout.stream
    if isinstance(layout, ArrowLayout) and layout.schema is not None:
        _write_as(table, file, layout, restructured=edits is not None and edits.restructured)
    elif stream:
        table.write_ipc_stream(file, compat_level=oldest)
    else:
        table.write_ipc(file, compat_level=oldest)


def _schema(path: Path, *, stream: bool, needed: bool) -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        if needed:
            raise MissingExtra("pyarrow", "datasets", "an Arrow file of Hugging Face, which has the label names in its metadata,") from None
        return None
    with pa.OSFile(str(path)) as file:
        return (pa.ipc.open_stream if stream else pa.ipc.open_file)(file).schema


def _write_as(table: pl.DataFrame, file: BinaryIO, layout: ArrowLayout, *, restructured: bool) -> None:
    import pyarrow as pa

    given = table.to_arrow(compat_level=pl.CompatLevel.oldest())
    given_metadata = {key.decode(): value.decode() for key, value in (layout.schema.metadata or {}).items()}
    metadata = {key.encode(): value.encode() for key, value in with_class_names(given_metadata, layout.label_names).items()}
    if restructured:  # what describes the columns one by one no longer fits
        metadata = {key: value for key, value in metadata.items() if key not in PER_COLUMN}
    fields, columns = [], []
    for field, column in zip(given.schema, given.columns, strict=True):
        known = layout.schema.field(field.name) if field.name in layout.schema.names else field
        as_known = _cast(column, known.type)
        fields.append(known if as_known.type == known.type else field)
        columns.append(as_known)
    written = pa.table(columns, schema=pa.schema(fields, metadata=metadata))
    with (pa.ipc.new_stream if layout.stream else pa.ipc.new_file)(file, written.schema) as writer:
        writer.write_table(written)


def _cast(column: Any, dtype: Any) -> Any:
    """The column in a type, or as it is where Arrow knows no way."""
    import pyarrow as pa

    ways: tuple[Callable[[], Any], ...] = (
        lambda: column.cast(dtype),
        lambda: column.cast(dtype.value_type).dictionary_encode().cast(dtype),
    )
    for way in ways:
        with suppress(pa.ArrowException, AttributeError):
            return way()
    return column


FORMAT = Format("arrow", (".arrow", ".feather", ".ipc", ".arrows"), read, write)
