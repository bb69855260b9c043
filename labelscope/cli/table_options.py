"""The options that say how a table is read, of the same names as the arguments of :func:`labelscope.read`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["Columns", "LabelNames", "Labels", "LabelsDelimiter", "LabelsFormat", "Missing", "Separator", "Values", "as_read"]

Labels = Annotated[
    list[str], typer.Option(help="Label column; or several columns, one a label: repeat it, or join names without a comma by commas.")
]
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
Values = Annotated[str | None, typer.Option(help="Column of a long table that says whether the label of its row is there (1 or 0).")]
Separator = Annotated[str | None, typer.Option(help="What stands between the fields of a CSV, where it is not clear.")]
Columns = Annotated[list[str] | None, typer.Option(help="Names of the columns of a CSV without a header line: repeat, or join by commas.")]


def as_read(
    *, labels: list[str] | None, labels_delimiter: str | None, labels_format: str | None, label_names: Path | None,
    missing: list[str] | None, values: str | None, separator: str | None, columns: list[str] | None,
) -> dict[str, Any]:  # fmt: skip
    """The options as arguments of :func:`labelscope.read`; what was typed is taken as it is, blanks included."""
    return {
        "labels": labels[0] if labels and len(labels) == 1 else labels,
        "labels_delimiter": labels_delimiter,
        "labels_format": labels_format,
        "label_names": label_names and str(label_names),
        "missing": [] if missing == [""] else missing or None,
        "values": values,
        "separator": separator,
        "columns": columns[0].split(",") if columns and len(columns) == 1 else columns or None,
    }
