"""Pascal VOC: a folder with an XML file an image. Read as labels of whole images: an image has a label if it has such an object.

Boxes say more than a label of an image, so that a change of labels cannot be written back; the corrected labels go to another
format.
"""

from __future__ import annotations

from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

import polars as pl

from labelscope.data.formats.format import Layout
from labelscope.data.formats.format_notes import NOT, FormatNotes
from labelscope.errors import DataError

__all__ = ["NOTES", "is_voc", "read_folder"]

NOTES = FormatNotes(
    "**Pascal VOC**, a folder of `.xml`",
    "labels of whole images, one item a file",
    NOT,
    NOT,
    "boxes",
)

LARGEST = 16 << 20
FIELDS = ("filename", "folder", "width", "height")


def is_voc(folder: Path) -> bool:
    """Whether a path is a folder whose first XML file is such an annotation."""
    first = min(folder.glob("*.xml"), default=None) if folder.is_dir() else None
    if first is None or not first.is_file():
        return False
    with first.open("rb") as file:
        return b"<annotation" in file.read(4096)


def read_folder(folder: Path) -> tuple[pl.DataFrame, Layout]:
    """Columns item_id (the name of the file), filename, folder, width, height and labels.

    Raises
    ------
    DataError
        If a file is no such annotation; with its name.
    """
    rows = [_read(file) for file in sorted(folder.glob("*.xml"))]
    columns = {name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in ("item_id", *FIELDS)}
    labels = pl.Series([row["labels"] for row in rows], dtype=pl.List(pl.String))
    table = pl.DataFrame({**columns, "labels": labels})
    return table.with_columns(pl.col(name).cast(pl.Int64, strict=False) for name in ("width", "height")), Layout()


def _read(file: Path) -> dict[str, object]:
    found: dict[str, object] = {"item_id": file.stem}
    labels: dict[str, None] = {}
    path: list[str] = []
    text: list[str] = []

    def start(name: str, _: object) -> None:
        path.append(name)
        text.clear()

    def end(_: str) -> None:
        value = "".join(text).strip()
        if path == ["annotation", "object", "name"] and value:
            labels[value] = None
        elif path[:1] == ["annotation"] and len(path) <= 3 and path[-1] in FIELDS and "object" not in path:
            found[path[-1]] = value
        path.pop()
        text.clear()

    def refuse(*_: object) -> None:
        raise DataError(f"{file.name}: expected an annotation of Pascal VOC, got a document with a DOCTYPE; leave it out")

    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text.append
    parser.StartDoctypeDeclHandler = refuse  # entities that unfold, or name other files
    if file.stat().st_size > LARGEST:
        raise DataError(f"{file.name}: expected an annotation of at most {LARGEST >> 20} MiB, got a larger file; leave it out")
    try:
        parser.Parse(file.read_bytes(), True)
    except ExpatError as error:
        raise DataError(f"{file.name}: expected an annotation of Pascal VOC, got broken XML ({error}); write it again") from None
    return {**found, "labels": list(labels)}
