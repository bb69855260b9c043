"""COCO: images, annotations and categories. Read as labels of whole images: an image has a label if it has such an object.

Boxes and masks say more than a label of an image, so that a change of labels cannot be written back into such a file; the
corrected labels go to another format.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.format import Edits, Layout, ReadOptions
from labelscope.data.formats.format_notes import NOT, FormatNotes
from labelscope.data.formats.json_units import Document
from labelscope.errors import DataError

__all__ = ["NOTES", "CocoLayout", "matches", "read", "write"]

NOTES = FormatNotes(
    "**COCO** `.json`",
    "labels of whole images: there is an object of the category",
    NOT,
    NOT,
    "boxes and masks",
)

PARTS = ("images", "annotations", "categories")


class CocoLayout(Layout):
    """A file that is not written back."""


def matches(value: Any) -> bool:
    """Whether a document is of this kind."""
    return isinstance(value, dict) and all(isinstance(value.get(part), list) for part in PARTS)


def read(document: Document, value: Any, path: Path, options: ReadOptions) -> tuple[pl.DataFrame, CocoLayout]:  # noqa: ARG001 - as all read
    """Columns item_id, labels (names of categories), and the plain values of the images, such as file_name.

    Raises
    ------
    DataError
        If an annotation names an image or a category that is not there.
    """
    try:
        names = {category["id"]: str(category["name"]) for category in value["categories"]}
        found: dict[Any, dict[str, None]] = {image["id"]: {} for image in value["images"]}
        for annotation in value["annotations"]:
            found[annotation["image_id"]][names[annotation["category_id"]]] = None
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{path.name}: expected annotations of the images and categories in the file, got {error}; write it again"
        ) from None
    if len(names) != len(set(names.values())):
        twice = Counter(names.values()).most_common(1)[0][0]
        raise DataError(f"{path.name}: expected a name of its own for each category, got {twice!r} more than once; rename one")
    plain = dict.fromkeys(
        key
        for image in value["images"]
        for key, entry in image.items()
        if isinstance(entry, (str, int, float)) and key not in {"id", "labels"}
    )
    columns = {key: pl.Series([image.get(key) for image in value["images"]], strict=False) for key in plain}
    labels = pl.Series([list(labels) for labels in found.values()], dtype=pl.List(pl.String))
    ids = pl.Series(list(found), strict=False)
    if len(ids) != len(value["images"]):
        raise DataError(
            f"{path.name}: expected an id of its own for each image, got {len(value['images']) - len(ids)} twice; renumber them"
        )
    return pl.DataFrame({"item_id": ids, **columns, "labels": labels}), CocoLayout()


def write(table: pl.DataFrame, file: BinaryIO, layout: CocoLayout, edits: Edits) -> None:  # noqa: ARG001 - as all write
    """Refuse: see above.

    Raises
    ------
    DataError
        Always.
    """
    raise DataError("export: expected a format for labels of whole images, got COCO, whose labels are boxes; export to .jsonl or .parquet")
