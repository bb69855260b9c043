"""What every format says of itself, for the documentation: one line each, in the order of the page."""

from __future__ import annotations

from labelscope.data.formats import (
    arff,
    argilla,
    arrow,
    coco,
    delimited,
    fiftyone,
    hugging_face,
    json_file,
    json_lines,
    label_studio,
    packed,
    parquet,
    pascal_voc,
    prodigy,
    sagemaker,
    several_files,
    xmc,
)
from labelscope.data.formats.told import AS_LINES, IN_PLACE, NOT, NOTHING, Told

__all__ = ["DECLARED", "format_table"]

DECLARED: tuple[Told, ...] = (
    parquet.TOLD,
    delimited.TOLD,
    json_lines.TOLD,
    json_file.TOLD,
    arrow.TOLD,
    hugging_face.TOLD,
    label_studio.TOLD,
    prodigy.TOLD,
    argilla.TOLD,
    Told("**doccano** `.jsonl`", "lists of names; lists of objects", IN_PLACE, AS_LINES, NOTHING),
    Told("**spaCy** `cats` in `.jsonl`", "scores 1.0 and 0.0", IN_PLACE, AS_LINES, NOTHING),
    fiftyone.TOLD,
    sagemaker.TOLD,
    coco.TOLD,
    pascal_voc.TOLD,
    Told(
        "**Open Images**, long tables",
        "one row an item and label, with `values=`",
        "one row an item, in another format",
        NOT,
        "the other columns of the rows",
    ),
    arff.TOLD,
    xmc.TOLD,
    packed.TOLD,
    several_files.TOLD,
)


def format_table() -> str:
    """The formats as a Markdown table."""
    head = ["| format | read | exported as it came | exported from another format | what is lost |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(told.row for told in DECLARED)])
