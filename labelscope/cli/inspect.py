"""``labelscope inspect``: how a table can be read, before it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

import labelscope
from labelscope.cli import table_options as option
from labelscope.cli.console import spelled
from labelscope.views.inspection import lines

__all__ = ["inspect"]


def inspect(
    table: Annotated[Path, typer.Argument(metavar="INPUT", help="The file with the table.")],
    labels: option.LabelsOrNone = None,
    text: option.Text = None,
    image: option.Image = None,
    image_root: option.ImageRoot = None,
    id: option.Id = None,  # noqa: A002 - the contract's name
    embeddings: option.Embeddings = None,
    probabilities: option.Probabilities = None,
    votes: option.Votes = None,
    taxonomy: option.Taxonomy = None,
    unlisted: option.UnlistedLabels = option.Unlisted.negative,
    labels_delimiter: option.LabelsDelimiter = None,
    labels_format: option.LabelsFormat = None,
    label_names: option.LabelNames = None,
    missing: option.Missing = None,
    empty: option.Empty = None,
    values: option.Values = None,
    separator: option.Separator = None,
    columns: option.Columns = None,
    features: option.Features = None,
    groups: option.Groups = None,
    split: option.Split = None,
    format: option.Format = None,  # noqa: A002 - the contract's name
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show how a table can be read: its columns, the readings of its labels, and the call that reads it."""
    arguments = option.as_read(
        labels=labels, text=text, image=image, image_root=image_root, id=id, embeddings=embeddings, probabilities=probabilities,
        votes=votes, taxonomy=taxonomy, unlisted=unlisted, labels_delimiter=labels_delimiter, labels_format=labels_format,
        label_names=label_names, missing=missing, empty=empty, values=values, separator=separator, columns=columns, features=features,
        groups=groups, split=split, format=format,
    )  # fmt: skip
    found = labelscope.inspect(table, **arguments)
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
