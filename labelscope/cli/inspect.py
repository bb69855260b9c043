"""``labelscope inspect``: how a table can be read, before it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

import labelscope
from labelscope.cli.console import spelled
from labelscope.cli.table_options import Columns, LabelNames, LabelsDelimiter, LabelsFormat, Missing, Separator, Values, as_read
from labelscope.views.inspection import lines

__all__ = ["inspect"]


def inspect(
    table: Annotated[Path, typer.Argument(metavar="INPUT", help="The file with the table.")],
    labels: Annotated[list[str] | None, typer.Option(help="Label column or columns; default: those that look like it.")] = None,
    text: Annotated[str | None, typer.Option(help="Column with the text.")] = None,
    id: Annotated[str | None, typer.Option(help="Column with unique item ids.")] = None,  # noqa: A002 - the contract's name
    labels_delimiter: LabelsDelimiter = None,
    labels_format: LabelsFormat = None,
    label_names: LabelNames = None,
    missing: Missing = None,
    values: Values = None,
    separator: Separator = None,
    columns: Columns = None,
    format: Annotated[str | None, typer.Option(help="Format of INPUT where its name does not tell.")] = None,  # noqa: A002 - the contract's name
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show how a table can be read: its columns, the readings of its labels, and the call that reads it."""
    found = labelscope.inspect(
        table, text=text, id=id, format=format,
        **as_read(
            labels=labels, labels_delimiter=labels_delimiter, labels_format=labels_format, label_names=label_names, missing=missing,
            values=values, separator=separator, columns=columns,
        ),
    )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(_record(found), ensure_ascii=False, indent=2))
        return
    for line in lines(found):
        typer.echo(spelled(line))


def _record(found: Any) -> dict[str, Any]:
    return {
        "format": found.format,
        "n_rows": found.n_rows,
        "columns": found.frame.to_dicts(),
        "readings": found.readings.to_dicts(),
        "warnings": list(found.warnings),
        "call": found.call,
    }
