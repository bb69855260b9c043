"""``labelscope ledger``: whether a ledger is as it was written, and a new one of what can still be proved of a damaged one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelscope.cli.console import say
from labelscope.errors import LedgerError

__all__ = ["ledger"]

ledger = typer.Typer(help="Check a ledger, or save what can be read of a damaged one.", no_args_is_help=True)
Place = Annotated[str, typer.Argument(metavar="FILE", help="Ledger file or database URL.")]


@ledger.command()
def check(place: Place) -> None:
    """Say whether a ledger is as it was written: exit status 0, or 1 and what of it can be read."""
    from labelscope.review.ledger import Ledger
    from labelscope.review.recovery import survey

    found = survey(place)
    if found.head is None:
        raise LedgerError(f"ledger {place}: expected a labelscope ledger, got a file without one; name another")
    try:
        Ledger.open(place, fingerprint=found.head.fingerprint)
    except LedgerError as error:
        say(" ".join(str(error).split()))
        raise typer.Exit(1) from None
    about = f"{found.n_decisions:,} decisions and undos, {len(found.rows) - found.n_decisions:,} other entries"
    say(f"ledger {place}: whole; {about}, on the data set {found.head.fingerprint[:8]}")


@ledger.command()
def recover(
    place: Place,
    to: Annotated[
        Path | None, typer.Option(help="File to write, which must not be there. Default: FILE with .recovered in its name.")
    ] = None,
) -> None:
    """Write a new ledger with every entry of a damaged one that can be proved; the damaged one stays as it is."""
    from labelscope.review.database import file_of, place_url
    from labelscope.review.recovery import recover as save

    path = file_of(place_url(place))
    if to is None:
        to = Path("ledger.recovered.sqlite") if path is None else path.with_name(f"{path.stem}.recovered{path.suffix}")
    found = save(place, to)
    lost = f"{found.n_lost:,} are lost" if found.n_lost else "nothing is lost"
    say(f"{to}: {len(found.rows):,} of {found.n_entries:,} entries ({found.n_decisions:,} decisions and undos); {lost}")
    if path is not None:
        say(f"To go on with it: move {path} away, and give the new one its name; or pass ledger={str(to)!r}")
