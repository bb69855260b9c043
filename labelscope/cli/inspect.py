"""``labelscope inspect``: how a table can be read, before it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

import labelscope
from labelscope.cli.console import spelled
from labelscope.cli.table_options import reads_table
from labelscope.views.inspection import lines

__all__ = ["inspect"]


@reads_table()
def inspect(
    table: Annotated[Path, typer.Argument(metavar="INPUT", help="The file with the table.")],
    reading: Any,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show how a table can be read: its columns, the readings of its labels, and the call that reads it."""
    found = labelscope.inspect(table, **reading)
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
