"""Where the decisions on a table go, and whether they can be written there: known before the first of them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from labelscope.data.files import reason
from labelscope.labextension.choices import FOLDER
from labelscope.labextension.messages import Place
from labelscope.review.defaults import default_reviewer

__all__ = ["place_of"]


def place_of(table: Path, ledger: str | None) -> Place:
    """The place of the ledger, and why nothing can be written there, or "".

    Parameters
    ----------
    table : pathlib.Path
    ledger : str, optional
        A path or the URL of a database. Default: in the folder beside the table.
    """
    if ledger is not None and "://" in ledger:
        return Place(ledger, "", default_reviewer())  # said when it is opened: a look asks no server
    place = Path(ledger) if ledger is not None else table.with_name(f"{table.name}{FOLDER}") / "ledger.sqlite"
    shown = str(place) if ledger is not None else f"{table.name}{FOLDER}/ledger.sqlite"
    folder = place.absolute().parent
    try:
        folder = next(above for above in place.absolute().parents if above.exists())
        with TemporaryFile(dir=folder):  # has no name where the file system allows that: to look leaves no trace
            return Place(shown, "", default_reviewer())
    except OSError as error:
        return Place(shown, f"ledger: expected a place that can be written, got {folder} ({reason(error)})", default_reviewer())
