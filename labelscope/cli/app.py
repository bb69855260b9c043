"""The command ``labelscope``: its sub-commands, and the one place where an error becomes a line and an exit status."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated, Any

import typer

from labelscope.cli.carry import carry
from labelscope.cli.compare import compare
from labelscope.cli.console import say, spelled
from labelscope.cli.demo import demo
from labelscope.cli.export import export
from labelscope.cli.inspect import inspect
from labelscope.cli.ledger import ledger
from labelscope.cli.publish import publish
from labelscope.cli.report import report
from labelscope.cli.rules import rules
from labelscope.cli.scan import scan
from labelscope.errors import LabelscopeError, LabelscopeWarning
from labelscope.version import __version__

__all__ = ["app", "main"]

app = typer.Typer(
    help="See what is wrong with the labels of a multi-label data set, and repair them.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
for command in (inspect, scan, export, report, publish, carry, compare, demo):
    app.command()(command)
app.add_typer(ledger, name="ledger")
app.add_typer(rules, name="rules")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """See what is wrong with the labels of a multi-label data set, and repair them."""


def _show_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    """A warning of ours as one line; any other as Python shows it."""
    if issubclass(category, LabelscopeWarning):
        say(f"labelscope: {' '.join(str(message).split())}")
    else:
        _show_plainly(message, category, *place, **more)


_show_plainly = warnings.showwarning


def main() -> None:
    """Run the command line; exit status 0, or 2 and one line for bad input."""
    warnings.showwarning = _show_warning
    try:
        app()
    except LabelscopeError as error:
        sys.stderr.write(f"labelscope: {spelled(' '.join(str(error).split()))}\n")
        sys.exit(2)
