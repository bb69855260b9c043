"""``labelscope export``: the scanned table with the accepted changes applied."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from labelscope.cli.console import say
from labelscope.cli.folder import load_dataset
from labelscope.cli.scan_tables import load_frame
from labelscope.errors import DataError

__all__ = ["export"]


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `labelscope scan` wrote.")],
    to: Annotated[Path | None, typer.Option(help="File to write; its suffix says the format.")] = None,
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
    preview: Annotated[bool, typer.Option("--preview", help="Write nothing; say how many changes each --accept-above would make.")] = False,
    redact: Annotated[
        bool, typer.Option("--redact", help="Write the name of its kind in the place of personal data, such as [e-mail address].")
    ] = False,
    ledger: Annotated[str | None, typer.Option(help="Ledger file or database URL; default: beside the table.")] = None,
) -> None:
    """Write the table with the accepted changes applied, and FILE.changes.jsonl beside it."""
    from labelscope.session import Session
    from labelscope.suggest.relabel import Suggestions

    if to is None and not preview:
        raise DataError("export: expected a file to write, got none; name it with --to, or ask for --preview")
    dataset = load_dataset(folder)
    session = Session(dataset, ledger=ledger, suggestions=Suggestions(load_frame(folder, "suggestions", dataset)))
    if to is None or preview:
        say(_offered(session.changes_above()))
        return
    done = session.export(to, accept_above=accept_above, escape_formulas=escape_formulas, redact=redact)
    say(f"{done}; every change is in {done.changes_path}")
    if not done.n_changes:
        say(f"Nothing was accepted yet: review in JupyterLab, or pass --accept-above P. {_offered(session.changes_above())}")


def _offered(changes: pl.DataFrame) -> str:
    """How many changes each threshold would make, in words."""
    told = [f"{n:,} at {threshold:g}" for threshold, n in changes.select("accept_above", "n_changes").iter_rows()]
    return f"Changes by suggestions that nobody decided on: {', '.join(told)} (--accept-above)"
