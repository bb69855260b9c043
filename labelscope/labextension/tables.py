"""The tables that are open in this kernel, and those that are prepared while somebody reads the page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from labelscope.errors import DataError
from labelscope.labextension.choices import arguments_of, keep, table_of
from labelscope.labextension.messages import Carried, Choices, Opened

if TYPE_CHECKING:
    from labelscope.session import Session
    from labelscope.stages.prefetch import Prefetch
    from labelscope.widgets.explorer import Explorer

__all__ = ["app", "carry_over", "is_open", "open_table", "prepare"]

LARGEST_AHEAD = 500 << 20  # bytes of a file that is read before its columns are confirmed


class Prepared(NamedTuple):
    """What is prepared, and with which choices."""

    choices: Choices
    prefetch: Prefetch


_apps: dict[Path, Explorer] = {}
_prepared: dict[Path, Prepared] = {}


def is_open(table: Path) -> bool:
    """Whether this kernel has an Explorer of the table."""
    return table in _apps


def open_table(path: str | Path, choices: Choices, reviewer: str | None = None) -> Opened:
    """Open a table in the Explorer, made once in a kernel; :func:`app` shows it.

    Parameters
    ----------
    path : path
        A table, or the ``.labelscope`` folder beside one.
    choices : Choices
    reviewer : str, optional
        Who decides, where it is not who the account says.

    Raises
    ------
    DataError
        On anything that :func:`labelscope.read` refuses.
    LedgerError
        If the decisions cannot be kept where they should go.
    """
    from labelscope.widgets.explorer import explore

    table = table_of(path)
    prepared = _prepared.pop(table, None)
    if prepared is not None and prepared.choices == choices:
        session = prepared.prefetch.take()
    else:
        if prepared is not None:
            prepared.prefetch.drop()
        session = _session(table, choices)
    if reviewer is not None:
        session.reviewer = reviewer
    made = explore(session)
    if table in _apps:
        _apps.pop(table).close()
    _apps[table] = made
    keep(table, choices)
    return Opened(table.name, made.dataset.n_items, made.dataset.n_labels)


def prepare(path: str | Path, choices: Choices) -> None:
    """Begin to work on a table whose columns somebody is about to confirm; :func:`open_table` goes on from there.

    Returns at once. Nothing is written. What was prepared for other columns is dropped; a very large file is left alone.
    What is wrong with the columns is said by :func:`open_table`.

    Parameters
    ----------
    path : path
    choices : Choices

    Raises
    ------
    DataError
        If there is no such file.
    """
    from labelscope.stages.prefetch import Prefetch

    table = table_of(path)
    prepared = _prepared.get(table)
    if prepared is not None and prepared.choices == choices:
        return
    if prepared is not None:
        _prepared.pop(table).prefetch.drop()
    if choices.labels and table.stat().st_size <= LARGEST_AHEAD:
        _prepared[table] = Prepared(choices, Prefetch(partial(_session, table, choices)))


def carry_over(path: str | Path, choices: Choices, *, dry_run: bool) -> Carried:
    """Take the decisions on an earlier version of the table over to the one that there is now.

    Parameters
    ----------
    path : path
    choices : Choices
    dry_run : bool
        Whether nothing is written.

    Raises
    ------
    DataError
        On anything that :func:`labelscope.read` refuses.
    LedgerError
        If the decisions cannot be read or written.
    """
    from labelscope.data.read import read
    from labelscope.review.carry import carry
    from labelscope.review.defaults import usual_place
    from labelscope.views.carried import lines

    dataset = read(table_of(path), **arguments_of(choices))
    done = carry(choices.ledger or usual_place(dataset), dataset, dry_run=dry_run)
    if not dry_run and (prepared := _prepared.pop(table_of(path), None)) is not None:
        prepared.prefetch.drop()  # it has met the ledger of the earlier version
    return Carried(done.counts, done.summary(), lines(done))


def app(path: str | Path) -> Explorer:
    """The Explorer that this kernel has open for a table.

    Parameters
    ----------
    path : path

    Raises
    ------
    DataError
        If it has none.
    """
    table = table_of(path)
    if table not in _apps:
        raise DataError(f"Explorer: expected {table.name} to be open in this kernel, got none; open it first")
    return _apps[table]


def _session(table: Path, choices: Choices) -> Session:
    from labelscope.data.read import read
    from labelscope.session import Session

    if not choices.labels:
        raise DataError("labels: expected a column, got none; choose one")
    return Session(read(table, **arguments_of(choices)), ledger=choices.ledger)
