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
from labelscope.data.formats.format_notes import AS_LINES, IN_PLACE, NOT, NOTHING, FormatNotes

__all__ = ["DECLARED", "format_table"]

DECLARED: tuple[FormatNotes, ...] = (
    parquet.NOTES,
    delimited.NOTES,
    json_lines.NOTES,
    json_file.NOTES,
    arrow.NOTES,
    hugging_face.NOTES,
    label_studio.NOTES,
    prodigy.NOTES,
    argilla.NOTES,
    FormatNotes("**doccano** `.jsonl`", "lists of names, objects or spans", IN_PLACE, AS_LINES, "where an added label is"),
    FormatNotes("**spaCy** `cats` in `.jsonl`", "scores 1.0 and 0.0", IN_PLACE, AS_LINES, NOTHING),
    fiftyone.NOTES,
    sagemaker.NOTES,
    coco.NOTES,
    pascal_voc.NOTES,
    FormatNotes(
        "**Open Images**, long tables",
        "one row an item and label, with `values=`",
        "one row an item, in another format",
        NOT,
        "the other columns of the rows",
    ),
    arff.NOTES,
    xmc.NOTES,
    packed.NOTES,
    several_files.NOTES,
)


def format_table() -> str:
    """The formats as a Markdown table."""
    head = ["| format | read | exported as it came | exported from another format | what is lost |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(told.row for told in DECLARED)])
