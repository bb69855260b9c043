"""``labelscope carry``: the decisions about an earlier version of a table go to this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from labelscope.cli import table_options as option
from labelscope.cli.console import say, spelled
from labelscope.cli.folder import SUMMARY, load_dataset

__all__ = ["carry"]


def carry(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="Ledger (file or database URL) with the decisions, or the earlier version of the table.")
    ],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The new version of the table, or the folder of its scan.")],
    labels: option.LabelsOrNone = None,
    text: option.Text = None,
    image: option.Image = None,
    id: option.Id = None,  # noqa: A002 - the contract's name
    unlisted: option.UnlistedOrNone = None,
    labels_delimiter: option.LabelsDelimiter = None,
    labels_format: option.LabelsFormat = None,
    label_names: option.LabelNames = None,
    missing: option.Missing = None,
    empty: option.Empty = None,
    values: option.Values = None,
    separator: option.Separator = None,
    columns: option.Columns = None,
    format: option.Format = None,  # noqa: A002 - the contract's name
    ledger: Annotated[str | None, typer.Option(help="Ledger to write; default: beside NEW.")] = None,
    earlier_ledger: Annotated[str | None, typer.Option(help="Where OLD is a table: its ledger, if that is not beside it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of the decisions, and write nothing.")] = False,
) -> None:
    """Carry decisions over to a new version of a table: what is given as before is kept, the rest is open again or listed."""
    from labelscope.review.carry import carry as carried
    from labelscope.views.carried import lines

    known = option.as_read(
        labels=labels, text=text, image=image, id=id, unlisted=unlisted, labels_delimiter=labels_delimiter, labels_format=labels_format,
        label_names=label_names, missing=missing, empty=empty, values=values, separator=separator, columns=columns, format=format,
    )  # fmt: skip
    options = {name: value for name, value in known.items() if value is not None}
    table: Any = load_dataset(new) if (new / SUMMARY).is_file() else new
    done = carried(old, table, ledger=ledger, earlier_ledger=earlier_ledger, dry_run=dry_run, **options)
    for line in lines(done):
        typer.echo(spelled(line))
    if ledger is not None and done.written:
        say(f"To go on with them: labelscope.explore(..., ledger={ledger!r})")
