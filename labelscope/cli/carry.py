"""``labelscope carry``: the decisions about an earlier version of a table go to this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from labelscope.cli.console import say, spelled
from labelscope.cli.folder import SUMMARY, load_dataset
from labelscope.cli.table_options import UnlistedOrNone, reads_table
from labelscope.data.file_names import check_file_name

__all__ = ["carry"]

NOT_CARRIED = ("image_root", "embeddings", "probabilities", "votes", "taxonomy", "features", "groups", "split")  # decisions ask for none


@reads_table(without=NOT_CARRIED, unlisted=(UnlistedOrNone, None))
def carry(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="Ledger (file or database URL) with the decisions, or the earlier version of the table.")
    ],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The new version of the table, or the folder of its scan.")],
    reading: Any,
    ledger: Annotated[str | None, typer.Option(help="Ledger to write; default: beside NEW.")] = None,
    earlier_ledger: Annotated[str | None, typer.Option(help="Where OLD is a table: its ledger, if that is not beside it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of the decisions, and write nothing.")] = False,
) -> None:
    """Carry decisions over to a new version of a table: what is given as before is kept, the rest is open again or listed."""
    from labelscope.review.carry import carry as carried
    from labelscope.views.carried import lines

    check_file_name(new, "new")
    options = {name: value for name, value in reading.items() if value is not None}
    table: Any = load_dataset(new) if (new / SUMMARY).is_file() else new
    done = carried(old, table, ledger=ledger, earlier_ledger=earlier_ledger, dry_run=dry_run, **options)
    for line in lines(done):
        typer.echo(spelled(line))
    if ledger is not None and done.written:
        say(f"To go on with them: labelscope.explore(..., ledger={ledger!r})")
