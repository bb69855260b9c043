"""``labelscope carry``: the decisions about an earlier version of a table go to this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from labelscope.cli.console import say, spelled
from labelscope.cli.folder import SUMMARY, load_dataset
from labelscope.cli.table_options import Columns, LabelNames, LabelsDelimiter, LabelsFormat, Missing, Separator, Values, as_read

__all__ = ["carry"]


def carry(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="Ledger (file or database URL) with the decisions, or the earlier version of the table.")
    ],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The new version of the table, or the folder of its scan.")],
    labels: Annotated[list[str] | None, typer.Option(help="Label column or columns, as for scan.")] = None,
    text: Annotated[list[str] | None, typer.Option(help="Column with the text: finds rows again that have no ids.")] = None,
    image: Annotated[str | None, typer.Option(help="Column with the image: the same.")] = None,
    id: Annotated[str | None, typer.Option(help="Column with unique item ids.")] = None,  # noqa: A002 - the contract's name
    unlisted: Annotated[str | None, typer.Option(help="What a label that an item does not list means: negative or unknown.")] = None,
    labels_delimiter: LabelsDelimiter = None,
    labels_format: LabelsFormat = None,
    label_names: LabelNames = None,
    missing: Missing = None,
    values: Values = None,
    separator: Separator = None,
    columns: Columns = None,
    format: Annotated[str | None, typer.Option(help="Format of the tables where their names do not tell.")] = None,  # noqa: A002 - the contract's name
    ledger: Annotated[str | None, typer.Option(help="Ledger to write; default: beside NEW.")] = None,
    earlier_ledger: Annotated[str | None, typer.Option(help="Where OLD is a table: its ledger, if that is not beside it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of the decisions, and write nothing.")] = False,
) -> None:
    """Carry decisions over to a new version of a table: what is given as before is kept, the rest is open again or listed."""
    from labelscope.review.carry import carry as carried
    from labelscope.views.carried import lines

    known = as_read(
        labels=labels, labels_delimiter=labels_delimiter, labels_format=labels_format, label_names=label_names, missing=missing,
        values=values, separator=separator, columns=columns,
    )  # fmt: skip
    texts = text[0] if text and len(text) == 1 else text or None
    options: dict[str, Any] = {**known, "text": texts, "image": image, "id": id, "unlisted": unlisted, "format": format}
    options = {name: value for name, value in options.items() if value is not None}
    table: Any = load_dataset(new) if (new / SUMMARY).is_file() else new
    done = carried(old, table, ledger=ledger, earlier_ledger=earlier_ledger, dry_run=dry_run, **options)
    for line in lines(done):
        typer.echo(spelled(line))
    if ledger is not None and done.written:
        say(f"To go on with them: labelscope.explore(..., ledger={ledger!r})")
