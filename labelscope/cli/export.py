"""``labelscope export``: the scanned table with the accepted changes applied."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelscope.cli.console import say
from labelscope.cli.folder import load_dataset
from labelscope.cli.scan_tables import load_frame

__all__ = ["export"]


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `labelscope scan` wrote.")],
    to: Annotated[Path, typer.Option(help="File to write; its suffix says the format.")],
    accept_above: Annotated[
        float | None, typer.Option(min=0, max=1, help="Also apply suggestions nobody decided on, from this confidence.")
    ] = None,
    escape_formulas: Annotated[
        bool | None,
        typer.Option(
            "--escape-formulas/--keep-formulas",
            help="CSV, TSV: an apostrophe before text that a spreadsheet would run. Default: where INPUT was of another format.",
        ),
    ] = None,
    ledger: Annotated[str | None, typer.Option(help="Ledger file or database URL; default: beside the table.")] = None,
) -> None:
    """Write the table with the accepted changes applied, and FILE.changes.jsonl beside it."""
    from labelscope.session import Session
    from labelscope.suggest.relabel import Suggestions

    dataset = load_dataset(folder)
    session = Session(dataset, ledger=ledger, suggestions=Suggestions(load_frame(folder, "suggestions", dataset)))
    done = session.export(to, accept_above=accept_above, escape_formulas=escape_formulas)
    say(f"{done}; every change is in {done.changes_path}")
    if not done.n_changes:
        say("Nothing was accepted yet: review in JupyterLab, or pass --accept-above P")
