"""The options that say how a table is read, of the same names as the arguments of :func:`labelscope.read`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "Columns", "Embeddings", "Empty", "Features", "Format", "Groups", "Id", "Image", "ImageRoot",
    "LabelNames", "Labels", "LabelsDelimiter", "LabelsFormat", "LabelsOrNone", "Missing", "Probabilities", "Separator", "Split",
    "Taxonomy", "Text", "Unlisted", "UnlistedLabels", "UnlistedOrNone", "Values", "Votes", "as_read",
]  # fmt: skip


class Unlisted(str, Enum):
    """What a label that an item does not list means."""

    negative = "negative"
    unknown = "unknown"


Labels = Annotated[
    list[str], typer.Option(help="Label column; or several columns, one a label: repeat it, or join names without a comma by commas.")
]
LabelsOrNone = Annotated[list[str] | None, typer.Option(help="Label column or columns; default: those that look like it.")]
LabelsDelimiter = Annotated[
    str | None, typer.Option(help="What joins the labels of a text cell, where it is not clear; empty: one label a cell.")
]
LabelsFormat = Annotated[
    str | None, typer.Option(help="How the labels are written, where it is not clear; `labelscope inspect` lists the ways.")
]
LabelNames = Annotated[Path | None, typer.Option(help="Names of the labels: JSON, a CSV with the columns id and name, or one name a line.")]
Missing = Annotated[
    list[str] | None, typer.Option(help="Text that means that nothing is known of an item (repeat for more); empty: no text does.")
]
Empty = Annotated[list[str] | None, typer.Option(help="Word among the labels that says that none applies (repeat for more).")]
Values = Annotated[str | None, typer.Option(help="Column of a long table that says whether the label of its row is there (1 or 0).")]
Separator = Annotated[str | None, typer.Option(help="What stands between the fields of a CSV, where it is not clear.")]
Columns = Annotated[list[str] | None, typer.Option(help="Names of the columns of a CSV without a header line: repeat, or join by commas.")]
Text = Annotated[list[str] | None, typer.Option(help="Column with the text; repeat it for several, as title and body.")]
Image = Annotated[str | None, typer.Option(help="Column with the image (path or bytes).")]
ImageRoot = Annotated[
    list[Path] | None, typer.Option(help="Folder below which image files may lie, besides that of INPUT (repeat for more).")
]
Id = Annotated[str | None, typer.Option(help="Column with unique item ids; rows are numbered without it.")]
Embeddings = Annotated[Path | None, typer.Option(help=".npy of shape (n_items, n_features), rows as in the table.")]
Probabilities = Annotated[Path | None, typer.Option(help=".npy of shape (n_items, n_labels), out of fold.")]
Votes = Annotated[Path | None, typer.Option(help="Table of item_id, rater, label, value.")]
Taxonomy = Annotated[Path | None, typer.Option(help="Table of parent and child; JSON; or SKOS (.rdf, .ttl, .nt).")]
UnlistedLabels = Annotated[Unlisted, typer.Option(help="What a label that an item does not list means.")]
UnlistedOrNone = Annotated[Unlisted | None, typer.Option(help="What a label that an item does not list means: negative or unknown.")]
Features = Annotated[
    list[str] | None, typer.Option(help="Column to learn from beside the embeddings: numbers, words or dates (repeat for more).")
]
Groups = Annotated[
    str | None, typer.Option(help="Column (patient, conversation) whose equal values are not split between training and test.")
]
Split = Annotated[str | None, typer.Option(help="Column that says what each item is for: training, validation, test.")]
Format = Annotated[str | None, typer.Option(help="Format of INPUT where its name does not tell.")]


def as_read(
    *, labels: list[str] | None, text: list[str] | None, image: str | None, id: str | None, unlisted: Unlisted | None,  # noqa: A002 - the contract's name
    labels_delimiter: str | None, labels_format: str | None, label_names: Path | None, missing: list[str] | None, values: str | None,
    empty: list[str] | None, separator: str | None, columns: list[str] | None, format: str | None, image_root: list[Path] | None = None,  # noqa: A002 - the contract's name
    embeddings: Path | None = None, probabilities: Path | None = None, votes: Path | None = None, taxonomy: Path | None = None,
    features: list[str] | None = None, groups: str | None = None, split: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The options as arguments of :func:`labelscope.read`; what was typed is taken as it is, blanks included."""
    return {
        "labels": _one_or_all(labels),
        "text": _one_or_all(text),
        "image": image,
        "image_root": image_root or None,
        "id": id,
        "embeddings": embeddings and str(embeddings),
        "probabilities": probabilities and str(probabilities),
        "votes": votes and str(votes),
        "taxonomy": taxonomy and str(taxonomy),
        "unlisted": unlisted and unlisted.value,
        "labels_delimiter": labels_delimiter,
        "labels_format": labels_format,
        "label_names": label_names and str(label_names),
        "missing": [] if missing == [""] else missing or None,
        "empty": empty or None,
        "values": values,
        "separator": separator,
        "columns": columns[0].split(",") if columns and len(columns) == 1 else columns or None,
        "features": features or None,
        "groups": groups,
        "split": split,
        "format": format,
    }


def _one_or_all(names: list[str] | None) -> str | list[str] | None:
    return names[0] if names and len(names) == 1 else names or None
